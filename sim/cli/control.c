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

/* The run that was judged and two more of the same, which show what chance alone makes differ. */
#define SAME_RUNS 3
#define NOTICED_MS 50

enum row {
	JOB_MS,
	LIVES,
	GENERATIONS,
	JOINED,
	DIED,
	HUNG,
	SCALED,
	HANDED_BACK,
	TAKEOVERS,
	RETRIES,
	LOST_TO_DATA,
	LOST_TO_HANGS,
	REFUSED,
	DAMAGED,
	REMADE,
	DEAD_LETTERS,
	SUSPICIONS,
	POWER_LOSSES,
	MIDNIGHTS,
	STATE,
	ROWS,
};

static const char *const row_names[ROWS] = {
    [JOB_MS] = "milliseconds in the job",
    [LIVES] = "starts of the director",
    [GENERATIONS] = "generations",
    [JOINED] = "workers that joined",
    [DIED] = "workers that died",
    [HUNG] = "workers that hung",
    [SCALED] = "scaled or drained",
    [HANDED_BACK] = "leases handed back",
    [TAKEOVERS] = "takeovers",
    [RETRIES] = "retries",
    [LOST_TO_DATA] = "attempts lost to data",
    [LOST_TO_HANGS] = "attempts lost to hangs",
    [REFUSED] = "stale commits refused",
    [DAMAGED] = "damaged frames",
    [REMADE] = "maps made again",
    [DEAD_LETTERS] = "dead letters",
    [SUSPICIONS] = "suspicions",
    [POWER_LOSSES] = "losses of power",
    [MIDNIGHTS] = "midnights passed",
    [STATE] = "final state of the run",
};

struct outcome {
	int64_t row[ROWS];
};

struct range {
	int64_t low[ROWS], high[ROWS];
};

/* What the facts do not count, as no expectation is about it. */
static int
count_events(const struct run *run, int64_t *row)
{
	struct eventlog_reader reader;
	struct logged record;
	char path[PATH_MAX];
	int more = eventlog_reader_open(&reader, rundir_file(&run->dir, RUN_EVENTS, path));

	if (more != 0)
		return more;
	while ((more = eventlog_next(&reader, &record)) == 1) {
		uint16_t kind = record.step.kind;
		row[LIVES] += kind == NOTE_RUN_STARTED;
		row[JOINED] += kind == EV_WORKER_JOINED;
		row[HANDED_BACK] += kind == EV_TASK_RETURNED;
		row[SCALED] += kind == EV_SCALE || kind == EV_SLOT_DRAIN;
	}
	eventlog_reader_close(&reader);
	return more;
}

static bool
passed_midnight(const struct facts *facts)
{
	char submitted[CALENDAR_DATE_SIZE], read[CALENDAR_DATE_SIZE];

	calendar_date(facts->submitted_s * NS_PER_S, submitted);
	calendar_date(facts->read_s * NS_PER_S, read);
	return strcmp(submitted, read) != 0;
}

static void
take_rows(const struct facts *facts, int64_t *row)
{
	row[JOB_MS] = facts->job_ns / NS_PER_MS;
	row[GENERATIONS] = (int64_t)facts->generations;
	row[DIED] = (int64_t)facts->deaths;
	row[HUNG] = (int64_t)facts->hangs;
	row[TAKEOVERS] = (int64_t)facts->takeovers;
	row[RETRIES] = (int64_t)facts->retries;
	row[LOST_TO_DATA] = (int64_t)facts->counts.attempts[CAUSE_DATA];
	row[LOST_TO_HANGS] = (int64_t)facts->counts.attempts[CAUSE_HANG];
	row[REFUSED] = (int64_t)facts->fenced;
	row[DAMAGED] = (int64_t)facts->damaged;
	row[REMADE] = (int64_t)facts->remade;
	row[DEAD_LETTERS] = (int64_t)facts->counts.dead_records;
	row[SUSPICIONS] = (int64_t)facts->suspected;
	row[POWER_LOSSES] = (int64_t)facts->power_losses;
	row[MIDNIGHTS] = passed_midnight(facts);
	row[STATE] = facts->run.state;
}

static int
outcome_of(const char *path, struct outcome *outcome)
{
	struct run run;
	struct store_run info;
	struct facts facts;
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
		failed = facts_gather(&facts, &run);
	if (failed == 0) {
		take_rows(&facts, outcome->row);
		failed = count_events(&run, outcome->row);
	}
	run_fini(&run);
	return failed;
}

