/* SPDX-License-Identifier: ISC
 *
 * A candidate as a view.
 */
#include <string.h>

#include "sim/torture/state_view.h"

int
state_view_init(struct state_view *state, const struct session *session,
                const struct candidate *candidate)
{
	const struct record *record = session->record;
	bool is_end = candidate->point == record->ops;
	const struct op *op = is_end ? NULL : &record->op[candidate->point];

	memset(state, 0, sizeof(*state));
	if (candidate->crash != NULL) {
		state->view = &state->power.view;
		return power_view_init(&state->power, session->power, candidate->crash);
	}
	if (op != NULL && candidate->torn_end > 0)
		state->tear = (struct tear){op->node, candidate->torn_end};
	moment_init(&state->moment, op == NULL ? record->end : op->version, &state->tear);
	state->view = &state->moment.view;
	return 0;
}

void
state_view_fini(struct state_view *state)
{
	power_view_fini(&state->power);
}
