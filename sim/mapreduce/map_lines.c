/* SPDX-License-Identifier: ISC
 *
 * Built-in functions over lines: pages of a web log, and words.
 */
#include <errno.h>

#include "sim/job/pace.h"
#include "sim/mapreduce/map.h"

struct lines {
	struct map *map;
	uint64_t number; /* of the current line */
	const char *line, *end;
	const char *readable; /* up to where bytes may be read */
	struct pace pace;
};

static inline bool
is_upper(char byte)
{
	return byte >= 'A' && byte <= 'Z';
}

static inline bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Marks the bytes of the word that are zero; exactly the first of them, others perhaps wrongly. */
static inline uint64_t
zero_bytes(uint64_t word)
{
	return (word - 0x0101010101010101) & ~word & 0x8080808080808080;
}

/* The first of two bytes, or the end.  What is looked for is near: eight bytes at a time. */
static inline const char *
seek(const char *at, const char *end, unsigned char one, unsigned char other)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	for (; end - at >= 8; at += 8) {
		uint64_t word, found;

		memcpy(&word, at, 8);
		found = zero_bytes(word ^ one * UINT64_C(0x0101010101010101));
		if (other != one)
			found |= zero_bytes(word ^ other * UINT64_C(0x0101010101010101));
		if (found != 0)
			return at + __builtin_ctzll(found) / 8;
	}
#endif
	while (at < end && (unsigned char)*at != one && (unsigned char)*at != other)
		at++;
	return at;
}

/* Behind a word that is not empty and the blank behind it, or NULL. */
static inline const char *
pass_word(const char *at, const char *end)
{
	const char *blank = seek(at, end, ' ', ' ');

	return blank > at && blank < end ? blank + 1 : NULL;
}

/* Behind "[...] ". */
static inline const char *
pass_time(const char *at, const char *end)
{
	if (at == end || *at != '[')
		return NULL;
	at = seek(at, end, ']', ']');
	return end - at > 1 && at[1] == ' ' ? at + 2 : NULL;
}

/* Behind the protocol, its quote and a blank. */
static inline const char *
pass_protocol(const char *at, const char *end)
{
	const char *start;

	if (end - at > 10 && memcmp(at, "HTTP/1.1\" ", 10) == 0)
		return at + 10; /* nearly all of them */
	if (end - at < 5 || memcmp(at, "HTTP/", 5) != 0)
		return NULL;
	for (start = at += 5; at < end && (is_digit(*at) || *at == '.'); at++)
		continue;
	return at > start && end - at > 1 && at[0] == '"' && at[1] == ' ' ? at + 2 : NULL;
}

/* Status and size; behind them there is nothing, or a blank. */
static inline bool
ends_well(const char *at, const char *end)
{
	if (end - at < 5 || !is_digit(at[0]) || !is_digit(at[1]) || !is_digit(at[2]) ||
	    at[3] != ' ')
		return false;
	at += 4;
	if (*at == '-') {
		at++;
	} else {
		const char *start = at;

		while (at < end && is_digit(*at))
			at++;
		if (at == start)
			return false;
	}
	return at == end || *at == ' ';
}

static inline bool
find_page(const char *at, const char *end, const char **page, size_t *length)
{
	const char *start;

	at = pass_word(at, end);
	for (int i = 0; at != NULL && i < 2; i++)
		at = end - at > 1 && at[0] == '-' && at[1] == ' ' ? at + 2 : pass_word(at, end);
	at = at != NULL ? pass_time(at, end) : NULL;
	if (at == NULL || at == end || *at++ != '"')
		return false;
	for (start = at; at < end && is_upper(*at); at++)
		continue;
	if (at == start || at == end || *at++ != ' ')
		return false;
	start = at;
	at = seek(at, end, ' ', '"');
	if (at == start || at == end || *at != ' ')
		return false;
	*page = start;
	*length = (size_t)(at - start);
	at = pass_protocol(at + 1, end);
	return at != NULL && ends_well(at, end);
}

bool
map_find_page(const char *line, const char *end, const char **page, size_t *length)
{
	return find_page(line, end, page, length);
}

