/* SPDX-License-Identifier: ISC
 *
 * The coordinator's door: lays out the memory, hands each event to the one function that deals with
 * it, and then settles what follows from it: leases, probes, skips, the end of the job.
 */
#include <string.h>

#include "copy.h"
#include "core.h"
#include "graph.h"
#include "lease.h"
#include "place.h"
#include "probe.h"
#include "scale.h"
#include "slot.h"
#include "stage.h"
#include "state.h"
#include "task.h"
#include "watch.h"

#define SECONDS(n) ((n)*INT64_C(1000000000))
#define MILLIS(n) ((n)*INT64_C(1000000))

void
core_config_defaults(struct core_config *config)
{
	*config = (struct core_config){
	    .credit = 2,
	    .attempts = 4,
	    .backoff_base_ns = MILLIS(100),
	    .backoff_cap_ns = SECONDS(30),
	    .lease_ttl_ns = SECONDS(5),
	    .suspect_ns = MILLIS(500),
	    .dead_ns = SECONDS(2),
	    .kill_confirm_ns = SECONDS(10),
	    .takeover = TAKEOVER_KILL,
	    .restart_max = 5,
	    .restart_within_ns = SECONDS(10),
	    .restart_base_ns = MILLIS(10),
	    .restart_cap_ns = SECONDS(1),
	};
}

static void
config_check(const struct core_config *config)
{
	CHECK(config->slots >= 1 && config->slots <= CORE_SLOTS_MAX);
	CHECK(config->workers <= config->slots);
	CHECK(config->tasks < CORE_NO_TASK - CORE_SLOTS_MAX);
	CHECK(config->credit >= 1 && config->credit <= CORE_CREDIT_MAX);
	CHECK(config->attempts >= 1 && config->attempts <= CORE_ATTEMPTS_MAX);
	CHECK(config->restart_max <= CORE_RESTARTS_MAX);
	CHECK(config->backoff_base_ns >= 0 && config->backoff_cap_ns >= 0);
	CHECK(config->restart_base_ns >= 0 && config->restart_cap_ns >= 0);
	CHECK(config->lease_ttl_ns > 0 && config->suspect_ns > 0 && config->dead_ns > 0);
	CHECK(config->placement <= PLACEMENT_ROUND_ROBIN);
	CHECK(config->kill_confirm_ns > 0 && config->restart_within_ns > 0);
	CHECK(!config->graph || graph_fits(config->graph, config->tasks));
	CHECK(config->copy_percent == 0 || (!config->graph && config->copy_least_ns >= 0));
}

/* Hands out consecutive pieces of the block; with a NULL base it only counts. */
struct layout {
	char *base;
	size_t used;
};

static void *
layout_take(struct layout *layout, size_t count, size_t size)
{
	size_t at = (layout->used + 15) & ~(size_t)15;
	layout->used = at + count * size;
	return layout->base ? layout->base + at : NULL;
}

struct pieces {
	struct core *core;
	struct task *tasks;
	uint16_t *pending;
	struct copy *copies;
	struct slot *slots;
	struct queue *queues;
	int64_t *deaths;
	uint16_t *ring_owner;
	uint32_t *ring_first;
	uint32_t *ring_points;
	uint16_t *fullest;
	struct slotset *room;
	uint64_t *room_words;
	struct alarm *alarms;
	uint16_t *alarm_places;
	struct timer *timers;
	struct seen_task *seen_tasks;
	struct seen_slot *seen_slots;
};

