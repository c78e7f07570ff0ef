/* SPDX-License-Identifier: ISC
 *
 * The log taken in record by record, once, and what makes any place in it quick to reach: the time
 * of each record, and snapshots of the moment.  Snapshots are as far apart as their memory allows:
 * when there are too many, every second one goes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/history/history.h"
#include "sim/util/array.h"
#include "sim/util/clock.h"

#define SNAPSHOT_BYTES_MAX (size_t)(96u << 20)
#define SNAPSHOT_EVERY 4096u /* records, at first, unless moments are large */

struct snapshots {
	struct moment **moment; /* moment[i] is that of record i * every */
	size_t count, room;
	uint64_t every; /* records */
};

struct numbers {
	uint64_t *item;
	size_t count, room;
};

struct history {
	const struct scenario *scenario;
	char *events, *db;
	struct eventlog_map log;
	struct plan plan;
	struct moment *newest;
	struct spans spans;
	struct snapshots snapshots;
	struct numbers faults;
	int64_t *time_ns; /* of each record */
	uint64_t room;
	uint64_t count; /* records taken in */
	void (*learn)(void *context);
	void *context;
};

static int
add_number(struct numbers *numbers, uint64_t number)
{
	uint64_t *item = array_grow(numbers->item, numbers->count, &numbers->room, sizeof(*item));

	if (item == NULL)
		return -ENOMEM;
	numbers->item = item;
	numbers->item[numbers->count++] = number;
	return 0;
}

static void
forget_snapshots(struct snapshots *snapshots)
{
	for (size_t i = 0; i < snapshots->count; i++)
		moment_free(snapshots->moment[i]);
	free(snapshots->moment);
	*snapshots = (struct snapshots){.every = SNAPSHOT_EVERY};
}

/* How far apart they will be when each task was leased and done: copies in between would only be
 * thrown away. */
static uint64_t
distance_for(const struct moment *moment)
{
	uint64_t every = SNAPSHOT_EVERY, records = 2 * (uint64_t)moment->room;

	while (records / every * moment->size > SNAPSHOT_BYTES_MAX)
		every *= 2;
	return every;
}

static void
thin_out(struct snapshots *snapshots)
{
	size_t kept = 0;

	for (size_t i = 0; i < snapshots->count; i++) {
		if (i % 2 == 0)
			snapshots->moment[kept++] = snapshots->moment[i];
		else
			moment_free(snapshots->moment[i]);
	}
	snapshots->count = kept;
	snapshots->every *= 2;
}

static int
take_snapshot(struct snapshots *snapshots, const struct moment *moment)
{
	struct moment **grown;

	if ((snapshots->count + 1) * moment->size > SNAPSHOT_BYTES_MAX && snapshots->count > 1) {
		thin_out(snapshots);
		if (moment->applied % snapshots->every != 0)
			return 0;
	}
	grown = array_grow(snapshots->moment, snapshots->count, &snapshots->room,
	                   sizeof(struct moment *));
	if (grown == NULL)
		return -ENOMEM;
	snapshots->moment = grown;
	/* Where nothing has happened yet there is no need to touch so much memory. */
	snapshots->moment[snapshots->count] =
	    moment->applied == 0 ? moment_new(moment->plan, moment->scenario) : moment_copy(moment);
	if (snapshots->moment[snapshots->count] == NULL)
		return -ENOMEM;
	snapshots->count++;
	return 0;
}

/* Nothing is taken in yet, and the plan is as it is now. */
static int
begin_anew(struct history *history)
{
	struct moment *newest = moment_new(&history->plan, history->scenario);
	struct spans spans;

	if (newest == NULL)
		return -ENOMEM;
	if (spans_init(&spans, newest->slots, newest->credit) != 0) {
		moment_free(newest);
		return -ENOMEM;
	}
	moment_free(history->newest);
	spans_fini(&history->spans);
	forget_snapshots(&history->snapshots);
	history->snapshots.every = distance_for(newest);
	history->newest = newest;
	history->spans = spans;
	history->faults.count = 0;
	history->count = 0;
	return 0;
}

