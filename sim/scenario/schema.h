/* SPDX-License-Identifier: ISC
 *
 * The format of scenario files as a JSON Schema (draft-07), for editors: made of the tables that
 * files are checked by.  What it refuses the program refuses, too; the program refuses more, which
 * no schema can say: order, sums, names that are defined elsewhere in the file.
 */
#ifndef SIM_SCENARIO_SCHEMA_H
#define SIM_SCENARIO_SCHEMA_H

#include <jansson.h>

#include "sim/scenario/keys.h"

/* The caller's; NULL without memory. */
json_t *schema_build(void);

/* schema_values.c: what one value may be, by its type.  The caller's; NULL without memory. */
json_t *schema_value(const struct key *key);

/* schema_torture.c: what a torture has no use for, and what only a torture has.  The caller's; NULL
 * without memory. */
json_t *schema_torture(void);

#endif