static size_t
core_lay_out(const struct core_config *config, void *memory, struct pieces *pieces)
{
	struct layout layout = {.base = memory};
	size_t slots = config->slots + 1, buckets = (size_t)1 << ring_bits(config->slots);
	pieces->core = layout_take(&layout, 1, sizeof *pieces->core);
	pieces->slots = layout_take(&layout, slots, sizeof *pieces->slots);
	pieces->queues = layout_take(&layout, slots, sizeof *pieces->queues);
	pieces->deaths =
	    layout_take(&layout, slots * (config->restart_max + 1), sizeof *pieces->deaths);
	pieces->ring_owner = layout_take(&layout, buckets, sizeof *pieces->ring_owner);
	pieces->ring_first = layout_take(&layout, buckets + 1, sizeof *pieces->ring_first);
	pieces->ring_points =
	    layout_take(&layout, (size_t)config->slots * RING_POINTS, sizeof *pieces->ring_points);
	pieces->fullest =
	    layout_take(&layout, place_leaves(config->slots), sizeof *pieces->fullest);
	pieces->room = layout_take(&layout, config->credit, sizeof *pieces->room);
	pieces->room_words =
	    layout_take(&layout, (size_t)config->credit * slotset_words(config->slots),
	                sizeof *pieces->room_words);
	pieces->alarms = layout_take(&layout, slots, sizeof *pieces->alarms);
	pieces->alarm_places = layout_take(&layout, slots, sizeof *pieces->alarm_places);
	pieces->tasks = layout_take(&layout, config->tasks, sizeof *pieces->tasks);
	pieces->pending =
	    layout_take(&layout, config->graph ? config->tasks : 0, sizeof *pieces->pending);
	pieces->copies = layout_take(&layout, config->copy_percent > 0 ? config->tasks : 0,
	                             sizeof *pieces->copies);
	/* Not touched until used: only many backoffs at once, or audits, make these real memory. */
	pieces->timers = layout_take(&layout, config->tasks + slots, sizeof *pieces->timers);
	pieces->seen_slots = layout_take(&layout, slots, sizeof *pieces->seen_slots);
	pieces->seen_tasks = layout_take(&layout, config->tasks, sizeof *pieces->seen_tasks);
	return layout.used;
}

size_t
core_size(const struct core_config *config)
{
	struct pieces pieces;
	config_check(config);
	return core_lay_out(config, NULL, &pieces);
}

uint16_t
core_probe_slot(const struct core_config *config)
{
	return (uint16_t)config->slots;
}

size_t
core_actions_max(const struct core_config *config)
{
	/* Each lease may be fenced and each place given a new one; each slot may be suspected or
	 * killed, started, quarantined and dismissed, and the ring change with it; of each, what it
	 * is in may be copied or overtaken. */
	size_t leases = (size_t)config->slots * config->credit;
	return 2 * leases + 7 * ((size_t)config->slots + 1) + SKIP_BATCH + 8;
}

static void
core_init_tables(struct core *core)
{
	const struct core_config *config = &core->config;
	static const struct task fresh = {
	    .crashed_at = {CORE_NO_RECORD, CORE_NO_RECORD},
	    .epoch = 1,
	    .next = CORE_NO_TASK,
	    .holder = CORE_NO_SLOT,
	    .phase = PHASE_BLOCKED,
	};
	for (uint32_t task = 0; task < config->tasks; task++)
		core->tasks[task] = fresh;
	if (core->copies)
		memset(core->copies, 0, config->tasks * sizeof *core->copies);
	memset(core->slots, 0, (config->slots + 1) * sizeof *core->slots);
	for (uint32_t slot = 0; slot <= config->slots; slot++) {
		core->slots[slot].started = CORE_NO_TASK;
		core->slots[slot].own = slot < config->workers;
		queue_init(&core->queues[slot]);
	}
	for (size_t i = 0; i < ((size_t)config->slots + 1) * (config->restart_max + 1); i++)
		core->deaths[i] = CORE_NEVER;
}

