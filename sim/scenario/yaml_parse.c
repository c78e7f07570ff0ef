/* SPDX-License-Identifier: ISC
 *
 * From libyaml's events to the tree.
 */
#include <string.h>
#include <yaml.h>

#include "sim/scenario/yaml_hint.h"
#include "sim/scenario/yaml_tree.h"

struct builder {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	struct tree *tree;
	const struct source *source;
	size_t offset; /* of the text in the source, in bytes */
	size_t
	    first_column; /* and in characters; a source with an offset has it in its first line */
	struct problems *problems;
};

static struct place
place_of_marks(const struct builder *builder, const yaml_mark_t *start, const yaml_mark_t *end)
{
	struct place at = {builder->source, start->line + 1, start->column + 1, 1};
	if (start->line == 0)
		at.column += builder->first_column;
	if (end->line == start->line && end->column > start->column)
		at.width = end->column - start->column;
	return at;
}

static struct place
event_place(const struct builder *builder)
{
	return place_of_marks(builder, &builder->event.start_mark, &builder->event.end_mark);
}

static void
report_libyaml(const struct builder *builder)
{
	const yaml_parser_t *parser = &builder->parser;
	const char *what = parser->problem != NULL ? parser->problem : "out of memory";
	struct place at = place_of_marks(builder, &parser->problem_mark, &parser->problem_mark);
	struct yaml_hint hint = yaml_hint(what);
	if (parser->error == YAML_READER_ERROR)
		at = place_of_byte(builder->source, builder->offset + parser->problem_offset);
	else if (hint.at_opening && parser->context != NULL)
		at = place_of_marks(builder, &parser->context_mark, &parser->context_mark);
	if (hint.text != NULL)
		problem_add(builder->problems, at, "%s: %s", what, hint.text);
	else
		problem_add(builder->problems, at, "%s", what);
}

static bool
next_event(struct builder *builder)
{
	yaml_event_delete(&builder->event);
	if (yaml_parser_parse(&builder->parser, &builder->event))
		return true;
	report_libyaml(builder);
	return false;
}

/* A node of the current event's place, or NULL after noting why there cannot be one. */
static struct node *
new_node(struct builder *builder, enum node_kind kind)
{
	struct place at = event_place(builder);
	if (kind != NODE_SCALAR)
		at.width = 1;
	if (builder->tree->nodes >= TREE_NODES_MAX) {
		problem_add(builder->problems, at, "more than %d values", TREE_NODES_MAX);
		return NULL;
	}
	struct node *node = tree_node(builder->tree, kind, at);
	if (node == NULL)
		problem_add(builder->problems, at, "out of memory");
	return node;
}

static void
refuse(struct builder *builder, struct node *node, const char *what)
{
	problem_add(builder->problems, node->at, "%s", what);
	node->broken = true;
}

static struct node *
build_scalar(struct builder *builder)
{
	const yaml_event_t *event = &builder->event;
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	struct node *node = new_node(builder, NODE_SCALAR);
	if (node == NULL)
		return NULL;
	node->text = tree_text(builder->tree, value, length);
	node->empty = length == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (node->text == NULL) {
		problem_add(builder->problems, node->at, "out of memory");
		return NULL;
	}
	if (memchr(value, '\0', length) != NULL)
		refuse(builder, node, "a NUL character in a value");
	return node;
}

static struct node *build_node(struct builder *builder, unsigned depth);

static struct node *
build_list(struct builder *builder, unsigned depth)
{
	struct node *list = new_node(builder, NODE_LIST);
	if (list == NULL)
		return NULL;
	for (;;) {
		if (!next_event(builder))
			return NULL;
		if (builder->event.type == YAML_SEQUENCE_END_EVENT)
			return list;
		struct node *child = build_node(builder, depth + 1);
		if (child == NULL)
			return NULL;
		node_append(list, child);
	}
}

/* Puts the value under its key, unless the key is none or is there already. */
static void
add_entry(struct builder *builder, struct node *map, struct node *key, struct node *value)
{
	if (key->kind != NODE_SCALAR) {
		refuse(builder, key, "a key is a word, not a list or map");
		return;
	}
	const struct node *first = node_get(map, key->text);
	if (first != NULL) {
		problem_add(builder->problems, key->at,
		            "duplicate key '%s'; the first is in line %zu", key->text,
		            first->key_at.line);
		return;
	}
	value->key = key->text;
	value->key_at = key->at;
	value->broken |= key->broken;
	node_append(map, value);
}

