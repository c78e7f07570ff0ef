/* SPDX-License-Identifier: ISC
 *
 * How many workers of our own there shall be, while the job runs.
 */
#ifndef CORE_SCALE_H
#define CORE_SCALE_H

#include "state.h"

void scale_to(struct core *core, const struct core_step *event);    /* EV SCALE */
void scale_drain(struct core *core, const struct core_step *event); /* EV SLOT_DRAIN */

#endif
