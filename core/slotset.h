/* SPDX-License-Identifier: ISC
 *
 * Sets of slots in which the next member is found in a few steps, however many slots there are: a
 * bit for each slot, and above it a bit for each word that is not empty.
 */
#ifndef CORE_SLOTSET_H
#define CORE_SLOTSET_H

#include "core.h"

#define SLOTSET_SUMMARY (CORE_SLOTS_MAX / 64 / 64 + 1) /* the probe counts as a slot here */

struct slotset {
	uint64_t *words; /* the caller's memory */
	uint64_t summary[SLOTSET_SUMMARY];
	uint32_t count;
};

/* Words that a set of that many slots needs. */
uint32_t slotset_words(uint32_t slots);
void slotset_init(struct slotset *set, uint64_t *words, uint32_t slots);
bool slotset_has(const struct slotset *set, uint16_t slot);
/* It must not be in. */
void slotset_add(struct slotset *set, uint16_t slot);
/* It must be in. */
void slotset_remove(struct slotset *set, uint16_t slot);
/* The lowest member from that slot on, or CORE_NO_SLOT. */
uint16_t slotset_next(const struct slotset *set, uint32_t from);

#endif
