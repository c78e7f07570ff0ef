/* SPDX-License-Identifier: ISC
 *
 * The feed.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/flow/flow_feed.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define SOME 1024

struct flow_feed {
	struct job *job;
	uint32_t partition;
	struct flow_scan scan;
	struct topic_appender *appender;
	uint64_t number;       /* the next event's, in the partition */
	uint64_t there, begun; /* so many are in the log; were when we began */
	int64_t began_ns;
	bool ended;
};

static void
say_repaired(const char *name, const struct topic_state *state)
{
	if (state->repaired > 0)
		complain("log %s: a torn tail of %llu bytes behind event %llu is cut off", name,
		         (unsigned long long)state->repaired,
		         (unsigned long long)state->repaired_at);
}

int
flow_feed_open(struct flow_feed **out, struct job *job, uint32_t partition, int folder)
{
	char name[TOPIC_NAME_MAX];
	const struct topic_wish wish = {
	    .folder = folder,
	    .name = flow_topic_name(partition, name),
	    .segment_bytes = job->scenario->job.segment_bytes,
	    .sync = job->scenario->durability == DURABILITY_POWER,
	};
	struct flow_feed *feed = calloc(1, sizeof(*feed));
	struct topic_state state;
	int error;

	if (feed == NULL)
		return -ENOMEM;
	feed->job = job;
	feed->partition = partition;
	error = topic_appender_open(&feed->appender, &wish, &state);
	if (error == 0)
		error = flow_scan_begin(&feed->scan, &job->input);
	if (error != 0) {
		flow_feed_close(feed);
		return error;
	}
	say_repaired(name, &state);
	feed->ended = state.ended;
	feed->there = feed->begun = state.next > 0 ? state.sequence + 1 : 0;
	feed->began_ns = clock_now_ns();
	*out = feed;
	return 0;
}

void
flow_feed_close(struct flow_feed *feed)
{
	if (feed == NULL)
		return;
	topic_appender_close(feed->appender);
	free(feed);
}

/* The partition's next event: 1, 0 there is none, -EBADMSG. */
static int
next_own(struct flow_feed *feed, struct flow_line *line)
{
	uint32_t partitions = feed->job->scenario->job.partitions;
	int found;

	while ((found = flow_scan_next(&feed->scan, line)) == 1)
		if (flow_partition(line->key, line->key_length, partitions) == feed->partition)
			break;
	return found;
}

static int
append(struct flow_feed *feed, const struct flow_line *line, int64_t now_ns)
{
	const struct topic_event event = {
	    .sequence = feed->number,
	    .time_ms = line->time_ms,
	    .appended_ns = now_ns,
	    .kind = (uint16_t)line->kind,
	    .key = line->key,
	    .key_length = (uint16_t)line->key_length,
	    .value = line->text,
	    .value_length = (uint32_t)line->length,
	};

	return topic_append(feed->appender, &event);
}

static int
end(struct flow_feed *feed)
{
	const struct topic_event event = {
	    .sequence = feed->number, .appended_ns = clock_now_ns(), .kind = TOPIC_END};
	int error = topic_append(feed->appender, &event);

	if (error == 0)
		error = topic_flush(feed->appender);
	feed->ended = error == 0;
	return error != 0 ? error : FLOW_FED_ALL;
}

/* The number of the first event that is not due yet. */
static uint64_t
due_before(const struct flow_feed *feed, int64_t now_ns)
{
	uint64_t rate = feed->job->scenario->job.rate;

	if (rate == 0)
		return UINT64_MAX;
	return feed->begun + 1 +
	       (uint64_t)((double)(now_ns - feed->began_ns) / (double)NS_PER_S * (double)rate);
}

int
flow_feed_some(struct flow_feed *feed)
{
	int64_t now_ns = clock_now_ns();
	uint64_t due = due_before(feed, now_ns);
	struct flow_line line;
	unsigned count = 0;
	int found = 1, error = 0;

	if (feed->ended)
		return FLOW_FED_ALL;
	while (error == 0 && feed->number < due && count < SOME &&
	       (found = next_own(feed, &line)) == 1) {
		if (feed->number >= feed->there) {
			error = append(feed, &line, now_ns);
			count++;
		}
		feed->number++;
	}
	if (error == 0 && found == 0)
		return end(feed);
	/* Those who wait for an event wait for it now; without a rate there is always one more. */
	if (error == 0 && found == 1 && feed->job->scenario->job.rate > 0)
		error = topic_flush(feed->appender);
	if (error != 0 || found < 0)
		return error != 0 ? error : found;
	return count > 0 ? FLOW_FED : FLOW_NOT_DUE;
}

/* Another one may append to it until it dies or is through. */
static int
wait_for_turn(struct flow_feed **feed, struct job *job, uint32_t partition, struct work *work)
{
	int error;

	while ((error = flow_feed_open(feed, job, partition, work->folder)) == -EAGAIN)
		if (!work->wait(work))
			return -EINTR;
	return error;
}

int
flow_feed_run(struct job *job, uint32_t partition, struct work *work)
{
	struct flow_feed *feed = NULL;
	int fed = wait_for_turn(&feed, job, partition, work);

	if (fed == 0)
		fed = FLOW_FED;
	while (fed == FLOW_FED || fed == FLOW_NOT_DUE) {
		fed = flow_feed_some(feed);
		if (!(fed == FLOW_NOT_DUE ? work->wait(work) : work->busy(work)))
			fed = -EINTR;
	}
	flow_feed_close(feed);
	return fed < 0 ? fed : 0;
}
