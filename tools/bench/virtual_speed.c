/* SPDX-License-Identifier: ISC
 *
 * How fast the virtual world is: events of the coordinator a second without its audit, chaotic runs
 * of 1,000 tasks a second with it, and one run with 10,000 workers and 1,000,000 tasks.
 *
 *     virtual_speed
 *
 * Prints `events: N /s`, `chaos: N runs/s` and `large: N s N MiB`, of the processor's time.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "sim/virtual/virtual.h"

#define CHAOS_RUNS 500
#define LARGE_WORKERS 10000

static const char plain[] = "scenario: 1\nname: plain\nabout: No faults.\n"
			    "limits: {wall: 1h}\n"
			    "job: {kind: noop, tasks: 1000000 tasks}\n"
			    "workers: {count: 8, credit: 16}\n"
			    "expect: [{job: done}]\n";

static const char chaos[] =
    "scenario: 1\nname: chaos\nabout: All kinds of faults.\n"
    "limits: {wall: 1h}\n"
    "job: {kind: noop, tasks: 1000 tasks}\n"
    "workers: {count: 8, restart: {max: 100, within: 10s}}\n"
    "recovery:\n"
    "  retry: {attempts: 10, backoff: 10ms..1s}\n"
    "  lease: {ttl: 2s}\n"
    "  heartbeat: {every: 20ms, suspect: 100ms, dead: 400ms}\n"
    "faults:\n"
    "  - {id: k1, at: worker.before_commit, chance: 1%, kill: self, times: every}\n"
    "  - {id: k2, at: worker.after_commit_before_report, chance: 1%, kill: self, times: every}\n"
    "  - {id: z1, at: worker.in_transaction, nth: 40, pause: self, for: 600ms, times: 3}\n"
    "  - {id: d1, at: worker.send, chance: 1%, drop: self, times: every}\n"
    "  - {id: u1, at: supervisor.send, chance: 1%, duplicate: self, times: every}\n"
    "  - {id: s1, when: progress >= 50%, kill: supervisor}\n"
    "expect: [{job: done}]\n";

static void
load(struct scenario *scenario, struct virtual_plan *plan, const char *text)
{
	if (scenario_load_text(scenario, "bench", text, strlen(text), NULL, 0, stderr) != 0 ||
	    virtual_plan_init(plan, scenario) != 0)
		exit(1);
}

static void
play(const struct scenario *scenario, const struct virtual_plan *plan, bool audit,
     struct virtual_report *report)
{
	struct virtual_options options = {.audit = audit};

	if (virtual_run(scenario, plan, &options, report) != 0 || report->outcome != OUTCOME_DONE ||
	    report->invariant[0] != '\0') {
		fprintf(stderr, "seed %llu: %s: %s\n", (unsigned long long)scenario->seed,
		        report->invariant, report->finding);
		exit(1);
	}
}

static double
processor_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
measure_events(void)
{
	struct virtual_report report;
	struct virtual_plan plan;
	struct scenario scenario;
	double began_s;

	load(&scenario, &plan, plain);
	began_s = processor_s();
	play(&scenario, &plan, false, &report);
	printf("events: %.0f /s\n", (double)report.events / (processor_s() - began_s));
	virtual_plan_fini(&plan);
	scenario_fini(&scenario);
}

static void
measure_chaos(void)
{
	struct virtual_report report;
	struct virtual_plan plan;
	struct scenario scenario;
	double began_s;

	load(&scenario, &plan, chaos);
	began_s = processor_s();
	for (scenario.seed = 1; scenario.seed <= CHAOS_RUNS; scenario.seed++)
		play(&scenario, &plan, true, &report);
	printf("chaos: %.0f runs/s\n", CHAOS_RUNS / (processor_s() - began_s));
	virtual_plan_fini(&plan);
	scenario_fini(&scenario);
}

static void
measure_large(void)
{
	struct virtual_report report;
	struct virtual_plan plan;
	struct scenario scenario;
	struct rusage usage;
	double began_s;

	load(&scenario, &plan, plain);
	/* More than a scenario of processes may have. */
	scenario.core.workers = scenario.core.slots = LARGE_WORKERS;
	scenario.core.credit = 2;
	began_s = processor_s();
	play(&scenario, &plan, false, &report);
	getrusage(RUSAGE_SELF, &usage);
	printf("large: %.2f s %ld MiB\n", processor_s() - began_s, usage.ru_maxrss / 1024);
	virtual_plan_fini(&plan);
	scenario_fini(&scenario);
}

int
main(void)
{
	measure_events();
	measure_chaos();
	measure_large();
	return 0;
}
