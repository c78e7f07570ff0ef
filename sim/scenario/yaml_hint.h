/* SPDX-License-Identifier: ISC
 *
 * What libyaml's messages mean to somebody who writes a scenario.
 */
#ifndef SIM_SCENARIO_YAML_HINT_H
#define SIM_SCENARIO_YAML_HINT_H

#include <stdbool.h>

struct yaml_hint {
	const char *problem; /* libyaml's words, or how they begin */
	const char *text;    /* NULL: they say enough */
	bool at_opening; /* better shown where the quote or bracket opened than where the text ran
	                    out */
};

/* The hint for libyaml's message; text is NULL when there is none. */
struct yaml_hint yaml_hint(const char *problem);

#endif
