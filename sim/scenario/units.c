/* SPDX-License-Identifier: ISC
 *
 * Reads and writes numbers with units in whole-number arithmetic.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/check.h"
#include "sim/scenario/units.h"

const struct unit unit_none[] = {{"", 1}, {NULL, 0}};
const struct unit unit_durations[] = {{"h", 3600000000000}, {"m", 60000000000}, {"s", 1000000000},
                                      {"ms", 1000000},      {"us", 1000},       {NULL, 0}};
const struct unit unit_shares[] = {{"%", 10000}, {NULL, 0}};
const struct unit unit_sizes[] = {
    {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {NULL, 0}};
const struct unit unit_records[] = {{"records", 1}, {"record", 1}, {NULL, 0}};
const struct unit unit_times[] = {{"x", 100}, {NULL, 0}};
const struct unit unit_tasks[] = {{"tasks", 1}, {"task", 1}, {NULL, 0}};

/* The digits at *text as a number; what is behind them is left in *text. */
static bool
read_digits(const char **text, uint64_t *value)
{
	*value = 0;
	for (; isdigit((unsigned char)**text); (*text)++) {
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(**text - '0'), value))
			return false;
	}
	return true;
}

static const struct unit *
find_unit(const struct unit *units, const char *name)
{
	for (; units->name != NULL; units++)
		if (strcmp(units->name, name) == 0)
			return units;
	return NULL;
}

/* Adds ".digits" of the unit to *value. */
static enum unit_error
add_fraction(const char *digits, size_t length, uint64_t factor, uint64_t *value)
{
	for (size_t i = 0; i < length; i++) {
		if (factor % 10 != 0 && digits[i] != '0')
			return UNIT_TOO_FINE;
		factor /= 10;
		if (__builtin_add_overflow(*value, factor * (uint64_t)(digits[i] - '0'), value))
			return UNIT_TOO_LARGE;
	}
	return UNIT_OK;
}

enum unit_error
unit_parse(const struct unit *units, const char *text, uint64_t *value)
{
	const char *rest = text, *fraction;
	uint64_t whole;
	if (!isdigit((unsigned char)*rest))
		return UNIT_NO_NUMBER;
	if (!read_digits(&rest, &whole))
		return UNIT_TOO_LARGE;
	size_t fraction_length = 0;
	fraction = rest + 1;
	if (*rest == '.') {
		fraction_length = strspn(fraction, "0123456789");
		rest = fraction + fraction_length;
		if (fraction_length == 0)
			return UNIT_NO_NUMBER;
	}
	rest += strspn(rest, " ");
	const struct unit *unit = find_unit(units, rest);
	if (unit == NULL)
		return *rest == '\0' ? UNIT_MISSING : UNIT_UNKNOWN;
	if (__builtin_mul_overflow(whole, unit->factor, &whole))
		return UNIT_TOO_LARGE;
	enum unit_error error = add_fraction(fraction, fraction_length, unit->factor, &whole);
	if (error == UNIT_OK)
		*value = whole;
	return error;
}

const char *
unit_format(const struct unit *units, uint64_t value, char *text, size_t size)
{
	const struct unit *unit = units, *smallest = units;
	CHECK(units->name != NULL);
	while (unit->name != NULL && (value == 0 || value % unit->factor != 0))
		smallest = unit++;
	if (unit->name == NULL)
		unit = smallest;
	const char *blank =
	    isalpha((unsigned char)unit->name[0]) && unit->factor == 1 && strlen(unit->name) > 1
		? " "
		: "";
	char fraction[32] = "";
	uint64_t rest = value % unit->factor;
	size_t length = 0;
	for (uint64_t place = unit->factor; rest > 0 && length + 2 < sizeof(fraction);
	     rest %= place) {
		place /= 10;
		if (length == 0)
			fraction[length++] = '.';
		fraction[length++] = (char)('0' + rest / place);
		fraction[length] = '\0';
	}
	snprintf(text, size, "%" PRIu64 "%s%s%s", value / unit->factor, fraction, blank,
	         unit->name);
	return text;
}

static void
list_units(const struct unit *units, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (; units->name != NULL && used < size; units++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
		                         units->name);
}

const char *
unit_explain(const struct unit *units, enum unit_error error, const char *text, char *message,
             size_t size)
{
	char names[64];
	const char *takes = units[0].name[0] == '\0' ? "a whole number without a unit" : names;
	snprintf(names, sizeof(names), "a number and a unit: ");
	list_units(units, strchr(names, '\0'), sizeof(names) - strlen(names));
	static const char *const formats[] = {
	    [UNIT_OK] = "",
	    [UNIT_NO_NUMBER] = "is no number",
	    [UNIT_MISSING] = "has no unit",
	    [UNIT_UNKNOWN] = "has an unknown unit",
	    [UNIT_TOO_LARGE] = "is too large",
	    [UNIT_TOO_FINE] = "has too many digits behind the point",
	};
	snprintf(message, size, "'%.40s' %s; give %s", text, formats[error], takes);
	return message;
}
