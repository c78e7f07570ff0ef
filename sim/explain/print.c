/* SPDX-License-Identifier: ISC
 *
 * A topic on the screen, and lists of topics.
 */
#include <stdlib.h>
#include <string.h>

#include "core/check.h"
#include "sim/explain/explain.h"
#include "sim/explain/lines.h"
#include "sim/explain/links.h"
#include "sim/explain/shown.h"
#include "sim/explain/taught.h"
#include "sim/fault/points.h"
#include "sim/scenario/scenario.h"

#define LIST_COLUMNS 80
#define LIST_NAME 26 /* most names are shorter */

/* A text that is put together: printed under its label, unless it is empty. */
struct words {
	FILE *out;
	char *text;
	size_t length;
};

static FILE *
words_begin(struct words *words)
{
	*words = (struct words){0};
	words->out = open_memstream(&words->text, &words->length);
	CHECK(words->out != NULL);
	return words->out;
}

static void
words_print(struct words *words, const char *label, FILE *out)
{
	CHECK(fclose(words->out) == 0);
	if (words->length > 0)
		lines_print(label, words->text, out);
	free(words->text);
}

static void
print_kinds(const struct key *key, FILE *out)
{
	struct words words;
	FILE *text = words_begin(&words);
	const char *between = "only in jobs of kind ";
	const char *kinds = key_find("job", "kind")->words;

	for (unsigned kind = 0; (key->flags & KEY_KINDS) != 0 && kinds != NULL; kind++) {
		kinds = strchr(kinds, '|');
		kinds += kinds != NULL;
		if ((key->flags & key_kind_flag(kind)) == 0)
			continue;
		fprintf(text, "%s%s", between, key_kind_name(kind));
		between = ", ";
	}
	words_print(&words, "Where", out);
}

static void
print_value(const struct key *key, FILE *out)
{
	struct words words;
	FILE *text = words_begin(&words);

	key_write_type(key, text);
	if ((key->flags & KEY_REQUIRED) != 0)
		fputs("; required", text);
	if (key->fallback != NULL)
		fprintf(text, "; %s if it is not given", key->fallback);
	words_print(&words, "Value", out);
}

static void
print_below(const struct key *key, FILE *out)
{
	struct words words;
	FILE *text = words_begin(&words);
	const char *between = "";
	char below[96];

	snprintf(below, sizeof(below), "%s%s", key->path, key->type == KEY_LIST ? "[]" : "");
	for (size_t i = 0; i < keys_count; i++) {
		if (!key_below(&keys[i], below))
			continue;
		fprintf(text, "%s%s", between, key_name(&keys[i]));
		between = ", ";
	}
	words_print(&words, "Below it", out);
}

/* A line of a shipped scenario, or one made up. */
static void
print_example(const char *path, const char *value, const char *made, FILE *out)
{
	struct shown shown;
	char where[PATH_MAX + 32];

	if (shown_find(&shown, path, value)) {
		lines_print("Example", shown.text, out);
		snprintf(where, sizeof(where), "(%s, line %zu)", shown.file, shown.line);
		lines_print(" ", where, out);
	} else if (made[0] != '\0') {
		lines_print("Example", made, out);
	}
}

/* Whether most actions take the key, so that it says nothing about one. */
static bool
most_take(const char *name)
{
	size_t actions = 0, takers = 0;

	for (size_t i = 0; i < keys_count; i++) {
		if ((keys[i].flags & KEY_ACTION) == 0)
			continue;
		actions++;
		takers += key_action_takes(&keys[i], name);
	}
	return takers * 2 > actions;
}

/* What may stand beside this action, and not beside any. */
static void
print_takes(const struct key *action, FILE *out)
{
	struct words words;
	FILE *text = words_begin(&words);
	const char *between = "";

	for (size_t i = 0; (action->flags & KEY_ACTION) != 0 && i < keys_count; i++) {
		const char *name = key_name(&keys[i]);
		if (!key_below(&keys[i], "faults[]") ||
		    (keys[i].flags & (KEY_ACTION | KEY_TRIGGER)) != 0 ||
		    !key_action_takes(action, name) || most_take(name))
			continue;
		fprintf(text, "%s%s", between, name);
		between = ", ";
	}
	words_print(&words, "Takes", out);
}

static void
print_key(const struct key *key, FILE *out)
{
	char sample[96], made[160] = "";
	bool block = key->type == KEY_MAP || key->type == KEY_LIST;

	if (!block)
		snprintf(made, sizeof(made), "%s: %s", key_name(key),
		         key_sample(key, sample, sizeof(sample)));
	print_value(key, out);
	print_below(key, out);
	print_takes(key, out);
	print_kinds(key, out);
	print_example(key->path, NULL, made, out);
}

static void
print_point(const struct topic *topic, FILE *out)
{
	unsigned calls = point_calls(topic->number);
	char made[128];

	snprintf(made, sizeof(made), "{at: %s, kill: self}", topic->name);
	lines_print("Who", point_process(topic->number), out);
	if ((calls & POINT_FAILS) != 0)
		lines_print("Call", "it can be made to fail (fail)", out);
	if ((calls & POINT_WRITES) != 0)
		lines_print("Call", "the write can be cut short or torn (short, tear)", out);
	if ((calls & POINT_SENDS) != 0)
		lines_print("Call",
		            "its frames can be lost, late, doubled or damaged (drop, delay,"
		            " duplicate, reorder, corrupt)",
		            out);
	print_example("faults[].at", topic->name, made, out);
}

