/* SPDX-License-Identifier: ISC
 *
 * Two scenarios, key by key; two programs, line by line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/learn/permit.h"

struct permit {
	const struct lesson *lesson;
	struct problems problems;
};

/* Does path begin with a key of the list, or is it one? */
static bool
is_below(const struct lesson_texts *keys, const char *path)
{
	for (size_t i = 0; i < keys->count; i++) {
		size_t length = strlen(keys->text[i]);
		if (strncmp(path, keys->text[i], length) == 0 &&
		    (path[length] == '\0' || path[length] == '.' || path[length] == '['))
			return true;
	}
	return false;
}

/* May what stands there have another value? */
static bool
is_open(const struct permit *permit, const char *path)
{
	static const struct lesson_texts faults = {.text = {"faults"}, .count = 1};

	return is_below(permit->lesson->kind == LESSON_ATTACK ? &faults : &permit->lesson->change,
	                path);
}

static void
refuse(struct permit *permit, const struct node *node, const char *path, const char *what)
{
	char keys[256] = "";

	for (size_t i = 0; i < permit->lesson->change.count; i++) {
		strlcat(keys, i > 0 ? ", " : "", sizeof(keys));
		strlcat(keys, permit->lesson->change.text[i], sizeof(keys));
	}
	if (permit->lesson->kind == LESSON_ATTACK)
		strlcpy(keys, "faults", sizeof(keys));
	problem_add(&permit->problems, node->key != NULL ? node->key_at : node->at,
	            "%s %s; in this lesson only %s may be changed", path, what, keys);
}

static void compare(struct permit *permit, const struct node *shipped, const struct node *mended,
                    const char *path);

static void
name_below(char *path, size_t size, const char *above, const char *key)
{
	snprintf(path, size, "%s%s%s", above, above[0] != '\0' ? "." : "", key);
}

static void
compare_maps(struct permit *permit, const struct node *shipped, const struct node *mended,
             const char *path)
{
	const struct node *node;
	char below[160];

	STAILQ_FOREACH (node, &shipped->children, next) {
		const struct node *other = node_get(mended, node->key);
		name_below(below, sizeof(below), path, node->key);
		if (other == NULL)
			problem_add(&permit->problems,
			            mended->key != NULL ? mended->key_at : mended->at,
			            "%s was taken out; it must stay, %s", below,
			            is_open(permit, below) ? "with whatever value is right"
			                                   : "and as it was");
		else
			compare(permit, node, other, below);
	}
	STAILQ_FOREACH (node, &mended->children, next) {
		name_below(below, sizeof(below), path, node->key);
		if (node_get(shipped, node->key) == NULL && !is_open(permit, below))
			refuse(permit, node, below, "is new");
	}
}

static void
compare_lists(struct permit *permit, const struct node *shipped, const struct node *mended,
              const char *path)
{
	const struct node *a = STAILQ_FIRST(&shipped->children);
	const struct node *b = STAILQ_FIRST(&mended->children);
	char below[160];

	for (size_t i = 0; a != NULL && b != NULL; i++) {
		snprintf(below, sizeof(below), "%s[%zu]", path, i);
		compare(permit, a, b, below);
		a = STAILQ_NEXT(a, next);
		b = STAILQ_NEXT(b, next);
	}
	if (a != NULL || b != NULL)
		refuse(permit, mended, path, "has not as many entries as before");
}

static void
compare(struct permit *permit, const struct node *shipped, const struct node *mended,
        const char *path)
{
	bool open = is_open(permit, path);

	if (shipped->kind != mended->kind && !open)
		refuse(permit, mended, path, "is not what it was");
	else if (shipped->kind == NODE_MAP && mended->kind == NODE_MAP)
		compare_maps(permit, shipped, mended, path);
	else if (shipped->kind == NODE_MAP)
		problem_add(&permit->problems, mended->at, "%s must have keys, as before", path);
	else if (open)
		return;
	else if (shipped->kind == NODE_LIST)
		compare_lists(permit, shipped, mended, path);
	else if (strcmp(shipped->text, mended->text) != 0)
		refuse(permit, mended, path, "was changed");
}

int
permit_scenario(const struct lesson *lesson, const struct source *shipped,
                const struct source *mended, FILE *errors)
{
	struct permit *permit = calloc(1, sizeof(*permit));
	const struct node *before, *after;
	struct tree tree;
	int error;

	if (permit == NULL)
		return -ENOMEM;
	permit->lesson = lesson;
	tree_init(&tree);
	before = tree_parse(&tree, shipped, 0, &permit->problems);
	after = tree_parse(&tree, mended, 0, &permit->problems);
	if (before != NULL && after != NULL)
		compare(permit, before, after, "");
	error = permit->problems.count > 0 ? -EINVAL : 0;
	if (error != 0)
		problems_print(&permit->problems, errors);
	problems_fini(&permit->problems);
	tree_fini(&tree);
	free(permit);
	return error;
}

/* The line that is this one, from text on; NULL: there is none. */
static const char *
find_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	while (*text != '\0') {
		size_t span = strcspn(text, "\n");
		if (span == length && strncmp(text, line, length) == 0)
			return text;
		text += span + (text[span] == '\n');
	}
	return NULL;
}

/* What is in front of the learner's part, and what is behind it. */
static bool
find_fixed(const char *text, size_t *before, const char **after)
{
	const char *begin = find_line(text, PERMIT_BEGIN);

	*after = begin != NULL ? find_line(begin, PERMIT_END) : NULL;
	*before = begin != NULL ? (size_t)(begin - text) : 0;
	return *after != NULL;
}

int
permit_program(const struct source *shipped, const struct source *mended, FILE *errors)
{
	const char *after, *other_after;
	size_t before, other_before;

	if (!find_fixed(shipped->text, &before, &after))
		return -EINVAL;
	/* What stands behind a 0 would not be compared. */
	if (strlen(mended->text) == mended->length &&
	    find_fixed(mended->text, &other_before, &other_after) && before == other_before &&
	    memcmp(shipped->text, mended->text, before) == 0 && strcmp(after, other_after) == 0)
		return 0;
	fprintf(errors,
	        "%s: only what stands between the lines\n  %s\nand\n  %s\nmay be changed; "
	        "`graveshift learn reset` brings the rest back\n",
	        mended->name, PERMIT_BEGIN, PERMIT_END);
	return -EINVAL;
}
