/* SPDX-License-Identifier: ISC
 *
 * What the parts of a torture have in common, for those that play them.
 */
#ifndef SIM_TORTURE_PART_H
#define SIM_TORTURE_PART_H

#include "sim/torture/session.h"

/* Exit code of a part that is to be played once more, in another way. */
#define PART_ONCE_MORE 100

/* Says what is wrong; EXIT_INTERNAL. */
int part_broken(const char *what, int error);
/* Makes a slot with the files of a version, and puts this process into it; fd[] are its layers.
 * EXIT_MET, or EXIT_INTERNAL after saying what is wrong. */
int part_enter(struct session *session, unsigned lane, uint32_t version, const struct tear *tear,
               int fd[VERSION_LAYERS]);

/* Plays a candidate whose engine runs the command once more.  An exit code, or PART_ONCE_MORE. */
int rerun_play(struct session *session, const struct candidate *candidate, struct outcome *outcome,
               unsigned lane);

#endif
