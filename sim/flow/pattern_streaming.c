/* SPDX-License-Identifier: ISC
 *
 * streaming: each event has its effect as soon as it is there, a row of its own in the transaction
 * that moves the cursor.
 */
#include <string.h>
#include <xxhash.h>

#include "sim/flow/flow.h"

static int
streaming_apply(struct flow_attempt *attempt, const struct flow_item *item)
{
	struct sink_row row = {
	    .record = item->record,
	    .payload = item->event.value,
	    .length = item->event.value_length,
	};
	XXH128_hash_t key = XXH3_128bits(row.payload, row.length);

	memcpy(row.key, &key, sizeof(row.key));
	return sink_append(attempt->work->sink, &row, 1);
}

const struct flow_pattern flow_streaming = {.apply = streaming_apply};
