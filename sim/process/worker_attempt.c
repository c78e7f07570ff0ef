/* SPDX-License-Identifier: ISC
 *
 * One attempt at one task: the plan's row is read (claim-check), the job does the work, and what
 * comes of it joins the group that is committed next, or is reported as a failure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/command/errors.h"
#include "sim/process/worker.h"
#include "sim/util/array.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

/* Of so many bad records of a task the bytes are kept, not only the position. */
#define DEAD_BYTES_KEPT 1000

/* How long one looks away who waits for another worker. */
#define WAIT_NS NS_PER_MS

static bool
beat(struct work *work)
{
	return worker_beat(work->context);
}

static bool
wait_for_others(struct work *work)
{
	struct worker *worker = work->context;

	worker->waits++;
	clock_wait_until(clock_now_ns() + WAIT_NS);
	return worker_beat(worker);
}

static uint64_t
next_stop(struct work *work, uint64_t record)
{
	struct worker *worker = work->context;
	uint64_t next = fault_next_record(record);

	for (size_t i = 0; i < worker->skips; i++)
		if (worker->skip[i] >= record && worker->skip[i] < next)
			next = worker->skip[i];
	return next;
}

static int
at_record(struct work *work, uint64_t record)
{
	struct worker *worker = work->context;
	int result;

	for (size_t i = 0; i < worker->skips; i++)
		if (worker->skip[i] == record) {
			/* It is not touched, so no death is its fault. */
			*work->record = CORE_NO_RECORD;
			return 1;
		}
	result = fault_at_record(record);
	/* A slow fault takes its time at every record: beats must go on. */
	worker_beat(worker);
	return result;
}

static const char *
filter_bytes(struct work *work, const char *bytes, size_t length)
{
	struct worker *worker = work->context;

	return fault_filter_bytes(worker->lease.task, bytes, length, &worker->damaged);
}

/* A probe's record comes through here before it is touched: the suspicion must be durable when it
 * strikes. */
static int
suspect(struct worker *worker, const struct dead_record *dead)
{
	int error = worker_begin(worker);

	if (error != 0)
		return error;
	error = store_dead_put(worker->store, worker->lease.task, dead, true);
	if (error != 0) {
		store_rollback(worker->store);
		return error;
	}
	point_reach(POINT_WORKER_BEFORE_SUSPECT);
	error = store_commit(worker->store);
	if (error == 0)
		point_reach(POINT_WORKER_AFTER_SUSPECT);
	return error;
}

static int
dead(struct work *work, const struct dead_record *record)
{
	struct worker *worker = work->context;
	struct dead_copy *copy, *larger;
	size_t kept = record->length < DEAD_BYTES_MAX ? record->length : DEAD_BYTES_MAX;

	if (worker->work.probe_record != CORE_NO_RECORD)
		return suspect(worker, record);
	larger = array_grow(worker->dead, worker->dead_count, &worker->dead_room, sizeof(*larger));
	if (larger == NULL)
		return -ENOMEM;
	worker->dead = larger;
	copy = &worker->dead[worker->dead_count];
	copy->record = *record;
	copy->bytes = NULL;
	if (worker->dead_count < DEAD_BYTES_KEPT && kept > 0) {
		copy->bytes = malloc(kept);
		if (copy->bytes == NULL)
			return -ENOMEM;
		memcpy(copy->bytes, record->bytes, kept);
	}
	copy->record.bytes = copy->bytes;
	worker->dead_count++;
	return 0;
}

/* What was kept is no progress of this attempt any more, but beats must not see less of it. */
static void
kept(struct work *work)
{
	struct worker *worker = work->context;

	worker->waits += *work->progress;
	*work->progress = 0;
}

static bool
busy(struct work *work)
{
	struct worker *worker = work->context;

	worker->waits++;
	return worker_beat(worker);
}

static int
effects_of(struct work *work, unsigned stage, struct effects_reader *reader)
{
	struct worker *worker = work->context;

	return store_effects_of_stage(worker->store, stage, reader);
}

static int
plan_of(struct work *work, uint32_t task, struct task_plan *plan)
{
	struct worker *worker = work->context;

	return store_task_plan(worker->store, task, plan);
}

static int
is_dead(struct work *work, uint32_t task)
{
	struct worker *worker = work->context;
	int state = store_task_state(worker->store, task);

	return state < 0 ? state : state == TASK_DEAD;
}

static int
given_up(struct work *work, uint32_t task, uint64_t *records, size_t max)
{
	struct worker *worker = work->context;

	return store_dead_records(worker->store, task, records, max);
}

