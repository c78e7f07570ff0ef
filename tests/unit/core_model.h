/* SPDX-License-Identifier: ISC
 *
 * The coordinator in a small simulated world: modelled workers that crash, hang, pause and come
 * back, a network that loses, doubles and reorders, a supervisor that is killed, workers that are
 * scaled up and down, and a store that accepts nothing but the current epoch.  What must hold in it
 * is a CHECK, so that a test can ask which one a planted bug breaks.
 */
#ifndef TESTS_UNIT_CORE_MODEL_H
#define TESTS_UNIT_CORE_MODEL_H

#include "tests/unit/core_driver.h"

#include "core/rng.h"

#define RECORDS 4
#define TASKS_MAX 40
#define GRAPH_STEPS_MAX 6
#define SLOTS_MAX 10
#define ITEMS_MAX 20000
#define JOINER_INCARNATION 1000 /* never that of a worker spawned into its slot */
#define FAULTS_END (40 * SEC)
#define MUST_END (3000 * SEC)

enum item_kind { TO_CORE, TO_WORKER, WORK, WAKE, DEATH };

struct item {
	int64_t at_ns;
	uint64_t sequence;
	enum item_kind kind;
	struct core_step step;
};

struct worker {
	bool alive;
	bool hung;
	bool dismissed;
	uint32_t incarnation;
	uint32_t count;
	uint32_t died_in; /* task, or CORE_NO_TASK */
	uint64_t record;  /* of the first lease */
	struct core_step lease[CORE_CREDIT_MAX];
};

struct stored {
	uint32_t epoch;
	uint32_t twin; /* in force beside it: somebody is at a copy of this one; 0: nothing */
	uint32_t commits;
	uint32_t charged;
	uint32_t dead_records;
	unsigned stage;
	uint64_t poison; /* kills whoever touches it, until it is a dead letter */
	uint64_t bad;    /* cannot be parsed */
	bool poison_dead;
	bool dead;
	bool skipped;
	uint64_t blame; /* of one that was skipped */
};

/* What all seeds together have shown: a model in which nothing happens proves nothing. */
struct totals {
	struct core_stats stats;
	uint64_t outcomes[OUTCOME_DRAINED + 1];
	uint64_t refused;
	uint64_t restarts;
};

struct core_model;

struct model_options {
	uint64_t seed;
	enum audits audits;
	uint32_t planted; /* bits of planted bugs */
	/* Called, if there are any: before a coordinator is told what to restore, after each step.
	 */
	void (*begun)(struct core_model *model, void *context);
	void (*told)(struct core_model *model, const struct core_step *event, void *context);
	void *context;
};

struct core_model {
	struct driver driver;
	struct model_options options;
	struct rng chance;
	struct item items[ITEMS_MAX];
	size_t count;
	uint64_t sequence;
	struct worker workers[SLOTS_MAX + 1];
	struct stored tasks[TASKS_MAX];
	struct core_graph graph;
	uint32_t first_parent[GRAPH_STEPS_MAX + 1], first_child[GRAPH_STEPS_MAX + 1];
	struct core_edge parent[GRAPH_STEPS_MAX * GRAPH_STEPS_MAX],
	    child[GRAPH_STEPS_MAX * GRAPH_STEPS_MAX];
	uint64_t hash;
	uint64_t refused;
	uint64_t restarts;
	bool faults;
	bool drains;
	bool scales;
};

static bool
happens(struct core_model *model, unsigned per_mille)
{
	return rng_upto(&model->chance, 999) < per_mille;
}

/* A record of a task, or one that no task has. */
static uint64_t
some_record(struct core_model *model, unsigned per_mille)
{
	return happens(model, per_mille) ? rng_upto(&model->chance, RECORDS - 1) : RECORDS + 1;
}

static bool
fault(struct core_model *model, unsigned per_mille)
{
	return model->faults && happens(model, per_mille);
}

static bool
item_before(const struct item *a, const struct item *b)
{
	return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->sequence < b->sequence);
}

