/* SPDX-License-Identifier: ISC
 *
 * Tasks: a record takes one from state to state, and the counts and books follow.
 */
#include "sim/history/moment_parts.h"
#include "sim/util/clock.h"

static uint64_t
alive_records(const struct moment_task *task)
{
	return task->records > task->dead ? task->records - task->dead : 0;
}

/* Which account of the books the records of a task in this state are in; NULL: none. */
static uint64_t *
account_of(struct books *books, uint8_t state)
{
	switch (state) {
	case TASK_DONE:
		return &books->committed;
	case TASK_LEASED:
		return &books->leased;
	case TASK_BLOCKED:
	case TASK_READY:
		return &books->waiting;
	case TASK_SKIPPED:
		return &books->skipped;
	default:
		return NULL;
	}
}

/* Adds what a task counts for, or takes it away: sign is 1 or -1. */
static void
tally(struct moment *moment, uint32_t number, int sign)
{
	const struct moment_task *task = &moment->task[number];
	unsigned stage = moment->plan->task[number].stage;
	uint64_t one = (uint64_t)sign, *account;

	moment->counts.tasks[moment_task_state(moment, number)] += one;
	moment->counts.on_retry += task->state == TASK_DONE && task->attempt > 1 ? one : 0;
	moment->unfinished[stage] += moment_is_over(task->state) ? 0 : one;
	moment->ready[stage] += task->state == TASK_READY ? one : 0;
	if (stage != 0)
		return;
	account = account_of(&moment->sums, task->state);
	if (account != NULL)
		*account += one * alive_records(task);
	moment->sums.dead += one * task->dead;
}

/* The lowest unfinished stage: what is ready above it is blocked. */
static void
settle_stage(struct moment *moment)
{
	uint64_t *tasks = moment->counts.tasks, both = tasks[TASK_READY] + tasks[TASK_BLOCKED];
	unsigned stage = 0;

	while (stage < CORE_STAGES_MAX && moment->unfinished[stage] == 0)
		stage++;
	moment->stage = stage;
	if (moment->scenario->core.graph != NULL)
		return; /* each of its tasks is blocked, or not, by itself */
	tasks[TASK_READY] = 0;
	for (unsigned i = 0; i < CORE_STAGES_MAX && i <= stage; i++)
		tasks[TASK_READY] += moment->ready[i];
	tasks[TASK_BLOCKED] = both - tasks[TASK_READY];
}

/* Those of a graph that wait for it may be ready by its new state, or blocked. */
static void
tally_children(struct moment *moment, uint32_t number, int sign)
{
	const struct core_graph *graph = moment->scenario->core.graph;
	uint32_t step, base;

	if (graph == NULL)
		return;
	step = number % graph->steps;
	base = number - step;
	for (uint32_t i = graph->first_child[step]; i < graph->first_child[step + 1]; i++)
		if (base + graph->child[i].step < moment->tasks)
			tally(moment, base + graph->child[i].step, sign);
}

void
moment_task_enter(struct moment *moment, uint32_t number, enum task_state state)
{
	struct moment_task *task = &moment->task[number];
	unsigned stage = moment->plan->task[number].stage;
	bool ends = moment_is_over(task->state) != moment_is_over((uint8_t)state);

	tally(moment, number, -1);
	if (ends)
		tally_children(moment, number, -1);
	task->state = (uint8_t)state;
	tally(moment, number, 1);
	if (ends)
		tally_children(moment, number, 1);
	if (!task->lost)
		task->since_ns = moment->now_ns;
	if (stage < moment->stage ||
	    (stage == moment->stage && moment->unfinished[moment->stage] == 0))
		settle_stage(moment);
}

void
moment_task_note_dead(struct moment *moment, uint32_t number, uint64_t records)
{
	struct moment_task *task = &moment->task[number];

	tally(moment, number, -1);
	task->dead =
	    records < UINT32_MAX - task->dead ? task->dead + (uint32_t)records : UINT32_MAX;
	tally(moment, number, 1);
}

