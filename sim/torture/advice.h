/* SPDX-License-Identifier: ISC
 *
 * What usually helps against a window of some kind.
 */
#ifndef SIM_TORTURE_ADVICE_H
#define SIM_TORTURE_ADVICE_H

#include "sim/torture/explore.h"

/* A sentence, or NULL when nothing is recognized. */
const char *advice_for(const struct session *session, const struct window *window);

#endif
