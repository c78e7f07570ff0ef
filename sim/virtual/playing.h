/* SPDX-License-Identifier: ISC
 *
 * A virtual run that is kept: played into a run directory in which there is a real run's event log,
 * and played again from there.  As one seed has one history, there is nothing else to keep.
 */
#ifndef SIM_VIRTUAL_PLAYING_H
#define SIM_VIRTUAL_PLAYING_H

#include "sim/history/history.h"
#include "sim/process/run.h"
#include "sim/verdict/verdict.h"
#include "sim/virtual/virtual.h"

struct playing {
	struct run *run; /* the caller's; of it the scenario and, if it is kept, its directory */
	struct virtual_plan plan;
	struct virtual_report report;
	struct virtual_end *end; /* of each task */
	int64_t took_ns;         /* of real time */
	bool audited;
};

/* Makes the plan of a scenario that was loaded.  0, or an exit code after saying why. */
int playing_init(struct playing *playing, struct run *run);
void playing_fini(struct playing *playing);

/* Makes run->dir (path, or NULL for the default place; name stands in it) with the scenario in it,
 * and locks it.  0, or an exit code after saying why. */
int playing_keep(struct run *run, const char *path, const char *name);

/* Plays it.  trace: a line per event, or NULL; kept: writes events.log and plan.jsonl, and reads
 * the log back.  0, or an exit code after saying why. */
int playing_play(struct playing *playing, bool audit, FILE *trace, bool kept);

/* Plays a kept run again, for its verdict: it must come to what stands in its log.  0, or an exit
 * code after saying why. */
int playing_again(struct playing *playing);

void playing_judge(struct playing *playing, struct verdict *verdict);

/* The history of a kept run.  0 or -errno. */
int playing_history(const struct playing *playing, struct history **history);

#endif
