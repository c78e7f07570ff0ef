/* SPDX-License-Identifier: ISC
 *
 * CHECK: an invariant that must hold in every build.  A batch supervisor that goes on after its own
 * state is wrong would do what it exists to prevent, so a broken CHECK stops the process at once;
 * the director reports it as a fault in graveshift itself (exit 5), never as a verdict.
 *
 * Who plays many runs in one process, as fuzzing does, sets check_hook and leaves by longjmp: that
 * run is a finding, its memory is not to be used any more, and the next one may begin.
 */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#define CHECK(condition)                                              \
	do {                                                          \
		if (__builtin_expect(!(condition), 0))                \
			check_broken(#condition, __FILE__, __LINE__); \
	} while (0)

typedef void check_handler(const char *condition, const char *file, int line);

/* Called first if it is not NULL; where it returns, the process ends as without it. */
extern check_handler *check_hook;

/* Calls check_hook, then check_failed. */
_Noreturn void check_broken(const char *condition, const char *file, int line);

/* Called with the text of the broken condition; the program supplies it and it does not return. */
_Noreturn void check_failed(const char *condition, const char *file, int line);

#endif
