/* SPDX-License-Identifier: ISC
 *
 * A chunk of lines on its way into a command, and what becomes of the chunk when the command does
 * not do its work.
 */
#ifndef SIM_COMMAND_FEED_H
#define SIM_COMMAND_FEED_H

#include "sim/command/verdict_of.h"
#include "sim/job/job.h"

#define FEED_SKIPS_MAX 1024

struct feed {
	const struct task_plan *task;
	struct work *work;
	struct work_result *result;
	const char *bytes;             /* of the chunk; NULL: there is no input */
	uint64_t skip[FEED_SKIPS_MAX]; /* records that are left out */
	size_t skips;
	uint64_t next; /* record that is to be fed */
	size_t offset; /* of it in bytes */
};

void feed_init(struct feed *feed, const struct task_plan *task, struct work *work,
               struct work_result *result);

/* What the world says about its records: those that it has given up are left out, and one that is
 * flaky fails the attempt.  Sets the result's records.  0 or -errno, as from run() of a job. */
int feed_heed(struct feed *feed);

/* To feed them once more. */
void feed_rewind(struct feed *feed);

/* For struct command: the lines that are not left out. */
int feed_give(struct feed *feed, const char **bytes, size_t *length);

/* Gives up one record; for a probe, with what it is suspected of. */
int feed_bury(struct feed *feed, uint64_t record, uint32_t reason);

/* The command did not do its work: that is kept for people, and the chunk is tried again, later, or
 * given up.  0: it is given up, and the task is done without it; else what run() is to return. */
int feed_settle(struct feed *feed, enum command_verdict verdict, uint32_t reason, const char *how,
                const struct command_end *end);

#endif
