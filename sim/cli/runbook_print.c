/* SPDX-License-Identifier: ISC
 *
 * The runbook in plain words.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "sim/cli/runbook.h"
#include "sim/scenario/units.h"
#include "sim/util/safe_text.h"
#include "sim/verdict/verdict.h"

#define LOW_DISK_BYTES (UINT64_C(64) << 20)

/* 9,000,000 */
static const char *
grouped(uint64_t value, char text[32])
{
	char plain[24];
	size_t length = (size_t)snprintf(plain, sizeof(plain), "%" PRIu64, value), used = 0;

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = plain[i];
	}
	text[used] = '\0';
	return text;
}

static const char *
time_text(int64_t wall_s, char text[32])
{
	time_t seconds = wall_s;
	struct tm local;

	if (wall_s <= 0 || localtime_r(&seconds, &local) == NULL ||
	    strftime(text, 32, "%Y-%m-%d %H:%M:%S", &local) == 0)
		strlcpy(text, "an unknown time", 32);
	return text;
}

static void
say_no_word(const struct runbook *runbook, const char *when, char *text, size_t size)
{
	if (runbook->lives == 0)
		snprintf(text, size, "It was killed before it could write down anything.");
	else if (runbook->by_fault[0] != '\0')
		snprintf(text, size,
		         "The scenario's own fault killed the director.  Last heard of at %s.",
		         when);
	else
		snprintf(
		    text, size,
		    "The director died without a word: it was killed (kill -9, out of memory), "
		    "or the machine went down.  Last heard of at %s.",
		    when);
}

static void
say_job_end(const struct runbook *runbook, const char *when, char *text, size_t size)
{
	if (runbook->state == RUNBOOK_DONE)
		snprintf(text, size, "The job was done at %s.", when);
	else if (runbook->info.outcome == OUTCOME_QUARANTINED)
		snprintf(text, size,
		         "The job failed at %s: workers died so often that no place for one is "
		         "left.",
		         when);
	else
		snprintf(text, size,
		         "The job failed at %s: %" PRIu64 " records were given up, and %s allowed.",
		         when, runbook->counts.dead_records,
		         runbook->run.scenario.core.dead_letters_max == 0 ? "none is"
		                                                          : "fewer are");
}

void
runbook_say_end(const struct runbook *runbook, char *text, size_t size)
{
	char when[32], limit[48];

	time_text(runbook->end_s, when);
	if (runbook->state == RUNBOOK_POWER_LOST) {
		snprintf(text, size, "The power went: what was not synced is gone.");
		return;
	}
	if (runbook->silent) {
		say_no_word(runbook, when, text, size);
		return;
	}
	switch (runbook->end) {
	case DIRECTOR_BAD_INPUT:
		snprintf(text, size, "The input could not be used, at %s.", when);
		break;
	case DIRECTOR_DRAINED:
		snprintf(text, size,
		         "Somebody asked it to stop (Ctrl-C or SIGTERM), and it did, at %s.", when);
		break;
	case DIRECTOR_KILLED:
		snprintf(text, size,
		         "Somebody asked it twice to stop; it was ended at once, at %s.", when);
		break;
	case DIRECTOR_WALL:
		snprintf(text, size, "The time limit (limits.wall: %s) was over at %s.",
		         unit_format(unit_durations, (uint64_t)runbook->run.scenario.wall_ns, limit,
		                     sizeof(limit)),
		         when);
		break;
	case DIRECTOR_BROKEN:
		snprintf(
		    text, size,
		    "Something under it failed, or its supervisor died again and again, at %s: "
		    "what it said on standard error then tells which.",
		    when);
		break;
	case DIRECTOR_JOB_ENDED:
		say_job_end(runbook, when, text, size);
		break;
	}
}

static void
print_past(const struct runbook *runbook, FILE *out)
{
	char text[384], when[32];

	fputs("\nWHAT HAPPENED\n", out);
	if (runbook->state == RUNBOOK_LIVE) {
		fprintf(out, "  It is running: %s.\n", runbook->holder);
	} else {
		runbook_say_end(runbook, text, sizeof(text));
		fprintf(out, "  %s\n", text);
	}
	if (runbook->by_fault[0] != '\0')
		fprintf(out, "  The fault: %s\n", runbook->by_fault);
	if (runbook->lives > 1 || runbook->supervisors_lost > 0)
		fprintf(out,
		        "  Directors so far: %" PRIu64 "; supervisors: %" PRIu64 ", %" PRIu64
		        " of them lost under a living director.\n",
		        runbook->lives, runbook->supervisors, runbook->supervisors_lost);
	if (runbook->events > 0)
		fputs("  Before that:\n", out);
	for (size_t i = 0; i < runbook->events; i++)
		fprintf(out, "    %s  %s\n", time_text(runbook->event[i].wall_s, when),
		        runbook->event[i].text);
}

