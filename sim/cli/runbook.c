/* SPDX-License-Identifier: ISC
 *
 * graveshift runbook, and the runbook as JSON.
 */
#include <errno.h>
#include <jansson.h>

#include "sim/cli/cli.h"
#include "sim/cli/runbook.h"
#include "sim/util/fail.h"

static json_t *
steps_json(const struct runbook *runbook)
{
	json_t *list = json_array();

	for (size_t i = 0; i < runbook->steps; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "why", runbook->step[i].why,
		                                      "command", runbook->step[i].command));
	return list;
}

static json_t *
ranges_json(const struct runbook *runbook)
{
	json_t *list = json_array();

	for (size_t i = 0; i < runbook->open.count; i++)
		json_array_append_new(list,
		                      json_pack("[I, I]", (json_int_t)runbook->open.range[i].first,
		                                (json_int_t)runbook->open.range[i].end - 1));
	return list;
}

int
runbook_print_json(const struct runbook *runbook, FILE *out)
{
	const struct store_counts *counts = &runbook->counts;
	const char *command = runbook_command(runbook);
	char happened[384] = "";
	json_t *object;
	int error;

	if (runbook->state != RUNBOOK_UNBORN && runbook->state != RUNBOOK_FOREIGN &&
	    runbook->state != RUNBOOK_LIVE)
		runbook_say_end(runbook, happened, sizeof(happened));
	object = json_pack(
	    "{s:i, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:b, s:o, s:o?}",
	    "version", 1, "run", runbook->run.dir.path, "name", runbook->run.scenario.name,
	    "logical_date", runbook->info.logical_date, "state", runbook_state_text(runbook),
	    "happened", happened, "records", (json_int_t)runbook->info.plan.records, "records_done",
	    (json_int_t)counts->records[TASK_DONE], "records_open",
	    (json_int_t)runbook->open.records, "records_redone", (json_int_t)runbook->redo_records,
	    "dead_records", (json_int_t)counts->dead_records, "open_ranges", ranges_json(runbook),
	    "input_changed", runbook->input == RUNBOOK_INPUT_CHANGED, "steps", steps_json(runbook),
	    "command", command[0] != '\0' ? json_string(command) : NULL);
	if (object == NULL)
		return -ENOMEM;
	error = json_dumpf(object, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0 ? 0 : -ENOMEM;
	fputc('\n', out);
	json_decref(object);
	return error;
}

int
command_runbook(int argc, char **argv)
{
	static struct runbook runbook;
	struct options options;
	int code;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	code = runbook_init(&runbook, options.word[0], false);
	if (code == 0 && options.json)
		code = runbook_print_json(&runbook, stdout) == 0 ? EXIT_MET : EXIT_INTERNAL;
	else if (code == 0)
		runbook_print(&runbook, stdout);
	runbook_fini(&runbook);
	return code;
}
