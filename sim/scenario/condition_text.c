/* SPDX-License-Identifier: ISC
 *
 * Reads conditions into postfix order, with a stack of the operators that wait for what is behind
 * them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/compare.h"
#include "sim/scenario/condition_text.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/units.h"

const struct condition_number condition_numbers[] = {
    {"progress", CONDITION_PROGRESS, unit_shares},
    {"done", CONDITION_DONE, unit_none},
    {"ready", CONDITION_READY, unit_none},
    {"leased", CONDITION_LEASED, unit_none},
    {"dead", CONDITION_DEAD, unit_none},
    {"retries", CONDITION_RETRIES, unit_none},
    {"generation", CONDITION_GENERATION, unit_none},
    {"workers", CONDITION_WORKERS, unit_none},
    {"elapsed", CONDITION_ELAPSED, unit_durations},
    {NULL, 0, NULL},
};

/* An operator that waits for what is behind it; '(' is never put out. */
struct waiting {
	char what; /* '(', '|', '&', '!': in the order in which they bind */
	size_t offset;
};

struct parser {
	const struct condition_bounds *bounds;
	const char *text;
	size_t at;
	struct condition *out;
	struct waiting waiting[CONDITION_TERMS_MAX];
	unsigned waits;
	struct text_problem *problem;
};

static bool __attribute__((format(printf, 4, 5)))
refuse(struct parser *parser, size_t offset, size_t length, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(parser->problem->message, sizeof(parser->problem->message), format, arguments);
	va_end(arguments);
	parser->problem->offset = offset;
	parser->problem->length = length > 0 ? length : 1;
	return false;
}

static void
skip_blanks(struct parser *parser)
{
	parser->at += strspn(parser->text + parser->at, " ");
}

/* Moves behind the token if it is next. */
static bool
take(struct parser *parser, const char *token)
{
	skip_blanks(parser);
	if (strncmp(parser->text + parser->at, token, strlen(token)) != 0)
		return false;
	parser->at += strlen(token);
	return true;
}

