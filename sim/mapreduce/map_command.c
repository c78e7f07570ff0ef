/* SPDX-License-Identifier: ISC
 *
 * A map that is a command, by the convention of Hadoop Streaming.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/command/feed.h"
#include "sim/command/words.h"
#include "sim/mapreduce/combiner.h"
#include "sim/mapreduce/map.h"
#include "sim/mapreduce/printout.h"

struct running {
	struct map *map;
	struct feed feed;
	struct printout printout;
	const char *who; /* before what went wrong */
	bool given_up;
};

static int
give(void *context, const char **bytes, size_t *length)
{
	struct running *running = context;

	return feed_give(&running->feed, bytes, length);
}

static int
take(void *context, const char *bytes, size_t length)
{
	struct running *running = context;

	return printout_take(&running->printout, bytes, length);
}

static int
run_command(struct running *running)
{
	const struct map *map = running->map;
	const struct words_values values = {.task = map->task->task,
	                                    .attempt = map->work->epoch,
	                                    .from = map->task->first + 1,
	                                    .to = map->task->first + map->task->records};
	struct command command = {
	    .count = map->spec->maps,
	    .folder = map->spec->folder,
	    .task = map->task->task,
	    .epoch = map->work->epoch,
	    .limit_ns = map->spec->limit_ns,
	    .output_max = map->spec->output_max,
	    .give = give,
	    .take = take,
	    .context = running,
	};
	char **words = words_fill(map->spec->map, map->spec->maps, &values);
	int error;

	if (words == NULL)
		return -ENOMEM;
	command.words = words;
	error = command_execute(map->work->shepherd, &command, map->work, map->end);
	words_free(words, map->spec->maps);
	return error;
}

/* What it has printed is of no use, all of it. */
static int
give_up(struct running *running, enum command_verdict verdict, uint32_t reason, const char *how)
{
	struct map *map = running->map;
	char text[200];
	int error;

	snprintf(text, sizeof(text), "%s%s", running->who, how);
	error = feed_settle(&running->feed, verdict, reason, text, map->end);
	running->given_up = true;
	gather_drop(map->raw);
	gather_drop(map->gather);
	if (error == 0)
		gather_again(map->gather);
	return error;
}

static int
judge(struct running *running, int error)
{
	uint32_t reason = REASON_NONE;
	enum command_verdict verdict;
	char text[160];

	if (error == 0)
		error = printout_end(&running->printout);
	if (error == -EBADMSG)
		return give_up(running, COMMAND_AGAIN, REASON_GARBAGE, running->printout.fault);
	if (error != 0)
		return error;
	verdict = command_judge(running->map->spec, running->map->end, &reason);
	if (verdict == COMMAND_DONE)
		return 0;
	return give_up(running, verdict, reason,
	               command_fate_text(running->map->end, text, sizeof(text)));
}

static int
probe(struct running *running)
{
	struct work *work = running->map->work;
	int error = feed_bury(&running->feed, work->probe_record, REASON_CRASHED);

	*work->record = work->probe_record;
	if (error == 0)
		error = work->at_record(work, work->probe_record);
	*work->progress = 1;
	return error < 0 ? error : 0;
}

static int
map_and_combine(struct running *running)
{
	struct map *map = running->map;
	bool combines = map->spec->combines > 0;
	int error;

	running->who = "";
	printout_init(&running->printout, combines ? map->raw : map->gather);
	error = judge(running, run_command(running));
	if (error == 0 && combines && !running->given_up) {
		printout_fini(&running->printout);
		printout_init(&running->printout, map->gather);
		running->who = "job.combine: ";
		error = judge(running, combiner_run(map, &running->printout));
	}
	printout_fini(&running->printout);
	return error;
}

int
map_command(struct map *map)
{
	struct running *running = calloc(1, sizeof(*running));
	int error;

	if (running == NULL)
		return -ENOMEM;
	running->map = map;
	feed_init(&running->feed, map->task, map->work, map->result);
	running->feed.bytes = map->bytes;
	if (map->work->probe_record != CORE_NO_RECORD) {
		error = probe(running);
	} else {
		error = feed_heed(&running->feed);
		if (error == 0)
			error = map_and_combine(running);
		if (error == 0)
			*map->work->progress = map->task->records;
	}
	free(running);
	return error;
}
