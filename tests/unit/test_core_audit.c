/* SPDX-License-Identifier: ISC
 *
 * The audit finds what it says it looks for: each contradiction, planted, stops the process.
 */
#include "tests/unit/core_driver.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/state.h"

static void
nothing(struct core *core)
{
}

static void
count_off(struct core *core)
{
	core->stats.tasks[TASK_READY]++;
}

static void
epoch_zero(struct core *core)
{
	core->tasks[3].epoch = 0;
}

static void
over_budget(struct core *core)
{
	core->tasks[3].charged = (uint8_t)(core->config.attempts + 1);
}

static void
budget_gone_but_ready(struct core *core)
{
	core->tasks[core->queues[0].head].charged = (uint8_t)core->config.attempts;
}

static void
stage_out_of_turn(struct core *core)
{
	core->tasks[core->slots[0].lease[0]].stage = 1;
}

static void
leased_twice(struct core *core)
{
	core->slots[1].lease[0] = core->slots[0].lease[0];
}

static void
lease_without_slot(struct core *core)
{
	core->slots[1].held--;
}

static void
too_much_credit(struct core *core)
{
	core->config.credit = 1;
}

static void
worker_idles_beside_work(struct core *core)
{
	core->room[1].count = core->hungry_count = 3;
}

static void
queue_lost_one(struct core *core)
{
	core->queues[0].head = core->tasks[core->queues[0].head].next;
	core->queues[0].count--;
}

static void
queued_in_the_wrong_place(struct core *core)
{
	struct queue first = core->queues[0];
	core->queues[0] = core->queues[1];
	core->queues[1] = first;
}

static void
timer_of_nobody(struct core *core)
{
	timers_add(&core->timers, core->now_ns, 3);
}

static void
look_too_late(struct core *core)
{
	core->alarms.heap[core->alarms.at[1]].due_ns = CORE_NEVER;
}

static void
quarantined_in_the_ring(struct core *core)
{
	core->slots[2].state = SLOT_QUARANTINED;
}

static void
bucket_of_nobody(struct core *core)
{
	core->ring.owner[17] = CORE_NO_SLOT;
}

static void
answer_of_nobody(struct core *core)
{
	core->outstanding++;
}

static void
probe_of_nobody(struct core *core)
{
	core->probe.running = true;
}

static void
ended_too_early(struct core *core)
{
	core->outcome = OUTCOME_DONE;
}

/* Only what is in the middle of things: the step audit may leave that to the full one. */
static void
link_lost_in_a_queue(struct core *core)
{
	uint32_t second = core->tasks[core->queues[1].head].next;
	core->tasks[second].next = core->tasks[core->tasks[second].next].next;
}

static void
link_to_another_queue(struct core *core)
{
	uint32_t second = core->tasks[core->queues[1].head].next;
	core->tasks[second].next = core->queues[0].head;
}

static void
attempt_without_an_epoch(struct core *core)
{
	core->tasks[core->slots[0].lease[0]].attempt++;
}

static void
epoch_that_went_back(struct core *core)
{
	core->seen.tasks[core->slots[0].lease[0]].epoch = 2;
}

static void
charged_for_nothing(struct core *core)
{
	core->tasks[core->slots[0].lease[0]].charged++;
}

static void
undone(struct core *core)
{
	core->seen.tasks[core->slots[0].lease[0]].phase = PHASE_DONE;
}

static void
given_up_too_early(struct core *core)
{
	core->stats.recovering = core->slots[2].held;
	core->slots[2].killed_for = CAUSE_HANG;
	core->slots[2].state = SLOT_KILLING;
}

static void
lost_and_not_counted(struct core *core)
{
	core->tasks[core->queues[0].head].flags |= TASK_LOST;
}

static void
more_staff_than_there_is(struct core *core)
{
	core->staff--;
}

/* Takes what the contradictions are planted in for touched by a step that did nothing else. */
static void
step_touches(struct core *core)
{
	core->steps++;
	core->event = (struct core_step){.kind = EV_TICK, .task = CORE_NO_TASK};
	core->touched.tasks = core->touched.slots = 0;
	core_touch_task(core, 3);
	core_touch_task(core, core->queues[0].head);
	for (uint16_t slot = 0; slot < 3; slot++) {
		core_touch_slot(core, slot);
		for (unsigned i = 0; i < core->slots[slot].held; i++)
			core_touch_task(core, core->slots[slot].lease[i]);
	}
}

