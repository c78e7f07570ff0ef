/* SPDX-License-Identifier: ISC
 *
 * graveshift status: what of a run is done, what is not, and which records those are.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/dead.h"
#include "sim/cli/look.h"
#include "sim/cli/open_ranges.h"
#include "sim/cli/orders.h"
#include "sim/cli/records.h"
#include "sim/util/fail.h"

struct status {
	struct store_run info;
	struct store_counts counts;
	struct open_ranges open;
	struct dead_list dead;
	struct orders orders; /* of a graph */
	bool live;
	char holder[128];
	char sink[256]; /* in words; "": a file, as of every job but etl */
};

static int
describe_sink(struct status *status, const struct run *run, struct store *store)
{
	const struct sink_wish wish = {.scenario = &run->scenario, .run = run->id, .store = store};
	struct sink *sink;
	int error = sink_open(&sink, &wish);

	if (error != 0)
		return error;
	sink_describe(sink, status->sink, sizeof(status->sink));
	sink_close(sink);
	return 0;
}

static int
gather(struct status *status, struct run *run)
{
	struct store *store;
	int error = store_open_reader(&store, run->db);

	if (error != 0)
		return error;
	status->open.by_key = run->scenario.job.ranges > 0;
	status->live = look_is_live(run, status->holder, sizeof(status->holder));
	error = store_counts_read(store, &status->counts);
	if (error == 0)
		error = store_tasks_read(store, 0, open_ranges_add, &status->open);
	if (error == 0)
		error = store_dead_read(store, dead_add, &status->dead);
	if (error == 0 && status->orders.job != NULL)
		error = store_tasks_read(store, 0, orders_add, &status->orders);
	if (error == 0 && run->scenario.job.kind == JOB_ETL)
		error = describe_sink(status, run, store);
	store_close(store);
	return error;
}

static void
count_open(struct status *status, const struct history *history, uint32_t task)
{
	const struct plan_task *planned = &history_plan(history)->task[task];
	struct store_task_row row = {
	    .plan = {.task = task,
	             .stage = planned->stage,
	             .first = planned->first,
	             .records = planned->records},
	    .state = moment_task_state(history_newest(history), task),
	};

	if (row.state == TASK_LEASED || row.state == TASK_BLOCKED)
		row.state = TASK_READY;
	if (row.plan.stage == 0) {
		status->counts.tasks[row.state]++;
		status->counts.records[row.state] += row.plan.records;
	}
	open_ranges_add(&status->open, &row);
	if (status->orders.job != NULL)
		orders_add(&status->orders, &row);
}

/* A virtual run has no store: what its log has led to. */
static int
gather_virtual(struct status *status, struct run *run)
{
	struct history *history;
	const struct moment *moment;
	int error = look_history(run, &history);

	if (error != 0)
		return error;
	moment = history_newest(history);
	strlcpy(status->info.name, run->scenario.name, sizeof(status->info.name));
	status->info.generation = moment->generation;
	status->info.outcome = moment->outcome;
	status->info.state = moment->phase != RUN_PHASE_ENDED  ? RUN_OPEN
	                     : moment->outcome == OUTCOME_DONE ? RUN_DONE
	                                                       : RUN_FAILED;
	status->open.by_key = run->scenario.job.ranges > 0;
	status->live = look_is_live(run, status->holder, sizeof(status->holder));
	for (uint32_t task = 0; task < moment->tasks; task++)
		count_open(status, history, task);
	status->counts.dead_records = moment_books(moment).dead;
	memcpy(status->counts.attempts, moment->counts.failed, sizeof(status->counts.attempts));
	history_close(history);
	return 0;
}

static const char *
state_text(const struct status *status)
{
	switch (status->info.state) {
	case RUN_PLANNING:
		return status->live ? "being planned" : "not planned yet";
	case RUN_OPEN:
		return status->live ? "running" : "interrupted";
	case RUN_DONE:
		return "done";
	case RUN_FAILED:
		return "failed";
	}
	return "?";
}

