/* SPDX-License-Identifier: ISC
 *
 * graveshift worker: one more worker for a live run, from another terminal.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/look.h"
#include "sim/util/fail.h"

int
command_worker(int argc, char **argv)
{
	struct options options;
	struct store_run info;
	struct run run;
	char holder[128];
	int code;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	code = look_open(&run, options.join, &info);
	if (code == 0 && !look_is_live(&run, holder, sizeof(holder))) {
		complain("nobody runs %s: there is nothing to join", run.dir.path);
		code = EXIT_USAGE;
	}
	if (code == 0 && run_open_job(&run, info.input) != 0)
		code = EXIT_USAGE;
	if (code != 0) {
		run_fini(&run);
		return code;
	}
	setproctitle("graveshift %s worker (joined)", run.scenario.name);
	worker_main(&run, CORE_NO_SLOT, 0, 0);
}
