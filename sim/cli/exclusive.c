/* SPDX-License-Identifier: ISC
 *
 * Asking for an exclusive job, and taking it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/exclusive.h"
#include "sim/rundir/job_entry.h"
#include "sim/util/calendar.h"
#include "sim/util/fail.h"
#include "sim/verdict/facts.h"

#define ASK_MS 100    /* who only looks whether it is locked holds it for a moment */
#define DYING_MS 3000 /* who was killed a moment ago */

enum owner_state {
	OWNER_NOBODY, /* or one that was killed before it had begun */
	OWNER_GONE,   /* its directory is: nobody can tell any more */
	OWNER_UNREADABLE,
	OWNER_OPEN,
	OWNER_FAILED,
	OWNER_WRONG, /* it says that it is done, but its books do not balance */
	OWNER_DONE
};

static enum owner_state
state_in_store(const struct rundir *run, enum job_kind kind)
{
	struct facts facts = {0}; /* as far as the store has them */
	char path[PATH_MAX];
	struct store *store;
	int error = store_open_reader(&store, rundir_file(run, RUN_DB, path));

	if (error != 0)
		return OWNER_UNREADABLE;
	error = store_run_read(store, &facts.run);
	if (error == 0)
		error = store_counts_read(store, &facts.counts);
	store_close(store);
	if (error != 0)
		return OWNER_UNREADABLE;
	if (facts.run.state == RUN_DONE)
		return facts_books_balance(&facts, kind) ? OWNER_DONE : OWNER_WRONG;
	return facts.run.state == RUN_FAILED ? OWNER_FAILED : OWNER_OPEN;
}

static enum owner_state
owner_state(const char *path, enum job_kind kind)
{
	struct rundir run;
	char error[PATH_MAX + 256];
	enum owner_state state = OWNER_OPEN;

	if (access(path, F_OK) != 0)
		return OWNER_GONE;
	if (rundir_open(&run, path, error, sizeof(error)) != 0)
		return OWNER_NOBODY;
	/* Before the power's loss is undone, the store does not tell the truth. */
	if (rundir_has(&run, RUN_DB) && !rundir_has(&run, RUN_UNSYNCED))
		state = state_in_store(&run, kind);
	rundir_close(&run);
	return state;
}

static int
refuse_owner(const char *job, const char *owner, enum owner_state state)
{
	switch (state) {
	case OWNER_DONE:
		complain("%s is already complete: %s.  Nothing was done; --again runs it afresh",
		         job, owner);
		return EXIT_MET;
	case OWNER_FAILED:
		complain("%s has failed: %s.  `graveshift runbook %s` says what to do; --again "
		         "runs it afresh",
		         job, owner, owner);
		return EXIT_USAGE;
	case OWNER_OPEN:
		complain("%s was begun and is not finished: %s.  `graveshift resume %s` goes on; "
		         "--again runs it afresh",
		         job, owner, owner);
		return EXIT_USAGE;
	case OWNER_WRONG:
		complain("%s is marked as done, but its books do not balance: %s.  `graveshift "
		         "report %s` says more; --again runs it afresh",
		         job, owner, owner);
		return EXIT_USAGE;
	default:
		complain("%s was begun in %s, which %s: whether it is complete cannot be told.  "
		         "--again runs it afresh",
		         job, owner,
		         state == OWNER_GONE ? "is gone" : "cannot be read by this version");
		return EXIT_USAGE;
	}
}

static int
refuse_live(const char *job, const char *owner)
{
	complain("%s is running: %s.  `graveshift watch %s` shows it", job, owner, owner);
	return EXIT_USAGE;
}

/* "job nightly of 2026-11-21" */
static const char *
name_job(const struct scenario *scenario, char job[SCENARIO_NAME_MAX + 32])
{
	snprintf(job, SCENARIO_NAME_MAX + 32, "job %s of %s", scenario->name,
	         scenario->job.logical_date);
	return job;
}

static int
say_broken(const char *job, int error)
{
	complain("cannot look up %s in the state directory: %s", job, strerror(-error));
	return EXIT_INTERNAL;
}

