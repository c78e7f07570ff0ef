/* SPDX-License-Identifier: ISC
 *
 * graveshift: finds the command and calls it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

/* A standard descriptor that is closed would be given to the next file that is opened, and what is
 * meant for a terminal be written there.  Output that nobody can get stays an error. */
static bool
hold_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int
main(int argc, char **argv, char **environment)
{
	/* Room for process titles is made from the environment, before anybody looks into it. */
	setproctitle_init(argc, argv, environment);
	if (!hold_standard_descriptors() || !plant_is_known())
		return EXIT_INTERNAL;
	if (argc < 2) {
		command_help(1, argv);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		return command_help(1, argv);
	if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0)
		return command_version(1, argv + 1);
	for (size_t i = 0; i < command_count; i++) {
		if (strcmp(commands[i].name, argv[1]) == 0) {
			int code = commands[i].run(argc - 1, argv + 1);
			if (fflush(stdout) != 0 || ferror(stdout)) {
				complain("cannot write to standard output");
				return EXIT_INTERNAL;
			}
			return code;
		}
	}
	complain("no command %s; `graveshift help` lists them", argv[1]);
	return EXIT_USAGE;
}
