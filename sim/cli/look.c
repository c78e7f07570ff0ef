/* SPDX-License-Identifier: ISC
 *
 * Looking at a run.
 */
#include <unistd.h>

#include "sim/cli/look.h"
#include "sim/process/run_power.h"
#include "sim/util/fail.h"

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
	if (run_load(run, NULL, 0) != 0 || run_reopen(run, info, false) != 0)
		return EXIT_USAGE;
	return 0;
}

bool
look_is_live(const struct run *run, char *holder, size_t size)
{
	return rundir_is_locked(&run->dir, holder, size);
}
