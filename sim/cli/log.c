/* SPDX-License-Identifier: ISC
 *
 * graveshift log: the event log in words or as JSON lines, filtered, and followed while the run
 * goes on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/look.h"
#include "sim/cli/orders.h"
#include "sim/command/errors.h"
#include "sim/fault/hand.h"
#include "sim/fault/script.h"
#include "sim/job/csv.h"
#include "sim/rundir/eventlog.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define FOLLOW_STEP_NS (50 * NS_PER_MS)

struct filter {
	int64_t task, slot; /* -1: any */
	uint32_t tasks;     /* with task: so many from it on */
	const char *kind;   /* NULL: any */
	bool json;
	int64_t started_ns;
};

static bool
read_filter(const struct options *options, struct filter *filter)
{
	const char *problem = NULL;

	filter->task = filter->slot = -1;
	filter->tasks = 1;
	filter->kind = options->kind;
	filter->json = options->json;
	if (options->task != NULL)
		filter->task = strtonum(options->task, 0, UINT32_MAX, &problem);
	if (problem == NULL && options->slot != NULL)
		filter->slot = strtonum(options->slot + (options->slot[0] == 'w'), 0,
		                        CORE_SLOTS_MAX, &problem);
	if (problem != NULL) {
		complain("--task takes a task's number and --slot a slot's, such as w2: it is %s",
		         problem);
		return false;
	}
	if (filter->kind == NULL)
		return true;
	for (unsigned kind = 0; kind < CORE_KINDS; kind++)
		if (strcmp(core_kind_name(kind), filter->kind) == 0)
			return true;
	complain("no event is called %s; they are:", filter->kind);
	for (unsigned kind = 0; kind < CORE_KINDS; kind++)
		fprintf(stderr, "  %s\n", core_kind_name(kind));
	return false;
}

/* The order's tasks instead of one. */
static bool
read_order(const struct options *options, const struct run *run, struct filter *filter)
{
	uint32_t task;

	if (options->order == NULL)
		return true;
	if (options->task != NULL) {
		complain("--task and --order exclude each other");
		return false;
	}
	if (!orders_find(&run->scenario.job, options->order, &task))
		return false;
	filter->task = task;
	filter->tasks = (uint32_t)run->scenario.job.steps;
	return true;
}

static bool
passes(const struct filter *filter, const struct core_step *step)
{
	return (filter->task < 0 ||
	        (step->task >= filter->task && step->task - filter->task < filter->tasks)) &&
	       (filter->slot < 0 || step->slot == filter->slot) &&
	       (filter->kind == NULL || strcmp(core_kind_name(step->kind), filter->kind) == 0);
}

static bool
has_cause(const struct core_step *step)
{
	return step->kind == EV_TASK_FAILED || step->kind == ACT_FENCE || step->kind == ACT_KILL ||
	       step->kind == ACT_BURY || step->kind == ACT_COPY_FENCE;
}

static bool
has_slot(const struct core_step *step)
{
	static const unsigned char kinds[CORE_KINDS] = {
	    [EV_WORKER_JOINED] = 1, [EV_WORKER_EXITED] = 1,  [EV_BEAT] = 1,
	    [EV_TASK_DONE] = 1,     [EV_TASK_FAILED] = 1,    [EV_COMMIT_REFUSED] = 1,
	    [EV_TASK_RETURNED] = 1, [EV_PROBE_SURVIVED] = 1, [ACT_SPAWN] = 1,
	    [ACT_ASSIGN] = 1,       [ACT_KILL] = 1,          [ACT_SUSPECT] = 1,
	    [ACT_FENCE] = 1,        [ACT_QUARANTINE] = 1,    [ACT_DISMISS] = 1,
	    [NOTE_FAULT] = 1,       [NOTE_FAULT_LANDED] = 1, [EV_SLOT_DRAIN] = 1,
	    [ACT_COPY] = 1,         [ACT_COPY_FENCE] = 1,    [ACT_OVERTAKEN] = 1};

	return step->slot != CORE_NO_SLOT && kinds[step->kind];
}

static bool
is_about_fault(const struct core_step *step)
{
	return step->kind == NOTE_FAULT || step->kind == NOTE_FAULT_LANDED ||
	       step->kind == NOTE_SCRIPT_DUE;
}

/* Its record is the task to blame, or none. */
static bool
is_about_skipped(const struct core_step *step)
{
	return step->kind == ACT_SKIP ||
	       (step->kind == EV_TASK_RESTORED && core_restored_state(step->value) == TASK_SKIPPED);
}

