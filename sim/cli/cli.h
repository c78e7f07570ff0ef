/* SPDX-License-Identifier: ISC
 *
 * The commands: each gets its own words and returns the exit code.
 */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command {
	const char *name;
	const char *arguments; /* for usage */
	const char *summary;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

extern const struct command commands[];
extern const size_t command_count;

int command_run(int argc, char **argv);
int command_resume(int argc, char **argv);
int command_redrive(int argc, char **argv);
int command_test(int argc, char **argv);
int command_check(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_status(int argc, char **argv);
int command_log(int argc, char **argv);
int command_worker(int argc, char **argv);
int command_generate(int argc, char **argv);
int command_sweep(int argc, char **argv);
int command_fuzz(int argc, char **argv);
int command_shrink(int argc, char **argv);
int command_points(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_help(int argc, char **argv);
int command_version(int argc, char **argv);

#define OPTION_SETS_MAX 64

/* Options that several commands share.  Flags may stand before and after the other words. */
struct options {
	const char *set[OPTION_SETS_MAX]; /* --set key=value, and --seed N as seed=N */
	size_t sets;
	char seed[40];
	const char *run_dir;                /* --run-dir DIR */
	bool control;                       /* --control */
	bool json;                          /* --json */
	bool quiet;                         /* --quiet */
	bool follow;                        /* --follow */
	const char *task, *slot, *kind;     /* filters of log */
	const char *join;                   /* --join RUN */
	const char *records, *bad, *output; /* generate */
	const char *points, *budget, *jobs; /* sweep, fuzz, shrink */
	const char *seeds;                  /* fuzz */
	bool pairs;                         /* --pairs */
	char world[40];                     /* --world W, kept as world=W */
	const char *trace;                  /* --trace FILE, - for standard output */
	bool audit;                         /* --audit */
	const char **word;                  /* the other words, in order */
	size_t words;
};

/* Which options a command takes: letters of OPTION_*. */
enum {
	OPTION_SET = 1,
	OPTION_RUN_DIR = 2,
	OPTION_CONTROL = 4,
	OPTION_JSON = 8,
	OPTION_FOLLOW = 16,
	OPTION_FILTER = 32,
	OPTION_JOIN = 64,
	OPTION_GENERATE = 128,
	OPTION_QUIET = 256,
	OPTION_SEED = 512,
	OPTION_SWEEP = 1024,
	OPTION_PAIRS = 2048,
	OPTION_BUDGET = 4096,
	OPTION_JOBS = 8192,
	OPTION_SEEDS = 16384,
	OPTION_OUTPUT = 32768,
	OPTION_WORLD = 65536,
	OPTION_TRACE = 131072,
	OPTION_AUDIT = 262144
};

/* Reads a command's words; says what is wrong and returns false when it cannot take them.  min and
 * max bound the other words. */
bool options_read(struct options *options, int argc, char **argv, unsigned allowed, size_t min,
                  size_t max);

/* --budget as a duration, INT64_MAX without; --jobs, or the default.  False after saying what is
 * wrong. */
bool options_budget(const struct options *options, int64_t *budget_ns);
bool options_jobs(const struct options *options, unsigned *jobs);

/* What a command's usage line says, to standard error. */
void usage_print(const char *name);

#endif
