/* SPDX-License-Identifier: ISC
 *
 * The shepherd: a process between a worker and the commands it runs.  It is forked while the worker
 * has no store open, starts one command at a time, and sees to it that nothing outlives an attempt:
 * whatever a command has forked, in whatever session or group, becomes the shepherd's child when
 * its parents are gone, and is killed.  The end of its worker, of whatever kind, is the end of the
 * socket between them, and then of everything the shepherd has.
 */
#ifndef SIM_COMMAND_SHEPHERD_H
#define SIM_COMMAND_SHEPHERD_H

#include <stddef.h>
#include <stdint.h>

struct shepherd;

struct shepherd_command {
	char *const *words; /* the command, found by PATH, and its arguments */
	size_t count;
	const char *folder;             /* where it starts */
	const char *const *environment; /* NAME=value, added to ours */
	size_t variables;
	int fd[3];         /* its standard input, output and error */
	uint64_t file_max; /* no file that it writes may be larger */
};

enum shepherd_word_kind {
	SHEPHERD_STARTED,
	SHEPHERD_NOT_STARTED, /* value = errno */
	SHEPHERD_ENDED,       /* value = status as waitpid has it; left */
	SHEPHERD_TIDIED       /* left */
};

/* What the shepherd says. */
struct shepherd_word {
	enum shepherd_word_kind kind;
	int value;
	unsigned left; /* processes that the command had left behind, all of them killed by now */
};

/* Forks it.  To be called while no SQLite connection is open.  0 or -errno. */
int shepherd_new(struct shepherd **shepherd);
/* Ends what still runs, and the shepherd; waits for it. */
void shepherd_free(struct shepherd *shepherd);

/* Asks for a command to be started, while none runs.  0; -E2BIG: its words are too long; -errno. */
int shepherd_start(struct shepherd *shepherd, const struct shepherd_command *command);
/* Asks for the end of the command that runs, if one does.  0 or -errno. */
int shepherd_kill(struct shepherd *shepherd);
/* Asks for the end of all that the command has left behind while it goes on itself: what it has
 * forked and what is no child of it any more.  SHEPHERD_TIDIED follows, if it has ended meanwhile
 * behind SHEPHERD_ENDED.  0 or -errno. */
int shepherd_tidy(struct shepherd *shepherd);
/* To be polled for reading: it has something to say. */
int shepherd_fd(const struct shepherd *shepherd);
/* 0 with *word; -EAGAIN: nothing yet; -EPIPE: it is gone; -errno. */
int shepherd_listen(struct shepherd *shepherd, struct shepherd_word *word);

#endif