void
moment_task_lose(struct moment *moment, uint32_t number)
{
	moment->task[number].lost = true;
	moment->task[number].since_ns = moment->now_ns;
}

void
moment_task_void(struct moment *moment, uint32_t task)
{
	moment->task[task].copy = COPY_NOT;
	moment_task_lose(moment, task);
	moment_task_enter(moment, task, TASK_READY);
}

/* The task among the first `tasks` that had what this one has now. */
static uint32_t
origin_of(const struct plan *plan, uint32_t task, uint32_t tasks)
{
	while (task >= tasks && plan->task[task].origin != task)
		task = plan->task[task].origin;
	return task;
}

void
moment_tasks_seal(struct moment *moment, uint32_t tasks, uint64_t records)
{
	const struct plan *plan = moment->plan;

	moment->tasks = tasks < moment->room ? tasks : moment->room;
	moment->records = records;
	for (uint32_t i = 0; i < moment->tasks; i++) {
		struct moment_task *task = &moment->task[i];
		bool fresh = task->epoch == 0;
		/* A new supervisor knows nothing but what it restores. */
		*task = (struct moment_task){
		    .since_ns = task->lost ? task->since_ns : moment->now_ns,
		    .records = plan->task[i].records,
		    .epoch = 1,
		    .holder = fresh ? CORE_NO_SLOT : task->holder,
		    .state = TASK_READY,
		    .attempt = task->attempt,
		    .tried_before = task->attempt,
		    .lost = task->lost,
		    .was_done = task->was_done,
		};
	}
	/* Redriven later than now: their records are still where they came from. */
	for (uint32_t i = moment->tasks; i < plan->tasks; i++)
		moment->task[origin_of(plan, i, moment->tasks)].records += plan->task[i].records;
	moment->stage = 0;
	moment->sums = (struct books){0};
	moment->counts.on_retry = 0;
	for (unsigned i = 0; i < CORE_STAGES_MAX; i++)
		moment->unfinished[i] = moment->ready[i] = 0;
	for (unsigned i = 0; i < TASK_STATES; i++)
		moment->counts.tasks[i] = 0;
	for (uint32_t i = 0; i < moment->tasks; i++)
		tally(moment, i, 1);
	settle_stage(moment);
}

/* Whatever the store has as done was restored by now. */
void
moment_tasks_ready(struct moment *moment)
{
	for (uint32_t i = 0; moment->power_lost && i < moment->tasks; i++) {
		struct moment_task *task = &moment->task[i];
		moment->counts.taken_back += task->was_done && task->state != TASK_DONE;
		task->was_done = false;
	}
	moment->power_lost = false;
}

void
moment_tasks_power_lost(struct moment *moment)
{
	for (uint32_t i = 0; i < moment->tasks; i++)
		moment->task[i].was_done = moment->task[i].state == TASK_DONE;
}

static void
on_restored(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];
	enum task_state state = core_restored_state(step->value);

	task->epoch = step->epoch;
	/* Of one that was skipped it is the task to blame. */
	if (state != TASK_SKIPPED && step->record != 0 && step->record != CORE_NO_RECORD)
		moment_task_note_dead(moment, step->task, step->record);
	if (moment_is_over((uint8_t)state)) {
		task->lost = false;
		moment_task_enter(moment, step->task, state);
	}
}

#define MS NS_PER_MS
const int64_t moment_recovery_bound_ns[MOMENT_RECOVERY_BOUNDS] = {
    MS,       5 * MS / 2, 5 * MS,    10 * MS,   25 * MS,    50 * MS,    100 * MS,  250 * MS,
    500 * MS, 1000 * MS,  2500 * MS, 5000 * MS, 10000 * MS, 30000 * MS, 60000 * MS};

static void
note_recovery(struct moment *moment, int64_t took_ns)
{
	struct moment_counts *counts = &moment->counts;
	unsigned i = 0;

	while (i < MOMENT_RECOVERY_BOUNDS && took_ns > moment_recovery_bound_ns[i])
		i++;
	counts->recoveries_within[i]++;
	if (took_ns > counts->recovery_longest_ns)
		counts->recovery_longest_ns = took_ns;
	counts->recovery_sum_ns += took_ns;
	counts->recoveries++;
	counts->reassigned++;
}

