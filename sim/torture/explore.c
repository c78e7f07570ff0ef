/* SPDX-License-Identifier: ISC
 *
 * Choosing states.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/torture/explore.h"
#include "sim/torture/power_choose.h"
#include "sim/torture/sums.h"

/* --- the state of a point */

bool
explore_reads(const struct session *session, const char *variable)
{
	return session->options->check != NULL && strstr(session->options->check, variable) != NULL;
}

uint64_t
explore_sum(const struct session *session, uint64_t sum, int64_t output)
{
	return explore_reads(session, "TORTURE_STDOUT")
	           ? XXH3_64bits_withSeed(&output, sizeof(output), sum)
	           : sum;
}

static uint64_t
sum_of(const struct session *session, uint32_t point)
{
	const struct record *record = session->record;
	bool is_end = point == record->ops;
	uint64_t sum = is_end ? record->end_sum : record->op[point].sum;
	int64_t output = is_end ? record->end_output : record->op[point].output;

	return explore_sum(session, sum, output);
}

static bool
is_kept(const struct record *record, uint32_t point)
{
	return point == record->ops ? !record->versions->full : record->op[point].is_kept;
}

/* --- candidates */

struct choosing {
	struct session *session;
	struct sums sums;
};

static void
choose(struct choosing *choosing, uint32_t point)
{
	struct session *session = choosing->session;
	uint64_t sum = sum_of(session, point);

	if (is_kept(session->record, point) && sums_add(&choosing->sums, sum, session->candidates))
		session->candidate[session->candidates++] =
		    (struct candidate){.point = point, .sum = sum};
}

static void
choose_by_pair(struct choosing *choosing)
{
	const struct record *record = choosing->session->record;
	const struct label *pair = record->pairs->label;

	for (uint32_t i = 0; i < record->ops; i++)
		if (record->op[i].nth == 1)
			choose(choosing, i);
	for (uint32_t i = 0; i < record->ops; i++)
		if (record->op[i].nth == pair[record->op[i].pair].count)
			choose(choosing, i);
	for (uint32_t nth = 2; nth != 0 && nth <= record->ops; nth *= 2)
		for (uint32_t i = 0; i < record->ops; i++)
			if (record->op[i].nth == nth)
				choose(choosing, i);
}

/* Only a write of several pages can be cut, between two of them: after the first, in the middle,
 * and before the last. */
static void
choose_torn(struct choosing *choosing, uint32_t point)
{
	struct session *session = choosing->session;
	const struct op *op = &session->record->op[point];
	int64_t first, last, cut[3];

	if (op->node == NULL || !op->is_kept || op->length <= VERSION_PAGE)
		return;
	first = op->from / VERSION_PAGE * VERSION_PAGE + VERSION_PAGE;
	last = (op->from + op->length - 1) / VERSION_PAGE * VERSION_PAGE;
	cut[0] = first;
	cut[1] = (first + last) / 2 / VERSION_PAGE * VERSION_PAGE;
	cut[2] = last;
	for (int i = 0; i < 3; i++)
		if (cut[i] >= first && cut[i] <= last && (i == 0 || cut[i] > cut[i - 1]))
			session->candidate[session->candidates++] =
			    (struct candidate){.point = point,
			                       .torn_end = cut[i],
			                       .sum = sum_of(session, point) ^ (uint64_t)cut[i]};
}