static bool
audit_stops(void (*plant)(struct core *core), bool by_step)
{
	struct core_config config = config_of(50, 3, 2);
	struct driver driver;
	int status;
	driver_start(&driver, &config);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		step_touches(driver.core);
		plant(driver.core);
		if (by_step)
			core_audit_step(driver.core);
		else
			core_audit(driver.core);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	driver_close(&driver);
	return status != 0;
}

enum { BY_FULL = 1, BY_STEP = 2, BY_BOTH = 3 };

static const struct {
	const char *name;
	void (*plant)(struct core *core);
	unsigned by;
} plants[] = {
    {"count off", count_off, BY_BOTH},
    {"epoch zero", epoch_zero, BY_BOTH},
    {"over budget", over_budget, BY_BOTH},
    {"budget gone but ready", budget_gone_but_ready, BY_BOTH},
    {"stage out of turn", stage_out_of_turn, BY_BOTH},
    {"leased twice", leased_twice, BY_BOTH},
    {"lease without slot", lease_without_slot, BY_BOTH},
    {"too much credit", too_much_credit, BY_BOTH},
    {"worker idles beside work", worker_idles_beside_work, BY_BOTH},
    {"queue lost one", queue_lost_one, BY_BOTH},
    {"queued in the wrong place", queued_in_the_wrong_place, BY_BOTH},
    {"timer of nobody", timer_of_nobody, BY_BOTH},
    {"look too late", look_too_late, BY_BOTH},
    {"quarantined in the ring", quarantined_in_the_ring, BY_BOTH},
    {"answer of nobody", answer_of_nobody, BY_BOTH},
    {"probe of nobody", probe_of_nobody, BY_BOTH},
    {"ended too early", ended_too_early, BY_BOTH},
    {"lost and not counted", lost_and_not_counted, BY_BOTH},
    {"more staff than there is", more_staff_than_there_is, BY_BOTH},
    {"bucket of nobody", bucket_of_nobody, BY_FULL},
    {"link lost in a queue", link_lost_in_a_queue, BY_FULL},
    {"link to another queue", link_to_another_queue, BY_FULL},
    {"attempt without an epoch", attempt_without_an_epoch, BY_STEP},
    {"epoch that went back", epoch_that_went_back, BY_STEP},
    {"charged for nothing", charged_for_nothing, BY_STEP},
    {"undone", undone, BY_STEP},
    {"given up too early", given_up_too_early, BY_STEP},
};

static void
every_contradiction_is_found(void **state)
{
	assert_false(audit_stops(nothing, false));
	assert_false(audit_stops(nothing, true));
	for (size_t i = 0; i < sizeof plants / sizeof plants[0]; i++) {
		if (plants[i].by & BY_FULL && !audit_stops(plants[i].plant, false))
			fail_msg("%s: not found by the full audit", plants[i].name);
		if (plants[i].by & BY_STEP && !audit_stops(plants[i].plant, true))
			fail_msg("%s: not found by the audit of its step", plants[i].name);
	}
}

static jmp_buf back;
static int last_line;

static void
come_back(const char *condition, const char *file, int line)
{
	last_line = line;
	longjmp(back, 1);
}

/* A run that breaks an invariant is a finding, not the end of the process. */
static void
broken_check_can_be_a_finding(void **state)
{
	struct core_config config = config_of(50, 3, 2);
	struct driver driver;
	last_line = 0;
	driver_start(&driver, &config);
	count_off(driver.core);
	check_hook = come_back;
	if (setjmp(back) == 0) {
		core_audit(driver.core);
		fail_msg("the broken count was not found");
	}
	check_hook = NULL;
	assert_true(last_line > 0);
	driver_close(&driver);
}

/* After steps without an audit it begins anew, and no more misses than it finds too much. */
static void
step_audit_can_be_left_out(void **state)
{
	struct core_config config = config_of(50, 3, 2);
	struct driver driver;
	driver_start(&driver, &config);
	driver.audits = AUDITS_NONE;
	for (unsigned i = 0; i < 10; i++)
		done(&driver, 0, core_slot(driver.core, 0).task);
	failed(&driver, 1, core_slot(driver.core, 1).task, CAUSE_DATA);
	driver.audits = AUDITS_ALL;
	done(&driver, 0, core_slot(driver.core, 0).task);
	done(&driver, 0, core_slot(driver.core, 0).task);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_contradiction_is_found),
	    cmocka_unit_test(broken_check_can_be_a_finding),
	    cmocka_unit_test(step_audit_can_be_left_out),
	};
	return RUN_TAP(tests);
}
