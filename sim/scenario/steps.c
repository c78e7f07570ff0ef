/* SPDX-License-Identifier: ISC
 *
 * What the steps of a graph wait for: names that must exist, and that must not lead back to where
 * they began.
 */
#include <inttypes.h>
#include <string.h>

#include "core/board.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

/* The lists of a step that name others. */
static const char *const lists[] = {"after", "weakly_after", "compensates"};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

struct checking {
	struct load *load;
	const struct scenario_job *job;
	struct node *entry[SCENARIO_STEPS_MAX];
	/* Of the search for circles: 0 not seen, 1 on the way, 2 leads to none. */
	uint8_t mark[SCENARIO_STEPS_MAX];
	size_t way[SCENARIO_STEPS_MAX];
};

static size_t
find_step(const struct checking *checking, const char *id)
{
	size_t i = 0;

	while (i < checking->job->steps && strcmp(checking->job->step[i].id, id) != 0)
		i++;
	return i;
}

static void
check_name(struct checking *checking, size_t step, struct node *node)
{
	struct load *load = checking->load;
	char guessed[80];
	struct guess guess;
	size_t found = find_step(checking, node->text);

	guess_init(&guess, node->text);
	for (size_t i = 0; i < checking->job->steps; i++)
		if (i != step)
			guess_try(&guess, checking->job->step[i].id);
	if (found == checking->job->steps)
		load_error(load, node, "there is no step '%.40s'%s", node->text,
		           guess_text(&guess, guessed, sizeof(guessed)));
	else if (found == step)
		load_error(load, node, "a step cannot wait for itself");
}

/* One step waits for another in one way, or not at all. */
static void
check_twice(struct checking *checking, size_t step, size_t list, const struct node *node)
{
	for (size_t other = 0; other < list; other++) {
		const struct node *names = node_get(checking->entry[step], lists[other]), *name;

		if (names == NULL || names->kind != NODE_LIST)
			continue;
		STAILQ_FOREACH (name, &names->children, next)
			if (strcmp(name->text, node->text) == 0)
				problem_add(&checking->load->problems, node->at,
				            "%s: '%.40s' is named under %s already",
				            checking->load->label, node->text, lists[other]);
	}
}

static void
check_names(struct checking *checking, size_t step)
{
	struct load *load = checking->load;
	char where[32];

	snprintf(where, sizeof(where), "job.steps[%zu]", step);
	for (size_t i = 0; i < LISTS; i++) {
		struct node *list = node_get(checking->entry[step], lists[i]), *node;

		if (list == NULL || list->kind != NODE_LIST)
			continue;
		load_label(load, where, lists[i]);
		STAILQ_FOREACH (node, &list->children, next) {
			if (!node->broken)
				check_name(checking, step, node);
			if (!node->broken)
				check_twice(checking, step, i, node);
		}
	}
}

static void
check_id(struct checking *checking, size_t step)
{
	struct node *id = node_get(checking->entry[step], "id");
	char where[32];

	snprintf(where, sizeof(where), "job.steps[%zu]", step);
	load_label(checking->load, where, "id");
	if (id != NULL && !id->broken && find_step(checking, id->text) < step)
		load_error(checking->load, id, "the id '%s' is taken already",
		           checking->job->step[step].id);
}

/* What it would have to undo has not happened before both of its reasons to run are known. */
static void
check_compensation(struct checking *checking, size_t step)
{
	struct node *entry = checking->entry[step], *list = node_get(entry, "compensates");

	if (list == NULL || list->broken || list->count == 0)
		return;
	load_label(checking->load, "", "");
	if (node_get(entry, "after") != NULL || node_get(entry, "weakly_after") != NULL)
		load_error(checking->load, list,
		           "job.steps[%zu]: a step that compensates others waits for them alone: "
		           "take out after and weakly_after",
		           step);
}

/* "packing waits for shipping, shipping for payment, payment for packing". */
static void
say_circle(struct checking *checking, size_t from, size_t length, struct node *node)
{
	char text[512];
	size_t used = 0;

	for (size_t i = from; i < length && used < sizeof(text); i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%s%s %sfor %s", i > from ? ", " : "",
		    checking->job->step[checking->way[i]].id, i > from ? "" : "waits ",
		    checking->job->step[checking->way[i + 1 < length ? i + 1 : from]].id);
	load_label(checking->load, "", "");
	load_error(checking->load, node, "job.steps: goes round in a circle: %s", text);
}

/* Follows the names from a step on; what was looked at is not looked at again. */
static void
look_for_circle(struct checking *checking, size_t step, size_t depth)
{
	checking->mark[step] = 1;
	checking->way[depth] = step;
	for (size_t i = 0; i < LISTS; i++) {
		struct node *list = node_get(checking->entry[step], lists[i]), *node;

		if (list == NULL || list->kind != NODE_LIST)
			continue;
		STAILQ_FOREACH (node, &list->children, next) {
			size_t parent = find_step(checking, node->text), from = 0;

			if (node->broken || parent == checking->job->steps)
				continue;
			if (checking->mark[parent] == 0)
				look_for_circle(checking, parent, depth + 1);
			if (checking->mark[parent] != 1)
				continue;
			while (checking->way[from] != parent)
				from++;
			say_circle(checking, from, depth + 1, node);
		}
	}
	checking->mark[step] = 2;
}

static void
check_size(struct load *load, const struct scenario_job *job, struct node *steps)
{
	if (job->steps * job->orders > BOARD_TASKS_MAX && !steps->broken)
		problem_add(&load->problems, steps->key_at,
		            "job.steps: %zu steps of %" PRIu64 " orders are more than the %u tasks "
		            "that can be planned",
		            job->steps, job->orders, BOARD_TASKS_MAX);
}

void
steps_check(struct load *load, struct node *job)
{
	struct checking checking = {.load = load, .job = &load->scenario->job};
	struct node *list = node_get(job, "steps"), *entry;
	size_t count = 0;

	if (list == NULL || list->kind != NODE_LIST || list->broken)
		return;
	load_label(load, "job.steps", "");
	if (list->count == 0)
		load_error(load, list, "needs a step, such as {id: payment}");
	STAILQ_FOREACH (entry, &list->children, next)
		if (count < checking.job->steps)
			checking.entry[count++] = entry;
	for (size_t i = 0; i < count; i++) {
		check_id(&checking, i);
		check_names(&checking, i);
		check_compensation(&checking, i);
	}
	for (size_t i = 0; i < count; i++)
		if (checking.mark[i] == 0)
			look_for_circle(&checking, i, 0);
	check_size(load, checking.job, list);
}

static void
print_names(const char *name, char *const *id, size_t ids, FILE *out)
{
	for (size_t i = 0; i < ids; i++)
		fprintf(out, "%s%s", i == 0 ? name : ", ", id[i]);
	if (ids > 0)
		fputc(']', out);
}

void
steps_print(const struct scenario_job *job, FILE *out)
{
	for (size_t i = 0; i < job->steps; i++) {
		const struct job_step *step = &job->step[i];

		fputs("    - {id: ", out);
		value_print_text(step->id, out);
		print_names(", after: [", step->after, step->afters, out);
		print_names(", weakly_after: [", step->weakly_after, step->weakly_afters, out);
		print_names(", compensates: [", step->compensates, step->compensated, out);
		fputs("}\n", out);
	}
}
