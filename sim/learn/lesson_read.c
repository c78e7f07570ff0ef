/* SPDX-License-Identifier: ISC
 *
 * Reads lesson.yaml by a table of its keys.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/learn/lesson.h"
#include "sim/learn/shipped.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/units.h"

enum entry_type {
	ENTRY_MAP,
	ENTRY_TEXT,
	ENTRY_TEXTS,
	ENTRY_WORD,
	ENTRY_NUMBER,
	ENTRY_SHARE,
	ENTRY_CASES
};

#define OF_KIND(kind) (1u << LESSON_##kind)
#define OF_ALL 0x1fu

/* One key; for which kinds of lesson it may stand there, and for which it must. */
struct entry {
	const char *path;
	enum entry_type type;
	size_t offset;
	unsigned may, must;
	const char *words; /* of ENTRY_WORD: "a|b" */
};

#define L(field) offsetof(struct lesson, field)
#define MENDED (OF_KIND(SCENARIO) | OF_KIND(SCRIPT) | OF_KIND(ATTACK))

static const char measure_words[] =
#define MEASURE(id, name, meaning, number) "|" #name
#include "sim/learn/measure.def"
#undef MEASURE
    ;

/* clang-format off */
static const struct entry entries[] = {
    {"title", ENTRY_TEXT, L(title), OF_ALL, OF_ALL, NULL},
    {"kind", ENTRY_WORD, L(kind), OF_ALL, OF_ALL, "scenario|script|predict|attack|forensic"},
    {"teaches", ENTRY_TEXTS, L(teaches), OF_ALL, OF_ALL, NULL},
    {"explains", ENTRY_TEXTS, L(explains), OF_ALL, 0, NULL},
    {"edit", ENTRY_TEXT, L(edit), MENDED, MENDED, NULL},
    {"fails", ENTRY_TEXT, L(fails), MENDED, OF_KIND(SCENARIO) | OF_KIND(ATTACK), NULL},
    {"change", ENTRY_TEXTS, L(change), OF_KIND(SCENARIO), OF_KIND(SCENARIO), NULL},
    {"vary", ENTRY_TEXTS, L(vary), OF_KIND(PREDICT), 0, NULL},
    {"predict", ENTRY_MAP, 0, OF_ALL & ~OF_KIND(FORENSIC), OF_KIND(PREDICT), NULL},
    {"predict.ask", ENTRY_TEXT, L(ask), OF_ALL, 0, NULL},
    {"predict.fact", ENTRY_WORD, L(fact), OF_ALL, 0, measure_words + 1},
    {"predict.within", ENTRY_SHARE, L(within_ppm), OF_ALL, 0, NULL},
    {"forensic", ENTRY_MAP, 0, OF_KIND(FORENSIC), OF_KIND(FORENSIC), NULL},
    {"forensic.ask", ENTRY_TEXT, L(ask), OF_ALL, OF_KIND(FORENSIC), NULL},
    {"forensic.wanted", ENTRY_TEXTS, L(wanted), OF_ALL, OF_KIND(FORENSIC), NULL},
    {"attack", ENTRY_MAP, 0, OF_KIND(ATTACK), OF_KIND(ATTACK), NULL},
    {"attack.actions", ENTRY_TEXTS, L(actions), OF_ALL, OF_KIND(ATTACK), NULL},
    {"script", ENTRY_MAP, 0, OF_KIND(SCRIPT), OF_KIND(SCRIPT), NULL},
    {"script.command", ENTRY_TEXTS, L(command), OF_ALL, OF_KIND(SCRIPT), NULL},
    {"script.records", ENTRY_NUMBER, L(records), OF_ALL, OF_KIND(SCRIPT), NULL},
    {"script.prove", ENTRY_TEXT, L(prove), OF_ALL, OF_KIND(SCRIPT), NULL},
    {"hidden", ENTRY_MAP, 0, OF_ALL, OF_ALL & ~OF_KIND(PREDICT), NULL},
    {"hidden.seeds", ENTRY_NUMBER, L(seeds), OF_ALL, 0, NULL},
    {"hidden.cases", ENTRY_CASES, L(hidden), OF_ALL, 0, NULL},
};
/* clang-format on */

