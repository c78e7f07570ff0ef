/* SPDX-License-Identifier: ISC
 *
 * Reading the clock and waiting for it.
 */
#include <errno.h>
#include <time.h>

#include "sim/util/clock.h"

int64_t
clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void
clock_wait_until(int64_t due_ns)
{
	struct timespec due = {.tv_sec = due_ns / NS_PER_S, .tv_nsec = due_ns % NS_PER_S};

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &due, NULL) == EINTR)
		continue;
}
