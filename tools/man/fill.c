/* SPDX-License-Identifier: ISC
 *
 * fill TEMPLATE: prints a manual page.  Lines of the template that begin with @ are replaced by
 * what the program's own tables say, so that no page can say anything else:
 *
 *     @commands  @options  @examples    commands.def and options.def
 *     @keys                             everything that a scenario may say
 *     @points PROCESS                   the points that it reaches
 *     @kind NAME                        the beginning of what describes a kind of event: for each
 *     @layout                           of a record of events.log
 */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "sim/cli/cli.h"
#include "sim/fault/points.h"
#include "sim/rundir/eventlog.h"
#include "sim/scenario/keys.h"

#define COLUMNS 78

/* A line of text, in as many as it takes. */
static void
put_wrapped(const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " "), blanks = strspn(text + word, " ");
		/* A line must not begin like a macro. */
		bool breaks = column + 1 + word > COLUMNS && text[0] != '.' && text[0] != '\'';
		if (column > 0)
			putchar(breaks ? '\n' : ' ');
		column = (breaks || column == 0 ? 0 : column + 1) + word;
		printf("%.*s", (int)word, text);
		text += word + blanks;
	}
	putchar('\n');
}

/* A fragment as a sentence.  What begins with a word that is explained stays as it is. */
static void
put_sentence(const char *text)
{
	char *sentence = NULL;
	bool explained = text[strcspn(text, " :")] == ':';

	if (asprintf(&sentence, "%s.", text) < 0)
		exit(1);
	if (!explained)
		sentence[0] = (char)toupper((unsigned char)sentence[0]);
	put_wrapped(sentence);
	free(sentence);
}

static void
put_value(const struct option_row *row)
{
	if (option_takes_word(row))
		printf(" Ar %s", row->value);
	else if (row->value != NULL)
		printf(" Ns Oo = Ns Ar %s Oc", row->value);
}

static void
put_option(const struct option_row *row, bool brackets)
{
	if (brackets)
		printf(" Oo");
	if (row->letter != 0)
		printf(" Fl %c", row->letter);
	else
		printf(" Fl -%s", row->name);
	put_value(row);
	if (brackets)
		printf(" Oc%s", option_repeats(row) ? " Ns ..." : "");
}

static bool
takes(uint64_t options, int option)
{
	return (options & UINT64_C(1) << option) != 0;
}

static void
put_commands(void)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		printf(".It Cm %s", command->name);
		if (command->words[0] != '\0')
			printf(" Ar \"%s\"", command->words);
		for (int option = 0; option < OPTIONS; option++)
			if (takes(command->required, option))
				put_option(&option_rows[option], false);
		for (int option = 0; option < OPTIONS; option++)
			if (takes(command->options & ~command->required, option))
				put_option(&option_rows[option], true);
		putchar('\n');
		put_sentence(command->summary);
	}
}

static void
put_options(void)
{
	for (int option = 0; option < OPTIONS; option++) {
		const struct option_row *row = &option_rows[option];
		const char *between = "";
		printf(".It");
		if (row->letter != 0)
			printf(" Fl %c , Fl -%s", row->letter, row->name);
		else
			printf(" Fl -%s", row->name);
		put_value(row);
		putchar('\n');
		put_sentence(row->meaning);
		printf("For\n");
		for (size_t i = 0; i < command_count; i++) {
			if (!takes(commands[i].options, option))
				continue;
			printf("%s.Cm %s", between, commands[i].name);
			between = " ,\n";
		}
		printf(" .\n");
	}
}

/* A command line: no dash of it is to be taken for another one. */
static void
put_words(const char *words)
{
	if (*words != '\0')
		putchar(' ');
	for (; *words != '\0'; words++)
		printf(*words == '-' ? "\\-" : "%c", *words);
	putchar('\n');
}

static void
put_examples(void)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		for (int j = 0; j < COMMAND_EXAMPLES_MAX && command->example[j].what != NULL; j++) {
			if (i + (size_t)j > 0)
				printf(".Pp\n");
			put_sentence(command->example[j].what);
			printf(".Dl graveshift %s", command->name);
			put_words(command->example[j].words);
		}
	}
}

