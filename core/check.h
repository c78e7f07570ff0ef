/* SPDX-License-Identifier: ISC
 *
 * CHECK: an invariant that must hold in every build.  A batch supervisor that goes on after its own
 * state is wrong would do what it exists to prevent, so a broken CHECK stops the process at once;
 * the director reports it as a fault in graveshift itself (exit 5), never as a verdict.
 */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#define CHECK(condition)                                              \
	do {                                                          \
		if (__builtin_expect(!(condition), 0))                \
			check_failed(#condition, __FILE__, __LINE__); \
	} while (0)

/* Called with the text of the broken condition; the program supplies it and it does not return. */
_Noreturn void check_failed(const char *condition, const char *file, int line);

#endif
