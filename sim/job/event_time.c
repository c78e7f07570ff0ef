/* SPDX-License-Identifier: ISC
 *
 * Reading the time of an event.
 */
#include "sim/job/event_time.h"
#include "sim/util/clock.h"

#define YEAR_MIN 1970
#define YEAR_MAX 2261 /* 64 bits of nanoseconds end in 2262 */
#define FRACTION_DIGITS 9

/* "dddd": so many digits at text, or -1. */
static int
digits(const char *text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = 10 * value + (text[i] - '0');
	}
	return value;
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970 to the day, or -1 if there is none such. */
static int64_t
days(int year, int month, int day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	int64_t leaps, length;

	if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1)
		return -1;
	length = before[month] - before[month - 1] + (month == 2 && is_leap(year));
	if (day > length)
		return -1;
	leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 -
	        (1969 / 4 - 1969 / 100 + 1969 / 400);
	return (int64_t)(year - YEAR_MIN) * 365 + leaps + before[month - 1] +
	       (month > 2 && is_leap(year)) + day - 1;
}

/* ".5Z" or "Z", up to the end. */
static bool
read_fraction(const char *text, size_t length, int64_t *fraction_ns)
{
	int64_t unit_ns = NS_PER_S;
	size_t i = 0;

	*fraction_ns = 0;
	if (length > 1 && text[0] == '.') {
		for (i = 1; i < length && i <= FRACTION_DIGITS && text[i] >= '0' && text[i] <= '9';
		     i++) {
			unit_ns /= 10;
			*fraction_ns += (text[i] - '0') * unit_ns;
		}
		if (i == 1)
			return false;
	}
	return length - i == 1 && text[i] == 'Z';
}

bool
event_time_read(const char *text, size_t length, int64_t *time_ns)
{
	int64_t day, fraction_ns;
	int hour, minute, second;

	if (length < sizeof("2026-01-31T23:59:59Z") - 1 || text[4] != '-' || text[7] != '-' ||
	    text[10] != 'T' || text[13] != ':' || text[16] != ':')
		return false;
	day = days(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2));
	hour = digits(text + 11, 2);
	minute = digits(text + 14, 2);
	second = digits(text + 17, 2);
	if (day < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 59 || !read_fraction(text + 19, length - 19, &fraction_ns))
		return false;
	*time_ns = (((day * 24 + hour) * 60 + minute) * 60 + second) * NS_PER_S + fraction_ns;
	return true;
}
