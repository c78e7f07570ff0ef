/* SPDX-License-Identifier: ISC
 *
 * Faults by hand: a person asks for one while the run goes on.  It stands behind the scenario's own
 * faults, under an id of its own (hand1, hand2, ...); plan.jsonl has it before anything is done, so
 * that whoever looks at the run later knows it, and the fault area has it for processes that were
 * forked before.
 */
#ifndef SIM_FAULT_HAND_H
#define SIM_FAULT_HAND_H

#include "sim/fault/fault.h"

#define HAND_TEXT_MAX 240 /* characters of a fault as it was typed */

/* When one was asked for. */
struct hand_moment {
	uint64_t done;      /* tasks that were done */
	int64_t elapsed_ns; /* since the start of the run */
};

/* Director: adds what was typed as the scenario's next fault.  Nothing is written or shared yet,
 * and hand_drop takes it out again.  Its index; or -EINVAL after printing to `errors` what is
 * wrong. */
int hand_add(struct scenario *scenario, const char *text, FILE *errors);
void hand_drop(struct scenario *scenario);
/* Director: writes it ahead and shares it.  False after saying why not. */
bool hand_begin(const struct scenario *scenario, struct fault_area *area, const char *text,
                const struct hand_moment *moment);

/* Adds the faults by hand that plan.jsonl has and the scenario has not.  moment: room for
 * SCENARIO_FAULTS_MAX, filled in at their indices, or NULL.  0 or -errno (-ERANGE: the scenario has
 * not as many faults of its own as it had then, so that the log would name others). */
int hand_recall(struct scenario *scenario, const char *plan_path, struct hand_moment *moment);
/* Shares all that the scenario has. */
void hand_share(const struct scenario *scenario, struct fault_area *area);
/* Takes over what was shared since; cheap when nothing was. */
void hand_learn(struct scenario *scenario, const struct fault_area *area);

#endif
