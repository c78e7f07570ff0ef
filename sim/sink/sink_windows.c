/* SPDX-License-Identifier: ISC
 *
 * The functions of events and windows, handed on to the implementation.
 */
#include "sim/sink/sink_windows.h"
#include "sim/sink/sink_ops.h"

int
sink_event_add(struct sink *sink, const struct sink_row *row, uint64_t window_ns)
{
	return sink->ops->windows->add(sink, row, window_ns);
}

int
sink_arrival_next(struct sink *sink, uint64_t turn, struct sink_arrival *arrival)
{
	return sink->ops->windows->next(sink, turn, arrival);
}

int
sink_arrival_each(struct sink *sink, uint32_t task,
                  int (*each)(void *context, const struct sink_event *event), void *context)
{
	return sink->ops->windows->each_arrival(sink, task, each, context);
}

int
sink_event_late(struct sink *sink, uint64_t record, enum event_state state)
{
	return sink->ops->windows->late(sink, record, state);
}

int
sink_arrival_end(struct sink *sink, uint32_t task)
{
	return sink->ops->windows->end(sink, task);
}

int
sink_window_first(struct sink *sink, enum event_state state, uint64_t until_ns, uint64_t *window_ns)
{
	return sink->ops->windows->first(sink, state, until_ns, window_ns);
}

int
sink_window_last(struct sink *sink, uint64_t *window_ns)
{
	return sink->ops->windows->last(sink, window_ns);
}

int
sink_window_close(struct sink *sink, uint64_t window_ns, bool effects)
{
	return sink->ops->windows->close(sink, window_ns, effects);
}

int
sink_window_restate(struct sink *sink, uint64_t window_ns, bool effects)
{
	return sink->ops->windows->restate(sink, window_ns, effects);
}

int
sink_events_each(struct sink *sink, uint64_t first, uint64_t end,
                 void (*each)(void *context, uint64_t first, uint64_t end, enum event_state state),
                 void *context)
{
	return sink->ops->windows->each_state(sink, first, end, each, context);
}
