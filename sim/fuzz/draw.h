/* SPDX-License-Identifier: ISC
 *
 * Drawing a scenario from a seed: workload, workers, timers, how the models behave, and faults.
 * Swarm testing (Groce et al., ISSTA 2012): each seed first draws which kinds of fault it has at
 * all, so that some runs are full of one kind and free of those that would hide it.
 */
#ifndef SIM_FUZZ_DRAW_H
#define SIM_FUZZ_DRAW_H

#include "sim/virtual/virtual.h"

/* A drawn scenario.  Its texts are the base's or constant: it is not for scenario_fini, and must
 * not outlive its base. */
struct drawn {
	struct scenario scenario;
	struct virtual_options options;
	bool survivable; /* the job must end well; else only safety is asked for */
};

/* Draws what this seed stands for: the same on every machine.  base: job, workers and recovery to
 * keep; NULL: they are drawn, too. */
void drawn_init(struct drawn *drawn, uint64_t seed, const struct scenario *base);

#endif
