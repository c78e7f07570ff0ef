/* SPDX-License-Identifier: ISC
 *
 * What the virtual world has no model for, it refuses before it begins.
 */
#include <stdio.h>

#include "sim/scenario/keys.h"
#include "sim/virtual/world.h"

static bool
action_is_modelled(const struct fault *fault)
{
	switch (fault->what) {
	case FAULT_FAIL:
	case FAULT_SHORT:
	case FAULT_TEAR:
	case FAULT_CLOCK:
	case FAULT_BOARD:
	case FAULT_GROW:
		return false;
	default:
		return true;
	}
}

static const char *
problem_of(const struct scenario *scenario, const struct fault *fault)
{
	bool frames = fault->when == WHEN_POINT && (point_calls(fault->point) & POINT_SENDS) != 0;
	bool of_frames = fault->what >= FAULT_DROP && fault->what <= FAULT_CORRUPT;

	if (!action_is_modelled(fault))
		return "it has no files, board or wall clock";
	if (fault->when == WHEN_POINT && !(frames && of_frames) && !point_is_modelled(fault->point))
		return "nobody reaches that point in it";
	if (fault->when == WHEN_RECORD && scenario->job.ranges > 0)
		return "its records have no numbers when the job is split by key";
	return NULL;
}

bool
virtual_can_play(const struct scenario *scenario, char *why, size_t size)
{
	if (scenario->job.kind == JOB_ETL) {
		snprintf(why, size,
		         "a job of kind etl cannot be played in the virtual world: it has no sink");
		return false;
	}
	if (scenario->job.kind == JOB_COMMAND || scenario->job.kind == JOB_MAPREDUCE) {
		snprintf(
		    why, size,
		    "a job of kind %s cannot be played in the virtual world: it has no model of "
		    "files that tasks hand on",
		    key_kind_name(scenario->job.kind));
		return false;
	}
	if (scenario->job.kind == JOB_TORTURE) {
		snprintf(why, size,
		         "a torture cannot be played in the virtual world: it kills a command that "
		         "really runs");
		return false;
	}
	if (scenario->job.kind == JOB_STREAM) {
		snprintf(
		    why, size,
		    "a job of kind stream cannot be played in the virtual world: it has no log");
		return false;
	}
	for (size_t i = 0; i < scenario->faults; i++) {
		const char *problem = problem_of(scenario, &scenario->fault[i]);
		if (problem == NULL)
			continue;
		snprintf(why, size, "fault %s cannot be played in the virtual world: %s",
		         scenario->fault[i].id, problem);
		return false;
	}
	return true;
}
