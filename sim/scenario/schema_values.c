/* SPDX-License-Identifier: ISC
 *
 * What one value may be, as a schema: mostly a pattern for its text.  YAML makes numbers and truth
 * values of some texts before anybody can look at them, so these are allowed where they mean one.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/check.h"
#include "sim/fault/points.h"
#include "sim/scenario/compare.h"
#include "sim/scenario/load.h"
#include "sim/scenario/schema.h"

#define PATTERN_MAX 8192
#define EXACT_MAX (UINT64_C(1) << 53) /* larger numbers are not exact in JSON */
#define DIGITS "[0-9]+"
#define DECIMAL "[0-9]+(\\.[0-9]+)?"

/* A regular expression that grows; cut when it does not fit, which schema_value notices. */
struct pattern {
	char text[PATTERN_MAX];
	size_t used;
};

static void add(struct pattern *pattern, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct pattern *pattern, const char *format, ...)
{
	va_list arguments;
	size_t room = sizeof(pattern->text) - pattern->used;
	int length;

	va_start(arguments, format);
	length = vsnprintf(pattern->text + pattern->used, room, format, arguments);
	va_end(arguments);
	pattern->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* A number with one of the units. */
static void
add_number(struct pattern *pattern, const struct unit *units)
{
	if (units->name[0] == '\0') {
		add(pattern, DIGITS);
		return;
	}
	add(pattern, DECIMAL " *(");
	for (const struct unit *unit = units; unit->name != NULL; unit++)
		add(pattern, "%s%s", unit != units ? "|" : "", unit->name);
	add(pattern, ")");
}

/* A duration, or one that goes by the timers. */
static void
add_time(struct pattern *pattern)
{
	struct pattern term = {.used = 0};

	add(&term, "(");
	add_number(&term, unit_durations);
	add(&term, "|(");
	for (size_t i = 0; timer_names[i] != NULL; i++)
		add(&term, "%s%s", i > 0 ? "|" : "", timer_names[i]);
	add(&term, ")( *\\* *" DECIMAL ")?)");
	add(pattern, "%s( *\\+ *%s){0,%d}", term.text, term.text, TIME_TERMS_MAX - 1);
}

static void
add_comparison(struct pattern *pattern)
{
	add(pattern, "(");
	for (enum compare compare = COMPARE_EQ; compare <= COMPARE_GT; compare++)
		add(pattern, "%s%s", compare > COMPARE_EQ ? "|" : "", compare_text(compare));
	add(pattern, ")");
}

static void
add_target(struct pattern *pattern)
{
	const char *name, *between = "";
	bool several;

	for (size_t i = 0; (name = fault_target_name(i, &several)) != NULL; i++, between = "|")
		add(pattern, "%s%s%s", between, several ? "(" DIGITS " of )?" : "", name);
	add(pattern, "|w" DIGITS "|holder\\(" DIGITS "\\)");
}

/* One condition without operators. */
static void
add_term(struct pattern *pattern)
{
	add(pattern, "(");
	for (const struct condition_number *number = condition_numbers; number->name != NULL;
	     number++) {
		add(pattern, "%s *", number->name);
		add_comparison(pattern);
		add(pattern, " *");
		if (number->units == unit_durations)
			add_time(pattern);
		else
			add_number(pattern, number->units);
		add(pattern, "|");
	}
	add(pattern, "recovery|w" DIGITS " +(holds +" DIGITS "|is +(busy|up)))");
}

/* That the parentheses fit is more than a pattern can say. */
static void
add_condition(struct pattern *pattern)
{
	struct pattern term = {.used = 0};

	add_term(&term);
	add(pattern, "[ !(]*%s[ )]*((&&|\\|\\|)[ !(]*%s[ )]*)*", term.text, term.text);
}

static void
add_chain(struct pattern *pattern)
{
	struct pattern term = {.used = 0};
	const char *action, *argument;

	add(&term, " *(" DECIMAL "%% *)?(" DIGITS " *\\* *)?(off");
	for (size_t i = 0; (action = fault_chain_action(i, &argument)) != NULL; i++) {
		add(&term, "|%s", action);
		if (argument == NULL)
			continue;
		add(&term, " +(");
		if (strcmp(argument, "fail") == 0)
			add(&term, "%s", KEY_ERROR_WORDS);
		else
			add_time(&term);
		add(&term, "%s)", strcmp(argument, "for") == 0 ? "|forever" : "");
	}
	add(&term, ") *");
	add(pattern, "%s(->%s)*", term.text, term.text);
}

static void
add_signal(struct pattern *pattern)
{
	add(pattern, DIGITS "|(SIG)?(");
	for (int i = 1; i <= KEY_SIGNAL_NAMED; i++)
		if (i != SIGSTOP)
			add(pattern, "%s%s", i > 1 ? "|" : "", sigabbrev_np(i));
	add(pattern, ")");
}

/* The texts of this type, but for the anchors around them. */
static void
add_text(struct pattern *pattern, const struct key *key)
{
	switch (key->type) {
	case KEY_NUMBER:
		add_number(pattern, key->units);
		break;
	case KEY_SPAN:
		add_number(pattern, key->units);
		add(pattern, "\\.\\.");
		add_number(pattern, key->units);
		break;
	case KEY_COMPARISON:
		add(pattern, "(");
		add_comparison(pattern);
		add(pattern, " *)?");
		add_number(pattern, key->units);
		break;
	case KEY_NAME:
	case KEY_FAULT:
		add(pattern, "[a-z0-9%s-]{1,%zu}", strcmp(key->path, "name") == 0 ? "" : "_",
		    key->type == KEY_NAME ? key->size - 1 : sizeof(((struct fault *)0)->id) - 1);
		break;
	case KEY_DATE:
		add(pattern, "[0-9]{4}-[0-9]{2}-[0-9]{2}");
		break;
	case KEY_CHARACTER:
		add(pattern, "[^\"\\r\\n]");
		break;
	case KEY_TARGET:
		add_target(pattern);
		break;
	case KEY_CONDITION:
		add_condition(pattern);
		break;
	case KEY_TIME:
		add_time(pattern);
		break;
	case KEY_BY:
		add(pattern, "%s|", key->words);
		add_time(pattern);
		break;
	case KEY_CHAIN:
		add_chain(pattern);
		break;
	case KEY_SIGNAL:
		add_signal(pattern);
		break;
	case KEY_STEP:
		add(pattern, "midnight|[+-]");
		add_number(pattern, unit_durations);
		break;
	case KEY_SCALE:
		add(pattern, "[+-]" DIGITS);
		break;
	case KEY_RECORD:
		add(pattern, DIGITS "|[a-z0-9_-]+ of order " DIGITS);
		break;
	default:
		CHECK(!"a type whose texts are known");
	}
	if (key->word != NULL)
		add(pattern, "|%s", key->word);
}

static bool
is_integer(const struct key *key)
{
	return (key->units != NULL && key->units[0].name[0] == '\0') || key->type == KEY_SIGNAL ||
	       key->type == KEY_SCALE || key->type == KEY_RECORD;
}

static json_t *
patterned(const struct key *key)
{
	struct pattern pattern = {.used = 0};
	json_t *schema;

	add(&pattern, "^(");
	add_text(&pattern, key);
	add(&pattern, ")$");
	if (pattern.used + 1 >= sizeof(pattern.text))
		return NULL;
	if (key->type == KEY_NAME || key->type == KEY_FAULT || key->type == KEY_CHARACTER)
		return json_pack("{s:[s,s], s:s}", "type", "string", "integer", "pattern",
		                 pattern.text);
	if (!is_integer(key))
		return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern.text);
	schema = json_pack("{s:[s,s], s:s}", "type", "integer", "string", "pattern", pattern.text);
	if (key->type == KEY_SIGNAL)
		json_object_set_new(schema, "maximum", json_integer(KEY_SIGNAL_MAX));
	if (key->type != KEY_SCALE)
		json_object_set_new(
		    schema, "minimum",
		    json_integer(key->type == KEY_SIGNAL ? 1 : (json_int_t)key->min));
	if ((key->type == KEY_NUMBER || key->type == KEY_RECORD) && key->max <= EXACT_MAX)
		json_object_set_new(schema, "maximum", json_integer((json_int_t)key->max));
	return schema;
}

