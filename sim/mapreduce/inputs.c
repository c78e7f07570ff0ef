/* SPDX-License-Identifier: ISC
 *
 * Reading effects.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/mapreduce/inputs.h"

static int
add(struct inputs *inputs, const struct part_mark *mark)
{
	if (inputs->count == inputs->room) {
		uint32_t room = inputs->room == 0 ? 64 : 2 * inputs->room;
		struct part_mark *larger = reallocarray(inputs->mark, room, sizeof(*larger));

		if (larger == NULL)
			return -ENOMEM;
		inputs->mark = larger;
		inputs->room = room;
	}
	inputs->mark[inputs->count++] = *mark;
	return 0;
}

void
inputs_fini(struct inputs *inputs)
{
	free(inputs->mark);
	*inputs = (struct inputs){.mark = NULL};
}

int
inputs_of_maps(struct inputs *inputs, struct work *work, uint32_t partition)
{
	struct effects_reader reader;
	struct map_effect effect;
	const void *blob;
	size_t length;
	int more = work->effects(work, STAGE_MAP, &reader);

	*inputs = (struct inputs){.mark = NULL};
	while (more == 0 && (more = reader.next(&reader, &blob, &length)) == 1)
		more = map_effect_read(&effect, blob, length) && partition < effect.partitions
		           ? add(inputs, &effect.mark[partition])
		           : -EBADMSG;
	if (more != 0)
		inputs_fini(inputs);
	return more;
}

int
inputs_of_reduces(struct inputs *inputs, struct work *work)
{
	struct effects_reader reader;
	struct reduce_effect effect;
	const void *blob;
	size_t length;
	int more = work->effects(work, STAGE_REDUCE, &reader);

	*inputs = (struct inputs){.mark = NULL};
	while (more == 0 && (more = reader.next(&reader, &blob, &length)) == 1)
		more = reduce_effect_read(&effect, blob, length) ? add(inputs, &effect.mark)
		                                                 : -EBADMSG;
	if (more != 0)
		inputs_fini(inputs);
	return more;
}
