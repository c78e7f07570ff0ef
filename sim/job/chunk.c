/* SPDX-License-Identifier: ISC
 *
 * Opening a chunk.
 */
#include <errno.h>

#define XXH_STATIC_LINKING_ONLY /* for the size of a state */
#ifdef __x86_64__
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#include "sim/job/chunk.h"
#include "sim/util/plant.h"

#define HASH_BYTES (4u << 20) /* hashed between two beats */

int
chunk_mistrust(const struct task_plan *task, struct work_result *result)
{
	result->reason = REASON_CHECKSUM;
	result->bad_record = CORE_NO_RECORD;
	result->bad_offset = task->offset;
	return -EBADMSG;
}

static int
verify(const struct task_plan *task, struct work *work, struct work_result *result,
       const char *bytes)
{
	uint64_t length = task->length;
	XXH3_state_t state;

	if (planted("checksum-unchecked"))
		return 0;
	if (length <= HASH_BYTES)
		return XXH3_64bits(bytes, length) == task->checksum ? 0
		                                                    : chunk_mistrust(task, result);
	XXH3_64bits_reset(&state);
	for (uint64_t at = 0; at < length; at += HASH_BYTES) {
		XXH3_64bits_update(&state, bytes + at,
		                   length - at < HASH_BYTES ? length - at : HASH_BYTES);
		if (!work->beat(work))
			return -EINTR;
	}
	return XXH3_64bits_digest(&state) == task->checksum ? 0 : chunk_mistrust(task, result);
}

int
chunk_open(const struct input *input, const struct task_plan *task, struct work *work,
           struct work_result *result, const char **bytes)
{
	if (task->offset > input->length || task->length > input->length - task->offset)
		return chunk_mistrust(task, result);
	if (!work->beat(work))
		return -EINTR;
	*bytes = work->filter_bytes(work, input->bytes + task->offset, task->length);
	return *bytes == NULL ? -ENOMEM : verify(task, work, result, *bytes);
}
