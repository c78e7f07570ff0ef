/* SPDX-License-Identifier: ISC
 *
 * The line that begins a task, and the search for those that begin and end its answer.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/command/talk.h"

#define CODE_MAX 255

void
talk_init(struct talk *talk, const struct words_values *values, uint64_t lines, uint64_t mark)
{
	snprintf(talk->mark, sizeof(talk->mark), "%016" PRIx64, mark);
	snprintf(talk->begin, sizeof(talk->begin),
	         "task %" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n",
	         values->task, values->attempt, values->from, values->to, lines, talk->mark);
	talk->holds = 0;
	talk->begun = talk->inside = talk->said = talk->over = false;
	talk->code = 0;
	talk->fault[0] = '\0';
}

/* The first words of a line that ends an answer. */
static size_t
first_words(const struct talk *talk, const char *word, char text[TALK_END_MAX])
{
	return (size_t)snprintf(text, TALK_END_MAX, "%s %s", word, talk->mark);
}

/* Can a line that begins as the held one does be such a line? */
static bool
may_end(const struct talk *talk, const char *word)
{
	char wanted[TALK_END_MAX];
	size_t length = first_words(talk, word, wanted);

	return memcmp(talk->held, wanted, talk->holds < length ? talk->holds : length) == 0;
}

/* Is it one? */
static bool
has_mark(const struct talk *talk, const char *word)
{
	char wanted[TALK_END_MAX];

	return may_end(talk, word) && talk->holds >= first_words(talk, word, wanted);
}

static int
fault(struct talk *talk, const char *what)
{
	snprintf(talk->fault, sizeof(talk->fault), "%s", what);
	return -EBADMSG;
}

/* The line is complete, and its first words are those of the last one. */
static int
read_end(struct talk *talk, bool done)
{
	char wanted[TALK_END_MAX];
	const char *rest = talk->held + first_words(talk, done ? "done" : "failed", wanted);
	char *behind;
	long code;

	talk->over = true;
	if (done)
		return *rest == '\0' ? 0 : fault(talk, "its 'done' has more than its mark");
	code = strtol(rest, &behind, 10);
	if (*rest != ' ' || behind == rest + 1 || *behind != '\0' || code < 1 || code > CODE_MAX)
		return fault(talk, "its 'failed' has no code of 1 to 255 behind its mark");
	talk->code = (int)code;
	return 0;
}

/* What was held is output, like the rest of its line. */
static int
let_go(struct talk *talk)
{
	size_t length = talk->holds;

	talk->holds = 0;
	talk->inside = true;
	return length > 0 ? talk->take(talk->context, talk->held, length) : 0;
}

/* The held line ends here, or is longer than one that ends an answer. */
static int
settle(struct talk *talk)
{
	bool done = has_mark(talk, "done");

	if (!done && !has_mark(talk, "failed"))
		return let_go(talk);
	talk->held[talk->holds] = '\0';
	return read_end(talk, done);
}

/* A line that may be the last one, byte by byte.  Returns how many are used, or -errno. */
static ssize_t
hold(struct talk *talk, const char *bytes, size_t length)
{
	size_t used = 0;
	int error = 0;

	while (used < length && !talk->inside && !talk->over && error == 0) {
		if (bytes[used] == '\n' || talk->holds + 1 == sizeof(talk->held)) {
			error = settle(talk);
			used += talk->over;
			continue;
		}
		talk->held[talk->holds++] = bytes[used++];
		if (!may_end(talk, "done") && !may_end(talk, "failed"))
			error = let_go(talk);
	}
	return error != 0 ? error : (ssize_t)used;
}

/* Its first line has the mark.  What it says before is not of this answer, but went on behind
 * another one, and must not be taken for output.  Returns how many bytes are used, or -EBADMSG. */
static ssize_t
begin(struct talk *talk, const char *bytes, size_t length)
{
	char wanted[TALK_END_MAX];
	size_t whole = first_words(talk, "begin", wanted), used = 0;

	wanted[whole++] = '\n';
	while (used < length && talk->holds < whole) {
		if (bytes[used++] != wanted[talk->holds++])
			return fault(talk,
			             "it printed something outside of an answer, which begins "
			             "with 'begin' and its mark");
	}
	talk->begun = talk->holds == whole;
	if (talk->begun)
		talk->holds = 0;
	return (ssize_t)used;
}

int
talk_take(struct talk *talk, const char *bytes, size_t length)
{
	talk->said |= length > 0;
	while (length > 0 && !talk->over) {
		const char *end;
		ssize_t used = 0;
		int error = 0;

		if (!talk->begun || !talk->inside) {
			used = talk->begun ? hold(talk, bytes, length) : begin(talk, bytes, length);
			if (used < 0)
				return (int)used;
		} else {
			end = memchr(bytes, '\n', length);
			used = end != NULL ? end + 1 - bytes : (ssize_t)length;
			talk->inside = end == NULL;
			error = talk->take(talk->context, bytes, (size_t)used);
		}
		if (error != 0)
			return error;
		bytes += used;
		length -= (size_t)used;
	}
	if (talk->over && length > 0)
		return fault(talk, "it went on behind the end of its answer");
	return talk->over;
}
