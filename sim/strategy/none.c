/* SPDX-License-Identifier: ISC
 *
 * none: rows are appended as they come, and nobody remembers which.  Whoever has to do it again
 * does all of it again.  Naive: no fence either.
 */
#include "sim/strategy/strategy.h"

static int
none_commit(struct attempt *attempt, struct batch *batch)
{
	int error = strategy_write_alone(attempt, batch, strategy_append);

	if (error == 0)
		strategy_advance(attempt, batch);
	return error;
}

const struct strategy strategy_none = {
    .claim = strategy_claim_next,
    .commit = none_commit,
};
