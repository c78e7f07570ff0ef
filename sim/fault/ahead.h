/* SPDX-License-Identifier: ISC
 *
 * plan.jsonl: what is done to a run, written there before it is done.  A line is one JSON object:
 *     {"fault": "k1", ...}    an injection
 *     {"hand": "hand1", ...}  a fault that a person asked for, before anything of it is done
 *     {"script": "hold", ...} the fault script was held, let go, or let on by one step
 */
#ifndef SIM_FAULT_AHEAD_H
#define SIM_FAULT_AHEAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define AHEAD_LINE_MAX 1024 /* with its line end; enough for FAULT_VICTIMS slots */

/* Appends one whole line.  False after saying why not: then nothing may be done. */
bool ahead_write(const char *line, size_t length);

/* Calls each() for every line of the file, which may not exist yet, until it returns non-zero:
 * that, or 0, or -errno (-EBADMSG: not our file). */
int ahead_each(const char *plan_path, int (*each)(void *context, const json_t *line),
               void *context);

#endif
