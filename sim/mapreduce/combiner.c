/* SPDX-License-Identifier: ISC
 *
 * Running a combiner: its map has ended by then, as there is one command at a time.
 */
#include <errno.h>

#include "sim/command/words.h"
#include "sim/mapreduce/combiner.h"
#include "sim/mapreduce/sorted_lines.h"

struct combining {
	struct sorted_lines lines;
	struct printout *printout;
};

static int
give(void *context, const char **bytes, size_t *length)
{
	struct combining *combining = context;

	return sorted_lines_give(&combining->lines, bytes, length);
}

static int
take(void *context, const char *bytes, size_t length)
{
	struct combining *combining = context;

	return printout_take(combining->printout, bytes, length);
}

static int
run_command(const struct map *map, struct combining *combining)
{
	const struct scenario_job *spec = map->spec;
	const struct words_values values = {.task = map->task->task, .attempt = map->work->epoch};
	struct command command = {
	    .count = spec->combines,
	    .folder = spec->folder,
	    .task = map->task->task,
	    .epoch = map->work->epoch,
	    .limit_ns = spec->limit_ns,
	    .output_max = spec->output_max,
	    .give = give,
	    .take = take,
	    .context = combining,
	};
	char **words = words_fill(spec->combine, spec->combines, &values);
	int error;

	if (words == NULL)
		return -ENOMEM;
	command.words = words;
	error = command_execute(map->work->shepherd, &command, map->work, map->end);
	words_free(words, spec->combines);
	return error;
}

int
combiner_run(struct map *map, struct printout *printout)
{
	const struct together_task task = {
	    .work = map->work, .task = map->raw->task, .maker = map->raw->maker};
	struct combining combining = {.printout = printout};
	struct part_mark printed;
	int error = gather_end(map->raw, &printed);

	if (error != 0)
		return error;
	error = together_open(&combining.lines.together, &task, &printed, 1);
	if (error == 0) {
		error = run_command(map, &combining);
		together_close(combining.lines.together);
	}
	sorted_lines_fini(&combining.lines);
	part_remove(map->work, &printed);
	return error;
}
