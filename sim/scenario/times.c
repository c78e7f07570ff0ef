/* SPDX-License-Identifier: ISC
 *
 * Reads times that may go by the recovery timers.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/times.h"
#include "sim/scenario/units.h"

#define PPM 1000000
#define FACTOR_MAX 1000
#define TERM_BYTES 64

static const struct unit factors[] = {{"", PPM}, {NULL, 0}};

const char *const timer_names[] = {"lease", "suspect", "dead", "beat", NULL};

struct term {
	size_t offset, length;
	char text[TERM_BYTES];
};

static int
refuse(struct text_problem *problem, size_t offset, size_t length)
{
	problem->offset = offset;
	problem->length = length > 0 ? length : 1;
	return -EINVAL;
}

static int
unknown_timer(const struct term *term, size_t length, struct text_problem *problem)
{
	char name[TERM_BYTES];
	struct guess guess;
	snprintf(name, sizeof(name), "%.*s", (int)length, term->text);
	guess_init(&guess, name);
	for (size_t i = 0; timer_names[i] != NULL; i++)
		guess_try(&guess, timer_names[i]);
	snprintf(problem->message, sizeof(problem->message),
	         "'%s' is no time; give a duration such as 5s, or a timer: lease, suspect, dead or "
	         "beat",
	         name);
	guess_text(&guess, problem->guess, sizeof(problem->guess));
	return refuse(problem, term->offset, length);
}

static int
scale_timer(const struct term *term, size_t at, uint64_t timer, uint64_t *ns,
            struct text_problem *problem)
{
	uint64_t ppm;
	const char *factor = term->text + at;
	if (unit_parse(factors, factor, &ppm) == UNIT_OK && ppm <= (uint64_t)FACTOR_MAX * PPM) {
		*ns = timer / PPM * ppm + timer % PPM * ppm / PPM;
		return 0;
	}
	snprintf(problem->message, sizeof(problem->message),
	         "'%.40s' is no factor; give a number up to %d, with at most six digits behind the "
	         "point",
	         factor, FACTOR_MAX);
	return refuse(problem, term->offset + at, strlen(factor));
}

/* "lease" or "lease * 1.05". */
static int
read_timer(const struct timers *timers, const struct term *term, uint64_t *ns,
           struct text_problem *problem)
{
	const int64_t values[] = {timers->lease, timers->suspect, timers->dead, timers->beat};
	size_t length = strspn(term->text, "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	size_t at = length + strspn(term->text + length, " ");
	for (size_t i = 0; timer_names[i] != NULL; i++) {
		if (strlen(timer_names[i]) != length ||
		    memcmp(term->text, timer_names[i], length) != 0)
			continue;
		*ns = (uint64_t)values[i];
		if (term->text[at] == '\0')
			return 0;
		if (term->text[at] == '*') {
			at++;
			at += strspn(term->text + at, " ");
			return scale_timer(term, at, *ns, ns, problem);
		}
		snprintf(problem->message, sizeof(problem->message),
		         "behind a timer goes * and a factor, + and another time, or nothing");
		return refuse(problem, term->offset + at, 1);
	}
	return unknown_timer(term, length > 0 ? length : strlen(term->text), problem);
}

static int
read_term(const struct timers *timers, const struct term *term, uint64_t *ns,
          struct text_problem *problem)
{
	if (term->length == 0) {
		snprintf(problem->message, sizeof(problem->message),
		         "a time is missing here: a duration such as 5s, or a timer: lease, "
		         "suspect, dead or beat");
		return refuse(problem, term->offset, 1);
	}
	if (!isdigit((unsigned char)term->text[0]))
		return read_timer(timers, term, ns, problem);
	enum unit_error error = unit_parse(unit_durations, term->text, ns);
	if (error == UNIT_OK)
		return 0;
	unit_explain(unit_durations, error, term->text, problem->message, sizeof(problem->message));
	return refuse(problem, term->offset, term->length);
}

/* The next term, without the blanks around it; false when it is too long for one. */
static bool
cut_term(const char *text, size_t from, size_t to, struct term *term)
{
	while (from < to && text[from] == ' ')
		from++;
	while (to > from && text[to - 1] == ' ')
		to--;
	term->offset = from;
	term->length = to - from;
	snprintf(term->text, sizeof(term->text), "%.*s", (int)term->length, text + from);
	return term->length < sizeof(term->text);
}

int
time_parse(const struct timers *timers, const char *text, size_t length, uint64_t *ns,
           struct text_problem *problem)
{
	struct term term;
	uint64_t part;
	size_t at = 0;
	*ns = 0;
	problem->guess[0] = '\0';
	for (unsigned terms = 0; terms < TIME_TERMS_MAX; terms++) {
		const char *plus = memchr(text + at, '+', length - at);
		size_t end = plus != NULL ? (size_t)(plus - text) : length;
		bool fits = cut_term(text, at, end, &term);
		if (fits && read_term(timers, &term, &part, problem) != 0)
			return -EINVAL;
		if (!fits || __builtin_add_overflow(*ns, part, ns)) {
			snprintf(problem->message, sizeof(problem->message), "'%.40s' is too %s",
			         term.text, fits ? "large" : "long");
			return refuse(problem, term.offset, term.length);
		}
		if (plus == NULL)
			return 0;
		at = end + 1;
	}
	snprintf(problem->message, sizeof(problem->message), "at most %d times can be added up",
	         TIME_TERMS_MAX);
	return refuse(problem, at - 1, 1);
}
