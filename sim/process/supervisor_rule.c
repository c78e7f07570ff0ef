/* SPDX-License-Identifier: ISC
 *
 * A supervisor that was taken for dead and goes on must notice that another one rules.  The board
 * raises the suspicion, the store decides; what the store refuses needs no suspicion.
 */
#include <errno.h>
#include <unistd.h>

#include "sim/process/supervisor.h"
#include "sim/util/plant.h"

void
supervisor_rule_check(struct supervisor *supervisor)
{
	struct board *board = supervisor->run->board;

	if (atomic_load_explicit(&board->generation, memory_order_relaxed) ==
	        supervisor->generation ||
	    supervisor->generation == 0 || planted("supervisor-not-fenced"))
		return;
	if (supervisor_open_store(supervisor) == 0 &&
	    store_generation_check(supervisor->store, supervisor->generation) == -ESTALE)
		_exit(SUPERVISOR_SUPERSEDED);
}
