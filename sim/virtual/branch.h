/* SPDX-License-Identifier: ISC
 *
 * A branch of a virtual run: the same scenario with one fault more, at one moment.  Up to that
 * moment its history is the run's own, which is verified; what comes behind shows what the fault
 * does.
 */
#ifndef SIM_VIRTUAL_BRANCH_H
#define SIM_VIRTUAL_BRANCH_H

#include "sim/virtual/playing.h"

struct branch {
	struct run run; /* a kept run of its own */
	struct playing playing;
	int64_t at_ns;    /* everything up to then is the same, and the fault comes behind it */
	uint64_t same;    /* records that happened up to then */
	uint64_t differs; /* number of the first record that differs; UINT64_MAX: none does */
	char fault[32];   /* the fault's id */
};

/* Branches off the kept run `parent`, which was loaded: fault is one line as scenario_fault_parse
 * takes it, path that of the new run directory, or NULL for the default place.  0, with the branch
 * played and kept, or an exit code after saying why; branch_fini either way.  EXIT_INTERNAL: its
 * history is not the parent's up to that moment, among other things. */
int branch_make(struct branch *branch, struct run *parent, int64_t at_ns, const char *fault,
                const char *path);
void branch_fini(struct branch *branch);

#endif
