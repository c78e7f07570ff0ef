/* SPDX-License-Identifier: ISC
 *
 * A torture has no workers, leases or faults of its own: what a scenario says about those would be
 * without effect, and is refused.
 */
#include <string.h>

#include "sim/scenario/load.h"

static const char *const foreign[] = {
    "durability",        "verdict",         "exclusive",        "metrics",  "on_failure",
    "limits.workers",    "limits.memory",   "job.logical_date", "job.work", "workers.credit",
    "workers.placement", "workers.restart", "recovery",         "model"};

enum { FOREIGN = sizeof(foreign) / sizeof(foreign[0]) };

bool
torture_has_no(const char *path)
{
	for (size_t i = 0; i < FOREIGN; i++) {
		size_t length = strlen(foreign[i]);
		if (strncmp(path, foreign[i], length) == 0 &&
		    (path[length] == '\0' || path[length] == '.'))
			return true;
	}
	return false;
}

void
torture_check(struct load *load)
{
	const struct node *faults = node_get(load->root, "faults"), *other;
	const struct node *check = node_find(load->root, "job.check");

	if (load->scenario->job.kind != JOB_TORTURE)
		return;
	for (size_t i = 0; i < FOREIGN; i++) {
		other = node_find(load->root, foreign[i]);
		if (other != NULL)
			problem_add(&load->problems, other->key_at,
			            "%s: not for a job of kind torture", foreign[i]);
	}
	if (faults != NULL && faults->kind == NODE_LIST && faults->count > 0)
		problem_add(&load->problems, faults->key_at,
		            "faults: not for a job of kind torture, which is killed everywhere");
	other = node_find(load->root, "job.same");
	if (check != NULL && other != NULL)
		problem_add(&load->problems, other->key_at,
		            "job.same: excluded by job.check in line %zu", check->key_at.line);
	other = node_get(load->root, "world");
	if (other != NULL && load->scenario->world == WORLD_VIRTUAL)
		problem_add(&load->problems, other->key_at,
		            "world: a torture kills a command that really runs: say real");
}
