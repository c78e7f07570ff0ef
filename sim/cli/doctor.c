/* SPDX-License-Identifier: ISC
 *
 * graveshift doctor: which faults this host can do, and by what; and whether it can torture.
 */
#include <jansson.h>
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/fault/probe.h"
#include "sim/torture/torture.h"
#include "sim/util/fail.h"

static const char torture_needs[] =
    "seccomp, ptrace, mount and PID namespaces; without root user namespaces";

static const char *
torture_mechanism(bool overlay)
{
	return overlay
	           ? "a command is stopped at each change of a file; the whole file system is "
	             "its own, by an overlay"
	           : "a command is stopped at each change of a file; its work folders, /tmp and "
	             "/dev/shm are its own";
}

static void
print_row(const char *name, const char *mechanism, const char *needs, const char *problem)
{
	printf("%-10s %-9s %s", name, problem == NULL ? "available" : "missing", mechanism);
	if (needs[0] != '\0')
		printf("; needs %s", needs);
	if (problem != NULL)
		printf(": %s", problem);
	putchar('\n');
}

static void
print_table(void)
{
	const char *problem;
	bool overlay;

	for (size_t i = 0; i < fault_kind_count; i++) {
		const struct fault_kind *kind = &fault_kinds[i];
		print_row(kind->name, kind->mechanism, kind->needs, fault_kind_probe(kind, NULL));
	}
	problem = torture_probe(&overlay);
	print_row("torture", torture_mechanism(overlay), torture_needs, problem);
}

static json_t *
json_row(const char *name, const char *mechanism, const char *needs, const char *problem)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:s?}", "fault", name, "mechanism", mechanism,
	                 "needs", needs, "available", problem == NULL, "reason", problem);
}

static int
print_json(void)
{
	json_t *list = json_array();
	const char *problem;
	bool overlay;
	int failed;

	for (size_t i = 0; list != NULL && i < fault_kind_count; i++) {
		const struct fault_kind *kind = &fault_kinds[i];
		json_array_append_new(list, json_row(kind->name, kind->mechanism, kind->needs,
		                                     fault_kind_probe(kind, NULL)));
	}
	problem = torture_probe(&overlay);
	json_array_append_new(
	    list, json_row("torture", torture_mechanism(overlay), torture_needs, problem));
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
