/* SPDX-License-Identifier: ISC
 *
 * Reading the clocks.
 */
#include <errno.h>
#include <time.h>

#include "sim/util/clock.h"

static int64_t
read_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t
clock_now_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

int64_t
clock_calendar_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

void
clock_wait_until(int64_t due_ns)
{
	struct timespec due = {.tv_sec = due_ns / NS_PER_S, .tv_nsec = due_ns % NS_PER_S};

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &due, NULL) == EINTR)
		continue;
}
