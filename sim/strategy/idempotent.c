/* SPDX-License-Identifier: ISC
 *
 * idempotent: nothing is kept about progress.  What was not reported is done again, and because
 * each record's key is the same every time, what is there already stays as it is: no second row, no
 * second effect.  A key that comes back with another payload is not the same record: it is entered
 * as a conflict, and nothing is overwritten.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/strategy/strategy.h"

static int
by_key(const void *left, const void *right)
{
	const struct sink_row *a = left, *b = right;

	return memcmp(a->key, b->key, SINK_KEY_BYTES);
}

static int
idempotent_claim(struct attempt *attempt, struct batch *batch)
{
	int claimed = strategy_claim_next(attempt, batch);

	/* A batch is the same every time: the key of a chunk's row is that of its first record. */
	batch->whole = true;
	return claimed;
}

static int
idempotent_commit(struct attempt *attempt, struct batch *batch)
{
	int error;

	/* Neighbours in the tree are written together; outside of the transaction, as others wait.
	 */
	qsort(batch->row, batch->rows, sizeof(*batch->row), by_key);
	error = sink_begin(attempt->sink, true);
	if (error != 0)
		return error;
	error = strategy_insert(attempt, batch);
	error = strategy_end(attempt, error);
	if (error == 0)
		strategy_advance(attempt, batch);
	return error;
}

const struct strategy strategy_idempotent = {
    .claim = idempotent_claim,
    .commit = idempotent_commit,
};
