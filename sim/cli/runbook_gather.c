/* SPDX-License-Identifier: ISC
 *
 * Gathering what a runbook says, without touching the run.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "sim/cli/look.h"
#include "sim/cli/runbook.h"
#include "sim/job/input.h"
#include "sim/process/run_power.h"
#include "sim/util/fail.h"

static bool
is_for_good(uint32_t reason)
{
	return (reason != REASON_NONE && reason <= REASON_UNTERMINATED) ||
	       reason == REASON_NOT_TIME || reason == REASON_NOT_LOG;
}

static int
add_dead(void *context, const struct store_dead_row *row)
{
	struct runbook *runbook = context;

	if (is_for_good(row->dead.reason))
		runbook->dead_for_good += row->records;
	return dead_add(&runbook->dead, row);
}

static int
read_rows(struct runbook *runbook, struct store *store)
{
	int format, error = store_format_read(store, &format);

	if (error != 0)
		return error;
	if (format != STORE_FORMAT) {
		snprintf(runbook->problem, sizeof(runbook->problem),
		         "its run.db has format %d, and this version knows format %d", format,
		         STORE_FORMAT);
		return -EPROTO;
	}
	error = store_run_read(store, &runbook->info);
	if (error == 0)
		error = store_counts_read(store, &runbook->counts);
	if (error == 0)
		error = store_tasks_read(store, 0, open_ranges_add, &runbook->open);
	return error == 0 ? store_dead_read(store, add_dead, runbook) : error;
}

static int
read_store(struct runbook *runbook)
{
	char path[PATH_MAX];
	struct store *store;
	int error = store_open_reader(&store, rundir_file(&runbook->run.dir, RUN_DB, path));

	if (error != 0)
		return error;
	runbook->open.by_key = runbook->run.scenario.job.ranges > 0;
	error = read_rows(runbook, store);
	store_close(store);
	return error;
}

static int
read_history(struct runbook *runbook)
{
	char events[PATH_MAX], db[PATH_MAX] = "";
	struct history *history;
	int error;

	rundir_file(&runbook->run.dir, RUN_EVENTS, events);
	/* Where the power was lost, the store does not tell the truth. */
	if (runbook->state != RUNBOOK_POWER_LOST)
		rundir_file(&runbook->run.dir, RUN_DB, db);
	error = history_open(&history, &runbook->run.scenario, events, db);
	if (error != 0)
		return error;
	error = runbook_read_past(runbook, history);
	history_close(history);
	return error;
}

static int
ignore(void *context, const struct task_plan *task)
{
	return 0;
}

/* Reads an input that was touched, as the next supervisor will. */
static void
compare_input(struct runbook *runbook, bool grown)
{
	const struct job_kind_ops *ops = job_kind_find(runbook->run.scenario.job.kind);
	struct plan_summary now;
	struct job *job;
	char *problem = runbook->problem;
	int error;

	runbook->run.scenario.job.input_bytes = runbook->info.plan.bytes;
	error = ops->open(&job, &runbook->run.scenario, runbook->info.input, problem,
	                  sizeof(runbook->problem));

	if (error == 0) {
		error = ops->plan(job, &now, ignore, NULL, problem, sizeof(runbook->problem));
		ops->close(job);
	}
	if (error == 0 && now.fingerprint == runbook->info.plan.fingerprint &&
	    now.records == runbook->info.plan.records &&
	    (!grown || input_ends_line(runbook->info.input, runbook->info.plan.bytes))) {
		runbook->input = grown ? RUNBOOK_INPUT_GROWN : RUNBOOK_INPUT_SAME;
		return;
	}
	runbook->input = RUNBOOK_INPUT_CHANGED;
	if (error != 0 && problem[0] == '\0')
		snprintf(problem, sizeof(runbook->problem), "%s", strerror(-error));
	if (error == 0 && grown)
		snprintf(problem, sizeof(runbook->problem),
		         "its first %llu bytes are other ones, or its last line went on",
		         (unsigned long long)runbook->info.plan.bytes);
	else if (error == 0)
		snprintf(problem, sizeof(runbook->problem), "it has %llu records now, %llu then",
		         (unsigned long long)now.records,
		         (unsigned long long)runbook->info.plan.records);
}

