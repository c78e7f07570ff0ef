/* SPDX-License-Identifier: ISC
 *
 * The operations of a recorded run: each call that changes files, in the order in which they were
 * done.  The moment before an operation is a crash point.
 */
#ifndef SIM_TORTURE_OP_H
#define SIM_TORTURE_OP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/torture/filter.h"
#include "sim/torture/labels.h"
#include "sim/torture/versions.h"

#define OPS_MAX (1u << 20)
#define OP_NAME_SIZE 1024

struct op {
	uint32_t call;       /* in calls[] */
	uint32_t name;       /* in names: comm/call:path[>path] */
	uint32_t occurrence; /* of that name, from 1 */
	uint32_t class;   /* in classes: the name without what differs from one time to the next */
	uint32_t turn;    /* of that class, from 1 */
	uint32_t pair;    /* in pairs: the class before and this one */
	uint32_t nth;     /* of that pair, from 1 */
	uint32_t version; /* of the files before it; what it changed is the next one */
	int tid;
	bool is_kept;            /* there was room for that version */
	bool is_synced;          /* what it wrote was on disk when it returned */
	uint64_t sum;            /* of the files before it */
	int64_t output;          /* bytes of standard output before it */
	int64_t result;          /* what the call returned */
	const struct node *node; /* whose bytes it wrote, with where and how many, or whose it
	                            synced; NULL: none */
	int64_t from, length;
	uint64_t argument[6];
};

/* A file that was there and was cut to nothing. */
struct release {
	struct release *before;
	const struct node *node;
	uint32_t version; /* at which nobody had it open for writing any more; 0: not yet */
};

/* What is known of a run that was traced. */
struct record {
	struct op *op;
	uint32_t ops;
	uint32_t lost; /* operations for which there was no room */
	struct labels *names, *classes, *pairs, *outside;
	struct versions *versions; /* NULL: the files were not recorded */
	struct release *release;   /* the last of them; only if what syncs is recorded, too */
	uint32_t base;             /* the version before the first operation */
	uint32_t end;              /* the version when all was over */
	uint64_t end_sum;
	int64_t end_output;
	int output_fd; /* what the command has printed */
	int status;    /* of the command, as waitpid has it */
	int64_t took_ns;
	bool is_late;     /* it took too long and was ended */
	bool is_killed;   /* at the point where it was to be */
	bool was_foreign; /* a program for another machine was ended */
	bool lingered;   /* processes were still there when it had ended long ago, and were ended */
	bool was_pinned; /* to the end */
	uint32_t overlapped;   /* operations that began before the one before had ended */
	uint32_t bound;        /* sockets that it gave a name */
	uint32_t reached_out;  /* calls that reach another machine, or this one by its network */
	uint32_t hidden;       /* calls that reach what no state has */
	uint64_t mapped_large; /* files too large to be read at each call that were mapped */
	uint64_t strays;       /* changes that no operation had made */
	char stray[256];       /* the first of them */
};

/* NULL when there is no room. */
struct record *record_new(struct arena *arena, unsigned layers);

/* comm/call:path[>path], and its class. */
void op_name(char name[OP_NAME_SIZE], const char *comm, const char *call, const char *first,
             const char *second);
void op_class(char class[OP_NAME_SIZE], const char *name);

/* Enters an operation under its name; NULL when there is no room. */
struct op *record_add(struct record *record, const char *name);

/* It failed, and so has changed nothing: as if it had not been tried, unless others came after it.
 */
void record_drop(struct record *record, struct op *op);

/* name@occurrence; returns text. */
const char *op_text(const struct record *record, const struct op *op, char *text, size_t size);

#endif
