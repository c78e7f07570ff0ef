/* SPDX-License-Identifier: ISC
 *
 * The sealed plan as viewers need it: of which stage each task is and how many records it has.  A
 * redrive makes tasks of dead letters and takes these records from their former tasks, so that how
 * many a task had depends on how many tasks there were then: its own, and those of later tasks that
 * come from it.
 */
#ifndef SIM_HISTORY_PLAN_H
#define SIM_HISTORY_PLAN_H

#include <stddef.h>
#include <stdint.h>

struct plan_task {
	uint64_t first;   /* number of its first record in the input */
	uint64_t records; /* now */
	uint32_t origin;  /* the task whose record it was before a redrive, or itself */
	uint8_t stage;
};

struct plan {
	struct plan_task *task;
	uint32_t tasks;
	uint32_t moved; /* tasks that a redrive has made */
};

/* Reads it from a run's store into *plan, which is empty or was filled before.  0 or -errno. */
int plan_read(struct plan *plan, const char *db);
void plan_fini(struct plan *plan);

#endif
