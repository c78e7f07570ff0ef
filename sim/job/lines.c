/* SPDX-License-Identifier: ISC
 *
 * The plan phase of jobs that read lines.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* for the size of a state */
#ifdef __x86_64__
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#include "sim/job/lines.h"

#define BLOCK_BYTES (128u << 10) /* counted, then hashed: fits in a core's own cache */
#define PIECE_BYTES 4096         /* passed over by counting alone, where no chunk ends */

#if defined(__x86_64__) && !defined(__clang__) /* which has no optimize */
#define VECTORS __attribute__((optimize("O3"), target_clones("avx2", "default")))
#else
#define VECTORS
#endif

/* In bytes of at most PIECE_BYTES. */
VECTORS static unsigned
count_feeds(const char *bytes, size_t length)
{
	unsigned count = 0;

	/* Sums of a byte each do not overflow within 255 rounds. */
	for (size_t at = 0; at < length; at += 128) {
		size_t part = length - at < 128 ? length - at : 128;
		unsigned char feeds = 0;

		for (size_t i = 0; i < part; i++)
			feeds = (unsigned char)(feeds + (bytes[at + i] == '\n'));
		count += feeds;
	}
	return count;
}

uint64_t
lines_count(const char *bytes, size_t length)
{
	uint64_t count = 0;

	for (size_t at = 0; at < length; at += PIECE_BYTES)
		count +=
		    count_feeds(bytes + at, length - at < PIECE_BYTES ? length - at : PIECE_BYTES);
	return count + (length > 0 && bytes[length - 1] != '\n');
}

size_t
lines_next(const char *bytes, size_t length)
{
	const char *feed = memchr(bytes, '\n', length);

	return feed != NULL ? (size_t)(feed + 1 - bytes) : length;
}

struct walk {
	const char *bytes;
	size_t length, at;
	size_t hashed; /* up to where the bytes are in the checksum */
	XXH3_state_t checksum;
};

static void
hash_up_to(struct walk *walk, size_t at)
{
	XXH3_64bits_update(&walk->checksum, walk->bytes + walk->hashed, at - walk->hashed);
	walk->hashed = at;
}

/* Walks over at most `lines` lines; returns how many there were. */
static uint64_t
walk_lines(struct walk *walk, uint64_t lines)
{
	uint64_t seen = 0;

	while (seen < lines && walk->at < walk->length) {
		size_t rest = walk->length - walk->at;
		size_t piece = rest < PIECE_BYTES ? rest : PIECE_BYTES;
		unsigned feeds = count_feeds(walk->bytes + walk->at, piece);

		if (seen + feeds < lines && piece == PIECE_BYTES) {
			seen += feeds;
			walk->at += piece;
			continue;
		}
		for (; seen < lines && walk->at < walk->length; seen++)
			walk->at += lines_next(walk->bytes + walk->at, walk->length - walk->at);
		if (walk->at - walk->hashed >= BLOCK_BYTES)
			hash_up_to(walk, walk->at);
	}
	return seen;
}

/* A line without an end is a binary file, most likely: said here, and not by whoever gets it. */
static int
check_lengths(const struct walk *walk, size_t from, const char *path, char *error, size_t size)
{
	while (walk->at - from > LINES_BYTES_MAX) {
		const char *feed = memrchr(walk->bytes + from, '\n', LINES_BYTES_MAX);

		if (feed == NULL) {
			snprintf(error, size,
			         "%s: the line at byte %zu is longer than %u MiB, the most that is "
			         "read: is it a text file?",
			         path, from, LINES_BYTES_MAX >> 20);
			return -EFBIG;
		}
		from = (size_t)(feed + 1 - walk->bytes);
	}
	return 0;
}

int
lines_plan(const struct input *input, const char *path, uint64_t chunk,
           struct plan_summary *summary, int (*put)(void *context, const struct task_plan *task),
           void *context, char *error, size_t size)
{
	struct walk walk = {.bytes = input->bytes, .length = input->length};
	struct task_plan task = {.stage = TASK_STAGE_WORK};
	XXH3_state_t fingerprint;
	int result = 0;

	XXH3_64bits_reset(&fingerprint);
	while (result == 0 && walk.at < walk.length) {
		task.offset = walk.at;
		XXH3_64bits_reset(&walk.checksum);
		task.records = walk_lines(&walk, chunk);
		hash_up_to(&walk, walk.at);
		task.length = walk.at - task.offset;
		task.checksum = XXH3_64bits_digest(&walk.checksum);
		XXH3_64bits_update(&fingerprint, &task.checksum, sizeof(task.checksum));
		result = check_lengths(&walk, task.offset, path, error, size);
		if (result == 0)
			result = put(context, &task);
		task.first += task.records;
		task.task++;
	}
	*summary = (struct plan_summary){.tasks = task.task,
	                                 .records = task.first,
	                                 .bytes = input->length,
	                                 .fingerprint = XXH3_64bits_digest(&fingerprint)};
	return result;
}