static void
end_headless(struct moment *moment)
{
	int64_t took_ns = moment->now_ns - moment->headless_ns;

	if (moment->headless_ns < 0)
		return;
	if (took_ns > moment->counts.headless_longest_ns)
		moment->counts.headless_longest_ns = took_ns;
	moment->headless_ns = -1;
}

static void
on_probe(struct moment *moment, const struct core_step *step)
{
	if (moment->task[step->task].state == TASK_READY)
		moment->task[step->task].wait = WAIT_PROBE;
	if (step->slot < moment->slots)
		moment_lease_push(moment, step->slot, step->task);
}

static void
on_leased(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];
	uint64_t attempt = task->tried_before + step->value;

	if ((step->cause & CORE_ASSIGN_PROBE) != 0) {
		on_probe(moment, step);
		return;
	}
	if ((step->cause & CORE_ASSIGN_COPY) != 0) {
		moment_copy_leased(moment, step);
		return;
	}
	if (step->slot >= moment->slots || task->state != TASK_READY)
		return;
	moment->counts.leases++;
	if (task->lost)
		note_recovery(moment, moment->now_ns - task->since_ns);
	end_headless(moment);
	task->lost = false;
	task->wait = WAIT_NONE;
	task->holder = step->slot;
	task->epoch = step->epoch;
	task->attempt = attempt < UINT8_MAX ? (uint8_t)attempt : UINT8_MAX;
	moment_task_enter(moment, step->task, TASK_LEASED);
	moment_lease_push(moment, step->slot, step->task);
}

/* What a worker says of a lease: its place, if it has it and may speak of it, else -1. */
static int
claim(struct moment *moment, const struct core_step *step)
{
	const struct moment_task *task = &moment->task[step->task];
	struct moment_slot *slot = moment_speaker(moment, step);
	int index = slot == NULL || moment_lease_epoch(task, step->slot) != step->epoch
	                ? -1
	                : moment_lease_find(moment, step->slot, step->task);

	if (slot == NULL)
		return -1;
	if (index >= 0 && step->kind == EV_TASK_RETURNED)
		moment_slot_reports(moment, slot, slot->passed < index ? slot->passed : index);
	else
		moment_slot_reports(moment, slot, index);
	return index;
}

static void
on_done(struct moment *moment, const struct core_step *step)
{
	int index = claim(moment, step);

	if (index < 0)
		return;
	moment_lease_drop(moment, step->slot, index);
	moment->slot[step->slot].done++;
	if (step->value > 0)
		moment_task_note_dead(moment, step->task, step->value);
	if (moment_copy_is_at(&moment->task[step->task], step->slot)) {
		moment->task[step->task].copy = COPY_NOT;
		moment->counts.copies_won++;
	}
	moment->task[step->task].lost = false;
	moment->task[step->task].wait = WAIT_NONE;
	moment_task_enter(moment, step->task, TASK_DONE);
}

static void
on_returned(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];
	int index = claim(moment, step);

	moment->counts.returned++;
	/* With a copy it is more than that this lease is over: a fence follows. */
	if (index < 0 || task->twin != 0 || moment_copy_is_at(task, step->slot))
		return;
	moment_lease_drop(moment, step->slot, index);
	/* It was never tried, so the next holder makes this attempt. */
	task->attempt -= task->attempt > 0;
	moment_task_enter(moment, step->task, TASK_READY);
}

static void
on_fence(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	moment_lease_fenced(moment, step);
	if (step->cause != CAUSE_DATA) {
		moment->counts.takeovers++;
		moment_task_lose(moment, step->task);
	}
	task->wait = WAIT_FENCE;
	task->cause = step->cause;
	task->asked = true;
}

