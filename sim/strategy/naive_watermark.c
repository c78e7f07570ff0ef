/* SPDX-License-Identifier: ISC
 *
 * naive-watermark, and what is wrong with it:
 * - one mark for all sources and workers, up to which everything is taken for done: what is older
 *   and has not come yet is left out without a word, be it late or another worker's;
 * - it moves behind the rows, in a transaction of its own: a batch whose mark did not move is done
 *   again;
 * - it is set whatever it was, without a fence: over a gap to what is newer, and back by whoever
 *   comes with something older, as one does who processes again.
 */
#include "sim/strategy/strategy.h"

#define WATERMARK (-1) /* the mark's item: a = the time */

static uint64_t
newest_of(const struct batch *batch)
{
	uint64_t newest_ns = 0;

	for (size_t i = 0; i < batch->rows; i++)
		if ((uint64_t)batch->row[i].time_ns > newest_ns)
			newest_ns = (uint64_t)batch->row[i].time_ns;
	return newest_ns;
}

/* Only what is not older than the watermark is new. */
static void
leave_out(struct batch *batch, uint64_t watermark_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < batch->rows; i++)
		if ((uint64_t)batch->row[i].time_ns >= watermark_ns)
			batch->row[kept++] = batch->row[i];
	batch->rows = kept;
}

/* To where the batch ends, wherever the watermark is by now. */
static int
set_watermark(struct attempt *attempt, uint64_t newest_ns)
{
	const struct sink_mark newest = {.a = newest_ns};
	int error = sink_begin(attempt->sink, false);

	if (error != 0)
		return error;
	error = sink_mark_put(attempt->sink, SINK_NO_TASK, WATERMARK, &newest);
	return strategy_end(attempt, error);
}

static int
naive_commit(struct attempt *attempt, struct batch *batch)
{
	struct sink_mark watermark = {0};
	uint64_t newest_ns = newest_of(batch);
	int error = sink_mark_find(attempt->sink, SINK_NO_TASK, WATERMARK, &watermark);

	if (error < 0)
		return error;
	leave_out(batch, watermark.a);
	error = strategy_write_alone(attempt, batch, strategy_append);
	if (error == 0 && newest_ns > 0)
		error = set_watermark(attempt, newest_ns);
	if (error == 0)
		strategy_advance(attempt, batch);
	return error;
}

const struct strategy strategy_naive_watermark = {
    .claim = strategy_claim_next,
    .commit = naive_commit,
};
