/* SPDX-License-Identifier: ISC
 *
 * Looks for a key in the shipped scenarios, the simplest first.
 */
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/explain/shown.h"
#include "sim/scenario/yaml_tree.h"

#define FILE_MAX (1 << 20)
#define SHORT_LINE 66 /* fits behind its label */

struct search {
	const char *key, *value;
	struct place found; /* line 0: not yet */
};

/* Beside the program as it is built, and as it is installed. */
static bool
find_folder(char folder[PATH_MAX])
{
	static const char *const places[] = {"../../scenarios", "../scenarios",
	                                     "../share/graveshift/scenarios"};
	char program[PATH_MAX], path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (length < 0)
		return false;
	program[length] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char own[PATH_MAX];
		strlcpy(own, program, sizeof(own));
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dirname(own), places[i]) <
		        sizeof(path) &&
		    realpath(path, folder) != NULL)
			return true;
	}
	return false;
}

static void walk(struct search *search, const struct node *node, const char *path);

static void
walk_map(struct search *search, const struct node *map, const char *path)
{
	const struct node *node;
	char below[256];

	STAILQ_FOREACH (node, &map->children, next) {
		snprintf(below, sizeof(below), "%s%s%s", path, path[0] != '\0' ? "." : "",
		         node->key);
		if (search->found.line == 0 && strcmp(below, search->key) == 0 &&
		    (search->value == NULL ||
		     (node->kind == NODE_SCALAR && strcmp(node->text, search->value) == 0)))
			search->found = node->key_at;
		walk(search, node, below);
	}
}

static void
walk(struct search *search, const struct node *node, const char *path)
{
	const struct node *entry;
	char below[256];

	if (node->kind == NODE_MAP)
		walk_map(search, node, path);
	if (node->kind != NODE_LIST)
		return;
	snprintf(below, sizeof(below), "%s[]", path);
	STAILQ_FOREACH (entry, &node->children, next) {
		walk(search, entry, below);
	}
}

static void
keep_line(struct shown *shown, const char *text, size_t number)
{
	size_t length;

	for (size_t line = 1; line < number; line++)
		text += strcspn(text, "\n") + 1;
	text += strspn(text, " ");
	length = strcspn(text, "\n");
	snprintf(shown->text, sizeof(shown->text), "%.*s", (int)length, text);
	shown->line = number;
}

static bool
search_text(struct shown *shown, const char *key, const char *value, const char *text,
            size_t length)
{
	const struct source source = {.name = "", .text = text, .length = length};
	struct search search = {.key = key, .value = value};
	struct problems problems = {0};
	struct tree tree;
	struct node *root;

	tree_init(&tree);
	root = tree_parse(&tree, &source, 0, &problems);
	if (root != NULL)
		walk(&search, root, "");
	if (search.found.line > 0)
		keep_line(shown, text, search.found.line);
	problems_fini(&problems);
	tree_fini(&tree);
	return search.found.line > 0;
}

static bool
search_file(struct shown *shown, const char *path, const char *key, const char *value)
{
	FILE *file = fopen(path, "re");
	char *text = malloc(FILE_MAX + 1);
	size_t length = file != NULL && text != NULL ? fread(text, 1, FILE_MAX, file) : 0;
	bool found = false;

	if (length > 0) {
		text[length] = '\0';
		found = search_text(shown, key, value, text, length);
	}
	if (file != NULL)
		fclose(file);
	free(text);
	return found;
}

bool
shown_find(struct shown *shown, const char *key, const char *value)
{
	char folder[PATH_MAX], pattern[PATH_MAX + 16];
	glob_t files = {0};
	bool found = false;

	if (!find_folder(folder))
		return false;
	snprintf(pattern, sizeof(pattern), "%s/*.yaml", folder);
	if (glob(pattern, 0, NULL, &files) == 0) {
		snprintf(pattern, sizeof(pattern), "%s/*/*.yaml", folder);
		glob(pattern, GLOB_APPEND, NULL, &files);
	}
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct shown other;
		if (!search_file(&other, files.gl_pathv[i], key, value) ||
		    (found && strlen(other.text) > SHORT_LINE))
			continue;
		snprintf(other.file, sizeof(other.file), "scenarios%s",
		         files.gl_pathv[i] + strlen(folder));
		*shown = other;
		found = true;
		if (strlen(shown->text) <= SHORT_LINE)
			break;
	}
	globfree(&files);
	return found;
}
