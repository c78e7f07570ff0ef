/* SPDX-License-Identifier: ISC
 *
 * Probes: a record in which workers crashed twice is run alone in a worker of its own.  If that one
 * dies too, the record is a dead letter and its task goes on without it.  One probe at a time.
 */
#ifndef CORE_PROBE_H
#define CORE_PROBE_H

#include "state.h"

void probe_init(struct probe *probe);
/* Starts the probe of the next task in the queue if none is under way. */
void probe_start_next(struct core *core);
void probe_joined(struct core *core);
/* EV PROBE_SURVIVED */
void probe_survived(struct core *core, const struct core_step *event);
/* The probe's worker is gone; status is its wait status. */
void probe_exited(struct core *core, const struct core_step *event);
/* Its kill was not confirmed in time. */
void probe_written_off(struct core *core);

#endif
