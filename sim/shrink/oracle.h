/* SPDX-License-Identifier: ISC
 *
 * How a scenario fails, in the world it names: what a shrinker asks again and again.
 */
#ifndef SIM_SHRINK_ORACLE_H
#define SIM_SHRINK_ORACLE_H

#include "sim/sweep/trial.h"
#include "sim/util/scratch.h"

#define SIGNATURE_MAX 128
#define FINDING_MAX 320

struct oracle {
	char signature[SIGNATURE_MAX]; /* the invariant or expectation that fails; "" = none does */
	char finding[FINDING_MAX];
	unsigned
	    tries; /* real world: a scenario that holds is tried so often before it is believed */
	struct scratch scratch;      /* real world: for the runs */
	struct trial_result *result; /* real world: shared with them */
	unsigned runs;
	int stopped; /* real world: the signal that asked to stop; nothing is asked any more */
};

/* 0, or -errno after saying why. */
int oracle_init(struct oracle *oracle, enum world world);
void oracle_fini(struct oracle *oracle);

/* Plays the scenario in its world and keeps how it fails as the signature.  0, or -errno: -EINTR
 * when it was stopped, -EIO after saying why no verdict was given. */
int oracle_learn(struct oracle *oracle, const struct scenario *scenario);

/* Does it fail as the one that was learned?  For struct shrink. */
bool oracle_fails(void *oracle, const struct scenario *scenario);

#endif
