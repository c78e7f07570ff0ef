/* SPDX-License-Identifier: ISC
 *
 * The files of a candidate's state.
 */
#ifndef SIM_TORTURE_STATE_VIEW_H
#define SIM_TORTURE_STATE_VIEW_H

#include "sim/torture/power.h"
#include "sim/torture/session.h"

struct state_view {
	const struct view *view;
	struct tear tear;
	struct moment moment;    /* of a kill */
	struct power_view power; /* of a loss of power */
};

/* 0 or -ENOMEM; state_view_fini either way. */
int state_view_init(struct state_view *state, const struct session *session,
                    const struct candidate *candidate);
void state_view_fini(struct state_view *state);

#endif