static struct node *
build_map(struct builder *builder, unsigned depth)
{
	struct node *map = new_node(builder, NODE_MAP);
	if (map == NULL)
		return NULL;
	for (;;) {
		if (!next_event(builder))
			return NULL;
		if (builder->event.type == YAML_MAPPING_END_EVENT)
			return map;
		struct node *key = build_node(builder, depth + 1);
		if (key == NULL || !next_event(builder))
			return NULL;
		struct node *value = build_node(builder, depth + 1);
		if (value == NULL)
			return NULL;
		if (map->count >= TREE_KEYS_MAX) {
			problem_add(builder->problems, key->at, "more than %d keys in one map",
			            TREE_KEYS_MAX);
			return NULL;
		}
		add_entry(builder, map, key, value);
	}
}

static struct node *
build_alias(struct builder *builder)
{
	struct node *node = new_node(builder, NODE_SCALAR);
	if (node != NULL)
		refuse(builder, node, "aliases (*) are not taken: write the value out");
	return node;
}

static void
refuse_properties(struct builder *builder, struct place at, const yaml_char_t *anchor,
                  const yaml_char_t *tag)
{
	at.width = 1;
	if (anchor != NULL)
		problem_add(builder->problems, at, "anchors (&) are not taken");
	if (tag != NULL)
		problem_add(
		    builder->problems, at,
		    "tags (!) are not taken: the key decides the type; a condition that begins "
		    "with ! goes in quotes");
}

/* The value that begins with the current event; afterwards its last event is the current one. NULL:
 * cannot go on. */
static struct node *
build_node(struct builder *builder, unsigned depth)
{
	const yaml_event_t *event = &builder->event;
	struct place at = event_place(builder);
	if (depth > TREE_DEPTH_MAX) {
		problem_add(builder->problems, at, "nested deeper than %d levels", TREE_DEPTH_MAX);
		return NULL;
	}
	switch (event->type) {
	case YAML_SEQUENCE_START_EVENT:
		refuse_properties(builder, at, event->data.sequence_start.anchor,
		                  event->data.sequence_start.tag);
		return build_list(builder, depth);
	case YAML_MAPPING_START_EVENT:
		refuse_properties(builder, at, event->data.mapping_start.anchor,
		                  event->data.mapping_start.tag);
		return build_map(builder, depth);
	case YAML_SCALAR_EVENT:
		refuse_properties(builder, at, event->data.scalar.anchor, event->data.scalar.tag);
		return build_scalar(builder);
	default:
		return build_alias(builder);
	}
}

static struct node *
build_document(struct builder *builder)
{
	if (!next_event(builder)) /* the stream's start */
		return NULL;
	if (!next_event(builder)) /* a document's start or the stream's end */
		return NULL;
	if (builder->event.type == YAML_STREAM_END_EVENT) {
		struct place at = {builder->source, 0, 0, 0};
		problem_add(builder->problems, at, "is empty");
		return NULL;
	}
	if (!next_event(builder))
		return NULL;
	struct node *root = build_node(builder, 1);
	if (root == NULL || !next_event(builder) || !next_event(builder))
		return NULL;
	if (builder->event.type != YAML_STREAM_END_EVENT)
		problem_add(builder->problems, event_place(builder),
		            "a second document begins here; only one is taken");
	return root;
}

struct node *
tree_parse(struct tree *tree, const struct source *source, size_t offset, struct problems *problems)
{
	struct builder builder = {
	    .tree = tree, .source = source, .offset = offset, .problems = problems};
	builder.first_column = place_of_byte(source, offset).column - 1;
	if (!yaml_parser_initialize(&builder.parser)) {
		problem_add(problems, (struct place){source, 0, 0, 0}, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&builder.parser, (const yaml_char_t *)source->text + offset,
	                             source->length - offset);
	struct node *root = build_document(&builder);
	yaml_event_delete(&builder.event);
	yaml_parser_delete(&builder.parser);
	return root;
}
