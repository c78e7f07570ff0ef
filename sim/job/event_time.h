/* SPDX-License-Identifier: ISC
 *
 * The time at which something happened, as it stands in a record: always in UTC, and always said
 * so, because a time without its zone is another one somewhere else.
 */
#ifndef SIM_JOB_EVENT_TIME_H
#define SIM_JOB_EVENT_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads "2026-01-31T23:59:59Z", with up to nine digits behind the seconds' point if it has one, as
 * nanoseconds since 1970.  False: it is none, or not between 1970 and 2261. */
bool event_time_read(const char *text, size_t length, int64_t *time_ns);

#endif
