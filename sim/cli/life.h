/* SPDX-License-Identifier: ISC
 *
 * A run from the command line: its first life, its next ones, and the verdict at the end.
 */
#ifndef SIM_CLI_LIFE_H
#define SIM_CLI_LIFE_H

#include <stdio.h>

#include "sim/cli/progress.h"
#include "sim/process/run_setup.h"
#include "sim/verdict/verdict.h"

enum life_output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_TAP, OUTPUT_NONE };

struct life {
	enum life_output output;
	FILE *out;
	bool quiet;
	bool watched;  /* who waits for its end takes the run up again at once if it is killed */
	bool again;    /* an exclusive job that is not alive is begun afresh */
	bool lines;    /* progress in lines, also on a terminal */
	bool readonly; /* a screen beside it does nothing to the run */
	const struct progress_link *screen; /* what shows the progress instead; NULL: nothing */
	/* Called with the verdict, in the process that gave it; NULL: nobody asks. */
	void (*judged)(void *context, const struct verdict *verdict);
	void *context; /* for judged */
};

/* Loads the scenario, checks its input, makes the run directory (path, or NULL for the default
 * place).  The run is one to try something: it is not exclusive, writes no metrics and raises no
 * alarm.  0, or an exit code after saying why. */
int life_prepare(struct run *run, const char *file, const char *const *set, size_t sets,
                 const char *path);

/* The same for a run whose scenario is loaded already. */
int life_prepare_loaded(struct run *run, const char *path);

/* The same for a run that is meant: all that the scenario says counts.  *complete: there is nothing
 * to do, as an exclusive job is done already, and the code is EXIT_MET; again: it is to be done
 * afresh. */
int life_prepare_job(struct run *run, const char *file, const char *const *set, size_t sets,
                     const char *path, bool again, bool *complete);

/* First life of a prepared run.  The exit code. */
int life_first(struct run *run, const struct life *life);

/* Next life of the run in a directory. */
int life_next(const char *name, const struct life *life);

/* The first life, and as many further ones as the scenario's faults on the director make necessary:
 * plays the operator who resumes what was killed.  Everything happens in child processes.  The exit
 * code of the last life. */
int life_with_operator(struct run *run, const struct life *life);

/* The same for whatever live() does in a life's process; it returns the exit code.  again(), if
 * there is one, is asked after a life that was not killed whether another is to follow.  path: of
 * the run. *lives: how many there were. */
int life_play(int (*live)(void *context), bool (*again)(void *context, int code), void *context,
              const char *path, bool quiet, unsigned *lives);

/* Did a life end with this code because a fault of the disk was written ahead in it?  Then the
 * operator has made room, and goes on.  *planned: how long plan.jsonl was after the life before; 0
 * at first. */
bool life_was_broken_off(const struct scenario *scenario, const char *path, int code,
                         off_t *planned);

/* Does the scenario kill its director, or break it off? */
bool life_needs_operator(const struct scenario *scenario);

#endif
