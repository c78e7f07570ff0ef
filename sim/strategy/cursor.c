/* SPDX-License-Identifier: ISC
 *
 * One mark for each task, moved by compare-and-set.
 */
#include <errno.h>

#include "sim/strategy/cursor.h"

#define CURSOR 0 /* the mark's item: a = next record, b = its offset */

int
cursor_recover(struct attempt *attempt)
{
	struct sink_mark cursor;
	int found = sink_mark_find(attempt->sink, attempt->task->task, CURSOR, &cursor);

	attempt->stored = found == 1;
	if (found == 1) {
		attempt->next = cursor.a;
		attempt->next_offset = cursor.b;
	}
	return found < 0 ? found : 0;
}

static int
move(struct attempt *attempt, const struct batch *batch)
{
	const struct sink_mark next = {.a = batch->next, .b = batch->next_offset};
	uint32_t task = attempt->task->task;
	int moved;

	if (!attempt->stored) {
		moved = sink_mark_add(attempt->sink, task, CURSOR, &next);
		return moved == -EEXIST ? -ESTALE : moved;
	}
	moved = sink_mark_move(attempt->sink, task, CURSOR, attempt->next, &next);
	if (moved == 0)
		return -ESTALE;
	return moved < 0 ? moved : 0;
}

int
cursor_end(struct attempt *attempt, const struct batch *batch, int error)
{
	if (error == 0)
		error = move(attempt, batch);
	error = strategy_end(attempt, error);
	if (error != 0)
		return error;
	attempt->stored = true;
	strategy_advance(attempt, batch);
	return 0;
}

int
cursor_find(const struct strategy_task *task, uint64_t *next)
{
	struct sink_mark cursor;
	int found = sink_mark_find(task->sink, task->task->task, CURSOR, &cursor);

	*next = found == 1 ? cursor.a : task->task->first;
	return found < 0 ? found : 0;
}
