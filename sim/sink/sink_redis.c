/* SPDX-License-Identifier: ISC
 *
 * The sink with Redis beside it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fault/point.h"
#include "sim/sink/redis.h"
#include "sim/sink/sink_ops.h"
#include "sim/sink/sink_redis.h"
#include "sim/store/store_sink.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define KEY_SIZE 96
#define MARK_SIZE 48

struct sink_redis {
	struct sink sink;
	struct sink *below;
	struct sink_wish wish;
	struct redis *redis;
	bool keeps_marks, locks;
	/* A mark that waits for the commit it is about; key "": none.  any: whatever was there. */
	struct {
		char key[KEY_SIZE], was[MARK_SIZE], value[MARK_SIZE];
		bool any;
	} mark;
	/* The lock that is held; key "": none. */
	struct {
		char key[KEY_SIZE], holder[MARK_SIZE];
		int64_t renewed_ns;
	} lock;
	bool failed; /* Redis, not the sink below, has failed last */
};

static struct sink_redis *
own(struct sink *sink)
{
	return (struct sink_redis *)(void *)sink;
}

static struct sink *
below(struct sink *sink)
{
	struct sink_redis *this = own(sink);

	this->failed = false;
	return this->below;
}

/* What Redis said, with whom to blame. */
static int
blame(struct sink_redis *this, int result)
{
	this->failed = result < 0;
	return result;
}

static void
name_key(char key[KEY_SIZE], const struct sink_redis *this, const char *kind, uint32_t task,
         int64_t item)
{
	snprintf(key, KEY_SIZE, "graveshift:%.20s:%s:%" PRIu32 ":%" PRId64, this->wish.run, kind,
	         task, item);
}

/* --- the lock */

static int
lock(struct sink_redis *this)
{
	int64_t ttl_ms = this->wish.scenario->lock_ttl_ns / NS_PER_MS, now_ns = clock_now_ns();
	char key[KEY_SIZE];
	int locked;

	name_key(key, this, "lock", this->sink.task, 0);
	snprintf(this->lock.holder, sizeof(this->lock.holder), "%" PRIu32 ".%" PRIu32,
	         this->wish.generation, this->sink.epoch);
	locked = blame(this, redis_claim(this->redis, key, this->lock.holder, ttl_ms));
	if (locked < 0)
		return locked;
	/* Whoever holds it lives, or its TTL is not over: both is nothing but a reason to wait. */
	if (locked == 0)
		return -EALREADY;
	strlcpy(this->lock.key, key, sizeof(this->lock.key));
	this->lock.renewed_ns = now_ns;
	return 0;
}

/* It is nobody's, or another's, by now. */
static void
lose_lock(struct sink_redis *this)
{
	complain("task %u: its lock in Redis has expired while it was held", this->sink.task);
	this->lock.key[0] = '\0';
}

static void
release(struct sink *sink)
{
	struct sink_redis *this = own(sink);

	if (this->lock.key[0] == '\0')
		return;
	/* One that cannot be taken away, as the server is gone, ends by itself. */
	if (redis_drop(this->redis, this->lock.key, this->lock.holder) == 0)
		lose_lock(this);
	this->lock.key[0] = '\0';
}

/* Renewed at a third of its time, so that two tries may fail.  One that is lost changes nothing for
 * its holder: if somebody else has the task, the fence will say so. */
static void
beat(struct sink *sink)
{
	struct sink_redis *this = own(sink);
	int64_t ttl_ns = this->wish.scenario->lock_ttl_ns, now_ns = clock_now_ns();

	if (this->lock.key[0] == '\0' || now_ns - this->lock.renewed_ns < ttl_ns / 3)
		return;
	this->lock.renewed_ns = now_ns;
	if (redis_extend(this->redis, this->lock.key, this->lock.holder, ttl_ns / NS_PER_MS) == 0)
		lose_lock(this);
}

static int
lease(struct sink *sink)
{
	struct sink_redis *this = own(sink);
	int error = this->locks ? lock(this) : 0;

	if (error == 0)
		error = sink_lease(below(sink), sink->task, sink->epoch);
	if (error != 0)
		release(sink);
	return error;
}

/* --- marks */

static void
read_mark(const char *value, struct sink_mark *mark)
{
	char *end;

	*mark = (struct sink_mark){.a = strtoull(value, &end, 10)};
	mark->b = strtoull(end, NULL, 10);
}

