/* SPDX-License-Identifier: ISC
 *
 * Planted bugs: mistakes that real systems make, built in only with PLANT=1 and switched on one at
 * a time by GRAVESHIFT_PLANT=name, so that tests can show that each is caught.  In any other build
 * planted() is false and the mistake is not in the program.
 */
#ifndef SIM_UTIL_PLANT_H
#define SIM_UTIL_PLANT_H

#include <stdbool.h>
#ifdef PLANTED_BUGS
#include <stdlib.h>
#include <string.h>

static inline bool
planted(const char *name)
{
	const char *chosen = getenv("GRAVESHIFT_PLANT");

	return chosen != NULL && strcmp(chosen, name) == 0;
}
#else
static inline bool
planted(const char *name)
{
	return false;
}
#endif

#endif
