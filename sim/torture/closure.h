/* SPDX-License-Identifier: ISC
 *
 * Recoveries that are killed, too: they are traced like the command, and each state of theirs that
 * is not known yet is played in turn.  When no new one appears, the command is safe under any
 * number of kills, as far as the states were played.
 */
#ifndef SIM_TORTURE_CLOSURE_H
#define SIM_TORTURE_CLOSURE_H

#include <stdatomic.h>

#include "sim/torture/session.h"

#define CLOSURE_USUAL 512 /* without --all: where chance is in files, there is always a new one */
#define CLOSURE_MAX 16384 /* states that are kept to be played */
#define CLOSURE_SUMS (1 << 22) /* that are known; more are taken for known */

/* A state that a recovery had. */
struct closure_state {
	uint64_t sum;
	uint32_t kills;  /* that led to it */
	char point[256]; /* of the recovery, before which it was */
	char class[256];
	struct outcome outcome;
};

/* Shared by all parts. */
struct closure {
	_Atomic uint64_t sum[CLOSURE_SUMS];
	_Atomic uint32_t sums;
	_Atomic uint32_t points;  /* of recoveries */
	_Atomic uint32_t skipped; /* new states that were not kept */
	_Atomic uint32_t states;  /* that were new */
	uint32_t played, max;
	struct closure_state state[CLOSURE_MAX];
};

/* What a part needs to trace its recovery. */
struct closure_part {
	struct record *record; /* its own, of the slot's files */
	int folder;            /* of the session's slots */
	uint32_t kills;        /* so far */
};

/* Knows all states of the recorded run.  0 or -ENOMEM. */
int closure_init(struct session *session);
/* How many of the states are kept. */
uint32_t closure_kept(const struct closure *closure);
/* For a part's record; NULL and errno. */
struct arena *closure_arena(void);
/* In the part's process, before it enters its slot, whose layers are fd[]: the record of what is
 * there.  An exit code. */
int closure_prepare(struct session *session, struct closure_part *part,
                    const int fd[VERSION_LAYERS], struct arena *arena);
/* In the world: runs the recovery, traced.  False: it could not be run. */
bool closure_recover(struct session *session, struct closure_part *part, const struct job *job,
                     struct running *running);
/* Keeps its new states to be played, if it came out right: of one that did not, nothing is left to
 * be known. */
void closure_keep(struct session *session, const struct closure_part *part,
                  const struct outcome *outcome);
/* Plays a state that was kept.  An exit code. */
int closure_play(struct session *session, uint32_t index, unsigned lane);

#endif
