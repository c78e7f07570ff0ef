/* SPDX-License-Identifier: ISC
 *
 * What is late.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/verdict/ledger_late.h"

#define SECOND_NS INT64_C(1000000000)
#define YEAR_END 2262

void
ledger_late_fini(struct ledger_late *late)
{
	for (size_t i = 0; i < late->sources; i++)
		free(late->source[i].name);
	free(late->source);
}

/* Does the text look like the pattern, in which 0 stands for any digit? */
static bool
looks_like(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; text++, pattern++)
		if (*pattern == '0' ? !isdigit((unsigned char)*text) : *text != *pattern)
			return false;
	return true;
}

bool
ledger_late_time(const char *text, size_t length, int64_t *time_ns)
{
	char copy[64], *zone;
	struct tm when = {0}, again;
	long fraction_ns = 0;
	time_t seconds;

	if (length < 20 || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (strlen(copy) != length || !looks_like(copy, "0000-00-00T00:00:00") ||
	    strptime(copy, "%Y-%m-%dT%H:%M:%S", &when) == NULL)
		return false;
	zone = copy + 19;
	if (*zone == '.') {
		long digit_ns = 100000000;

		for (zone++; isdigit((unsigned char)*zone) && digit_ns > 0; zone++, digit_ns /= 10)
			fraction_ns += (*zone - '0') * digit_ns;
		if (zone == copy + 20)
			return false;
	}
	again = when;
	seconds = timegm(&again);
	/* A day that the month has not comes out as another one. */
	if (strcmp(zone, "Z") != 0 || again.tm_mday != when.tm_mday ||
	    again.tm_sec != when.tm_sec || seconds < 0 || when.tm_year + 1900 >= YEAR_END)
		return false;
	*time_ns = seconds * SECOND_NS + fraction_ns;
	return true;
}

static struct ledger_late_source *
find(struct ledger_late *late, const char *name, size_t length)
{
	struct ledger_late_source *source;

	for (size_t i = 0; i < late->sources; i++)
		if (late->source[i].length == length &&
		    memcmp(late->source[i].name, name, length) == 0)
			return &late->source[i];
	source = reallocarray(late->source, late->sources + 1, sizeof(*source));
	if (source == NULL)
		return NULL;
	late->source = source;
	source += late->sources;
	source->name = malloc(length + 1);
	if (source->name == NULL)
		return NULL;
	memcpy(source->name, name, length);
	source->length = length;
	source->newest_ns = 0;
	late->sources++;
	return source;
}

int
ledger_late_event(struct ledger_late *late, int64_t time_ns, const char *name, size_t length)
{
	struct ledger_late_source *source = find(late, name, length);
	int64_t newest_ns = 0, slowest_ns = INT64_MAX, closed_ns;
	bool is_late;

	if (source == NULL)
		return -ENOMEM;
	is_late = time_ns - time_ns % late->window_ns < late->closed_ns;
	if (time_ns > source->newest_ns)
		source->newest_ns = time_ns;
	for (size_t i = 0; i < late->sources; i++)
		if (late->source[i].newest_ns > newest_ns)
			newest_ns = late->source[i].newest_ns;
	for (size_t i = 0; i < late->sources; i++) {
		int64_t own_ns = late->source[i].newest_ns;

		if (own_ns + late->idle_ns >= newest_ns && own_ns < slowest_ns)
			slowest_ns = own_ns;
	}
	closed_ns = slowest_ns - late->lateness_ns;
	closed_ns -= closed_ns > 0 ? closed_ns % late->window_ns : 0;
	if (closed_ns > late->closed_ns)
		late->closed_ns = closed_ns;
	return is_late;
}
