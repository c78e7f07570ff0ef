/* SPDX-License-Identifier: ISC
 *
 * When files that were cut to nothing are let go: ext4 then writes what is in them.  Closing is no
 * call that is stopped at, for most of it is done by exec, exit and dup2.
 */
#ifndef SIM_TORTURE_RELEASE_H
#define SIM_TORTURE_RELEASE_H

#include "sim/torture/op.h"

/* The file was cut, if it is empty now and was there before; NULL: it is none. */
void release_begin(struct record *record, const struct node *node);
/* Notes which of them are open for writing no more. */
void release_look(struct record *record);

#endif