static void
put_list(const char *words, char mark)
{
	for (; words != NULL && *words != '\0'; words++) {
		if (*words == '|')
			printf("%c ", mark);
		else
			putchar(*words);
	}
}

static const char *
quantity_of(const struct unit *units)
{
	static const struct {
		const struct unit *units;
		const char *name;
	} names[] = {{unit_durations, "duration"},
	             {unit_shares, "share"},
	             {unit_sizes, "size"},
	             {unit_records, "number of records"},
	             {unit_tasks, "number of tasks"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].units == units)
			return names[i].name;
	return "number";
}

static void
put_number(const struct key *key)
{
	char low[48], high[48];

	printf("a %s", quantity_of(key->units));
	if (key->max < UINT32_MAX || key->units == unit_durations || key->units == unit_sizes)
		printf(" from %s to %s", unit_format(key->units, key->min, low, sizeof(low)),
		       unit_format(key->units, key->max, high, sizeof(high)));
}

static void
put_type(const struct key *key)
{
	static const char *const names[KEY_TYPES] = {
	    [KEY_MAP] = "keys below it",
	    [KEY_LIST] = "a list",
	    [KEY_TEXT] = "a text",
	    [KEY_TEXTS] = "a list of texts",
	    [KEY_NAME] = "a name",
	    [KEY_DATE] = "a day",
	    [KEY_CHARACTER] = "one character",
	    [KEY_RANGES] = "a list of ranges, such as A-G",
	    [KEY_TARGET] = "a target",
	    [KEY_POINT] = "a point",
	    [KEY_CONDITION] = "a condition",
	    [KEY_TIME] = "a time",
	    [KEY_FAULT] = "the id of a fault",
	    [KEY_CHAIN] = "a chain",
	    [KEY_SIGNAL] = "a signal",
	    [KEY_BY] = "a time, or one of ",
	    [KEY_STEP] = "a step: +1h, -30s, midnight",
	    [KEY_SCALE] = "a change: +2, -1",
	    [KEY_COMPARISON] = "a comparison with a ",
	};

	if (key->type == KEY_NUMBER)
		put_number(key);
	else if (key->type == KEY_SPAN)
		printf("two durations, low..high");
	else if (names[key->type] != NULL)
		printf("%s%s", names[key->type],
		       key->type == KEY_COMPARISON ? quantity_of(key->units) : "");
	put_list(key->words, ',');
	if (key->word != NULL)
		printf(", or %s", key->word);
	if ((key->flags & KEY_REQUIRED) != 0)
		printf("; required");
	if (key->fallback != NULL)
		printf("; default: %s\\&", key->fallback); /* which may be a comma */
}

static void
put_key(const struct key *key)
{
	static const struct {
		unsigned flag;
		const char *belongs;
	} flags[] = {{KEY_ACTION, "action"}, {KEY_TRIGGER, "trigger"}, {KEY_AGGREGATE, "aggregate"},
	             {KEY_NOOP, "noop"},     {KEY_ETL, "etl"},         {KEY_STREAM, "stream"}};

	printf(".It Ic %s Pq \"", key->path);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if ((key->flags & flags[i].flag) != 0)
			printf("%s: ", flags[i].belongs);
	put_type(key);
	printf("\"\n");
	put_sentence(key->meaning);
}

/* What has nothing below it first, then a subsection for each block. */
static void
put_keys(void)
{
	bool open = false;

	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		bool top = strpbrk(key->path, ".[") == NULL;
		if (top && (key->type == KEY_MAP || key->type == KEY_LIST)) {
			printf("%s.Ss %s\n", open ? ".El\n" : "", key->path);
			put_sentence(key->meaning);
			printf(".Bl -tag -width indent\n");
			open = true;
			continue;
		}
		if (!open)
			printf(".Bl -tag -width indent\n");
		open = true;
		put_key(key);
	}
	printf(".El\n");
}

