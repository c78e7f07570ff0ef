/* SPDX-License-Identifier: ISC
 *
 * Which strategies of recovery there are (strategies.def).  What one does is strategy.h's business.
 */
#ifndef SIM_STRATEGY_STRATEGIES_H
#define SIM_STRATEGY_STRATEGIES_H

enum strategy_id {
#define STRATEGY(id, symbol, name, flags, meaning) STRATEGY_ID_##id,
#include "sim/strategy/strategies.def"
#undef STRATEGY
	STRATEGY_IDS
};

enum strategy_flags {
	STRATEGY_NAIVE = 1,   /* has the mistakes it is there to show */
	STRATEGY_OWN_KEY = 4, /* does not use etl_key() */
	STRATEGY_SCATTERED =
	    8, /* a batch is not neighbours alone: it needs a row for each record */
	STRATEGY_EVENT_TIME = 16,   /* goes by windows of event time: job.event_time, job.source */
	STRATEGY_SPLITS_AGAIN = 32, /* whoever goes on splits what the input holds by then */
	STRATEGY_REPORTED = 2 /* a task is done when its worker says so: nothing durable tells */
};

/* "naive-checkpoint" */
const char *strategy_name(enum strategy_id id);
unsigned strategy_flags(enum strategy_id id);
const char *strategy_meaning(enum strategy_id id);

#endif
