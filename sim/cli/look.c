/* SPDX-License-Identifier: ISC
 *
 * Looking at a run.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/look.h"
#include "sim/process/run_power.h"
#include "sim/util/fail.h"
#include "sim/virtual/playing.h"

int
look_open(struct run *run, const char *name, struct store_run *info)
{
	char error[PATH_MAX + 256];

	run_init(run);
	if (rundir_open(&run->dir, name, error, sizeof(error)) != 0) {
		complain("%s", error);
		return EXIT_USAGE;
	}
	if (run_power_is_lost(run)) {
		complain("the power was lost in the run in %s: `graveshift resume %s` first",
		         run->dir.path, run->dir.path);
		return EXIT_USAGE;
	}
	if (run_load(run, NULL, 0) != 0)
		return EXIT_USAGE;
	memset(info, 0, sizeof(*info));
	/* It has neither store nor board. */
	if (run->scenario.world == WORLD_VIRTUAL)
		return 0;
	return run_reopen(run, info, false) == 0 ? 0 : EXIT_USAGE;
}

bool
look_refuses_virtual(const struct run *run, const char *what)
{
	if (run->scenario.world != WORLD_VIRTUAL)
		return false;
	complain("%s is a virtual run, played from beginning to end at once: there is nothing to "
	         "%s; `graveshift run %s/%s` plays it again",
	         run->dir.path, what, run->dir.path, RUN_SCENARIO);
	return true;
}

int
look_history(struct run *run, struct history **history)
{
	struct playing playing;
	int error;

	if (run->scenario.world != WORLD_VIRTUAL)
		return history_open(history, &run->scenario, run->events, run->db);
	error = playing_init(&playing, run);
	if (error != 0)
		return -EINVAL;
	error = playing_history(&playing, history);
	playing_fini(&playing);
	return error;
}

bool
look_is_live(const struct run *run, char *holder, size_t size)
{
	return rundir_is_locked(&run->dir, holder, size);
}
