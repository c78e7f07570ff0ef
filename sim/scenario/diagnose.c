/* SPDX-License-Identifier: ISC
 *
 * Collects errors and prints them with their source lines.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#define LIBBSD_NETBSD_VIS /* of two signatures of strnvis, which is not used here */
#include <vis.h>

#include "sim/scenario/diagnose.h"

/* A line may be as long as the file: only a window around the caret is shown. */
#define WINDOW_BEFORE 80
#define WINDOW_AFTER 80

/* What one key says may be read more than once: for each term of a chain. */
static bool
is_noted(const struct problems *problems, const struct place *at, const char *message)
{
	for (size_t i = 0; i < problems->count && i < PROBLEMS_MAX; i++) {
		const struct problem *other = &problems->problem[i];
		if (other->at.source == at->source && other->at.line == at->line &&
		    other->at.column == at->column && message != NULL && other->message != NULL &&
		    strcmp(other->message, message) == 0)
			return true;
	}
	return false;
}

void
problem_add(struct problems *problems, struct place at, const char *format, ...)
{
	char *message;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	va_end(arguments);
	if (is_noted(problems, &at, message) || problems->count++ >= PROBLEMS_MAX) {
		free(message);
		return;
	}
	size_t order = problems->count - 1;
	problems->problem[order] = (struct problem){.at = at, .message = message, .order = order};
}

void
problems_fini(struct problems *problems)
{
	for (size_t i = 0; i < problems->count && i < PROBLEMS_MAX; i++)
		free(problems->problem[i].message);
	problems->count = 0;
}

/* Length of the line break at text, by YAML's idea of one, or 0. */
static size_t
line_break(const char *text, const char *end)
{
	static const char *const breaks[] = {"\r\n",     "\n",           "\r",
	                                     "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		size_t length = strlen(breaks[i]);
		if ((size_t)(end - text) >= length && memcmp(text, breaks[i], length) == 0)
			return length;
	}
	return 0;
}

static const char *
next_character(const char *text, const char *end)
{
	for (text++; text < end && (*text & 0xc0) == 0x80; text++)
		;
	return text;
}

struct place
place_of_byte(const struct source *source, size_t offset)
{
	const char *text = source->text, *end = text + source->length;
	const char *stop = offset < source->length ? text + offset : end;
	struct place at = {source, 1, 1, 1};
	while (text < stop) {
		size_t length = line_break(text, end);
		if (length > 0) {
			text += length;
			at.line++;
			at.column = 1;
		} else {
			text = next_character(text, end);
			at.column++;
		}
	}
	return at;
}

static const char *
line_start(const struct source *source, size_t line)
{
	const char *text = source->text, *end = text + source->length;
	while (line > 1 && text < end) {
		size_t length = line_break(text, end);
		text += length > 0 ? length : 1;
		line -= length > 0;
	}
	return text;
}

/* How a byte may be shown; a tab stays one, so that the caret below it keeps its place. */
static size_t
show_byte(char byte, char shown[16])
{
	shown[0] = byte;
	shown[1] = '\0';
	if (byte != '\t' && (byte < ' ' || byte > '~'))
		vis(shown, byte, VIS_OCTAL | VIS_CSTYLE | VIS_NL | VIS_NOLOCALE, 0);
	return strlen(shown);
}

static void
put_bytes(const char *text, const char *end, FILE *out)
{
	char shown[16];
	for (; text < end; text++) {
		show_byte(*text, shown);
		fputs(shown, out);
	}
}

/* Prints `fill` as wide as the bytes are when shown; a NUL keeps tabs and prints blanks. */
static void
put_filler(const char *text, const char *end, char fill, FILE *out)
{
	char shown[16];
	for (; text < end; text++) {
		size_t width = show_byte(*text, shown);
		for (; width > 0; width--)
			fputc(fill != '\0' ? fill : *text == '\t' ? '\t' : ' ', out);
	}
}

static void
print_caret(const char *start, const char *at, const char *end, size_t width, FILE *out)
{
	const char *stop = at;
	while (width-- > 0 && stop < end)
		stop = next_character(stop, end);
	char shown[16];
	put_filler(start, at, '\0', out);
	fputc('^', out);
	if (at < stop) {
		for (size_t i = show_byte(*at, shown); i > 1; i--)
			fputc('~', out);
		put_filler(at + 1, stop, '~', out);
	}
	fputc('\n', out);
}

static void
print_excerpt(const struct place *at, FILE *out)
{
	const char *end = at->source->text + at->source->length;
	const char *start = line_start(at->source, at->line), *stop, *caret = start;
	size_t column = 1;
	for (stop = start; stop < end && line_break(stop, end) == 0; column++) {
		stop = next_character(stop, end);
		if (column < at->column)
			caret = stop;
		if (column + WINDOW_BEFORE < at->column)
			start = stop;
		if (column > at->column + WINDOW_AFTER)
			break;
	}
	put_bytes(start, stop, out);
	fputc('\n', out);
	print_caret(start, caret, stop, at->width, out);
}

static int
compare_problems(const void *left, const void *right)
{
	const struct problem *a = left, *b = right;
	const size_t keys[][2] = {{a->at.source->order, b->at.source->order},
	                          {a->at.line, b->at.line},
	                          {a->at.column, b->at.column},
	                          {a->order, b->order}};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

static void
print_problem(const struct problem *problem, FILE *out)
{
	const struct place *at = &problem->at;
	const char *message = problem->message != NULL ? problem->message : "out of memory";
	put_bytes(at->source->name, strchr(at->source->name, '\0'), out);
	if (at->line > 0 && at->source->numbered)
		fprintf(out, ":%zu:%zu", at->line, at->column);
	fputs(": error: ", out);
	put_bytes(message, strchr(message, '\0'), out);
	fputc('\n', out);
	if (at->line > 0)
		print_excerpt(at, out);
}

void
problems_print(struct problems *problems, FILE *out)
{
	size_t shown = problems->count < PROBLEMS_MAX ? problems->count : PROBLEMS_MAX;
	qsort(problems->problem, shown, sizeof(problems->problem[0]), compare_problems);
	for (size_t i = 0; i < shown; i++)
		print_problem(&problems->problem[i], out);
	if (problems->count > shown)
		fprintf(out, "the first %zu errors are shown\n", shown);
	fprintf(out, "%zu error%s; nothing was run\n", problems->count,
	        problems->count == 1 ? "" : "s");
}
