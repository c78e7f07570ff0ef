/* SPDX-License-Identifier: ISC
 *
 * Effects as they are stored.
 */
#include "sim/mapreduce/effects.h"

bool
map_effect_read(struct map_effect *effect, const void *blob, size_t length)
{
	if (length < map_effect_length(0) || length > sizeof(*effect))
		return false;
	memcpy(effect, blob, length);
	return length == map_effect_length(effect->partitions);
}

bool
reduce_effect_read(struct reduce_effect *effect, const void *blob, size_t length)
{
	if (length != sizeof(*effect))
		return false;
	memcpy(effect, blob, length);
	return true;
}
