/* SPDX-License-Identifier: ISC
 *
 * Graphs: random ones, in which some tasks are given up and supervisors are replaced, end as a
 * simple sequential account says; and what a small one does, step by step.
 */
#include "tests/unit/core_driver.h"

#include "core/state.h"

#define STEPS_MAX 24
#define TIMES_MAX 4
#define TASKS_MAX (STEPS_MAX * TIMES_MAX)
#define SEEDS 300

struct made_graph {
	struct core_graph graph;
	uint32_t first_parent[STEPS_MAX + 1], first_child[STEPS_MAX + 1];
	struct core_edge parent[STEPS_MAX * STEPS_MAX], child[STEPS_MAX * STEPS_MAX];
	uint8_t kind[STEPS_MAX][STEPS_MAX]; /* of the edge to a step from a parent: 1 + kind */
};

/* From the table of kinds. */
static void
make_edges(struct made_graph *made, uint32_t steps)
{
	uint32_t up = 0, down = 0;
	made->graph = (struct core_graph){.steps = steps,
	                                  .first_parent = made->first_parent,
	                                  .parent = made->parent,
	                                  .first_child = made->first_child,
	                                  .child = made->child};
	for (uint32_t a = 0; a < steps; a++) {
		made->first_parent[a] = up;
		made->first_child[a] = down;
		for (uint32_t b = 0; b < steps; b++) {
			if (made->kind[a][b] > 0)
				made->parent[up++] = (struct core_edge){b, made->kind[a][b] - 1};
			if (made->kind[b][a] > 0)
				made->child[down++] = (struct core_edge){b, made->kind[b][a] - 1};
		}
	}
	made->first_parent[steps] = up;
	made->first_child[steps] = down;
}

/* Numbers say nothing about the order: edges follow a shuffle. */
static void
draw_graph(struct made_graph *made, struct rng *rng, uint32_t order[STEPS_MAX])
{
	uint32_t steps = 1 + (uint32_t)rng_upto(rng, STEPS_MAX - 1);
	uint32_t dense = 1 + (uint32_t)rng_upto(rng, 8);
	memset(made, 0, sizeof *made);
	for (uint32_t i = 0; i < steps; i++) {
		uint32_t other = (uint32_t)rng_upto(rng, i);
		order[i] = order[other];
		order[other] = i;
	}
	for (uint32_t i = 0; i < steps; i++) {
		bool makes_up = rng_upto(rng, 5) == 0;
		for (uint32_t j = 0; j < i; j++)
			if (rng_upto(rng, dense) == 0)
				made->kind[order[i]][order[j]] =
				    1 + (makes_up                ? EDGE_DEATH
				         : rng_upto(rng, 3) == 0 ? EDGE_WEAK
				                                 : EDGE_STRONG);
	}
	make_edges(made, steps);
}

/* Whether a task that waits as these parents are may run, by the meaning of the edges alone. */
static bool
may_run(const struct made_graph *made, const enum task_state *state, uint32_t task)
{
	uint32_t step = task % made->graph.steps, base = task - step;
	bool makes_up = false, death = false;
	for (uint32_t parent = 0; parent < made->graph.steps; parent++) {
		enum task_state is = state[base + parent];
		switch (made->kind[step][parent]) {
		case 1 + EDGE_STRONG:
			if (is != TASK_DONE)
				return false;
			break;
		case 1 + EDGE_DEATH:
			makes_up = true;
			death |= is == TASK_DEAD;
			break;
		}
	}
	return !makes_up || death;
}

/* How each task must end, with those given up that may run and are doomed to fail. */
static void
expect(const struct made_graph *made, const uint32_t *order, uint32_t tasks, const bool *fails,
       enum task_state *state)
{
	for (uint32_t base = 0; base < tasks; base += made->graph.steps)
		for (uint32_t i = 0; i < made->graph.steps; i++) {
			uint32_t task = base + order[i];
			state[task] = !may_run(made, state, task) ? TASK_SKIPPED
			              : fails[task]               ? TASK_DEAD
			                                          : TASK_DONE;
		}
}

static bool
all_parents_ended(const struct made_graph *made, const enum task_state *state, uint32_t task)
{
	uint32_t step = task % made->graph.steps, base = task - step;
	for (uint32_t parent = 0; parent < made->graph.steps; parent++)
		if (made->kind[step][parent] > 0 && state[base + parent] == TASK_READY)
			return false;
	return true;
}

