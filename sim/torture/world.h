/* SPDX-License-Identifier: ISC
 *
 * What a job sees of the file system: the host as it is, and over it layers that are the job's own.
 * As root the layers are overlays over whole mounts, "/" first; else they are the work folders,
 * /tmp and /dev/shm, each by itself, and the rest cannot be written.
 *
 * A slot is a folder with what one world has in its layers.  A process enters a slot for good;
 * commands are run from it, each in a PID namespace of its own.
 */
#ifndef SIM_TORTURE_WORLD_H
#define SIM_TORTURE_WORLD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim/torture/versions.h"

#define WORLD_WORKS 16
#define WORLD_HELD 64

enum layer_kind { LAYER_OVERLAY, LAYER_BIND, LAYER_FRESH };

struct layer {
	enum layer_kind kind;
	char at[PATH_MAX];
};

struct world {
	bool is_root;    /* may mount without a user namespace */
	bool is_overlay; /* the whole file system is the job's own */
	bool has_works;  /* and the work folders are layers by themselves, all of them in memory */
	struct layer layer[VERSION_LAYERS];
	unsigned layers;
	char held[WORLD_HELD][PATH_MAX]; /* mounts that stay the host's */
	unsigned helds;
	char work[WORLD_WORKS][PATH_MAX]; /* what is compared */
	unsigned works;
	char cwd[PATH_MAX];
};

/* Puts this process and all that come of it into namespaces in which it may mount, and whose mounts
 * go with them.  NULL, or what the host refuses, with errno. */
const char *world_separate(struct world *world);
/* Decides on the layers, for these work folders or the current one; `overlay` says whether whole
 * mounts can be had.  0, or -errno after saying what is wrong. */
int world_plan(struct world *world, const char *const *work, unsigned works, bool overlay);
/* The layer that a path of the world is in, and the path below it; -1: it is the host's. */
int world_layer_of(const struct world *world, const char *path, const char **below);
/* The path as it is shown: from the work folder, if it is in the one that the job runs in. */
const char *world_shown(const struct world *world, const char *path);

/* Opens the host's own folder that is a layer's first content; -1: it begins empty. */
int world_source(const struct world *world, unsigned layer);

/* Makes the folder of a slot, with empty layers; opens them.  0, or -errno. */
int slot_make(const struct world *world, const char *slot, int fd[VERSION_LAYERS]);
/* In an empty slot, the folders on which layers are mounted that lie in another. */
void slot_make_places(const struct world *world, const int fd[VERSION_LAYERS]);
void slot_close(const struct world *world, int fd[VERSION_LAYERS]);
/* Who enters it finds a FIFO in the place of /dev/urandom and /dev/random: spawn.h fills it.  0 or
 * -errno. */
int slot_fix_chance(const char *slot);
/* Removes it with all that is in it. */
void slot_remove(const char *slot);

/* This process sees the slot's world from now on, and nothing else.  NULL, or what failed, with
 * errno. */
const char *world_enter(const struct world *world, const char *slot);

/* In a world: a network of its own, in which it has lo alone.  NULL, or what failed, with errno. */
const char *world_leave_network(void);
/* In a world: chance is the host's again. */
void world_free_chance(void);

#endif
