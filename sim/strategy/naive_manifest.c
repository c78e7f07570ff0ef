/* SPDX-License-Identifier: ISC
 *
 * naive-manifest, and what is wrong with it:
 * - the list of what is done is one value, written anew as a whole behind every batch, however long
 *   it is by then;
 * - that is a transaction of its own, behind that of the effects: a batch that is not in the list
 * yet is done again;
 * - no seal, no hashes: what is to be done is whatever is there now; and no fence: of two who write
 *   the list, the last one wins, and forgets what the other had done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/strategy/strategy.h"

#define LIST (-1) /* the mark's item: a = how many are done, blob = their numbers */

/* The list as the attempt has read it, and goes on with it. */
struct list {
	uint64_t count;
	uint64_t number[]; /* room for all of the task */
};

static int
naive_recover(struct attempt *attempt)
{
	struct list *list =
	    calloc(1, sizeof(*list) + attempt->task->records * sizeof(list->number[0]));
	struct sink_mark mark;
	int found;

	if (list == NULL)
		return -ENOMEM;
	attempt->own = list;
	found = sink_mark_find(attempt->sink, attempt->task->task, LIST, &mark);
	if (found != 1)
		return found < 0 ? found : 0;
	if (mark.length > attempt->task->records * sizeof(list->number[0]))
		return -EBADMSG;
	memcpy(list->number, mark.blob, mark.length);
	list->count = mark.length / sizeof(list->number[0]);
	/* Records are done in order: those that are in the list come first. */
	return strategy_seek(attempt, attempt->task->first + list->count);
}

static int
save(struct attempt *attempt, const struct batch *batch)
{
	struct list *list = attempt->own;
	struct sink_mark mark = {.blob = list->number};
	int error;

	for (uint64_t record = attempt->next; record < batch->next; record++)
		list->number[list->count++] = record;
	mark.a = list->count;
	mark.length = list->count * sizeof(list->number[0]);
	error = sink_begin(attempt->sink, false);
	if (error != 0)
		return error;
	error = sink_mark_put(attempt->sink, attempt->task->task, LIST, &mark);
	return strategy_end(attempt, error);
}

static int
naive_commit(struct attempt *attempt, struct batch *batch)
{
	int error = strategy_write_alone(attempt, batch, strategy_append);

	if (error == 0)
		error = save(attempt, batch);
	if (error == 0)
		strategy_advance(attempt, batch);
	return error;
}

static int
naive_progress(const struct strategy_task *task, strategy_range *each, void *context)
{
	struct sink_mark mark;
	int found = sink_mark_find(task->sink, task->task->task, LIST, &mark);

	if (found < 0)
		return found;
	strategy_tell(task, found == 1 ? task->task->first + mark.a : task->task->first, each,
	              context);
	return 0;
}

const struct strategy strategy_naive_manifest = {
    .recover = naive_recover,
    .claim = strategy_claim_next,
    .commit = naive_commit,
    .progress = naive_progress,
};
