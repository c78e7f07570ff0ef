/* SPDX-License-Identifier: ISC
 *
 * Events and windows in run.db.
 */
#include "sim/sink/sink_store_own.h"
#include "sim/store/store_windows.h"

static struct store *
store_of(struct sink *sink)
{
	return sink_store_own(sink)->store;
}

static int
add_event(struct sink *sink, const struct sink_row *row, uint64_t window_ns)
{
	return store_event_add(store_of(sink), sink->task, row, window_ns);
}

static int
next_arrival(struct sink *sink, uint64_t turn, struct sink_arrival *arrival)
{
	return store_arrival_next(store_of(sink), turn, arrival);
}

static int
each_arrival(struct sink *sink, uint32_t task,
             int (*each)(void *context, const struct sink_event *event), void *context)
{
	return store_arrival_each(store_of(sink), task, each, context);
}

static int
late_event(struct sink *sink, uint64_t record, enum event_state state)
{
	return store_event_late(store_of(sink), record, state);
}

static int
end_arrival(struct sink *sink, uint32_t task)
{
	return store_arrival_end(store_of(sink), task);
}

static int
first_window(struct sink *sink, enum event_state state, uint64_t until_ns, uint64_t *window_ns)
{
	return store_window_first(store_of(sink), state, until_ns, window_ns);
}

static int
last_window(struct sink *sink, uint64_t *window_ns)
{
	return store_window_last(store_of(sink), window_ns);
}

static int
close_window(struct sink *sink, uint64_t window_ns, bool effects)
{
	return store_window_close(store_of(sink), window_ns, effects);
}

static int
restate_window(struct sink *sink, uint64_t window_ns, bool effects)
{
	return store_window_restate(store_of(sink), window_ns, effects);
}

static int
each_state(struct sink *sink, uint64_t first, uint64_t end,
           void (*each)(void *context, uint64_t first, uint64_t end, enum event_state state),
           void *context)
{
	return store_events_each(store_of(sink), first, end, each, context);
}

const struct sink_window_ops sink_store_windows = {
    .add = add_event,
    .next = next_arrival,
    .each_arrival = each_arrival,
    .late = late_event,
    .end = end_arrival,
    .first = first_window,
    .last = last_window,
    .close = close_window,
    .restate = restate_window,
    .each_state = each_state,
};
