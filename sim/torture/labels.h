/* SPDX-License-Identifier: ISC
 *
 * Texts that come again and again, each kept once, with a number and how often it came.
 */
#ifndef SIM_TORTURE_LABELS_H
#define SIM_TORTURE_LABELS_H

#include <stdint.h>

#include "sim/torture/arena.h"

#define LABELS_MAX 262144
#define LABEL_NONE UINT32_MAX

struct label {
	const char *text;
	uint64_t sum;
	uint32_t count;
};

struct labels {
	struct arena *arena;
	struct label *label; /* LABELS_MAX of them, of which `used` are there */
	uint32_t *place;     /* by sum: number + 1 */
	uint32_t used;
};

/* NULL when there is no room. */
struct labels *labels_new(struct arena *arena);
/* The number of a text, which has come once more; LABEL_NONE when there is no room for it. */
uint32_t labels_count(struct labels *labels, const char *text);

#endif
