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

/* The mark: a = the time, of no task in particular. */
#define ALL UINT32_MAX
#define WATERMARK (-1)

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

static int
write_rows(struct attempt *attempt, struct batch *batch)
{
	int error = sink_begin(attempt->sink, false);

	if (error != 0)
		return error;
	error = strategy_append(attempt, batch);
	return strategy_end(attempt, error);
}

static int
set_watermark(struct attempt *attempt, const struct batch *batch)
{
	struct sink_mark newest = {0};
	int error;

	for (size_t i = 0; i < batch->rows; i++)
		if ((uint64_t)batch->row[i].time_ns > newest.a)
			newest.a = (uint64_t)batch->row[i].time_ns;
	error = sink_begin(attempt->sink, false);
	if (error != 0)
		return error;
	error = sink_mark_put(attempt->sink, ALL, WATERMARK, &newest);
	return strategy_end(attempt, error);
}

static int
naive_commit(struct attempt *attempt, struct batch *batch)
{
	struct sink_mark watermark = {0};
	int error = sink_mark_find(attempt->sink, ALL, WATERMARK, &watermark);

	if (error < 0)
		return error;
	leave_out(batch, watermark.a);
	error = write_rows(attempt, batch);
	if (error == 0 && batch->rows > 0)
		error = set_watermark(attempt, batch);
	if (error == 0)
		strategy_advance(attempt, batch);
	return error;
}

const struct strategy strategy_naive_watermark = {
    .claim = strategy_claim_next,
    .commit = naive_commit,
};