/* For another task, but under our own lease: who has lost it changes nothing. */
static int
replace_effect(struct work *work, uint32_t task, const void *old, size_t old_length,
               const void *effect, size_t length)
{
	struct worker *worker = work->context;
	int result = worker_begin(worker), error;

	if (result != 0)
		return result;
	result = store_task_current(worker->store, worker->lease.task, worker->lease.epoch,
	                            worker->generation);
	if (result == 1)
		result = store_effect_replace(worker->store, task, old, old_length, effect, length);
	else if (result == 0)
		result = -ESTALE;
	error = result < 0 ? result : store_commit(worker->store);
	if (result < 0)
		store_rollback(worker->store);
	return error < 0 ? error : result;
}

static void
command_failed(struct work *work, const char *how, const char *errors, size_t length)
{
	struct worker *worker = work->context;

	errors_keep(&worker->run->dir, worker->lease.task, worker->lease.epoch, how, errors,
	            length);
}

static int
load_skips(struct worker *worker)
{
	int count;

	worker->skips = 0;
	if ((worker->lease.cause & CORE_ASSIGN_SKIPS) == 0)
		return 0;
	count =
	    store_dead_records(worker->store, worker->lease.task, worker->skip, WORKER_SKIPS_MAX);
	if (count < 0)
		return count;
	/* What such a job gave up itself it finds again; those that would end it come first. */
	if (count > WORKER_SKIPS_MAX && worker->run->ops->commits)
		count = WORKER_SKIPS_MAX;
	if (count > WORKER_SKIPS_MAX) {
		complain("task %u has %d dead letters; a task can leave out %d", worker->lease.task,
		         count, WORKER_SKIPS_MAX);
		return -E2BIG;
	}
	worker->skips = (size_t)count;
	return 0;
}

static int
begin_attempt(struct worker *worker, const struct message *lease, struct task_plan *plan)
{
	struct work *work = &worker->work;
	bool probe = (lease->cause & CORE_ASSIGN_PROBE) != 0;
	int error;

	worker->lease = *lease;
	worker->waits = 0;
	board_work_begin(worker->row, lease->task, lease->epoch);
	*work = (struct work){
	    .context = worker,
	    .record = board_work_record(worker->row),
	    .progress = board_work_progress(worker->row),
	    .beat = beat,
	    .wait = wait_for_others,
	    .next_stop = next_stop,
	    .at_record = at_record,
	    .filter_bytes = filter_bytes,
	    .dead = dead,
	    .sink = worker->sink,
	    .kept = kept,
	    .busy = busy,
	    .out = worker->out,
	    .epoch = lease->epoch,
	    .generation = worker->generation,
	    .power = worker->run->scenario.durability == DURABILITY_POWER,
	    .effects = effects_of,
	    .plan = plan_of,
	    .is_dead = is_dead,
	    .given_up = given_up,
	    .replace = replace_effect,
	    .shepherd = worker->shepherd,
	    .failed = command_failed,
	    .folder = worker->run->dir.fd,
	    .isolate = (lease->cause & CORE_ASSIGN_ISOLATE) != 0,
	    .probe_record = probe ? lease->record : CORE_NO_RECORD,
	};
	point_reach(POINT_WORKER_BEFORE_TASK);
	fault_obey();
	if (fault_is_slow())
		fault_slow_wait();
	if (worker->run->ops->tokens_only) {
		*plan = (struct task_plan){.task = lease->task, .first = lease->task, .records = 1};
		return 0;
	}
	error = store_task_plan(worker->store, lease->task, plan);
	if (error == 0)
		error = load_skips(worker);
	/* A probe has no effect there. */
	if (error == 0 && worker->sink != NULL && !probe)
		error = sink_lease(worker->sink, lease->task, lease->epoch);
	return error;
}

static int
keep_effects(struct worker *worker, struct finished *finished)
{
	size_t length = finished->result.effects_length;

	if (worker->effects_length + length > worker->effects_room) {
		size_t room = 2 * (worker->effects_length + length);
		char *larger = realloc(worker->effects, room);
		if (larger == NULL)
			return -ENOMEM;
		worker->effects = larger;
		worker->effects_room = room;
	}
	finished->effects_at = worker->effects_length;
	if (length > 0)
		memcpy(worker->effects + worker->effects_length, finished->result.effects, length);
	worker->effects_length += length;
	return 0;
}

static int
join_group(struct worker *worker, const struct work_result *result, size_t first_dead)
{
	struct finished *finished = &worker->group[worker->group_count];
	int error;

	*finished = (struct finished){
	    .lease = worker->lease,
	    .result = *result,
	    .first_dead = first_dead,
	    .dead_count = worker->dead_count - first_dead,
	};
	error = keep_effects(worker, finished);
	if (error != 0)
		return error;
	if (worker->group_count++ == 0)
		worker->group_since_ns = clock_now_ns();
	board_work_keep(worker->row);
	return 0;
}

/* Bad records of an attempt that came to nothing are forgotten: the next one finds them again. */
static void
forget_dead(struct worker *worker, size_t first)
{
	while (worker->dead_count > first)
		free(worker->dead[--worker->dead_count].bytes);
}

