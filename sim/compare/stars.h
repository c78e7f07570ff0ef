/* SPDX-License-Identifier: ISC
 *
 * Stars: a well-known table of opinions on five strategies, and beside each star what was measured,
 * turned into stars by limits that are printed with them.
 */
#ifndef SIM_COMPARE_STARS_H
#define SIM_COMPARE_STARS_H

#include "sim/compare/comparison.h"

#define STARS_MAX 5

enum star_kind { STARS_RECOVERY, STARS_PERFORMANCE, STARS_COMPLEXITY, STAR_KINDS };

struct approach {
	const char *strategy, *name;
	unsigned stars[STAR_KINDS];
};

extern const struct approach approaches[];
extern const size_t approach_count;

/* "recovery" */
const char *star_kind_name(enum star_kind kind);

/* The side that is this approach, if it was played and its faults landed; or NULL. */
const struct side *approach_side(const struct comparison *comparison,
                                 const struct approach *approach);

/* 1 to 5; 0 = nothing can be said: the strategy was not seen to recover. */
unsigned stars_measured(const struct comparison *comparison, const struct side *side,
                        enum star_kind kind);

/* "recovery: 5 stars if at most 1% of the records were done again, 4: 5%, ..." */
void stars_print_limits(enum star_kind kind, FILE *out);

/* The figure behind the stars: "899,000 of 1,000,000 records (89.9%) were done again". */
void stars_print_figure(const struct comparison *comparison, const struct side *side,
                        enum star_kind kind, FILE *out);

#endif
