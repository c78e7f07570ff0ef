/* SPDX-License-Identifier: ISC
 *
 * What is a failure, and raising its alarm.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cli/alert.h"
#include "sim/cli/alert_marks.h"
#include "sim/cli/runbook.h"
#include "sim/util/errand.h"
#include "sim/util/fail.h"

#define LIMIT_MS 10000
#define OUTPUT_MAX (64 * 1024)
#define TRIES_MAX 3

/* NULL: no failure. */
static const char *
reason_of(enum director_end end)
{
	switch (end) {
	case DIRECTOR_BAD_INPUT:
		return "bad-input";
	case DIRECTOR_WALL:
		return "time-limit";
	case DIRECTOR_BROKEN:
		return "broken";
	case DIRECTOR_JOB_ENDED: /* the verdict says more */
	case DIRECTOR_DRAINED:   /* wanted */
	case DIRECTOR_KILLED:
		break;
	}
	return NULL;
}

/* The operator goes on by itself where the scenario has the disk fail. */
static bool
is_no_stop(const struct run *run, enum director_end end, bool watched)
{
	bool scripted = false;

	for (size_t i = 0; i < run->scenario.faults; i++)
		scripted |= fault_breaks_off(&run->scenario.fault[i]);
	return watched && end == DIRECTOR_BROKEN && scripted;
}

struct facts_text {
	char done[24], records[24], dead[24], try[8], happened[384];
};

/* The variables and their values, in the same order. */
static const char *const names[] = {
    "GRAVESHIFT_RUN",      "GRAVESHIFT_JOB",     "GRAVESHIFT_DATE",         "GRAVESHIFT_REASON",
    "GRAVESHIFT_DONE",     "GRAVESHIFT_RECORDS", "GRAVESHIFT_DEAD_LETTERS", "GRAVESHIFT_COMMAND",
    "GRAVESHIFT_HAPPENED", "GRAVESHIFT_TRY"};
#define VARIABLES (sizeof(names) / sizeof(names[0]))

static void
list_values(const struct runbook *runbook, const char *reason, unsigned try,
            struct facts_text *text, const char *values[VARIABLES])
{
	const struct store_counts *counts = &runbook->counts;
	const char *const list[VARIABLES] = {runbook->run.dir.path,
	                                     runbook->run.scenario.name,
	                                     runbook->info.logical_date,
	                                     reason,
	                                     text->done,
	                                     text->records,
	                                     text->dead,
	                                     runbook_command(runbook),
	                                     text->happened,
	                                     text->try};

	snprintf(text->done, sizeof(text->done), "%" PRIu64, counts->records[TASK_DONE]);
	snprintf(text->records, sizeof(text->records), "%" PRIu64, runbook->info.plan.records);
	snprintf(text->dead, sizeof(text->dead), "%" PRIu64, counts->dead_records);
	snprintf(text->try, sizeof(text->try), "%u", try);
	runbook_say_end(runbook, text->happened, sizeof(text->happened));
	memcpy(values, list, sizeof(list));
}

static void
say_result(const struct run *run, int error, int status)
{
	char what[96];

	if (error == -ETIME)
		snprintf(what, sizeof(what), "took longer than %d s and was killed",
		         LIMIT_MS / 1000);
	else if (error != 0)
		snprintf(what, sizeof(what), "could not be run: %s", strerror(-error));
	else if (WIFSIGNALED(status))
		snprintf(what, sizeof(what), "was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		snprintf(what, sizeof(what), "ended with exit code %d", WEXITSTATUS(status));
	else
		return;
	complain("on_failure: %s %s; what it printed is in %s/%s", run->scenario.on_failure[0],
	         what, run->dir.path, RUN_ALERT_LOG);
}

static int
run_command(const struct run *run, const struct runbook *runbook, const char *reason, unsigned try)
{
	char *words[SCENARIO_TEXTS_MAX + 1] = {NULL};
	const char *values[VARIABLES];
	struct facts_text text;
	struct errand errand = {.words = words,
	                        .names = names,
	                        .values = values,
	                        .variables = VARIABLES,
	                        .limit_ms = LIMIT_MS,
	                        .output_max = OUTPUT_MAX};
	int error, status = 0;

	memcpy(words, run->scenario.on_failure, run->scenario.on_failures * sizeof(words[0]));
	list_values(runbook, reason, try, &text, values);
	errand.output_fd =
	    openat(run->dir.fd, RUN_ALERT_LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (errand.output_fd < 0)
		errand.output_max = 0; /* an alarm without a record is better than none */
	error = errand_run(&errand, &status);
	if (errand.output_fd >= 0)
		close(errand.output_fd);
	say_result(run, error, status);
	return error != 0 ? error : status;
}

/* One alarm, if it was not raised. */
static void
raise_alarm(struct run *run, const struct runbook *runbook, const char *reason)
{
	struct alert_mark mark = {.reason = reason, .generation = runbook->info.generation};
	int error = alert_marks_find(&run->dir, &mark), result;

	if (error == 0 && (mark.ended || mark.tries >= TRIES_MAX))
		return;
	mark.tries++;
	if (error == 0)
		error = alert_marks_begin(&run->dir, &mark);
	/* Twice is better than not at all. */
	if (error != 0)
		complain("cannot write %s/%s: %s; on_failure may be run again", run->dir.path,
		         RUN_ALERTS, strerror(-error));
	point_reach(POINT_DIRECTOR_BEFORE_ALERT);
	result = run_command(run, runbook, reason, mark.tries);
	point_reach(POINT_DIRECTOR_AFTER_ALERT);
	if (error == 0 && alert_marks_end(&run->dir, &mark, result) != 0)
		complain("cannot write %s/%s; on_failure may be run again", run->dir.path,
		         RUN_ALERTS);
}

/* With the reason, or with what the life before ended by. */
static void
look_and_raise(struct run *run, const char *reason, bool watched)
{
	struct runbook *runbook;

	if (run->scenario.on_failures == 0)
		return;
	runbook = malloc(sizeof(*runbook));
	if (runbook == NULL) {
		complain("no memory for on_failure");
		return;
	}
	if (runbook_init(runbook, run->dir.path, true) == 0) {
		if (reason == NULL && runbook->silent)
			reason = watched ? NULL : "director-died";
		else if (reason == NULL && !is_no_stop(run, runbook->end, watched))
			reason = reason_of(runbook->end);
		if (reason != NULL)
			raise_alarm(run, runbook, reason);
	}
	runbook_fini(runbook);
	free(runbook);
}

void
alert_life_ended(struct run *run, enum director_end end, bool watched)
{
	const char *reason = reason_of(end);

	if (reason != NULL && !is_no_stop(run, end, watched))
		look_and_raise(run, reason, false);
}

void
alert_judged(struct run *run, const struct verdict *verdict)
{
	if (verdict->facts.run.state == RUN_FAILED)
		look_and_raise(run, "job-failed", false);
	else if (verdict->exit_code == EXIT_UNMET)
		look_and_raise(run, "promise-broken", false);
}

void
alert_look_back(struct run *run, bool watched)
{
	look_and_raise(run, NULL, watched);
}
