/* SPDX-License-Identifier: ISC
 *
 * What of the scenario's expectations can be told at a moment.  What needs the ledger, or the
 * records that were worked on in vain, which the log does not have, is left to the verdict.
 */
#ifndef TUI_VIEW_EXPECTATION_H
#define TUI_VIEW_EXPECTATION_H

#include <stddef.h>

#include "sim/history/moment.h"

enum expectation_state {
	EXPECTATION_OPEN,
	EXPECTATION_OK,
	EXPECTATION_FAILED,
	EXPECTATION_UNKNOWN, /* the run is over, and its report has the answer */
	EXPECTATION_STATES
};

/* How it stands; text[size] = the measured value, in words. */
enum expectation_state expectation_judge(const struct moment *moment,
                                         const struct expectation *expect, char *text, size_t size);

#endif
