/* SPDX-License-Identifier: ISC
 *
 * Which fault waits for which: ids into numbers, when all of them are known.
 */
#include <string.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

/* The fault of that id, or the last one of the chain of that id; -1 if there is none. */
static int
find_fault(const struct scenario *scenario, const char *id)
{
	size_t length = strlen(id);
	int found = -1;
	for (size_t i = 0; i < scenario->faults; i++) {
		const char *other = scenario->fault[i].id;
		if (strcmp(other, id) == 0)
			return (int)i;
		if (strncmp(other, id, length) == 0 && other[length] == '-' &&
		    other[length + 1 + strspn(other + length + 1, "0123456789")] == '\0')
			found = (int)i;
	}
	return found;
}

static void
read_follows(struct load *load, struct node *node, size_t index)
{
	struct scenario *scenario = load->scenario;
	char guessed[80];
	struct guess guess;
	int found = find_fault(scenario, node->text);
	guess_init(&guess, node->text);
	for (size_t i = 0; i < scenario->faults; i++)
		if (i != index)
			guess_try(&guess, scenario->fault[i].id);
	if (found < 0)
		load_error(load, node, "there is no fault '%.40s'%s", node->text,
		           guess_text(&guess, guessed, sizeof(guessed)));
	else if ((size_t)found == index)
		load_error(load, node, "a fault cannot follow itself");
	else
		scenario->fault[index].follows = (int16_t)found;
}

/* Whether the fault waits for itself in the end, and has the lowest number of those that do. */
static bool
leads_a_circle(const struct scenario *scenario, size_t index)
{
	int16_t at = scenario->fault[index].follows;
	for (size_t steps = 0; at >= 0 && steps < scenario->faults; steps++) {
		if ((size_t)at == index)
			return true;
		if ((size_t)at < index)
			return false;
		at = scenario->fault[at].follows;
	}
	return false;
}

static void
each(struct load *load, struct node *list, void (*visit)(struct load *, struct node *, size_t))
{
	struct node *entry;
	size_t i = 0, number = 0;
	STAILQ_FOREACH (entry, &list->children, next) {
		struct node *node = node_get(entry, "follows");
		if (i >= load->scenario->faults)
			break;
		number += i > 0 && !entry->again;
		snprintf(load->label, sizeof(load->label), "faults[%zu]", number);
		if (node != NULL && !node->broken && !entry->broken)
			visit(load, node, i);
		i++;
	}
}

static void
check_circle(struct load *load, struct node *node, size_t index)
{
	if (leads_a_circle(load->scenario, index))
		load_error(load, node,
		           "goes round in a circle: '%s' would wait for '%s' and in the end for "
		           "itself",
		           load->scenario->fault[index].id,
		           load->scenario->fault[load->scenario->fault[index].follows].id);
}

void
faults_check_follows(struct load *load, struct node *list)
{
	each(load, list, read_follows);
	each(load, list, check_circle);
}

void
scenario_faults_drop(struct scenario *scenario, size_t first, size_t count)
{
	size_t behind = first + count;

	memmove(&scenario->fault[first], &scenario->fault[behind],
	        (scenario->faults - behind) * sizeof(scenario->fault[0]));
	scenario->faults -= count;
	memset(&scenario->fault[scenario->faults], 0, count * sizeof(scenario->fault[0]));
	for (size_t i = 0; i < scenario->faults; i++) {
		struct fault *fault = &scenario->fault[i];
		if (fault->follows >= (int)behind)
			fault->follows = (int16_t)(fault->follows - (int)count);
		else if (fault->follows >= (int)first)
			fault->follows = -1;
	}
}
