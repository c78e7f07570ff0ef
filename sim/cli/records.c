/* SPDX-License-Identifier: ISC
 *
 * Which records were processed, as far as the run's strategy lets anybody say.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "sim/cli/records.h"
#include "sim/strategy/strategy.h"

/* The range that is being put together from neighbours of which the same is known. */
struct telling {
	struct run *run;
	const struct store_run *info;
	struct sink *sink; /* NULL: the job keeps nothing but what is done */
	json_t *ranges;    /* NULL: print */
	uint64_t first, end;
	enum progress_state state;
	uint64_t records[PROGRESS_STATES];
	int error;
};

static const char *const words[PROGRESS_STATES] = {
    [PROGRESS_DONE] = "done",
    [PROGRESS_OPEN] = "not done",
    [PROGRESS_UNKNOWN] = "cannot tell",
    [PROGRESS_GIVEN_UP] = "given up",
};

static void
tell(struct telling *telling)
{
	if (telling->first == telling->end)
		return;
	telling->records[telling->state] += telling->end - telling->first;
	if (telling->ranges != NULL)
		json_array_append_new(telling->ranges,
		                      json_pack("{s:s, s:I, s:I}", "state", words[telling->state],
		                                "first", (json_int_t)telling->first, "last",
		                                (json_int_t)telling->end - 1));
	else
		printf("%-11s  records %" PRIu64 "..%" PRIu64 "\n", words[telling->state],
		       telling->first, telling->end - 1);
}

static void
take_range(void *context, uint64_t first, uint64_t end, enum progress_state state)
{
	struct telling *telling = context;

	if (first >= end)
		return;
	if (state != telling->state || first != telling->end) {
		tell(telling);
		telling->first = first;
		telling->state = state;
	}
	telling->end = end;
}

/* A task that is neither done nor given up. */
static int
take_open(struct telling *telling, const struct task_plan *plan)
{
	enum strategy_id id = telling->run->scenario.strategy;
	const struct strategy *strategy = strategy_find(id);
	const struct strategy_task task = {
	    .sink = telling->sink, .scenario = &telling->run->scenario, .task = plan};
	uint64_t end = plan->first + plan->records;

	if (telling->sink == NULL) {
		take_range(telling, plan->first, end, PROGRESS_OPEN);
		return 0;
	}
	if (strategy->progress == NULL) {
		take_range(telling, plan->first, end, PROGRESS_UNKNOWN);
		return 0;
	}
	return strategy->progress(&task, take_range, telling);
}

/* A task may be done before its records have come out. */
static bool
settles_later(const struct telling *telling)
{
	return telling->sink != NULL &&
	       strategy_find(telling->run->scenario.strategy)->close != NULL;
}

static int
take_task(void *context, const struct store_task_row *row)
{
	struct telling *telling = context;
	const struct task_plan *plan = &row->plan;

	if (plan->stage != TASK_STAGE_WORK)
		return 0;
	if (row->state == TASK_DONE && !settles_later(telling))
		take_range(telling, plan->first, plan->first + plan->records, PROGRESS_DONE);
	else if (row->state == TASK_DEAD && telling->sink == NULL)
		take_range(telling, plan->first, plan->first + plan->records, PROGRESS_GIVEN_UP);
	else
		return take_open(telling, plan);
	return 0;
}

/* What is said about the answer itself. */
static void
print_worth(const struct telling *telling, uint64_t dead)
{
	enum strategy_id id = telling->run->scenario.strategy;
	bool naive = telling->sink != NULL && (strategy_flags(id) & STRATEGY_NAIVE) != 0;

	printf("%" PRIu64 " done, %" PRIu64 " not done, %" PRIu64
	       " unknown; of all of them %" PRIu64 " are dead letters\n",
	       telling->records[PROGRESS_DONE], telling->records[PROGRESS_OPEN],
	       telling->records[PROGRESS_UNKNOWN], dead);
	if (telling->sink != NULL && telling->records[PROGRESS_GIVEN_UP] > 0)
		printf("%" PRIu64 " were given up or dropped\n",
		       telling->records[PROGRESS_GIVEN_UP]);
	if (telling->sink != NULL)
		printf("strategy %s keeps %s\n", strategy_name(id), strategy_meaning(id));
	if (telling->records[PROGRESS_UNKNOWN] > 0)
		printf(
		    "nothing durable says which records were processed: all of them will be done "
		    "again\n");
	if (naive && telling->info->state != RUN_DONE)
		printf("it is a naive strategy: what it says may be wrong\n");
}

static int
print_all(struct telling *telling, struct store *store)
{
	struct store_counts counts;
	int error = store_tasks_read(store, 0, take_task, telling);

	tell(telling);
	if (error == 0)
		error = store_counts_read(store, &counts);
	if (error == 0 && telling->ranges == NULL)
		print_worth(telling, counts.dead_records);
	return error;
}

static int
print_json(const struct telling *telling)
{
	enum strategy_id id = telling->run->scenario.strategy;
	json_t *object =
	    json_pack("{s:i, s:s, s:b, s:I, s:I, s:I, s:O}", "version", 1, "strategy",
	              strategy_name(id), "naive", (strategy_flags(id) & STRATEGY_NAIVE) != 0,
	              "done", (json_int_t)telling->records[PROGRESS_DONE], "not_done",
	              (json_int_t)telling->records[PROGRESS_OPEN], "unknown",
	              (json_int_t)telling->records[PROGRESS_UNKNOWN], "ranges", telling->ranges);
	int failed;

	if (object == NULL)
		return -ENOMEM;
	failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(object);
	return failed == 0 ? 0 : -EIO;
}

int
records_print(struct run *run, const struct store_run *info, bool json)
{
	struct telling telling = {.run = run, .info = info};
	struct store *store;
	int error;

	if (run->scenario.job.ranges > 0) {
		printf("records have no ranges here: the job is split by key\n");
		return 0;
	}
	error = store_open_reader(&store, run->db);
	if (error != 0)
		return error;
	if (run->scenario.job.kind == JOB_ETL)
		error = sink_open(&telling.sink, &(struct sink_wish){.scenario = &run->scenario,
		                                                     .run = run->id,
		                                                     .store = store});
	telling.ranges = json ? json_array() : NULL;
	if (error == 0)
		error = print_all(&telling, store);
	if (error == 0 && json)
		error = print_json(&telling);
	json_decref(telling.ranges);
	sink_close(telling.sink);
	store_close(store);
	return error;
}
