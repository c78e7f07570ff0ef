/* SPDX-License-Identifier: ISC
 *
 * Jobs of kind graph: tasks and effects, into their ledger.
 */
#include <errno.h>

#include "sim/store/store_sink.h"
#include "sim/verdict/account_parts.h"
#include "sim/verdict/ledger_graph.h"

static int
take_task(void *context, const struct store_task_row *row)
{
	ledger_graph_task(context, row->plan.task, row->state, row->reason);
	return 0;
}

static int
take_step(void *context, uint64_t record)
{
	ledger_graph_effect(context, record);
	return 0;
}

int
account_graph(struct account *account)
{
	struct run *run = account->run;
	struct ledger_graph *ledger = ledger_graph_new(&run->scenario.job);
	struct store *store = NULL;
	int error = ledger == NULL ? -ENOMEM : store_open_reader(&store, run->db);

	if (error == 0)
		error = store_tasks_read(store, 0, take_task, ledger);
	if (error == 0)
		error = store_effects_logged(store, take_step, ledger);
	if (error == 0)
		ledger_graph_end(ledger, &account->verdict->ledger);
	store_close(store);
	ledger_graph_free(ledger);
	return error;
}