struct core *
core_init(void *memory, const struct core_config *config)
{
	struct pieces pieces;
	config_check(config);
	core_lay_out(config, memory, &pieces);
	struct core *core = pieces.core;
	memset(core, 0, sizeof *core);
	core->config = *config;
	core->tasks = pieces.tasks;
	core->pending = pieces.pending;
	core->copies = config->copy_percent > 0 ? pieces.copies : NULL;
	core->slots = pieces.slots;
	core->queues = pieces.queues;
	core->deaths = pieces.deaths;
	core->seen.tasks = pieces.seen_tasks;
	core->seen.slots = pieces.seen_slots;
	core->now_ns = INT64_MIN;
	core->copy_look_ns = CORE_NEVER;
	core->blame = CORE_NO_TASK;
	core->wanted = core->staff = config->workers;
	core->stage = CORE_STAGES_MAX;
	core->out_max = core_actions_max(config);
	core->stats.tasks[TASK_BLOCKED] = config->tasks;
	core_init_tables(core);
	queue_init(&core->urgent);
	queue_init(&core->doomed);
	probe_init(&core->probe);
	rng_init(&core->rng, config->seed);
	timers_init(&core->timers, pieces.timers, config->tasks + config->slots);
	alarms_init(&core->alarms, pieces.alarms, pieces.alarm_places, config->slots + 1);
	place_init(core, pieces.fullest, pieces.room, pieces.room_words);
	ring_init(&core->ring, config->slots, config->workers, pieces.ring_owner, pieces.ring_first,
	          pieces.ring_points);
	return core;
}

uint64_t
core_restored(enum task_state state, unsigned stage, unsigned charged, bool has_dead_records)
{
	uint64_t capped = charged < UINT8_MAX ? charged : UINT8_MAX;
	return (uint64_t)state | (uint64_t)(stage & 0xff) << 8 | capped << 16 |
	       (uint64_t)has_dead_records << 24;
}

enum task_state
core_restored_state(uint64_t value)
{
	return (enum task_state)(value & 0xff);
}

static uint64_t
core_unfinished(const struct core *core)
{
	const uint64_t *tasks = core->stats.tasks;
	return tasks[TASK_BLOCKED] + tasks[TASK_READY] + tasks[TASK_LEASED];
}

static void
core_plan_ready(struct core *core, const struct core_step *event)
{
	if (core->planned) {
		core->stats.stale++;
		return;
	}
	core->planned = true;
	stage_open(core);
	if (core->draining || core_unfinished(core) == 0)
		return;
	for (uint16_t slot = 0; slot < core->config.slots; slot++)
		if (core->slots[slot].own)
			slot_spawn(core, slot);
}

static void
core_drain(struct core *core, const struct core_step *event)
{
	if (core->draining || core->outcome != OUTCOME_NONE) {
		core->stats.stale++;
		return;
	}
	core->draining = true;
	slot_dismiss_all(core);
}

static void
core_tick(struct core *core, const struct core_step *event)
{
	while (timers_due(&core->timers) <= core->now_ns) {
		uint32_t what = timers_pop(&core->timers);
		if (what < core->config.tasks)
			task_wake(core, what);
		else
			slot_rested(core, (uint16_t)(what - core->config.tasks));
	}
	watch_tick(core);
}

static void
core_end(struct core *core, enum core_outcome outcome)
{
	core->outcome = outcome;
	slot_dismiss_all(core);
	core_emit(core, ACT_JOB_ENDED)->value = outcome;
}

/* Draws the conclusions of a step. */
static void
core_settle(struct core *core)
{
	if (!core->planned || core->outcome != OUTCOME_NONE)
		return;
	stage_skip_some(core);
	graph_skip_some(core);
	probe_start_next(core);
	if (!core->draining)
		place_dispatch(core);
	copy_look(core);
	bool early = CORE_PLANTED(core, EARLY_DONE) &&
	             core->stats.tasks[TASK_BLOCKED] + core->stats.tasks[TASK_READY] == 0;
	if (!early && (core->held > 0 || core->outstanding > 0))
		return;
	if (early || core_unfinished(core) == 0) {
		core_end(core, stage_is_sound(core, CORE_STAGES_MAX) ? OUTCOME_DONE
		                                                     : OUTCOME_DEAD_LETTERS);
	} else if (core->draining) {
		core_end(core, OUTCOME_DRAINED);
	} else if (slot_all_lost(core)) {
		core_end(core, OUTCOME_QUARANTINED);
	}
}

typedef void core_handler(struct core *core, const struct core_step *event);

