/* SPDX-License-Identifier: ISC
 *
 * What the pages of all comparisons begin and end with.
 */
#ifndef SIM_COMPARE_PAGE_FRAME_H
#define SIM_COMPARE_PAGE_FRAME_H

#include <stdio.h>

#include "sim/compare/compare.h"

struct page_frame {
	const char *name;     /* of the scenario */
	const char *title;    /* behind it */
	const char *about;    /* NULL: nothing */
	const char *result;   /* PASSED, FAILED or anything else */
	const char *sentence; /* about the result, without a full stop */
	const struct compare_options *options;
};

void page_frame_begin(const struct page_frame *frame, FILE *out);
/* With the command that makes the page again. */
void page_frame_end(const struct page_frame *frame, FILE *out);

#endif
