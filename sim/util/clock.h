/* SPDX-License-Identifier: ISC
 *
 * The clock.  Decisions are made on CLOCK_BOOTTIME, which neither jumps nor stops in suspend.
 */
#ifndef SIM_UTIL_CLOCK_H
#define SIM_UTIL_CLOCK_H

#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

/* Nanoseconds of CLOCK_BOOTTIME.  Cannot fail on Linux. */
int64_t clock_now_ns(void);

/* Sleeps until clock_now_ns() has reached due_ns, signals notwithstanding. */
void clock_wait_until(int64_t due_ns);

#endif
