/* SPDX-License-Identifier: ISC
 *
 * Attempts, put together record by record.  Each slot has a list of leases and a hand that points
 * at the one its worker is in; those before the hand have ended and wait for their report.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/history/span.h"
#include "sim/util/array.h"

#define NOT_BEGUN UINT32_MAX
#define OPEN INT64_MAX

struct event {
	struct spans *spans;
	struct span_lane *lane;
	struct span_lease *lease; /* of the lane */
	const struct core_step *step;
	const struct moment *after;
	uint64_t number;
	int64_t now_ns;
};

int
spans_init(struct spans *spans, uint32_t lanes, uint32_t credit)
{
	*spans = (struct spans){.lanes = lanes, .credit = credit};
	spans->lane = calloc(lanes, sizeof(*spans->lane));
	spans->lease = calloc((size_t)lanes * credit, sizeof(*spans->lease));
	if (spans->lane != NULL && spans->lease != NULL)
		return 0;
	spans_fini(spans);
	return -ENOMEM;
}

void
spans_fini(struct spans *spans)
{
	for (uint32_t i = 0; spans->lane != NULL && i < spans->lanes; i++)
		free(spans->lane[i].span);
	free(spans->lane);
	free(spans->lease);
	*spans = (struct spans){0};
}

static struct event
at_lane(struct spans *spans, uint32_t lane, const struct core_step *step, uint64_t number,
        const struct moment *after)
{
	return (struct event){.spans = spans,
	                      .lane = &spans->lane[lane],
	                      .lease = &spans->lease[(size_t)lane * spans->credit],
	                      .step = step,
	                      .after = after,
	                      .number = number,
	                      .now_ns = after->now_ns};
}

static int64_t
later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int
make_room(struct span_lane *lane)
{
	struct span *span = array_grow(lane->span, lane->count, &lane->room, sizeof(*span));

	if (span == NULL)
		return -ENOMEM;
	lane->span = span;
	return 0;
}

/* The lease that the hand points at becomes a span. */
static int
begin(struct event *event, struct span_lease *lease)
{
	struct span_lane *lane = event->lane;

	if (make_room(lane) != 0)
		return -ENOMEM;
	lease->span = (uint32_t)lane->count;
	lane->span[lane->count++] = (struct span){
	    .begin_ns = later_of(lease->leased_ns, lane->free_ns),
	    .end_ns = OPEN,
	    .leased_at = lease->leased_at,
	    .ended_at = UINT64_MAX,
	    .task = lease->task,
	    .epoch = lease->epoch,
	    .generation = event->after->generation,
	    .fault = -1,
	    .attempt = lease->attempt,
	    .how = SPAN_AT_WORK,
	    .probe = lease->probe,
	    .copy = lease->copy,
	};
	event->spans->count++;
	return 0;
}

/* The attempt is over, whatever came of it. */
static void
close_span(struct event *event, struct span_lease *lease)
{
	struct span *span = &event->lane->span[lease->span];

	if (span->end_ns != OPEN)
		return;
	span->end_ns = later_of(event->now_ns, span->begin_ns);
	event->lane->free_ns = span->end_ns;
}