static void
print_done(const struct runbook *runbook, FILE *out)
{
	const struct store_counts *counts = &runbook->counts;
	char done[32], all[32], tasks[32], of_tasks[32];
	uint64_t stage_tasks = 0;

	for (unsigned i = 0; i < TASK_STATES; i++)
		stage_tasks += counts->tasks[i];
	fputs("\nDONE\n", out);
	if (runbook->state == RUNBOOK_POWER_LOST)
		fputs("  Known only once the run is resumed: what was not synced is taken back "
		      "first.\n",
		      out);
	else if (stage_tasks == 0)
		fputs("  Nothing: there is no plan yet.\n", out);
	else
		fprintf(out,
		        "  %s of %s records, in %s of %s tasks, are committed and will not be "
		        "touched again.\n",
		        grouped(counts->records[TASK_DONE], done),
		        grouped(runbook->info.plan.records, all),
		        grouped(counts->tasks[TASK_DONE], tasks), grouped(stage_tasks, of_tasks));
	if (runbook->state == RUNBOOK_DONE && job_kind_has_result(runbook->run.scenario.job.kind))
		fprintf(out, "  The result: %s/%s\n", runbook->run.dir.path, RUN_RESULT);
}

static void
print_ranges(const struct runbook *runbook, FILE *out)
{
	const struct open_ranges *open = &runbook->open;

	for (size_t i = 0; i < open->count; i++)
		fprintf(out, "    records %" PRIu64 "..%" PRIu64 "\n", open->range[i].first,
		        open->range[i].end - 1);
	if (open->more > 0)
		fprintf(out, "    and %" PRIu64 " more ranges\n", open->more);
}

static void
print_dead(const struct runbook *runbook, FILE *out)
{
	char text[32];

	if (runbook->counts.dead_records == 0)
		return;
	fprintf(out, "  %s records are dead letters:\n",
	        grouped(runbook->counts.dead_records, text));
	dead_print(&runbook->dead, &runbook->run.scenario.job, out);
}

static void
print_not_done(const struct runbook *runbook, FILE *out)
{
	const struct store_counts *counts = &runbook->counts;
	char records[32], tasks[32];

	if (runbook->state == RUNBOOK_POWER_LOST || runbook->state == RUNBOOK_UNSTORED ||
	    runbook->state == RUNBOOK_DONE)
		return;
	fputs("\nNOT DONE\n", out);
	if (counts->tasks[TASK_READY] > 0)
		fprintf(
		    out, "  %s records in %s tasks%s\n", grouped(runbook->open.records, records),
		    grouped(counts->tasks[TASK_READY], tasks), runbook->open.count > 0 ? ":" : ".");
	else if (runbook->state != RUNBOOK_FAILED)
		fputs("  Only the end: all tasks on records are done.\n", out);
	print_ranges(runbook, out);
	print_dead(runbook, out);
}

static void
print_redo(const struct runbook *runbook, FILE *out)
{
	char records[32], tasks[32];

	if (runbook->state != RUNBOOK_OPEN && runbook->state != RUNBOOK_POWER_LOST)
		return;
	fputs("\nWILL BE DONE AGAIN\n", out);
	if (runbook->state == RUNBOOK_POWER_LOST)
		fputs("  What was under way, and what was committed and not synced.\n", out);
	else if (!runbook->run.scenario.job.durable)
		fputs("  Everything: with job.durable false, nothing is committed task by task.\n",
		      out);
	else if (runbook->redo_tasks == 0)
		fputs("  Nothing: no task was under way.\n", out);
	else
		fprintf(
		    out,
		    "  At most the %s records in %s tasks that were leased at the end.  Of those, "
		    "what was committed is found done and left alone.\n",
		    grouped(runbook->redo_records, records), grouped(runbook->redo_tasks, tasks));
}

static void
print_input(const struct runbook *runbook, FILE *out)
{
	char input[4 * 256 + 1], problem[4 * 256 + 1];

	if (runbook->input == RUNBOOK_INPUT_NONE)
		return;
	safe_text(input, sizeof(input), runbook->info.input, strlen(runbook->info.input));
	if (runbook->input == RUNBOOK_INPUT_SAME) {
		fprintf(out, "  Input: %s%s\n", input,
		        runbook->state == RUNBOOK_LIVE || runbook->state == RUNBOOK_DONE
		            ? ""
		            : ", unchanged since the run began.");
		return;
	}
	if (runbook->input == RUNBOOK_INPUT_GROWN) {
		fprintf(out,
		        "  Input: %s has grown since the run began.  What came is for another run; "
		        "what this one has is unchanged.\n",
		        input);
		return;
	}
	fprintf(out,
	        "  INPUT CHANGED: %s is not what it was when the run began (%s).  What is done was "
	        "done on the old one.\n",
	        input,
	        safe_text(problem, sizeof(problem), runbook->problem, strlen(runbook->problem)));
}