static int
mark_find(struct sink *sink, uint32_t task, int64_t item, struct sink_mark *mark)
{
	struct sink_redis *this = own(sink);
	char key[KEY_SIZE], value[MARK_SIZE];
	int found;

	if (!this->keeps_marks)
		return sink_mark_find(below(sink), task, item, mark);
	name_key(key, this, "mark", task, item);
	found = blame(this, redis_get(this->redis, key, value, sizeof(value)));
	if (found == 1)
		read_mark(value, mark);
	return found;
}

/* Kept back until the commit. */
static int
keep_mark(struct sink_redis *this, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	name_key(this->mark.key, this, "mark", task, item);
	this->mark.was[0] = '\0';
	this->mark.any = false;
	snprintf(this->mark.value, sizeof(this->mark.value), "%" PRIu64 " %" PRIu64, mark->a,
	         mark->b);
	return 0;
}

static int
mark_add(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	struct sink_redis *this = own(sink);
	struct sink_mark there;
	int found;

	if (!this->keeps_marks)
		return sink_mark_add(below(sink), task, item, mark);
	found = mark_find(sink, task, item, &there);
	if (found != 0)
		return found < 0 ? found : -EEXIST;
	return keep_mark(this, task, item, mark);
}

static int
mark_move(struct sink *sink, uint32_t task, int64_t item, uint64_t was,
          const struct sink_mark *mark)
{
	struct sink_redis *this = own(sink);

	if (!this->keeps_marks)
		return sink_mark_move(below(sink), task, item, was, mark);
	keep_mark(this, task, item, mark);
	snprintf(this->mark.was, sizeof(this->mark.was), "%" PRIu64, was);
	return 1;
}

static int
mark_put(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	struct sink_redis *this = own(sink);

	if (!this->keeps_marks)
		return sink_mark_put(below(sink), task, item, mark);
	keep_mark(this, task, item, mark);
	this->mark.any = true;
	return 0;
}

static int
mark_each(struct sink *sink, uint32_t task, int64_t from,
          int (*each)(void *context, int64_t item, const struct sink_mark *mark), void *context)
{
	return sink_mark_each(below(sink), task, from, each, context);
}

/* The transaction below is committed.  A mark that cannot be moved any more stays behind: what it
 * does not know of is done again, by key. */
static int
write_mark(struct sink_redis *this)
{
	int written;

	if (this->mark.key[0] == '\0')
		return 0;
	point_reach(POINT_WORKER_BEFORE_MARK);
	written = this->mark.any
	              ? redis_set(this->redis, this->mark.key, this->mark.value)
	              : redis_swap(this->redis, this->mark.key, this->mark.was, this->mark.value);
	this->mark.key[0] = '\0';
	blame(this, written);
	return written < 0 ? written : 0;
}

/* --- transactions */

static int
begin(struct sink *sink, bool fenced)
{
	return below(sink)->ops->begin(own(sink)->below, fenced);
}

static int
commit(struct sink *sink)
{
	int error = below(sink)->ops->commit(own(sink)->below);

	if (error != 0)
		own(sink)->mark.key[0] = '\0';
	return error != 0 ? error : write_mark(own(sink));
}

static void
rollback(struct sink *sink)
{
	own(sink)->mark.key[0] = '\0';
	sink_rollback(below(sink));
}

/* --- what is handed down */

static int
prepare(struct sink *sink)
{
	int answered = blame(own(sink), redis_ping(own(sink)->redis));

	return answered < 0 ? answered : sink_prepare(below(sink));
}

static int
prepared(struct sink *sink)
{
	return sink_prepared(below(sink));
}

static int
append(struct sink *sink, struct sink_row *row, size_t rows)
{
	return sink_append(below(sink), row, rows);
}

static int
insert(struct sink *sink, struct sink_row *row, size_t rows)
{
	return sink_insert(below(sink), row, rows);
}

static int
replace(struct sink *sink, struct sink_row *row, size_t rows)
{
	return sink_replace(below(sink), row, rows);
}

static int
append_chunk(struct sink *sink, const struct sink_chunk *chunk)
{
	return sink_append_chunk(below(sink), chunk);
}

static int
insert_chunk(struct sink *sink, const struct sink_chunk *chunk, bool *fresh)
{
	return sink_insert_chunk(below(sink), chunk, fresh);
}

static int
effect(struct sink *sink, const unsigned char key[SINK_KEY_BYTES], uint64_t record)
{
	return sink_effect(below(sink), key, record);
}

