/* SPDX-License-Identifier: ISC
 *
 * What was given up, and which ledger is asked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/util/array.h"
#include "sim/util/fail.h"
#include "sim/verdict/account.h"
#include "sim/verdict/account_parts.h"
#include "sim/verdict/ledger_command.h"
#include "sim/verdict/ledger_printed.h"

struct gaps {
	struct ledger_gap *gap;
	size_t count, room;
};

static int
add_gap(void *context, const struct store_dead_row *row)
{
	struct gaps *gaps = context;
	struct ledger_gap *larger =
	    array_grow(gaps->gap, gaps->count, &gaps->room, sizeof(*larger));

	if (larger == NULL)
		return -ENOMEM;
	gaps->gap = larger;
	gaps->gap[gaps->count++] =
	    (struct ledger_gap){.first = row->dead.record, .count = row->records};
	return 0;
}

static int
read_gaps(struct run *run, struct gaps *gaps)
{
	struct store *store;
	int error = store_open_reader(&store, run->db);

	if (error != 0)
		return error;
	error = store_dead_read(store, add_gap, gaps);
	store_close(store);
	return error;
}

static int
account_aggregate(struct account *account)
{
	struct run *run = account->run;
	char sink[PATH_MAX];

	return ledger_check_aggregate(&run->scenario, account->verdict->facts.run.input,
	                              rundir_file(&run->dir, RUN_RESULT, sink), account->gap,
	                              account->gaps, &account->verdict->ledger, account->error,
	                              sizeof(account->error));
}

static int
account_command(struct account *account)
{
	struct verdict *verdict = account->verdict;
	struct run *run = account->run;
	char result[PATH_MAX];
	struct store *store;
	int error = store_open_reader(&store, run->db);

	if (error != 0)
		return error;
	error = ledger_check_command(&run->scenario, verdict->facts.run.input,
	                             rundir_file(&run->dir, RUN_RESULT, result), store,
	                             verdict->facts.counts.dead_records, &verdict->ledger,
	                             account->error, sizeof(account->error));
	store_close(store);
	return error;
}

/* Records by the store's own books: what commands make of them nobody else can say. */
static int
account_printed(struct account *account)
{
	const struct facts *facts = &account->verdict->facts;
	struct ledger_finding *ledger = &account->verdict->ledger;
	uint64_t accounted = facts->counts.effect_records + facts->counts.dead_records;
	struct run *run = account->run;
	char result[PATH_MAX];
	struct store *store;
	int error = store_open_reader(&store, run->db);

	if (error != 0)
		return error;
	*ledger = (struct ledger_finding){.records = facts->run.plan.records,
	                                  .counted = facts->counts.effect_records};
	if (accounted < ledger->records)
		ledger->lost = ledger->records - accounted;
	else
		ledger->doubled = accounted - ledger->records;
	if (run->scenario.job.reduces > 0)
		error = ledger_check_printed(rundir_file(&run->dir, RUN_RESULT, result), store,
		                             ledger, account->error, sizeof(account->error));
	store_close(store);
	return error;
}

static int
account_mapreduce(struct account *account)
{
	return account->run->scenario.job.function == FUNCTION_COMMAND ? account_printed(account)
	                                                               : account_aggregate(account);
}

static int
read_by_kind(struct account *account)
{
	switch (account->run->scenario.job.kind) {
	case JOB_ETL:
		return account_etl(account);
	case JOB_GRAPH:
		return account_graph(account);
	case JOB_COMMAND:
		return account_command(account);
	case JOB_STREAM:
		return account_stream(account);
	case JOB_MAPREDUCE:
		return account_mapreduce(account);
	case JOB_AGGREGATE:
	case JOB_NOOP:    /* nobody asks: it has no records, */
	case JOB_TORTURE: /* and this is no run */
		break;
	}
	return account_aggregate(account);
}

int
account_read(struct verdict *verdict, struct run *run)
{
	struct account account = {.run = run, .verdict = verdict};
	struct gaps gaps = {0};
	int error = read_gaps(run, &gaps);

	account.gap = gaps.gap;
	account.gaps = gaps.count;
	if (error == 0)
		error = read_by_kind(&account);
	if (error != 0)
		complain("the ledger cannot be read: %s",
		         account.error[0] != '\0' ? account.error : strerror(-error));
	verdict->ledger_read = error == 0;
	free(gaps.gap);
	return error;
}
