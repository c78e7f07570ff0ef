/* SPDX-License-Identifier: ISC
 *
 * What a record means: the run as a whole here, tasks and slots in files of their own.
 */
#include <stdlib.h>

#include "sim/fault/script.h"
#include "sim/history/moment_parts.h"
#include "sim/util/clock.h"

/* A life may begin after the machine was started anew, when the clock began at zero: then the
 * calendar says how long nobody was there. */
static void
bridge(struct moment *moment, const struct core_step *step)
{
	int64_t now_ns = moment_time(moment, step->at_ns), gap_ns = 0, past_s;

	if (moment->applied == 0) {
		moment->offset_ns = -step->at_ns;
	} else if (now_ns < moment->now_ns) {
		past_s = (moment->now_ns - moment->wall_at_ns) / NS_PER_S;
		if (step->record > moment->wall_s && step->record - moment->wall_s < UINT32_MAX)
			gap_ns = ((int64_t)(step->record - moment->wall_s) - past_s) * NS_PER_S;
		moment->offset_ns += moment->now_ns - now_ns + (gap_ns > 0 ? gap_ns : 0);
	}
}

static void
note_wall(struct moment *moment, const struct core_step *step)
{
	moment->wall_s = step->record;
	moment->wall_at_ns = moment->now_ns;
}

static void
on_life(struct moment *moment, const struct core_step *step)
{
	moment_slots_void(moment);
	note_wall(moment, step);
	moment->counts.lives++;
	moment->director_pid = (int32_t)step->value;
	moment->supervisor_pid = 0;
	moment->phase = RUN_PHASE_SETUP;
}

static void
on_generation(struct moment *moment, const struct core_step *step)
{
	moment_slots_void(moment);
	note_wall(moment, step);
	moment->counts.generations++;
	moment->generation = step->epoch;
	moment->supervisor_pid = (int32_t)step->value;
	moment->phase = RUN_PHASE_SETUP;
	moment->outcome = OUTCOME_NONE;
}

static void
on_supervisor_exited(struct moment *moment)
{
	moment_slots_void(moment);
	moment->counts.supervisors_lost++;
	moment->supervisor_pid = 0;
	moment->headless_ns = moment->now_ns;
	if (moment->phase != RUN_PHASE_ENDED && moment->phase != RUN_PHASE_STOPPED)
		moment->phase = RUN_PHASE_HEADLESS;
}

static void
on_director_ended(struct moment *moment, const struct core_step *step)
{
	moment_slots_void(moment);
	note_wall(moment, step);
	moment->director_pid = moment->supervisor_pid = 0;
	moment->phase = RUN_PHASE_STOPPED;
}

static void
on_power_lost(struct moment *moment)
{
	moment_slots_void(moment);
	moment_tasks_power_lost(moment);
	moment->counts.power_losses++;
	moment->power_lost = true;
	moment->phase = RUN_PHASE_OFF;
	moment->director_pid = moment->supervisor_pid = 0;
}

static void
on_fault(struct moment *moment, const struct core_step *step, bool landed)
{
	struct moment_fault *fault;

	if (step->record >= moment->scenario->faults)
		return;
	fault = &moment->fault[step->record];
	fault->slot = step->slot;
	moment->due &= ~(UINT64_C(1) << step->record);
	if (!landed) {
		fault->injected_ns = moment_time(moment, (int64_t)step->value);
		return;
	}
	fault->landed++;
	fault->landed_ns = moment->now_ns;
	fault->evidence = step->value;
	moment->counts.faults++;
}

static void
on_script(struct moment *moment, const struct core_step *step)
{
	moment->script_held = step->value != SCRIPT_GO;
	if (!moment->script_held)
		moment->due = 0;
}

static void
on_job_ended(struct moment *moment, const struct core_step *step)
{
	moment->outcome = (enum core_outcome)step->value;
	if (moment->outcome == OUTCOME_DRAINED)
		moment->phase = RUN_PHASE_STOPPED;
}

static void
apply_run(struct moment *moment, const struct core_step *step)
{
	switch (step->kind) {
	case NOTE_RUN_STARTED:
		on_life(moment, step);
		break;
	case NOTE_GENERATION:
		on_generation(moment, step);
		break;
	case NOTE_PLAN_SEALED:
		moment_tasks_seal(moment, (uint32_t)step->record, step->value);
		moment->phase = RUN_PHASE_RESTORING;
		break;
	case EV_PLAN_READY:
		moment_tasks_ready(moment);
		moment->coordinator_ns = moment->now_ns;
		moment->phase = RUN_PHASE_WORKING;
		break;
	case EV_DRAIN:
		moment->phase = RUN_PHASE_DRAINING;
		break;
	case ACT_JOB_ENDED:
		on_job_ended(moment, step);
		break;
	case NOTE_RUN_ENDED:
		note_wall(moment, step);
		moment->phase = RUN_PHASE_ENDED;
		break;
	case NOTE_SUPERVISOR_EXITED:
		on_supervisor_exited(moment);
		break;
	case NOTE_POWER_LOST:
		on_power_lost(moment);
		break;
	case NOTE_DIRECTOR_ENDED:
		on_director_ended(moment, step);
		break;
	case NOTE_FAULT:
	case NOTE_FAULT_LANDED:
		on_fault(moment, step, step->kind == NOTE_FAULT_LANDED);
		break;
	case NOTE_SCRIPT:
		on_script(moment, step);
		break;
	case NOTE_SCRIPT_DUE:
		if (step->record < SCENARIO_FAULTS_MAX)
			moment->due |= UINT64_C(1) << step->record;
		break;
	default:
		break;
	}
}

void
moment_apply(struct moment *moment, const struct logged *record)
{
	const struct core_step *step = &record->step;
	int64_t now_ns;

	if (step->kind == NOTE_RUN_STARTED || moment->applied == 0)
		bridge(moment, step);
	now_ns = moment_time(moment, step->at_ns);
	if (now_ns > moment->now_ns)
		moment->now_ns = now_ns;
	moment->applied++;
	if (step->kind == EV_BEAT || step->kind == EV_WORKER_EXITED || step->kind == ACT_SUSPECT ||
	    step->task == CORE_NO_TASK)
		moment_apply_slot(moment, step);
	else
		moment_apply_task(moment, step);
	apply_run(moment, step);
}
