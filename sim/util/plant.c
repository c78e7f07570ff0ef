/* SPDX-License-Identifier: ISC
 *
 * The table of planted bugs: the coordinator's and all others.
 */
#include "sim/util/plant.h"

#ifdef PLANTED_BUGS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check.h"
#include "sim/util/fail.h"

static const struct {
	const char *name, *where, *worlds, *mistake;
} plants[] = {
#define PLANTED(id, name, mistake) {name, "core", "both", mistake},
#include "core/planted.def"
#undef PLANTED
#define PLANT(name, where, worlds, mistake) {name, where, worlds, mistake},
#include "sim/util/planted.def"
#undef PLANT
};
#define PLANTS (sizeof(plants) / sizeof(plants[0]))

static bool
is_listed(const char *name)
{
	for (size_t i = 0; i < PLANTS; i++)
		if (strcmp(plants[i].name, name) == 0)
			return true;
	return false;
}

bool
planted(const char *name)
{
	const char *chosen = getenv("GRAVESHIFT_PLANT");

	CHECK(chosen == NULL || is_listed(name));
	return chosen != NULL && strcmp(chosen, name) == 0;
}

void
plant_core(struct core_config *config)
{
	for (unsigned bug = 0; bug < CORE_PLANTED_BUGS; bug++)
		config->planted |= planted(core_planted_name(bug)) ? 1u << bug : 0;
}

bool
plant_is_known(void)
{
	const char *chosen = getenv("GRAVESHIFT_PLANT");

	if (chosen == NULL || is_listed(chosen))
		return true;
	complain("GRAVESHIFT_PLANT=%s is no planted bug; there are:", chosen);
	for (size_t i = 0; i < PLANTS; i++)
		fprintf(stderr, "%s\t%s\t%s\t%s\n", plants[i].name, plants[i].where,
		        plants[i].worlds, plants[i].mistake);
	return false;
}
#endif
