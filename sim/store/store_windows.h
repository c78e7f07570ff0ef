/* SPDX-License-Identifier: ISC
 *
 * The tables of events and windows in run.db: the SQLite side of sink/sink_windows.h, whose
 * comments say what the functions of the same name do.
 */
#ifndef SIM_STORE_STORE_WINDOWS_H
#define SIM_STORE_STORE_WINDOWS_H

#include "sim/sink/sink_windows.h"
#include "sim/store/store.h"

int store_event_add(struct store *store, uint32_t task, const struct sink_row *row,
                    uint64_t window_ns);
int store_arrival_next(struct store *store, uint64_t turn, struct sink_arrival *arrival);
int store_arrival_each(struct store *store, uint32_t task,
                       int (*each)(void *context, const struct sink_event *event), void *context);
int store_event_late(struct store *store, uint64_t record, enum event_state state);
int store_arrival_end(struct store *store, uint32_t task);
int store_window_first(struct store *store, enum event_state state, uint64_t until_ns,
                       uint64_t *window_ns);
int store_window_last(struct store *store, uint64_t *window_ns);
int store_window_close(struct store *store, uint64_t window_ns, bool effects);
int store_window_restate(struct store *store, uint64_t window_ns, bool effects);
int store_events_each(struct store *store, uint64_t first, uint64_t end,
                      void (*each)(void *context, uint64_t first, uint64_t end,
                                   enum event_state state),
                      void *context);

/* What there is of them, for the verdict. */
struct store_window_counts {
	uint64_t windows, restatements;
	uint64_t restated, dropped; /* late events */
	uint64_t unsettled;         /* events that are neither in the sink nor dropped */
};
int store_window_counts_read(struct store *store, struct store_window_counts *counts);
/* The records that were dropped; each() returns 0 to go on. */
int store_dropped_read(struct store *store, int (*each)(void *context, uint64_t record),
                       void *context);

#endif
