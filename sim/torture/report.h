/* SPDX-License-Identifier: ISC
 *
 * What is said about a torture: TAP 13.
 */
#ifndef SIM_TORTURE_REPORT_H
#define SIM_TORTURE_REPORT_H

#include <stdio.h>

#include "sim/torture/explore.h"
#include "sim/torture/journal.h"

struct report {
	FILE *out;
	const char *name; /* before each point, of one report among several; NULL: it is alone */
	bool is_expected; /* what is found is told, and expectations are the points */
	unsigned tests, failed, unknown;
	unsigned found; /* that is wrong, what could not be judged included */
	unsigned open;  /* points that failed for want of a judgement */
	uint32_t litter;
	bool is_kept; /* each line goes into the journal, too */
	struct journal journal;
};

/* "TAP version 13", if it is alone, and what is run where. */
void report_begin(struct report *report, const struct session *session);
/* One test line; why, if not NULL, is printed below one that is not ok. */
void report_test(struct report *report, bool ok, const char *name, const char *why);
/* The same for something that was found, or not: a point, unless points are what is expected. */
void report_finding(struct report *report, bool ok, const char *name, const char *why);
/* A comment, with bytes from outside made safe. */
void report_note(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Windows, torn writes, litter, and what was explored of what.  What of it is not to be judged
 * counts in report->unknown. */
void report_exploration(struct report *report, const struct session *session,
                        const struct exploration *exploration);
/* What came of running the command again: where it is not what came of the saved states, and what
 * the death of one process does. */
void report_rerun(struct report *report, const struct session *session,
                  const struct exploration *exploration);
/* What came of losing power. */
void report_power(struct report *report, const struct session *session);
const char *power_model_name(enum power_model model);
/* How long things took; the states since then. */
void report_times(struct report *report, const struct session *session, int64_t start_ns);
/* What came of killing recoveries, too. */
void report_closure(struct report *report, const struct session *session);
/* Holds what was found against the scenario's expectations, a point each. */
void report_expectations(struct report *report, const struct session *session,
                         const struct exploration *exploration);
/* The plan, if it is alone, and the exit code. */
int report_end(struct report *report);

#endif
