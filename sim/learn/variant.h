/* SPDX-License-Identifier: ISC
 *
 * Overrides with numbers that a seed draws: "faults.k1.nth={3..40}".
 */
#ifndef SIM_LEARN_VARIANT_H
#define SIM_LEARN_VARIANT_H

#include "sim/learn/lesson.h"

/* Overrides for one run; the last one is its seed. */
struct variant {
	char *set[LESSON_TEXTS_MAX + 1]; /* owned */
	size_t sets;
};

/* Draws by lesson and seed.  0 or -ENOMEM; variant_fini either way. */
int variant_init(struct variant *variant, const struct lesson *lesson,
                 const struct lesson_texts *texts, uint64_t seed);
void variant_fini(struct variant *variant);

#endif