static int
dead(struct sink *sink, const struct dead_record *record)
{
	return sink_dead(below(sink), record);
}

static int
finish(struct sink *sink)
{
	return sink_finish(below(sink));
}

/* The mark may be one batch behind what is in the sink: that is what it is like.  Where the sink
 * has told run.db how far its rows go, it sets nothing back. */
static int
bring_mark(struct sink_redis *this, const struct sink_mark *mark)
{
	struct sink_mark known;
	int found = store_mark_find(this->wish.store, this->sink.task, 0, &known);

	if (found < 0 || (found == 1 && known.a >= mark->a))
		return found < 0 ? found : 0;
	return store_mark_put(this->wish.store, this->sink.task, 0, mark);
}

static int
give_up(struct sink *sink)
{
	struct sink_redis *this = own(sink);
	struct sink_mark mark;
	int found, error = sink_give_up(below(sink), sink->task, sink->epoch);

	if (error != 0 || !this->keeps_marks)
		return error;
	found = mark_find(sink, sink->task, 0, &mark);
	return found == 1 ? bring_mark(this, &mark) : found;
}

static int
counts(struct sink *sink, struct sink_counts *read)
{
	return sink_counts_read(below(sink), read);
}

static int
rows_read(struct sink *sink, int (*each)(void *context, const struct sink_row *row), void *context)
{
	return sink_rows_read(below(sink), each, context);
}

static int
chunks_read(struct sink *sink, int (*each)(void *context, const struct sink_chunk *chunk),
            void *context)
{
	return sink_chunks_read(below(sink), each, context);
}

static int
effects_read(struct sink *sink, int (*each)(void *context, uint64_t record), void *context)
{
	return sink_effects_read(below(sink), each, context);
}

static void
describe(struct sink *sink, char *words, size_t size)
{
	struct sink_redis *this = own(sink);
	int answered = redis_ping(this->redis);
	size_t used;

	sink_describe(this->below, words, size);
	used = strlen(words);
	snprintf(words + used, size - used, ", beside it %s%s%s in Redis%s%s%s",
	         this->keeps_marks ? "progress" : "",
	         this->keeps_marks && this->locks ? " and " : "", this->locks ? "locks" : "",
	         answered == 1 ? "" : ", which cannot be reached (",
	         answered == 1 ? "" : redis_error(this->redis), answered == 1 ? "" : ")");
}

static const char *
error_words(const struct sink *sink)
{
	const struct sink_redis *this = (const struct sink_redis *)(const void *)sink;

	return this->failed ? redis_error(this->redis) : sink_error(this->below);
}

static void
close_sink(struct sink *sink)
{
	struct sink_redis *this = own(sink);

	release(sink);
	sink_close(this->below);
	redis_free(this->redis);
	free(this);
}

static const struct sink_ops operations = {
    .prepare = prepare,
    .prepared = prepared,
    .lease = lease,
    .beat = beat,
    .release = release,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .append = append,
    .insert = insert,
    .replace = replace,
    .append_chunk = append_chunk,
    .insert_chunk = insert_chunk,
    .effect = effect,
    .dead = dead,
    .finish = finish,
    .give_up = give_up,
    .mark_find = mark_find,
    .mark_each = mark_each,
    .mark_add = mark_add,
    .mark_move = mark_move,
    .mark_put = mark_put,
    .counts = counts,
    .rows = rows_read,
    .chunks = chunks_read,
    .effects = effects_read,
    .describe = describe,
    .error = error_words,
    .close = close_sink,
};

int
sink_redis_wrap(struct sink **sink, const struct sink_wish *wish)
{
	const struct scenario *scenario = wish->scenario;
	struct sink_redis *this = calloc(1, sizeof(*this));

	if (this != NULL)
		this->redis = redis_new(scenario->redis == NULL ? REDIS_DEFAULT : scenario->redis);
	if (this == NULL || this->redis == NULL) {
		free(this);
		sink_close(*sink);
		return -ENOMEM;
	}
	this->wish = *wish;
	this->below = *sink;
	this->sink.ops = &operations;
	memcpy(this->sink.logical_date, this->below->logical_date, sizeof(this->sink.logical_date));
	this->sink.marks_apart = this->keeps_marks = scenario->checkpoint_store == CHECKPOINT_REDIS;
	this->locks = scenario->lock == LOCK_REDIS;
	*sink = &this->sink;
	return 0;
}
