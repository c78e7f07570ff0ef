/* SPDX-License-Identifier: ISC
 *
 * What is on disk when the power fails.  A run that was recorded with what it synced is taken apart
 * into steps: changes of names in one folder, and changes of one file.  A crash says which of them
 * are on disk; the model says which of them must be, and what goes together.
 *
 * posix: nothing is on disk before it is synced: a file's bytes by fsync of the file, its name by
 * fsync of the folder.  What is not synced is there or not, in any order, bytes by pages; what one
 * call does to names of one folder is there whole or not at all.
 *
 * ext4, with data=ordered and delayed allocation: names, modes and cut lengths are there up to one
 * moment, in order (the journal); what commits it commits everything before.  Bytes are written
 * when the kernel likes, and make a file longer only then.  A rename over a file, and letting go of
 * one that was cut to nothing, write the bytes first (auto_da_alloc).
 */
#ifndef SIM_TORTURE_POWER_H
#define SIM_TORTURE_POWER_H

#include "sim/torture/op.h"
#include "sim/torture/torture.h"
#include "sim/torture/view.h"

/* What becomes of a layer: it is modelled; taken to be on disk whole; or was in memory. */
enum power_fate { FATE_MODEL, FATE_KEPT, FATE_LOST };

struct step {
	uint32_t op, version;
	const struct node *node;  /* the folder, or the file */
	const struct node *named; /* what got a name in the folder; or NULL */
	bool is_name;
	bool is_set; /* a file's length was set, or its mode: ext4 has that in its journal */
};

enum crash_odd {
	CRASH_PLAIN,
	CRASH_WITHOUT, /* the names that odd_version changed in the folder odd_node are not */
	CRASH_ONLY,    /* they are */
	CRASH_FILE,    /* odd_node's bytes are those of odd_version */
	CRASH_PAGES    /* those of some of its pages are */
};

/* What is on disk: what has to be, and names and bytes up to these versions, but one thing. */
struct crash {
	uint32_t cut; /* the operation that the power failed before; ops: after the last */
	uint32_t names, data;
	enum crash_odd odd;
	uint32_t odd_version;
	const struct node *odd_node;
	uint32_t odd_page, odd_pages; /* the first, and how many */
};

/* Until when something is synced, by whom; the newest first. */
struct synced {
	struct synced *before;
	uint32_t op, version;
};

/* ext4: with the names up to a version, the bytes up to another are there. */
struct flushed {
	struct flushed *before;
	uint32_t names, data;
};

/* A file's length changed. */
struct resize {
	uint32_t version;
	int64_t size;
	int64_t within; /* so far it grew within a page that was on disk; 0: it did not */
	bool is_set;    /* by a call that does nothing else */
};

struct power_file {
	struct synced *synced;
	struct flushed *flushed;
	struct resize *resize;
	uint32_t resizes;
};

struct power {
	const struct record *record;
	enum power_model model;
	enum power_fate fate[VERSION_LAYERS];
	struct power_file *file; /* by the node's number */
	struct synced *committed;
	uint32_t *maker;   /* of each version: the operation that made it */
	struct step *step; /* by operation */
	uint32_t steps, step_room;
	bool is_full; /* there was no room for all of that */
};

/* Takes the record apart; NULL when there is no room. */
struct power *power_new(const struct record *record, enum power_model model,
                        const enum power_fate fate[VERSION_LAYERS]);

/* The version that all files have before an operation. */
uint32_t power_version(const struct power *power, uint32_t op);
/* Up to which version a file or folder, and ext4's journal, are synced when the power fails. */
uint32_t power_synced(const struct power *power, const struct node *node, uint32_t cut);
uint32_t power_committed(const struct power *power, uint32_t cut);
/* Must it be on disk? */
bool power_is_durable(const struct power *power, const struct step *step, uint32_t cut);

/* The view of a crash. */
struct power_view {
	struct view view;
	const struct power *power;
	struct crash crash;
	uint32_t cut_version, names; /* up to which they are there */
	struct power_seen *seen;     /* what is known of each node by now */
};

/* 0 or -ENOMEM. */
int power_view_init(struct power_view *view, const struct power *power, const struct crash *crash);
void power_view_fini(struct power_view *view);
/* Is what the step did there? */
bool power_view_has(struct power_view *view, const struct step *step);

/* The sum of the files after a crash; 0 or -ENOMEM. */
int power_sum(const struct power *power, const struct crash *crash, uint64_t *sum);
/* Replays everything, up to each operation: the first whose files are not those that were there
 * then is put into *op, and -EIO returned; 0: there is none; -ENOMEM. */
int power_replay(const struct power *power, uint32_t *op);

#endif