static void
print_risk(const struct runbook *runbook, FILE *out)
{
	const struct scenario *scenario = &runbook->run.scenario;
	char text[32];

	if (runbook->state == RUNBOOK_DONE)
		return;
	fputs("\nAT RISK\n", out);
	fputs(scenario->durability == DURABILITY_POWER
	          ? "  Durability: power.  What is committed survives kill -9 and a power cut.\n"
	          : "  Durability: process.  What is committed survives kill -9 of everything, but "
	            "a power cut or a crash of the machine may have taken some of it.\n",
	      out);
	print_input(runbook, out);
	if (scenario->core.dead_letters_max != UINT64_MAX)
		fprintf(out, "  Dead letters: %" PRIu64 " of %" PRIu64 " that are allowed.\n",
		        runbook->counts.dead_records, scenario->core.dead_letters_max);
	if (runbook->free_bytes < LOW_DISK_BYTES)
		fprintf(out, "  THE DISK IS NEARLY FULL: %s bytes are free.  Make room first.\n",
		        grouped(runbook->free_bytes, text));
	if (runbook->faults_left > 0 && runbook->state != RUNBOOK_FAILED)
		fprintf(out, "  The scenario has %u faults that may still come.\n",
		        runbook->faults_left);
}

static void
print_steps(const struct runbook *runbook, FILE *out)
{
	fputs("\nTO GO ON\n", out);
	if (runbook->state == RUNBOOK_LIVE)
		fputs("  Nothing has to be done: it goes on by itself.\n", out);
	else if (runbook->state == RUNBOOK_DONE)
		fputs("  Nothing has to be done: the job is complete.\n", out);
	for (size_t i = 0; i < runbook->steps; i++)
		fprintf(out, "  %s\n    %s\n", runbook->step[i].why, runbook->step[i].command);
	if (runbook->look[0] != '\0')
		fprintf(out, "\nLOOK AT NEXT\n    %s\n", runbook->look);
}

static void
print_without_files(const struct runbook *runbook, FILE *out)
{
	const char *path = runbook->run.dir.path;

	if (runbook->state == RUNBOOK_UNBORN)
		fprintf(
		    out,
		    "\nWHAT HAPPENED\n  It was killed before its scenario was in place.\n\nDONE\n"
		    "  Nothing.\n\nTO GO ON\n  Run the scenario again, here or elsewhere: "
		    "graveshift run FILE --run-dir %s\n",
		    path);
	else
		fprintf(
		    out,
		    "\nWHAT HAPPENED\n  This version of graveshift cannot read the run: %s.\n\n"
		    "TO GO ON\n  Use the version that made it, or begin a new run.  Nothing was "
		    "touched.\n",
		    runbook->problem);
}

const char *
runbook_state_text(const struct runbook *runbook)
{
	static const char *const texts[] = {
	    [RUNBOOK_UNBORN] = "not begun",   [RUNBOOK_FOREIGN] = "unreadable",
	    [RUNBOOK_LIVE] = "running",       [RUNBOOK_POWER_LOST] = "power lost",
	    [RUNBOOK_UNSTORED] = "not begun", [RUNBOOK_OPEN] = "interrupted",
	    [RUNBOOK_FAILED] = "failed",      [RUNBOOK_DONE] = "done"};

	return texts[runbook->state];
}

void
runbook_print(const struct runbook *runbook, FILE *out)
{
	const char *name = runbook->run.scenario.name, *date = runbook->info.logical_date;

	fprintf(out, "RUNBOOK%s%s%s%s: %s\n%s\n", name[0] != '\0' ? " " : "", name,
	        date[0] != '\0' ? " of " : "", date, runbook_state_text(runbook),
	        runbook->run.dir.path);
	if (runbook->state == RUNBOOK_UNBORN || runbook->state == RUNBOOK_FOREIGN) {
		print_without_files(runbook, out);
		return;
	}
	print_past(runbook, out);
	print_done(runbook, out);
	print_not_done(runbook, out);
	print_redo(runbook, out);
	print_risk(runbook, out);
	print_steps(runbook, out);
}
