/* SPDX-License-Identifier: ISC
 *
 * Faults by hand: kept in plan.jsonl, shared in the fault area.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "sim/fault/ahead.h"
#include "sim/fault/hand.h"
#include "sim/util/clock.h"

static void
next_id(const struct scenario *scenario, char id[32])
{
	snprintf(id, 32, "hand%zu", scenario->faults - scenario_scripted(scenario) + 1);
}

static bool
is_taken(const struct scenario *scenario, const char *id)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (strcmp(scenario->fault[i].id, id) == 0)
			return true;
	return false;
}

int
hand_add(struct scenario *scenario, const char *text, FILE *errors)
{
	char id[32];

	next_id(scenario, id);
	if (strlen(text) > HAND_TEXT_MAX) {
		fprintf(errors, "a fault by hand has at most %d characters\n", HAND_TEXT_MAX);
		return -EINVAL;
	}
	if (is_taken(scenario, id)) {
		fprintf(errors, "the scenario has a fault of its own that is called %s\n", id);
		return -EINVAL;
	}
	if (scenario->faults - scenario_scripted(scenario) == FAULT_HANDS_MAX) {
		fprintf(errors, "%d faults by hand are all that a run takes\n", FAULT_HANDS_MAX);
		return -EINVAL;
	}
	if (scenario_fault_add(scenario, id, text, errors) != 0)
		return -EINVAL;
	return (int)scenario->faults - 1;
}

void
hand_drop(struct scenario *scenario)
{
	scenario->faults--;
	memset(&scenario->fault[scenario->faults], 0, sizeof(struct fault));
}

bool
hand_begin(const struct scenario *scenario, struct fault_area *area, const char *text,
           const struct hand_moment *moment)
{
	const struct fault *fault = &scenario->fault[scenario->faults - 1];
	json_t *object = json_pack(
	    "{s:s, s:i, s:s, s:I, s:I, s:I}", "hand", fault->id, "number",
	    (int)scenario->faults - 1, "is", text, "done", (json_int_t)moment->done, "elapsed_ns",
	    (json_int_t)moment->elapsed_ns, "boottime_ns", (json_int_t)clock_now_ns());
	char line[AHEAD_LINE_MAX];
	size_t length;
	bool written;

	if (object == NULL) /* no UTF-8, or no memory */
		return false;
	length = json_dumpb(object, line, sizeof(line) - 1, JSON_PRESERVE_ORDER);
	json_decref(object);
	if (length == 0 || length > sizeof(line) - 1)
		return false;
	line[length] = '\n';
	written = ahead_write(line, length + 1);
	if (written)
		hand_share(scenario, area);
	return written;
}

void
hand_share(const struct scenario *scenario, struct fault_area *area)
{
	size_t first = scenario_scripted(scenario), count = scenario->faults - first;

	memcpy(area->hand, &scenario->fault[first], count * sizeof(area->hand[0]));
	atomic_store(&area->hands, (uint32_t)count);
}

void
hand_learn(struct scenario *scenario, const struct fault_area *area)
{
	uint32_t shared = atomic_load(&area->hands);
	size_t known;

	if (shared == 0)
		return;
	known = scenario->faults - scenario_scripted(scenario);
	for (; known < shared && scenario->faults < SCENARIO_FAULTS_MAX; known++)
		scenario->fault[scenario->faults++] = area->hand[known];
}

struct recalling {
	struct scenario *scenario;
	struct hand_moment *moment;
	size_t next; /* index of the next line's fault */
};

static int
recall(void *context, const json_t *line)
{
	struct recalling *recalling = context;
	const char *id = json_string_value(json_object_get(line, "hand"));
	const char *text = json_string_value(json_object_get(line, "is"));
	size_t index = recalling->next;

	if (id == NULL || text == NULL)
		return 0;
	if (index >= SCENARIO_FAULTS_MAX)
		return -EBADMSG;
	if (json_integer_value(json_object_get(line, "number")) != (json_int_t)index)
		return -ERANGE;
	/* Leniently: a redrive may have taken away what it was checked against. */
	if (index >= recalling->scenario->faults)
		scenario_fault_add(recalling->scenario, id, text, NULL);
	if (index >= recalling->scenario->faults)
		return -EBADMSG;
	if (recalling->moment != NULL)
		recalling->moment[index] = (struct hand_moment){
		    .done = (uint64_t)json_integer_value(json_object_get(line, "done")),
		    .elapsed_ns = json_integer_value(json_object_get(line, "elapsed_ns"))};
	recalling->next++;
	return 0;
}

int
hand_recall(struct scenario *scenario, const char *plan_path, struct hand_moment *moment)
{
	struct recalling recalling = {
	    .scenario = scenario, .moment = moment, .next = scenario_scripted(scenario)};

	return ahead_each(plan_path, recall, &recalling);
}
