/* SPDX-License-Identifier: ISC
 *
 * Planted bugs: mistakes that real systems make, built in only with PLANT=1 and switched on one at
 * a time by GRAVESHIFT_PLANT=name, so that tests can show that each is caught.  In any other build
 * planted() is false and the mistake is not in the program.
 */
#ifndef SIM_UTIL_PLANT_H
#define SIM_UTIL_PLANT_H

#include <stdbool.h>

#include "core/core.h"

#ifdef PLANTED_BUGS
bool planted(const char *name);

/* Switches the coordinator's own on in its configuration. */
void plant_core(struct core_config *config);

/* Is what GRAVESHIFT_PLANT names in the table, if it is set?  If not, prints the table, a line for
 * each bug: name, where, worlds, mistake. */
bool plant_is_known(void);
#else
static inline bool
planted(const char *name)
{
	return false;
}

static inline void
plant_core(struct core_config *config)
{
}

static inline bool
plant_is_known(void)
{
	return true;
}
#endif

#endif