/* What keeps the sink from working is said once, not with every try. */
static void
complain_of_sink(struct worker *worker, int error)
{
	bool failed = worker->sink != NULL && error != 0 && error != -EBADMSG && error != -ESTALE &&
	              error != -EINTR && error != -EALREADY;

	if (failed && !worker->sink_failed)
		complain("w%u: the sink of task %u: %s (%s); tried again until it works",
		         worker->slot, worker->lease.task, sink_error(worker->sink),
		         strerror(-error));
	worker->sink_failed = failed;
}

static void
report_failure(struct worker *worker, int error, const struct work_result *result)
{
	if (error == -EBADMSG)
		worker_report(worker, MESSAGE_FAILED, &worker->lease, CAUSE_DATA,
		              result->bad_record, result->reason);
	else if (error == -ESTALE)
		worker_report(worker, MESSAGE_FENCED, &worker->lease, CAUSE_NONE, CORE_NO_RECORD,
		              0);
	else if (error == -EINTR)
		worker_report(worker, MESSAGE_RETURNED, &worker->lease, CAUSE_NONE, CORE_NO_RECORD,
		              worker->lease.value);
	else if (error == -EREMOTE)
		worker_report(worker, MESSAGE_FAILED, &worker->lease, CAUSE_INFRA, CORE_NO_RECORD,
		              result->reason);
	else if (error == -ECONNRESET || error == -EALREADY)
		worker_report(worker, MESSAGE_FAILED, &worker->lease, CAUSE_INFRA, CORE_NO_RECORD,
		              error == -ECONNRESET ? REASON_SINK : REASON_LOCKED);
	else
		worker_report(worker, MESSAGE_FAILED, &worker->lease, CAUSE_INFRA, (uint64_t)-error,
		              REASON_SYSTEM);
	worker_flush(worker);
}

static int
acquit(struct worker *worker)
{
	int error;

	point_reach(POINT_WORKER_BEFORE_ACQUIT);
	error = worker_begin(worker);
	if (error != 0)
		return error;
	error = store_dead_acquit(worker->store, worker->lease.task, worker->lease.record);
	if (error != 0) {
		store_rollback(worker->store);
		return error;
	}
	error = store_commit(worker->store);
	if (error == 0)
		point_reach(POINT_WORKER_AFTER_ACQUIT);
	return error;
}

static void
end_probe(struct worker *worker, int error)
{
	/* A record that fails as data has not killed anyone: that is for the ordinary way. */
	if (error == 0 || error == -EBADMSG) {
		error = acquit(worker);
		if (error == 0)
			worker_report(worker, MESSAGE_SURVIVED, &worker->lease, CAUSE_NONE,
			              worker->lease.record, 0);
	}
	if (error != 0 && error != -EINTR)
		complain("w%u cannot probe record %llu: %s", worker->slot,
		         (unsigned long long)worker->lease.record, strerror(-error));
	worker_flush(worker);
	worker->leaving = true;
}

/* A task that needs more than its worker may have ends its worker, and is charged for it. */
_Noreturn static void
die_of_memory(const struct worker *worker)
{
	complain("w%u is out of memory in task %u%s", worker->slot, worker->lease.task,
	         worker->run->scenario.memory != 0 ? " (limits.memory)" : "");
	abort();
}

/* What reduces of mapreduce pass are no records that could be redone. */
static int
run_task(struct worker *worker, const struct task_plan *plan, struct work_result *result)
{
	if (worker->run->ops->parts && plan->stage > 0) {
		worker->combined = 0;
		worker->work.progress = &worker->combined;
	}
	return worker->run->ops->run(worker->run->job, plan, &worker->work, result);
}

void
worker_attempt(struct worker *worker, const struct message *lease)
{
	struct work_result result = {0};
	struct task_plan plan;
	size_t first_dead = worker->dead_count;
	int error = begin_attempt(worker, lease, &plan);

	if (error == 0 && worker->run->ops->combine != NULL &&
	    plan.stage == worker->run->ops->output_stage)
		error = worker_output(worker, lease);
	else if (error == 0)
		error = run_task(worker, &plan, &result);
	complain_of_sink(worker, error);
	if (worker->sink != NULL)
		sink_release(worker->sink);
	free(worker->damaged);
	worker->damaged = NULL;
	if (error == -ENOMEM)
		die_of_memory(worker);
	if (worker->work.probe_record != CORE_NO_RECORD) {
		end_probe(worker, error);
	} else if (error == 0) {
		error = join_group(worker, &result, first_dead);
	}
	if (error == 0 && worker->group_count > 0)
		return; /* it stays this worker's task until it is committed */
	if (worker->work.probe_record == CORE_NO_RECORD) {
		forget_dead(worker, first_dead);
		report_failure(worker, error, &result);
	}
	board_work_end(worker->row);
}