/* What the command said in its own words. */
static void
print_errors(const struct core_step *step, const struct run *run)
{
	char line[ERRORS_LINE_MAX];

	errors_line(&run->dir, step->task, step->epoch, line);
	if (line[0] != '\0')
		printf(": %s", line);
}

static void
print_text(const struct logged *record, const struct filter *filter, const struct run *run)
{
	const struct core_step *step = &record->step;
	const struct scenario_job *job = &run->scenario.job;
	char name[80];

	printf("%12.6f g%u %-17s", (double)(step->at_ns - filter->started_ns) / (double)NS_PER_S,
	       record->generation, core_kind_name(step->kind));
	if (has_slot(step))
		printf(" w%u", step->slot);
	if (step->task != CORE_NO_TASK)
		printf(" task %u epoch %u", step->task, step->epoch);
	if (step->task != CORE_NO_TASK && job->kind == JOB_GRAPH)
		printf(" (%s)", scenario_record_text(job, step->task, name, sizeof(name)));
	if (has_cause(step))
		printf(" %s", cause_name(step->cause));
	if (is_about_fault(step) && step->record < run->scenario.faults)
		printf(" %s", run->scenario.fault[step->record].id);
	else if (is_about_skipped(step) && step->record == CORE_NO_TASK)
		printf(" not needed");
	else if (is_about_skipped(step))
		printf(" because of task %" PRIu64, step->record);
	else if (step->record != 0 && step->record != CORE_NO_RECORD)
		printf(" record %" PRIu64, step->record);
	if (step->kind == NOTE_SCRIPT)
		printf(" %s", script_change_name((unsigned)step->value));
	else if (step->value != 0)
		printf(" value %" PRIu64, step->value);
	if (step->kind == EV_TASK_FAILED && step->value != 0)
		printf(" (%s)", record_reason_text((unsigned)step->value));
	if (step->kind == EV_TASK_FAILED && scenario_has_commands(&run->scenario.job))
		print_errors(step, run);
	putchar('\n');
}

static void
print_json(const struct logged *record, const struct filter *filter)
{
	const struct core_step *step = &record->step;

	printf("{\"t\": %.9f, \"generation\": %u, \"kind\": \"%s\"",
	       (double)(step->at_ns - filter->started_ns) / (double)NS_PER_S, record->generation,
	       core_kind_name(step->kind));
	if (has_slot(step))
		printf(", \"slot\": %u, \"incarnation\": %u", step->slot, step->incarnation);
	if (step->task != CORE_NO_TASK)
		printf(", \"task\": %u, \"epoch\": %u", step->task, step->epoch);
	if (has_cause(step))
		printf(", \"cause\": \"%s\"", cause_name(step->cause));
	if (step->record != CORE_NO_RECORD)
		printf(", \"record\": %" PRIu64, step->record);
	printf(", \"value\": %" PRIu64 "}\n", step->value);
}

static int
print_all(struct eventlog_reader *reader, struct filter *filter, struct run *run)
{
	struct logged record;
	int more;

	while ((more = eventlog_next(reader, &record)) == 1) {
		if (reader->next == 1)
			filter->started_ns = record.step.at_ns;
		if (!passes(filter, &record.step))
			continue;
		/* One by hand, injected since. */
		if (is_about_fault(&record.step) && record.step.record >= run->scenario.faults)
			hand_recall(&run->scenario, run->plan_path, NULL);
		if (filter->json)
			print_json(&record, filter);
		else
			print_text(&record, filter, run);
	}
	return fflush(stdout) == 0 ? more : -1;
}

int
command_log(int argc, char **argv)
{
	struct eventlog_reader reader;
	struct filter filter = {0};
	struct options options;
	struct store_run info;
	struct run run;
	char holder[128];
	int code, more;

	if (!options_read(&options, argc, argv) || !read_filter(&options, &filter))
		return EXIT_USAGE;
	code = look_open(&run, options.word[0], &info);
	if (code == 0 && !read_order(&options, &run, &filter))
		code = EXIT_USAGE;
	if (code == 0 && (more = eventlog_reader_open(&reader, run.events)) != 0) {
		complain("cannot read %s: %s", run.events, strerror(-more));
		code = EXIT_USAGE;
	}
	if (code != 0) {
		run_fini(&run);
		return code;
	}
	do {
		bool live = look_is_live(&run, holder, sizeof(holder));
		more = print_all(&reader, &filter, &run);
		if (!live || more < 0)
			break;
		if (options.follow)
			clock_wait_until(clock_now_ns() + FOLLOW_STEP_NS);
	} while (options.follow);
	eventlog_reader_close(&reader);
	run_fini(&run);
	return more < 0 ? EXIT_INTERNAL : EXIT_MET;
}
