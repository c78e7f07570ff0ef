/* SPDX-License-Identifier: ISC
 *
 * The one place that knows all sinks.
 */
#include "sim/sink/sink_open.h"
#include "sim/sink/sink_postgres.h"
#include "sim/sink/sink_redis.h"
#include "sim/sink/sink_store.h"

static int
open_tables(struct sink **sink, const struct sink_wish *wish)
{
	switch (wish->scenario->job.store) {
	case JOB_STORE_POSTGRES:
		return sink_postgres_open(sink, wish);
	case JOB_STORE_SQLITE:
		break;
	}
	return sink_store_open(sink, wish->store, wish->generation, wish->begin, wish->context);
}

int
sink_open(struct sink **sink, const struct sink_wish *wish)
{
	const struct scenario *scenario = wish->scenario;
	int error = open_tables(sink, wish);

	if (error != 0 ||
	    (scenario->checkpoint_store == CHECKPOINT_SINK && scenario->lock == LOCK_NONE))
		return error;
	return sink_redis_wrap(sink, wish);
}
