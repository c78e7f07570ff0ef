/* SPDX-License-Identifier: ISC
 *
 * Counting what seeds came to.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "sim/fuzz/fuzz_tally.h"
#include "sim/scenario/keys.h"

static void
note_failure(struct tally *tally, uint64_t seed, const struct virtual_report *report)
{
	struct tally_failure *failure;

	if (tally->failures++ >= TALLY_FAILURES_MAX)
		return;
	failure = &tally->failure[tally->failures - 1];
	failure->seed = seed;
	strlcpy(failure->invariant, report->invariant, sizeof(failure->invariant));
	strlcpy(failure->finding, report->finding, sizeof(failure->finding));
}

void
tally_run(struct tally *tally, uint64_t seed, const struct drawn *drawn,
          const struct virtual_report *report)
{
	tally->runs++;
	tally->survivable += drawn->survivable;
	tally->events += report->events;
	tally->done += report->outcome == OUTCOME_DONE;
	tally->hash += rng_mix(report->trace_hash ^ rng_mix(seed));
	tally->copies += report->stats.copies;
	tally->copies_won += report->stats.copies_won;
	for (size_t i = 0; i < drawn->scenario.faults; i++)
		tally->injected[drawn->scenario.fault[i].what] += report->fault[i].injected;
	if (report->invariant[0] != '\0')
		note_failure(tally, seed, report);
}

void
tally_add(struct tally *tally, const struct tally *more)
{
	tally->runs += more->runs;
	tally->survivable += more->survivable;
	tally->events += more->events;
	tally->done += more->done;
	tally->hash += more->hash;
	tally->copies += more->copies;
	tally->copies_won += more->copies_won;
	tally->failures += more->failures;
	for (size_t i = 0; i < FAULT_KINDS; i++)
		tally->injected[i] += more->injected[i];
}

/* A kind that never happened in many runs was not tested at all. */
static void
print_kinds(const struct tally *tally)
{
	bool never = false;

	printf("# faults injected:");
	for (int i = 0; i < FAULT_KINDS; i++)
		if (tally->injected[i] > 0)
			printf(" %s %" PRIu64, key_name(key_of_value("faults[]", KEY_ACTION, i)),
			       tally->injected[i]);
	printf("\n");
	for (int i = 0; i < FAULT_KINDS; i++) {
		const struct key *key = key_of_value("faults[]", KEY_ACTION, i);
		if (tally->injected[i] > 0 || key == NULL)
			continue;
		printf("%s%s", never ? ", " : "# never injected: ", key_name(key));
		never = true;
	}
	if (never)
		printf("\n");
}

void
tally_print(const struct tally *tally, double seconds, unsigned jobs)
{
	printf("# %" PRIu64 " runs, %" PRIu64 " of them survivable, %" PRIu64
	       " ended with everything done\n",
	       tally->runs, tally->survivable, tally->done);
	print_kinds(tally);
	printf("# slow attempts copied: %" PRIu64 ", and overtaken by their copy: %" PRIu64 "\n",
	       tally->copies, tally->copies_won);
	printf("# %.0f runs and %.2f million events a second, %u side by side, audited after every "
	       "step\n",
	       (double)tally->runs / seconds, (double)tally->events / seconds / 1e6, jobs);
	printf("# trace hash of all: %016" PRIx64 "\n", tally->hash);
}
