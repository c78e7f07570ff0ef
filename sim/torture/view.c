/* SPDX-License-Identifier: ISC
 *
 * Moments, and the sum of a view.
 */
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "sim/torture/view.h"

const struct meta *
version_meta(const struct node *node, uint32_t version)
{
	const struct meta *meta = node->meta;

	while (meta != NULL && meta->version > version)
		meta = meta->before;
	return meta;
}

const struct block *
version_block(const struct node *node, uint32_t index, uint32_t version)
{
	const struct block *block = index < node->block_count ? node->blocks[index] : NULL;

	while (block != NULL && block->version > version)
		block = block->before;
	return block;
}

/* --- a moment */

static const struct moment *
moment_of(const struct view *view)
{
	return (const struct moment *)view;
}

static const struct node *
moment_node(const struct view *view, const struct entry *entry)
{
	const struct claim *claim = entry->claim;

	while (claim != NULL && claim->version > moment_of(view)->version)
		claim = claim->before;
	return claim == NULL ? NULL : claim->node;
}

static bool
is_torn(const struct moment *moment, const struct node *node)
{
	return moment->tear != NULL && moment->tear->node == node;
}

/* The length of a file that is torn. */
static int64_t
torn_size(const struct moment *moment, const struct node *node, int64_t size)
{
	const struct meta *after = version_meta(node, moment->version + 1);
	int64_t end = moment->tear->end;
	int64_t torn = after == NULL || after->size > end ? end : after->size;

	return torn > size ? torn : size;
}

static bool
moment_meta(const struct view *view, const struct node *node, struct meta *meta)
{
	const struct moment *moment = moment_of(view);
	const struct meta *found = version_meta(node, moment->version);

	if (found == NULL)
		return false;
	*meta = *found;
	if (is_torn(moment, node))
		meta->size = torn_size(moment, node, meta->size);
	return true;
}

static const struct block *
moment_block(const struct view *view, const struct node *node, uint32_t index, uint32_t *length)
{
	const struct moment *moment = moment_of(view);
	bool after = is_torn(moment, node) && (int64_t)index * VERSION_PAGE < moment->tear->end;
	const struct block *block = version_block(node, index, moment->version + after);

	*length = block == NULL ? 0 : block->length;
	return block;
}

void
moment_init(struct moment *moment, uint32_t version, const struct tear *tear)
{
	*moment = (struct moment){{moment_node, moment_meta, moment_block}, version, tear};
}

/* --- sums */

static uint64_t
sum_of_block(const struct block *block, uint32_t index, uint32_t length)
{
	if (length >= block->length)
		return block->sum;
	while (length > 0 && block->bytes[length - 1] == 0)
		length--;
	return length == 0 ? 0 : XXH3_64bits_withSeed(block->bytes, length, index);
}

static uint64_t
sum_of_bytes(const struct view *view, const struct node *node, const struct meta *meta)
{
	uint32_t pages = (uint32_t)((meta->size + VERSION_PAGE - 1) / VERSION_PAGE);
	uint64_t sum = 0;

	for (uint32_t i = 0; S_ISREG(meta->mode) && i < pages && i < node->block_count; i++) {
		int64_t rest = meta->size - (int64_t)i * VERSION_PAGE;
		uint32_t length;
		const struct block *block = view->block(view, node, i, &length);
		if (block != NULL)
			sum ^= sum_of_block(block, i, length > rest ? (uint32_t)rest : length);
	}
	return sum;
}

uint64_t
view_sum(const struct versions *versions, const struct view *view)
{
	uint64_t sum = 0;

	for (const struct entry *entry = versions->first; entry != NULL; entry = entry->after) {
		const struct node *node = view->node(view, entry);
		struct meta meta;
		if (node == NULL || !view->meta(view, node, &meta))
			continue;
		sum ^= version_mix(entry->key, version_mix(sum_of_bytes(view, node, &meta),
		                                           version_meta_sum(&meta)));
	}
	return sum;
}
