/* SPDX-License-Identifier: ISC
 *
 * Reading a partition's log, or feeding it.
 */
#include <errno.h>

#include "sim/flow/flow_feed.h"
#include "sim/flow/flow_source.h"

#define WAITS_MAX 50 /* of a millisecond each: so long somebody else may take to begin feeding */

void
flow_source_open(struct flow_source *source, struct job *job, struct work *work, uint32_t partition)
{
	char name[TOPIC_NAME_MAX];

	*source = (struct flow_source){.job = job, .work = work, .partition = partition};
	topic_reader_open(&source->reader, work->folder, flow_topic_name(partition, name));
}

void
flow_source_close(struct flow_source *source)
{
	flow_feed_close(source->feed);
	topic_reader_close(&source->reader);
}

int
flow_source_next(struct flow_source *source, struct topic_event *event, bool may_turn)
{
	int found = topic_reader_next(&source->reader, event, may_turn);

	if (found == 1)
		source->waits = 0;
	return found;
}

static int
feed(struct flow_source *source)
{
	struct work *work = source->work;
	int fed = flow_feed_some(source->feed);

	if (fed < 0)
		return fed;
	if (fed == FLOW_FED)
		return work->busy(work) ? 0 : -EINTR;
	return work->wait(work) ? 0 : -EINTR;
}

int
flow_source_wait(struct flow_source *source)
{
	struct work *work = source->work;
	int error;

	if (source->feed != NULL)
		return feed(source);
	if (topic_reader_is_fed(&source->reader))
		source->waits = 0;
	if (source->waits++ < WAITS_MAX)
		return work->wait(work) ? 0 : -EINTR;
	error = flow_feed_open(&source->feed, source->job, source->partition, work->folder);
	return error == -EAGAIN ? 0 : error;
}
