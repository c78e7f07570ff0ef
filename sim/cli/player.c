/* SPDX-License-Identifier: ISC
 *
 * A look into a scenario, for whom it is.
 */
#include "sim/cli/player.h"
#include "sim/scenario/scenario.h"

int
player_wanted(const char *file, const struct options *options)
{
	struct scenario scenario;
	enum player player;

	if (scenario_load(&scenario, file, options->set, options->sets, stderr) != 0)
		return -1;
	player = scenario.job.kind == JOB_TORTURE  ? PLAYER_TORTURE
	         : scenario.world == WORLD_VIRTUAL ? PLAYER_VIRTUAL
	                                           : PLAYER_REAL;
	scenario_fini(&scenario);
	return (int)player;
}
