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

static char help[] = "help", version[] = "version";

static bool
is_either(const char *word, const char *letter, const char *name)
{
	return strcmp(word, letter) == 0 || strcmp(word, name) == 0;
}

/* argv[0] is the command's name, or one of the options that stand for a command. */
static int
call(int argc, char **argv)
{
	const struct command *command;
	int code;

	if (is_either(argv[0], "-h", "--help"))
		argv[0] = help;
	if (is_either(argv[0], "-V", "--version"))
		argv[0] = version;
	command = command_find(argv[0]);
	if (command == NULL) {
		command_unknown(argv[0]);
		return EXIT_USAGE;
	}
	if (argc == 2 && is_either(argv[1], "-h", "--help"))
		code = command_help(2, (char *[]){help, argv[0], NULL});
	else
		code = command->run(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("cannot write to standard output");
		return EXIT_INTERNAL;
	}
	return code;
}

int
main(int argc, char **argv, char **environment)
{
	/* Room for process titles is made from the environment, before anybody looks into it. */
	setproctitle_init(argc, argv, environment);
	if (!hold_standard_descriptors() || !plant_is_known())
		return EXIT_INTERNAL;
	if (argc < 2) {
		command_help(1, (char *[]){help, NULL});
		return EXIT_USAGE;
	}
	return call(argc - 1, argv + 1);
}
