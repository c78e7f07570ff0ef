/* SPDX-License-Identifier: ISC
 *
 * What a comparison knows: for each strategy its runs without faults, its runs with those of the
 * scenario, and the grid of single kills.
 */
#ifndef SIM_COMPARE_COMPARISON_H
#define SIM_COMPARE_COMPARISON_H

#include <limits.h>

#include "sim/compare/code_size.h"
#include "sim/compare/compare.h"
#include "sim/sweep/trial.h"
#include "sim/util/scratch.h"

#define ROUNDS_MAX 3
#define ROUNDS_NS (60 * NS_PER_S) /* no further round after this */
#define GRID_KILLS 3              /* at each point: its first hit, its last, one in the middle */

/* What became of a run, the worst last. */
enum fate {
	FATE_NONE,     /* nothing was played */
	FATE_UNLANDED, /* a fault did not happen: nothing is shown */
	FATE_CLEAN,
	FATE_BROKEN, /* nothing lost, nothing doubled, but another promise broken */
	FATE_STUCK,  /* the job did not get done */
	FATE_DOUBLED,
	FATE_LOST,
	FATE_BOTH,
	FATES
};

/* One run, in memory that is shared with the process that played it. */
struct played {
	struct trial_result trial;
	uint64_t written; /* bytes that all its processes handed to write(); 0 = not known */
};

/* Runs of one kind: the most of what went wrong, the median of what it cost. */
struct side_tally {
	enum fate worst;
	unsigned rounds;
	uint64_t lost, doubled, effects_lost, effects_doubled, redone;
	int64_t time_ns[ROUNDS_MAX], recovery_ns[ROUNDS_MAX];
	uint64_t written[ROUNDS_MAX];
	char failed[112];  /* the promise that did not hold, of the worst */
	char unlanded[48]; /* a fault that did not happen */
};

struct cell {
	struct side_tally tally;
	uint32_t planned, landed; /* kills */
	uint32_t nth;             /* the hit that was worst */
};

enum side_verdict {
	SIDE_CLEAN,
	SIDE_CAUGHT, /* naive, and seen to lose or double */
	SIDE_FAILED, /* correct, and not clean */
	SIDE_MISSED, /* naive, and nothing was seen */
	SIDE_OPEN,   /* a fault did not land */
	SIDE_REFUSED /* the scenario cannot be played with it */
};

/* One strategy. */
struct side {
	enum strategy_id strategy;
	struct scenario scenario; /* as it is played with this strategy */
	bool loaded;
	char refused[256]; /* why it cannot be; "" = it can */
	struct code_size code;
	struct side_tally calm, hurt; /* without faults, and with the scenario's */
	struct cell cell[POINTS];
};

struct comparison {
	const struct compare_options *options;
	struct scenario scenario; /* as the file has it */
	struct scratch scratch;
	char input[PATH_MAX]; /* made for all of them */
	struct side side[STRATEGY_IDS];
	size_t sides;
	struct played *played; /* shared; one for each of options->jobs */
	uint64_t records;
	unsigned rounds;
	int64_t took_ns;
};

/* setup.c: everything up to the first run.  0, or an exit code after saying why. */
int comparison_init(struct comparison *comparison, const struct compare_options *options);
void comparison_fini(struct comparison *comparison);

/* rounds.c, grid.c: play.  0, or an exit code. */
int comparison_rounds(struct comparison *comparison);
int comparison_grid(struct comparison *comparison);

/* fate.c */
enum fate fate_of(const struct played *played);
void side_tally_add(struct side_tally *tally, const struct played *played);
bool fate_is_harm(enum fate fate);
enum side_verdict side_verdict_of(const struct comparison *comparison, const struct side *side);
/* The grid's letter for a cell: what became of it; '.' and digits: how much was done again. */
char cell_letter(const struct comparison *comparison, const struct cell *cell);
/* In words, for people: "doubled", "caught". */
const char *fate_name(enum fate fate);
const char *side_verdict_name(enum side_verdict verdict);
int64_t side_time_ns(const struct side_tally *tally);
int64_t side_recovery_ns(const struct side_tally *tally);
uint64_t side_written(const struct side_tally *tally);
int comparison_exit_code(const struct comparison *comparison);

/* words.c: what a side's verdict rests on, in a sentence without its end, fit for a terminal. */
void side_print_reason(const struct comparison *comparison, const struct side *side, FILE *out);
/* The cell's letter explained: "doubled: 10 rows and 10 effects too many, 0 ..." */
void cell_print(const struct comparison *comparison, const struct cell *cell, FILE *out);
/* The whole comparison in a word and a sentence. */
const char *comparison_result(const struct comparison *comparison);
const char *comparison_result_text(const struct comparison *comparison);

/* Plays the trial in this process, which must be a child made for it, and notes what it wrote. */
int comparison_play(const struct trial *trial, struct played *played);

/* print.c, csv.c, page.c: say it.  document: the struct comparison.  0 or -errno. */
int comparison_print(const void *document, FILE *out);
int comparison_csv(const void *document, FILE *out);
int comparison_html(const void *document, FILE *out);

#endif
