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

static bool
audit_stops(void (*plant)(struct core *core))
{
	struct core_config config = config_of(50, 3, 2);
	struct driver driver;
	int status;
	driver_start(&driver, &config);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		plant(driver.core);
		core_audit(driver.core);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	driver_close(&driver);
	return status != 0;
}

static void
every_contradiction_is_found(void **state)
{
	static void (*const plants[])(struct core * core) = {count_off,
	                                                     epoch_zero,
	                                                     over_budget,
	                                                     budget_gone_but_ready,
	                                                     stage_out_of_turn,
	                                                     leased_twice,
	                                                     lease_without_slot,
	                                                     too_much_credit,
	                                                     worker_idles_beside_work,
	                                                     queue_lost_one,
	                                                     queued_in_the_wrong_place,
	                                                     timer_of_nobody,
	                                                     look_too_late,
	                                                     quarantined_in_the_ring,
	                                                     bucket_of_nobody,
	                                                     answer_of_nobody,
	                                                     probe_of_nobody,
	                                                     ended_too_early};
	assert_false(audit_stops(nothing));
	for (size_t i = 0; i < sizeof plants / sizeof plants[0]; i++)
		if (!audit_stops(plants[i]))
			fail_msg("contradiction %zu was not found", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_contradiction_is_found),
	};
	return RUN_TAP(tests);
}
