/* SPDX-License-Identifier: ISC
 *
 * Which choices there are, what is measured of each, and what is said of them.
 */
#ifndef SIM_TRADEOFF_CHOICES_H
#define SIM_TRADEOFF_CHOICES_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/scenario/scenario.h"

enum tradeoff { TRADEOFF_TIMING, TRADEOFF_STATE, TRADEOFF_PAYLOAD, TRADEOFFS };

/* In the order of the columns. */
enum figure {
	FIGURE_P50_MS,
	FIGURE_P99_MS,
	FIGURE_RATE, /* events a second, of the whole job */
	FIGURE_TRANSACTIONS,
	FIGURE_PROCESSOR_US,
	FIGURE_CALLS,
	FIGURE_STALE,
	FIGURE_REBUILD_MS, /* all that were, together */
	FIGURES
};

#define CHOICE_SETS_MAX 3
#define CHOICES_MAX 8 /* of one trade-off */

struct choice {
	enum tradeoff of;
	const char *name;
	const char *set[CHOICE_SETS_MAX]; /* overrides that make the scenario this one */
};

/* What is said: one choice has less of a figure than another one. */
struct claim {
	enum tradeoff of;
	const char *said;
	enum figure figure;
	const char *less, *more; /* choices */
	const char *reason;      /* why it may turn out otherwise here; NULL: it does not */
};

extern const struct choice choices[];
extern const size_t choice_count;
extern const struct claim claims[];
extern const size_t claim_count;

/* Which one the pattern is a choice of; false: of none. */
bool tradeoff_of(enum stream_pattern pattern, enum tradeoff *tradeoff);
/* "streaming against batching" */
const char *tradeoff_title(enum tradeoff tradeoff);
/* "p50 ms", for a table; and for a sentence: "the latency's median, in ms". */
const char *figure_head(enum figure figure);
const char *figure_name(enum figure figure);
/* Digits behind the point that it is shown with. */
int figure_digits(enum figure figure);
/* Columns of a terminal, with a blank before it. */
int figure_width(enum figure figure);

#endif