static void
print_shown(const struct topic *topic, FILE *out)
{
	struct words words;
	FILE *text = words_begin(&words);
	const char *between = "";

	for (const char *shown = topic->shown; *shown != '\0';) {
		size_t part = strcspn(shown, "|");
		fprintf(text, "%sscenarios/%.*s.yaml", between, (int)part, shown);
		between = ", ";
		shown += part + (shown[part] == '|');
	}
	words_print(&words, "Shown by", out);
}

static void
print_links(const struct topics *topics, const struct topic *topic, FILE *out)
{
	struct words words;
	FILE *text = words_begin(&words);
	struct links links;
	char name[160];

	links_of(topics, topic, &links);
	for (size_t i = 0; i < links.count; i++)
		fprintf(text, "%s%s", i > 0 ? "; " : "",
		        link_text(topics, links.topic[i], name, sizeof(name)));
	words_print(&words, "See also", out);
}

static bool
has_patterns(const struct topic *topic)
{
	return topic->group == TOPIC_ERROR || topic->group == TOPIC_LINE;
}

static void
print_others(const struct topic *topic, FILE *out)
{
	struct words words;
	FILE *text = words_begin(&words);

	for (const char *at = has_patterns(topic) ? "" : topic->others; *at != '\0'; at++) {
		if (*at == '|')
			fputs(", ", text);
		else
			fputc(*at, text);
	}
	words_print(&words, "Also called", out);
}

void
topic_print(const struct topics *topics, const struct topic *topic, FILE *out)
{
	char help[80];

	fprintf(out, "%s (%s)\n", topic->name, topic_group_name(topic->group));
	if (topic->meaning != NULL)
		lines_print_sentence("", topic->meaning, out);
	if (topic->text[0] != '\0')
		lines_print("", topic->text, out);
	fputc('\n', out);
	if (topic->key != NULL)
		print_key(topic->key, out);
	if (topic->group == TOPIC_POINT)
		print_point(topic, out);
	if (topic->group == TOPIC_COMMAND) {
		snprintf(help, sizeof(help), "graveshift help %s", topic->name);
		lines_print("Options", help, out);
	}
	print_shown(topic, out);
	taught_print(topics, topic, out);
	print_links(topics, topic, out);
	print_others(topic, out);
}

/* Bytes up to the end of the first part of a sentence. */
static int
first_part(const char *text)
{
	const char *at = text;

	while (*at != '\0' && *at != ';' && !(*at == '.' && (at[1] == ' ' || at[1] == '\0')))
		at++;
	return (int)(at - text);
}

void
topic_print_line(const struct topics *topics, const struct topic *topic, FILE *out)
{
	const char *what = topic->meaning != NULL ? topic->meaning : topic->text;
	int length = first_part(what), room = LIST_COLUMNS - LIST_NAME - 3;
	char name[160];

	if (fprintf(out, "  %-*s", LIST_NAME, link_text(topics, topic, name, sizeof(name))) >
	    LIST_NAME + 2)
		fprintf(out, "\n  %*s", LIST_NAME, "");
	if (length > room) {
		length = room - 3;
		while (length > 0 && what[length] != ' ')
			length--;
		fprintf(out, " %.*s...\n", length, what);
	} else {
		fprintf(out, " %.*s\n", length, what);
	}
}

static void
print_names(const struct topics *topics, enum topic_group group, FILE *out)
{
	struct words words;
	FILE *text = words_begin(&words);
	const char *between = "";

	for (size_t i = 0; i < topics->count; i++) {
		if (topics->topic[i].group != group)
			continue;
		fprintf(text, "%s%s", between, topics->topic[i].name);
		between = ", ";
	}
	words_print(&words, "", out);
}

static size_t
count_of(const struct topics *topics, enum topic_group group)
{
	size_t count = 0;

	for (size_t i = 0; i < topics->count; i++)
		count += topics->topic[i].group == group;
	return count;
}

/* Groups that are too long for a first look are only named. */
static bool
is_listed(enum topic_group group)
{
	return group != TOPIC_KEY && group != TOPIC_POINT && group != TOPIC_LINE &&
	       group != TOPIC_ERROR;
}

void
topics_print(const struct topics *topics, FILE *out)
{
	fputs("graveshift explain NAME: what it is, and what to look at next.\n"
	      "A message, or a line of a verdict, can be pasted whole.\n",
	      out);
	for (enum topic_group group = 0; group < TOPIC_GROUPS; group++) {
		const char *plural = topic_group_plural(group);
		fprintf(out, "\n%s", plural);
		if (is_listed(group)) {
			fputc('\n', out);
			print_names(topics, group, out);
		} else {
			fprintf(out, ": %zu, see graveshift explain %s\n", count_of(topics, group),
			        plural);
		}
	}
}

void
topics_print_group(const struct topics *topics, const char *plural, FILE *out)
{
	fprintf(out, "%s\n", plural);
	for (size_t i = 0; i < topics->count; i++)
		if (strcmp(topic_group_plural(topics->topic[i].group), plural) == 0)
			topic_print_line(topics, &topics->topic[i], out);
}