static void
later(struct core_model *model, enum item_kind kind, int64_t delay_ns, struct core_step step)
{
	CHECK(model->count < ITEMS_MAX);
	struct item added = {model->driver.now_ns + delay_ns, model->sequence++, kind, step};
	size_t hole = model->count++;
	while (hole > 0 && item_before(&added, &model->items[(hole - 1) / 2])) {
		model->items[hole] = model->items[(hole - 1) / 2];
		hole = (hole - 1) / 2;
	}
	model->items[hole] = added;
}

static struct item
take_next(struct core_model *model)
{
	struct item first = model->items[0], last = model->items[--model->count];
	size_t hole = 0;
	for (;;) {
		size_t child = 2 * hole + 1;
		if (child + 1 < model->count &&
		    item_before(&model->items[child + 1], &model->items[child]))
			child++;
		if (child >= model->count || !item_before(&model->items[child], &last))
			break;
		model->items[hole] = model->items[child];
		hole = child;
	}
	model->items[hole] = last;
	return first;
}

/* Over the network, which while faults last may do anything but invent. */
static void
send(struct core_model *model, enum item_kind kind, struct core_step step)
{
	int copies = fault(model, 30) ? 0 : fault(model, 30) ? 2 : 1;
	while (copies-- > 0) {
		int64_t delay_ns = MS / 2;
		if (fault(model, 200))
			delay_ns = (int64_t)rng_upto(&model->chance, 30 * MS);
		later(model, kind, delay_ns, step);
	}
}

static struct core_step
word(const struct core_model *model, enum core_kind kind, uint16_t slot,
     const struct core_step *lease)
{
	return (struct core_step){.kind = kind,
	                          .slot = slot,
	                          .incarnation = model->workers[slot].incarnation,
	                          .task = lease ? lease->task : CORE_NO_TASK,
	                          .epoch = lease ? lease->epoch : 0};
}

static void
worker_die(struct core_model *model, uint16_t slot, uint64_t status)
{
	struct worker *worker = &model->workers[slot];
	/* The board tells what it was in; nothing, if it was between two tasks. */
	bool inside = worker->count > 0 && (worker->record > 0 || happens(model, 900));
	struct core_step step =
	    word(model, EV_WORKER_EXITED, slot, inside ? &worker->lease[0] : NULL);
	step.record = worker->record;
	step.value = status;
	worker->died_in = step.task;
	worker->alive = false;
	later(model, TO_CORE, (int64_t)rng_upto(&model->chance, 2 * MS), step);
	/* Long after it another death is taken for this one: its pid has come back. */
	if (fault(model, 50))
		later(model, TO_CORE, (int64_t)rng_upto(&model->chance, 100 * MS), step);
}

static void
worker_next(struct core_model *model, uint16_t slot, bool drop_all)
{
	struct worker *worker = &model->workers[slot];
	worker->record = 0;
	worker->count = drop_all ? 0 : worker->count - 1;
	memmove(&worker->lease[0], &worker->lease[1], worker->count * sizeof worker->lease[0]);
}

/* I4: that it may run is clear from the store alone. */
static void
check_parents(const struct core_model *model, uint32_t task)
{
	const struct core_graph *graph = &model->graph;
	uint32_t step = task % graph->steps, deaths = 0, makes_up = 0;
	for (uint32_t i = graph->first_parent[step]; i < graph->first_parent[step + 1]; i++) {
		const struct stored *parent = &model->tasks[task - step + graph->parent[i].step];
		CHECK(parent->commits > 0 || parent->dead || parent->skipped);
		CHECK(graph->parent[i].kind != EDGE_STRONG || parent->commits > 0);
		makes_up += graph->parent[i].kind == EDGE_DEATH;
		deaths += graph->parent[i].kind == EDGE_DEATH && parent->dead;
	}
	CHECK(makes_up == 0 || deaths > 0);
}