static size_t
word_length(const struct parser *parser)
{
	return strspn(parser->text + parser->at,
	              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

static bool
take_word(struct parser *parser, const char *word)
{
	skip_blanks(parser);
	size_t length = word_length(parser);
	if (length != strlen(word) || memcmp(parser->text + parser->at, word, length) != 0)
		return false;
	parser->at += length;
	return true;
}

static bool
put(struct parser *parser, struct condition_term term, size_t offset)
{
	if (parser->out->terms == CONDITION_TERMS_MAX)
		return refuse(parser, offset, 1,
		              "the condition is too long: at most %d terms and operators",
		              CONDITION_TERMS_MAX);
	parser->out->term[parser->out->terms++] = term;
	return true;
}

static bool
wait_for(struct parser *parser, char what, size_t offset)
{
	if (parser->waits == CONDITION_TERMS_MAX)
		return refuse(parser, offset, 1, "nested deeper than %d levels",
		              CONDITION_TERMS_MAX);
	parser->waiting[parser->waits++] = (struct waiting){what, offset};
	return true;
}

static int
binding(char what)
{
	return what == '(' ? 0 : what == '|' ? 1 : what == '&' ? 2 : 3;
}

/* Puts out the operators that bind at least so closely. */
static bool
put_waiting(struct parser *parser, int least)
{
	while (parser->waits > 0 && binding(parser->waiting[parser->waits - 1].what) >= least) {
		struct waiting waiting = parser->waiting[--parser->waits];
		struct condition_term term = {.what = waiting.what == '|'   ? CONDITION_OR
		                                      : waiting.what == '&' ? CONDITION_AND
		                                                            : CONDITION_NOT};
		if (!put(parser, term, waiting.offset))
			return false;
	}
	return true;
}

/* Bytes up to what can follow a value, without the blanks before that. */
static size_t
value_length(const struct parser *parser)
{
	size_t length = strcspn(parser->text + parser->at, "&|()!<>=");
	while (length > 0 && parser->text[parser->at + length - 1] == ' ')
		length--;
	return length;
}

static bool
read_value(struct parser *parser, const struct unit *units, uint64_t *value)
{
	char text[64], message[200];
	skip_blanks(parser);
	size_t length = value_length(parser), offset = parser->at;
	parser->at += length;
	if (units == unit_durations) {
		if (time_parse(&parser->bounds->timers, parser->text + offset, length, value,
		               parser->problem) == 0)
			return true;
		parser->problem->offset += offset;
		return false;
	}
	if (length >= sizeof(text))
		return refuse(parser, offset, length, "the value is too long");
	snprintf(text, sizeof(text), "%.*s", (int)length, parser->text + offset);
	enum unit_error error = unit_parse(units, text, value);
	if (error == UNIT_OK)
		return true;
	return refuse(parser, offset, length, "%s",
	              unit_explain(units, error, text, message, sizeof(message)));
}

/* The most that the number can ever be. */
static uint64_t
most_of(const struct condition_bounds *bounds, enum condition_what what)
{
	switch (what) {
	case CONDITION_PROGRESS:
		return 1000000;
	case CONDITION_DONE:
	case CONDITION_READY:
	case CONDITION_LEASED:
	case CONDITION_DEAD:
		return bounds->tasks;
	case CONDITION_WORKERS:
		return bounds->places;
	default:
		return UINT64_MAX;
	}
}

static bool
read_number(struct parser *parser, const struct condition_number *number)
{
	struct condition_term term = {.what = (uint8_t)number->what};
	uint64_t most = most_of(parser->bounds, number->what);
	enum compare compare;
	char text[48];
	size_t start = parser->at;
	parser->at += strlen(number->name);
	skip_blanks(parser);
	const char *rest = parser->text + parser->at;
	if (!compare_read(&rest, &compare))
		return refuse(parser, parser->at, 1,
		              "behind %s goes ==, <=, >=, < or >, and a value", number->name);
	term.compare = (uint8_t)compare;
	parser->at = (size_t)(rest - parser->text);
	size_t value = parser->at;
	if (!read_value(parser, number->units, &term.value))
		return false;
	if (term.value > most)
		return refuse(parser, value, parser->at - value, "%s is never more than %s",
		              number->name, unit_format(number->units, most, text, sizeof(text)));
	return put(parser, term, start);
}

/* "w2 holds 17", "w2 is busy", "w2 is up". */
static bool
read_worker(struct parser *parser, uint64_t slot, size_t length)
{
	const struct condition_bounds *bounds = parser->bounds;
	struct condition_term term = {.slot = (uint16_t)slot};
	size_t start = parser->at;
	if (slot >= bounds->slots)
		return refuse(parser, start, length,
		              "there is no w%" PRIu64 ": workers.count is %" PRIu32, slot,
		              bounds->workers);
	parser->at += length;
	if (take_word(parser, "holds")) {
		term.what = CONDITION_HOLDS;
		skip_blanks(parser);
		size_t value = parser->at;
		if (!read_value(parser, unit_none, &term.value))
			return false;
		if (term.value >= bounds->tasks)
			return refuse(parser, value, parser->at - value,
			              "there is no task %" PRIu64 ": the job has %" PRIu64
			              ", from 0",
			              term.value, bounds->tasks);
		return put(parser, term, start);
	}
	bool is = take_word(parser, "is");
	if (is && take_word(parser, "busy"))
		term.what = CONDITION_BUSY;
	else if (is && take_word(parser, "up"))
		term.what = CONDITION_UP;
	else
		return refuse(parser, parser->at, word_length(parser),
		              "a worker holds 17 (a task), is busy or is up");
	return put(parser, term, start);
}

static bool
unknown_term(struct parser *parser, const char *word, size_t length)
{
	struct guess guess;
	if (length == 0)
		return refuse(parser, parser->at, 1,
		              "a condition is missing here: a number such as done >= 5, or "
		              "recovery, w2 holds 17, w2 is busy, w2 is up");
	guess_init(&guess, word);
	for (const struct condition_number *number = condition_numbers; number->name != NULL;
	     number++)
		guess_try(&guess, number->name);
	guess_try(&guess, "recovery");
	guess_text(&guess, parser->problem->guess, sizeof(parser->problem->guess));
	return refuse(parser, parser->at, length,
	              "'%.40s' is no condition; there are progress, done, ready, leased, dead, "
	              "retries, generation, workers, elapsed, recovery, and w2 holds 17, w2 is "
	              "busy, w2 is up",
	              word);
}

static bool
read_operand(struct parser *parser)
{
	char word[64];
	uint64_t slot;
	size_t length = word_length(parser), start = parser->at;
	snprintf(word, sizeof(word), "%.*s", (int)length, parser->text + parser->at);
	for (const struct condition_number *number = condition_numbers; number->name != NULL;
	     number++)
		if (strcmp(word, number->name) == 0)
			return read_number(parser, number);
	if (take_word(parser, "recovery"))
		return put(parser, (struct condition_term){.what = CONDITION_RECOVERY}, start);
	if (word[0] == 'w' && unit_parse(unit_none, word + 1, &slot) == UNIT_OK)
		return read_worker(parser, slot, length);
	return unknown_term(parser, word, length);
}

/* What stands where a condition begins; *more: another one must follow. */
static bool
read_beginning(struct parser *parser, bool *more)
{
	skip_blanks(parser);
	size_t start = parser->at;
	*more = true;
	if (take(parser, "!"))
		return wait_for(parser, '!', start);
	if (take(parser, "("))
		return wait_for(parser, '(', start);
	*more = false;
	return read_operand(parser);
}

static bool
close_parenthesis(struct parser *parser, size_t offset)
{
	if (!put_waiting(parser, binding('|')))
		return false;
	if (parser->waits == 0)
		return refuse(parser, offset, 1, "this ')' has no '('");
	parser->waits--;
	return true;
}

static bool
read_joint(struct parser *parser, bool *more)
{
	skip_blanks(parser);
	size_t start = parser->at;
	if (take(parser, ")"))
		return close_parenthesis(parser, start);
	*more = true;
	if (take(parser, "&&"))
		return put_waiting(parser, binding('&')) && wait_for(parser, '&', start);
	if (take(parser, "||"))
		return put_waiting(parser, binding('|')) && wait_for(parser, '|', start);
	return refuse(parser, start, word_length(parser),
	              "between two conditions goes && or ||, and nothing behind the last");
}

int
condition_parse(const struct condition_bounds *bounds, const char *text, struct condition *out,
                struct text_problem *problem)
{
	struct parser parser = {.bounds = bounds, .text = text, .out = out, .problem = problem};
	bool more = true;
	*out = (struct condition){0};
	problem->guess[0] = '\0';
	do {
		if (!(more ? read_beginning(&parser, &more) : read_joint(&parser, &more)))
			return -EINVAL;
		skip_blanks(&parser);
	} while (more || text[parser.at] != '\0');
	if (!put_waiting(&parser, binding('|')))
		return -EINVAL;
	if (parser.waits > 0) {
		refuse(&parser, parser.waiting[parser.waits - 1].offset, 1, "this '(' has no ')'");
		return -EINVAL;
	}
	return 0;
}
