/* SPDX-License-Identifier: ISC
 *
 * Writes conditions with no more parentheses than reading needs.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/scenario/compare.h"
#include "sim/scenario/condition_text.h"
#include "sim/scenario/line.h"

/* How closely what surrounds a part binds it; ALONE: behind &&, where only a single one can be. */
enum binding { LOOSE, JOINS_OR, JOINS_AND, ALONE, NEGATED };

static void
say_term(struct line *line, const struct condition_term *term)
{
	char value[48];
	const struct condition_number *number = condition_numbers;
	while (number->name != NULL && number->what != term->what)
		number++;
	if (number->name != NULL)
		line_say(line, "%s %s %s", number->name, compare_text(term->compare),
		         unit_format(number->units, term->value, value, sizeof(value)));
	else if (term->what == CONDITION_RECOVERY)
		line_say(line, "recovery");
	else if (term->what == CONDITION_HOLDS)
		line_say(line, "w%u holds %" PRIu64, term->slot, term->value);
	else if (term->what == CONDITION_BUSY || term->what == CONDITION_UP)
		line_say(line, "w%u is %s", term->slot,
		         term->what == CONDITION_BUSY ? "busy" : "up");
}

/* Number of the first term of the part that ends with term `last`. */
static unsigned
first_of(const struct condition *condition, unsigned last)
{
	int wanted = 1;
	for (;; last--) {
		uint8_t what = condition->term[last].what;
		if (what == CONDITION_AND || what == CONDITION_OR)
			wanted++;
		else if (what != CONDITION_NOT)
			wanted--;
		if (wanted == 0)
			return last;
	}
}

static enum binding
term_binding(const struct condition_term *term)
{
	return term->what == CONDITION_OR ? JOINS_OR : JOINS_AND;
}

/* Goes as deep as the condition has terms: CONDITION_TERMS_MAX at most. */
static void
say_part(struct line *line, const struct condition *condition, unsigned last, enum binding least)
{
	const struct condition_term *term = &condition->term[last];
	enum binding own = term_binding(term);
	bool joins = term->what == CONDITION_AND || term->what == CONDITION_OR;
	/* Reading needs none in !(done >= 5); readers do. */
	bool has_blanks = term->what != CONDITION_NOT && term->what != CONDITION_RECOVERY;
	bool inside = joins ? own < least : least == NEGATED && has_blanks;
	line_say(line, "%s", inside ? "(" : "");
	if (joins) {
		say_part(line, condition, first_of(condition, last - 1) - 1, own);
		line_say(line, " %s ", term->what == CONDITION_AND ? "&&" : "||");
		say_part(line, condition, last - 1, own + 1);
	} else if (term->what == CONDITION_NOT) {
		line_say(line, "!");
		say_part(line, condition, last - 1, NEGATED);
	} else {
		say_term(line, term);
	}
	line_say(line, "%s", inside ? ")" : "");
}

const char *
condition_text(const struct condition *condition, char *text, size_t size)
{
	struct line line = {.text = text, .size = size};
	text[0] = '\0';
	if (condition->terms > 0)
		say_part(&line, condition, condition->terms - 1u, LOOSE);
	return text;
}