static void
worker_commit(struct core_model *model, uint16_t slot)
{
	struct core_step *lease = &model->workers[slot].lease[0];
	struct stored *task = &model->tasks[lease->task];
	struct core_step step = word(model, EV_TASK_DONE, slot, lease);
	bool in_force = lease->epoch == task->epoch || lease->epoch == task->twin;
	bool accepted = in_force && task->commits == 0 && !task->dead;
	if (accepted) {
		task->commits++;
		if (model->graph.steps > 0)
			check_parents(model, lease->task);
		if (lease->cause & CORE_ASSIGN_ISOLATE && task->bad < RECORDS &&
		    model->graph.steps == 0) {
			task->dead_records++;
			step.value = 1;
		}
		for (uint32_t other = 0; other < model->driver.config.tasks; other++)
			if (model->tasks[other].stage < task->stage)
				CHECK(model->tasks[other].commits == 1 ||
				      model->tasks[other].dead); /* I4 */
	} else {
		step.kind = EV_COMMIT_REFUSED;
		model->refused++;
	}
	/* Between the commit and the report. */
	if (fault(model, 20)) {
		worker_die(model, slot, 9);
		return;
	}
	send(model, TO_CORE, step);
	worker_next(model, slot, !accepted);
}

static void
worker_fail(struct core_model *model, uint16_t slot, enum cause cause)
{
	struct core_step step = word(model, EV_TASK_FAILED, slot, &model->workers[slot].lease[0]);
	step.cause = (uint8_t)cause;
	step.value = 5;
	send(model, TO_CORE, step);
	worker_next(model, slot, false);
}

static void
worker_probe(struct core_model *model, uint16_t slot)
{
	struct worker *worker = &model->workers[slot];
	struct core_step *lease = &worker->lease[0];
	worker->record = lease->record;
	if (model->tasks[lease->task].poison == lease->record) {
		worker_die(model, slot, 11);
		return;
	}
	struct core_step step = word(model, EV_PROBE_SURVIVED, slot, lease);
	step.record = lease->record;
	later(model, TO_CORE, MS, step);
	worker_next(model, slot, false);
}

/* One record, or the commit.  False if the worker does not go on by itself. */
static bool
worker_advance(struct core_model *model, uint16_t slot)
{
	struct worker *worker = &model->workers[slot];
	struct core_step *lease = &worker->lease[0];
	const struct stored *task = &model->tasks[lease->task];
	if (lease->cause & CORE_ASSIGN_PROBE) {
		worker_probe(model, slot);
	} else if (fault(model, 10) || (worker->record == task->poison && !task->poison_dead)) {
		worker_die(model, slot, 11);
	} else if (fault(model, 20)) {
		worker->hung = true;
		later(model, WAKE, SEC + (int64_t)rng_upto(&model->chance, 3 * SEC),
		      word(model, EV_TICK, slot, NULL));
		return false;
	} else if (fault(model, 10)) {
		worker_fail(model, slot, CAUSE_INFRA);
	} else if (worker->record == task->bad &&
	           (!(lease->cause & CORE_ASSIGN_ISOLATE) || model->graph.steps > 0)) {
		worker_fail(model, slot, CAUSE_DATA);
	} else if (worker->record < RECORDS) {
		worker->record++;
		struct core_step step = word(model, EV_BEAT, slot, lease);
		step.record = worker->record;
		send(model, TO_CORE, step);
	} else {
		worker_commit(model, slot);
	}
	return true;
}

/* Where there may be copies, some attempts are slow from beginning to end. */
static bool
worker_is_slow(const struct core_model *model, const struct worker *worker)
{
	const struct core_step *lease = &worker->lease[0];
	return model->driver.config.copy_percent > 0 && worker->count > 0 &&
	       rng_mix(model->options.seed ^ (uint64_t)lease->task << 32 ^ lease->epoch) % 6 == 0;
}

