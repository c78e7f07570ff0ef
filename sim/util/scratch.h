/* SPDX-License-Identifier: ISC
 *
 * A folder in TMPDIR (/tmp without it) for the runs of one command.  It goes when it is done with,
 * and also when the command is killed: a keeper, a process of its own that nothing else is to be
 * heard of, waits for its end and for that of all its children.
 */
#ifndef SIM_UTIL_SCRATCH_H
#define SIM_UTIL_SCRATCH_H

#include <stdbool.h>

#define SCRATCH_PATH_MAX 256

struct scratch {
	char path[SCRATCH_PATH_MAX]; /* "": there is none */
	int keeper_fd;               /* the keeper has the other end */
	bool stays;
};

/* Makes the folder graveshift-NAME.XXXXXX.  0, or -errno after saying what is wrong. */
int scratch_init(struct scratch *scratch, const char *name);
/* There is something in it that somebody has been told of: it stays, whatever happens from here on.
 */
void scratch_keep(struct scratch *scratch);
/* Removes the folder with all that is in it, unless it is to stay. */
void scratch_fini(struct scratch *scratch);

#endif
