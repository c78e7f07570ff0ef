/* SPDX-License-Identifier: ISC
 *
 * The calendar clock: dates for people and for logical dates, never for decisions.  A fault can
 * step it; the offset is shared by all processes of a run.
 */
#ifndef SIM_UTIL_CALENDAR_H
#define SIM_UTIL_CALENDAR_H

#include <stdatomic.h>
#include <stdint.h>

/* Takes the offset from there from now on; on_read, if not NULL, is called before each reading. */
void calendar_bind(const _Atomic int64_t *offset_ns, void (*on_read)(void));

/* Nanoseconds since 1970, UTC. */
int64_t calendar_now_ns(void);

#define CALENDAR_DATE_SIZE 16
/* The local date, as 2026-11-21; returns date. */
const char *calendar_date(int64_t now_ns, char date[CALENDAR_DATE_SIZE]);

/* The first moment of the next local day. */
int64_t calendar_midnight_after_ns(int64_t now_ns);

#endif