static void
worker_work(struct core_model *model, const struct core_step *step)
{
	struct worker *worker = &model->workers[step->slot];
	int64_t pause_ns = (int64_t)rng_upto(&model->chance, 40 * MS);
	if (worker_is_slow(model, worker))
		pause_ns *= 20;
	if (!worker->alive || worker->incarnation != step->incarnation || worker->hung)
		return;
	if (worker->count == 0 && worker->dismissed) {
		worker_die(model, step->slot, 0);
		return;
	}
	if (worker->count == 0) {
		send(model, TO_CORE, word(model, EV_BEAT, step->slot, NULL));
		pause_ns += 200 * MS;
	} else if (!worker_advance(model, step->slot)) {
		return;
	}
	later(model, WORK, pause_ns, *step);
}

/* A lease that comes twice must not be both worked on and handed back. */
static bool
worker_holds(const struct worker *worker, const struct core_step *lease)
{
	for (uint32_t i = 0; i < worker->count; i++)
		if (worker->lease[i].task == lease->task && worker->lease[i].epoch == lease->epoch)
			return true;
	return worker->count == CORE_CREDIT_MAX;
}

static void
worker_told(struct core_model *model, const struct core_step *step)
{
	struct worker *worker = &model->workers[step->slot];
	if (!worker->alive || worker->incarnation != step->incarnation)
		return;
	if (step->kind == ACT_ASSIGN && worker->dismissed) {
		send(model, TO_CORE, word(model, EV_TASK_RETURNED, step->slot, step));
	} else if (step->kind == ACT_ASSIGN && !worker_holds(worker, step)) {
		worker->lease[worker->count++] = *step;
		later(model, WORK, MS, word(model, EV_TICK, step->slot, NULL));
	} else if (step->kind == ACT_DISMISS) {
		worker->dismissed = true;
		uint32_t started = worker->record > 0;
		for (uint32_t i = started; i < worker->count; i++)
			send(model, TO_CORE,
			     word(model, EV_TASK_RETURNED, step->slot, &worker->lease[i]));
		worker->count = worker->count < started ? worker->count : started;
		later(model, WORK, MS, word(model, EV_TICK, step->slot, NULL));
	}
}

static void
worker_spawn(struct core_model *model, uint16_t slot, uint32_t incarnation)
{
	struct worker *worker = &model->workers[slot];
	*worker = (struct worker){.alive = true, .incarnation = incarnation};
	if (fault(model, 30)) {
		worker_die(model, slot, 127);
		return;
	}
	/* Joining is a connection: it cannot be lost while the process lives. */
	later(model, TO_CORE, MS, word(model, EV_WORKER_JOINED, slot, NULL));
	later(model, WORK, 2 * MS, word(model, EV_TICK, slot, NULL));
}

/* The store's answers are slow and may come twice, but they come. */
static void
store_answer(struct core_model *model, struct core_step step)
{
	later(model, TO_CORE, (int64_t)rng_upto(&model->chance, 4 * MS), step);
	if (fault(model, 50))
		later(model, TO_CORE, (int64_t)rng_upto(&model->chance, 500 * MS), step);
}

/* Ends what has that epoch, and not what may be in force beside it. */
static uint32_t
store_raise(struct stored *task, uint32_t epoch)
{
	if (epoch == task->twin)
		task->twin = 0;
	else
		task->epoch++;
	return task->epoch;
}

static void
store_fence(struct core_model *model, const struct core_step *fence)
{
	struct stored *task = &model->tasks[fence->task];
	struct core_step answer = {.kind = EV_TASK_FENCED, .task = fence->task};
	CHECK(fence->epoch == task->epoch || fence->epoch == task->twin);
	CHECK(fence->value == 0 || fence->cause == CAUSE_DATA || fence->cause == CAUSE_CRASH ||
	      fence->cause == CAUSE_HANG);
	/* I5: who was not in it is innocent. */
	CHECK(fence->cause != CAUSE_CRASH || model->workers[fence->slot].died_in == fence->task);
	if (task->commits > 0) {
		answer.value = 1;
		answer.record = task->dead_records - task->poison_dead;
		answer.epoch = task->epoch;
	} else {
		answer.epoch = store_raise(task, fence->epoch);
		task->charged += fence->value != 0;
		CHECK(task->charged <= model->driver.config.attempts); /* I5 */
	}
	store_answer(model, answer);
}

