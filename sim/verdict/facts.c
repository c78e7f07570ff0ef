/* SPDX-License-Identifier: ISC
 *
 * One pass over the event log, then one over the store's tasks to see that both tell the same
 * story.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/mapreduce/effects.h"
#include "sim/rundir/eventlog.h"
#include "sim/util/fail.h"
#include "sim/verdict/facts.h"

struct fold {
	struct facts *facts;
	const struct core_graph *graph; /* NULL: tasks wait for stages */
	const char *reading;            /* the file */
	struct fact_task *task;
	uint8_t *stage;
	uint64_t *records; /* of each task */
	uint32_t tasks;
	uint64_t open_work; /* tasks of stage 0 that are neither done nor given up */
	int64_t supervisor_lost_ns;
	uint32_t generation;       /* the last one that could say that it began */
	bool durable;              /* what is reported done was committed */
	bool ended;                /* the job had */
	bool promised;             /* a task that is done is done for good, also without power */
	bool power_lost;           /* and no coordinator was told yet what that left */
	int64_t last_ns, lived_ns; /* last event; all time up to it in which a director lived */
};

static bool
is_over(uint8_t state)
{
	return state == TASK_DONE || state == TASK_DEAD || state == TASK_SKIPPED;
}

static void
set_state(struct fold *fold, uint32_t number, enum task_state state)
{
	struct fact_task *task = &fold->task[number];

	if (fold->stage[number] == 0 && is_over(task->state) != is_over((uint8_t)state))
		fold->open_work += is_over((uint8_t)state) ? UINT64_MAX : 1;
	task->state = (uint8_t)state;
}

/* A new supervisor knows nothing but what it restores. */
static void
on_new_coordinator(struct fold *fold)
{
	for (uint32_t i = 0; i < fold->tasks; i++) {
		/* Leases of the one before are void; to be leased again is to recover. */
		if (fold->task[i].state == TASK_LEASED && fold->supervisor_lost_ns != 0)
			fold->task[i].lost_ns = fold->supervisor_lost_ns;
		/* Done, but only the one before knew. */
		if (fold->task[i].state == TASK_DONE && !fold->durable)
			fold->facts->rework += fold->records[i];
		fold->task[i].twin = 0;
		fold->task[i].copied = false;
		set_state(fold, i, TASK_READY);
	}
}

static void
on_restored(struct fold *fold, const struct core_step *step)
{
	struct fact_task *task = &fold->task[step->task];

	if (step->epoch < task->epoch)
		fold->facts->epochs_back++;
	task->epoch = step->epoch;
	set_state(fold, step->task, core_restored_state(step->value));
	task->acknowledged |= task->state == TASK_DONE;
}

/* By the states of what it waits for, as the log has them. */
static bool
is_early(const struct fold *fold, uint32_t number)
{
	const struct core_graph *graph = fold->graph;
	uint32_t step, base;

	if (graph == NULL)
		return fold->stage[number] > 0 && fold->open_work > 0;
	step = number % graph->steps;
	base = number - step;
	for (uint32_t i = graph->first_parent[step]; i < graph->first_parent[step + 1]; i++) {
		uint8_t state = fold->task[base + graph->parent[i].step].state;
		if (!is_over(state) || (graph->parent[i].kind == EDGE_STRONG && state != TASK_DONE))
			return true;
	}
	return false;
}

static void
on_leased(struct fold *fold, const struct core_step *step)
{
	struct facts *facts = fold->facts;
	struct fact_task *task = &fold->task[step->task];

	if ((step->cause & CORE_ASSIGN_PROBE) != 0)
		return;
	facts->leased++;
	facts->redriven |= fold->ended;
	if (step->epoch != task->epoch)
		facts->epochs_back++;
	if ((step->cause & CORE_ASSIGN_COPY) != 0) {
		facts->copies++;
		task->copied = true;
		return;
	}
	facts->early += is_early(fold, step->task);
	facts->leased_twice += task->state == TASK_LEASED;
	if (task->lost_ns != 0) {
		int64_t took_ns = step->at_ns - task->lost_ns;
		facts->recovery_ns[0] =
		    took_ns > facts->recovery_ns[0] ? took_ns : facts->recovery_ns[0];
		facts->recovery_ns[1] += took_ns;
		facts->recoveries++;
		facts->reassigned++;
		task->lost_ns = 0;
	}
	if (fold->supervisor_lost_ns != 0) {
		int64_t took_ns = step->at_ns - fold->supervisor_lost_ns;
		facts->supervisor_ns =
		    took_ns > facts->supervisor_ns ? took_ns : facts->supervisor_ns;
		fold->supervisor_lost_ns = 0;
	}
	set_state(fold, step->task, TASK_LEASED);
}