static void
print_next_step(const struct status *status, const struct run *run)
{
	if (status->live)
		printf("held by %s\n", status->holder);
	else if (run->scenario.world == WORLD_VIRTUAL)
		printf("virtual world: no result; to see it: graveshift replay %s\n",
		       run->dir.path);
	else if (status->info.state == RUN_OPEN || status->info.state == RUN_PLANNING)
		printf("to go on: graveshift resume %s\n", run->dir.path);
	else if (status->info.state == RUN_FAILED)
		dead_print_next_step(run->dir.path, &run->scenario.job, status->counts.dead_records,
		                     stdout);
	else if (job_kind_has_result(run->scenario.job.kind))
		printf("result: %s/%s\n", run->dir.path, RUN_RESULT);
}

static const char *
fault_state_text(const struct fault_state *state)
{
	uint32_t victims = atomic_load(&state->victims);

	if (victims == 0)
		return atomic_load(&state->sought) > 0 ? "nobody was there" : "not begun";
	return atomic_load(&state->landed) >= victims ? "landed" : "under way";
}

/* What people did to the run. */
static void
print_by_hand(const struct run *run)
{
	const struct scenario *scenario = &run->scenario;
	char text[512];

	if (run->faults == NULL) /* a virtual run */
		return;
	for (size_t i = scenario_scripted(scenario); i < scenario->faults; i++) {
		fault_describe(scenario, i, text, sizeof(text));
		printf("fault         %s: %s\n", text, fault_state_text(&run->faults->fault[i]));
	}
	if (atomic_load(&run->faults->held) == 0)
		return;
	fault_ids(scenario, atomic_load(&run->faults->due), text, sizeof(text));
	printf("fault script: held%s%s\n", text[0] != '\0' ? "; due: " : "", text);
}

/* As the last supervisor has them: they are in no store. */
static void
print_copies(const struct run *run)
{
	struct core_stats stats;

	if (run->board == NULL || board_stats_get(run->board, &stats) != 0 || stats.copies == 0)
		return;
	printf("copies:       %" PRIu64 " of slow attempts, %" PRIu64 " of them were quicker\n",
	       stats.copies, stats.copies_won);
}

static void
print_status(const struct status *status, const struct run *run)
{
	const struct store_counts *counts = &status->counts;

	printf("%s: %s (generation %u, %s)\n", status->info.name, state_text(status),
	       status->info.generation, run->dir.path);
	printf("done:         %" PRIu64 " records in %" PRIu64 " tasks\n",
	       counts->records[TASK_DONE], counts->tasks[TASK_DONE]);
	printf("not done:     %" PRIu64 " records in %" PRIu64 " tasks\n",
	       counts->records[TASK_READY], counts->tasks[TASK_READY]);
	if (status->orders.job != NULL)
		orders_print(&status->orders, stdout);
	for (size_t i = 0; status->orders.job == NULL && i < status->open.count; i++)
		printf("              records %" PRIu64 "..%" PRIu64 "\n",
		       status->open.range[i].first, status->open.range[i].end - 1);
	if (status->orders.job == NULL && status->open.more > 0)
		printf("              and %" PRIu64 " more ranges\n", status->open.more);
	printf("dead letters: %" PRIu64 " records\n", counts->dead_records);
	dead_print(&status->dead, &run->scenario.job, stdout);
	dead_print_errors(&status->dead, &run->dir, stdout);
	printf("attempts lost: data %" PRIu64 ", crash %" PRIu64 ", hang %" PRIu64
	       ", infrastructure %" PRIu64 "\n",
	       counts->attempts[CAUSE_DATA], counts->attempts[CAUSE_CRASH],
	       counts->attempts[CAUSE_HANG], counts->attempts[CAUSE_INFRA]);
	print_copies(run);
	print_by_hand(run);
	if (status->sink[0] != '\0')
		printf("sink: %s\n", status->sink);
	print_next_step(status, run);
}

