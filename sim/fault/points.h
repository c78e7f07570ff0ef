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
#define POINTS_DRAWN POINT_WORKER_BEFORE_BATCH /* a seed draws from those before it */
#define POINT_WORDS ((POINTS + 63) / 64)       /* of a bit for each */

/* What a fault can do to the call that a point stands right before. */
enum point_call {
	POINT_FAILS = 1,  /* it fails with an error */
	POINT_WRITES = 2, /* it is a write, which can be cut short or torn */
	POINT_SENDS = 4   /* it sends frames, which can be lost, late, doubled or damaged */
};

/* "worker.before_commit"; "?" for a number out of range. */
const char *point_name(unsigned point);
/* Whose code it is in: "worker", "supervisor", "director", or "any". */
const char *point_process(unsigned point);
/* What has happened and what has not when the point is reached. */
const char *point_meaning(unsigned point);
/* enum point_call bits of the call that it stands right before; 0: none that a fault can change. */
unsigned point_calls(unsigned point);
/* The point of that name, or -1. */
int point_find(const char *name);

#endif