static void
on_copy_granted(struct fact_task *task, struct facts *facts, const struct core_step *step)
{
	if (step->value == 1)
		return;
	facts->epochs_back += step->epoch <= task->epoch;
	task->twin = task->epoch;
	task->epoch = step->epoch;
}

/* A copy came to nothing.  If the attempt has, too, the task is nobody's now. */
static void
on_copy_fence(struct fact_task *task, struct facts *facts, const struct core_step *step)
{
	facts->charged_wrongly += step->value != 0;
	task->copied = false;
	if (task->twin == 0)
		task->lost_ns = step->at_ns;
}

static void
on_copy_fenced(struct fold *fold, const struct core_step *step)
{
	struct fact_task *task = &fold->task[step->task];

	if (step->value == 1 && task->state == TASK_DONE)
		return;
	if (step->value == 1) {
		fold->facts->found_done++;
		task->acknowledged = true;
		task->lost_ns = 0;
		set_state(fold, step->task, TASK_DONE);
		return;
	}
	fold->facts->epochs_back += step->epoch <= task->epoch;
	task->epoch = step->epoch;
	if (task->twin == 0 && task->state == TASK_LEASED)
		set_state(fold, step->task, TASK_READY);
}

static void
on_done(struct fold *fold, const struct core_step *step)
{
	struct fact_task *task = &fold->task[step->task];

	/* A takeover that raised the epoch saw it open, so this commit came later. */
	fold->facts->stale_taken +=
	    fold->durable && step->epoch < task->epoch && step->epoch != task->twin;
	if (task->state != TASK_LEASED || (step->epoch != task->epoch && step->epoch != task->twin))
		return;
	fold->facts->copies_won += task->copied && step->epoch == task->epoch;
	task->copied = false;
	task->acknowledged = true;
	set_state(fold, step->task, TASK_DONE);
}

static void
on_fence(struct fold *fold, const struct core_step *step)
{
	if (step->value != 0 && step->cause != CAUSE_DATA && step->cause != CAUSE_CRASH &&
	    step->cause != CAUSE_HANG)
		fold->facts->charged_wrongly++;
	if (step->cause == CAUSE_DATA)
		return;
	fold->facts->takeovers++;
	if (!fold->task[step->task].copied)
		fold->task[step->task].lost_ns = step->at_ns;
}

static void
on_fenced(struct fold *fold, const struct core_step *step)
{
	struct fact_task *task = &fold->task[step->task];

	if (step->value == 1) {
		fold->facts->found_done++;
		task->lost_ns = 0;
		task->acknowledged = true;
		set_state(fold, step->task, TASK_DONE);
		return;
	}
	if (step->epoch <= (task->twin != 0 ? task->twin : task->epoch))
		fold->facts->epochs_back++;
	task->epoch = step->epoch > task->epoch ? step->epoch : task->epoch;
	task->twin = 0;
	/* Else its copy goes on, or has come to the end. */
	if (!task->copied && task->state == TASK_LEASED)
		set_state(fold, step->task, TASK_READY);
}

static void
on_power_lost(struct fold *fold)
{
	fold->power_lost = true;
	fold->ended = false; /* that, too, may be gone */
	fold->facts->power_losses++;
	for (uint32_t i = 0; i < fold->tasks; i++) {
		fold->facts->acknowledged += fold->task[i].acknowledged;
		/* Takeovers are lost as well, and nobody is left who could hold an old lease. */
		if (!fold->promised)
			fold->task[i].epoch = 1;
	}
	if (!fold->promised)
		fold->generation = 0;
}

static void
take_back(struct fold *fold, struct fact_task *task, bool done)
{
	if (task->acknowledged && !done) {
		fold->facts->taken_back++;
		task->acknowledged = false;
	}
}

/* The coordinator has been told of everything that the store has as done. */
static void
on_plan_ready(struct fold *fold)
{
	for (uint32_t i = 0; fold->power_lost && i < fold->tasks; i++)
		take_back(fold, &fold->task[i], fold->task[i].state == TASK_DONE);
	fold->power_lost = false;
}

static void
on_task_event(struct fold *fold, const struct core_step *step)
{
	struct fact_task *task = &fold->task[step->task];

	switch (step->kind) {
	case EV_TASK_RESTORED:
		on_restored(fold, step);
		break;
	case ACT_ASSIGN:
		on_leased(fold, step);
		break;
	case ACT_FENCE:
		on_fence(fold, step);
		break;
	case EV_TASK_FENCED:
		on_fenced(fold, step);
		break;
	case EV_TASK_DONE:
		on_done(fold, step);
		break;
	case EV_COPY_GRANTED:
		on_copy_granted(task, fold->facts, step);
		break;
	case ACT_COPY_FENCE:
		on_copy_fence(task, fold->facts, step);
		break;
	case EV_COPY_FENCED:
		on_copy_fenced(fold, step);
		break;
	case EV_TASK_RETURNED:
		fold->facts->returned++;
		if (task->state == TASK_LEASED && task->epoch == step->epoch && !task->copied)
			set_state(fold, step->task, TASK_READY);
		break;
	case EV_TASK_BURIED:
		fold->facts->dead_tasks++;
		task->epoch++;
		set_state(fold, step->task, TASK_DEAD);
		break;
	case EV_RECORD_BURIED:
		fold->facts->isolated++;
		task->epoch = step->epoch;
		set_state(fold, step->task, TASK_READY);
		break;
	case ACT_SKIP:
		set_state(fold, step->task, TASK_SKIPPED);
		break;
	case ACT_RETRY:
		fold->facts->retries++;
		break;
	case EV_COMMIT_REFUSED:
		fold->facts->fenced++;
		break;
	default:
		break;
	}
}

