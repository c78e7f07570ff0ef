/* SPDX-License-Identifier: ISC
 *
 * The feed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/flow/flow_claim.h"
#include "sim/flow/flow_feed.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define SOME 1024
#define SOME_NS (5 * NS_PER_MS) /* between two beats; a payload may take a while to be stored */
#define FLOW_CLAIM_TEXT (FLOW_PREFIX_MAX + FLOW_TOKEN_SIZE)

/* A partition's topics, in the order in which they are written: what a mail needs to know is in its
 * topic before the mail is. */
enum { USERS, EVENTS, TOPICS };

struct feeding {
	struct topic_appender *appender; /* NULL: there is no such topic */
	uint64_t there; /* events of the partition before this one need not be appended */
	bool ended;
};

struct flow_feed {
	struct job *job;
	int folder;
	uint32_t partition;
	struct flow_scan scan;
	struct feeding topic[TOPICS];
	uint64_t number; /* the next event's, in the partition */
	uint64_t begun;  /* so many were there when we began */
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

static int
open_topic(struct flow_feed *feed, int topic, int folder)
{
	const struct scenario *scenario = feed->job->scenario;
	struct feeding *feeding = &feed->topic[topic];
	char name[TOPIC_NAME_MAX];
	const struct topic_wish wish = {
	    .folder = folder,
	    .name = topic == USERS ? flow_users_name(feed->partition, name)
	                           : flow_topic_name(feed->partition, name),
	    .segment_bytes = scenario->job.segment_bytes,
	    .sync = scenario->durability == DURABILITY_POWER,
	};
	struct topic_state state;
	int error;

	if (topic == USERS && !feed->job->pattern->has_users) {
		feeding->ended = true;
		return 0;
	}
	error = topic_appender_open(&feeding->appender, &wish, &state);
	if (error != 0)
		return error;
	say_repaired(name, &state);
	feeding->ended = state.ended;
	feeding->there = state.next > 0 ? state.sequence + 1 : 0;
	return 0;
}

int
flow_feed_open(struct flow_feed **out, struct job *job, uint32_t partition, int folder)
{
	struct flow_feed *feed = calloc(1, sizeof(*feed));
	int error;

	if (feed == NULL)
		return -ENOMEM;
	feed->job = job;
	feed->partition = partition;
	feed->folder = folder;
	error = flow_scan_begin(&feed->scan, &job->input);
	for (int topic = 0; error == 0 && topic < TOPICS; topic++)
		error = open_topic(feed, topic, folder);
	if (error != 0) {
		flow_feed_close(feed);
		return error;
	}
	feed->ended = feed->topic[USERS].ended && feed->topic[EVENTS].ended;
	feed->begun = feed->topic[EVENTS].there;
	feed->began_ns = clock_now_ns();
	*out = feed;
	return 0;
}

void
flow_feed_close(struct flow_feed *feed)
{
	if (feed == NULL)
		return;
	for (int topic = 0; topic < TOPICS; topic++)
		topic_appender_close(feed->topic[topic].appender);
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

/* A large document goes into a file, and its token into the log: "...,key,TOKEN". */
static int
claim(struct flow_feed *feed, const struct flow_line *line, struct topic_event *event,
      char text[FLOW_CLAIM_TEXT])
{
	const struct scenario *scenario = feed->job->scenario;
	size_t before = (size_t)(line->value - line->text);
	int error;

	if (line->kind != FLOW_DOCUMENT_SENT || line->value_length <= scenario->job.claim_above)
		return 0;
	error = flow_claim_store(feed->folder, scenario->durability == DURABILITY_POWER,
	                         feed->partition, feed->number, line->value, line->value_length,
	                         text + before);
	memcpy(text, line->text, before);
	event->kind = FLOW_CLAIMED;
	event->value = text;
	event->value_length = (uint32_t)(before + strlen(text + before));
	return error;
}

/* 1: appended; 0: it was there; -errno. */
static int
append(struct flow_feed *feed, const struct flow_line *line, int64_t now_ns)
{
	struct topic_event event = {
	    .sequence = feed->number,
	    .time_ms = line->time_ms,
	    .appended_ns = now_ns,
	    .kind = (uint16_t)line->kind,
	    .key = line->key,
	    .key_length = (uint16_t)line->key_length,
	    .value = line->text,
	    .value_length = (uint32_t)line->length,
	};
	bool update = feed->job->pattern->has_users && line->kind == FLOW_USER_UPDATED;
	struct feeding *feeding = &feed->topic[update ? USERS : EVENTS];
	char text[FLOW_CLAIM_TEXT];
	int error = 0;

	if (feed->number < feeding->there)
		return 0;
	if (!update && feed->topic[USERS].appender != NULL)
		error = topic_flush(feed->topic[USERS].appender);
	if (error == 0)
		error = claim(feed, line, &event, text);
	if (error == 0)
		error = topic_append(feeding->appender, &event);
	return error != 0 ? error : 1;
}

static int
flush(struct flow_feed *feed)
{
	int error = 0;

	for (int topic = 0; error == 0 && topic < TOPICS; topic++)
		if (feed->topic[topic].appender != NULL)
			error = topic_flush(feed->topic[topic].appender);
	return error;
}

static int
end(struct flow_feed *feed)
{
	const struct topic_event event = {
	    .sequence = feed->number, .appended_ns = clock_now_ns(), .kind = TOPIC_END};
	int error = 0;

	for (int topic = 0; error == 0 && topic < TOPICS; topic++) {
		struct feeding *feeding = &feed->topic[topic];

		if (!feeding->ended)
			error = topic_append(feeding->appender, &event);
		if (error == 0 && feeding->appender != NULL)
			error = topic_flush(feeding->appender);
	}
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
	bool in_time = true;
	int found = 1, error = 0;

	if (feed->ended)
		return FLOW_FED_ALL;
	while (error == 0 && feed->number < due && count < SOME && in_time &&
	       (found = next_own(feed, &line)) == 1) {
		int appended = append(feed, &line, now_ns);

		error = appended < 0 ? appended : 0;
		count += appended == 1;
		feed->number++;
		in_time = clock_now_ns() < now_ns + SOME_NS;
	}
	if (error == 0 && found == 0)
		return end(feed);
	/* Those who wait for an event wait for it now; where events come fast, one more makes the
	 * group larger. */
	if (error == 0 && found == 1 && (feed->job->scenario->job.rate > 0 || !in_time))
		error = flush(feed);
	if (error != 0 || found < 0)
		return error != 0 ? error : found;
	return count > 0 || !in_time ? FLOW_FED : FLOW_NOT_DUE;
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