static core_handler *const handlers[CORE_KINDS] = {
    [EV_TASK_RESTORED] = task_restored,
    [EV_PLAN_READY] = core_plan_ready,
    [EV_WORKER_JOINED] = slot_joined,
    [EV_WORKER_EXITED] = slot_exited,
    [EV_BEAT] = lease_beat,
    [EV_TASK_DONE] = lease_done,
    [EV_TASK_FAILED] = lease_failed,
    [EV_COMMIT_REFUSED] = lease_refused,
    [EV_TASK_RETURNED] = lease_returned,
    [EV_TASK_FENCED] = task_fenced,
    [EV_TASK_BURIED] = task_buried,
    [EV_RECORD_BURIED] = task_record_buried,
    [EV_PROBE_SURVIVED] = probe_survived,
    [EV_DRAIN] = core_drain,
    [EV_TICK] = core_tick,
    [EV_SCALE] = scale_to,
    [EV_SLOT_DRAIN] = scale_drain,
    [EV_COPY_GRANTED] = copy_granted,
    [EV_COPY_FENCED] = copy_fenced,
};

size_t
core_step(struct core *core, const struct core_step *event, struct core_step *actions)
{
	if (event->at_ns > core->now_ns)
		core->now_ns = event->at_ns;
	core->steps++;
	core->event = *event;
	core->touched.tasks = core->touched.slots = 0;
	core->out = actions;
	core->out_count = 0;
	core_handler *handler = event->kind < CORE_KINDS ? handlers[event->kind] : NULL;
	/* A job that has ended only watches its workers go. */
	bool over = core->outcome != OUTCOME_NONE && event->kind != EV_WORKER_JOINED &&
	            event->kind != EV_WORKER_EXITED;
	if (!handler || over) {
		core->stats.stale += event->kind != EV_TICK;
		return 0;
	}
	handler(core, event);
	core_settle(core);
	return core->out_count;
}

int64_t
core_next_due(const struct core *core)
{
	if (core->outcome != OUTCOME_NONE)
		return CORE_NEVER;
	bool skips =
	    core->doomed.count > 0 || (core->skipping && core->skip_next < core->config.tasks);
	if (skips && !core->draining)
		return core->now_ns;
	int64_t timer_ns = timers_due(&core->timers), alarm_ns = alarms_due(&core->alarms);
	int64_t due_ns = timer_ns < alarm_ns ? timer_ns : alarm_ns, copy_ns = copy_due(core);
	return copy_ns < due_ns ? copy_ns : due_ns;
}

const struct core_stats *
core_stats(const struct core *core)
{
	return &core->stats;
}

struct core_task_view
core_task(const struct core *core, uint32_t number)
{
	CHECK(number < core->config.tasks);
	const struct task *task = &core->tasks[number];
	enum task_state state = task_public_state(task->phase);
	bool copied = copy_state(core, number) == COPY_LIVE;
	uint16_t holder = copy_is_alone(core, number) ? core->copies[number].holder : task->holder;
	return (struct core_task_view){
	    .state = state,
	    .epoch = task->epoch,
	    .slot = state == TASK_LEASED ? holder : CORE_NO_SLOT,
	    .lease_epoch = copy_lease_epoch(core, number, holder),
	    .copy_slot = copied ? core->copies[number].holder : CORE_NO_SLOT,
	    .copy_epoch = copied ? core->copies[number].epoch : 0,
	    .stage = task->stage,
	    .charged = task->charged,
	    .attempt = task->attempt,
	    .waiting = state == TASK_READY && task->phase != PHASE_QUEUED,
	};
}

struct core_slot_view
core_slot(const struct core *core, uint16_t number)
{
	CHECK(number <= core->config.slots);
	const struct slot *slot = &core->slots[number];
	int started = watch_started(slot);
	return (struct core_slot_view){
	    .state = slot->state,
	    .incarnation = slot->incarnation,
	    .held = slot->held,
	    .task = started >= 0 ? slot->lease[started] : CORE_NO_TASK,
	};
}

enum core_outcome
core_outcome(const struct core *core)
{
	return core->outcome;
}
