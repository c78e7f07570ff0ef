/* SPDX-License-Identifier: ISC
 *
 * The tables of commands and options, and usage lines made from them.
 */
#include <stdarg.h>
#include <string.h>

#include "sim/cli/cli.h"

#define USAGE_COLUMNS 80

const struct option_row option_rows[OPTIONS] = {
#define OPTION(id, kind, field, name, letter, value, meaning) \
	{name, letter, OPTION_##kind, offsetof(struct options, field), value, meaning},
#include "sim/cli/options.def"
#undef OPTION
};

const struct command commands[] = {
#define COMMAND(name, words, required, options, summary, ...) \
	{#name, words, required, (required) | (options), summary, command_##name, {__VA_ARGS__}},
#include "sim/cli/commands.def"
#undef COMMAND
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

bool
option_repeats(const struct option_row *option)
{
	return option->kind == OPTION_OVERRIDES || option->kind == OPTION_TEXTS;
}

bool
option_takes_word(const struct option_row *option)
{
	return option->value != NULL && option->kind != OPTION_MAYBE;
}

const char *
option_text(const struct option_row *option, char *text, size_t size)
{
	const char *blank = option->value != NULL ? " " : "";
	const char *value = option->value != NULL ? option->value : "";

	if (option->kind == OPTION_MAYBE)
		snprintf(text, size, "--%s[=%s]", option->name, value);
	else if (option->letter != 0)
		snprintf(text, size, "-%c%s%s", option->letter, blank, value);
	else
		snprintf(text, size, "--%s%s%s", option->name, blank, value);
	return text;
}

/* A line that is broken between its parts. */
struct usage {
	FILE *out;
	size_t indent, column;
};

static void add_part(struct usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_part(struct usage *usage, const char *format, ...)
{
	char part[128];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	vsnprintf(part, sizeof(part), format, arguments);
	va_end(arguments);
	length = strlen(part);
	if (usage->column + 1 + length > USAGE_COLUMNS) {
		fprintf(usage->out, "\n%*s", (int)usage->indent, "");
		usage->column = usage->indent;
	}
	fprintf(usage->out, " %s", part);
	usage->column += 1 + length;
}

void
usage_print(const struct command *command, FILE *out)
{
	struct usage usage = {.out = out};
	char text[64];

	usage.indent = (size_t)fprintf(out, "usage: graveshift %s", command->name);
	usage.column = usage.indent;
	if (command->words[0] != '\0')
		add_part(&usage, "%s", command->words);
	for (unsigned i = 0; i < OPTIONS; i++)
		if ((command->required & UINT64_C(1) << i) != 0)
			add_part(&usage, "%s", option_text(&option_rows[i], text, sizeof(text)));
	for (unsigned i = 0; i < OPTIONS; i++)
		if ((command->options & ~command->required & UINT64_C(1) << i) != 0)
			add_part(&usage, "[%s]%s", option_text(&option_rows[i], text, sizeof(text)),
			         option_repeats(&option_rows[i]) ? "..." : "");
	fputc('\n', out);
}
