/* SPDX-License-Identifier: ISC
 *
 * Scenario files and --set overrides.  Any text is either refused, with a message that can be shown
 * on a terminal, or read; and what was read, printed, reads as the same scenario.  The same text as
 * a fault by hand is refused and leaves nothing, or is one that can be told; whoever reads it
 * without the checks reads the same.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/scenario.h"
#include "tests/fuzz/fuzz.h"

#define SETS_MAX 8
#define LAST_LINE "; nothing was run\n"

struct text {
	char *bytes;
	size_t length;
};

static void
check_is_shown(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		CHECK((bytes[i] >= ' ' && bytes[i] <= '~') || bytes[i] == '\n' || bytes[i] == '\t');
}

static bool
load(struct scenario *scenario, struct text text, const char *const *set, size_t sets)
{
	struct text said;
	FILE *errors = open_memstream(&said.bytes, &said.length);
	int result;

	CHECK(errors != NULL);
	result =
	    scenario_load_text(scenario, "fuzz.yaml", text.bytes, text.length, set, sets, errors);
	CHECK(fclose(errors) == 0);
	CHECK(result == 0 || result == -EINVAL);
	if (result == 0) {
		CHECK(said.length == 0);
	} else {
		const struct scenario nothing = {0};
		size_t last = strlen(LAST_LINE);

		CHECK(said.length > last &&
		      strcmp(said.bytes + said.length - last, LAST_LINE) == 0);
		CHECK(memcmp(scenario, &nothing, sizeof(nothing)) == 0);
		check_is_shown(said.bytes, said.length);
	}
	free(said.bytes);
	return result == 0;
}

static struct text
print(const struct scenario *scenario)
{
	struct text text;
	FILE *out = open_memstream(&text.bytes, &text.length);

	CHECK(out != NULL && scenario_print(scenario, out) == 0 && fclose(out) == 0);
	return text;
}

static void
check_same_text(const char *a, const char *b)
{
	CHECK((a == NULL) == (b == NULL));
	CHECK(a == NULL || strcmp(a, b) == 0);
}

static void
check_same_job(const struct scenario_job *a, const struct scenario_job *b)
{
	CHECK(a->kind == b->kind && a->durable == b->durable && a->separator == b->separator);
	CHECK(a->generate_sales == b->generate_sales && a->generate_bad == b->generate_bad);
	CHECK(a->tasks == b->tasks && a->task_ns == b->task_ns && a->chunk == b->chunk);
	CHECK(a->sums == b->sums && a->ranges == b->ranges);
	CHECK(strcmp(a->logical_date, b->logical_date) == 0);
	check_same_text(a->input, b->input);
	check_same_text(a->key, b->key);
	for (size_t i = 0; i < a->sums; i++)
		check_same_text(a->sum[i], b->sum[i]);
	CHECK(memcmp(a->range, b->range, sizeof(a->range)) == 0);
}

static void
check_same(struct scenario *a, struct scenario *b)
{
	CHECK(strcmp(a->name, b->name) == 0);
	check_same_text(a->about, b->about);
	CHECK(a->seed == b->seed && a->world == b->world && a->wall_ns == b->wall_ns);
	CHECK(a->slots == b->slots && a->memory == b->memory && a->beat_ns == b->beat_ns);
	CHECK(a->durability == b->durability && a->verdict == b->verdict);
	CHECK(memcmp(&a->core, &b->core, sizeof(a->core)) == 0);
	CHECK(memcmp(&a->model, &b->model, sizeof(a->model)) == 0);
	check_same_job(&a->job, &b->job);
	CHECK(a->exclusive == b->exclusive && a->on_failures == b->on_failures);
	check_same_text(a->metrics, b->metrics);
	for (size_t i = 0; i < a->on_failures; i++)
		check_same_text(a->on_failure[i], b->on_failure[i]);
	/* The line that a fault stands in is not the scenario's. */
	for (size_t i = 0; i < SCENARIO_FAULTS_MAX; i++)
		a->fault[i].line = b->fault[i].line = 0;
	CHECK(a->faults == b->faults && memcmp(a->fault, b->fault, sizeof(a->fault)) == 0);
	CHECK(a->expectations == b->expectations);
	CHECK(memcmp(a->expect, b->expect, sizeof(a->expect)) == 0);
	CHECK(scenario_hash(a) != 0 && scenario_hash(a) == scenario_hash(b));
}