static void
range_add(struct range *range, const struct outcome *outcome)
{
	for (int i = 0; i < ROWS; i++) {
		if (outcome->row[i] < range->low[i])
			range->low[i] = outcome->row[i];
		if (outcome->row[i] > range->high[i])
			range->high[i] = outcome->row[i];
	}
}

/* As far again from what the same runs came to as they are from each other could be chance.  Times
 * are never the same: half of them more or less is nothing. */
static bool
differs(const struct range *range, enum row row, int64_t without)
{
	int64_t low = range->low[row], high = range->high[row];

	if (row == JOB_MS)
		return without < low / 2 - NOTICED_MS || without > high + high / 2 + NOTICED_MS;
	return without < low - (high - low) || without > high + (high - low);
}

static bool
print_differences(const struct range *range, const struct outcome *without, const char *left_out,
                  FILE *out)
{
	bool differ = false;

	for (int i = 0; i < ROWS; i++) {
		if (!differs(range, (enum row)i, without->row[i]))
			continue;
		fprintf(out, "control: %s: %lld", row_names[i], (long long)range->low[i]);
		if (range->high[i] != range->low[i])
			fprintf(out, " to %lld", (long long)range->high[i]);
		fprintf(out, ", %lld without %s\n", (long long)without->row[i], left_out);
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

/* Plays the scenario of that run again in a directory beside it, without fault number `index`, or
 * as it is if that is negative. */
static int
play_beside(const struct run *run, const char *suffix, int index, struct outcome *outcome)
{
	FILE *nowhere = fopen("/dev/null", "we");
	struct life life = {.output = OUTPUT_TEXT, .out = nowhere, .quiet = true};
	char file[PATH_MAX], path[PATH_MAX];
	struct run control;
	int code;

	if (nowhere == NULL)
		return EXIT_INTERNAL;
	snprintf(path, sizeof(path), "%.*s.%s", PATH_MAX - 64, run->dir.path, suffix);
	code = life_prepare(&control, rundir_file(&run->dir, RUN_SCENARIO, file), NULL, 0, path);
	if (code == 0) {
		if (index >= 0)
			leave_out(&control.scenario, (size_t)index);
		code = life_with_operator(&control, &life);
	}
	/* Its expectations may well fail: they were made for the faults. */
	if (code == EXIT_MET || code == EXIT_UNMET || code == EXIT_INCONCLUSIVE)
		code = outcome_of(path, outcome) == 0 ? 0 : EXIT_INTERNAL;
	run_fini(&control);
	fclose(nowhere);
	return code;
}

static int
compare(const struct run *run, const struct range *range, size_t index, FILE *out)
{
	bool all = index >= run->scenario.faults;
	const char *left_out = all ? "the faults" : run->scenario.fault[index].id;
	struct outcome without;
	char suffix[64];
	int code;

	snprintf(suffix, sizeof(suffix), "without-%s", all ? "faults" : left_out);
	code = play_beside(run, suffix, (int)index, &without);
	if (code != 0 || print_differences(range, &without, left_out, out))
		return code;
	complain("--control: without %s everything was the same, or differed no more than by "
	         "chance: %s nothing (inconclusive)",
	         left_out, all ? "they prove" : "it proves");
	return EXIT_INCONCLUSIVE;
}

static int
measure_chance(const struct run *run, struct range *range)
{
	struct outcome same;
	char suffix[24];
	int code;

	if (outcome_of(run->dir.path, &same) != 0)
		return EXIT_INTERNAL;
	memcpy(range->low, same.row, sizeof(range->low));
	memcpy(range->high, same.row, sizeof(range->high));
	for (int i = 2; i <= SAME_RUNS; i++) {
		snprintf(suffix, sizeof(suffix), "same-%d", i);
		code = play_beside(run, suffix, -1, &same);
		if (code != 0)
			return code;
		range_add(range, &same);
	}
	return 0;
}

int
control_compare(const struct run *run, const struct options *options)
{
	const struct scenario *scenario = &run->scenario;
	FILE *out = options->json ? stderr : stdout;
	struct range range;
	size_t required = 0;
	int code, compared;

	if (scenario->faults == 0) {
		complain("--control: the scenario has no faults to leave out");
		return EXIT_INCONCLUSIVE;
	}
	code = measure_chance(run, &range);
	if (code != 0)
		return code;
	for (size_t i = 0; i < scenario->faults; i++) {
		if (scenario->fault[i].optional)
			continue;
		required++;
		compared = compare(run, &range, i, out);
		if (compared != EXIT_MET && compared != EXIT_INCONCLUSIVE)
			return compared;
		if (compared == EXIT_INCONCLUSIVE)
			code = compared;
	}
	return required > 0 ? code : compare(run, &range, scenario->faults, out);
}
