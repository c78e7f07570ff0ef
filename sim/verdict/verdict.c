/* SPDX-License-Identifier: ISC
 *
 * Giving the verdict: facts, then the ledger's own account, then line by line what was promised.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/flow/flow_replay.h"
#include "sim/sink/sink_cells.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/verdict/ledger_etl.h"
#include "sim/verdict/ledger_flow.h"
#include "sim/verdict/verdict.h"

void
verdict_add(struct verdict *verdict, enum line_result result, const char *name, const char *format,
            ...)
{
	struct verdict_line *line;
	va_list arguments;

	if (verdict->lines == VERDICT_LINES_MAX)
		return;
	line = &verdict->line[verdict->lines++];
	line->result = result;
	strlcpy(line->name, name, sizeof(line->name));
	va_start(arguments, format);
	vsnprintf(line->detail, sizeof(line->detail), format, arguments);
	va_end(arguments);
}

struct gaps {
	struct ledger_gap *gap;
	size_t count, room;
};

static int
add_gap(void *context, const struct store_dead_row *row)
{
	struct gaps *gaps = context;

	if (gaps->count == gaps->room) {
		size_t room = gaps->room == 0 ? 64 : 2 * gaps->room;
		struct ledger_gap *larger = reallocarray(gaps->gap, room, sizeof(*larger));
		if (larger == NULL)
			return -ENOMEM;
		gaps->gap = larger;
		gaps->room = room;
	}
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
read_sink_file(struct verdict *verdict, struct run *run, const struct gaps *gaps, char *error,
               size_t size)
{
	char sink[PATH_MAX];

	return ledger_check_aggregate(&run->scenario, verdict->facts.run.input,
	                              rundir_file(&run->dir, RUN_RESULT, sink), gaps->gap,
	                              gaps->count, &verdict->ledger, error, size);
}

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
read_sink_tables(struct verdict *verdict, struct run *run, const struct gaps *gaps, char *error,
                 size_t size)
{
	const struct store_run *info = &verdict->facts.run;
	struct ledger_etl *ledger = ledger_etl_new(&run->scenario, info->input, info->logical_date,
	                                           gaps->gap, gaps->count, error, size);
	struct sink_wish wish = {.scenario = &run->scenario, .run = run->id};
	struct sink *sink = NULL;
	int failed = ledger == NULL ? -EIO : store_open_reader(&wish.store, run->db);

	if (failed == 0)
		failed = sink_open(&sink, &wish);
	if (failed == 0)
		failed = sink_rows_read(sink, take_row, ledger);
	if (failed == 0)
		failed = sink_chunks_read(sink, take_chunk, ledger);
	if (failed == 0)
		failed = sink_effects_read(sink, take_effect, ledger);
	if (failed == 0)
		failed = ledger_etl_end(ledger, &verdict->ledger);
	sink_close(sink);
	store_close(wish.store);
	ledger_etl_free(ledger);
	return failed;
}

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
read_stream(struct verdict *verdict, struct run *run, char *error, size_t size)
{
	struct ledger_flow *ledger =
	    ledger_flow_new(&run->scenario, verdict->facts.run.input, error, size);
	struct sink_wish wish = {.scenario = &run->scenario, .run = run->id};
	struct sink *sink = NULL;
	int failed = ledger == NULL ? -EIO : store_open_reader(&wish.store, run->db);

	if (failed == 0)
		failed = sink_open(&sink, &wish);
	if (failed == 0)
		failed = store_dead_read(wish.store, take_flow_dead, ledger);
	if (failed == 0)
		failed = sink_rows_read(sink, take_flow_row, ledger);
	if (failed == 0)
		failed = sink_chunks_read(sink, take_flow_chunk, ledger);
	if (failed == 0 && run->scenario.job.pattern == PATTERN_KAPPA)
		failed = read_views(sink, &run->scenario, ledger);
	if (failed == 0)
		failed = ledger_flow_end(ledger, &verdict->ledger);
	sink_close(sink);
	store_close(wish.store);
	ledger_flow_free(ledger);
	return failed;
}

static int
read_result(struct verdict *verdict, struct run *run, const struct gaps *gaps, char *error,
            size_t size)
{
	switch (run->scenario.job.kind) {
	case JOB_ETL:
		return read_sink_tables(verdict, run, gaps, error, size);
	case JOB_STREAM:
		return read_stream(verdict, run, error, size);
	default:
		return read_sink_file(verdict, run, gaps, error, size);
	}
}

static int
read_ledger(struct verdict *verdict, struct run *run)
{
	struct gaps gaps = {0};
	char error[512] = "";
	int failed = read_gaps(run, &gaps);

	if (failed == 0)
		failed = read_result(verdict, run, &gaps, error, sizeof(error));
	if (failed != 0)
		complain("the ledger cannot be read: %s",
		         error[0] != '\0' ? error : strerror(-failed));
	verdict->ledger_read = failed == 0;
	free(gaps.gap);
	return failed;
}

/* A failed promise outweighs what could not be judged: it is known. */
static int
exit_code_of(const struct verdict *verdict)
{
	int code = EXIT_MET;

	for (size_t i = 0; i < verdict->lines; i++) {
		if (verdict->line[i].result == LINE_FAILED)
			return EXIT_UNMET;
		if (verdict->line[i].result == LINE_OPEN || verdict->line[i].result == LINE_SKIPPED)
			code = EXIT_INCONCLUSIVE;
	}
	return code;
}

int
verdict_give(struct verdict *verdict, struct run *run, enum director_end end)
{
	int64_t started_ns = clock_now_ns();
	int error;

	memset(verdict, 0, sizeof(*verdict));
	error = facts_gather(&verdict->facts, run);
	if (error != 0)
		return error;
	if (verdict->facts.run.state == RUN_DONE && run->scenario.job.kind != JOB_NOOP &&
	    run->scenario.verdict == VERDICT_FULL) {
		error = read_ledger(verdict, run);
		if (error != 0)
			return error;
	}
	verdict_invariants(verdict, run, end);
	verdict_faults(verdict, run);
	verdict_expectations(verdict, run);
	verdict_breaks(verdict, run);
	verdict->exit_code = exit_code_of(verdict);
	verdict->verdict_ns = clock_now_ns() - started_ns;
	return 0;
}
