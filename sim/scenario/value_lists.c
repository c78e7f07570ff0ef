/* SPDX-License-Identifier: ISC
 *
 * Reads lists: of texts, such as columns to sum, and of ranges of keys.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/load.h"

static bool
is_text(struct load *load, struct node *node)
{
	if (!node->broken && (node->kind != NODE_SCALAR || node->text[0] == '\0'))
		load_error(load, node, "an entry is one word or text");
	return !node->broken;
}

/* Of an exit code that is no success. */
static bool
is_code(struct load *load, struct node *node)
{
	const char *problem;

	strtonum(node->text, 1, 255, &problem);
	if (problem != NULL)
		load_error(load, node, "'%.40s' is no exit code: 1 to 255 are", node->text);
	return problem == NULL;
}

static bool
is_repeated(const struct node *list, const struct node *node)
{
	const struct node *other;
	STAILQ_FOREACH (other, &list->children, next) {
		if (other == node)
			return false;
		if (strcmp(other->text, node->text) == 0)
			return true;
	}
	return false;
}

char **
value_texts(const struct key *key, void *base, size_t **count)
{
	char *field = (char *)base + key->offset;
	*count = (size_t *)(field + key->size);
	return (char **)field;
}

static bool
are_so_many(struct load *load, const struct key *key, struct node *list)
{
	bool command = (key->flags & KEY_COMMAND) != 0;
	bool codes = (key->flags & KEY_CODES) != 0;
	if (list->count > SCENARIO_TEXTS_MAX)
		load_error(load, list, "%zu %s; at most %d are taken", list->count,
		           command                         ? "words"
		           : codes                         ? "exit codes"
		           : (key->flags & KEY_STEPS) != 0 ? "steps"
		                                           : "columns",
		           SCENARIO_TEXTS_MAX);
	else if (command && list->count == 0)
		load_error(load, list, "needs a command");
	return !list->broken;
}

void
value_read_texts(struct load *load, const struct key *key, struct node *list, void *base)
{
	size_t *count;
	char **text = value_texts(key, base, &count);
	struct node *node;
	if (!are_so_many(load, key, list))
		return;
	STAILQ_FOREACH (node, &list->children, next) {
		if (!is_text(load, node) || ((key->flags & KEY_CODES) != 0 && !is_code(load, node)))
			continue;
		if ((key->flags & KEY_COMMAND) == 0 && is_repeated(list, node)) {
			load_error(load, node, "'%.40s' is named twice", node->text);
			continue;
		}
		text[*count] = strdup(node->text);
		if (text[*count] == NULL)
			load_error(load, node, "out of memory");
		else
			++*count;
	}
}

/* Compares the first strlen(bound) bytes of key with bound. */
static int
compare_with_bound(const char *key, const char *bound)
{
	return strncmp(key, bound, strlen(bound));
}

static bool
read_range(struct load *load, struct node *node, struct key_range *range)
{
	const char *dash = strchr(node->text, '-');
	size_t low = dash != NULL ? (size_t)(dash - node->text) : 0;
	size_t high = dash != NULL ? strlen(dash + 1) : 0;
	if (low == 0 || high == 0 || low >= sizeof(range->low) || high >= sizeof(range->high) ||
	    strchr(dash + 1, '-') != NULL) {
		load_error(
		    load, node,
		    "'%.40s' is no range of keys: low-high, such as A-G, 1 to %zu bytes each",
		    node->text, sizeof(range->low) - 1);
		return false;
	}
	*range = (struct key_range){0};
	memcpy(range->low, node->text, low);
	memcpy(range->high, dash + 1, high);
	if (compare_with_bound(range->low, range->high) > 0) {
		load_error(load, node, "the range '%.40s' goes down; give the lower bound first",
		           node->text);
		return false;
	}
	return true;
}

static bool
ranges_overlap(const struct key_range *a, const struct key_range *b)
{
	const struct key_range *first = strcmp(a->low, b->low) <= 0 ? a : b;
	const struct key_range *second = first == a ? b : a;
	return compare_with_bound(second->low, first->high) <= 0;
}

void
value_read_ranges(struct load *load, struct node *list)
{
	struct scenario_job *job = &load->scenario->job;
	struct node *node;
	if (list->count == 0 || list->count > SCENARIO_RANGES_MAX) {
		load_error(load, list, "%zu ranges; 1 to %d are taken", list->count,
		           SCENARIO_RANGES_MAX);
		return;
	}
	STAILQ_FOREACH (node, &list->children, next) {
		struct key_range range;
		if (!is_text(load, node) || !read_range(load, node, &range))
			continue;
		for (size_t i = 0; i < job->ranges && !node->broken; i++)
			if (ranges_overlap(&job->range[i], &range))
				load_error(load, node, "the range '%.40s' overlaps '%s-%s'",
				           node->text, job->range[i].low, job->range[i].high);
		if (!node->broken)
			job->range[job->ranges++] = range;
	}
}
