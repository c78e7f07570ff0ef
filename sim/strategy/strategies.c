/* SPDX-License-Identifier: ISC
 *
 * Names of the strategies, from their one list.
 */
#include "sim/strategy/strategies.h"
#include "sim/strategy/strategy.h"

static const struct {
	const char *name, *meaning;
	unsigned flags;
	const struct strategy *strategy;
} strategies[] = {
#define STRATEGY(id, symbol, name, flags, meaning) {name, meaning, flags, &strategy_##symbol},
#include "sim/strategy/strategies.def"
#undef STRATEGY
};

const char *
strategy_name(enum strategy_id id)
{
	return strategies[id].name;
}

unsigned
strategy_flags(enum strategy_id id)
{
	return strategies[id].flags;
}

const char *
strategy_meaning(enum strategy_id id)
{
	return strategies[id].meaning;
}

const struct strategy *
strategy_find(enum strategy_id id)
{
	return strategies[id].strategy;
}