struct play {
	struct made_graph made;
	struct driver driver;
	struct rng rng;
	uint32_t order[STEPS_MAX];
	bool fails[TASKS_MAX];
	enum task_state stored[TASKS_MAX], expected[TASKS_MAX];
	uint32_t epoch[TASKS_MAX], blame[TASKS_MAX];
	struct core_step lease[TASKS_MAX];
	size_t leases;
	uint32_t restarts;
};

/* What the last step asked for is done, in its order. */
static void
take_actions(struct play *play)
{
	for (size_t i = 0; i < play->driver.count; i++) {
		const struct core_step *action = &play->driver.actions[i];
		if (action->kind == ACT_ASSIGN) {
			assert_true(all_parents_ended(&play->made, play->stored, action->task));
			assert_true(may_run(&play->made, play->stored, action->task));
			play->lease[play->leases++] = *action;
		} else if (action->kind == ACT_SKIP) {
			assert_int_equal(play->stored[action->task], TASK_READY);
			play->stored[action->task] = TASK_SKIPPED;
			play->blame[action->task] = (uint32_t)action->record;
		}
	}
}

static void
tell(struct play *play, struct core_step event)
{
	feed(&play->driver, event);
	take_actions(play);
}

static void
start(struct play *play)
{
	struct driver *driver = &play->driver;
	play->leases = 0;
	driver->core = core_init(driver->memory, &driver->config);
	for (uint32_t task = 0; task < driver->config.tasks; task++)
		if (play->stored[task] != TASK_READY || play->epoch[task] > 1)
			tell(play,
			     (struct core_step){
				 .kind = EV_TASK_RESTORED,
				 .task = task,
				 .epoch = play->epoch[task],
				 .record = play->stored[task] == TASK_SKIPPED ? play->blame[task]
			                   : play->stored[task] == TASK_DEAD  ? 1
			                                                      : 0,
				 .value = core_restored(play->stored[task], 0, 0, false)});
	tell(play, (struct core_step){.kind = EV_PLAN_READY, .task = CORE_NO_TASK});
	for (uint16_t slot = 0;
	     core_outcome(driver->core) == OUTCOME_NONE && slot < driver->config.workers; slot++) {
		joined(driver, slot);
		take_actions(play);
	}
}

/* One of the leases comes to its end. */
static void
end_one(struct play *play)
{
	size_t which = (size_t)rng_upto(&play->rng, play->leases - 1);
	struct core_step lease = play->lease[which];
	uint32_t task = lease.task;
	play->lease[which] = play->lease[--play->leases];
	if (!play->fails[task]) {
		play->stored[task] = TASK_DONE;
		tell(play, says(&play->driver, EV_TASK_DONE, lease.slot, task));
		return;
	}
	struct core_step event = says(&play->driver, EV_TASK_FAILED, lease.slot, task);
	event.cause = CAUSE_DATA;
	tell(play, event);
	play->epoch[task]++;
	tell(play,
	     (struct core_step){.kind = EV_TASK_FENCED, .task = task, .epoch = play->epoch[task]});
	play->stored[task] = TASK_DEAD;
	play->epoch[task]++;
	tell(play, (struct core_step){.kind = EV_TASK_BURIED, .task = task, .value = 1});
}

/* What is skipped names a task that is dead and that it needed, perhaps by way of others. */
static void
check_blame(const struct play *play, uint32_t task)
{
	uint32_t steps = play->made.graph.steps, step = task % steps, base = task - step;
	uint32_t blame = play->blame[task];
	assert_true(blame == CORE_NO_TASK || play->stored[blame] == TASK_DEAD);
	if (blame != CORE_NO_TASK)
		assert_int_equal(blame / steps, task / steps);
	for (uint32_t parent = 0; parent < steps; parent++) {
		if (play->made.kind[step][parent] != 1 + EDGE_STRONG)
			continue;
		if (base + parent == blame)
			return;
		if (play->stored[base + parent] == TASK_SKIPPED &&
		    play->blame[base + parent] == blame)
			return;
	}
	assert_int_equal(blame, CORE_NO_TASK); /* it makes up for what has not happened */
}

