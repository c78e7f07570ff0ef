/* SPDX-License-Identifier: ISC
 *
 * The numbers of a verdict that a lesson can ask for.
 */
#ifndef SIM_LEARN_MEASURE_H
#define SIM_LEARN_MEASURE_H

#include <stdint.h>

#include "sim/verdict/verdict.h"

enum measure {
#define MEASURE(id, name, meaning, number) MEASURE_##id,
#include "sim/learn/measure.def"
#undef MEASURE
	MEASURES
};

const char *measure_name(enum measure measure);
const char *measure_meaning(enum measure measure);

/* All of them. */
void measure_take(const struct verdict *verdict, uint64_t measure[MEASURES]);

#endif
