/* SPDX-License-Identifier: ISC
 *
 * What of the scenario's expectations can be told at a moment.  The verdict is the verdict's: what
 * needs the ledger or the work done in vain stays open here.
 */
#ifndef SIM_VIEW_EXPECTATION_H
#define SIM_VIEW_EXPECTATION_H

#include <stddef.h>

#include "sim/history/moment.h"

enum expectation_state { EXPECTATION_OPEN, EXPECTATION_OK, EXPECTATION_FAILED };

/* How it stands; text[size] = the measured value, in words. */
enum expectation_state expectation_judge(const struct moment *moment,
                                         const struct expectation *expect, char *text, size_t size);

#endif
