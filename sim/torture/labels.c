/* SPDX-License-Identifier: ISC
 *
 * A hash table in an arena.
 */
#include <string.h>
#include <xxhash.h>

#include "sim/torture/labels.h"

#define PLACES (2 * LABELS_MAX)

struct labels *
labels_new(struct arena *arena)
{
	struct labels *labels = arena_take(arena, sizeof(*labels));

	if (labels == NULL)
		return NULL;
	labels->arena = arena;
	labels->label = arena_take(arena, LABELS_MAX * sizeof(*labels->label));
	labels->place = arena_take(arena, PLACES * sizeof(*labels->place));
	return labels->label == NULL || labels->place == NULL ? NULL : labels;
}

/* The place where the text is, or would be. */
static uint32_t *
place_of(const struct labels *labels, const char *text, uint64_t sum)
{
	uint64_t at = sum % PLACES;

	for (;; at = (at + 1) % PLACES) {
		const struct label *label;
		if (labels->place[at] == 0)
			return &labels->place[at];
		label = &labels->label[labels->place[at] - 1];
		if (label->sum == sum && strcmp(label->text, text) == 0)
			return &labels->place[at];
	}
}

uint32_t
labels_count(struct labels *labels, const char *text)
{
	uint64_t sum = XXH3_64bits(text, strlen(text));
	uint32_t *place = place_of(labels, text, sum);
	const char *copy;

	if (*place == 0) {
		copy = labels->used == LABELS_MAX ? NULL : arena_text(labels->arena, text);
		if (copy == NULL)
			return LABEL_NONE;
		labels->label[labels->used] = (struct label){copy, sum, 0};
		*place = ++labels->used;
	}
	labels->label[*place - 1].count++;
	return *place - 1;
}