/* The worker was seen to be at the lease in this place: those before it are over. */
static int
pass(struct event *event, uint32_t to)
{
	struct span_lane *lane = event->lane;

	while (lane->hand < to) {
		close_span(event, &event->lease[lane->hand++]);
		if (lane->hand < lane->held && begin(event, &event->lease[lane->hand]) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int
find(const struct event *event, uint32_t task)
{
	for (uint32_t i = 0; i < event->lane->held; i++)
		if (event->lease[i].task == task)
			return (int)i;
	return -1;
}

static int
on_leased(struct event *event)
{
	struct span_lane *lane = event->lane;
	const struct core_step *step = event->step;

	if (lane->held == event->spans->credit)
		return 0;
	event->lease[lane->held++] = (struct span_lease){
	    .leased_at = event->number,
	    .leased_ns = event->now_ns,
	    .task = step->task,
	    .epoch = step->epoch,
	    .span = NOT_BEGUN,
	    .attempt = event->after->task[step->task].attempt,
	    .probe = (step->cause & CORE_ASSIGN_PROBE) != 0,
	    .copy = (step->cause & CORE_ASSIGN_COPY) != 0,
	};
	event->spans->leases++;
	return lane->hand == lane->held - 1 ? begin(event, &event->lease[lane->hand]) : 0;
}

/* Takes the lease in this place off the list; the next one is in hand then. */
static int
finish(struct event *event, uint32_t at, enum span_end how)
{
	struct span_lane *lane = event->lane;
	struct span_lease *lease = &event->lease[at];
	bool in_hand = at == lane->hand;
	struct span *span = lease->span == NOT_BEGUN ? NULL : &lane->span[lease->span];

	if (span != NULL) {
		close_span(event, lease);
		span->how = (uint8_t)(span->how == SPAN_AT_WORK ? how : span->how);
		span->ended_at = event->number;
		/* Handed back as soon as it was its turn: no attempt. */
		if (how == SPAN_RETURNED && in_hand && span->begin_ns == span->end_ns) {
			lane->count--;
			event->spans->count--;
		}
	}
	lane->hand -= at < lane->hand;
	lane->held--;
	memmove(lease, lease + 1, (lane->held - at) * sizeof(*lease));
	return in_hand && lane->hand < lane->held ? begin(event, &event->lease[lane->hand]) : 0;
}

static enum span_end
end_of_fence(const struct core_step *step)
{
	switch (step->cause) {
	case CAUSE_DATA:
		return SPAN_FAILED;
	case CAUSE_CRASH:
		return SPAN_CRASHED;
	case CAUSE_HANG:
		return SPAN_HUNG;
	default:
		return SPAN_TAKEN;
	}
}

/* The store was asked about a lease that ended badly, and found it committed. */
static void
on_found_done(struct spans *spans, const struct core_step *step, const struct moment *after)
{
	const struct moment_task *task = &after->task[step->task];
	uint16_t slot = step->kind == EV_COPY_FENCED ? task->copy_holder : task->holder;
	struct span_lane *lane;

	if (slot >= spans->lanes)
		return;
	lane = &spans->lane[slot];
	for (size_t i = lane->count; i > 0 && lane->count - i < spans->credit; i--)
		if (lane->span[i - 1].task == step->task) {
			lane->span[i - 1].how = SPAN_FOUND_DONE;
			return;
		}
}

static int
finish_all(struct event *event, enum span_end how)
{
	int error = 0;

	while (error == 0 && event->lane->held > 0)
		error = finish(event, 0, how);
	event->lane->hand = 0;
	return error;
}

/* The supervisor is gone, and all its leases. */
static int
lose_all(struct spans *spans, const struct core_step *step, uint64_t number,
         const struct moment *after)
{
	int error = 0;

	for (uint32_t i = 0; error == 0 && i < spans->lanes; i++) {
		struct event event = at_lane(spans, i, step, number, after);
		/* When a director starts, the last one and its workers have long been gone. */
		if (step->kind == NOTE_RUN_STARTED)
			event.now_ns = spans->last_ns;
		error = finish_all(&event, SPAN_LOST);
	}
	return error;
}

static void
blame(struct span_lane *lane, int64_t ns, int16_t fault)
{
	struct span *span = (struct span *)span_find(lane, ns);

	if (span != NULL)
		span->fault = fault;
}

static void
on_fault(struct spans *spans, const struct core_step *step, const struct moment *after)
{
	if (step->record >= after->scenario->faults)
		return;
	if (step->slot < spans->lanes) {
		blame(&spans->lane[step->slot], moment_time(after, (int64_t)step->value),
		      (int16_t)step->record);
		return;
	}
	/* Nobody's in particular: what was lost with a supervisor just now was lost to it. */
	for (uint32_t i = 0; i < spans->lanes && after->supervisor_pid == 0; i++) {
		struct span_lane *lane = &spans->lane[i];
		if (lane->count > 0 && lane->span[lane->count - 1].how == SPAN_LOST &&
		    lane->span[lane->count - 1].fault < 0)
			lane->span[lane->count - 1].fault = (int16_t)step->record;
	}
}

/* What a worker, or a fence, says of one lease. */
static int
on_lease(struct event *event)
{
	const struct core_step *step = event->step;
	int at = find(event, step->task), error = 0;

	if (at < 0 || event->lease[at].epoch != step->epoch)
		return 0;
	if (step->kind == EV_BEAT)
		return pass(event, (uint32_t)at);
	if (step->kind == EV_TASK_RETURNED)
		return finish(event, (uint32_t)at, SPAN_RETURNED);
	if (step->kind == ACT_FENCE || step->kind == ACT_COPY_FENCE)
		return finish(event, (uint32_t)at, end_of_fence(step));
	if (step->kind == ACT_OVERTAKEN)
		return finish(event, (uint32_t)at, SPAN_OVERTAKEN);
	error = pass(event, (uint32_t)at);
	if (error != 0)
		return error;
	if (step->kind == EV_TASK_DONE)
		return finish(event, (uint32_t)at, SPAN_DONE);
	if (step->kind == EV_COMMIT_REFUSED)
		return finish(event, (uint32_t)at, SPAN_FENCED);
	/* It failed, and is on the list until it is fenced. */
	close_span(event, &event->lease[at]);
	event->lane->span[event->lease[at].span].how = SPAN_FAILED;
	return 0;
}

/* Does it come from the worker that the slot has now?  Fences and leases are the coordinator's. */
static bool
is_present(const struct core_step *step, const struct moment *after)
{
	return step->kind == ACT_FENCE || step->kind == ACT_ASSIGN ||
	       step->kind == ACT_COPY_FENCE || step->kind == ACT_OVERTAKEN ||
	       (moment_can_speak(&after->slot[step->slot]) &&
	        after->slot[step->slot].incarnation == step->incarnation);
}

static int
apply_to_lane(struct event *event)
{
	const struct core_step *step = event->step;

	switch (step->kind) {
	case ACT_ASSIGN:
		return on_leased(event);
	case EV_BEAT:
	case EV_TASK_DONE:
	case EV_TASK_FAILED:
	case EV_COMMIT_REFUSED:
	case EV_TASK_RETURNED:
	case ACT_FENCE:
	case ACT_COPY_FENCE:
	case ACT_OVERTAKEN:
		return on_lease(event);
	case EV_PROBE_SURVIVED:
		return event->lane->held > 0 ? finish(event, 0, SPAN_SURVIVED) : 0;
	default:
		return 0;
	}
}

static int
apply(struct spans *spans, const struct logged *record, uint64_t number, const struct moment *after)
{
	const struct core_step *step = &record->step;
	bool of_lane = step->slot < spans->lanes;
	struct event event;

	switch (step->kind) {
	case NOTE_RUN_STARTED:
	case NOTE_GENERATION:
	case NOTE_SUPERVISOR_EXITED:
	case NOTE_POWER_LOST:
	case NOTE_DIRECTOR_ENDED:
		return lose_all(spans, step, number, after);
	case NOTE_FAULT:
		on_fault(spans, step, after);
		return 0;
	case EV_TASK_FENCED:
	case EV_COPY_FENCED:
		if (step->task < after->tasks && step->value == 1)
			on_found_done(spans, step, after);
		return 0;
	case EV_WORKER_EXITED:
		if (step->slot != spans->lanes - 1)
			return 0;
		event = at_lane(spans, step->slot, step, number, after);
		return finish_all(&event, SPAN_CRASHED);
	default:
		break;
	}
	if (!of_lane || step->task >= after->tasks || !is_present(step, after))
		return 0;
	event = at_lane(spans, step->slot, step, number, after);
	return apply_to_lane(&event);
}

int
spans_apply(struct spans *spans, const struct logged *record, uint64_t number,
            const struct moment *after)
{
	int error = apply(spans, record, number, after);

	spans->last_ns = after->now_ns;
	return error;
}

size_t
span_first_after(const struct span_lane *lane, int64_t ns)
{
	size_t low = 0, high = lane->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (lane->span[middle].end_ns > ns)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct span *
span_find(const struct span_lane *lane, int64_t ns)
{
	size_t at = span_first_after(lane, ns);

	return at < lane->count && lane->span[at].begin_ns <= ns ? &lane->span[at] : NULL;
}

const char *
span_end_name(unsigned how)
{
	static const char *const names[SPAN_ENDS] = {"at work", "done", "found done", "failed",
	                                             "crashed", "hung", "taken back", "returned",
	                                             "fenced",  "lost", "survived",   "overtaken"};

	return how < SPAN_ENDS ? names[how] : "?";
}

char
span_end_letter(unsigned how)
{
	static const char letters[SPAN_ENDS] = {
	    [SPAN_FAILED] = 'F', [SPAN_CRASHED] = 'K', [SPAN_HUNG] = 'H',      [SPAN_TAKEN] = 'L',
	    [SPAN_FENCED] = 'R', [SPAN_LOST] = 'L',    [SPAN_OVERTAKEN] = 'O',
	};

	return how < SPAN_ENDS ? letters[how] : '\0';
}
