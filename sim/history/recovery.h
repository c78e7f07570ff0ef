/* SPDX-License-Identifier: ISC
 *
 * Recoveries: each time work was lost with a worker, a supervisor or everybody, when that was
 * noticed, when its tasks were fenced and leased again, and what was done twice for it.
 */
#ifndef SIM_HISTORY_RECOVERY_H
#define SIM_HISTORY_RECOVERY_H

#include "sim/history/history.h"

enum recovery_from {
	RECOVERY_WORKER,     /* it died */
	RECOVERY_HANG,       /* it was given up, and killed */
	RECOVERY_FENCED,     /* it was given up, or lost a lease, and lives on */
	RECOVERY_SUPERVISOR, /* it died, or was replaced */
	RECOVERY_DIRECTOR,   /* it died, and everybody with it */
	RECOVERY_POWER
};

struct recovery {
	enum recovery_from from;
	uint16_t slot;       /* CORE_NO_SLOT: not of a worker */
	int16_t fault;       /* that did it, or -1 */
	int64_t injected_ns; /* of that fault; -1: not known */
	int64_t noticed_ns;
	int64_t died_ns;    /* a hang: its end; else as noticed */
	int64_t fenced_ns;  /* of its last task; -1: none was */
	int64_t leased_ns;  /* likewise, leased again */
	int64_t longest_ns; /* from noticed to leased again, as the run's numbers count it */
	uint64_t status;    /* a worker's or supervisor's wait status */
	uint64_t redone;    /* records of attempts in vain, as far as beats had told of them */
	uint32_t tasks;     /* leases that were lost */
	uint32_t found;     /* of them done all the same */
	uint32_t again;     /* ... leased again */
};

struct recoveries {
	struct recovery *item; /* in the order in which they were noticed */
	size_t count;
};

/* Goes through the whole history.  0 or -ENOMEM; to be freed either way. */
int recoveries_find(struct recoveries *recoveries, const struct history *history);
void recoveries_free(struct recoveries *recoveries);

#endif