static void
play_seed(struct play *play, uint64_t seed)
{
	struct core_config config;
	memset(play, 0, sizeof *play);
	rng_init(&play->rng, seed);
	draw_graph(&play->made, &play->rng, play->order);
	uint32_t times = 1 + (uint32_t)rng_upto(&play->rng, TIMES_MAX - 1);
	config = config_of(play->made.graph.steps * times, 1 + (uint32_t)rng_upto(&play->rng, 3),
	                   1 + (uint32_t)rng_upto(&play->rng, 3));
	config.graph = &play->made.graph;
	config.attempts = 1;
	config.dead_letters_max = UINT64_MAX;
	for (uint32_t task = 0; task < config.tasks; task++) {
		play->fails[task] = rng_upto(&play->rng, 5) == 0;
		play->stored[task] = TASK_READY;
		play->epoch[task] = 1;
	}
	expect(&play->made, play->order, config.tasks, play->fails, play->expected);
	driver_open(&play->driver, &config);
	start(play);
	while (core_outcome(play->driver.core) == OUTCOME_NONE) {
		if (rng_upto(&play->rng, 30) == 0) {
			play->restarts++;
			start(play);
		} else if (play->leases > 0) {
			end_one(play);
		} else {
			assert_true(tick_when_due(&play->driver));
			take_actions(play);
		}
	}
}

static void
random_graphs_end_as_a_sequential_account_says(void **state)
{
	static struct play play;
	uint32_t states[TASK_STATES] = {0}, restarts = 0, unneeded = 0;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		play_seed(&play, seed);
		assert_int_equal(core_outcome(play.driver.core), OUTCOME_DONE);
		for (uint32_t task = 0; task < play.driver.config.tasks; task++) {
			assert_int_equal(state_of(&play.driver, task), play.expected[task]);
			assert_int_equal(play.stored[task], play.expected[task]);
			states[play.stored[task]]++;
			if (play.stored[task] == TASK_SKIPPED) {
				check_blame(&play, task);
				unneeded += play.blame[task] == CORE_NO_TASK;
			}
		}
		restarts += play.restarts;
		driver_close(&play.driver);
	}
	/* A test in which nothing happens proves nothing. */
	assert_true(states[TASK_DONE] > 1000 && states[TASK_DEAD] > 300);
	assert_true(states[TASK_SKIPPED] - unneeded > 300 && unneeded > 100 && restarts > 100);
}

/* payment -> packing -> shipping, refund if packing or shipping is given up, mail in any case. */
enum { PAYMENT, PACKING, SHIPPING, REFUND, MAIL, ORDER_STEPS };

static void
open_order(struct made_graph *made, struct driver *driver)
{
	struct core_config config = config_of(ORDER_STEPS, 1, 1);
	memset(made, 0, sizeof *made);
	made->kind[PACKING][PAYMENT] = 1 + EDGE_STRONG;
	made->kind[SHIPPING][PACKING] = 1 + EDGE_STRONG;
	made->kind[REFUND][PACKING] = made->kind[REFUND][SHIPPING] = 1 + EDGE_DEATH;
	made->kind[MAIL][SHIPPING] = 1 + EDGE_WEAK;
	make_edges(made, ORDER_STEPS);
	config.graph = &made->graph;
	config.attempts = 1;
	config.dead_letters_max = 1;
	driver_open(driver, &config);
	plan_ready(driver);
	joined(driver, 0);
}

static void
bury(struct driver *driver, uint32_t task)
{
	failed(driver, 0, task, CAUSE_DATA);
	taken_over(driver, task, false);
	feed(driver, (struct core_step){.kind = EV_TASK_BURIED, .task = task, .value = 1});
}

