/* SPDX-License-Identifier: ISC
 *
 * The verdict on a run: invariants, expectations, landed faults; and its exit code.
 */
#ifndef SIM_VERDICT_VERDICT_H
#define SIM_VERDICT_VERDICT_H

#include <stdio.h>

#include "sim/process/director.h"
#include "sim/verdict/facts.h"
#include "sim/verdict/ledger.h"

#define VERDICT_LINES_MAX 128

enum line_result {
	LINE_OK,
	LINE_FAILED,
	LINE_OPEN,   /* could not be judged */
	LINE_SKIPPED /* a fault that this host cannot do: as open, but no mistake of the run's */
};

struct verdict_line {
	enum line_result result;
	char name[112]; /* "I1 every record is in the sink or in dead letters, once", "job: done" */
	char detail[512]; /* what was found, in words */
};

struct verdict {
	struct facts facts;
	struct ledger_finding ledger;
	bool ledger_read; /* the ledger's pass was made */
	struct verdict_line line[VERDICT_LINES_MAX];
	size_t lines;
	int64_t verdict_ns; /* time the verdict itself took */
	int exit_code;
};

/* Judges a run whose job has ended, or was stopped (end says so).  0, or -errno after saying why.
 */
int verdict_give(struct verdict *verdict, struct run *run, enum director_end end);

/* Adds a line; for the parts of the verdict. */
void verdict_add(struct verdict *verdict, enum line_result result, const char *name,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* verdict_invariants.c, verdict_expect.c */
void verdict_invariants(struct verdict *verdict, struct run *run, enum director_end end);
void verdict_expectations(struct verdict *verdict, struct run *run);
void verdict_faults(struct verdict *verdict, struct run *run);
/* verdict_etl.c: what only jobs with a sink promise; and, after all else, the promises that a naive
 * strategy is expected to break. */
void verdict_etl(struct verdict *verdict, const struct run *run);
void verdict_breaks(struct verdict *verdict, const struct run *run);

/* verdict_graph.c: what only graphs promise. */
void verdict_graph(struct verdict *verdict, const struct run *run);

/* verdict_report.c: for people, as TAP (numbered from *next on; each name prefixed), as one JSON
 * object. */
void verdict_print(const struct verdict *verdict, const struct run *run, FILE *out);
void verdict_print_tap(const struct verdict *verdict, const struct run *run, unsigned *next,
                       FILE *out);
int verdict_print_json(const struct verdict *verdict, const struct run *run, FILE *out);

/* Parts of them. */
struct json_t;
const char *verdict_outcome_text(const struct facts *facts);
void verdict_print_lines(const struct verdict *verdict, FILE *out);
void verdict_print_result(const struct verdict *verdict, FILE *out);
struct json_t *verdict_lines_json(const struct verdict *verdict);
/* What the real and the virtual world must agree on when they play the same scenario. */
struct json_t *verdict_agree_json(const struct facts *facts);

#endif
