/* SPDX-License-Identifier: ISC
 *
 * Reading the wall clock, in one place.
 */
#include <stddef.h>
#include <time.h>

#include "sim/util/calendar.h"
#include "sim/util/clock.h"

static const _Atomic int64_t *offset;
static void (*reading)(void);

void
calendar_bind(const _Atomic int64_t *offset_ns, void (*on_read)(void))
{
	offset = offset_ns;
	reading = on_read;
}

int64_t
calendar_now_ns(void)
{
	struct timespec now;

	if (reading != NULL)
		reading();
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec + (offset == NULL ? 0 : atomic_load(offset));
}

const char *
calendar_date(int64_t now_ns, char date[CALENDAR_DATE_SIZE])
{
	time_t seconds = now_ns / NS_PER_S;
	struct tm local;

	localtime_r(&seconds, &local);
	strftime(date, CALENDAR_DATE_SIZE, "%Y-%m-%d", &local);
	return date;
}

int64_t
calendar_midnight_after_ns(int64_t now_ns)
{
	time_t seconds = now_ns / NS_PER_S;
	struct tm local;

	localtime_r(&seconds, &local);
	local.tm_mday++;
	local.tm_hour = local.tm_min = local.tm_sec = 0;
	local.tm_isdst = -1;
	return mktime(&local) * NS_PER_S;
}