static void
order_that_is_packed_needs_no_refund(void **state)
{
	struct made_graph made;
	struct driver driver;
	open_order(&made, &driver);
	for (uint32_t task = PAYMENT; task <= SHIPPING; task++) {
		assert_int_equal(the(&driver, ACT_ASSIGN).task, task);
		done(&driver, 0, task);
	}
	assert_int_equal(the(&driver, ACT_SKIP).task, REFUND);
	assert_true(the(&driver, ACT_SKIP).record == CORE_NO_TASK);
	assert_int_equal(the(&driver, ACT_ASSIGN).task, MAIL);
	done(&driver, 0, MAIL);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

static void
order_that_cannot_be_packed_is_refunded(void **state)
{
	struct made_graph made;
	struct driver driver;
	open_order(&made, &driver);
	done(&driver, 0, PAYMENT);
	bury(&driver, PACKING);
	assert_int_equal(the(&driver, ACT_SKIP).task, SHIPPING);
	assert_int_equal(the(&driver, ACT_SKIP).record, PACKING);
	for (unsigned left = 2; left > 0; left--)
		done(&driver, 0, the(&driver, ACT_ASSIGN).task);
	assert_int_equal(state_of(&driver, REFUND), TASK_DONE);
	assert_int_equal(state_of(&driver, MAIL), TASK_DONE);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

static void
order_that_is_not_paid_needs_no_refund_either(void **state)
{
	struct made_graph made;
	struct driver driver;
	open_order(&made, &driver);
	bury(&driver, PAYMENT);
	assert_int_equal(acted(&driver, ACT_SKIP), 3);
	assert_int_equal(the(&driver, ACT_ASSIGN).task, MAIL);
	done(&driver, 0, MAIL);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

/* A step is one record: it is not isolated, and what kills its workers is not looked for in it. */
static void
step_is_given_up_as_a_whole(void **state)
{
	struct made_graph made;
	struct driver driver;
	open_order(&made, &driver);
	driver.core->config.attempts = 3;
	for (unsigned attempt = 1; attempt <= 3; attempt++) {
		exited(&driver, 0, PAYMENT, 0, 11);
		taken_over(&driver, PAYMENT, false);
		while (acted(&driver, ACT_SPAWN) == 0 && slot_of(&driver, 0) == SLOT_RESTING)
			tick_when_due(&driver);
		assert_int_equal(slot_of(&driver, core_probe_slot(&driver.config)), SLOT_ABSENT);
		if (attempt == 3)
			break;
		joined(&driver, 0);
		while (state_of(&driver, PAYMENT) != TASK_LEASED)
			tick_when_due(&driver);
	}
	assert_int_equal(core_task(driver.core, PAYMENT).charged, 3);
	feed(&driver, (struct core_step){.kind = EV_TASK_BURIED, .task = PAYMENT, .value = 1});
	assert_int_equal(state_of(&driver, PAYMENT), TASK_DEAD);
	driver_close(&driver);
}

/* More than one step may skip: the rest follows at once. */
static void
long_chain_is_skipped_in_portions(void **state)
{
	enum { TASKS = 5000 };
	static uint32_t first[TASKS + 1], last[TASKS + 1];
	static struct core_edge parent[TASKS], child[TASKS];
	struct core_graph graph = {TASKS, first, parent, last, child};
	struct core_config config = config_of(TASKS, 1, 1);
	struct driver driver;
	size_t skipped = 0, steps = 0;
	for (uint32_t task = 0; task < TASKS; task++) {
		first[task + 1] = task;
		last[task + 1] = task + 1 < TASKS ? task + 1 : task;
		if (task + 1 < TASKS) {
			parent[task] = (struct core_edge){.step = task};
			child[task] = (struct core_edge){.step = task + 1};
		}
	}
	config.graph = &graph;
	config.attempts = 1;
	driver_open(&driver, &config);
	driver.audits = AUDITS_STEP;
	plan_ready(&driver);
	joined(&driver, 0);
	bury(&driver, 0);
	do {
		for (size_t i = 0; i < driver.count; i++)
			if (driver.actions[i].kind == ACT_SKIP)
				assert_int_equal(driver.actions[i].record, 0);
		skipped += acted(&driver, ACT_SKIP);
		steps++;
	} while (core_outcome(driver.core) == OUTCOME_NONE && tick_when_due(&driver));
	assert_int_equal(skipped, TASKS - 1);
	assert_true(steps > 1);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DEAD_LETTERS); /* none may be */
	core_audit(driver.core);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_graphs_end_as_a_sequential_account_says),
	    cmocka_unit_test(order_that_is_packed_needs_no_refund),
	    cmocka_unit_test(order_that_cannot_be_packed_is_refunded),
	    cmocka_unit_test(order_that_is_not_paid_needs_no_refund_either),
	    cmocka_unit_test(step_is_given_up_as_a_whole),
	    cmocka_unit_test(long_chain_is_skipped_in_portions),
	};
	return RUN_TAP(tests);
}
