/* SPDX-License-Identifier: ISC
 *
 * One command of the user's inside an attempt: it is fed, its output is taken, it is bounded in
 * time and size, and beats go on meanwhile.
 */
#ifndef SIM_COMMAND_COMMAND_H
#define SIM_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/command/shepherd.h"
#include "sim/job/job.h"

#define COMMAND_ERRORS_MAX (16u << 10) /* so much of the end of what it said on stderr is kept */

/* A process that goes on behind its answer, for the next one. */
struct command_stay {
	int fd[3];         /* our ends of its standard input, output and error; -1: closed */
	uint64_t answered; /* so often by this process */
	bool spoiled;      /* it is to be ended, and another one asked in its place */
};

/* What is done for a command, apart from the words that start it. */
struct command {
	char *const *words;
	size_t count;
	const char *folder;
	uint32_t task, epoch; /* in its environment: GRAVESHIFT_TASK, GRAVESHIFT_ATTEMPT */
	int64_t limit_ns;     /* it may take so long */
	uint64_t output_max;  /* bytes that it may print, and that a file of its own may have */
	/* The next bytes for its standard input, valid until the next call; *length 0: that was
	 * all.  0 or -errno, which ends the command.  NULL: it has none. */
	int (*give)(void *context, const char **bytes, size_t *length);
	/* Takes what it prints.  0 or -errno, which ends the command; of one that stays 1: this was
	 * the end of its answer.  NULL: that is kept like what it says on stderr. */
	int (*take)(void *context, const char *bytes, size_t length);
	void *context;
	struct command_stay *stay; /* NULL: its end is its answer, and it has no variables */
};

enum command_fate {
	COMMAND_EXITED,      /* detail = exit code; nothing was left behind */
	COMMAND_SIGNALLED,   /* detail = signal */
	COMMAND_NOT_STARTED, /* detail = errno */
	COMMAND_TIMED_OUT,
	COMMAND_TOO_MUCH,    /* printed, or wrote into a file, more than output_max */
	COMMAND_LEFT_BEHIND, /* exit code 0, but detail processes were left, and are killed */
	/* Of one that stays: */
	COMMAND_ANSWERED,   /* detail = what its answer says, by take(); 0 */
	COMMAND_UNANSWERED, /* exit code 0, and no answer */
	COMMAND_SILENT      /* timed out, and had printed nothing */
};

struct command_end {
	enum command_fate fate;
	int detail;
	int64_t took_ns;
	size_t errors_length;
	char errors[COMMAND_ERRORS_MAX]; /* the end of what it said on stderr */
};

/* Runs it to its end, and that of all it has started; or, if it stays, to the end of its answer,
 * and that of what it has left behind.  One that stays is started when it does not run.  0 with
 * *end; -EINTR: told to stop; what give() or take() said; -errno of the system. */
int command_execute(struct shepherd *shepherd, const struct command *command, struct work *work,
                    struct command_end *end);

/* None runs yet. */
void command_stay_init(struct command_stay *stay);
/* Lets go of it: it ends with its shepherd. */
void command_stay_fini(struct command_stay *stay);

/* "it exited with 3", without a full stop. */
const char *command_fate_text(const struct command_end *end, char *text, size_t size);

#endif
