/* SPDX-License-Identifier: ISC
 *
 * Which events come too late, worked out in the order of the input by simple sequential code: the
 * ledger's own, which shares nothing with the strategy.
 */
#ifndef SIM_VERDICT_LEDGER_LATE_H
#define SIM_VERDICT_LEDGER_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_late {
	int64_t window_ns, lateness_ns, idle_ns; /* to be filled in */
	struct ledger_late_source {
		char *name;
		size_t length;
		int64_t newest_ns;
	} * source;
	size_t sources;
	int64_t closed_ns; /* windows that begin before it are closed */
};

void ledger_late_fini(struct ledger_late *late);
/* Reads a time as it stands in a record; false: it is none. */
bool ledger_late_time(const char *text, size_t length, int64_t *time_ns);
/* The next event: 1 if it is late, 0 if not, -ENOMEM. */
int ledger_late_event(struct ledger_late *late, int64_t time_ns, const char *source, size_t length);

#endif