static int
put_points(const char *process)
{
	static const struct {
		unsigned call;
		const char *what;
	} calls[] = {{POINT_FAILS, "The call can be made to fail."},
	             {POINT_WRITES, "The write can be cut short or torn."},
	             {POINT_SENDS, "The frames can be lost, late, doubled or damaged."}};
	int count = 0;

	for (unsigned point = 0; point < POINTS; point++) {
		if (strcmp(point_process(point), process) != 0)
			continue;
		printf(".It Ic %s\n", point_name(point));
		put_sentence(point_meaning(point));
		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			if ((point_calls(point) & calls[i].call) != 0)
				puts(calls[i].what);
		count++;
	}
	return count > 0 ? 0 : -1;
}

static void
put_layout(void)
{
#define PART(member, meaning)                                                                  \
	{                                                                                      \
		offsetof(struct logged, member), sizeof(((struct logged *)0)->member), meaning \
	}
	static const struct {
		size_t offset, size;
		const char *meaning;
	} parts[] = {
	    PART(step.at_ns, "time: ns since the host was booted, sleep included; signed"),
	    PART(step.kind, "kind, by its number above"),
	    PART(step.cause, "cause, by its number above; with leased, its flags"),
	    PART(step.slot, "slot; 65535: none"),
	    PART(step.incarnation, "incarnation of the worker in that slot, from 1"),
	    PART(step.task, "task; 4294967295: none"),
	    PART(step.epoch, "epoch"),
	    PART(step.record, "record; 18446744073709551615: none"),
	    PART(step.value, "value"),
	    PART(generation, "generation of the supervisor; 0: before the first"),
	    PART(checksum, "XXH32 of all bytes before it, seeded with the record's number"),
	};
#undef PART

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		printf(".It %zu Ta %zu Ta %s\n", parts[i].offset, parts[i].size, parts[i].meaning);
}

static bool described[CORE_KINDS];

static int
put_kind(const char *name)
{
	for (unsigned kind = 0; kind < CORE_KINDS; kind++) {
		if (strcmp(core_kind_name(kind), name) != 0 || described[kind])
			continue;
		described[kind] = true;
		printf(".It Ic %s Pq %u\n", name, kind);
		return 0;
	}
	return -1;
}

/* When a page has some. */
static int
has_all_kinds(void)
{
	unsigned count = 0;

	for (unsigned kind = 0; kind < CORE_KINDS; kind++)
		count += described[kind];
	for (unsigned kind = 0; count > 0 && kind < CORE_KINDS; kind++) {
		if (described[kind])
			continue;
		fprintf(stderr, "fill: the event %s is not described\n", core_kind_name(kind));
		return -1;
	}
	return 0;
}

static int
put(const char *what, const char *argument)
{
	static const struct {
		const char *name;
		void (*put)(void);
	} blocks[] = {{"commands", put_commands},
	              {"options", put_options},
	              {"examples", put_examples},
	              {"keys", put_keys},
	              {"layout", put_layout}};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (strcmp(blocks[i].name, what) == 0) {
			blocks[i].put();
			return 0;
		}
	}
	if (strcmp(what, "points") == 0)
		return put_points(argument);
	return strcmp(what, "kind") == 0 ? put_kind(argument) : -1;
}

/* What a line of the template becomes. */
static int
put_line(char *line)
{
	static bool literal;
	char *rest = line, *what;

	literal = (literal || strncmp(line, ".Bd -literal", 12) == 0) && strcmp(line, ".Ed") != 0;
	if (line[0] == '@') {
		what = strsep(&rest, " ") + 1;
		return put(what, rest != NULL ? rest : "");
	}
	if (line[0] == '.' || literal)
		puts(line);
	else
		put_wrapped(line);
	return 0;
}

int
main(int argc, char **argv)
{
	FILE *template = argc == 2 ? fopen(argv[1], "re") : NULL;
	char *line = NULL;
	size_t room = 0;
	int number = 0;

	if (template == NULL) {
		fprintf(stderr, "fill: %s\n", argc == 2 ? strerror(errno) : "give one template");
		return 2;
	}
	while (getline(&line, &room, template) > 0) {
		line[strcspn(line, "\n")] = '\0';
		number++;
		if (put_line(line) != 0) {
			fprintf(stderr, "fill: %s:%d: there is no %s, or it is there already\n",
			        argv[1], number, line);
			return 1;
		}
	}
	free(line);
	fclose(template);
	return has_all_kinds() != 0 || fflush(stdout) != 0 || ferror(stdout);
}
