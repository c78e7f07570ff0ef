/* SPDX-License-Identifier: ISC
 *
 * The comparisons of expectations and conditions, as text.
 */
#ifndef SIM_SCENARIO_COMPARE_H
#define SIM_SCENARIO_COMPARE_H

#include <stdbool.h>

#include "sim/scenario/condition.h"

/* Reads ==, <=, >=, < or > at *text and moves behind it and the blanks there; false: there is none.
 */
bool compare_read(const char **text, enum compare *compare);
const char *compare_text(enum compare compare);
/* Whether "value <= with", or what it is, is true. */
bool compare_holds(uint64_t value, enum compare how, uint64_t with);

#endif
