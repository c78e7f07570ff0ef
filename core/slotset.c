/* SPDX-License-Identifier: ISC
 *
 * Sets of slots.
 */
#include <string.h>

#include "check.h"
#include "slotset.h"

uint32_t
slotset_words(uint32_t slots)
{
	return (slots + 63) / 64;
}

void
slotset_init(struct slotset *set, uint64_t *words, uint32_t slots)
{
	*set = (struct slotset){.words = words};
	memset(words, 0, slotset_words(slots) * sizeof *words);
}

bool
slotset_has(const struct slotset *set, uint16_t slot)
{
	return set->words[slot / 64] >> (slot % 64) & 1;
}

void
slotset_add(struct slotset *set, uint16_t slot)
{
	unsigned word = slot / 64;
	CHECK(!slotset_has(set, slot));
	set->words[word] |= UINT64_C(1) << (slot % 64);
	set->summary[word / 64] |= UINT64_C(1) << (word % 64);
	set->count++;
}

void
slotset_remove(struct slotset *set, uint16_t slot)
{
	unsigned word = slot / 64;
	CHECK(slotset_has(set, slot));
	set->words[word] &= ~(UINT64_C(1) << (slot % 64));
	if (set->words[word] == 0)
		set->summary[word / 64] &= ~(UINT64_C(1) << (word % 64));
	set->count--;
}

/* The bits of a word from that one on. */
static uint64_t
bits_from(uint64_t word, unsigned bit)
{
	return word & UINT64_MAX << bit;
}

uint16_t
slotset_next(const struct slotset *set, uint32_t from)
{
	uint32_t word = from / 64;
	if (word / 64 >= SLOTSET_SUMMARY)
		return CORE_NO_SLOT;
	/* A word without a bit in the summary may lie beyond the caller's memory. */
	if (set->summary[word / 64] >> (word % 64) & 1) {
		uint64_t left = bits_from(set->words[word], from % 64);
		if (left)
			return (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(left));
	}
	word++;
	for (uint32_t i = word / 64; i < SLOTSET_SUMMARY; i++) {
		uint64_t left = bits_from(set->summary[i], i == word / 64 ? word % 64 : 0);
		if (!left)
			continue;
		word = i * 64 + (unsigned)__builtin_ctzll(left);
		return (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(set->words[word]));
	}
	return CORE_NO_SLOT;
}
