/* SPDX-License-Identifier: ISC
 *
 * graveshift inject, scale and script: faults and workers by hand, and the fault script held and
 * let on, in a run that goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/channel/request.h"
#include "sim/cli/cli.h"
#include "sim/cli/look.h"
#include "sim/fault/hand.h"
#include "sim/fault/script.h"
#include "sim/util/fail.h"

#define PATIENCE_MS 10000

/* Asks the run's director and says what it answers.  The exit code. */
static int
ask(const struct run *run, const char *verb, const char *words)
{
	static const int codes[ANSWERS] = {[ANSWER_DONE] = EXIT_MET,
	                                   [ANSWER_REFUSED] = EXIT_INCONCLUSIVE,
	                                   [ANSWER_BAD] = EXIT_USAGE};
	char name[CHANNEL_NAME_MAX], request[REQUEST_MAX + 2], text[ANSWER_MAX];
	int fd, got;

	run_name_desk(run->id, name);
	snprintf(request, sizeof(request), "%s %s", verb, words);
	fd = request_send(name, request);
	if (fd == -ECONNREFUSED) {
		complain("nobody runs %s now: there is nobody to ask", run->dir.path);
		return EXIT_INCONCLUSIVE;
	}
	got = fd < 0 ? fd : request_answer(fd, PATIENCE_MS, text);
	if (fd >= 0)
		close(fd);
	if (got < 0) {
		complain("the director of %s gave no answer: %s", run->dir.path, strerror(-got));
		return EXIT_INCONCLUSIVE;
	}
	if (got == ANSWER_DONE)
		printf("%s\n", text);
	else
		complain("%s", text);
	return codes[got];
}

static int
inject(const char *name, const char *fault)
{
	struct store_run info;
	struct run run;
	int code = look_open(&run, name, &info);

	if (code == 0 && look_refuses_virtual(&run, "inject into"))
		code = EXIT_USAGE;
	/* Read here as well, for messages that show the place. */
	if (code == 0 && hand_add(&run.scenario, fault, stderr) < 0)
		code = EXIT_USAGE;
	if (code == 0)
		code = ask(&run, "inject", fault);
	run_fini(&run);
	return code;
}

int
command_inject(int argc, char **argv)
{
	struct options options;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	return inject(options.word[0], options.word[1]);
}

int
command_scale(int argc, char **argv)
{
	struct options options;
	char fault[64];

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	snprintf(fault, sizeof(fault), "scale: %.40s", options.word[1]);
	return inject(options.word[0], fault);
}

int
command_script(int argc, char **argv)
{
	struct options options;
	struct store_run info;
	struct run run;
	int code;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (script_change_find(options.word[1]) == SCRIPT_CHANGES) {
		complain("script %s: it is hold, step or go", options.word[1]);
		return EXIT_USAGE;
	}
	code = look_open(&run, options.word[0], &info);
	if (code == 0 && look_refuses_virtual(&run, "hold"))
		code = EXIT_USAGE;
	if (code == 0)
		code = ask(&run, "script", options.word[1]);
	run_fini(&run);
	return code;
}
