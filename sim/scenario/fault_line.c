/* SPDX-License-Identifier: ISC
 *
 * One fault more, said by hand in one line: an entry of a file's faults without id and trigger,
 * read and checked as if it stood in the file.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/load.h"

/* In braces, as they keep a map in one line. */
static char *
put_in_braces(const char *text)
{
	char *braced;

	text += strspn(text, " \t");
	if (asprintf(&braced, text[0] == '{' ? "%s" : "{%s}", text) < 0)
		return NULL;
	return braced;
}

/* What is not for the user to say here. */
static bool
is_given(const char *name)
{
	const struct key *key = key_find("faults[]", name);

	return strcmp(name, "id") == 0 || strcmp(name, "do") == 0 || strcmp(name, "follows") == 0 ||
	       (key != NULL && (key->flags & KEY_TRIGGER) != 0);
}

static void
refuse_given(struct load *load, const struct node *entry)
{
	const struct node *node;

	STAILQ_FOREACH (node, &entry->children, next)
		if (is_given(node->key))
			problem_add(&load->problems, node->key_at,
			            "'%s' cannot be said here: name, time and order of this fault "
			            "are known",
			            node->key);
}

static void
give(struct load *load, struct node *entry, const char *name, const char *text)
{
	struct node *node = tree_node(&load->tree, NODE_SCALAR, entry->at);

	if (node != NULL)
		node->text = tree_text(&load->tree, text, strlen(text));
	if (node == NULL || node->text == NULL) {
		problem_add(&load->problems, entry->at, "out of memory");
		return;
	}
	node->key = name;
	node->key_at = entry->at;
	node_append(entry, node);
}

/* Faults of chunks and records have no trigger in a file either. */
static bool
takes_trigger(const struct node *entry)
{
	return node_get(entry, "bad_chunk") == NULL && node_get(entry, "poison") == NULL &&
	       node_get(entry, "flaky") == NULL;
}

static void
read_fault(struct load *load, const char *id, int64_t after_ns)
{
	static const char label[] = "fault";
	struct node *entry = load->root;
	char time[48];
	struct fault *fault;

	if (entry->kind == NODE_MAP)
		refuse_given(load, entry);
	if (load->problems.count > 0)
		return;
	if (entry->kind == NODE_MAP) {
		give(load, entry, "id", id);
		unit_format(unit_durations, (uint64_t)after_ns, time, sizeof(time));
		if (takes_trigger(entry))
			give(load, entry, "after", time);
	}
	load_label(load, label, "");
	fault = load_add_fault(load);
	if (fault == NULL) {
		load_error(load, entry, "too many; at most %d are taken", SCENARIO_FAULTS_MAX);
		return;
	}
	load_read_map(load, entry, "faults[]", label, fault);
	load_label(load, label, "");
	if (load->problems.count == 0)
		fault_check(load, entry, load->scenario->faults - 1, load->scenario->faults - 1);
}

struct wanted {
	const char *id;
	int64_t after_ns;
};

static void
read_text(struct load *load, const void *context)
{
	const struct wanted *wanted = context;

	if (load->file.length > SCENARIO_LINE_MAX) {
		problem_add(&load->problems, (struct place){&load->file, 0, 0, 0},
		            "longer than %d bytes", SCENARIO_LINE_MAX);
		return;
	}
	load->root = tree_parse(&load->tree, &load->file, 0, &load->problems);
	if (load->root != NULL)
		read_fault(load, wanted->id, wanted->after_ns);
}

int
load_fault_line(struct scenario *scenario, const struct source *line,
                void (*read)(struct load *load, const void *context), const void *context,
                FILE *errors)
{
	struct load *load = calloc(1, sizeof(*load));
	size_t had = scenario->faults;
	int error = 0;

	if (load == NULL)
		return -ENOMEM;
	load->scenario = scenario;
	load->file = *line;
	tree_init(&load->tree);
	read(load, context);
	if (load->problems.count > 0 && errors != NULL) {
		error = -EINVAL;
		scenario_faults_drop(scenario, had, scenario->faults - had);
		problems_print(&load->problems, errors);
	}
	problems_fini(&load->problems);
	tree_fini(&load->tree);
	free(load);
	return error;
}

int
scenario_fault_parse(struct scenario *scenario, const char *name, const char *text, const char *id,
                     int64_t after_ns, FILE *errors)
{
	const struct wanted wanted = {.id = id, .after_ns = after_ns};
	char *braced = put_in_braces(text);
	struct source line = {.name = name, .text = braced};
	int error = -ENOMEM;

	if (braced != NULL) {
		line.length = strlen(braced);
		error = load_fault_line(scenario, &line, read_text, &wanted, errors);
	}
	if (error == -ENOMEM)
		fprintf(errors, "%s: error: out of memory\n1 error; nothing was run\n", name);
	free(braced);
	return error;
}
