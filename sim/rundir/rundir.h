/* SPDX-License-Identifier: ISC
 *
 * The run directory: one run's durable state in one place, mode 0700, and the lock that says who
 * owns it.
 */
#ifndef SIM_RUNDIR_RUNDIR_H
#define SIM_RUNDIR_RUNDIR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define RUN_SCENARIO "scenario.yaml"
#define RUN_SCENARIO_NEW "scenario.yaml.new" /* on its way to its place */
#define RUN_DB "run.db"
#define RUN_BOARD "board"
#define RUN_EVENTS "events.log"
#define RUN_PLAN "plan.jsonl"
#define RUN_LOCK "lock"
#define RUN_JOB "job"             /* link to the entry of an exclusive job: job_entry.h */
#define RUN_JOB_NEW "job.new"     /* on its way to be that */
#define RUN_UNSYNCED ".unsynced"  /* the journal of sim/disk/unsynced.h */
#define RUN_ALERTS "alerts.jsonl" /* each run of on_failure, written ahead and behind */
#define RUN_ALERT_LOG "alert.log" /* what these commands printed */
#define RUN_OUT "out"
#define RUN_RESULT "out/result.csv"
#define RUN_INPUT "input.csv"
#define RUN_ERRORS "errors" /* of commands that failed: command/errors.h */

struct rundir {
	char path[PATH_MAX]; /* absolute */
	int fd;              /* of the directory; -1 when closed */
};

/* Makes a fresh run directory: `path`, which must not exist, or be empty, or hold no more than a
 * run leaves that was killed before its scenario was in place; or, when path is NULL, a new one
 * below the state directory ($XDG_STATE_HOME/graveshift/runs, else ~/.local/state/...), to which
 * `latest` there then points.  Returns 0 or -errno with error[size] filled in. */
int rundir_create(struct rundir *run, const char *path, const char *name, char *error, size_t size);

/* Opens an existing one, in which there is a scenario: a path, `latest`, or a name below the state
 * directory.  0, or -errno with error[size] filled in; -ENODATA: a run was killed there before its
 * scenario was in place. */
int rundir_open(struct rundir *run, const char *name, char *error, size_t size);

/* Calls take() with the name of each run in the state directory, `latest` included, in any order;
 * none when it cannot be read. */
void rundir_each(void (*take)(void *context, const char *name), void *context);

void rundir_close(struct rundir *run);

/* Is there a file of this name in it? */
bool rundir_has(const struct rundir *run, const char *file);

/* Makes the folder `name` beside `runs` in the state directory, for what outlives a command and is
 * no run.  0 or -errno. */
int rundir_state_folder(const char *name, char out[PATH_MAX]);

/* The full path of a file in it; the result is a `out`. */
const char *rundir_file(const struct rundir *run, const char *file, char out[PATH_MAX]);

/* Takes the run's lock, which the kernel frees when its holders (the director, and the supervisor
 * that inherits it) are gone.  Returns the descriptor; -EWOULDBLOCK with holder[] = what the holder
 * wrote about itself; or -errno. A holder that is about to die is waited for up to wait_ms. */
int rundir_lock(const struct rundir *run, int wait_ms, char *holder, size_t size);

/* Does anybody hold it?  holder[size] = what that process wrote about itself. */
bool rundir_is_locked(const struct rundir *run, char *holder, size_t size);

#endif
