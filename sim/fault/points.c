/* SPDX-License-Identifier: ISC
 *
 * Names and meanings of the points, from their one list.
 */
#include <string.h>

#include "sim/fault/points.h"

static const struct {
	const char *name, *meaning;
} points[] = {
#define POINT(id, name, meaning) {name, meaning},
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

int
point_find(const char *name)
{
	for (int i = 0; i < POINTS; i++)
		if (strcmp(points[i].name, name) == 0)
			return i;
	return -1;
}
