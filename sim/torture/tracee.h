/* SPDX-License-Identifier: ISC
 *
 * One thread of a traced job: what it calls, with which arguments, and which files that means.
 */
#ifndef SIM_TORTURE_TRACEE_H
#define SIM_TORTURE_TRACEE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "sim/torture/chance.h"
#include "sim/torture/filter.h"
#include "sim/torture/world.h"

#define COMM_SIZE 16

enum tracee_state {
	TRACEE_RUNS,
	TRACEE_HELD,    /* stands before a call, until the one in flight is over */
	TRACEE_IN_CALL, /* is in the call that is in flight */
	TRACEE_DRAWS,   /* is in a call for random bytes */
	TRACEE_OVERTIME /* is in a call that has taken so long that others go on */
};

/* A file that a call is about. */
struct target {
	char path[PATH_MAX]; /* as the world has it; "" none */
	int layer;           /* -1: none of the world's own */
	const char *below;   /* its path in the layer */
};

struct tracee {
	LIST_ENTRY(tracee) link;
	TAILQ_ENTRY(tracee) held;
	int tid;
	enum tracee_state state;
	char comm[COMM_SIZE]; /* "": not read yet */
	const struct call *call;
	uint64_t argument[6];
	struct target target[2]; /* of paths; of a descriptor the first */
	struct op *op;
	uint32_t drawn; /* so often, random bytes */
	int pidfd;      /* of its process, when it was needed; else 0 */
};

/* At a stop before a call: which, and its arguments.  0 or -errno. */
int tracee_read_call(struct tracee *tracee);
/* At the stop behind it.  0 or -errno. */
int tracee_read_result(const struct tracee *tracee, int64_t *result);
/* Which files the call is about.  Returns true when one of them is in a layer. */
bool tracee_read_targets(struct tracee *tracee, const struct world *world);
/* Is the call a connect by the network? */
bool tracee_reaches_out(const struct tracee *tracee);
/* At the stop behind a call for random bytes: replaces those by chance's. */
void tracee_draw(struct tracee *tracee, enum chance chance);
/* Behind an exec: the same with the bytes that a program finds when it begins. */
void tracee_draw_first(struct tracee *tracee, enum chance chance);
/* Its program's name. */
const char *tracee_comm(struct tracee *tracee);
/* Where in the file the call has written, knowing how much.  False: anywhere. */
bool tracee_written(struct tracee *tracee, int64_t result, int64_t *from);
/* Was what the call has written on disk when it returned? */
bool tracee_is_synced(struct tracee *tracee);
/* It has ended. */
void tracee_free(struct tracee *tracee);
/* Does it run, or wait for a processor only? */
bool tracee_is_running(const struct tracee *tracee);

#endif
