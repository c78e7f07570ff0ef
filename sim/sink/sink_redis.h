/* SPDX-License-Identifier: ISC
 *
 * A sink beside which Redis keeps what a strategy remembers (recovery.checkpoint_store), a lock on
 * each task (recovery.lock), or both.  Rows and effects go to the sink below.
 *
 * What Redis keeps is in no transaction with them.  A mark is written behind the commit that it is
 * about, and may be missing: whoever goes on by it does again what is there already, so rows must
 * have keys.  A lock ends with its TTL, whatever its holder thinks: it keeps two from doing the
 * same work for nothing, and that is all; what a former holder writes is for the fence to refuse.
 */
#ifndef SIM_SINK_SINK_REDIS_H
#define SIM_SINK_SINK_REDIS_H

#include "sim/sink/sink_open.h"

/* Puts itself around *sink, which it closes with itself, or when it fails.  0 or -ENOMEM. */
int sink_redis_wrap(struct sink **sink, const struct sink_wish *wish);

#endif
