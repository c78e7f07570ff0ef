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
point_process(unsigned point)
{
	static const struct {
		const char *prefix, *process;
	} processes[] = {{"worker.", "worker"},         {"output.", "worker"},
	                 {"part.", "worker"},           {"topic.", "worker"},
	                 {"supervisor.", "supervisor"}, {"director.", "director"}};
	const char *name = point_name(point);

	for (size_t i = 0; i < sizeof(processes) / sizeof(processes[0]); i++)
		if (strncmp(name, processes[i].prefix, strlen(processes[i].prefix)) == 0)
			return processes[i].process;
	return "any";
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
