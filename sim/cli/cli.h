/* SPDX-License-Identifier: ISC
 *
 * The commands: each gets its own words and returns the exit code.
 */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Options, numbered in the order of options.def. */
enum option_number {
#define OPTION(id, kind, field, name, letter, value, meaning) OPTION_##id,
#include "sim/cli/options.def"
#undef OPTION
	OPTIONS
};

#define TAKES(id) (UINT64_C(1) << OPTION_##id)

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_MAYBE,
	OPTION_TEXTS,
	OPTION_OVERRIDE,
	OPTION_OVERRIDES
};

struct option_row {
	const char *name;
	char letter; /* 0: none */
	enum option_kind kind;
	size_t offset;     /* of its field in struct options */
	const char *value; /* what stands behind it; NULL for a flag */
	const char *meaning;
};

extern const struct option_row option_rows[OPTIONS];

#define COMMAND_EXAMPLES_MAX 4

struct command {
	const char *name;
	const char *words;          /* that stand behind it: "[FILE]", "PATH..." */
	uint64_t required, options; /* bits of TAKES(); options has all that it takes */
	const char *summary;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
	struct {
		const char *words, *what;
	} example[COMMAND_EXAMPLES_MAX];
};

extern const struct command commands[];
extern const size_t command_count;

#define COMMAND(name, ...) int command_##name(int argc, char **argv);
#include "sim/cli/commands.def"
#undef COMMAND

/* NULL: there is none of that name. */
const struct command *command_find(const char *name);
/* Says that there is none, and which one may be meant. */
void command_unknown(const char *name);

#define OPTION_SETS_MAX 64
#define OPTION_OVERRIDE_SIZE 40
#define OPTION_TEXTS_MAX 16
#define OPTION_FIELD_FLAG(field) bool field;
#define OPTION_FIELD_TEXT(field) const char *field;
#define OPTION_FIELD_MAYBE(field) const char *field;
#define OPTION_FIELD_TEXTS(field) const char *field[OPTION_TEXTS_MAX + 1]; /* ends with NULL */
#define OPTION_FIELD_OVERRIDE(field) char field[OPTION_OVERRIDE_SIZE];
#define OPTION_FIELD_OVERRIDES(field) const char *field[OPTION_SETS_MAX];

/* What was said.  A field for each line of options.def: texts that were not are NULL. */
struct options {
#define OPTION(id, kind, field, ...) OPTION_FIELD_##kind(field)
#include "sim/cli/options.def"
#undef OPTION
	size_t sets;       /* in set[], which has every OVERRIDE, too */
	const char **word; /* the other words, in order */
	size_t words;
};

/* Reads a command's words by the tables; says what is wrong and returns false when it cannot take
 * them.  Options may stand before and after the other words. */
bool options_read(struct options *options, int argc, char **argv);

/* --budget as a duration, INT64_MAX without; --jobs, or the default.  False after saying what is
 * wrong. */
bool options_budget(const struct options *options, int64_t *budget_ns);
/* --at, which was said, as a time of the run.  False after saying what is wrong. */
bool options_at(const struct options *options, int64_t *at_ns);
bool options_jobs(const struct options *options, unsigned *jobs);

/* "usage: graveshift run FILE [--set KEY=VALUE]... ...", in lines of 80 columns. */
void usage_print(const struct command *command, FILE *out);

/* May it be said more than once? */
bool option_repeats(const struct option_row *option);

/* Does its value stand behind it, as a word of its own? */
bool option_takes_word(const struct option_row *option);

/* "-o FILE", "--seed N" or "--power[=ext4|posix]" as usage lines have it. */
const char *option_text(const struct option_row *option, char *text, size_t size);

#endif