static void
look_at_input(struct runbook *runbook)
{
	const struct store_run *info = &runbook->info;
	struct input_identity now = {0};

	if (info->input[0] == '\0' || info->state == RUN_PLANNING)
		return;
	runbook->input = RUNBOOK_INPUT_SAME;
	if (runbook->state != RUNBOOK_LIVE && runbook->state != RUNBOOK_DONE &&
	    (input_identify(info->input, &now) != 0 ||
	     memcmp(&now, &info->identity, sizeof(now)) != 0))
		compare_input(runbook, now.size > info->plan.bytes);
}

static void
look_at_disk(struct runbook *runbook)
{
	struct statvfs disk;

	runbook->free_bytes = UINT64_MAX;
	if (fstatvfs(runbook->run.dir.fd, &disk) == 0)
		runbook->free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
}

static enum runbook_state
state_of(const struct runbook *runbook)
{
	switch (runbook->info.state) {
	case RUN_DONE:
		return RUNBOOK_DONE;
	case RUN_FAILED:
		return RUNBOOK_FAILED;
	default:
		return RUNBOOK_OPEN;
	}
}

static int
gather(struct runbook *runbook, bool ours)
{
	bool live = !ours && look_is_live(&runbook->run, runbook->holder, sizeof(runbook->holder));
	int error = 0;

	runbook->state = live ? RUNBOOK_LIVE : RUNBOOK_UNSTORED;
	if (!live && run_power_is_lost(&runbook->run)) {
		runbook->state = RUNBOOK_POWER_LOST;
	} else if (rundir_has(&runbook->run.dir, RUN_DB)) {
		error = read_store(runbook);
		if (error == 0 && !live)
			runbook->state = state_of(runbook);
	}
	if (error == 0)
		error = read_history(runbook);
	if (error == 0)
		look_at_input(runbook);
	return error;
}

/* Files of another version, or damaged ones: that is all that can be said. */
static void
give_up(struct runbook *runbook, int error)
{
	bool gone = error == -ENOENT && runbook->state == RUNBOOK_UNSTORED;

	runbook->state = RUNBOOK_FOREIGN;
	if (gone)
		snprintf(runbook->problem, sizeof(runbook->problem),
		         "it had begun, but its run.db is gone");
	else if (runbook->problem[0] == '\0')
		snprintf(runbook->problem, sizeof(runbook->problem),
		         error == -EBADMSG ? "its run.db or events.log is damaged, or of another "
		                             "version"
		                           : "its files cannot be read: %s",
		         strerror(-error));
}

int
runbook_init(struct runbook *runbook, const char *name, bool ours)
{
	char error[PATH_MAX + 256];
	int failed;

	memset(runbook, 0, sizeof(*runbook));
	run_init(&runbook->run);
	failed = rundir_open(&runbook->run.dir, name, error, sizeof(error));
	if (failed == -ENODATA) {
		runbook->state = RUNBOOK_UNBORN;
		return 0;
	}
	if (failed != 0) {
		complain("%s", error);
		return EXIT_USAGE;
	}
	look_at_disk(runbook);
	if (run_load(&runbook->run, NULL, 0) != 0)
		snprintf(runbook->problem, sizeof(runbook->problem),
		         "its scenario is none of this version");
	else if (look_refuses_virtual(&runbook->run, "write a runbook for"))
		return EXIT_USAGE;
	failed = runbook->problem[0] != '\0' ? -EINVAL : gather(runbook, ours);
	if (failed == -ENOMEM) {
		complain("no memory to read the run in %s", runbook->run.dir.path);
		return EXIT_INTERNAL;
	}
	if (failed != 0)
		give_up(runbook, failed);
	runbook_choose_steps(runbook);
	return 0;
}

void
runbook_fini(struct runbook *runbook)
{
	run_fini(&runbook->run);
}
