/* SPDX-License-Identifier: ISC
 *
 * Reads one fault that a person injects by hand, with the same keys, checks and messages as those
 * of a scenario file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/load.h"

size_t
scenario_scripted(const struct scenario *scenario)
{
	size_t count = scenario->faults;
	while (count > 0 && scenario->fault[count - 1].when == WHEN_HAND)
		count--;
	return count;
}

static void
read_fault(struct load *load, const char *id)
{
	struct node *entry = tree_parse(&load->tree, &load->file, 0, &load->problems);
	struct fault *fault;
	if (entry == NULL)
		return;
	load_label(load, "fault", "");
	fault = load_add_fault(load);
	if (fault == NULL) {
		load_error(load, entry, "too many; at most %d are taken", SCENARIO_FAULTS_MAX);
		return;
	}
	load_read_map(load, entry, "faults[]", "fault", fault);
	/* Also of what could not be read: whoever reads it leniently needs to know whose it is. */
	fault->when = WHEN_HAND;
	fault->optional = true;
	load_label(load, "fault", "");
	if (entry->kind == NODE_MAP && !entry->broken)
		fault_check_by_hand(load, entry, fault);
	snprintf(fault->id, sizeof(fault->id), "%s", id);
}

int
scenario_fault_add(struct scenario *scenario, const char *id, const char *text, FILE *errors)
{
	struct load *load = calloc(1, sizeof(*load));
	size_t faults = scenario->faults;
	int error = 0;
	if (load == NULL)
		return -ENOMEM;
	load->scenario = scenario;
	load->file = (struct source){
	    .name = "FAULT", .text = text, .length = strlen(text), .numbered = true};
	tree_init(&load->tree);
	read_fault(load, id);
	if (load->problems.count > 0 && errors != NULL) {
		problems_print(&load->problems, errors);
		if (scenario->faults > faults)
			memset(&scenario->fault[faults], 0, sizeof(scenario->fault[faults]));
		scenario->faults = faults;
		error = -EINVAL;
	}
	problems_fini(&load->problems);
	tree_fini(&load->tree);
	free(load);
	return error;
}