static void
store_copy(struct core_model *model, const struct core_step *copy)
{
	struct stored *task = &model->tasks[copy->task];
	struct core_step answer = {.kind = EV_COPY_GRANTED, .task = copy->task, .value = 1};
	CHECK(copy->epoch == task->epoch);
	if (task->commits == 0) {
		task->twin = task->epoch;
		answer.epoch = ++task->epoch;
		answer.value = 0;
	}
	store_answer(model, answer);
}

static void
store_copy_fence(struct core_model *model, const struct core_step *fence)
{
	struct stored *task = &model->tasks[fence->task];
	struct core_step answer = {.kind = EV_COPY_FENCED, .task = fence->task};
	CHECK(fence->epoch == task->epoch && fence->value == 0); /* I5 */
	answer.value = task->commits > 0;
	if (answer.value)
		answer.record = task->dead_records - task->poison_dead;
	answer.epoch = answer.value ? task->epoch : store_raise(task, fence->epoch);
	store_answer(model, answer);
}

static void
store_bury(struct core_model *model, const struct core_step *bury)
{
	struct stored *task = &model->tasks[bury->task];
	CHECK(task->commits == 0);
	CHECK(task->charged == model->driver.config.attempts);
	CHECK(bury->epoch == task->epoch);
	task->dead = true;
	store_answer(model, (struct core_step){.kind = EV_TASK_BURIED,
	                                       .task = bury->task,
	                                       .value = RECORDS - task->dead_records});
	task->dead_records = RECORDS;
}

static void
store_bury_record(struct core_model *model, const struct core_step *bury)
{
	struct stored *task = &model->tasks[bury->task];
	CHECK(bury->record == task->poison); /* nothing harmless is ever buried */
	task->poison_dead = true;
	task->dead_records++;
	task->charged = 0;
	store_answer(model, (struct core_step){.kind = EV_RECORD_BURIED,
	                                       .task = bury->task,
	                                       .epoch = ++task->epoch,
	                                       .record = bury->record});
}

static void
perform(struct core_model *model, const struct core_step *action)
{
	switch (action->kind) {
	case ACT_SPAWN:
		/* A joiner that has not been heard of yet is turned away. */
		CHECK(!model->workers[action->slot].alive ||
		      model->workers[action->slot].incarnation == JOINER_INCARNATION);
		worker_spawn(model, action->slot, action->incarnation);
		break;
	case ACT_ASSIGN:
		CHECK(action->epoch == model->tasks[action->task].epoch);
		if (action->cause & CORE_ASSIGN_PROBE)
			later(model, TO_WORKER, MS, *action);
		else
			send(model, TO_WORKER, *action);
		break;
	case ACT_DISMISS:
		later(model, TO_WORKER, MS, *action);
		break;
	case ACT_KILL:
		later(model, DEATH, fault(model, 50) ? 20 * SEC : MS, *action);
		break;
	case ACT_FENCE:
		store_fence(model, action);
		break;
	case ACT_COPY:
		store_copy(model, action);
		break;
	case ACT_COPY_FENCE:
		store_copy_fence(model, action);
		break;
	case ACT_BURY:
		store_bury(model, action);
		break;
	case ACT_BURY_RECORD:
		store_bury_record(model, action);
		break;
	case ACT_SKIP:
		model->tasks[action->task].skipped = true;
		model->tasks[action->task].blame = action->record;
		break;
	default:
		break;
	}
}

