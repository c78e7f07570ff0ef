/* SPDX-License-Identifier: ISC
 *
 * Drives a coordinator by hand in the unit tests: events with made-up times go in, the actions of
 * the last step can be looked at, and every step is followed by a full audit.
 */
#ifndef TESTS_UNIT_CORE_DRIVER_H
#define TESTS_UNIT_CORE_DRIVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/check.h"
#include "core/core.h"

#define MS INT64_C(1000000)
#define SEC INT64_C(1000000000)

enum audits { AUDITS_ALL, AUDITS_STEP, AUDITS_NONE };

struct driver {
	struct core_config config;
	struct core *core;
	void *memory;
	struct core_step *actions; /* of the last step */
	size_t count;
	int64_t now_ns;
	enum audits audits; /* after every step */
};

static inline void
driver_open(struct driver *driver, const struct core_config *config)
{
	*driver = (struct driver){.config = *config, .now_ns = 1000 * SEC};
	driver->memory = malloc(core_size(config));
	driver->actions = calloc(core_actions_max(config), sizeof *driver->actions);
	assert_non_null(driver->memory);
	assert_non_null(driver->actions);
	/* The coordinator must not count on cleared memory. */
	memset(driver->memory, 0xa5, core_size(config));
	driver->core = core_init(driver->memory, config);
}

static inline void
driver_close(struct driver *driver)
{
	free(driver->memory);
	free(driver->actions);
}

static inline size_t
feed(struct driver *driver, struct core_step event)
{
	event.at_ns = driver->now_ns;
	driver->count = core_step(driver->core, &event, driver->actions);
	if (driver->audits != AUDITS_NONE)
		core_audit_step(driver->core);
	if (driver->audits == AUDITS_ALL)
		core_audit(driver->core);
	return driver->count;
}

static inline struct core_config
config_of(uint32_t tasks, uint32_t workers, uint32_t credit)
{
	struct core_config config;
	core_config_defaults(&config);
	config.tasks = tasks;
	config.slots = config.workers = workers;
	config.credit = credit;
	config.seed = 7;
	return config;
}

static inline size_t
acted(const struct driver *driver, enum core_kind kind)
{
	size_t found = 0;
	for (size_t i = 0; i < driver->count; i++)
		found += driver->actions[i].kind == kind;
	return found;
}

/* The only action of that kind in the last step. */
static inline struct core_step
the(const struct driver *driver, enum core_kind kind)
{
	assert_int_equal(acted(driver, kind), 1);
	for (size_t i = 0; i < driver->count; i++)
		if (driver->actions[i].kind == kind)
			return driver->actions[i];
	abort();
}

static inline size_t
plan_ready(struct driver *driver)
{
	return feed(driver, (struct core_step){.kind = EV_PLAN_READY, .task = CORE_NO_TASK});
}

static inline size_t
joined(struct driver *driver, uint16_t slot)
{
	uint32_t incarnation = core_slot(driver->core, slot).incarnation;
	return feed(driver, (struct core_step){.kind = EV_WORKER_JOINED,
	                                       .slot = slot,
	                                       .incarnation = incarnation,
	                                       .task = CORE_NO_TASK});
}

/* Something the present worker in the slot says about the present lease of the task. */
static inline struct core_step
says(const struct driver *driver, enum core_kind kind, uint16_t slot, uint32_t task)
{
	return (struct core_step){
	    .kind = kind,
	    .slot = slot,
	    .incarnation = core_slot(driver->core, slot).incarnation,
	    .task = task,
	    .epoch = task == CORE_NO_TASK ? 0 : core_task(driver->core, task).epoch};
}

static inline size_t
done(struct driver *driver, uint16_t slot, uint32_t task)
{
	return feed(driver, says(driver, EV_TASK_DONE, slot, task));
}

static inline size_t
failed(struct driver *driver, uint16_t slot, uint32_t task, enum cause cause)
{
	struct core_step event = says(driver, EV_TASK_FAILED, slot, task);
	event.cause = (uint8_t)cause;
	event.value = 77;
	return feed(driver, event);
}

static inline size_t
beat(struct driver *driver, uint16_t slot, uint32_t task, uint64_t progress)
{
	struct core_step event = says(driver, EV_BEAT, slot, task);
	event.record = progress;
	return feed(driver, event);
}

static inline size_t
exited(struct driver *driver, uint16_t slot, uint32_t task, uint64_t record, uint64_t status)
{
	struct core_step event = says(driver, EV_WORKER_EXITED, slot, task);
	event.record = record;
	event.value = status;
	return feed(driver, event);
}

/* The store has raised the epoch. */
static inline size_t
taken_over(struct driver *driver, uint32_t task, bool found_done)
{
	return feed(driver, (struct core_step){.kind = EV_TASK_FENCED,
	                                       .task = task,
	                                       .epoch = core_task(driver->core, task).epoch + 1,
	                                       .value = found_done});
}

static inline size_t
tick(struct driver *driver, int64_t after_ns)
{
	driver->now_ns += after_ns;
	return feed(driver, (struct core_step){.kind = EV_TICK, .task = CORE_NO_TASK});
}

/* Ticks until nothing is due before the coordinator waits for somebody else; false if it was idle.
 */
static inline bool
tick_when_due(struct driver *driver)
{
	int64_t due_ns = core_next_due(driver->core);
	if (due_ns == CORE_NEVER)
		return false;
	tick(driver, due_ns > driver->now_ns ? due_ns - driver->now_ns : 0);
	return true;
}

static inline size_t
restored(struct driver *driver, uint32_t task, enum task_state state, unsigned stage,
         uint32_t epoch, unsigned charged)
{
	return feed(driver,
	            (struct core_step){.kind = EV_TASK_RESTORED,
	                               .task = task,
	                               .epoch = epoch,
	                               .value = core_restored(state, stage, charged, false)});
}

/* A coordinator with its plan ready and all workers joined. */
static inline void
driver_start(struct driver *driver, const struct core_config *config)
{
	driver_open(driver, config);
	plan_ready(driver);
	for (uint16_t slot = 0; slot < config->workers; slot++)
		joined(driver, slot);
}

static inline enum task_state
state_of(const struct driver *driver, uint32_t task)
{
	return core_task(driver->core, task).state;
}

static inline enum slot_state
slot_of(const struct driver *driver, uint16_t slot)
{
	return core_slot(driver->core, slot).state;
}

/* Feeds an event that must change nothing but the count of stale messages. */
static inline void
assert_stale(struct driver *driver, struct core_step event)
{
	struct core_stats before = *core_stats(driver->core), after;
	int64_t due_ns = core_next_due(driver->core);
	assert_int_equal(feed(driver, event), 0);
	after = *core_stats(driver->core);
	assert_int_equal(after.stale, before.stale + 1);
	after.stale = before.stale;
	assert_memory_equal(&before, &after, sizeof before);
	assert_int_equal(core_next_due(driver->core), due_ns);
}

#define RUN_TAP(tests) \
	(cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))

#endif
