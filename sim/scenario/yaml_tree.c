/* SPDX-License-Identifier: ISC
 *
 * The tree's memory and how one moves about in it; yaml_parse.c fills it.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/yaml_tree.h"

#define BLOCK_BYTES 65536

struct tree_block {
	struct tree_block *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

void
tree_init(struct tree *tree)
{
	*tree = (struct tree){0};
}

void
tree_fini(struct tree *tree)
{
	while (tree->blocks != NULL) {
		struct tree_block *block = tree->blocks;
		tree->blocks = block->next;
		free(block);
	}
}

static void *
tree_alloc(struct tree *tree, size_t size)
{
	size = (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
	struct tree_block *block = tree->blocks;
	if (block == NULL || block->size - block->used < size) {
		size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
		block = malloc(sizeof(*block) + room);
		if (block == NULL)
			return NULL;
		*block = (struct tree_block){.next = tree->blocks, .size = room};
		tree->blocks = block;
	}
	block->used += size;
	return block->bytes + block->used - size;
}

struct node *
tree_node(struct tree *tree, enum node_kind kind, struct place at)
{
	struct node *node = tree_alloc(tree, sizeof(*node));
	if (node == NULL)
		return NULL;
	*node = (struct node){.kind = kind, .at = at, .text = ""};
	STAILQ_INIT(&node->children);
	tree->nodes++;
	return node;
}

char *
tree_text(struct tree *tree, const char *text, size_t length)
{
	char *copy = tree_alloc(tree, length + 1);
	if (copy != NULL) {
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

struct node *
node_get(const struct node *map, const char *key)
{
	struct node *child;
	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	STAILQ_FOREACH (child, &map->children, next)
		if (strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

struct node *
node_find(const struct node *map, const char *path)
{
	char name[64];
	size_t length = strcspn(path, ".");
	if (path[length] == '\0' || length >= sizeof(name))
		return node_get(map, path);
	memcpy(name, path, length);
	name[length] = '\0';
	return node_find(node_get(map, name), path + length + 1);
}

void
node_append(struct node *parent, struct node *child)
{
	STAILQ_INSERT_TAIL(&parent->children, child, next);
	parent->count++;
}

void
node_replace(struct node *node, struct node *value)
{
	node->kind = value->kind;
	node->empty = value->empty;
	node->broken = value->broken;
	node->at = value->at;
	node->text = value->text;
	node->count = value->count;
	STAILQ_INIT(&node->children);
	STAILQ_CONCAT(&node->children, &value->children);
}
