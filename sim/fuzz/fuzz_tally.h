/* SPDX-License-Identifier: ISC
 *
 * What many seeds came to: counted by each lane of the fuzzer, added up by the fuzzer, printed.
 */
#ifndef SIM_FUZZ_FUZZ_TALLY_H
#define SIM_FUZZ_FUZZ_TALLY_H

#include "sim/fuzz/draw.h"

#define TALLY_FAILURES_MAX 8
#define FAULT_KINDS (FAULT_HEAL + 1)

struct tally_failure {
	uint64_t seed;
	char invariant[32];
	char finding[256];
};

struct tally {
	uint64_t seed; /* of a lane: the one it is at, for when it dies there */
	uint64_t runs, survivable, events, done;
	uint64_t copies, copies_won;
	uint64_t hash; /* of all traces, whatever their order */
	uint64_t injected[FAULT_KINDS];
	uint64_t failures; /* the first of them are in failure[] */
	struct tally_failure failure[TALLY_FAILURES_MAX];
};

void tally_run(struct tally *tally, uint64_t seed, const struct drawn *drawn,
               const struct virtual_report *report);
/* Adds `more` to tally, but for its failures. */
void tally_add(struct tally *tally, const struct tally *more);
/* The sum, as TAP comments. */
void tally_print(const struct tally *tally, double seconds, unsigned jobs);

#endif