void
moment_task_concluded(struct moment *moment, uint32_t number)
{
	struct moment_task *task = &moment->task[number];

	task->wait = WAIT_NONE;
	moment->counts.failed[task->cause < CAUSES ? task->cause : CAUSE_NONE]++;
	moment_task_enter(moment, number, TASK_READY);
}

static void
on_fenced(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	/* The answer to an earlier fence may come twice. */
	if (!task->asked ||
	    (step->value != 1 && step->epoch <= moment_lease_epoch(task, CORE_NO_SLOT)))
		return;
	task->asked = false;
	task->twin = 0;
	task->epoch = step->epoch > task->epoch ? step->epoch : task->epoch;
	if (task->state == TASK_DONE)
		return; /* its copy was quicker than the store */
	task->wait = WAIT_NONE;
	if (step->value == 1) {
		moment->counts.found_done++;
		task->lost = false;
		if (step->record > 0 && step->record != CORE_NO_RECORD)
			moment_task_note_dead(moment, step->task, step->record);
		moment_task_enter(moment, step->task, TASK_DONE);
		return;
	}
	if (task->copy == COPY_NOT)
		moment_task_concluded(moment, step->task);
	else
		moment_copy_left_alone(moment, step->task);
}

static void
on_buried(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	if (task->wait != WAIT_BURIAL)
		return;
	task->wait = WAIT_NONE;
	task->lost = false;
	task->epoch++;
	moment_task_note_dead(moment, step->task, step->value);
	moment_task_enter(moment, step->task, TASK_DEAD);
}

static void
on_record_buried(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	if (task->wait != WAIT_BURIAL || step->epoch < task->epoch)
		return;
	moment->counts.isolated++;
	task->wait = WAIT_NONE;
	task->epoch = step->epoch;
	moment_task_note_dead(moment, step->task, 1);
	moment_task_enter(moment, step->task, TASK_READY);
}

static void
on_survived(struct moment *moment, const struct core_step *step)
{
	int index =
	    step->slot < moment->slots ? moment_lease_find(moment, step->slot, step->task) : -1;

	if (index >= 0)
		moment_lease_drop(moment, step->slot, index);
	if (moment->task[step->task].wait == WAIT_PROBE)
		moment->task[step->task].wait = WAIT_NONE;
}

static void
on_retry(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	moment->counts.retries++;
	if (step->value == 0 || task->state != TASK_READY)
		return;
	task->wait = WAIT_BACKOFF;
	if (__builtin_add_overflow(moment->now_ns, (int64_t)step->value, &task->until_ns))
		task->until_ns = INT64_MAX;
}

void
moment_apply_task(struct moment *moment, const struct core_step *step)
{
	if (step->task >= moment->tasks)
		return;
	switch (step->kind) {
	case EV_TASK_RESTORED:
		on_restored(moment, step);
		break;
	case ACT_ASSIGN:
		on_leased(moment, step);
		break;
	case EV_TASK_DONE:
		on_done(moment, step);
		break;
	case EV_TASK_FAILED:
		claim(moment, step);
		break;
	case EV_COMMIT_REFUSED:
		moment->counts.fenced++;
		claim(moment, step);
		break;
	case EV_TASK_RETURNED:
		on_returned(moment, step);
		break;
	case ACT_FENCE:
		on_fence(moment, step);
		break;
	case EV_TASK_FENCED:
		on_fenced(moment, step);
		break;
	case ACT_BURY:
	case ACT_BURY_RECORD:
		moment->task[step->task].wait = WAIT_BURIAL;
		break;
	case EV_TASK_BURIED:
		on_buried(moment, step);
		break;
	case EV_RECORD_BURIED:
		on_record_buried(moment, step);
		break;
	case EV_PROBE_SURVIVED:
		on_survived(moment, step);
		break;
	case ACT_RETRY:
		on_retry(moment, step);
		break;
	case ACT_SKIP:
		moment_task_enter(moment, step->task, TASK_SKIPPED);
		break;
	default:
		moment_apply_copy(moment, step);
		break;
	}
}
