/* SPDX-License-Identifier: ISC
 *
 * Conditions as people write them:
 *
 *     condition = part { "||" part }      part = one { "&&" one }
 *     one = "!" one | "(" condition ")" | number comparison value | fact
 *
 * with the numbers and facts of condition.h.
 */
#ifndef SIM_SCENARIO_CONDITION_TEXT_H
#define SIM_SCENARIO_CONDITION_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/condition.h"
#include "sim/scenario/times.h"
#include "sim/scenario/units.h"

/* Terms that are numbers; a name of NULL ends the list. */
struct condition_number {
	const char *name;
	enum condition_what what;
	const struct unit *units;
};
extern const struct condition_number condition_numbers[];

#define CONDITION_TEXT_MAX 2048 /* of any condition, the end included */

/* What there is in the run, so that a condition that can never be true is refused. */
struct condition_bounds {
	uint32_t workers; /* of the beginning, for messages */
	uint32_t slots;   /* places that the run may come to use by itself */
	uint32_t places;  /* limits.workers */
	uint64_t tasks;   /* UINT64_MAX: not known yet */
	struct timers timers;
};

/* Returns 0, or -EINVAL after filling in the problem. */
int condition_parse(const struct condition_bounds *bounds, const char *text, struct condition *out,
                    struct text_problem *problem);

/* Such that condition_parse reads the same condition.  Returns text. */
const char *condition_text(const struct condition *condition, char *text, size_t size);

#endif