static int
make_room(struct history *history)
{
	uint64_t room = history->log.count + history->log.count / 4 + 1024;
	int64_t *time_ns;

	if (history->log.count <= history->room)
		return 0;
	time_ns = reallocarray(history->time_ns, room, sizeof(*time_ns));
	if (time_ns == NULL)
		return -ENOMEM;
	history->time_ns = time_ns;
	history->room = room;
	return 0;
}

/* Is it about a fault that was injected by hand since the scenario was read? */
static bool
needs_fault(const struct history *history, const struct core_step *step)
{
	return (step->kind == NOTE_FAULT || step->kind == NOTE_FAULT_LANDED) &&
	       step->record >= history->scenario->faults && history->learn != NULL;
}

static int
take_in(struct history *history, const struct logged *record)
{
	struct moment *newest = history->newest;
	uint64_t number = history->count;
	int error = 0;

	if (number % history->snapshots.every == 0)
		error = take_snapshot(&history->snapshots, newest);
	if (error != 0)
		return error;
	if (needs_fault(history, &record->step))
		history->learn(history->context);
	moment_apply(newest, record);
	history->time_ns[number] = newest->now_ns;
	error = spans_apply(&history->spans, record, number, newest);
	if (error == 0 && record->step.kind == NOTE_FAULT)
		error = add_number(&history->faults, number);
	history->count++;
	return error;
}

/* A plan that was sealed with more tasks than we know of: it was made, or made larger, since. */
static bool
needs_plan(const struct history *history, const struct core_step *step)
{
	return step->kind == NOTE_PLAN_SEALED && step->record > history->plan.tasks &&
	       history->db[0] != '\0';
}

static int
take_in_all(struct history *history)
{
	bool asked = false;
	int error = make_room(history);

	while (error == 0 && history->count < history->log.count) {
		const struct logged *record = eventlog_map_record(&history->log, history->count);
		if (needs_plan(history, &record->step) && !asked) {
			asked = true;
			error = plan_read(&history->plan, history->db);
			if (error == 0)
				error = begin_anew(history);
			continue;
		}
		error = take_in(history, record);
	}
	return error;
}

void
history_learn_faults(struct history *history, void (*learn)(void *context), void *context)
{
	history->learn = learn;
	history->context = context;
}

int64_t
history_refresh(struct history *history)
{
	uint64_t had = history->count;
	int64_t grown;
	int error = 0;

	if (history->log.fd < 0)
		error = eventlog_map_open(&history->log, history->events);
	if (error != 0)
		return error == -ENOENT ? 0 : error;
	grown = eventlog_map_grow(&history->log);
	if (grown < 0)
		return grown;
	error = take_in_all(history);
	return error != 0 ? error : (int64_t)(history->count - had);
}

static int
open_with(struct history **out, const struct scenario *scenario, const char *events, const char *db,
          struct plan *plan)
{
	struct history *history = calloc(1, sizeof(*history));
	int64_t error = -ENOMEM;

	if (history == NULL)
		return -ENOMEM;
	history->scenario = scenario;
	history->log.fd = -1;
	history->plan = *plan;
	*plan = (struct plan){0};
	history->events = strdup(events);
	history->db = strdup(db);
	if (history->events != NULL && history->db != NULL)
		error = begin_anew(history);
	if (error == 0)
		error = history_refresh(history);
	if (error < 0) {
		history_close(history);
		return (int)error;
	}
	*out = history;
	return 0;
}

int
history_open(struct history **out, const struct scenario *scenario, const char *events,
             const char *db)
{
	return open_with(out, scenario, events, db, &(struct plan){0});
}

int
history_open_planned(struct history **out, const struct scenario *scenario, const char *events,
                     struct plan *plan)
{
	return open_with(out, scenario, events, "", plan);
}

