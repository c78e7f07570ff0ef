/* SPDX-License-Identifier: ISC
 *
 * What each fault is done with, and whether this host can do it: tried for real, not guessed.
 */
#ifndef SIM_FAULT_PROBE_H
#define SIM_FAULT_PROBE_H

#include "sim/scenario/scenario.h"

struct fault_kind {
	enum fault_what what;
	const char *name;                                      /* as in a scenario */
	const char *mechanism;                                 /* what is done, in a line */
	const char *needs;                                     /* of the host; "" = nothing */
	const char *(*probe)(const struct scenario *scenario); /* NULL = nothing to probe */
};
extern const struct fault_kind fault_kinds[];
extern const size_t fault_kind_count;

/* NULL when the host can do that kind of fault, else why not; scenario may be NULL.  Forks where
 * only a child can try: call it with no store open. */
const char *fault_kind_probe(const struct fault_kind *kind, const struct scenario *scenario);
/* The same for one fault of a scenario. */
const char *fault_probe(const struct scenario *scenario, const struct fault *fault);

#endif
