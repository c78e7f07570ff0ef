/* SPDX-License-Identifier: ISC
 *
 * Jobs of kind stream: what their patterns have left in the sink, into their ledger.
 */
#include <errno.h>

#include "sim/flow/flow_replay.h"
#include "sim/sink/sink_cells.h"
#include "sim/verdict/account_parts.h"
#include "sim/verdict/ledger_flow.h"

static int
take_flow_row(void *context, const struct sink_row *row)
{
	ledger_flow_row(context, row);
	return 0;
}

static int
take_flow_chunk(void *context, const struct sink_chunk *chunk)
{
	ledger_flow_chunk(context, chunk);
	return 0;
}

static int
take_flow_dead(void *context, const struct store_dead_row *row)
{
	return ledger_flow_dead(context, row);
}

static int
take_live(void *context, const struct sink_cell *cell)
{
	return ledger_flow_total(context, false, cell->key, cell->key_length, cell->a, cell->b);
}

static int
take_replayed(void *context, const struct sink_cell *cell)
{
	return ledger_flow_total(context, true, cell->key, cell->key_length, cell->a, cell->b);
}

/* The version that is in its place; cells of any other one are too many, and taken as such. */
static int
read_views(struct sink *sink, const struct scenario *scenario, struct ledger_flow *ledger)
{
	struct sink_mark version = {0};
	uint64_t others = 0;
	int found = sink_mark_find(sink, flow_replay_task(scenario), FLOW_MARK_VERSION, &version);
	int error = found < 0 ? found : sink_cells_each(sink, FLOW_SPACE_LIVE, take_live, ledger);

	if (error == 0 && found == 1)
		error = sink_cells_each(sink, (int64_t)version.a, take_replayed, ledger);
	if (error == 0)
		error = sink_cells_other(sink, FLOW_SPACE_LIVE, (int64_t)version.a, &others);
	for (uint64_t i = 0; error == 0 && i < others; i++)
		error = ledger_flow_total(ledger, true, "?", 1, 1, 0);
	return error;
}

static int
take_flow_effect(void *context, uint64_t record)
{
	ledger_flow_effect(context, record);
	return 0;
}

/* What each consumer has left of its own store. */
static int
read_stores(struct sink *sink, const struct scenario *scenario, struct ledger_flow *ledger)
{
	int error = sink_effects_read(sink, take_flow_effect, ledger);

	for (uint32_t i = 0; error == 0 && i < scenario->job.partitions; i++) {
		struct sink_mark mark;
		int found =
		    sink_mark_find(sink, scenario->job.partitions + i, FLOW_MARK_SNAPSHOT, &mark);

		error = found < 0 ? found : 0;
		if (found == 1)
			error = ledger_flow_store(ledger, i, mark.blob, mark.length);
	}
	return error;
}

int
account_stream(struct account *account)
{
	struct verdict *verdict = account->verdict;
	struct run *run = account->run;
	struct ledger_flow *ledger = ledger_flow_new(&run->scenario, verdict->facts.run.input,
	                                             account->error, sizeof(account->error));
	struct sink_wish wish = {.scenario = &run->scenario, .run = run->id};
	struct sink *sink = NULL;
	int error = ledger == NULL ? -EIO : store_open_reader(&wish.store, run->db);

	if (error == 0)
		error = sink_open(&sink, &wish);
	if (error == 0)
		error = store_dead_read(wish.store, take_flow_dead, ledger);
	if (error == 0)
		error = sink_rows_read(sink, take_flow_row, ledger);
	if (error == 0)
		error = sink_chunks_read(sink, take_flow_chunk, ledger);
	if (error == 0 && run->scenario.job.pattern == PATTERN_KAPPA)
		error = read_views(sink, &run->scenario, ledger);
	if (error == 0)
		error = read_stores(sink, &run->scenario, ledger);
	if (error == 0)
		error = ledger_flow_end(ledger, &verdict->ledger);
	sink_close(sink);
	store_close(wish.store);
	ledger_flow_free(ledger);
	return error;
}
