/* SPDX-License-Identifier: ISC
 *
 * graveshift watch and replay: a run on the screen, while it goes on or afterwards.  Neither writes
 * anything to it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/show.h"
#include "sim/util/fail.h"
#include "tui/screen/guard.h"
#include "tui/screen/terminal.h"
#include "tui/screen/terminfo.h"

static bool
read_size(const char *text, struct show *show)
{
	char tail;

	if (sscanf(text, "%3dx%3d%c", &show->columns, &show->rows, &tail) == 2 &&
	    show->columns >= 1 && show->rows >= 1)
		return true;
	complain("--size %s: give columns and rows, such as 100x30", text);
	return false;
}

static bool
read_print(const char *text, struct show *show)
{
	if (strcmp(text, "text") == 0)
		show->how = SHOW_TEXT;
	else if (strcmp(text, "svg") == 0)
		show->how = SHOW_SVG;
	else
		complain("--print %s: it is text or svg", text);
	return show->how == SHOW_TEXT || show->how == SHOW_SVG;
}

static bool
read_how(const struct options *options, struct show *show)
{
	bool utf8 = terminal_locale_is_utf8();

	*show =
	    (struct show){.name = options->word[0], .rows = 30, .columns = 100, .at_ns = INT64_MAX};
	/* What is printed looks the same everywhere. */
	show->ascii = options->ascii || (!utf8 && options->print == NULL);
	show->how = terminfo_is_able() ? SHOW_SCREEN : SHOW_LINES;
	if (options->accessible)
		show->how = SHOW_SENTENCES;
	if (options->print == NULL && (options->at != NULL || options->size != NULL)) {
		complain("--at and --size belong to --print");
		return false;
	}
	return (options->print == NULL || read_print(options->print, show)) &&
	       (options->size == NULL || read_size(options->size, show)) &&
	       (options->at == NULL || options_at(options, &show->at_ns));
}

/* In a process of its own. */
static int
show_screen(void *context)
{
	return show_run(context);
}

static int
command_show(int argc, char **argv, bool watch)
{
	struct options options;
	struct show show;
	int code;

	if (!options_read(&options, argc, argv) || !read_how(&options, &show))
		return EXIT_USAGE;
	show.watch = watch;
	show.readonly = options.readonly;
	if (show.how != SHOW_SCREEN)
		return show_run(&show);
	code = guard_run(show_screen, &show);
	if (code >= 0)
		return code;
	complain("cannot start a process for the screen: %s", strerror(-code));
	return EXIT_INTERNAL;
}

int
command_watch(int argc, char **argv)
{
	return command_show(argc, argv, true);
}

int
command_replay(int argc, char **argv)
{
	return command_show(argc, argv, false);
}