static void
tell_core(struct core_model *model, struct core_step step)
{
	struct driver *driver = &model->driver;
	feed(driver, step);
	if (model->options.told != NULL)
		model->options.told(model, &step, model->options.context);
	for (size_t i = 0; i < driver->count; i++) {
		const struct core_step action = driver->actions[i];
		uint64_t words[sizeof action / 8];
		memcpy(words, &action, sizeof words);
		for (size_t w = 0; w < sizeof words / 8; w++)
			model->hash = rng_mix(model->hash ^ words[w]) + w;
		perform(model, &action);
	}
}

static enum task_state
stored_state(const struct stored *task)
{
	return task->commits > 0 ? TASK_DONE
	       : task->dead      ? TASK_DEAD
	       : task->skipped   ? TASK_SKIPPED
	                         : TASK_READY;
}

/* A new supervisor: all workers and messages of the old one are gone, the store is all there is. */
static void
supervisor_start(struct core_model *model)
{
	struct driver *driver = &model->driver;
	model->count = 0;
	memset(model->workers, 0, sizeof model->workers);
	driver->core = core_init(driver->memory, &driver->config);
	if (model->options.begun != NULL)
		model->options.begun(model, model->options.context);
	for (uint32_t number = 0; number < driver->config.tasks; number++) {
		const struct stored *task = &model->tasks[number];
		tell_core(model,
		          (struct core_step){
			      .kind = EV_TASK_RESTORED,
			      .task = number,
			      .epoch = task->epoch,
			      .record = task->skipped ? task->blame : task->dead_records,
			      .value = core_restored(stored_state(task), task->stage, task->charged,
		                                     task->dead_records > 0)});
	}
	tell_core(model, (struct core_step){.kind = EV_PLAN_READY});
	uint16_t slot = (uint16_t)driver->config.workers;
	if (slot < driver->config.slots && core_outcome(driver->core) == OUTCOME_NONE)
		worker_spawn(model, slot, JOINER_INCARNATION); /* one joiner */
}

static void
handle(struct core_model *model, const struct item *item)
{
	struct worker *worker = &model->workers[item->step.slot];
	switch (item->kind) {
	case TO_CORE:
		tell_core(model, item->step);
		break;
	case TO_WORKER:
		worker_told(model, &item->step);
		break;
	case WORK:
		worker_work(model, &item->step);
		break;
	case WAKE:
		if (worker->incarnation == item->step.incarnation && worker->hung) {
			worker->hung = false;
			worker_work(model, &item->step);
		}
		break;
	case DEATH:
		if (worker->incarnation == item->step.incarnation && worker->alive)
			worker_die(model, item->step.slot, 9);
		break;
	}
}

static void
advance(struct core_model *model)
{
	struct driver *driver = &model->driver;
	int64_t due_ns = core_next_due(driver->core);
	if (model->count > 0 && model->items[0].at_ns <= due_ns) {
		struct item item = take_next(model);
		driver->now_ns = item.at_ns;
		handle(model, &item);
	} else {
		CHECK(due_ns != CORE_NEVER); /* else nothing could ever happen again */
		driver->now_ns = due_ns > driver->now_ns ? due_ns : driver->now_ns;
		tell_core(model, (struct core_step){.kind = EV_TICK});
	}
}

/* Edges lead from lower steps to higher ones: parents of one after the other. */
static void
model_draw_edges(struct core_model *model, struct rng *rng)
{
	struct core_graph *graph = &model->graph;
	uint32_t edges = 0;
	for (uint32_t step = 0; step < graph->steps; step++) {
		bool makes_up = step > 0 && rng_upto(rng, 4) == 0;
		model->first_parent[step] = edges;
		for (uint32_t parent = 0; parent < step; parent++)
			if (rng_upto(rng, 1) == 0)
				model->parent[edges++] =
				    (struct core_edge){.step = parent,
				                       .kind = makes_up               ? EDGE_DEATH
				                               : rng_upto(rng, 2) > 0 ? EDGE_STRONG
				                                                      : EDGE_WEAK};
	}
	model->first_parent[graph->steps] = edges;
}

