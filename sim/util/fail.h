/* SPDX-License-Identifier: ISC
 *
 * Exit codes (DESIGN section 8) and messages to the person at the terminal.
 */
#ifndef SIM_UTIL_FAIL_H
#define SIM_UTIL_FAIL_H

#include <stdarg.h>

enum exit_code {
	EXIT_MET = 0,          /* all expectations met */
	EXIT_UNMET = 1,        /* an expectation failed */
	EXIT_USAGE = 2,        /* bad usage or scenario; nothing ran */
	EXIT_INCONCLUSIVE = 3, /* a fault never landed, or no verdict could be given */
	EXIT_NOTHING = 4,      /* nothing selected */
	EXIT_INTERNAL = 5 /* a fault in graveshift itself or in what it stands on (full disk) */
};

/* Prints "graveshift: message" to standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
