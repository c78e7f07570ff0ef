/* SPDX-License-Identifier: ISC
 *
 * Input whose records are lines: whatever stands before a line feed, and behind the last one if
 * anything does.  No quotes, no header; an empty line is a record as well.
 */
#ifndef SIM_JOB_LINES_H
#define SIM_JOB_LINES_H

#include "sim/job/input.h"
#include "sim/job/job.h"

#define LINES_BYTES_MAX (16u << 20) /* a longer line is an error of the plan phase */

/* Cuts the input into tasks of stage 0 with `chunk` lines each, and takes their checksums.  0 with
 * *summary; put's error; or -errno with error[] filled in. */
int lines_plan(const struct input *input, const char *path, uint64_t chunk,
               struct plan_summary *summary,
               int (*put)(void *context, const struct task_plan *task), void *context, char *error,
               size_t size);

/* How many lines begin in bytes[0..length). */
uint64_t lines_count(const char *bytes, size_t length);

/* Length of the line that begins at `bytes`, its line feed included if it has one. */
size_t lines_next(const char *bytes, size_t length);

#endif
