/* SPDX-License-Identifier: ISC
 *
 * What the consumers of a stream job have measured, all together.
 */
#include <fcntl.h>
#include <string.h>

#include "sim/flow/flow.h"
#include "sim/flow/flow_claim.h"
#include "sim/verdict/facts.h"

/* The heads are open to all who may read the run. */
static void
add_log(struct flow_facts *flow, const struct run *run, uint32_t partition)
{
	char name[TOPIC_NAME_MAX];
	struct topic_reader reader;

	topic_reader_open(&reader, run->dir.fd, flow_topic_name(partition, name));
	if (topic_reader_published(&reader) > 0) {
		flow->appended += topic_reader_published(&reader);
		flow->groups += atomic_load(&reader.head->groups);
		flow->repairs += atomic_load(&reader.head->repairs);
		flow->repaired_bytes += atomic_load(&reader.head->repaired_bytes);
	}
	topic_reader_close(&reader);
}

int
facts_flow_read(struct facts *facts, const struct run *run, struct sink *sink)
{
	uint32_t partitions = run->scenario.job.partitions;
	struct flow_stats stats;
	struct sink_mark mark;

	facts->flow.payloads = flow_claim_rest(run->dir.fd, false);
	for (uint32_t i = 0; i < partitions; i++) {
		int found = sink_mark_find(sink, partitions + i, FLOW_MARK_STATS, &mark);

		if (found < 0)
			return found;
		if (found == 1 && mark.length == sizeof(stats)) {
			memcpy(&stats, mark.blob, sizeof(stats));
			flow_stats_add(&facts->flow.stats, &stats);
		}
		add_log(&facts->flow, run, i);
	}
	return 0;
}
