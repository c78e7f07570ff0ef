/* SPDX-License-Identifier: ISC
 *
 * Jobs of kind etl: rows, chunks and effects of the sink, into their ledger.
 */
#include <errno.h>

#include "sim/verdict/account_parts.h"
#include "sim/verdict/ledger_etl.h"

static int
take_row(void *context, const struct sink_row *row)
{
	ledger_etl_row(context, row);
	return 0;
}

static int
take_chunk(void *context, const struct sink_chunk *chunk)
{
	ledger_etl_chunk(context, chunk);
	return 0;
}

static int
take_effect(void *context, uint64_t record)
{
	ledger_etl_effect(context, record);
	return 0;
}

static int
take_dropped(void *context, uint64_t record)
{
	ledger_etl_drop(context, record);
	return 0;
}

static int
read_dropped(const struct account *account, struct ledger_etl *ledger, struct store *store)
{
	if (!account->verdict->facts.redriven ||
	    account->run->scenario.strategy != STRATEGY_ID_WATERMARK)
		return 0;
	ledger_etl_redriven(ledger);
	return store_dropped_read(store, take_dropped, ledger);
}

int
account_etl(struct account *account)
{
	struct verdict *verdict = account->verdict;
	struct run *run = account->run;
	const struct store_run *info = &verdict->facts.run;
	struct ledger_etl *ledger =
	    ledger_etl_new(&run->scenario, info->input, info->logical_date, account->gap,
	                   account->gaps, account->error, sizeof(account->error));
	struct sink_wish wish = {.scenario = &run->scenario, .run = run->id};
	struct sink *sink = NULL;
	int error = ledger == NULL ? -EIO : store_open_reader(&wish.store, run->db);

	if (error == 0)
		error = read_dropped(account, ledger, wish.store);
	if (error == 0)
		error = sink_open(&sink, &wish);
	if (error == 0)
		error = sink_rows_read(sink, take_row, ledger);
	if (error == 0)
		error = sink_chunks_read(sink, take_chunk, ledger);
	if (error == 0)
		error = sink_effects_read(sink, take_effect, ledger);
	if (error == 0)
		error = ledger_etl_end(ledger, &verdict->ledger);
	sink_close(sink);
	store_close(wish.store);
	ledger_etl_free(ledger);
	return error;
}