static int
bury(const struct lines *lines, enum record_reason reason)
{
	const struct map *map = lines->map;
	const struct dead_record dead = {
	    .record = lines->number,
	    .offset = map->task->offset + (uint64_t)(lines->line - map->bytes),
	    .length = (uint64_t)(lines->end - lines->line),
	    .bytes = lines->line,
	    .reason = reason,
	    .column = CSV_NO_COLUMN,
	};

	return map->work->dead(map->work, &dead);
}

static inline int
count(const struct lines *lines, const char *key, size_t length)
{
	struct partial_entry *entry =
	    partial_find(&lines->map->gather->table, key, length, (size_t)(lines->readable - key));

	if (__builtin_expect(entry == NULL, 0))
		return -ENOMEM;
	return entry->records++ == 0 ? gather_check(lines->map->gather) : 0;
}

static inline int
use_page(const struct lines *lines)
{
	const char *page;
	size_t length;

	if (__builtin_expect(!find_page(lines->line, lines->end, &page, &length), 0))
		return bury(lines, REASON_NOT_LOG);
	lines->map->result->records++;
	return count(lines, page, length);
}

static inline int
use_words(const struct lines *lines)
{
	int error = 0;

	for (const char *at = lines->line; at < lines->end && error == 0;) {
		const char *start;

		while (at < lines->end && (*at == ' ' || *at == '\t' || *at == '\r'))
			at++;
		for (start = at; at < lines->end && *at != ' ' && *at != '\t' && *at != '\r'; at++)
			continue;
		if (at > start)
			error = count(lines, start, (size_t)(at - start));
	}
	lines->map->result->records++;
	return error;
}

/* What the world says about the current line: a flaky one fails the attempt, or is given up. */
static int
heed(struct lines *lines)
{
	int result = pace_stop(&lines->pace, lines->number);
	struct map *map = lines->map;

	if (result != -EBADMSG)
		return result;
	if (map->work->isolate) {
		result = bury(lines, REASON_FLAKY);
		return result != 0 ? result : PACE_LEAVE_OUT;
	}
	map->result->reason = REASON_FLAKY;
	map->result->bad_record = lines->number;
	map->result->bad_offset = map->task->offset + (uint64_t)(lines->line - map->bytes);
	return -EBADMSG;
}

/* The one record that a probe is about: the suspicion is durable before it is touched. */
static int
probe(struct lines *lines)
{
	struct work *work = lines->map->work;
	int error;

	if (lines->number != work->probe_record)
		return 0;
	*work->record = lines->number;
	error = bury(lines, REASON_CRASHED);
	if (error == 0)
		error = work->at_record(work, lines->number);
	*work->progress = 1;
	return error < 0 && error != -EBADMSG ? error : 0;
}

static inline __attribute__((always_inline)) int
each_line(struct map *map, int (*use)(const struct lines *lines))
{
	const char *end = map->bytes + map->task->length;
	volatile uint64_t *record = map->work->record, *progress = map->work->progress;
	struct lines lines = {
	    .map = map, .number = map->task->first, .line = map->bytes, .readable = end};
	bool probes = map->work->probe_record != CORE_NO_RECORD;
	uint64_t seen = 0;

	pace_begin(&lines.pace, map->work, lines.number);
	for (; lines.line < end; lines.number++, lines.line = lines.end + 1) {
		int result = 0;

		lines.end = memchr(lines.line, '\n', (size_t)(end - lines.line));
		if (__builtin_expect(lines.end == NULL, 0))
			lines.end = end;
		if (__builtin_expect(probes, 0)) {
			result = probe(&lines);
			if (result != 0)
				return result;
			continue;
		}
		*record = lines.number;
		if (__builtin_expect(lines.number >= lines.pace.at, 0))
			result = heed(&lines);
		if (__builtin_expect(result == 0, 1))
			result = use(&lines);
		if (__builtin_expect(result < 0, 0))
			return result;
		*progress = ++seen;
	}
	return 0;
}

int
map_pages(struct map *map)
{
	return each_line(map, use_page);
}

int
map_words(struct map *map)
{
	return each_line(map, use_words);
}