struct reading {
	struct lesson *lesson;
	struct source source;
	struct problems problems;
};

static void
split_path(const char *map, const struct entry *entry, const char **name)
{
	size_t length = strlen(map);

	*name = NULL;
	if (length == 0 && strchr(entry->path, '.') == NULL)
		*name = entry->path;
	if (length > 0 && strncmp(entry->path, map, length) == 0 && entry->path[length] == '.')
		*name = entry->path + length + 1;
}

static const struct entry *
find_entry(const char *map, const char *key)
{
	const char *name;

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		split_path(map, &entries[i], &name);
		if (name != NULL && strcmp(name, key) == 0)
			return &entries[i];
	}
	return NULL;
}

static void
wrong(struct reading *reading, const struct node *node, const char *what)
{
	problem_add(&reading->problems, node->at, "%s: %s", node->key != NULL ? node->key : "entry",
	            what);
}

static void
read_word(struct reading *reading, const struct entry *entry, const struct node *node,
          uint64_t *value)
{
	char word[32], guessed[80];
	struct guess guess;
	uint64_t number = 0;

	guess_init(&guess, node->text);
	for (const char *words = entry->words; *words != '\0'; number++) {
		size_t length = strcspn(words, "|");
		snprintf(word, sizeof(word), "%.*s", (int)length, words);
		if (strcmp(word, node->text) == 0) {
			*value = number;
			return;
		}
		char *kept = tree_text(&reading->lesson->tree, word, length);
		if (kept != NULL)
			guess_try(&guess, kept);
		words += length + (words[length] == '|');
	}
	problem_add(&reading->problems, node->at, "'%.40s' is none of %s%s", node->text,
	            entry->words, guess_text(&guess, guessed, sizeof(guessed)));
}

static void
read_number(struct reading *reading, const struct node *node, const struct unit *units,
            uint64_t *value)
{
	char message[160];
	enum unit_error error = unit_parse(units, node->text, value);

	if (error != UNIT_OK)
		wrong(reading, node,
		      unit_explain(units, error, node->text, message, sizeof(message)));
	else if (*value == 0)
		wrong(reading, node, "takes at least 1");
}

static void
read_texts(struct reading *reading, const struct node *list, struct lesson_texts *texts)
{
	const struct node *node;

	if (list->kind != NODE_LIST || list->count == 0 || list->count > LESSON_TEXTS_MAX) {
		wrong(reading, list, "takes a list of 1 to 16 texts");
		return;
	}
	STAILQ_FOREACH (node, &list->children, next) {
		if (node->kind == NODE_SCALAR)
			texts->text[texts->count++] = node->text;
		else
			wrong(reading, node, "takes one text; write it in quotes");
	}
}

static void
read_case(struct reading *reading, const struct node *node, struct lesson_case *hidden)
{
	const struct node *about = node_get(node, "about"), *set = node_get(node, "set");

	if (about == NULL || about->kind != NODE_SCALAR || node->count != 1u + (set != NULL))
		wrong(reading, node, "a case has the keys about and, if it changes anything, set");
	else
		hidden->about = about->text;
	if (set != NULL)
		read_texts(reading, set, &hidden->set);
}

static void
read_cases(struct reading *reading, const struct node *list)
{
	struct lesson *lesson = reading->lesson;
	const struct node *node;

	if (list->kind != NODE_LIST || list->count > LESSON_CASES_MAX) {
		wrong(reading, list, "takes a list of at most 16 cases");
		return;
	}
	STAILQ_FOREACH (node, &list->children, next) {
		read_case(reading, node, &lesson->hidden[lesson->hiddens++]);
	}
}

