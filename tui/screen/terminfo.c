/* SPDX-License-Identifier: ISC
 *
 * The terminal's description.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "tui/screen/terminfo.h"

bool
terminfo_is_able(void)
{
	const char *name = getenv("TERM");
	int error;
	bool able;

	if (name == NULL || strcmp(name, "dumb") == 0 || !isatty(STDOUT_FILENO) ||
	    !isatty(STDIN_FILENO))
		return false;
	if (setupterm(name, STDOUT_FILENO, &error) != OK)
		return false;
	able = cursor_address != NULL && clear_screen != NULL;
	del_curterm(cur_term);
	return able;
}

static int
put_byte(int byte)
{
	char character = (char)byte;

	return write(STDOUT_FILENO, &character, 1) == 1 ? byte : -1;
}

static void
put_capability(const char *capability)
{
	if (capability != NULL)
		tputs(capability, 1, put_byte);
}

void
terminfo_leave(void)
{
	int error;

	if (setupterm(NULL, STDOUT_FILENO, &error) != OK)
		return;
	put_capability(exit_attribute_mode);
	put_capability(cursor_normal);
	put_capability(keypad_local);
	put_capability(exit_ca_mode);
	del_curterm(cur_term);
}
