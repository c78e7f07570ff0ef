/* SPDX-License-Identifier: ISC
 *
 * The coordinator under arbitrary events: frames as a worker may send them, answers of the store,
 * joins, exits and time in any order, and events that nobody would send.  After each step the audit
 * must pass, a second coordinator that was told the same must have answered the same to the bit, no
 * task may be leased twice at a time or under an epoch that was fenced, and what is finished stays
 * so.  At the end the world around it becomes faithful: then the job must end.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "sim/channel/message.h"
#include "tests/fuzz/fuzz.h"

#define TASKS_MAX 24
#define SLOTS_MAX 6
#define HEALING_ROUNDS 2000
#define AUDIT_EVERY                                                                                \
	16               /* the full audit goes over the whole ring: most of the time would be its \
	                  */
#define EPOCH_MAX 0xffff /* of what the store and the processes say: they count from 1 */

struct twin {
	void *memory;
	struct core *core;
	struct core_step *actions;
};

struct shadow {
	bool leased;
	bool fenced; /* since it was last leased */
	uint32_t epoch;
	enum task_state state;
	bool asked; /* the store was, and has not answered */
	struct core_step question;
};

struct world {
	struct core_config config;
	struct twin twin[2];
	struct core *core; /* of the first */
	size_t count;      /* actions of the last step */
	int64_t now_ns;
	bool planned, ended;
	uint64_t events;        /* told so far */
	struct core_step probe; /* what was last assigned to the probe */
	struct shadow task[TASKS_MAX];
};

static void
twin_init(struct twin *twin, const struct core_config *config, int junk)
{
	twin->memory = malloc(core_size(config));
	twin->actions = malloc(core_actions_max(config) * sizeof(*twin->actions));
	CHECK(twin->memory != NULL && twin->actions != NULL);
	memset(twin->memory, junk, core_size(config));
	twin->core = core_init(twin->memory, config);
}

static void
world_init(struct world *world, struct fuzz_input *input)
{
	static const uint64_t dead_letters[] = {0, 1, 5, UINT64_MAX};
	struct core_config *config = &world->config;

	*world = (struct world){.now_ns = INT64_C(1000000000)};
	core_config_defaults(config);
	config->tasks = (uint32_t)fuzz_take(input, 1) % (TASKS_MAX + 1);
	config->slots = 1 + (uint32_t)fuzz_take(input, 1) % SLOTS_MAX;
	config->workers = (uint32_t)fuzz_take(input, 1) % (config->slots + 1);
	config->credit = 1 + (uint32_t)fuzz_take(input, 1) % 4;
	config->attempts = 1 + (uint32_t)fuzz_take(input, 1) % 5;
	config->dead_letters_max = dead_letters[fuzz_take(input, 1) % 4];
	config->restart_max = (uint32_t)fuzz_take(input, 1) % 6;
	config->takeover = fuzz_take(input, 1) % 2 ? TAKEOVER_FENCE : TAKEOVER_KILL;
	config->seed = fuzz_take(input, 1);
	for (int i = 0; i < 2; i++)
		twin_init(&world->twin[i], config, i ? 0xa5 : 0);
	world->core = world->twin[0].core;
}

static void
world_fini(struct world *world)
{
	for (int i = 0; i < 2; i++) {
		free(world->twin[i].memory);
		free(world->twin[i].actions);
	}
}

static void
on_assign(struct world *world, const struct core_step *action)
{
	struct shadow *task = &world->task[action->task];

	CHECK(core_slot(world->core, action->slot).state == SLOT_UP);
	CHECK(core_slot(world->core, action->slot).incarnation == action->incarnation);
	if (action->cause & CORE_ASSIGN_PROBE) {
		CHECK(action->slot == core_probe_slot(&world->config));
		world->probe = *action;
		return;
	}
	CHECK(!task->leased && task->state < TASK_DONE);
	CHECK(task->fenced ? action->epoch > task->epoch : action->epoch >= task->epoch);
	*task = (struct shadow){.leased = true, .epoch = action->epoch, .state = task->state};
}