static int
print_json(const struct status *status, const struct run *run)
{
	const struct store_counts *counts = &status->counts;
	json_t *ranges = json_array(), *object;
	bool has_board = status->live && run->board != NULL;
	int failed;

	for (size_t i = 0; i < status->open.count; i++)
		json_array_append_new(ranges,
		                      json_pack("[I, I]", (json_int_t)status->open.range[i].first,
		                                (json_int_t)status->open.range[i].end - 1));
	object = json_pack(
	    "{s:i, s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:s, s:I, s:b, "
	    "s:i, s:i}",
	    "version", 1, "name", status->info.name, "run", run->dir.path, "state",
	    state_text(status), "live", status->live, "generation",
	    (json_int_t)status->info.generation, "records_done",
	    (json_int_t)counts->records[TASK_DONE], "tasks_done",
	    (json_int_t)counts->tasks[TASK_DONE], "records_open",
	    (json_int_t)counts->records[TASK_READY], "tasks_open",
	    (json_int_t)counts->tasks[TASK_READY], "dead_records", (json_int_t)counts->dead_records,
	    "open_ranges", ranges, "more_open_ranges", (json_int_t)status->open.more,
	    "dead_letters", dead_to_json(&status->dead), "sink", status->sink, "by_hand",
	    (json_int_t)(run->scenario.faults - scenario_scripted(&run->scenario)), "script_held",
	    run->faults != NULL && atomic_load(&run->faults->held) != 0, "director_pid",
	    has_board ? (int)atomic_load(&run->board->director_pid) : 0, "supervisor_pid",
	    has_board ? (int)atomic_load(&run->board->supervisor_pid) : 0);
	if (object == NULL)
		return EXIT_INTERNAL;
	if (status->orders.job != NULL)
		json_object_set_new(object, "orders", orders_to_json(&status->orders));
	failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(object);
	return failed == 0 ? EXIT_MET : EXIT_INTERNAL;
}

static int
tell_order(const struct run *run, uint32_t task)
{
	struct store *store;
	int error = store_open_reader(&store, run->db);

	if (error != 0)
		return error;
	error = orders_tell(store, &run->scenario.job, task, stdout);
	store_close(store);
	return error;
}

static int
look_into(struct status *status, struct run *run, const struct options *options)
{
	uint32_t task;

	if (options->order != NULL)
		return orders_find(&run->scenario.job, options->order, &task)
		           ? tell_order(run, task)
		           : -EINVAL;
	if (run->scenario.job.kind == JOB_GRAPH)
		status->orders.job = &run->scenario.job;
	if (options->which_records)
		return records_print(run, &status->info, options->json);
	return run->scenario.world == WORLD_VIRTUAL ? gather_virtual(status, run)
	                                            : gather(status, run);
}

int
command_status(int argc, char **argv)
{
	static struct status status;
	struct options options;
	struct run run;
	int code, error;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	code = look_open(&run, options.word[0], &status.info);
	if (code == 0 && (options.which_records || options.order != NULL) &&
	    run.scenario.world == WORLD_VIRTUAL) {
		complain("the virtual world has no records to tell of: see graveshift status %s",
		         options.word[0]);
		code = EXIT_USAGE;
	}
	if (code == 0) {
		error = look_into(&status, &run, &options);
		if (error == -EINVAL && options.order != NULL) {
			code = EXIT_USAGE; /* as was said */
		} else if (error != 0) {
			complain("cannot read %s: %s", run.db, strerror(-error));
			code = EXIT_INTERNAL;
		} else if (options.which_records || options.order != NULL) {
			code = EXIT_MET;
		} else if (options.json) {
			code = print_json(&status, &run);
		} else {
			print_status(&status, &run);
		}
	}
	run_fini(&run);
	return code;
}
