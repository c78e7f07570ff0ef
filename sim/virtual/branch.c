/* SPDX-License-Identifier: ISC
 *
 * Branching off: load, add the fault, play, compare the two logs.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "sim/process/run_setup.h"
#include "sim/scenario/units.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/virtual/branch.h"

static bool
has_fault(const struct scenario *scenario, const char *id)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (strcmp(scenario->fault[i].id, id) == 0)
			return true;
	return false;
}

/* The parent's scenario and the fault: the next instant is the first at which nothing that happened
 * at this one can still change. */
static int
load(struct branch *branch, const struct run *parent, const char *fault)
{
	struct scenario *scenario = &branch->run.scenario;
	char path[PATH_MAX];
	unsigned number = 1;

	if (scenario_load(scenario, rundir_file(&parent->dir, RUN_SCENARIO, path), NULL, 0,
	                  stderr) != 0)
		return EXIT_USAGE;
	do
		snprintf(branch->fault, sizeof(branch->fault), "fork%u", number++);
	while (has_fault(scenario, branch->fault));
	return scenario_fault_parse(scenario, "fault", fault, branch->fault, branch->at_ns + 1,
	                            stderr) == 0
	           ? 0
	           : EXIT_USAGE;
}

/* A chunk or record may have been worked on before the moment: such a fault has no time. */
static bool
has_time(const struct scenario *scenario)
{
	const struct fault *fault = &scenario->fault[scenario->faults - 1];

	if (fault->when == WHEN_TIME)
		return true;
	complain("a fault of a chunk or record has no moment: put it into the scenario");
	return false;
}

static bool
is_same(const struct logged *a, const struct logged *b)
{
	return a->generation == b->generation && memcmp(&a->step, &b->step, sizeof(a->step)) == 0;
}

static void
compare(struct branch *branch, const struct history *parent, const struct history *child)
{
	uint64_t count = history_count(parent), other = history_count(child), i = 0;

	branch->same = history_at(parent, branch->at_ns);
	while (i < count && i < other &&
	       is_same(history_record(parent, i), history_record(child, i)))
		i++;
	branch->differs = i < count || i < other ? i : UINT64_MAX;
}

/* How long the parent lasted, for whoever is beyond it. */
static bool
is_within(const struct branch *branch, const struct history *parent)
{
	if (branch->at_ns <= history_end(parent))
		return true;
	complain("the run ended after %.6f s: there is nothing to fork at %.6f s",
	         (double)history_end(parent) / (double)NS_PER_S,
	         (double)branch->at_ns / (double)NS_PER_S);
	return false;
}

static int
play(struct branch *branch, const struct history *parent, const char *path)
{
	struct run *run = &branch->run;
	struct history *child;
	char name[SCENARIO_NAME_MAX + 40];
	int code, error;

	snprintf(name, sizeof(name), "%s-%s", run->scenario.name, branch->fault);
	code = playing_keep(run, path, name);
	if (code == 0)
		code = playing_play(&branch->playing, false, NULL, true);
	if (code != 0)
		return code;
	error = playing_history(&branch->playing, &child);
	if (error != 0) {
		complain("cannot read %s: %s", run->events, strerror(-error));
		return EXIT_INTERNAL;
	}
	compare(branch, parent, child);
	history_close(child);
	if (branch->differs >= branch->same)
		return 0;
	complain("record %" PRIu64 " of the branch in %s is not the run's own, and lies before "
	         "the fault: the run's log was changed, or graveshift is wrong; please report it",
	         branch->differs, run->dir.path);
	return EXIT_INTERNAL;
}

/* With the parent's history open, and the branch's plan made. */
static int
branch_off(struct branch *branch, struct run *parent, const char *path)
{
	struct playing played;
	struct history *history;
	int code = playing_init(&played, parent), error;

	if (code != 0)
		return code;
	error = playing_history(&played, &history);
	if (error == 0) {
		code = is_within(branch, history) ? play(branch, history, path) : EXIT_USAGE;
		history_close(history);
	} else {
		complain("cannot read %s: %s", parent->events, strerror(-error));
		code = EXIT_USAGE;
	}
	playing_fini(&played);
	return code;
}

int
branch_make(struct branch *branch, struct run *parent, int64_t at_ns, const char *fault,
            const char *path)
{
	int code;

	memset(branch, 0, sizeof(*branch));
	run_init(&branch->run);
	branch->at_ns = at_ns;
	if (parent->scenario.world != WORLD_VIRTUAL) {
		complain("%s was played with real processes, which cannot be had again as they "
		         "were; `graveshift run %s/%s --world virtual` plays its scenario in the "
		         "model, and that run can be forked",
		         parent->dir.path, parent->dir.path, RUN_SCENARIO);
		return EXIT_USAGE;
	}
	code = load(branch, parent, fault);
	if (code == 0 && !has_time(&branch->run.scenario))
		code = EXIT_USAGE;
	if (code == 0)
		code = playing_init(&branch->playing, &branch->run);
	return code != 0 ? code : branch_off(branch, parent, path);
}

void
branch_fini(struct branch *branch)
{
	playing_fini(&branch->playing);
	run_fini(&branch->run);
}
