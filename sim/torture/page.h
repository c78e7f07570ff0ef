/* SPDX-License-Identifier: ISC
 *
 * A torture as a page that needs nothing else, neither network nor script.
 */
#ifndef SIM_TORTURE_PAGE_H
#define SIM_TORTURE_PAGE_H

#include "sim/torture/report.h"

struct page {
	const struct session *session;
	const struct report *report;
	const struct exploration *exploration; /* NULL: a gate was shut */
	int code;                              /* exit code */
};

/* Writes it into the file, whole or not at all; "-" is standard output.  0, or -errno after saying
 * what is wrong. */
int page_save(const struct page *page, const char *path);

/* page_points.c: the run as a strip of its points, and its classes as a table. */
void page_put_points(const struct page *page, FILE *out);
void page_put_classes(const struct page *page, FILE *out);

#endif
