/* SPDX-License-Identifier: ISC
 *
 * Watching the workers: whose progress stands still, who has fallen silent, whose death is awaited.
 */
#ifndef CORE_WATCH_H
#define CORE_WATCH_H

#include "state.h"

/* The slot must be looked at no later than due. */
void watch_soon(struct core *core, uint16_t slot, int64_t due_ns);
/* The slot gets its first lease: from here on it must show progress. */
void watch_begin(struct core *core, struct slot *slot);
/* The slot made progress. */
void watch_moved(struct core *core, struct slot *slot);
/* The slot was seen to be beyond its first lease, which must have been lost on the way. */
void watch_passed(struct core *core, struct slot *slot);
/* EV BEAT of the probe. */
void watch_probe_beat(struct core *core, const struct core_step *event);
/* Place of the lease the worker is believed to be in, or -1 if it holds none. */
int watch_started(const struct slot *slot);
/* Looks at the slots whose time has come and acts on what is due. */
void watch_tick(struct core *core);
/* When the slot must be looked at; CORE_NEVER if it need not be. */
int64_t watch_slot_due(const struct core *core, uint16_t slot);

#endif
