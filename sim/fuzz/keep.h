/* SPDX-License-Identifier: ISC
 *
 * Failing seeds, kept as scenario files with everything that was drawn: a seed means something else
 * to the next version of the drawing, a file does not.
 */
#ifndef SIM_FUZZ_KEEP_H
#define SIM_FUZZ_KEEP_H

#include <limits.h>

#include "sim/fuzz/draw.h"

/* Writes what the seed stands for into a file of the state folder (XDG_STATE_HOME), over an older
 * one.  path: where.  0 or -errno. */
int keep_seed(uint64_t seed, const struct scenario *base, char path[PATH_MAX]);

#endif
