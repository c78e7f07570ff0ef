/* SPDX-License-Identifier: ISC
 *
 * The commands that go on with a run, such that they can be pasted into a shell.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/runbook.h"

/* In quotes unless every shell takes it as it is. */
static const char *
quoted(const char *word, char *text, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "/._-+=:@%,";
	size_t used = 0;

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
		strlcpy(text, word, size);
		return text;
	}
	text[used++] = '\'';
	for (; *word != '\0' && used + 6 < size; word++) {
		if (*word == '\'')
			used += strlcpy(text + used, "'\\''", size - used);
		else
			text[used++] = *word;
	}
	text[used++] = '\'';
	text[used] = '\0';
	return text;
}

/* Is it this program that a shell finds by the name? */
static bool
is_on_path(const char *self)
{
	const char *path = getenv("PATH");
	char list[PATH_MAX], file[PATH_MAX + 16], resolved[PATH_MAX], *rest = list, *folder;

	if (path == NULL || strlcpy(list, path, sizeof(list)) >= sizeof(list))
		return false;
	while ((folder = strsep(&rest, ":")) != NULL) {
		snprintf(file, sizeof(file), "%s/graveshift", folder);
		if (access(file, X_OK) == 0)
			return realpath(file, resolved) != NULL && strcmp(resolved, self) == 0;
	}
	return false;
}

static const char *
program(char *text, size_t size)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length > 0)
		self[length] = '\0';
	if (length <= 0 || is_on_path(self))
		strlcpy(text, "graveshift", size);
	else
		quoted(self, text, size);
	return text;
}

static void add(struct runbook *runbook, const char *command, const char *file, const char *more,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* graveshift COMMAND RUN[FILE][MORE] */
static void
add(struct runbook *runbook, const char *command, const char *file, const char *more,
    const char *format, ...)
{
	struct runbook_step *step = &runbook->step[runbook->steps++];
	char path[PATH_MAX], word[PATH_MAX + 16], self[PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(step->why, sizeof(step->why), format, arguments);
	va_end(arguments);
	snprintf(path, sizeof(path), "%.*s%s", PATH_MAX - 32, runbook->run.dir.path, file);
	snprintf(step->command, sizeof(step->command), "%.*s %s %.*s%s", PATH_MAX / 2,
	         program(self, sizeof(self)), command, PATH_MAX, quoted(path, word, sizeof(word)),
	         more);
}

static void
choose_for_dead_letters(struct runbook *runbook)
{
	unsigned long long dead = runbook->counts.dead_records, bad = runbook->dead_for_good;
	char accept[64];

	snprintf(accept, sizeof(accept), " --set recovery.dead_letters.max=%llu", dead);
	if (bad < dead)
		add(runbook, "redrive", "", "",
		    bad == 0 ? "Once the cause is mended, try the dead letters again:"
		             : "Once the cause is mended, try the dead letters again; %llu of %llu "
		               "cannot be used as they stand in the input and will be there again:",
		    bad, dead);
	add(runbook, "redrive", "", accept,
	    bad == dead ? "The dead letters cannot be used as they stand in the input, and trying "
	                  "again will not change that.  If the job may be done without these %llu "
	                  "records, say so:"
	                : "Or, if the job may be done without what still fails (%llu records):",
	    dead);
}

/* From the beginning: there is no later for what it gave up. */
static void
choose_for_stream(struct runbook *runbook)
{
	const char *again = runbook->run.scenario.exclusive ? " --again" : "";
	unsigned long long dead = runbook->counts.dead_records;
	char accept[80];

	snprintf(accept, sizeof(accept), "%s --set recovery.dead_letters.max=%llu", again, dead);
	if (dead == 0 || runbook->dead_for_good < dead)
		add(runbook, "run", "/" RUN_SCENARIO, again,
		    "What a stream gave up cannot be done later, behind what came after it.  Once "
		    "the cause is mended, do all of it anew:");
	if (dead > 0)
		add(runbook, "run", "/" RUN_SCENARIO, accept,
		    "If it may be done without what fails (%llu records), say so and do it anew:",
		    dead);
}

static void
choose_for_failed(struct runbook *runbook)
{
	if (!dead_can_be_redriven(&runbook->run.scenario.job))
		choose_for_stream(runbook);
	else if (runbook->info.outcome == OUTCOME_DEAD_LETTERS && runbook->counts.dead_records > 0)
		choose_for_dead_letters(runbook);
	else
		add(runbook, "redrive", "", "",
		    runbook->info.outcome == OUTCOME_QUARANTINED
		        ? "Workers died too often.  Once the cause is mended:"
		        : "Once the cause is mended:");
}

static void
choose_for_open(struct runbook *runbook)
{
	if (runbook->input != RUNBOOK_INPUT_CHANGED) {
		add(runbook, "resume", "", "",
		    runbook->state == RUNBOOK_UNSTORED
		        ? "Nothing was done yet.  To begin:"
		        : "What is committed stays as it is; the rest is done now:");
		return;
	}
	add(runbook, "resume", "", "",
	    "Put the input back as it was, and then (it is checked, nothing is done on a wrong "
	    "one):");
	add(runbook, "run", "/" RUN_SCENARIO, runbook->run.scenario.exclusive ? " --again" : "",
	    "Or give this run up, and do the whole job on the input as it is now:");
}

void
runbook_choose_steps(struct runbook *runbook)
{
	const char *look = NULL;
	char word[PATH_MAX + 16], self[PATH_MAX];

	switch (runbook->state) {
	case RUNBOOK_UNBORN:
	case RUNBOOK_FOREIGN:
		return;
	case RUNBOOK_LIVE:
		look = "watch";
		break;
	case RUNBOOK_DONE:
		look = "report";
		break;
	case RUNBOOK_FAILED:
		choose_for_failed(runbook);
		look = "report";
		break;
	default:
		choose_for_open(runbook);
		look = runbook->state == RUNBOOK_OPEN ? "replay" : NULL;
	}
	if (look != NULL)
		snprintf(runbook->look, sizeof(runbook->look), "%.*s %s %.*s", PATH_MAX / 2,
		         program(self, sizeof(self)), look, PATH_MAX,
		         quoted(runbook->run.dir.path, word, sizeof(word)));
}

const char *
runbook_command(const struct runbook *runbook)
{
	return runbook->steps > 0 ? runbook->step[0].command : "";
}
