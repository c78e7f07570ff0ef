/* SPDX-License-Identifier: ISC
 *
 * Which states that a loss of power can leave are played.
 */
#ifndef SIM_TORTURE_POWER_CHOOSE_H
#define SIM_TORTURE_POWER_CHOOSE_H

#include "sim/torture/session.h"

/* Adds candidates.  The power fails before each call that syncs, for whatever can be lost earlier
 * can be lost there; where the command has just said something, if the check looks at that; and at
 * the end.  Of a loop as with kills.  At each of these: nothing is on disk that is not synced;
 * names only, bytes only; everything up to each change; all but it; it alone.  Leaves room for so
 * many candidates more.  0 or -ENOMEM. */
int power_choose(struct session *session, size_t more);

#endif
