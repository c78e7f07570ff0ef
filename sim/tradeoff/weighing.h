/* SPDX-License-Identifier: ISC
 *
 * What the runs of a trade-off come to, and what that means for what is said of it.
 */
#ifndef SIM_TRADEOFF_WEIGHING_H
#define SIM_TRADEOFF_WEIGHING_H

#include <stdio.h>

#include "sim/compare/compare.h"
#include "sim/sweep/trial.h"
#include "sim/tradeoff/choices.h"
#include "sim/util/scratch.h"

#define WEIGHING_ROUNDS 3
#define WEIGHING_NS (60 * NS_PER_S) /* no further round after this */
/* Times are known within a quarter, and two that are closer than that are the same. */
#define WEIGHING_SAME 1.25

/* One choice. */
struct weighed {
	const struct choice *choice;
	struct scenario scenario;
	unsigned rounds, tries;
	double figure[FIGURES][WEIGHING_ROUNDS];
	char failed[112];  /* the promise that did not hold; "" = all did */
	char unlanded[48]; /* the fault that did not happen; "" = all did */
};

struct weighing {
	const struct compare_options *options;
	struct scenario scenario; /* as the file has it */
	enum tradeoff tradeoff;
	struct scratch scratch;
	struct weighed side[CHOICES_MAX];
	size_t sides;
	struct trial_result *result; /* shared with the process that plays */
	unsigned rounds;
	int64_t took_ns;
};

enum answer {
	ANSWER_OPEN, /* one of the two was not measured */
	ANSWER_SO,
	ANSWER_SAME,
	ANSWER_OTHERWISE
};

/* play.c: everything up to the first run; the runs.  0, or an exit code after saying why. */
int weighing_init(struct weighing *weighing, const struct compare_options *options);
void weighing_fini(struct weighing *weighing);
int weighing_play(struct weighing *weighing);

/* weighing.c */
void weighed_add(struct weighed *side, const struct trial_result *result);
/* The median of its rounds. */
double weighed_figure(const struct weighed *side, enum figure figure);
enum answer claim_answer(const struct weighing *weighing, const struct claim *claim);
/* "so", "the same", "otherwise", "open" */
const char *answer_name(enum answer answer);
/* "the latency's median, in ms: streaming 0.64, batching 98.30", and why. */
void claim_print(const struct weighing *weighing, const struct claim *claim, FILE *out);
int weighing_exit_code(const struct weighing *weighing);

/* print.c, csv.c, page.c: say it.  document: the struct weighing.  0 or -errno. */
int weighing_print(const void *document, FILE *out);
int weighing_csv(const void *document, FILE *out);
int weighing_html(const void *document, FILE *out);

#endif
