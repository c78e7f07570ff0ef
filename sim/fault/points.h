/* SPDX-License-Identifier: ISC
 *
 * Names of the points (points.def).  Reaching one is fault/point.h's business.
 */
#ifndef SIM_FAULT_POINTS_H
#define SIM_FAULT_POINTS_H

enum point {
#define POINT(id, name, meaning) POINT_##id,
#include "sim/fault/points.def"
#undef POINT
	POINTS
};

/* "worker.before_commit"; "?" for a number out of range. */
const char *point_name(unsigned point);
/* Whose code it is in: "worker", "supervisor", "director", or "any". */
const char *point_process(unsigned point);
/* What has happened and what has not when the point is reached. */
const char *point_meaning(unsigned point);
/* The point of that name, or -1. */
int point_find(const char *name);

#endif
