/* SPDX-License-Identifier: ISC
 *
 * stateful: the worker has the addresses itself, from the topic of updates.  A snapshot of them and
 * the offset it goes up to are one mark, written in the transaction of the mails' cursor; whoever
 * takes over loads it and reads the tail behind it.  What is taken in late (job.users.lag) is not
 * known yet when a mail is sent: then it goes to the old mailbox.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/flow/flow_mail.h"
#include "sim/util/clock.h"

struct stateful {
	struct flow_users users;
	struct flow_addresses address;
	uint64_t snapshot_at; /* taken again when so many updates are in it */
	bool stored;          /* there is a snapshot, */
	uint64_t stored_to;   /* up to this offset */
};

static int64_t
known_until(const struct flow_attempt *attempt)
{
	return clock_now_ns() - attempt->job->scenario->job.users_lag_ns;
}

/* The snapshot and the tail behind it, with what that took. */
static int
rebuild(struct flow_attempt *attempt, struct stateful *own)
{
	int64_t began_ns = clock_now_ns();
	struct sink_mark mark;
	int found =
	    sink_mark_find(attempt->work->sink, attempt->task->task, FLOW_MARK_SNAPSHOT, &mark);
	int error = found < 0 ? found : 0;

	if (found == 1) {
		own->stored = true;
		own->stored_to = mark.a;
		error = flow_users_load(&own->users, mark.a, mark.blob, mark.length);
	}
	if (error == 0)
		error = flow_users_take(&own->users, known_until(attempt));
	if (attempt->stored) {
		attempt->stats.counter[FLOW_REBUILDS]++;
		attempt->stats.counter[FLOW_REBUILD_US] +=
		    (uint64_t)(clock_now_ns() - began_ns) / 1000;
		attempt->stats.counter[FLOW_REBUILT] += own->users.updates;
	}
	return error;
}

static int
stateful_begin(struct flow_attempt *attempt)
{
	struct stateful *own = calloc(1, sizeof(*own));
	int error;

	if (own == NULL)
		return -ENOMEM;
	attempt->own = own;
	flow_users_open(&own->users, attempt->task->range, attempt->work->folder);
	error = rebuild(attempt, own);
	own->snapshot_at = own->users.updates + attempt->job->scenario->job.snapshot_every;
	return error;
}

/* A user's first address may be there, and not be taken in yet: nothing is sent without one.  NULL
 * with 0: there is none; else -errno. */
static const struct flow_entry *
await_user(struct flow_attempt *attempt, const struct topic_event *mail, int *error)
{
	struct stateful *own = attempt->own;
	const struct flow_entry *entry;

	*error = 0;
	while ((entry = flow_table_find(&own->users.table, mail->key, mail->key_length)) == NULL &&
	       own->users.pending && *error == 0)
		*error = attempt->work->wait(attempt->work)
		             ? flow_users_take(&own->users, known_until(attempt))
		             : -EINTR;
	return entry;
}

/* What was appended before the mails is there by now. */
static int
stateful_ready(struct flow_attempt *attempt)
{
	struct stateful *own = attempt->own;
	int error = flow_users_take(&own->users, attempt->ended ? INT64_MAX : known_until(attempt));

	for (size_t i = 0; error == 0 && i < attempt->items; i++) {
		const struct flow_entry *entry =
		    await_user(attempt, &attempt->item[i].event, &error);

		own->address.length[i] = entry == NULL ? 0 : entry->length;
		if (entry != NULL)
			memcpy(own->address.text[i], entry->text, entry->length);
	}
	return error;
}

static int
stateful_apply(struct flow_attempt *attempt, const struct flow_item *item)
{
	const struct stateful *own = attempt->own;
	size_t i = (size_t)(item - attempt->item);

	return flow_mail_send(attempt, item, own->address.text[i], own->address.length[i]);
}

static int
store_snapshot(struct flow_attempt *attempt, struct stateful *own)
{
	struct sink *sink = attempt->work->sink;
	uint32_t task = attempt->task->task;
	struct sink_mark mark = {.a = flow_users_offset(&own->users), .b = own->users.table.count};
	char *bytes = NULL;
	int error = flow_users_save(&own->users, &bytes, &mark.length), moved;

	if (error != 0)
		return error;
	mark.blob = bytes;
	if (!own->stored) {
		error = sink_mark_add(sink, task, FLOW_MARK_SNAPSHOT, &mark);
	} else {
		moved = sink_mark_move(sink, task, FLOW_MARK_SNAPSHOT, own->stored_to, &mark);
		error = moved == 0 ? -ESTALE : (moved < 0 ? moved : 0);
	}
	free(bytes);
	own->stored = true;
	own->stored_to = mark.a;
	own->snapshot_at = own->users.updates + attempt->job->scenario->job.snapshot_every;
	return error;
}

static int
stateful_end(struct flow_attempt *attempt)
{
	struct stateful *own = attempt->own;

	if (!attempt->ended && own->users.updates < own->snapshot_at)
		return 0;
	return store_snapshot(attempt, own);
}

static void
stateful_finish(struct flow_attempt *attempt)
{
	struct stateful *own = attempt->own;

	if (own != NULL)
		flow_users_close(&own->users);
}

const struct flow_pattern flow_stateful = {
    .has_users = true,
    .begin = stateful_begin,
    .ready = stateful_ready,
    .apply = stateful_apply,
    .end = stateful_end,
    .finish = stateful_finish,
};
