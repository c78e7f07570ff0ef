/* SPDX-License-Identifier: ISC
 *
 * Which words may stand somewhere, by the tables of commands, options, points, events and keys.
 */
#include <string.h>

#include "core/core.h"
#include "sim/cli/cli.h"
#include "sim/cli/completion.h"
#include "sim/explain/explain.h"
#include "sim/fault/points.h"
#include "sim/rundir/rundir.h"
#include "sim/scenario/keys.h"
#include "sim/strategy/strategies.h"

struct completing {
	FILE *out;
	const char *typed;  /* of the word, so far */
	int before;         /* bytes of `prefix` */
	const char *prefix; /* that stand before it: --world= */
	const char *files;  /* pattern of what a FILE is here */
};

static void
offer(const struct completing *here, const char *word, const char *meaning)
{
	if (strncmp(word, here->typed, strlen(here->typed)) == 0)
		fprintf(here->out, "%.*s%s\t%s\n", here->before, here->prefix, word, meaning);
}

static void
offer_run(void *context, const char *name)
{
	/* Nothing that a shell or a terminal would take for something else. */
	if (name[strspn(
		name, "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.")] == '\0')
		offer(context, name, "run");
}

/* The paths of keys that have one value, and the values where they are words. */
static void
offer_keys(const struct completing *here)
{
	char text[256];

	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		size_t length = strlen(key->path);
		if (key->type == KEY_MAP || key->type == KEY_LIST || strchr(key->path, '[') != NULL)
			continue;
		snprintf(text, sizeof(text), "%s=", key->path);
		if (strncmp(here->typed, text, length + 1) != 0) {
			offer(here, text, key->meaning);
			continue;
		}
		for (const char *words = key->words; words != NULL && *words != '\0';) {
			size_t part = strcspn(words, "|");
			snprintf(text, sizeof(text), "%s=%.*s", key->path, (int)part, words);
			offer(here, text, key->meaning);
			words += part + (words[part] == '|');
		}
	}
}

/* What has a blank in its name would need quotes. */
static void
offer_topics(const struct completing *here)
{
	struct topics topics;

	if (topics_init(&topics) != 0)
		return;
	for (size_t i = 0; i < topics.count; i++)
		if (strchr(topics.topic[i].name, ' ') == NULL)
			offer(here, topics.topic[i].name, topic_group_name(topics.topic[i].group));
	topics_fini(&topics);
}

/* One of the names that a value or word may have, in capitals, or the word itself. */
static void
offer_named(struct completing *here, const char *name, size_t length)
{
	char word[32];

	snprintf(word, sizeof(word), "%.*s", (int)length, name);
	if (strcmp(word, "FILE") == 0 || strcmp(word, "PATH") == 0)
		fprintf(here->out, ":files\t%s\n", here->files);
	else if (strcmp(word, "DIR") == 0)
		fprintf(here->out, ":folders\t\n");
	else if (strcmp(word, "KEY=VALUE") == 0)
		offer_keys(here);
	else if (strcmp(word, "RUN") == 0)
		rundir_each(offer_run, here);
	else if (strcmp(word, "POINT") == 0)
		for (unsigned i = 0; i < POINTS; i++)
			offer(here, point_name(i), point_meaning(i));
	else if (strcmp(word, "STRATEGY") == 0)
		for (unsigned i = 0; i < STRATEGY_IDS; i++)
			offer(here, strategy_name(i), strategy_meaning(i));
	else if (strcmp(word, "EVENT") == 0)
		for (unsigned i = 0; i < CORE_KINDS; i++)
			offer(here, core_kind_name(i), "event");
	else if (strcmp(word, "TOPIC") == 0)
		offer_topics(here);
	else if (strcmp(word, "COMMAND") == 0)
		for (size_t i = 0; i < command_count; i++)
			offer(here, commands[i].name, commands[i].summary);
	else if (word[strcspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0')
		offer(here, word, "");
	if (strcmp(word, "RUN") == 0)
		fprintf(here->out, ":folders\t\n");
}

/* "real|virtual", "[FILE]", "PATH...": each of its names. */
static void
offer_pattern(struct completing *here, const char *pattern, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t part = strcspn(pattern + at, "|[]. ");
		if (at + part > length)
			part = length - at;
		if (part > 0)
			offer_named(here, pattern + at, part);
		at += part + 1;
	}
}

/* Word number `index` behind the command; the last may be repeated. */
static void
offer_word(struct completing *here, const struct command *command, size_t index)
{
	const char *words = command->words;
	size_t length = strcspn(words, " ");

	for (; index > 0 && words[length] != '\0'; index--) {
		words += length + 1;
		length = strcspn(words, " ");
	}
	if (index == 0 || (length > 3 && strncmp(words + length - 3, "...", 3) == 0))
		offer_pattern(here, words, length);
}

static const struct option_row *
find_option(const struct command *command, const char *word, size_t length)
{
	for (int i = 0; i < OPTIONS; i++) {
		const struct option_row *row = &option_rows[i];
		if ((command->options & UINT64_C(1) << i) == 0)
			continue;
		if (length == 2 && word[0] == '-' && word[1] == row->letter)
			return row;
		if (length == strlen(row->name) + 2 && strncmp(word, "--", 2) == 0 &&
		    strncmp(word + 2, row->name, length - 2) == 0)
			return row;
	}
	return NULL;
}

static void
offer_options(const struct completing *here, const struct command *command)
{
	char text[64];

	for (int i = 0; i < OPTIONS; i++) {
		if ((command->options & UINT64_C(1) << i) == 0)
			continue;
		snprintf(text, sizeof(text), "--%s", option_rows[i].name);
		offer(here, text, option_rows[i].meaning);
	}
}

static void
offer_value(struct completing *here, const struct option_row *row)
{
	here->files = "*";
	if (row->value != NULL)
		offer_pattern(here, row->value, strlen(row->value));
}

/* The words behind the command, the last of which is what was typed so far. */
static void
offer_behind(struct completing *here, const struct command *command, const char *const *word,
             size_t words)
{
	const char *equals = strchr(here->typed, '=');
	const struct option_row *row = NULL;
	size_t index = 0;

	for (size_t i = 0; i + 1 < words; i++) {
		bool value = row != NULL && option_takes_word(row);
		row = value ? NULL : find_option(command, word[i], strlen(word[i]));
		index += !value && word[i][0] != '-';
	}
	if (row != NULL && option_takes_word(row)) {
		offer_value(here, row);
	} else if (here->typed[0] != '-') {
		offer_word(here, command, index);
	} else if (equals == NULL) {
		offer_options(here, command);
	} else {
		row = find_option(command, here->typed, (size_t)(equals - here->typed));
		here->prefix = here->typed;
		here->typed = equals + 1;
		here->before = (int)(here->typed - here->prefix);
		if (row != NULL)
			offer_value(here, row);
	}
}

void
completion_words(const char *const *word, size_t words, FILE *out)
{
	struct completing here = {
	    .out = out, .typed = words > 0 ? word[words - 1] : "", .prefix = "", .files = "*.yaml"};
	const struct command *command = words > 1 ? command_find(word[0]) : NULL;

	if (words <= 1)
		offer_named(&here, "COMMAND", strlen("COMMAND"));
	else if (command != NULL)
		offer_behind(&here, command, word + 1, words - 1);
}
