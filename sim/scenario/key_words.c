/* SPDX-License-Identifier: ISC
 *
 * What the values of a key are, in words, and one of them, for whoever describes the format.
 */
#include <string.h>

#include "sim/scenario/keys.h"
#include "sim/scenario/load.h"

static void
write_words(const char *words, FILE *out)
{
	for (; words != NULL && *words != '\0'; words++) {
		if (*words == '|')
			fputs(", ", out);
		else
			fputc(*words, out);
	}
}

static const char *
quantity_of(const struct unit *units)
{
	static const struct {
		const struct unit *units;
		const char *name;
	} names[] = {{unit_durations, "duration"},
	             {unit_shares, "share"},
	             {unit_sizes, "size"},
	             {unit_records, "number of records"},
	             {unit_tasks, "number of tasks"},
	             {unit_times, "factor"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].units == units)
			return names[i].name;
	return "number";
}

static void
write_number(const struct key *key, FILE *out)
{
	char low[48], high[48];

	fprintf(out, "a %s", quantity_of(key->units));
	if (key->max < UINT32_MAX || key->units == unit_durations || key->units == unit_sizes)
		fprintf(out, " from %s to %s", unit_format(key->units, key->min, low, sizeof(low)),
		        unit_format(key->units, key->max, high, sizeof(high)));
}

void
key_write_type(const struct key *key, FILE *out)
{
	static const char *const names[KEY_TYPES] = {
	    [KEY_MAP] = "keys below it",
	    [KEY_LIST] = "a list",
	    [KEY_SPAN] = "two durations, low..high",
	    [KEY_TEXT] = "a text",
	    [KEY_TEXTS] = "a list of texts",
	    [KEY_NAME] = "a name",
	    [KEY_DATE] = "a day",
	    [KEY_CHARACTER] = "one character",
	    [KEY_RANGES] = "a list of ranges, such as A-G",
	    [KEY_TARGET] = "a target",
	    [KEY_POINT] = "a point",
	    [KEY_CONDITION] = "a condition",
	    [KEY_TIME] = "a time",
	    [KEY_FAULT] = "the id of a fault",
	    [KEY_RECORD] = "the number of a record",
	    [KEY_CHAIN] = "a chain",
	    [KEY_SIGNAL] = "a signal",
	    [KEY_BY] = "a time, or one of ",
	    [KEY_STEP] = "a step: +1h, -30s, midnight",
	    [KEY_SCALE] = "a change: +2, -1",
	    [KEY_COMPARISON] = "a comparison with a ",
	};

	if (key->type == KEY_NUMBER)
		write_number(key, out);
	else if (names[key->type] != NULL)
		fprintf(out, "%s%s", names[key->type],
		        key->type == KEY_COMPARISON ? quantity_of(key->units) : "");
	write_words(key->words, out);
	if (key->word != NULL)
		fprintf(out, ", or %s", key->word);
}

const char *
key_sample(const struct key *key, char *text, size_t size)
{
	static const char *const samples[KEY_TYPES] = {
	    [KEY_SPAN] = "100ms..2s",
	    [KEY_TEXT] = "\"a text\"",
	    [KEY_TEXTS] = "[one, two]",
	    [KEY_NAME] = "a-name",
	    [KEY_DATE] = "2026-11-21",
	    [KEY_CHARACTER] = "\";\"",
	    [KEY_RANGES] = "[A-M, N-Z]",
	    [KEY_TARGET] = "any",
	    [KEY_POINT] = "worker.before_commit",
	    [KEY_CONDITION] = "progress >= 50%",
	    [KEY_TIME] = "5s",
	    [KEY_FAULT] = "k1",
	    [KEY_RECORD] = "17",
	    [KEY_CHAIN] = "3*off -> 1*kill",
	    [KEY_SIGNAL] = "TERM",
	    [KEY_BY] = "10ms",
	    [KEY_STEP] = "+1h",
	    [KEY_SCALE] = "+2",
	};
	char number[48] = "";

	if (key->fallback != NULL)
		snprintf(text, size, "%s", key->fallback);
	else if ((key->flags & KEY_CODES) != 0)
		snprintf(text, size, "[64, 75]");
	else if (key->type == KEY_NUMBER)
		unit_format(key->units, key->min, text, size);
	else if (key->type == KEY_COMPARISON)
		snprintf(text, size, "\"<= %s\"",
		         unit_format(key->units, 1, number, sizeof(number)));
	else if (key->words != NULL && key->type != KEY_BY)
		snprintf(text, size, "%.*s", (int)strcspn(key->words, "|"), key->words);
	else
		snprintf(text, size, "%s", samples[key->type] != NULL ? samples[key->type] : "");
	return text;
}

bool
key_action_takes(const struct key *action, const char *name)
{
	struct fault fault = {.what = (enum fault_what)action->value};

	/* One that comes by itself has any moment; a chain's terms are any action. */
	for (fault.when = WHEN_POINT; fault.when <= WHEN_STATE; fault.when++)
		if (action->value < 0 || fault_takes(&fault, name))
			return true;
	return false;
}