/* What YAML may make of the word, beside a text. */
static json_t *
word_as_read(const char *word)
{
	static const char *const yes[] = {"true", "on", "yes"}, *const no[] = {"false", "off",
	                                                                       "no"};
	uint64_t number;

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcmp(word, yes[i]) == 0)
			return json_true();
		if (strcmp(word, no[i]) == 0)
			return json_false();
	}
	return unit_parse(unit_none, word, &number) == UNIT_OK ? json_integer((json_int_t)number)
	                                                       : NULL;
}

static json_t *
listed(const char *words)
{
	json_t *list = json_array(), *read;

	while (words != NULL && *words != '\0') {
		char word[32];
		size_t length = strcspn(words, "|");
		snprintf(word, sizeof(word), "%.*s", (int)length, words);
		json_array_append_new(list, json_string(word));
		read = word_as_read(word);
		if (read != NULL)
			json_array_append_new(list, read);
		words += length + (words[length] == '|');
	}
	return json_pack("{s:o}", "enum", list);
}

static json_t *
points(void)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < POINTS; i++)
		json_array_append_new(list, json_string(point_name(i)));
	return json_pack("{s:o}", "enum", list);
}

json_t *
schema_value(const struct key *key)
{
	const struct key_range *range = NULL;
	char low_high[64];

	switch (key->type) {
	case KEY_WORD:
	case KEY_ERROR:
	case KEY_FRAME:
		return listed(key->words);
	case KEY_POINT:
		return points();
	case KEY_TEXT:
		return json_pack("{s:[s,s,s], s:i}", "type", "string", "number", "boolean",
		                 "minLength", 1);
	case KEY_TEXTS:
		return json_pack("{s:s, s:i, s:i, s:b, s:{s:[s,s,s], s:i}}", "type", "array",
		                 "minItems", (key->flags & KEY_COMMAND) != 0, "maxItems",
		                 SCENARIO_TEXTS_MAX, "uniqueItems", (key->flags & KEY_COMMAND) == 0,
		                 "items", "type", "string", "number", "boolean", "minLength", 1);
	case KEY_RANGES:
		snprintf(low_high, sizeof(low_high), "^[^-]{1,%zu}-[^-]{1,%zu}$",
		         sizeof(range->low) - 1, sizeof(range->high) - 1);
		return json_pack("{s:s, s:i, s:i, s:{s:s, s:s}}", "type", "array", "minItems", 1,
		                 "maxItems", SCENARIO_RANGES_MAX, "items", "type", "string",
		                 "pattern", low_high);
	default:
		return patterned(key);
	}
}
