/* SPDX-License-Identifier: ISC
 *
 * What a broken CHECK does.
 */
#include <stddef.h>

#include "check.h"

check_handler *check_hook;

void
check_broken(const char *condition, const char *file, int line)
{
	if (check_hook != NULL)
		check_hook(condition, file, line);
	check_failed(condition, file, line);
}
