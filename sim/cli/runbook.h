/* SPDX-License-Identifier: ISC
 *
 * The runbook of a run, for whoever finds it at three in the morning: what happened, what is done
 * and what is not, what will be done again, what is at risk, and the command that goes on.  All of
 * it comes from what is durable: store, event log, plan of faults.  Nothing is written.
 */
#ifndef SIM_CLI_RUNBOOK_H
#define SIM_CLI_RUNBOOK_H

#include <stdio.h>

#include "sim/cli/dead.h"
#include "sim/cli/open_ranges.h"
#include "sim/history/history.h"
#include "sim/process/director_end.h"
#include "sim/process/run_setup.h"

enum runbook_state {
	RUNBOOK_UNBORN,  /* killed before its scenario was in place */
	RUNBOOK_FOREIGN, /* this version cannot read it */
	RUNBOOK_LIVE,
	RUNBOOK_POWER_LOST,
	RUNBOOK_UNSTORED, /* no run.db yet */
	RUNBOOK_OPEN,     /* unfinished, and nobody is at work on it */
	RUNBOOK_FAILED,
	RUNBOOK_DONE
};

enum runbook_input {
	RUNBOOK_INPUT_NONE,
	RUNBOOK_INPUT_SAME,
	RUNBOOK_INPUT_GROWN, /* behind what the plan has */
	RUNBOOK_INPUT_CHANGED
};

#define RUNBOOK_EVENTS 6
#define RUNBOOK_STEPS 2
#define RUNBOOK_COMMAND_MAX (2 * PATH_MAX)

struct runbook_step {
	char why[320];
	char command[RUNBOOK_COMMAND_MAX]; /* for a shell, quoted */
};

struct runbook {
	struct run run;
	enum runbook_state state;
	char holder[128];
	char problem[512]; /* FOREIGN, or a changed input: what is wrong with it */

	struct store_run info;
	struct store_counts counts;
	struct open_ranges open;
	struct dead_list dead;
	uint64_t dead_for_good; /* records that cannot be used as they stand in the input */
	enum runbook_input input;
	uint64_t free_bytes; /* on the run's disk */

	bool silent;           /* the last life left no word: killed, or the machine went down */
	enum director_end end; /* otherwise */
	int64_t end_s;         /* wall clock: of the end, or of the last event; 0: unknown */
	char by_fault[256];    /* the scenario's own fault that killed the director; "" if none */
	uint64_t lives, supervisors, supervisors_lost;
	uint64_t redo_tasks, redo_records; /* under way at the end: at most so many are redone */
	unsigned faults_left;
	struct {
		int64_t wall_s;
		char text[256];
	} event[RUNBOOK_EVENTS]; /* what went wrong last, in order */
	size_t events;

	struct runbook_step step[RUNBOOK_STEPS]; /* how to go on; the first is the one to take */
	size_t steps;
	char look[RUNBOOK_COMMAND_MAX]; /* what to look at next */
};

/* Gathers all of it; runbook_fini either way.  ours: the run's lock is the caller's, so that nobody
 * else is at work.  0, or an exit code after saying why. */
int runbook_init(struct runbook *runbook, const char *name, bool ours);
void runbook_fini(struct runbook *runbook);

/* Parts of runbook_init.  The past: from an open history and the plan of faults.  0 or -errno. */
int runbook_read_past(struct runbook *runbook, const struct history *history);
void runbook_choose_steps(struct runbook *runbook);

/* The command that goes on with a run, "" if there is none: as in the runbook, for messages and
 * alarms.  text is at least RUNBOOK_COMMAND_MAX. */
const char *runbook_command(const struct runbook *runbook);

const char *runbook_state_text(const struct runbook *runbook);
void runbook_print(const struct runbook *runbook, FILE *out);
/* 0 or -ENOMEM. */
int runbook_print_json(const struct runbook *runbook, FILE *out);

/* One sentence about what happened last. */
void runbook_say_end(const struct runbook *runbook, char *text, size_t size);

#endif