static void
on_action(struct world *world, const struct core_step *action)
{
	struct shadow *task = action->task < TASKS_MAX ? &world->task[action->task] : NULL;

	CHECK((action->kind >= ACT_SPAWN && action->kind <= ACT_JOB_ENDED) ||
	      action->kind == ACT_REBALANCED);
	CHECK(action->kind != ACT_REBALANCED || action->record <= action->value);
	CHECK(action->at_ns == world->now_ns && action->slot <= world->config.slots);
	CHECK(action->task < world->config.tasks || action->task == CORE_NO_TASK);
	CHECK(!world->ended || action->kind == ACT_DISMISS || action->kind == ACT_FENCE);
	switch (action->kind) {
	case ACT_ASSIGN:
		on_assign(world, action);
		break;
	case ACT_FENCE:
		CHECK(task->leased && task->epoch == action->epoch);
		task->leased = false;
		task->fenced = true;
		/* fall through */
	case ACT_BURY:
	case ACT_BURY_RECORD:
		task->asked = true;
		task->question = *action;
		break;
	case ACT_JOB_ENDED:
		CHECK(action->value == core_outcome(world->core));
		world->ended = true;
		break;
	default:
		break;
	}
}

/* A lease that the step's event has ended in peace. */
static void
note_ending(struct world *world, const struct core_step *event, const struct core_stats *before)
{
	const struct core_stats *stats = core_stats(world->core);

	if (stats->returned > before->returned ||
	    (event->kind == EV_TASK_DONE && stats->done > before->done)) {
		CHECK(world->task[event->task].leased);
		CHECK(world->task[event->task].epoch == event->epoch);
		world->task[event->task].leased = false;
	}
}

static void
note_states(struct world *world)
{
	for (uint32_t number = 0; number < world->config.tasks; number++) {
		struct shadow *task = &world->task[number];
		struct core_task_view view = core_task(world->core, number);

		CHECK(task->state < TASK_DONE || view.state == task->state);
		CHECK(!task->leased || view.state == TASK_LEASED);
		task->state = view.state;
	}
}

static void
feed(struct world *world, struct core_step event)
{
	struct twin *a = &world->twin[0], *b = &world->twin[1];
	struct core_stats before = *core_stats(world->core);

	event.at_ns = world->now_ns;
	world->events++;
	world->planned |= event.kind == EV_PLAN_READY;
	world->count = core_step(a->core, &event, a->actions);
	core_audit_step(a->core);
	if (world->events % AUDIT_EVERY == 0)
		core_audit(a->core);
	CHECK(core_step(b->core, &event, b->actions) == world->count);
	CHECK(memcmp(a->actions, b->actions, world->count * sizeof(*a->actions)) == 0);
	CHECK(core_next_due(a->core) == core_next_due(b->core));
	CHECK(memcmp(core_stats(a->core), core_stats(b->core), sizeof(before)) == 0);
	note_ending(world, &event, &before);
	for (size_t i = 0; i < world->count; i++)
		on_action(world, &a->actions[i]);
	note_states(world);
	CHECK(world->ended == (core_outcome(world->core) != OUTCOME_NONE));
}

/* Ticks until nothing more is due now: that must come. */
static void
tick(struct world *world)
{
	uint32_t left = 3 + world->config.tasks + world->config.slots;

	do {
		CHECK(left-- > 0);
		feed(world, (struct core_step){.kind = EV_TICK, .task = CORE_NO_TASK});
	} while (core_next_due(world->core) <= world->now_ns);
}

static struct core_step
word_of(const struct world *world, enum core_kind kind, uint16_t slot, uint32_t task)
{
	return (struct core_step){
	    .kind = (uint8_t)kind,
	    .slot = slot,
	    .incarnation = core_slot(world->core, slot).incarnation,
	    .task = task,
	    .epoch = task < world->config.tasks ? core_task(world->core, task).epoch : 0,
	};
}

/* The worker that was started, or another one into a free place. */
static void
join(struct world *world, uint16_t slot)
{
	struct core_step event = word_of(world, EV_WORKER_JOINED, slot, CORE_NO_TASK);

	event.incarnation += core_slot(world->core, slot).state == SLOT_ABSENT;
	feed(world, event);
}

/* So many workers are wanted. */
static void
scale(struct world *world, uint64_t workers)
{
	feed(world, (struct core_step){.kind = EV_SCALE, .task = CORE_NO_TASK, .value = workers});
}

enum answer { ANSWER_RAISED, ANSWER_DONE, ANSWER_OLD };

