/* SPDX-License-Identifier: ISC
 *
 * Playing, keeping and playing again.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/process/run_setup.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/virtual/playing.h"
#include "sim/virtual/recording.h"
#include "sim/virtual/virtual_verdict.h"

int
playing_init(struct playing *playing, struct run *run)
{
	char why[256];

	*playing = (struct playing){.run = run};
	if (!virtual_can_play(&run->scenario, why, sizeof(why))) {
		complain("%s", why);
		return EXIT_INCONCLUSIVE;
	}
	if (virtual_plan_init(&playing->plan, &run->scenario) != 0)
		return EXIT_USAGE;
	playing->end = calloc(playing->plan.tasks + 1u, sizeof(*playing->end));
	if (playing->end != NULL)
		return 0;
	complain("no memory for %u tasks", playing->plan.tasks);
	return EXIT_INTERNAL;
}

void
playing_fini(struct playing *playing)
{
	free(playing->end);
	virtual_plan_fini(&playing->plan);
}

int
playing_keep(struct run *run, const char *path, const char *name)
{
	char error[PATH_MAX + 256], holder[128];

	if (scenario_resolve_input(&run->scenario) != 0)
		return EXIT_USAGE;
	if (rundir_create(&run->dir, path, name, error, sizeof(error)) != 0) {
		complain("%s", error);
		return EXIT_USAGE;
	}
	run_name_files(run);
	run->lock_fd = rundir_lock(&run->dir, 0, holder, sizeof(holder));
	if (run->lock_fd < 0) {
		complain("cannot lock %s: %s", run->dir.path, strerror(-run->lock_fd));
		return EXIT_USAGE;
	}
	return run_scenario_write(run) == 0 ? 0 : EXIT_INTERNAL;
}

static int
play(struct playing *playing, struct virtual_options *options)
{
	int64_t began_ns = clock_now_ns();
	int error;

	options->end = playing->end;
	error = virtual_run(&playing->run->scenario, &playing->plan, options, &playing->report);
	playing->took_ns = clock_now_ns() - began_ns;
	playing->audited = options->audit;
	if (error == 0)
		return 0;
	complain("the virtual world cannot go on: %s", strerror(-error));
	return EXIT_INTERNAL;
}

/* Leases are not durable: what the log has as leased is ready in the store. */
static bool
ended_so(const struct moment *moment, uint32_t task, const struct virtual_end *end)
{
	enum task_state state = moment_task_state(moment, task);

	if (state == TASK_LEASED || state == TASK_BLOCKED)
		state = TASK_READY;
	return task < moment->tasks && state == end->state &&
	       moment->task[task].epoch == end->epoch;
}

/* Replays the log, and compares what it comes to with what the store had in the end. */
static int
read_back(struct playing *playing)
{
	struct virtual_report *report = &playing->report;
	struct history *history;
	const struct moment *moment;
	int error;

	/* A run that was broken off was at no end. */
	if (report->outcome == OUTCOME_NONE || report->invariant[0] != '\0')
		return 0;
	error = playing_history(playing, &history);
	if (error != 0) {
		complain("cannot read %s back: %s", playing->run->events, strerror(-error));
		return EXIT_INTERNAL;
	}
	moment = history_newest(history);
	report->log_records = history_count(history);
	for (uint32_t task = 0; task < playing->plan.tasks; task++)
		report->log_differs += !ended_so(moment, task, &playing->end[task]);
	history_close(history);
	return 0;
}

int
playing_play(struct playing *playing, bool audit, FILE *trace, bool kept)
{
	struct virtual_options options = {.audit = audit, .trace = trace};
	struct recording *recording = NULL;
	int code = 0, error = 0;

	if (!kept)
		return play(playing, &options);
	recording = malloc(sizeof(*recording));
	error = recording == NULL ? -ENOMEM : recording_open(recording, playing->run);
	if (error == 0) {
		options.recorder = &recording->recorder;
		code = play(playing, &options);
		error = recording_close(recording);
	}
	free(recording);
	if (error != 0) {
		complain("cannot write %s: %s", playing->run->events, strerror(-error));
		return EXIT_INTERNAL;
	}
	return code != 0 ? code : read_back(playing);
}

int
playing_again(struct playing *playing)
{
	struct comparing comparing;
	struct virtual_options options = {.recorder = &comparing.recorder};
	int code, error = comparing_open(&comparing, playing->run);

	if (error != 0) {
		complain("cannot read %s: %s", playing->run->events, strerror(-error));
		return EXIT_USAGE;
	}
	code = play(playing, &options);
	if (!comparing_close(&comparing) && code == 0) {
		complain("%s is not what its scenario comes to, from record %" PRIu64
		         " on: was it, the input or graveshift changed since? `graveshift run "
		         "%s/%s` plays it anew",
		         playing->run->events, comparing.differs, playing->run->dir.path,
		         RUN_SCENARIO);
		return EXIT_INTERNAL;
	}
	return code != 0 ? code : read_back(playing);
}

void
playing_judge(struct playing *playing, struct verdict *verdict)
{
	virtual_judge(verdict, playing->run, &playing->plan, &playing->report, playing->audited);
	verdict->verdict_ns = 0;
}

int
playing_history(const struct playing *playing, struct history **history)
{
	const struct virtual_plan *from = &playing->plan;
	struct plan plan = {.task = calloc(from->tasks + 1u, sizeof(*plan.task)),
	                    .tasks = from->tasks};

	if (plan.task == NULL)
		return -ENOMEM;
	for (uint32_t task = 0; task < from->tasks; task++)
		plan.task[task] =
		    (struct plan_task){.first = from->first[task],
		                       .records = from->records[task],
		                       .origin = task,
		                       .stage = from->has_output && task + 1 == from->tasks};
	return history_open_planned(history, &playing->run->scenario, playing->run->events, &plan);
}