static void
check_descriptions(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->faults; i++) {
		char *tight = malloc(20), text[256];

		CHECK(tight != NULL);
		fault_describe(scenario, i, text, sizeof(text));
		check_is_shown(text, strlen(text));
		CHECK(strchr(text, '\n') == NULL);
		fault_describe(scenario, i, tight, 20);
		CHECK(strlen(tight) < 20 && strncmp(text, tight, strlen(tight)) == 0);
		free(tight);
	}
}

static void
check_round_trip(struct scenario *scenario)
{
	static struct scenario again;
	struct text first = print(scenario), second;

	CHECK(load(&again, first, NULL, 0));
	second = print(&again);
	CHECK(first.length == second.length);
	CHECK(memcmp(first.bytes, second.bytes, first.length) == 0);
	check_same(scenario, &again);
	check_descriptions(scenario);
	scenario_fini(&again);
	free(first.bytes);
	free(second.bytes);
}

static const char around_hand[] =
    "scenario: 1\nname: around\nabout: a fault by hand\nlimits: {memory: 1GiB}\n"
    "job: {kind: aggregate, generate: {sales: 1000 records}, key: product, sum: [qty], "
    "chunk: 10 records}\nworkers: {count: 3}\nexpect: [job: done]\n";

static void
check_by_hand(const char *text)
{
	static struct scenario around, before;
	struct text said;
	FILE *errors = open_memstream(&said.bytes, &said.length);
	int result;

	if (around.path == NULL)
		CHECK(load(&around, (struct text){(char *)around_hand, strlen(around_hand)}, NULL,
		           0));
	before = around;
	CHECK(errors != NULL);
	result = scenario_fault_add(&around, "hand1", text, errors);
	CHECK(fclose(errors) == 0);
	check_is_shown(said.bytes, said.length);
	if (result != 0) {
		CHECK(result == -EINVAL && said.length > 0);
		CHECK(memcmp(&around, &before, sizeof(around)) == 0);
		scenario_fault_add(&around, "hand1", text, NULL);
		CHECK(around.faults <= 1 && scenario_scripted(&around) == 0);
	} else {
		CHECK(said.length == 0 && around.faults == 1);
		CHECK(scenario_scripted(&around) == 0 && around.fault[0].times == 1);
		scenario_fault_add(&before, "hand1", text, NULL);
		CHECK(memcmp(&around, &before, sizeof(around)) == 0);
	}
	check_descriptions(&around);
	memset(&around.fault[0], 0, sizeof(around.fault[0]));
	around.faults = 0;
	free(said.bytes);
}

/* What stands behind a NUL is an override, and so on; behind one at the start all is text. */
static size_t
split(struct text *text, size_t size, const char *set[SETS_MAX])
{
	size_t sets = 0;

	text->length = strlen(text->bytes);
	for (size_t at = text->length + 1; at < size && sets < SETS_MAX; sets++) {
		set[sets] = text->bytes + at;
		at += strlen(set[sets]) + 1;
	}
	if (size > 0 && text->length == 0) {
		text->length = size;
		return 0;
	}
	return sets;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scenario scenario;
	struct text text = {malloc(size + 1), 0};
	const char *set[SETS_MAX];
	size_t sets;

	CHECK(text.bytes != NULL);
	memcpy(text.bytes, data, size);
	text.bytes[size] = '\0';
	sets = split(&text, size, set);
	if (load(&scenario, text, set, sets)) {
		check_round_trip(&scenario);
		scenario_fini(&scenario);
	}
	check_by_hand(text.bytes);
	free(text.bytes);
	return 0;
}
