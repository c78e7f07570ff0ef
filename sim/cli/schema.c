/* SPDX-License-Identifier: ISC
 *
 * graveshift schema: the format of scenario files, for editors.
 */
#include "sim/scenario/schema.h"
#include "sim/cli/cli.h"
#include "sim/util/fail.h"

int
command_schema(int argc, char **argv)
{
	struct options options;
	json_t *schema;
	int failed;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	schema = schema_build();
	failed = schema == NULL || json_dumpf(schema, stdout, JSON_INDENT(2)) != 0;
	putchar('\n');
	json_decref(schema);
	return failed ? EXIT_INTERNAL : EXIT_MET;
}
