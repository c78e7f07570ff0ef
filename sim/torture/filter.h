/* SPDX-License-Identifier: ISC
 *
 * The calls that a job is stopped at, and the program in the kernel that stops it there and nowhere
 * else.
 */
#ifndef SIM_TORTURE_FILTER_H
#define SIM_TORTURE_FILTER_H

#include <stdbool.h>

enum call_effect {
	EFFECT_OPEN,
	EFFECT_NAME,
	EFFECT_RENAME,
	EFFECT_META,
	EFFECT_DATA,
	EFFECT_SIZE,
	EFFECT_MAP,
	EFFECT_FLUSH,
	EFFECT_SYNC,
	EFFECT_BOUND,
	EFFECT_HIDDEN,
	EFFECT_CHANCE,
	EFFECT_REFUSED
};

enum call_guard { GUARD_ALWAYS, GUARD_MAKES, GUARD_STORES, GUARD_CLONES };

enum { CALL_NO = -1, CALL_CWD = -2 };

/* A row of calls.def: the numbers of arguments, CALL_NO or CALL_CWD. */
struct call {
	const char *name;
	int number;
	enum call_effect effect;
	struct {
		enum call_guard kind;
		int argument;
	} guard;
	struct {
		int dir, path;
	} at[2];
	int fd;
	struct {
		bool is_given, is_pointed;
		unsigned argument;
	} offset;
};

extern const struct call calls[];
extern const unsigned call_count;

/* How a job is filtered: FILTER_REFUSES is for those that are not traced, to whom the same is
 * refused as to those that are.  FILTER_POWER stops at what syncs; FILTER_KILLS has it answered
 * with 0 at once, for a kill leaves the page cache alone. */
enum filter { FILTER_REFUSES, FILTER_KILLS, FILTER_POWER };

/* Puts the program before this process and all that come of it: what calls.def names stops with its
 * row's number for a tracer; other machines' calls kill the process with SIGSYS.  0 or -errno. */
int filter_install(enum filter filter);

#endif
