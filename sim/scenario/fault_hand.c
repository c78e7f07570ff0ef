/* SPDX-License-Identifier: ISC
 *
 * Reads one fault that a person injects by hand, with the same keys, checks and messages as those
 * of a scenario file.
 */
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
read_fault(struct load *load, const void *context)
{
	const char *id = context;
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
	const struct source line = {
	    .name = "FAULT", .text = text, .length = strlen(text), .numbered = true};

	return load_fault_line(scenario, &line, read_fault, id, errors);
}
