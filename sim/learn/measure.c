/* SPDX-License-Identifier: ISC
 *
 * Names and values of measures, by their table.
 */
#include "sim/learn/measure.h"
#include "sim/util/clock.h"

const char *
measure_name(enum measure measure)
{
	static const char *const names[] = {
#define MEASURE(id, name, meaning, number) #name,
#include "sim/learn/measure.def"
#undef MEASURE
	};

	return names[measure];
}

const char *
measure_meaning(enum measure measure)
{
	static const char *const meanings[] = {
#define MEASURE(id, name, meaning, number) meaning,
#include "sim/learn/measure.def"
#undef MEASURE
	};

	return meanings[measure];
}

void
measure_take(const struct verdict *verdict, uint64_t measure[MEASURES])
{
#define MEASURE(id, name, meaning, number) measure[MEASURE_##id] = number;
#include "sim/learn/measure.def"
#undef MEASURE
}