/* The store's answer: it raises the epoch unless it finds the task done.  An old answer that comes
 * once more answers nothing. */
static void
answer(struct world *world, uint32_t number, enum answer how)
{
	struct shadow *task = &world->task[number];
	struct core_step event = task->question;

	if (!task->asked)
		return;
	task->asked = how == ANSWER_OLD;
	switch (event.kind) {
	case ACT_FENCE:
		event.kind = EV_TASK_FENCED;
		event.value = how == ANSWER_DONE;
		event.epoch += how == ANSWER_RAISED;
		break;
	case ACT_BURY:
		task->asked = false;
		event.kind = EV_TASK_BURIED;
		event.value = 2;
		break;
	default:
		event.kind = EV_RECORD_BURIED;
		event.epoch += how == ANSWER_RAISED;
		event.record += how == ANSWER_OLD;
		break;
	}
	feed(world, event);
}

/* One frame, all of it as it comes. */
static void
hear_frame(struct world *world, struct fuzz_input *input, uint16_t slot)
{
	struct message message = {0};
	struct core_step event;
	size_t length = fuzz_left(input) < sizeof(message) ? fuzz_left(input) : sizeof(message);

	memcpy(&message, input->at, length);
	input->at += length;
	message.kind %= MESSAGE_KINDS; /* channel_receive lets no other pass */
	if (message_event(&message, slot, core_slot(world->core, slot).incarnation, &event))
		feed(world, event);
}

/* A frame about a real task, the epoch perhaps an old one and the worker perhaps the one before. */
static void
hear_worker(struct world *world, struct fuzz_input *input, uint16_t slot)
{
	struct message message = {.kind = (uint8_t)(fuzz_take(input, 1) % MESSAGE_KINDS)};
	uint32_t old = (uint32_t)fuzz_take(input, 1), task = (uint32_t)fuzz_take(input, 1);
	uint32_t incarnation = core_slot(world->core, slot).incarnation;
	struct core_step event;

	message.task = task < world->config.tasks ? task : CORE_NO_TASK;
	if (message.task != CORE_NO_TASK)
		message.epoch = core_task(world->core, task).epoch - (old & 3);
	message.cause = (uint8_t)(old >> 4) % (CAUSES + 1);
	message.record = fuzz_take(input, 1) % 4;
	message.value = fuzz_take(input, 1) % 4;
	if (message_event(&message, slot, incarnation - ((old & 12) == 12), &event))
		feed(world, event);
}

static void
end_worker(struct world *world, struct fuzz_input *input, uint16_t slot)
{
	uint32_t task = (uint32_t)fuzz_take(input, 1);
	struct core_step event;

	event = word_of(world, EV_WORKER_EXITED, slot, task < TASKS_MAX ? task : CORE_NO_TASK);
	if (task == 255)
		event = word_of(world, EV_WORKER_EXITED, slot, core_slot(world->core, slot).task);
	event.record = fuzz_take(input, 1) % 4;
	event.value = fuzz_take(input, 1) % 2 ? 9 : 0;
	feed(world, event);
}

static void
restore(struct world *world, struct fuzz_input *input)
{
	uint32_t task = (uint32_t)fuzz_take(input, 1);
	uint64_t state = fuzz_take(input, 1), stage = fuzz_take(input, 1);

	feed(world, (struct core_step){
			.kind = EV_TASK_RESTORED,
			.task = task,
			.epoch = (uint32_t)fuzz_take(input, 1),
			.value = core_restored((enum task_state)(state % (TASK_STATES + 1)),
	                                       stage % (CORE_STAGES_MAX + 1),
	                                       (unsigned)fuzz_take(input, 1), stage & 128),
			.record = state >> 3,
		    });
}

/* Anything: what no process of ours would ever send must do no harm either. */
static void
invent(struct world *world, struct fuzz_input *input)
{
	struct core_step event = {
	    .kind = (uint8_t)fuzz_take(input, 1),
	    .cause = (uint8_t)fuzz_take(input, 1),
	    .slot = (uint16_t)fuzz_take(input, 2),
	    .incarnation = (uint32_t)fuzz_take(input, 2),
	    .task = (uint32_t)fuzz_take(input, 4),
	    .epoch = (uint32_t)fuzz_take(input, 2) & EPOCH_MAX,
	    .record = fuzz_take(input, 8),
	    .value = fuzz_take(input, 8),
	};

	feed(world, event);
}