static void
model_turn_edges(struct core_model *model)
{
	uint32_t edges = 0;
	for (uint32_t parent = 0; parent < model->graph.steps; parent++) {
		model->first_child[parent] = edges;
		for (uint32_t step = 0; step < model->graph.steps; step++)
			for (uint32_t i = model->first_parent[step];
			     i < model->first_parent[step + 1]; i++)
				if (model->parent[i].step == parent)
					model->child[edges++] = (struct core_edge){
					    .step = step, .kind = model->parent[i].kind};
	}
	model->first_child[model->graph.steps] = edges;
}

/* Some runs are of a graph, drawn apart so that all others stay as they are. */
static void
model_draw_graph(struct core_model *model, struct core_config *config)
{
	struct rng rng;
	if (model->options.seed % 5 != 3 || config->tasks < 2)
		return;
	rng_init(&rng, model->options.seed);
	model->graph = (struct core_graph){.first_parent = model->first_parent,
	                                   .parent = model->parent,
	                                   .first_child = model->first_child,
	                                   .child = model->child};
	model->graph.steps = 2 + (uint32_t)rng_upto(&rng, GRAPH_STEPS_MAX - 2);
	if (config->tasks < model->graph.steps)
		model->graph.steps = config->tasks;
	config->tasks -= config->tasks % model->graph.steps;
	config->graph = &model->graph;
	model_draw_edges(model, &rng);
	model_turn_edges(model);
}

/* And some place their tasks by something else than a ring. */
static void
model_draw_placement(const struct core_model *model, struct core_config *config)
{
	if (model->options.seed % 11 == 9)
		config->placement =
		    model->options.seed % 2 == 0 ? PLACEMENT_LEAST : PLACEMENT_ROUND_ROBIN;
}

/* And in some, what takes too long is copied. */
static void
model_draw_copies(const struct core_model *model, struct core_config *config)
{
	if (model->options.seed % 4 != 0 || config->graph)
		return;
	config->copy_percent = 150;
	config->copy_stages = model->options.seed % 8 == 0 ? 1 : 6;
	config->copy_least_ns = 10 * MS;
}

static void
model_open(struct core_model *model, const struct model_options *options)
{
	struct core_config config;
	uint32_t tasks, workers, credit;
	memset(model, 0, sizeof *model);
	model->options = *options;
	rng_init(&model->chance, rng_mix(options->seed));
	/* One after the other: which argument is evaluated first is for each compiler to say. */
	tasks = (uint32_t)(1 + rng_upto(&model->chance, TASKS_MAX - 1));
	workers = (uint32_t)(1 + rng_upto(&model->chance, 5));
	credit = (uint32_t)(1 + rng_upto(&model->chance, 4));
	config = config_of(tasks, workers, credit);
	config.seed = options->seed;
#ifdef PLANTED_BUGS
	config.planted = options->planted;
#endif
	config.slots += happens(model, 500);
	config.attempts = (uint32_t)(1 + rng_upto(&model->chance, 4));
	config.dead_letters_max = happens(model, 500) ? UINT64_MAX : 3;
	config.takeover = happens(model, 500) ? TAKEOVER_FENCE : TAKEOVER_KILL;
	config.restart_max = happens(model, 800) ? 900 : 3;
	model_draw_graph(model, &config);
	model_draw_placement(model, &config);
	model_draw_copies(model, &config);
	driver_open(&model->driver, &config);
	model->driver.audits = options->audits;
	unsigned stages = 1 + (unsigned)rng_upto(&model->chance, 3);
	for (uint32_t task = 0; task < config.tasks; task++) {
		uint64_t poison = some_record(model, 120), bad = some_record(model, 40);
		model->tasks[task] =
		    (struct stored){.epoch = 1,
		                    .stage = config.graph ? 0 : task * stages / config.tasks,
		                    .poison = poison,
		                    .bad = bad};
	}
	model->faults = true;
	model->drains = happens(model, 100);
	model->scales = happens(model, 300);
}

