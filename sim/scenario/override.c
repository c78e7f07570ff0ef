/* SPDX-License-Identifier: ISC
 *
 * --set a.b[0].c=value: puts the value into the tree before anything is read from it, so that it is
 * checked as if the file had said so.  An entry of faults goes by number, faults[0], or by its id,
 * faults.k1.  Without a value the key is taken out.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/load.h"

struct step {
	struct load *load;
	struct source *source;
	size_t at, end; /* the path's current part and its end in the source */
	struct node *node;
};

static struct place
step_place(const struct step *step, size_t length)
{
	struct place at = place_of_byte(step->source, step->at);
	at.width = length;
	return at;
}

static void
step_fail(struct step *step, size_t length, const char *problem)
{
	problem_add(&step->load->problems, step_place(step, length), "%s", problem);
	step->node = NULL;
}

static struct node *
find_id(const struct node *list, const char *id)
{
	struct node *entry;
	STAILQ_FOREACH (entry, &list->children, next) {
		const struct node *name = node_get(entry, "id");
		if (name != NULL && strcmp(name->text, id) == 0)
			return entry;
	}
	return NULL;
}

static struct node *
find_index(const struct node *list, const char *text, size_t length)
{
	struct node *entry;
	char number[8];
	uint64_t index;
	if (list->kind != NODE_LIST || length == 0 || length >= sizeof(number))
		return NULL;
	memcpy(number, text, length);
	number[length] = '\0';
	if (unit_parse(unit_none, number, &index) != UNIT_OK)
		return NULL;
	STAILQ_FOREACH (entry, &list->children, next)
		if (index-- == 0)
			return entry;
	return NULL;
}

/* A key that the file does not have: it is made, as a map for now. */
static struct node *
add_key(struct step *step, const char *name)
{
	struct place at = step_place(step, strlen(name));
	struct node *node = tree_node(&step->load->tree, NODE_MAP, at);
	if (node == NULL)
		return NULL;
	node->key = name;
	node->key_at = at;
	node_append(step->node, node);
	return node;
}

/* Goes down to the part of the path that is `name`. */
static void
step_name(struct step *step, size_t length)
{
	char *name = tree_text(&step->load->tree, step->source->text + step->at, length);
	struct node *parent = step->node, *child = NULL;
	if (name == NULL) {
		step_fail(step, length, "out of memory");
	} else if (length == 0) {
		step_fail(step, 1, "a key is missing here");
	} else if (parent->kind == NODE_LIST) {
		step->node = find_id(parent, name);
		if (step->node == NULL)
			step_fail(step, length,
			          "no entry of this list has that id; a number goes in brackets, "
			          "such as faults[0]");
	} else if (parent->kind != NODE_MAP) {
		step_fail(step, length,
		          "what is before this is a single value, without keys below it");
	} else {
		child = node_get(parent, name);
		step->node = child != NULL ? child : add_key(step, name);
		if (step->node == NULL)
			step_fail(step, length, "out of memory");
	}
}

/* Goes down by "[N]"; step->at is at the bracket. */
static size_t
step_index(struct step *step)
{
	const char *text = step->source->text + step->at;
	size_t length = strcspn(text, "].=");
	if (text[length] != ']') {
		step_fail(step, 1, "this '[' has no ']'");
		return 1;
	}
	step->node = find_index(step->node, text + 1, length - 1);
	if (step->node == NULL)
		step_fail(step, length + 1,
		          "the list has no entry of that number; the first is [0]");
	return length + 1;
}

/* The node that the path leads to, or NULL after noting why there is none. */
static struct node *
follow_path(struct step *step)
{
	for (;;) {
		size_t length = strcspn(step->source->text + step->at, ".[=");
		step_name(step, length);
		step->at += length;
		while (step->node != NULL && step->source->text[step->at] == '[')
			step->at += step_index(step);
		if (step->node == NULL || step->at >= step->end)
			return step->node;
		step->at++;
	}
}

static void
remove_node(struct node *parent, struct node *node)
{
	struct node *child;
	STAILQ_FOREACH (child, &parent->children, next) {
		if (child == node) {
			STAILQ_REMOVE(&parent->children, node, node, next);
			parent->count--;
			return;
		}
		remove_node(child, node);
	}
}

void
override_apply(struct load *load, struct source *source)
{
	size_t path = strcspn(source->text, "=");
	struct step step = {.load = load, .source = source, .end = path, .node = load->root};
	if (source->text[path] != '=') {
		step_fail(&step, path, "no value; write key.path=value");
		return;
	}
	struct node *node = follow_path(&step);
	if (node == NULL)
		return;
	if (source->text[path + 1] == '\0') {
		remove_node(load->root, node);
		return;
	}
	struct node *value = tree_parse(&load->tree, source, path + 1, &load->problems);
	if (value != NULL)
		node_replace(node, value);
	else
		node->broken = true;
}
