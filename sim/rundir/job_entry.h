/* SPDX-License-Identifier: ISC
 *
 * Exclusive jobs: beside the runs in the state directory, one entry for each job and logical date.
 * It is a symbolic link to the run that has them, and the lock of whoever is at work on them; the
 * kernel frees the lock when its holders are gone, so that none is ever stale.
 */
#ifndef SIM_RUNDIR_JOB_ENTRY_H
#define SIM_RUNDIR_JOB_ENTRY_H

#include <limits.h>
#include <stdbool.h>

#include "sim/rundir/rundir.h"

/* The path of the entry of a job, by the scenario's name and the date; its folder is made.  0 or
 * -errno. */
int job_entry_find(const char *name, const char *date, char entry[PATH_MAX]);

/* The same for a run that has an entry, wherever the state directory was then.  0 or -errno
 * (-ENOENT: it has none). */
int job_entry_of(const struct rundir *run, char entry[PATH_MAX]);

/* Takes the entry's lock, waiting up to wait_ms for a holder that is about to die.  The descriptor,
 * -EWOULDBLOCK or -errno. */
int job_entry_lock(const char *entry, int wait_ms);
bool job_entry_is_locked(const char *entry);

/* The path of the run that has the job.  0 or -errno (-ENOENT: nobody has). */
int job_entry_owner(const char *entry, char run[PATH_MAX]);

/* Gives the job to a run, durably, whole or not at all; the caller holds the entry's lock.  0 or
 * -errno. */
int job_entry_give(const char *entry, const struct rundir *run);

#endif
