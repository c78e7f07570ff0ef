/* SPDX-License-Identifier: ISC
 *
 * Ending everybody at once.  Nobody can kill all the others: the director ends its supervisor and
 * itself, and the workers die of that; until then, whoever comes to the disk stands still there.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sim/disk/power.h"
#include "sim/disk/unsynced.h"
#include "sim/fault/fault.h"
#include "sim/rundir/rundir.h"
#include "sim/util/fail.h"

_Noreturn void
power_gone(void)
{
	fault_wake_director();
	/* A guest is nobody's child, and the director's own death ends all others. */
	if (fault_self.role == WHO_DIRECTOR || fault_self.guest || fault_self.scenario == NULL)
		raise(SIGKILL);
	for (;;)
		pause();
}

void
power_cut(size_t fault)
{
	int error = unsynced_lose((uint32_t)fault);

	if (error == 0)
		power_gone();
	complain("cannot enter in %s that the power is lost: %s", RUN_UNSYNCED, strerror(-error));
}
