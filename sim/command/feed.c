/* SPDX-License-Identifier: ISC
 *
 * Feeding a command, and giving up what it could not do.
 */
#include <errno.h>

#include "sim/command/feed.h"
#include "sim/job/lines.h"

void
feed_init(struct feed *feed, const struct task_plan *task, struct work *work,
          struct work_result *result)
{
	*feed = (struct feed){.task = task, .work = work, .result = result, .next = task->first};
}

void
feed_rewind(struct feed *feed)
{
	feed->next = feed->task->first;
	feed->offset = 0;
}

/* Is the record left out?  Those that are come in order. */
static bool
is_skipped(const struct feed *feed, uint64_t record)
{
	for (size_t i = 0; i < feed->skips; i++)
		if (feed->skip[i] == record)
			return true;
	return false;
}

/* Gives one record up, which is bytes[offset, offset + length) of the chunk. */
static int
bury(struct feed *feed, uint64_t record, size_t offset, size_t length, uint32_t reason)
{
	const struct dead_record dead = {
	    .record = record,
	    .offset = feed->task->offset + offset,
	    .length = length,
	    .bytes = feed->bytes != NULL ? feed->bytes + offset : "",
	    .reason = reason,
	    .column = CSV_NO_COLUMN,
	};

	return feed->work->dead(feed->work, &dead);
}

int
feed_bury(struct feed *feed, uint64_t record, uint32_t reason)
{
	size_t offset = 0;

	if (feed->bytes == NULL)
		return bury(feed, record, 0, 0, reason);
	for (uint64_t at = feed->task->first; at < record; at++)
		offset += lines_next(feed->bytes + offset, feed->task->length - offset);
	return bury(feed, record, offset,
	            lines_next(feed->bytes + offset, feed->task->length - offset), reason);
}

/* The chunk is given up as a whole: nobody can say which of its lines is to blame. */
static int
bury_all(struct feed *feed, uint32_t reason)
{
	size_t offset = 0;

	for (uint64_t i = 0; i < feed->task->records; i++) {
		size_t length = feed->bytes == NULL
		                    ? 0
		                    : lines_next(feed->bytes + offset, feed->task->length - offset);
		int error = 0;

		if (!is_skipped(feed, feed->task->first + i))
			error = bury(feed, feed->task->first + i, offset, length, reason);
		if (error != 0)
			return error;
		offset += length;
	}
	feed->result->records = 0;
	return 0;
}

/* Lines are fed up to the next one that is left out. */
int
feed_give(struct feed *feed, const char **bytes, size_t *length)
{
	uint64_t end = feed->task->first + feed->task->records, until = end;
	size_t from;

	while (feed->next < end && is_skipped(feed, feed->next)) {
		feed->offset +=
		    lines_next(feed->bytes + feed->offset, feed->task->length - feed->offset);
		feed->next++;
	}
	for (size_t i = 0; i < feed->skips; i++)
		if (feed->skip[i] >= feed->next && feed->skip[i] < until)
			until = feed->skip[i];
	from = feed->offset;
	if (until == end) {
		feed->offset = feed->task->length;
	} else {
		for (; feed->next < until; feed->next++)
			feed->offset += lines_next(feed->bytes + feed->offset,
			                           feed->task->length - feed->offset);
	}
	feed->next = until;
	*bytes = feed->bytes + from;
	*length = feed->offset - from;
	return 0;
}

static int
fail(struct feed *feed, uint32_t reason)
{
	feed->result->reason = reason;
	feed->result->bad_record = feed->task->first;
	feed->result->bad_offset = feed->task->offset;
	return -EBADMSG;
}

/* The command did not do its work. */
int
feed_settle(struct feed *feed, enum command_verdict verdict, uint32_t reason, const char *how,
            const struct command_end *end)
{
	feed->work->failed(feed->work, how, end->errors, end->errors_length);
	if (verdict == COMMAND_LATER) {
		feed->result->reason = reason;
		return -EREMOTE;
	}
	if (verdict == COMMAND_FATAL || feed->work->isolate)
		return bury_all(feed, reason);
	return fail(feed, reason);
}

/* What the world says about records: those that it has given up are left out, and one that is
 * flaky fails the attempt. */
int
feed_heed(struct feed *feed)
{
	struct work *work = feed->work;
	uint64_t end = feed->task->first + feed->task->records;

	for (uint64_t at = feed->task->first; (at = work->next_stop(work, at)) < end; at++) {
		int result;

		*work->record = at;
		result = work->at_record(work, at);
		if (result == -EBADMSG && !work->isolate)
			return fail(feed, REASON_FLAKY);
		if (result < 0 && result != -EBADMSG)
			return result;
		if (result == 0)
			continue;
		if (feed->skips == FEED_SKIPS_MAX)
			return -E2BIG;
		feed->skip[feed->skips++] = at;
		if (result == -EBADMSG)
			result = feed_bury(feed, at, REASON_FLAKY);
		if (result < 0)
			return result;
	}
	*work->record = CORE_NO_RECORD;
	feed->result->records = feed->task->records - feed->skips;
	return 0;
}
