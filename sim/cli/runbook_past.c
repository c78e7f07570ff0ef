/* SPDX-License-Identifier: ISC
 *
 * What happened to a run: how its last life ended, what was under way then, what went wrong before.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/runbook.h"
#include "sim/fault/fault.h"
#include "sim/history/why.h"

static int64_t
wall_of(const struct moment *moment, int64_t ns)
{
	return (int64_t)moment->wall_s + (ns - moment->wall_at_ns) / NS_PER_S;
}

/* Returns when the last life began, on the log's clock. */
static int64_t
read_end(struct runbook *runbook, const struct history *history)
{
	uint64_t count = history_count(history);

	runbook->silent = true;
	if (count > 0)
		runbook->end_s = wall_of(history_newest(history), history_end(history));
	for (uint64_t i = count; i-- > 0;) {
		const struct core_step *step = &history_record(history, i)->step;
		if (step->kind == NOTE_DIRECTOR_ENDED || step->kind == NOTE_RUN_ENDED) {
			runbook->end_s = (int64_t)step->record;
			runbook->silent = false;
			if (step->kind == NOTE_DIRECTOR_ENDED)
				runbook->end = (enum director_end)step->value;
			return step->at_ns;
		}
		if (step->kind == NOTE_RUN_STARTED)
			return step->at_ns;
	}
	return 0;
}

static int
read_faults(struct runbook *runbook, int64_t since_ns)
{
	const struct scenario *scenario = &runbook->run.scenario;
	struct fault_area *area = calloc(1, sizeof(*area));
	char path[PATH_MAX];
	int error;

	if (area == NULL)
		return -ENOMEM;
	error = fault_plan_read(scenario, rundir_file(&runbook->run.dir, RUN_PLAN, path), area);
	for (size_t i = 0; error == 0 && i < scenario->faults; i++) {
		const struct fault_state *state = &area->fault[i];
		runbook->faults_left += fault_pending(scenario, area, i);
		if (runbook->silent && state->injected > 0 && state->injected_ns >= since_ns &&
		    fault_ends_director(&scenario->fault[i]))
			fault_describe(scenario, i, runbook->by_fault, sizeof(runbook->by_fault));
	}
	free(area);
	return error;
}

/* What only says that something was over. */
static bool
is_of_the_end(unsigned kind)
{
	return kind == NOTE_DIRECTOR_ENDED || kind == NOTE_SUPERVISOR_EXITED ||
	       kind == NOTE_RUN_STARTED || kind == NOTE_GENERATION || kind == NOTE_LOG_REPAIRED ||
	       kind == NOTE_FAULT || kind == NOTE_FAULT_LANDED;
}

/* Leases as they were before all that ended them. */
static int
read_under_way(struct runbook *runbook, const struct history *history)
{
	uint64_t i = history_count(history);
	struct moment *moment = NULL;
	int error;

	while (i > 0 && is_of_the_end(history_record(history, i - 1)->step.kind))
		i--;
	error = history_seek(history, &moment, i);
	if (error != 0)
		return error;
	runbook->redo_tasks = moment->counts.tasks[TASK_LEASED];
	runbook->redo_records = moment_books(moment).leased;
	moment_free(moment);
	return 0;
}

/* What happened to processes; what came of it for single tasks is in the log. */
static bool
is_told(const struct core_step *step)
{
	switch (step->kind) {
	case NOTE_FAULT:
	case NOTE_SUPERVISOR_EXITED:
	case NOTE_DIRECTOR_ENDED:
	case NOTE_POWER_LOST:
	case NOTE_LOG_REPAIRED:
	case ACT_KILL:
	case ACT_QUARANTINE:
		return true;
	case EV_WORKER_EXITED:
		return step->value != 0;
	default:
		return false;
	}
}

static int
read_events(struct runbook *runbook, const struct history *history)
{
	uint64_t number[RUNBOOK_EVENTS];
	struct moment *moment = NULL;
	size_t count = 0;
	int error = 0;

	for (uint64_t i = history_count(history); i-- > 0 && count < RUNBOOK_EVENTS;) {
		const struct core_step *step = &history_record(history, i)->step;
		/* The last life's own end is what it all comes to. */
		if (is_told(step) && (step->kind != NOTE_DIRECTOR_ENDED || runbook->silent ||
		                      i + 1 < history_count(history)))
			number[count++] = i;
	}
	while (error == 0 && count > 0) {
		uint64_t i = number[--count];
		error = history_seek(history, &moment, i);
		if (error != 0)
			break;
		runbook->event[runbook->events].wall_s = wall_of(moment, history_time(history, i));
		why_text(moment, history_record(history, i), runbook->event[runbook->events].text,
		         sizeof(runbook->event[0].text));
		runbook->events++;
	}
	moment_free(moment);
	return error;
}

int
runbook_read_past(struct runbook *runbook, const struct history *history)
{
	const struct moment_counts *counts = &history_newest(history)->counts;
	int64_t since_ns = read_end(runbook, history);
	int error = read_faults(runbook, since_ns);

	runbook->lives = counts->lives;
	runbook->supervisors = counts->generations;
	runbook->supervisors_lost = counts->supervisors_lost;
	if (error == 0)
		error = read_under_way(runbook, history);
	return error == 0 ? read_events(runbook, history) : error;
}
