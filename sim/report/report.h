/* SPDX-License-Identifier: ISC
 *
 * Reports on a run: what its history and its verdict say, in the formats that browsers, CI servers,
 * monitoring and trace viewers read.
 */
#ifndef SIM_REPORT_REPORT_H
#define SIM_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/history/history.h"
#include "sim/report/axis.h"
#include "sim/verdict/verdict.h"

/* What there is to report on; all of it the caller's. */
struct report {
	const struct run *run;
	const struct history *history;
	const struct verdict *verdict; /* NULL: the job has not ended, so none was given */
	const char *state;             /* "done", "failed", "running", ... */
	const char *text;              /* the verdict as a terminal shows it; "" without */
	const char *next;              /* what to do next, a line each */
	const char *dead;              /* the dead letters, a line each; "" if there are none */
	const char *host;
	const char *logical_date;
	int64_t last_success_s; /* report_prom: of an earlier run; 0: unknown */
	uint32_t task;          /* report_svg: which one */
};

/* Each writes one whole document.  0 or -ENOMEM; whether it got into the file is in the FILE. */
int report_html(const struct report *report, FILE *out);
int report_trace(const struct report *report, FILE *out);
int report_junit(const struct report *report, FILE *out);
int report_prom(const struct report *report, FILE *out);
int report_svg(const struct report *report, FILE *out);
/* The scenario with the faults by hand in it.  0 or -errno. */
int report_faults(const struct report *report, FILE *out);

/* Has write() write the file at path, whole or not at all; "-" is standard output.  0 or -errno. */
int report_save(const char *path, const struct report *report,
                int (*write)(const struct report *report, FILE *out));

/* Parts of the page. */
void html_lanes(const struct report *report, const struct axis *axis, FILE *out);
int html_progress(const struct report *report, const struct axis *axis, FILE *out);
int html_recoveries(const struct report *report, FILE *out);
int html_events(const struct report *report, FILE *out);

#endif
