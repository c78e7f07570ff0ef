/* SPDX-License-Identifier: ISC
 *
 * The lessons that are about a topic, by what their own files say.
 */
#ifndef SIM_EXPLAIN_TAUGHT_H
#define SIM_EXPLAIN_TAUGHT_H

#include "sim/explain/explain.h"

/* A line for each, with the command that begins it. */
void taught_print(const struct topics *topics, const struct topic *topic, FILE *out);

#endif