static void
count_time(struct fold *fold, const struct core_step *step)
{
	if (step->kind != NOTE_RUN_STARTED && step->at_ns > fold->last_ns)
		fold->lived_ns += step->at_ns - fold->last_ns;
	fold->last_ns = step->at_ns;
}

/* One that died before it could say so is known by its number. */
static void
on_generation(struct fold *fold, uint32_t generation)
{
	fold->facts->epochs_back += generation <= fold->generation;
	fold->facts->generations +=
	    generation > fold->generation ? generation - fold->generation : 1;
	fold->generation = generation;
}

static void
on_other_event(struct fold *fold, const struct core_step *step)
{
	struct facts *facts = fold->facts;

	switch (step->kind) {
	case NOTE_RUN_STARTED:
		if (facts->submitted_s == 0)
			facts->submitted_s = (int64_t)step->record;
		facts->read_s = (int64_t)step->record;
		break;
	case NOTE_GENERATION:
		on_generation(fold, step->epoch);
		facts->read_s = (int64_t)step->record;
		break;
	case NOTE_RUN_ENDED:
		facts->read_s = (int64_t)step->record;
		fold->ended = true;
		break;
	case NOTE_PLAN_SEALED:
		on_new_coordinator(fold);
		break;
	case EV_PLAN_READY:
		on_plan_ready(fold);
		break;
	case NOTE_POWER_LOST:
		on_power_lost(fold);
		break;
	case NOTE_SUPERVISOR_EXITED:
		fold->supervisor_lost_ns = step->at_ns;
		break;
	case EV_WORKER_EXITED:
		facts->deaths += step->value != 0;
		break;
	case ACT_SPAWN:
		facts->restarts += step->incarnation > 1;
		break;
	case ACT_KILL:
		facts->hangs += step->cause == CAUSE_HANG;
		break;
	case ACT_QUARANTINE:
		facts->quarantined++;
		break;
	case NOTE_FAULT:
		if (step->at_ns - (int64_t)step->value > facts->detect_ns)
			facts->detect_ns = step->at_ns - (int64_t)step->value;
		break;
	case ACT_JOB_ENDED:
		facts->job_ns = fold->lived_ns;
		break;
	default:
		break;
	}
}

static int
fold_log(struct fold *fold, const char *path)
{
	struct eventlog_reader reader;
	struct logged record;
	int more = eventlog_reader_open(&reader, path);

	if (more != 0)
		return more;
	while ((more = eventlog_next(&reader, &record)) == 1) {
		count_time(fold, &record.step);
		fold->facts->suspected += record.step.kind == ACT_SUSPECT;
		placing_note(&fold->facts->placing, &record.step);
		if (record.step.task < fold->tasks && record.step.kind != EV_WORKER_EXITED)
			on_task_event(fold, &record.step);
		else
			on_other_event(fold, &record.step);
	}
	fold->facts->log_records = reader.next;
	eventlog_reader_close(&reader);
	return more;
}

static int
note_stage(void *context, const struct store_task_row *row)
{
	struct fold *fold = context;

	if (row->plan.task < fold->tasks) {
		fold->stage[row->plan.task] = row->plan.stage;
		fold->records[row->plan.task] = row->plan.records;
		fold->open_work += row->plan.stage == 0;
	}
	return 0;
}

/* Leases are not durable: what the log has as leased is ready in the store. */
static int
compare_one(void *context, const struct store_task_row *row)
{
	struct fold *fold = context;
	struct fact_task *task;
	enum task_state state;

	if (row->plan.task >= fold->tasks)
		return 0;
	task = &fold->task[row->plan.task];
	state = task->state == TASK_LEASED || task->state == TASK_BLOCKED
	            ? TASK_READY
	            : (enum task_state)task->state;
	fold->facts->skipped += row->state == TASK_SKIPPED && row->reason != CORE_NO_TASK;
	/* What was only reported is in the store when the job is done, and not before. */
	if (!fold->durable && state == TASK_DONE && row->state == TASK_READY &&
	    fold->facts->run.state == RUN_FAILED)
		state = TASK_READY;
	if (state != row->state || task->epoch != row->epoch) {
		if (fold->facts->state_differs++ == 0)
			fold->facts->differing_task = row->plan.task;
	}
	/* The job was over: no coordinator came after. */
	if (fold->power_lost)
		take_back(fold, task, row->state == TASK_DONE);
	return 0;
}