/* Says nothing to a job that nobody has, or none that matters. */
static int
ask_owner(const struct scenario *scenario, const char *job, const char *entry, bool again)
{
	char owner[PATH_MAX];
	enum owner_state state;
	int error = job_entry_owner(entry, owner);

	if (error == -ENOENT)
		return EXCLUSIVE_FREE;
	if (error != 0)
		return say_broken(job, error);
	state = owner_state(owner, scenario->job.kind);
	if (state == OWNER_NOBODY || again)
		return EXCLUSIVE_FREE;
	return refuse_owner(job, owner, state);
}

int
exclusive_ask(struct scenario *scenario, bool again)
{
	char entry[PATH_MAX], owner[PATH_MAX] = "another run", job[SCENARIO_NAME_MAX + 32];
	int error;

	if (!scenario->exclusive)
		return EXCLUSIVE_FREE;
	if (scenario->job.logical_date[0] == '\0')
		calendar_date(calendar_now_ns(), scenario->job.logical_date);
	name_job(scenario, job);
	error = job_entry_find(scenario->name, scenario->job.logical_date, entry);
	if (error != 0)
		return say_broken(job, error);
	if (!job_entry_is_locked(entry))
		return ask_owner(scenario, job, entry, again);
	error = job_entry_owner(entry, owner);
	return error == 0 || error == -ENOENT ? refuse_live(job, owner) : say_broken(job, error);
}

static int
take_lock(struct run *run, const char *job, const char *entry, int wait_ms)
{
	char owner[PATH_MAX] = "another run";

	run->job_fd = job_entry_lock(entry, wait_ms);
	if (run->job_fd >= 0)
		return 0;
	if (run->job_fd != -EWOULDBLOCK)
		return say_broken(job, run->job_fd);
	(void)job_entry_owner(entry, owner);
	return refuse_live(job, owner);
}

static int
take(struct run *run, const char *job, const char *entry)
{
	int error = job_entry_give(entry, &run->dir);

	return error == 0 ? 0 : say_broken(job, error);
}

int
exclusive_begin(struct run *run, bool again)
{
	char entry[PATH_MAX], job[SCENARIO_NAME_MAX + 32];
	int code;

	if (!run->scenario.exclusive)
		return EXCLUSIVE_FREE;
	name_job(&run->scenario, job);
	code = job_entry_find(run->scenario.name, run->scenario.job.logical_date, entry);
	if (code != 0)
		return say_broken(job, code);
	code = take_lock(run, job, entry, ASK_MS);
	if (code != 0)
		return code;
	/* Another one may have had it since it was asked for. */
	code = ask_owner(&run->scenario, job, entry, again);
	if (code == EXCLUSIVE_FREE && take(run, job, entry) != 0)
		code = EXIT_INTERNAL;
	return code;
}

int
exclusive_resume(struct run *run)
{
	char entry[PATH_MAX], owner[PATH_MAX], job[SCENARIO_NAME_MAX + 32];
	int code;

	if (!run->scenario.exclusive)
		return 0;
	name_job(&run->scenario, job);
	code = job_entry_of(&run->dir, entry);
	if (code == -ENOENT) {
		complain("run %s was not begun as an exclusive one, and cannot become one: take "
		         "`exclusive` out of its scenario",
		         run->dir.path);
		return EXIT_USAGE;
	}
	if (code != 0)
		return say_broken(job, code);
	code = take_lock(run, job, entry, DYING_MS);
	if (code != 0)
		return code;
	code = job_entry_owner(entry, owner);
	if (code != 0 && code != -ENOENT)
		return say_broken(job, code);
	if (code == 0 && strcmp(owner, run->dir.path) == 0)
		return 0;
	/* Its entry was removed, or its directory was moved. */
	if (code == -ENOENT || owner_state(owner, run->scenario.job.kind) == OWNER_GONE)
		return take(run, job, entry);
	complain("%s was begun afresh in %s: this run, %s, no longer has it", job, owner,
	         run->dir.path);
	return EXIT_USAGE;
}