void
history_close(struct history *history)
{
	if (history == NULL)
		return;
	eventlog_map_close(&history->log);
	plan_fini(&history->plan);
	moment_free(history->newest);
	spans_fini(&history->spans);
	forget_snapshots(&history->snapshots);
	free(history->faults.item);
	free(history->time_ns);
	free(history->events);
	free(history->db);
	free(history);
}

uint64_t
history_count(const struct history *history)
{
	return history->count;
}

const struct logged *
history_record(const struct history *history, uint64_t i)
{
	return eventlog_map_record(&history->log, i);
}

int64_t
history_time(const struct history *history, uint64_t i)
{
	return history->time_ns[i];
}

int64_t
history_end(const struct history *history)
{
	return history->newest->now_ns;
}

const struct scenario *
history_scenario(const struct history *history)
{
	return history->scenario;
}

const struct plan *
history_plan(const struct history *history)
{
	return &history->plan;
}

const struct spans *
history_spans(const struct history *history)
{
	return &history->spans;
}

const struct moment *
history_newest(const struct history *history)
{
	return history->newest;
}

/* Is it quicker to go on from where the moment stands than to copy one? */
static bool
is_near(const struct moment *moment, const struct moment *other, uint64_t i)
{
	return moment != NULL && moment->size == other->size && moment->applied <= i &&
	       (moment->applied >= other->applied || i - moment->applied < SNAPSHOT_EVERY);
}

/* Makes *moment equal to the best moment at or before i that there is. */
static int
start_from(const struct history *history, struct moment **moment, uint64_t i)
{
	const struct snapshots *snapshots = &history->snapshots;
	size_t at = (size_t)(i / snapshots->every);
	const struct moment *from = history->newest;

	if (i < history->count)
		from = snapshots->moment[at < snapshots->count ? at : snapshots->count - 1];
	if (is_near(*moment, from, i))
		return 0;
	if (*moment != NULL && (*moment)->size == from->size) {
		moment_set(*moment, from);
		return 0;
	}
	moment_free(*moment);
	*moment = moment_copy(from);
	return *moment == NULL ? -ENOMEM : 0;
}

int
history_seek(const struct history *history, struct moment **moment, uint64_t i)
{
	int error;

	if (i > history->count)
		i = history->count;
	error = start_from(history, moment, i);
	if (error != 0)
		return error;
	while ((*moment)->applied < i)
		moment_apply(*moment, history_record(history, (*moment)->applied));
	return 0;
}

uint64_t
history_at(const struct history *history, int64_t ns)
{
	uint64_t low = 0, high = history->count;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		if (history->time_ns[middle] <= ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many faults were noted before record i. */
static size_t
faults_before(const struct history *history, uint64_t i)
{
	size_t low = 0, high = history->faults.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (history->faults.item[middle] < i)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t
history_next_fault(const struct history *history, uint64_t i)
{
	size_t at = faults_before(history, i);

	return at < history->faults.count ? history->faults.item[at] : UINT64_MAX;
}

uint64_t
history_previous_fault(const struct history *history, uint64_t i)
{
	size_t at = faults_before(history, i);

	return at > 0 ? history->faults.item[at - 1] : UINT64_MAX;
}

uint64_t
history_next_of_task(const struct history *history, uint64_t i, uint32_t task)
{
	for (; i < history->count; i++)
		if (history_record(history, i)->step.task == task)
			return i;
	return UINT64_MAX;
}

uint64_t
history_previous_of_task(const struct history *history, uint64_t i, uint32_t task)
{
	for (; i > 0; i--)
		if (history_record(history, i - 1)->step.task == task)
			return i - 1;
	return UINT64_MAX;
}

const uint64_t *
history_faults(const struct history *history, size_t *count)
{
	*count = history->faults.count;
	return history->faults.item;
}

int64_t
history_fault_time(const struct history *history, uint64_t i)
{
	const struct core_step *step = &history_record(history, i)->step;
	int64_t before_ns = step->at_ns - (int64_t)step->value, ns = history->time_ns[i];

	return before_ns > 0 && before_ns < ns ? ns - before_ns : ns;
}
