/* SPDX-License-Identifier: ISC
 *
 * The control runs and what is compared.
 */
#include <stdio.h>
#include <string.h>

#include "sim/cli/control.h"
#include "sim/cli/life.h"
#include "sim/rundir/eventlog.h"
#include "sim/util/calendar.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

/* Times are compared, too, but no two runs take the same one. */
#define LONGER(a, b) ((a) > (b) + (b) / 2 + 50 * NS_PER_MS)

struct outcome {
	struct facts facts;
	uint64_t lives, joined, handed_back, scaled;
};

/* What the facts do not count, as no expectation is about it. */
static int
count_events(const struct run *run, struct outcome *outcome)
{
	struct eventlog_reader reader;
	struct logged record;
	char path[PATH_MAX];
	int more = eventlog_reader_open(&reader, rundir_file(&run->dir, RUN_EVENTS, path));

	if (more != 0)
		return more;
	while ((more = eventlog_next(&reader, &record)) == 1) {
		outcome->lives += record.step.kind == NOTE_RUN_STARTED;
		outcome->joined += record.step.kind == EV_WORKER_JOINED;
		outcome->handed_back += record.step.kind == EV_TASK_RETURNED;
		outcome->scaled +=
		    record.step.kind == EV_SCALE || record.step.kind == EV_SLOT_DRAIN;
	}
	eventlog_reader_close(&reader);
	return more;
}

static int
outcome_of(const char *path, struct outcome *outcome)
{
	struct run run;
	struct store_run info;
	char error[PATH_MAX + 256];
	int failed;

	memset(outcome, 0, sizeof(*outcome));
	run_init(&run);
	failed = rundir_open(&run.dir, path, error, sizeof(error));
	if (failed == 0)
		failed = run_load(&run, NULL, 0);
	if (failed == 0)
		failed = run_reopen(&run, &info, false);
	if (failed == 0)
		failed = facts_gather(&outcome->facts, &run);
	if (failed == 0)
		failed = count_events(&run, outcome);
	run_fini(&run);
	return failed;
}

static bool
print_time(const struct outcome *with, const struct outcome *without, const char *left_out,
           FILE *out)
{
	int64_t with_ns = with->facts.job_ns, without_ns = without->facts.job_ns;

	if (!LONGER(with_ns, without_ns) && !LONGER(without_ns, with_ns))
		return false;
	fprintf(out, "control: time in the job: %.2f s, %.2f s without %s\n",
	        (double)with_ns / NS_PER_S, (double)without_ns / NS_PER_S, left_out);
	return true;
}

static bool
passed_midnight(const struct facts *facts)
{
	char submitted[16], read[16];

	calendar_date(facts->submitted_s * NS_PER_S, submitted);
	calendar_date(facts->read_s * NS_PER_S, read);
	return strcmp(submitted, read) != 0;
}

static bool
print_differences(const struct outcome *with, const struct outcome *without, const char *left_out,
                  FILE *out)
{
	const struct facts *w = &with->facts, *o = &without->facts;
	const struct {
		const char *name;
		uint64_t with, without;
	} rows[] = {
	    {"starts of the director", with->lives, without->lives},
	    {"generations", w->generations, o->generations},
	    {"workers that joined", with->joined, without->joined},
	    {"workers that died", w->deaths, o->deaths},
	    {"workers that hung", w->hangs, o->hangs},
	    {"scaled or drained", with->scaled, without->scaled},
	    {"leases handed back", with->handed_back, without->handed_back},
	    {"takeovers", w->takeovers, o->takeovers},
	    {"retries", w->retries, o->retries},
	    {"attempts lost to data", w->counts.attempts[CAUSE_DATA],
	     o->counts.attempts[CAUSE_DATA]},
	    {"attempts lost to hangs", w->counts.attempts[CAUSE_HANG],
	     o->counts.attempts[CAUSE_HANG]},
	    {"stale commits refused", w->fenced, o->fenced},
	    {"damaged frames", w->damaged, o->damaged},
	    {"dead letters", w->counts.dead_records, o->counts.dead_records},
	    {"suspicions", w->suspected, o->suspected},
	    {"losses of power", w->power_losses, o->power_losses},
	    {"midnights passed", passed_midnight(w), passed_midnight(o)},
	    {"final state of the run", w->run.state, o->run.state},
	};
	bool differ = print_time(with, without, left_out, out);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].with == rows[i].without)
			continue;
		fprintf(out, "control: %s: %llu, %llu without %s\n", rows[i].name,
		        (unsigned long long)rows[i].with, (unsigned long long)rows[i].without,
		        left_out);
		differ = true;
	}
	return differ;
}

