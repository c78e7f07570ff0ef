/* SPDX-License-Identifier: ISC
 *
 * What commands printed, and what is there of it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/command/command_effect.h"
#include "sim/verdict/ledger_command.h"
#include "sim/verdict/ledger_input.h"

struct reading {
	FILE *result;
	struct ledger_finding *finding;
	char *bytes; /* of one part */
	size_t room;
};

static int
count_lines(const struct scenario *scenario, const char *path, uint64_t *lines,
            const struct ledger_words *words)
{
	struct ledger_bytes bytes;
	int error = ledger_map(&bytes, path, scenario->job.input_bytes, words);

	*lines = 0;
	for (size_t i = 0; i < bytes.length; i++)
		*lines += bytes.start[i] == '\n';
	*lines += bytes.length > 0 && bytes.start[bytes.length - 1] != '\n';
	ledger_unmap(&bytes);
	return error;
}

static void
note(struct ledger_finding *finding, const char *what, uint32_t task)
{
	finding->wrong_lines++;
	if (finding->example[0] == '\0')
		snprintf(finding->example, sizeof(finding->example), "%s of task %u", what, task);
}

/* The next bytes of the result must be those that this task printed. */
static int
check_one(struct reading *reading, uint32_t task, const struct command_effect *effect)
{
	size_t length = effect->part.bytes;

	reading->finding->counted += effect->records;
	if (length > reading->room) {
		char *larger = realloc(reading->bytes, length);

		if (larger == NULL)
			return -ENOMEM;
		reading->bytes = larger;
		reading->room = length;
	}
	if (fread(reading->bytes, 1, length, reading->result) != length)
		note(reading->finding, "the result ends before the output", task);
	else if (XXH3_64bits(reading->bytes, length) != effect->part.checksum)
		note(reading->finding, "the result does not have, where it belongs, the output",
		     task);
	return ferror(reading->result) ? -EIO : 0;
}

static int
check_all(struct reading *reading, struct store *store)
{
	struct effects_reader effects;
	struct command_effect effect;
	const void *blob;
	size_t length;
	int more = store_effects_of_stage(store, 0, &effects);

	if (more != 0)
		return more;
	while ((more = effects.next(&effects, &blob, &length)) == 1) {
		if (length != sizeof(effect))
			return -EBADMSG;
		memcpy(&effect, blob, sizeof(effect));
		more = check_one(reading, effects.task, &effect);
		if (more != 0)
			return more;
	}
	if (more == 0 && getc(reading->result) != EOF)
		note(reading->finding, "the result has more than the output, up to that",
		     effects.task);
	return more;
}

int
ledger_check_command(const struct scenario *scenario, const char *input, const char *result,
                     struct store *store, uint64_t given_up, struct ledger_finding *finding,
                     char *error, size_t size)
{
	struct reading reading = {.finding = finding};
	uint64_t accounted;
	int failed = 0;

	*finding = (struct ledger_finding){.records = scenario->job.tasks};
	if (scenario->job.tasks == 0)
		failed = count_lines(scenario, input, &finding->records,
		                     &(struct ledger_words){error, size});
	if (failed != 0)
		return failed;
	reading.result = fopen(result, "re");
	if (reading.result == NULL) {
		failed = -errno;
		snprintf(error, size, "%s: %s", result, strerror(-failed));
		return failed;
	}
	failed = check_all(&reading, store);
	fclose(reading.result);
	free(reading.bytes);
	accounted = finding->counted + given_up;
	if (accounted < finding->records)
		finding->lost = finding->records - accounted;
	else
		finding->doubled = accounted - finding->records;
	return failed;
}