static int
fold_all(struct fold *fold, struct run *run, struct store *store)
{
	int error;

	fold->tasks = fold->facts->run.plan.tasks;
	fold->task = calloc(fold->tasks + 1, sizeof(*fold->task));
	fold->stage = calloc(fold->tasks + 1, 1);
	fold->records = calloc(fold->tasks + 1, sizeof(*fold->records));
	if (fold->task == NULL || fold->stage == NULL || fold->records == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < fold->tasks; i++) {
		fold->task[i].state = TASK_READY;
		fold->task[i].epoch = 1;
	}
	error = store_tasks_read(store, 0, note_stage, fold);
	if (error != 0)
		return error;
	fold->reading = run->events;
	error = fold_log(fold, run->events);
	if (error != 0)
		return error;
	fold->reading = run->db;
	return store_tasks_read(store, 0, compare_one, fold);
}

bool
facts_books_balance(const struct facts *facts, enum job_kind kind)
{
	const struct store_counts *counts = &facts->counts;

	if (kind == JOB_NOOP)
		return counts->tasks[TASK_DONE] + counts->tasks[TASK_DEAD] == facts->run.plan.tasks;
	if (kind == JOB_GRAPH)
		return counts->tasks[TASK_DONE] + counts->dead_records +
		           counts->tasks[TASK_SKIPPED] ==
		       facts->run.plan.tasks;
	if (kind == JOB_ETL)
		return facts->sink.records + counts->dead_records + facts->windows.dropped ==
		       facts->run.plan.records;
	if (kind == JOB_STREAM)
		return counts->tasks[TASK_DONE] == facts->run.plan.tasks;
	return counts->effect_records + counts->dead_records == facts->run.plan.records;
}

/* Before the plan is sealed there is no sink to read. */
static int
read_sink(struct facts *facts, struct run *run, struct store *store, struct fold *fold)
{
	const struct sink_wish wish = {.scenario = &run->scenario, .run = run->id, .store = store};
	struct sink *sink;
	int error;

	if (facts->run.state == RUN_PLANNING)
		return 0;
	error = sink_open(&sink, &wish);
	if (error != 0)
		return error;
	error = sink_counts_read(sink, &facts->sink);
	if (error == 0 && run->scenario.job.kind == JOB_STREAM)
		error = facts_flow_read(facts, run, sink);
	if (error != 0) {
		complain("the sink cannot be read: %s", sink_error(sink));
		fold->reading = "the sink";
	}
	sink_close(sink);
	return error;
}

static int
count_remade(struct facts *facts, struct store *store)
{
	struct effects_reader reader;
	struct map_effect effect;
	const void *blob;
	size_t length;
	int more = store_effects_of_stage(store, STAGE_MAP, &reader);

	while (more == 0 && (more = reader.next(&reader, &blob, &length)) == 1) {
		more = map_effect_read(&effect, blob, length) ? 0 : -EBADMSG;
		facts->remade += effect.remade;
	}
	return more;
}

int
facts_gather(struct facts *facts, struct run *run)
{
	struct fold fold = {.facts = facts, .reading = run->db};
	struct store *store;
	int error;

	memset(facts, 0, sizeof(*facts));
	fold.durable = run->scenario.job.durable;
	fold.graph = run->scenario.core.graph;
	fold.promised = run->scenario.durability == DURABILITY_POWER;
	error = store_open_reader(&store, run->db);
	if (error != 0) {
		complain("cannot read %s: %s", run->db, strerror(-error));
		return error;
	}
	error = store_run_read(store, &facts->run);
	run->scenario.job.input_bytes = facts->run.plan.bytes;
	if (error == 0)
		error = store_counts_read(store, &facts->counts);
	if (error == 0 && job_has_sink(run->scenario.job.kind))
		error = read_sink(facts, run, store, &fold);
	if (error == 0 && run->scenario.job.kind == JOB_MAPREDUCE)
		error = count_remade(facts, store);
	if (error == 0)
		error = store_window_counts_read(store, &facts->windows);
	if (error == 0)
		error = fold_all(&fold, run, store);
	if (error != 0)
		complain("cannot read back %s: %s", fold.reading, strerror(-error));
	facts->rework += atomic_load(&run->faults->rework);
	facts->damaged = atomic_load(&run->faults->damaged);
	store_close(store);
	free(fold.task);
	free(fold.stage);
	free(fold.records);
	return error;
}