static bool
moves_workers(const struct fault *fault)
{
	return fault->what == FAULT_SCALE || fault->what == FAULT_DRAIN;
}

static bool
happens_after(const struct scenario *scenario, size_t index, size_t other)
{
	int at = (int)index;

	/* Nobody can leave who never came. */
	if (index > other && moves_workers(&scenario->fault[index]) &&
	    moves_workers(&scenario->fault[other]))
		return true;

	while (at >= 0 && at != (int)other)
		at = scenario->fault[at].follows;
	return at >= 0;
}

/* Without the fault, and without what only happens after it; without any if index is that of none.
 */
static void
leave_out(struct scenario *scenario, size_t index)
{
	bool out[SCENARIO_FAULTS_MAX];

	for (size_t i = 0; i < scenario->faults; i++)
		out[i] = index >= scenario->faults || happens_after(scenario, i, index);
	for (size_t i = scenario->faults; i-- > 0;)
		if (out[i])
			scenario_faults_drop(scenario, i, 1);
}

static int
run_without(const struct run *run, size_t index, const char *name, struct outcome *outcome)
{
	FILE *nowhere = fopen("/dev/null", "we");
	struct life life = {.output = OUTPUT_TEXT, .out = nowhere, .quiet = true};
	char file[PATH_MAX], path[PATH_MAX];
	struct run control;
	int code;

	if (nowhere == NULL)
		return EXIT_INTERNAL;
	snprintf(path, sizeof(path), "%.*s.without-%s", PATH_MAX - 64, run->dir.path, name);
	code = life_prepare(&control, rundir_file(&run->dir, RUN_SCENARIO, file), NULL, 0, path);
	if (code == 0) {
		leave_out(&control.scenario, index);
		code = life_needs_operator(&control.scenario) ? life_with_operator(&control, &life)
		                                              : life_first(&control, &life);
	}
	/* Its expectations may well fail: they were made for the faults. */
	if (code == EXIT_MET || code == EXIT_UNMET || code == EXIT_INCONCLUSIVE)
		code = outcome_of(path, outcome) == 0 ? 0 : EXIT_INTERNAL;
	run_fini(&control);
	fclose(nowhere);
	return code;
}

static int
compare(const struct run *run, const struct outcome *with, size_t index, FILE *out)
{
	bool all = index >= run->scenario.faults;
	const char *left_out = all ? "the faults" : run->scenario.fault[index].id;
	struct outcome without;
	int code = run_without(run, index, all ? "faults" : left_out, &without);

	if (code != 0 || print_differences(with, &without, left_out, out))
		return code;
	complain("--control: without %s everything was the same: %s nothing (inconclusive)",
	         left_out, all ? "they prove" : "it proves");
	return EXIT_INCONCLUSIVE;
}

int
control_compare(const struct run *run, const struct options *options)
{
	const struct scenario *scenario = &run->scenario;
	FILE *out = options->json ? stderr : stdout;
	struct outcome with;
	size_t required = 0;
	int code = EXIT_MET;

	if (scenario->faults == 0) {
		complain("--control: the scenario has no faults to leave out");
		return EXIT_INCONCLUSIVE;
	}
	if (outcome_of(run->dir.path, &with) != 0)
		return EXIT_INTERNAL;
	for (size_t i = 0; i < scenario->faults; i++) {
		if (scenario->fault[i].optional)
			continue;
		int compared = compare(run, &with, i, out);
		if (compared != EXIT_MET && compared != EXIT_INCONCLUSIVE)
			return compared;
		code = compared == EXIT_MET ? code : compared;
		required++;
	}
	return required > 0 ? code : compare(run, &with, scenario->faults, out);
}