static void
let_time_pass(struct world *world, struct fuzz_input *input)
{
	uint64_t how = fuzz_take(input, 1);
	int64_t due_ns = core_next_due(world->core);

	if (how >= 128 && due_ns != CORE_NEVER)
		world->now_ns = due_ns > world->now_ns ? due_ns : world->now_ns;
	else
		world->now_ns += (int64_t)1 << (how % 36);
	tick(world);
}

static void
do_one(struct world *world, struct fuzz_input *input)
{
	uint64_t what = fuzz_take(input, 1);
	uint16_t slot = (uint16_t)((what >> 4) % (world->config.slots + 1));

	switch (what & 15) {
	case 0:
		restore(world, input);
		break;
	case 1:
		feed(world, (struct core_step){.kind = EV_PLAN_READY, .task = CORE_NO_TASK});
		break;
	case 2:
	case 3:
		join(world, slot);
		break;
	case 4:
		end_worker(world, input, slot);
		break;
	case 5:
	case 6:
		let_time_pass(world, input);
		break;
	case 7:
		hear_frame(world, input, slot);
		break;
	case 8:
		invent(world, input);
		break;
	case 9:
		if (what == 9)
			feed(world, (struct core_step){.kind = EV_DRAIN, .task = CORE_NO_TASK});
		else if (what & 128)
			scale(world, fuzz_take(input, 1) % (SLOTS_MAX + 1));
		else
			feed(world, word_of(world, EV_SLOT_DRAIN, slot, CORE_NO_TASK));
		break;
	case 10:
	case 11:
		answer(world, (uint32_t)fuzz_take(input, 1) % TASKS_MAX,
		       (enum answer)(what >> 4) % (ANSWER_OLD + 1));
		break;
	default:
		hear_worker(world, input, slot);
		break;
	}
}

/* What a worker without fault does next. */
static void
serve_slot(struct world *world, uint16_t slot)
{
	struct core_slot_view view = core_slot(world->core, slot);
	struct core_step event;

	switch (view.state) {
	case SLOT_STARTING:
		join(world, slot);
		break;
	case SLOT_KILLING:
	case SLOT_LEAVING:
		event = word_of(world, EV_WORKER_EXITED, slot, CORE_NO_TASK);
		event.value = view.state == SLOT_KILLING ? 9 : 0;
		feed(world, event);
		break;
	case SLOT_FENCED:
		feed(world, word_of(world, EV_BEAT, slot, CORE_NO_TASK));
		break;
	case SLOT_UP:
		if (slot == core_probe_slot(&world->config)) {
			event = word_of(world, EV_PROBE_SURVIVED, slot, world->probe.task);
			event.record = world->probe.record;
			feed(world, event);
		}
		for (uint32_t task = 0; task < world->config.tasks; task++)
			if (world->task[task].leased && core_task(world->core, task).slot == slot)
				feed(world, word_of(world, EV_TASK_DONE, slot, task));
		break;
	default:
		break;
	}
}

/* One turn in which everybody does what is asked of them; time passes only when nobody has to. */
static void
serve(struct world *world)
{
	uint64_t before = world->events;
	int64_t due_ns;

	for (uint32_t task = 0; task < world->config.tasks; task++)
		answer(world, task, ANSWER_RAISED);
	for (uint16_t slot = 0; slot <= world->config.slots; slot++)
		serve_slot(world, slot);
	due_ns = core_next_due(world->core);
	if (world->events == before && due_ns != CORE_NEVER)
		world->now_ns = due_ns > world->now_ns ? due_ns : world->now_ns;
	else if (world->events == before)
		scale(world, world->config.slots); /* a job without workers waits for them */
	tick(world);
}

static void
heal(struct world *world)
{
	if (!world->planned)
		feed(world, (struct core_step){.kind = EV_PLAN_READY, .task = CORE_NO_TASK});
	for (int round = 0; round < HEALING_ROUNDS && !world->ended; round++)
		serve(world);
	CHECK(world->ended);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, data + size};
	struct world world;

	world_init(&world, &input);
	while (fuzz_left(&input) > 0)
		do_one(&world, &input);
	core_audit(world.core);
	heal(&world);
	core_audit(world.core);
	world_fini(&world);
	return 0;
}
