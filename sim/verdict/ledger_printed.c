/* SPDX-License-Identifier: ISC
 *
 * Lines that were printed, and lines that are there.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/mapreduce/effects.h"
#include "sim/verdict/ledger_printed.h"

static int
read_printed(struct store *store, uint64_t *lines, uint64_t *digest)
{
	struct effects_reader reader;
	struct reduce_effect effect;
	const void *blob;
	size_t length;
	int more = store_effects_of_stage(store, STAGE_REDUCE, &reader);

	while (more == 0 && (more = reader.next(&reader, &blob, &length)) == 1) {
		more = reduce_effect_read(&effect, blob, length) ? 0 : -EBADMSG;
		*lines += effect.lines;
		*digest += effect.digest;
	}
	return more;
}

/* By the bytes of what stands before the first TAB. */
static int
compare_keys(const char *a, const char *b)
{
	size_t length_a = strcspn(a, "\t"), length_b = strcspn(b, "\t");
	size_t length = length_a < length_b ? length_a : length_b;
	int order = memcmp(a, b, length);

	return order != 0 ? order : (length_a > length_b) - (length_a < length_b);
}

struct found {
	uint64_t lines, digest, disorder;
};

static int
read_result(const char *path, struct found *found)
{
	FILE *file = fopen(path, "re");
	char *line[2] = {NULL, NULL};
	size_t room[2] = {0, 0};
	ssize_t length;
	int error;

	if (file == NULL)
		return -errno;
	for (unsigned now = 0; (length = getline(&line[now], &room[now], file)) > 0; now = !now) {
		if (line[now][length - 1] == '\n')
			line[now][--length] = '\0';
		found->digest += XXH3_64bits(line[now], (size_t)length);
		found->disorder += found->lines++ > 0 && compare_keys(line[!now], line[now]) > 0;
	}
	error = ferror(file) ? -EIO : 0;
	free(line[0]);
	free(line[1]);
	fclose(file);
	return error;
}

int
ledger_check_printed(const char *result, struct store *store, struct ledger_finding *finding,
                     char *error, size_t size)
{
	uint64_t lines = 0, digest = 0;
	struct found found = {.lines = 0};
	int failed = read_printed(store, &lines, &digest);

	if (failed == 0)
		failed = read_result(result, &found);
	if (failed != 0) {
		snprintf(error, size, "%s: %s", result, strerror(-failed));
		return failed;
	}
	if (found.lines != lines || found.digest != digest || found.disorder > 0) {
		finding->wrong_lines = 1 + found.disorder;
		snprintf(finding->example, sizeof(finding->example),
		         "%" PRIu64 " lines, %" PRIu64 " were printed; %s; %" PRIu64
		         " out of the order of their keys",
		         found.lines, lines,
		         found.digest == digest ? "the same ones" : "not the same ones",
		         found.disorder);
	}
	return 0;
}
