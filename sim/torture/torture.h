/* SPDX-License-Identifier: ISC
 *
 * Killing a command at each point at which it changes files, running it again on what is left, and
 * judging what comes of it.
 */
#ifndef SIM_TORTURE_TORTURE_H
#define SIM_TORTURE_TORTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/compare.h"

enum torture_measure {
	TORTURE_UNSAFE,  /* findings that were judged */
	TORTURE_LITTER,  /* states after which something is left */
	TORTURE_EXPLORED /* points, in millionths of all */
};

struct torture_expectation {
	enum torture_measure of;
	enum compare compare;
	uint64_t value;
	const char *text;
};

/* By what a loss of power is modelled; see power.h. */
enum power_model { POWER_NONE, POWER_EXT4, POWER_POSIX };

struct torture_options {
	char *const *command;    /* ends with NULL */
	const char *const *work; /* folders that are compared; none: the current one */
	unsigned works;
	const char *setup, *check, *recover; /* for a shell; NULL: none */
	const char *const *same;             /* files that alone are compared; ends with NULL */
	unsigned jobs;
	int64_t budget_ns; /* INT64_MAX: none was said */
	bool all, pid_reuse, real_kill, one_process, again;
	enum power_model power;
	uint64_t seed;
	int64_t limit_ns; /* for the command, each time that it is run */
	const char *tap, *save, *html;
	/* Of a scenario: what is found is held against this. */
	const struct torture_expectation *expect;
	size_t expectations;
	int64_t wall_ns;  /* 0: none; nothing is begun after it, and then nothing is concluded */
	FILE *out;        /* NULL: as `tap` says; else a part of a larger report, */
	const char *name; /* whose points begin with this */
};

/* Each returns the exit code. */
int torture_run(const struct torture_options *options);
int torture_list(const struct torture_options *options);
/* The case's state again: recovery and check, or a shell in it. */
int torture_replay(const char *folder, bool shell);
/* Makes a small test of a case, as plain files. */
int torture_keep(const char *folder, const char *to);

/* What this host lacks for it, or NULL; *overlay says whether the whole file system can be a job's
 * own, or only its work folders. */
const char *torture_probe(bool *overlay);

#endif
