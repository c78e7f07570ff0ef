/* SPDX-License-Identifier: ISC
 *
 * graveshift doctor: which faults this host can do, and by what.
 */
#include <jansson.h>
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/fault/probe.h"
#include "sim/util/fail.h"

static void
print_table(void)
{
	for (size_t i = 0; i < fault_kind_count; i++) {
		const struct fault_kind *kind = &fault_kinds[i];
		const char *problem = fault_kind_probe(kind, NULL);
		printf("%-10s %-9s %s", kind->name, problem == NULL ? "available" : "missing",
		       kind->mechanism);
		if (kind->needs[0] != '\0')
			printf("; needs %s", kind->needs);
		if (problem != NULL)
			printf(": %s", problem);
		putchar('\n');
	}
}

static int
print_json(void)
{
	json_t *list = json_array();
	int failed;

	for (size_t i = 0; list != NULL && i < fault_kind_count; i++) {
		const struct fault_kind *kind = &fault_kinds[i];
		const char *problem = fault_kind_probe(kind, NULL);
		json_array_append_new(list,
		                      json_pack("{s:s, s:s, s:s, s:b, s:s?}", "fault", kind->name,
		                                "mechanism", kind->mechanism, "needs", kind->needs,
		                                "available", problem == NULL, "reason", problem));
	}
	failed = list == NULL || json_dumpf(list, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0;
	putchar('\n');
	json_decref(list);
	return failed ? EXIT_INTERNAL : EXIT_MET;
}

int
command_doctor(int argc, char **argv)
{
	struct options options;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (options.json)
		return print_json();
	print_table();
	return EXIT_MET;
}
