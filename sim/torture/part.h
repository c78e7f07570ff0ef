/* SPDX-License-Identifier: ISC
 *
 * What the parts of a torture have in common, for those that play them.
 */
#ifndef SIM_TORTURE_PART_H
#define SIM_TORTURE_PART_H

#include "sim/torture/chance.h"
#include "sim/torture/session.h"
#include "sim/torture/view.h"

/* Exit code of a part that is to be played once more, in another way. */
#define PART_ONCE_MORE 100

/* Says what is wrong; EXIT_INTERNAL. */
int part_broken(const char *what, int error);
/* Makes a slot with the files of a version, and that chance; fd[] are its layers.  EXIT_MET, or
 * EXIT_INTERNAL after saying what is wrong, as with all of these. */
int part_make(const struct session *session, unsigned lane, const struct versions *versions,
              uint32_t version, const struct tear *tear, enum chance chance,
              int fd[VERSION_LAYERS]);
/* The same with the files of a view. */
int part_make_view(const struct session *session, unsigned lane, const struct view *view,
                   enum chance chance, int fd[VERSION_LAYERS]);
/* Puts this process into the slot that was made so. */
int part_go(const struct session *session, unsigned lane, enum chance chance);
/* Both, with the files that the session has recorded. */
int part_enter(struct session *session, unsigned lane, uint32_t version, enum chance chance,
               int fd[VERSION_LAYERS]);
/* Opens what is below the layers, or -1 for those that have nothing there. */
void part_open_hosts(const struct world *world, int host[VERSION_LAYERS]);

/* Plays a candidate whose engine runs the command once more.  An exit code, or PART_ONCE_MORE. */
int rerun_play(struct session *session, const struct candidate *candidate, struct outcome *outcome,
               unsigned lane);

#endif
