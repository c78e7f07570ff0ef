/* SPDX-License-Identifier: ISC
 *
 * Names and meanings of the points, from their one list.
 */
#include <string.h>

#include "sim/fault/points.h"

static const struct {
	const char *name, *meaning;
	unsigned calls;
} points[] = {
#define POINT(id, name, meaning) {name, meaning, 0},
#define POINT_CALL(id, name, calls, meaning) {name, meaning, calls},
#include "sim/fault/points.def"
#undef POINT
};

const char *
point_name(unsigned point)
{
	return point < POINTS ? points[point].name : "?";
}

const char *
point_meaning(unsigned point)
{
	return point < POINTS ? points[point].meaning : "?";
}

unsigned
point_calls(unsigned point)
{
	return point < POINTS ? points[point].calls : 0;
}

int
point_find(const char *name)
{
	for (int i = 0; i < POINTS; i++)
		if (strcmp(points[i].name, name) == 0)
			return i;
	return -1;
}
