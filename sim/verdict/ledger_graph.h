/* SPDX-License-Identifier: ISC
 *
 * The ledger of graphs: how each step of each order must have ended, given which of them were given
 * up, worked out order by order from the names in the scenario; compared with how the tasks ended,
 * and with the effects in the order in which they happened.
 *
 * First each task is handed in, by number; then each effect, oldest first.
 */
#ifndef SIM_VERDICT_LEDGER_GRAPH_H
#define SIM_VERDICT_LEDGER_GRAPH_H

#include "sim/verdict/ledger.h"

struct ledger_graph;

/* The job must outlive it.  NULL without memory. */
struct ledger_graph *ledger_graph_new(const struct scenario_job *job);
void ledger_graph_free(struct ledger_graph *ledger);

/* blame: of a skipped one, the task that is to blame; CORE_NO_TASK: it was not needed. */
void ledger_graph_task(struct ledger_graph *ledger, uint32_t task, enum task_state state,
                       uint32_t blame);
void ledger_graph_effect(struct ledger_graph *ledger, uint64_t task);

void ledger_graph_end(struct ledger_graph *ledger, struct ledger_finding *finding);

#endif