/* A small generator of its own (splitmix64): the same seed, the same order. */
static uint64_t
draw(uint64_t *state)
{
	uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static int
choose_rest(struct choosing *choosing)
{
	uint32_t ops = choosing->session->record->ops;
	uint32_t *order = calloc((size_t)ops + 1, sizeof(*order));
	uint64_t state = choosing->session->options->seed;

	if (order == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < ops; i++)
		order[i] = i;
	for (uint32_t i = ops; i > 1; i--) {
		uint32_t other = (uint32_t)(draw(&state) % i), kept = order[other];
		order[other] = order[i - 1];
		order[i - 1] = kept;
	}
	for (uint32_t i = 0; i < ops; i++)
		choose(choosing, order[i]);
	free(order);
	return 0;
}

/* The points of these candidates once more, by another engine. */
static void
choose_again(struct session *session, uint32_t from, uint32_t to, enum engine engine)
{
	for (uint32_t i = from; i < to; i++) {
		struct candidate candidate = session->candidate[i];
		if (candidate.torn_end > 0 || candidate.engine != ENGINE_SAVED ||
		    (engine == ENGINE_ONE && candidate.point == session->record->ops))
			continue;
		candidate.engine = engine;
		session->candidate[session->candidates++] = candidate;
	}
}

static void
choose_engines(struct session *session, uint32_t from)
{
	uint32_t to = session->candidates;

	if (session->options->real_kill)
		choose_again(session, from, to, ENGINE_REAL);
	if (session->options->one_process)
		choose_again(session, from, to, ENGINE_ONE);
}

int
explore_choose(struct session *session)
{
	const struct torture_options *options = session->options;
	size_t most = 6 * ((size_t)session->record->ops + 1);
	struct choosing choosing = {.session = session};
	uint32_t whole;
	int error = sums_init(&choosing.sums, session->record->ops + 1);

	session->candidates = 0;
	session->candidate = calloc(most, sizeof(*session->candidate));
	if (error != 0 || session->candidate == NULL) {
		sums_fini(&choosing.sums);
		return -ENOMEM;
	}
	choose(&choosing, session->record->ops);
	choose_by_pair(&choosing);
	whole = session->candidates;
	for (uint32_t i = 1; i < whole; i++)
		choose_torn(&choosing, session->candidate[i].point);
	choose_engines(session, 0);
	if (options->power != POWER_NONE)
		error = power_choose(session, most);
	whole = session->candidates;
	if (error == 0 && (options->all || options->budget_ns != INT64_MAX))
		error = choose_rest(&choosing);
	choose_engines(session, whole);
	sums_fini(&choosing.sums);
	session->outcome =
	    arena_take(session->arena, (session->candidates + 1) * sizeof(*session->outcome));
	return error != 0 || session->outcome == NULL ? -ENOMEM : 0;
}

/* --- what is known */

static void
know_played(const struct session *session, struct exploration *exploration,
            const struct sums *played, struct sums *all)
{
	for (uint32_t i = 0; i < exploration->points; i++) {
		uint64_t sum = sum_of(session, i);
		exploration->played[i] = sums_find(played, sum);
		exploration->like[i] = exploration->played[i];
		exploration->states += sums_add(all, sum, i);
		exploration->explored += exploration->played[i] != POINT_UNKNOWN;
		exploration->unkept += !is_kept(session->record, i);
	}
}

/* What was not played is taken for what the last one of its kind before it was. */
static int
know_alike(const struct session *session, struct exploration *exploration)
{
	const struct record *record = session->record;
	uint32_t *last = calloc((size_t)record->pairs->used + 1, sizeof(*last));

	if (last == NULL)
		return -ENOMEM;
	memset(last, 0xff, ((size_t)record->pairs->used + 1) * sizeof(*last));
	for (uint32_t i = 0; i < record->ops; i++) {
		uint32_t pair = record->op[i].pair;
		if (exploration->played[i] != POINT_UNKNOWN)
			last[pair] = exploration->played[i];
		exploration->like[i] = last[pair];
	}
	free(last);
	return 0;
}

int
explore_know(const struct session *session, struct exploration *exploration)
{
	struct sums played = {0}, all = {0};
	int error;

	memset(exploration, 0, sizeof(*exploration));
	exploration->points = session->record->ops + 1;
	exploration->classes = session->record->classes->used;
	exploration->played = calloc(exploration->points, sizeof(*exploration->played));
	exploration->like = calloc(exploration->points, sizeof(*exploration->like));
	error = sums_init(&played, session->candidates);
	if (error == 0)
		error = sums_init(&all, exploration->points);
	if (exploration->played == NULL || exploration->like == NULL)
		error = -ENOMEM;
	for (uint32_t i = 0; error == 0 && i < session->candidates; i++) {
		exploration->missed += session->outcome[i].judged == JUDGED_MISSED;
		exploration->left += session->outcome[i].judged == JUDGED_NOT;
		if (session->outcome[i].judged == JUDGED_NOT ||
		    session->candidate[i].engine != ENGINE_SAVED)
			continue;
		if (session->candidate[i].torn_end > 0)
			exploration->torn++;
		else if (sums_add(&played, session->candidate[i].sum, i))
			exploration->saved++;
	}
	if (error == 0) {
		know_played(session, exploration, &played, &all);
		error = know_alike(session, exploration);
	}
	sums_fini(&played);
	sums_fini(&all);
	return error;
}

void
exploration_fini(struct exploration *exploration)
{
	free(exploration->played);
	free(exploration->like);
}
