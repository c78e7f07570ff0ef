/* SPDX-License-Identifier: ISC
 *
 * The plan phase of jobs that read lines: everybody waits for it, so all processors count line
 * feeds and take checksums; where chunks end is found in between.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_STATIC_LINKING_ONLY /* for the size of a state */
#ifdef __x86_64__
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#include "sim/job/lines.h"

#define BLOCK_BYTES (1u << 20) /* what one thread counts at a time */
#define THREADS_MAX 8
#define PIECE_BYTES 4096 /* passed over by counting alone, where no chunk ends */

#define VECTOR_BYTES 128 /* counted in bytes that do not overflow */

/* In bytes of at most PIECE_BYTES.  The inner loop is for the compiler to make vectors of. */
static inline __attribute__((always_inline)) unsigned
count_in_vectors(const char *bytes, size_t length)
{
	unsigned count = 0;
	size_t at = 0;

	for (; length - at >= VECTOR_BYTES; at += VECTOR_BYTES) {
		unsigned char feeds = 0;

		for (size_t i = 0; i < VECTOR_BYTES; i++)
			feeds = (unsigned char)(feeds + (bytes[at + i] == '\n'));
		count += feeds;
	}
	for (; at < length; at++)
		count += bytes[at] == '\n';
	return count;
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static unsigned
count_avx2(const char *bytes, size_t length)
{
	return count_in_vectors(bytes, length);
}
#endif

static unsigned
count_feeds(const char *bytes, size_t length)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return count_avx2(bytes, length);
#endif
	return count_in_vectors(bytes, length);
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

/* Work that is done piece by piece, by whoever is free. */
struct pieces {
	const struct input *input;
	struct task_plan *task; /* to be summed; NULL: line feeds are counted */
	uint64_t *feeds;        /* of each block */
	size_t count;
	atomic_size_t next;
};

static void
do_piece(struct pieces *pieces, size_t number)
{
	const struct input *input = pieces->input;
	size_t at = number * BLOCK_BYTES;

	if (pieces->task != NULL) {
		struct task_plan *task = &pieces->task[number];

		task->checksum = XXH3_64bits(input->bytes + task->offset, task->length);
		return;
	}
	for (size_t end = at + BLOCK_BYTES < input->length ? at + BLOCK_BYTES : input->length;
	     at < end; at += PIECE_BYTES)
		pieces->feeds[number] +=
		    count_feeds(input->bytes + at, end - at < PIECE_BYTES ? end - at : PIECE_BYTES);
}

static void *
do_some(void *context)
{
	struct pieces *pieces = context;
	size_t number;

	while ((number = atomic_fetch_add(&pieces->next, 1)) < pieces->count)
		do_piece(pieces, number);
	return NULL;
}

/* With as many threads as there are processors; those that cannot be started are done without. */
static void
do_all(struct pieces *pieces)
{
	pthread_t thread[THREADS_MAX];
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = 0;

	while (threads + 1 < (size_t)processors && threads + 1 < pieces->count &&
	       threads < THREADS_MAX &&
	       pthread_create(&thread[threads], NULL, do_some, pieces) == 0)
		threads++;
	do_some(pieces);
	while (threads > 0)
		pthread_join(thread[--threads], NULL);
}

/* The cuts that are being made. */
struct cutting {
	const struct input *input;
	const uint64_t *feeds;
	size_t at;      /* up to where lines are counted */
	uint64_t lines; /* before that */
	struct task_plan *task;
	size_t tasks, room;
};

/* Behind the line with that number, from 1, or the end of the input: by blocks, by pieces, by
 * lines. */
static void
seek_line(struct cutting *cutting, uint64_t line)
{
	const char *bytes = cutting->input->bytes;
	size_t length = cutting->input->length;

	while (cutting->at < length && cutting->lines < line) {
		size_t rest = length - cutting->at;
		bool block = cutting->at % BLOCK_BYTES == 0;
		size_t step = block ? BLOCK_BYTES : PIECE_BYTES - cutting->at % PIECE_BYTES;
		uint64_t feeds;

		step = step < rest ? step : rest;
		feeds = block ? cutting->feeds[cutting->at / BLOCK_BYTES]
		              : count_feeds(bytes + cutting->at, step);
		if (block && cutting->lines + feeds >= line) {
			step = PIECE_BYTES < rest ? PIECE_BYTES : rest;
			feeds = count_feeds(bytes + cutting->at, step);
		}
		if (cutting->lines + feeds < line) {
			cutting->lines += feeds;
			cutting->at += step;
			continue;
		}
		for (; cutting->lines < line; cutting->lines++)
			cutting->at += lines_next(bytes + cutting->at, length - cutting->at);
	}
	/* What stands behind the last line feed is a line as well. */
	if (cutting->at == length && cutting->lines < line && length > 0 &&
	    bytes[length - 1] != '\n')
		cutting->lines++;
}

static int
add_task(struct cutting *cutting, const struct task_plan *task)
{
	if (cutting->tasks == cutting->room) {
		size_t room = cutting->room == 0 ? 256 : 2 * cutting->room;
		struct task_plan *larger = reallocarray(cutting->task, room, sizeof(*larger));

		if (larger == NULL)
			return -ENOMEM;
		cutting->task = larger;
		cutting->room = room;
	}
	cutting->task[cutting->tasks++] = *task;
	return 0;
}

/* A line without an end is a binary file, most likely: said here, and not by whoever gets it. */
static int
check_lengths(const struct input *input, const struct task_plan *task, const char *path,
              char *error, size_t size)
{
	size_t from = task->offset, end = task->offset + task->length;

	while (end - from > LINES_BYTES_MAX) {
		const char *feed = memrchr(input->bytes + from, '\n', LINES_BYTES_MAX);

		if (feed == NULL) {
			snprintf(error, size,
			         "%s: the line at byte %zu is longer than %u MiB, the most that is "
			         "read: is it a text file?",
			         path, from, LINES_BYTES_MAX >> 20);
			return -EFBIG;
		}
		from = (size_t)(feed + 1 - input->bytes);
	}
	return 0;
}

static int
cut(struct cutting *cutting, uint64_t chunk, const char *path, char *error, size_t size)
{
	int result = 0;

	while (result == 0 && cutting->at < cutting->input->length) {
		struct task_plan task = {.task = (uint32_t)cutting->tasks,
		                         .first = cutting->lines,
		                         .offset = cutting->at};

		if (cutting->tasks == CORE_NO_TASK - 1)
			return -E2BIG;
		seek_line(cutting, cutting->lines + chunk);
		task.records = cutting->lines - task.first;
		task.length = cutting->at - task.offset;
		result = check_lengths(cutting->input, &task, path, error, size);
		if (result == 0)
			result = add_task(cutting, &task);
	}
	return result;
}

/* What was found out about chunks is handed over in their order. */
static int
hand_over(const struct cutting *cutting, struct plan_summary *summary,
          int (*put)(void *context, const struct task_plan *task), void *context)
{
	XXH3_state_t fingerprint;
	int result = 0;

	XXH3_64bits_reset(&fingerprint);
	for (size_t i = 0; i < cutting->tasks && result == 0; i++) {
		XXH3_64bits_update(&fingerprint, &cutting->task[i].checksum,
		                   sizeof(cutting->task[i].checksum));
		result = put(context, &cutting->task[i]);
	}
	*summary = (struct plan_summary){.tasks = (uint32_t)cutting->tasks,
	                                 .records = cutting->lines,
	                                 .bytes = cutting->input->length,
	                                 .fingerprint = XXH3_64bits_digest(&fingerprint)};
	return result;
}

int
lines_plan(const struct input *input, const char *path, uint64_t chunk,
           struct plan_summary *summary, int (*put)(void *context, const struct task_plan *task),
           void *context, char *error, size_t size)
{
	struct pieces blocks = {.input = input,
	                        .count = (input->length + BLOCK_BYTES - 1) / BLOCK_BYTES};
	struct cutting cutting = {.input = input};
	int result = -ENOMEM;

	blocks.feeds = calloc(blocks.count + 1, sizeof(*blocks.feeds));
	if (blocks.feeds != NULL) {
		do_all(&blocks);
		cutting.feeds = blocks.feeds;
		result = cut(&cutting, chunk, path, error, size);
	}
	if (result == 0) {
		struct pieces chunks = {
		    .input = input, .task = cutting.task, .count = cutting.tasks};

		if (cutting.tasks > 0)
			do_all(&chunks);
		result = hand_over(&cutting, summary, put, context);
	}
	free(blocks.feeds);
	free(cutting.task);
	return result;
}
