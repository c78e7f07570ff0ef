/* SPDX-License-Identifier: ISC
 *
 * A YAML text as a tree of our own, in which every key and value knows its place.  Only the plain
 * part of YAML is taken: one document of maps, lists and scalars; no anchors, aliases or tags, no
 * key twice.
 */
#ifndef SIM_SCENARIO_YAML_TREE_H
#define SIM_SCENARIO_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "sim/scenario/diagnose.h"

#define TREE_DEPTH_MAX 32
#define TREE_NODES_MAX 65536
#define TREE_KEYS_MAX 256 /* in one map */

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

STAILQ_HEAD(node_list, node);

struct node {
	enum node_kind kind;
	bool empty;  /* a scalar of which nothing was written */
	bool broken; /* an error was noted about it: what follows from it is not worth another */
	bool again;  /* entry of a list: made of the same entry of the file as the one before */
	struct place at;
	const char *text; /* scalar */
	const char *key;  /* entry of a map */
	struct place key_at;
	struct node_list children; /* map, list */
	size_t count;
	STAILQ_ENTRY(node) next;
};

/* Memory of all nodes and their texts. */
struct tree {
	struct tree_block *blocks;
	size_t nodes;
};

void tree_init(struct tree *tree);
void tree_fini(struct tree *tree);

/* Parses source->text from `offset` on; places count from the beginning of the source.  Errors are
 * noted in problems; NULL is returned when there is nothing to go on with.  The nodes live as long
 * as the tree, and places refer to the source. */
struct node *tree_parse(struct tree *tree, const struct source *source, size_t offset,
                        struct problems *problems);

/* New nodes for what was not in the text; NULL without memory. */
struct node *tree_node(struct tree *tree, enum node_kind kind, struct place at);
char *tree_text(struct tree *tree, const char *text, size_t length);

/* The entry of a map under that key, or NULL; NULL too if map is NULL or no map. */
struct node *node_get(const struct node *map, const char *key);
/* The same along a path such as "recovery.lease.ttl". */
struct node *node_find(const struct node *map, const char *path);
void node_append(struct node *parent, struct node *child);
/* Gives node the value of `value`, which must not be used afterwards; its key stays. */
void node_replace(struct node *node, struct node *value);

#endif