static void
model_check_end(const struct core_model *model)
{
	const struct driver *driver = &model->driver;
	enum core_outcome outcome = core_outcome(driver->core);
	uint64_t dead_records = 0;
	for (uint32_t number = 0; number < driver->config.tasks; number++) {
		const struct stored *task = &model->tasks[number];
		struct core_task_view view = core_task(driver->core, number);
		CHECK(task->commits <= 1);
		CHECK((view.state == TASK_DONE) == (task->commits == 1));
		CHECK((view.state == TASK_DEAD) == (task->dead));
		CHECK(!task->dead || task->stage == 0 || outcome != OUTCOME_DONE);
		CHECK((view.state == TASK_SKIPPED) == (task->skipped));
		CHECK(view.epoch == task->epoch);
		dead_records += task->dead_records;
		if (outcome == OUTCOME_DONE || outcome == OUTCOME_DEAD_LETTERS)
			CHECK(view.state == TASK_DONE || view.state == TASK_DEAD ||
			      view.state == TASK_SKIPPED);
	}
	CHECK(core_stats(driver->core)->dead_records == dead_records);
}

static void
model_count(const struct core_model *model, struct totals *totals)
{
	const struct core_stats *stats = core_stats(model->driver.core);
	for (size_t i = 0; i < sizeof *stats / sizeof(uint64_t); i++)
		((uint64_t *)&totals->stats)[i] += ((const uint64_t *)stats)[i];
	totals->outcomes[core_outcome(model->driver.core)]++;
}

/* Nothing will happen by itself any more. */
static bool
model_is_idle(const struct core_model *model)
{
	return model->count == 0 && core_next_due(model->driver.core) == CORE_NEVER;
}

/* Anything goes while faults last; then there are workers again. */
static void
model_scale(struct core_model *model)
{
	struct driver *driver = &model->driver;
	struct core_step event = {.kind = EV_SCALE, .value = driver->config.workers};
	if (!model->faults || model_is_idle(model)) {
		model->scales = false;
	} else if (happens(model, 300)) {
		event.kind = EV_SLOT_DRAIN;
		event.slot = (uint16_t)rng_upto(&model->chance, driver->config.slots);
	} else {
		event.value = rng_upto(&model->chance, driver->config.slots);
	}
	tell_core(model, event);
}

/* Runs one job until it ends, with its faults, supervisor kills and a drain if it has one. */
static void
model_run_job(struct core_model *model, int64_t start_ns, int64_t drain_ns)
{
	struct driver *driver = &model->driver;
	supervisor_start(model);
	while (core_outcome(driver->core) == OUTCOME_NONE) {
		int64_t elapsed_ns = driver->now_ns - start_ns;
		CHECK(elapsed_ns < MUST_END); /* I9 */
		model->faults = elapsed_ns < FAULTS_END;
		if (model->drains && elapsed_ns > drain_ns) {
			model->drains = false;
			tell_core(model, (struct core_step){.kind = EV_DRAIN});
		} else if (model->scales && (model_is_idle(model) || happens(model, 4))) {
			model_scale(model);
		} else if (fault(model, 1)) {
			model->restarts++;
			supervisor_start(model);
		} else {
			advance(model);
		}
	}
}

static uint64_t
model_run(struct core_model *model, struct model_options options, struct totals *totals)
{
	struct driver *driver = &model->driver;
	model_open(model, &options);
	int64_t start_ns = driver->now_ns;
	model_run_job(model, start_ns, (int64_t)rng_upto(&model->chance, SEC));
	model_count(model, totals);
	/* What was drained is resumed. */
	if (core_outcome(driver->core) == OUTCOME_DRAINED) {
		model_run_job(model, start_ns, CORE_NEVER);
		model_count(model, totals);
	}
	model_check_end(model);
	totals->refused += model->refused;
	totals->restarts += model->restarts;
	driver_close(driver);
	return model->hash;
}

#endif