static void
read_scalar(struct reading *reading, const struct entry *entry, const struct node *node)
{
	void *field = (char *)reading->lesson + entry->offset;

	if (node->kind != NODE_SCALAR || node->text[0] == '\0')
		wrong(reading, node, "takes one value");
	else if (entry->type == ENTRY_TEXT)
		*(const char **)field = node->text;
	else if (entry->type == ENTRY_WORD)
		read_word(reading, entry, node, field);
	else
		read_number(reading, node, entry->type == ENTRY_SHARE ? unit_shares : unit_none,
		            field);
}

static void read_map(struct reading *reading, const struct node *map, const char *path);

static void
read_entry(struct reading *reading, const struct entry *entry, const struct node *node)
{
	if (entry->type == ENTRY_MAP)
		read_map(reading, node, entry->path);
	else if (entry->type == ENTRY_TEXTS)
		read_texts(reading, node, (void *)((char *)reading->lesson + entry->offset));
	else if (entry->type == ENTRY_CASES)
		read_cases(reading, node);
	else
		read_scalar(reading, entry, node);
}

static void
unknown_key(struct reading *reading, const struct node *node, const char *path)
{
	char guessed[80];
	const char *name;
	struct guess guess;

	guess_init(&guess, node->key);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		split_path(path, &entries[i], &name);
		if (name != NULL)
			guess_try(&guess, name);
	}
	problem_add(&reading->problems, node->key_at, "unknown key '%.60s'%s", node->key,
	            guess_text(&guess, guessed, sizeof(guessed)));
}

static void
read_map(struct reading *reading, const struct node *map, const char *path)
{
	const struct node *node;

	if (map->kind != NODE_MAP) {
		wrong(reading, map, "takes keys below it");
		return;
	}
	STAILQ_FOREACH (node, &map->children, next) {
		const struct entry *entry = find_entry(path, node->key);
		if (entry != NULL)
			read_entry(reading, entry, node);
		else
			unknown_key(reading, node, path);
	}
}

/* Keys that the kind of lesson does not have, or cannot do without. */
static void
check_kind(struct reading *reading, const struct node *root)
{
	unsigned kind = 1u << reading->lesson->kind;

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		const struct entry *entry = &entries[i];
		const struct node *node = node_find(root, entry->path);
		if (node != NULL && (entry->may & kind) == 0)
			problem_add(&reading->problems, node->key_at,
			            "%s is not for lessons of this kind", entry->path);
		if (node == NULL && (entry->must & kind) != 0)
			problem_add(&reading->problems, root->at, "a lesson of this kind needs %s",
			            entry->path);
	}
}

int
lesson_load(struct lesson *lesson, size_t index)
{
	const struct shipped *file = shipped_find(lesson_name(index), LESSON_FILE_NAME);
	struct reading *reading = calloc(1, sizeof(*reading));
	const struct node *root;
	int error;

	*lesson = (struct lesson){
	    .name = file->lesson, .number = lesson_number(file->lesson), .seeds = 20};
	tree_init(&lesson->tree);
	if (reading == NULL)
		return -ENOMEM;
	reading->lesson = lesson;
	reading->source = (struct source){.name = file->lesson,
	                                  .text = file->text,
	                                  .length = shipped_length(file),
	                                  .numbered = true};
	root = tree_parse(&lesson->tree, &reading->source, 0, &reading->problems);
	if (root != NULL) {
		read_map(reading, root, "");
		check_kind(reading, root);
	}
	error = reading->problems.count > 0 ? -EINVAL : 0;
	if (error != 0)
		problems_print(&reading->problems, stderr);
	problems_fini(&reading->problems);
	free(reading);
	return error;
}

const char *
lesson_kind_name(const struct lesson *lesson)
{
	static const char *const names[] = {"scenario", "script", "predict", "attack", "forensic"};

	return names[lesson->kind];
}
