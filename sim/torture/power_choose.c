/* SPDX-License-Identifier: ISC
 *
 * Choosing states that a loss of power can leave.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/torture/explore.h"
#include "sim/torture/power.h"
#include "sim/torture/power_choose.h"
#include "sim/torture/sums.h"

#define STATES_MAX 65536
#define PENDING_FEW 12 /* so many changes that are not synced are all looked at */
#define ALL UINT32_MAX

struct choosing {
	struct session *session;
	const struct power *power;
	struct sums recovered, acknowledged; /* that are candidates already */
	bool *is_cut;                        /* for each operation: it was one */
	const struct step **pending;         /* that are not synced at the cut */
	uint32_t pendings;
	uint32_t cut, version; /* the moment, and what there is then */
	int64_t output;
	bool is_acknowledged;
	size_t more, room; /* for candidates; of which others need so many */
	int error;
};

/* --- candidates */

static bool
has_room(struct choosing *choosing)
{
	struct session *session = choosing->session;
	struct candidate *more;

	if (session->candidates + choosing->more < choosing->room)
		return true;
	choosing->room = 2 * (size_t)session->candidates + choosing->more + 64;
	more = reallocarray(session->candidate, choosing->room, sizeof(*more));
	if (more == NULL)
		return false;
	session->candidate = more;
	return true;
}

static void
add_candidate(struct choosing *choosing, const struct crash *crash, uint64_t sum)
{
	struct session *session = choosing->session;
	struct crash *copy = arena_take(session->arena, sizeof(*copy));

	if (copy == NULL || !has_room(choosing)) {
		choosing->error = -ENOMEM;
		return;
	}
	*copy = *crash;
	session->candidate[session->candidates++] =
	    (struct candidate){.point = crash->cut,
	                       .engine = ENGINE_POWER,
	                       .sum = sum,
	                       .crash = copy,
	                       .is_acknowledged = choosing->is_acknowledged};
	session->power_states++;
}

static void
try(struct choosing *choosing, struct crash crash)
{
	struct session *session = choosing->session;
	uint64_t sum;

	if (choosing->error != 0)
		return;
	crash.cut = choosing->cut;
	choosing->error = power_sum(choosing->power, &crash, &sum);
	if (choosing->error != 0)
		return;
	sum = explore_sum(session, sum, choosing->output);
	if (!sums_add(choosing->is_acknowledged ? &choosing->acknowledged : &choosing->recovered,
	              sum, 0))
		return;
	if (session->power_states < STATES_MAX)
		add_candidate(choosing, &crash, sum);
	else
		session->power_left++;
}

/* --- at one cut */

static void
find_pending(struct choosing *choosing)
{
	const struct power *power = choosing->power;

	choosing->pendings = 0;
	for (uint32_t i = 0; i < power->steps && power->step[i].version <= choosing->version; i++)
		if (!power_is_durable(power, &power->step[i], choosing->cut))
			choosing->pending[choosing->pendings++] = &power->step[i];
}

/* The first and the last of them, and those that would be of a kill. */
static bool
is_chosen(const struct choosing *choosing, uint32_t number)
{
	const struct record *record = choosing->power->record;
	const struct op *op = &record->op[choosing->pending[number]->op];

	return choosing->session->options->all || choosing->pendings <= PENDING_FEW || number < 2 ||
	       number + 2 >= choosing->pendings || (op->nth & (op->nth - 1)) == 0 ||
	       op->nth == record->pairs->label[op->pair].count;
}

static void
try_names(struct choosing *choosing, const struct step *step)
{
	struct crash crash = {.names = ALL,
	                      .data = ALL,
	                      .odd = CRASH_WITHOUT,
	                      .odd_version = step->version,
	                      .odd_node = step->node};

	try(choosing, crash);
	crash.odd = CRASH_ONLY;
	crash.names = 0;
	try(choosing, crash);
	crash.data = 0;
	try(choosing, crash);
}

/* Some pages are older than everything else; then they alone are there. */
static void
try_pages(struct choosing *choosing, const struct step *step, uint32_t first, uint32_t count)
{
	struct crash crash = {.names = ALL,
	                      .data = ALL,
	                      .odd = CRASH_PAGES,
	                      .odd_version = step->version - 1,
	                      .odd_node = step->node,
	                      .odd_page = first,
	                      .odd_pages = count};

	try(choosing, crash);
	crash.odd_version = step->version;
	crash.data = 0;
	try(choosing, crash);
	crash.names = 0;
	try(choosing, crash);
}

static void
try_bytes(struct choosing *choosing, const struct step *step)
{
	const struct op *op = &choosing->power->record->op[step->op];
	struct crash crash = {.names = ALL,
	                      .data = ALL,
	                      .odd = CRASH_FILE,
	                      .odd_version = step->version - 1,
	                      .odd_node = step->node};
	uint32_t first, last;

	try(choosing, crash);
	crash.odd_version = step->version;
	crash.data = 0;
	try(choosing, crash);
	crash.names = 0;
	try(choosing, crash);
	if (op->node != step->node || op->length <= 0)
		return;
	first = (uint32_t)(op->from / VERSION_PAGE);
	last = (uint32_t)((op->from + op->length - 1) / VERSION_PAGE);
	try_pages(choosing, step, first, last - first + 1);
	if (last == first)
		return;
	try_pages(choosing, step, first, 1);
	try_pages(choosing, step, last, 1);
}

/* Everything up to it, in names, in both, or with all bytes; it alone; all but it. */
static void
try_step(struct choosing *choosing, const struct step *step)
{
	try(choosing, (struct crash){.names = step->version, .data = step->version});
	try(choosing, (struct crash){.names = step->version});
	try(choosing, (struct crash){.names = step->version, .data = ALL});
	if (!step->is_name)
		try_bytes(choosing, step);
	else if (choosing->power->model == POWER_POSIX)
		try_names(choosing, step);
}

static void
choose_at(struct choosing *choosing, uint32_t cut, bool is_acknowledged)
{
	const struct record *record = choosing->power->record;

	choosing->cut = cut;
	choosing->version = power_version(choosing->power, cut);
	choosing->output = cut == record->ops ? record->end_output : record->op[cut].output;
	choosing->is_acknowledged = is_acknowledged;
	find_pending(choosing);
	try(choosing, (struct crash){.names = 0});
	try(choosing, (struct crash){.names = ALL});
	try(choosing, (struct crash){.data = ALL});
	for (uint32_t i = 0; i < choosing->pendings && choosing->error == 0; i++)
		if (is_chosen(choosing, i))
			try_step(choosing, choosing->pending[i]);
}

/* --- cuts */

static bool
has_said(const struct record *record, uint32_t op)
{
	return record->op[op].output > (op == 0 ? 0 : record->op[op - 1].output);
}

static bool
syncs(const struct op *op)
{
	enum call_effect effect = calls[op->call].effect;

	return effect == EFFECT_SYNC || effect == EFFECT_FLUSH || op->is_synced;
}

static void
choose_cut(struct choosing *choosing, uint32_t op)
{
	const struct session *session = choosing->session;
	const struct record *record = session->record;
	bool has_answer = has_said(record, op) && explore_reads(session, "TORTURE_STDOUT");

	if (choosing->is_cut[op] || !record->op[op].is_kept ||
	    (!syncs(&record->op[op]) && !has_answer))
		return;
	choosing->is_cut[op] = true;
	choosing->session->power_cuts++;
	choose_at(choosing, op, false);
	if (has_answer && explore_reads(session, "TORTURE_RECOVERED"))
		choose_at(choosing, op, true);
}

static void
choose_cuts(struct choosing *choosing)
{
	const struct torture_options *options = choosing->session->options;
	const struct record *record = choosing->power->record;
	const struct label *pair = record->pairs->label;

	for (uint32_t i = 0; i < record->ops; i++)
		if (record->op[i].nth == 1)
			choose_cut(choosing, i);
	for (uint32_t i = 0; i < record->ops; i++)
		if (record->op[i].nth == pair[record->op[i].pair].count)
			choose_cut(choosing, i);
	for (uint32_t nth = 2; nth != 0 && nth <= record->ops; nth *= 2)
		for (uint32_t i = 0; i < record->ops; i++)
			if (record->op[i].nth == nth)
				choose_cut(choosing, i);
	for (uint32_t i = 0; i < record->ops; i++)
		if (options->all || options->budget_ns != INT64_MAX)
			choose_cut(choosing, i);
}

/* --- all of it */

/* In memory is what is gone; what is not a work folder is not looked at. */
static void
find_fates(const struct world *world, enum power_fate fate[VERSION_LAYERS])
{
	for (unsigned i = 0; i < VERSION_LAYERS; i++) {
		bool is_overlay = i >= world->layers || world->layer[i].kind == LAYER_OVERLAY;
		bool is_memory = !is_overlay && strcmp(world->layer[i].at, "/dev/shm") == 0;
		fate[i] = is_overlay ? FATE_KEPT : is_memory ? FATE_LOST : FATE_MODEL;
	}
}

static int
begin(struct choosing *choosing)
{
	struct session *session = choosing->session;
	enum power_fate fate[VERSION_LAYERS];
	int error = sums_init(&choosing->recovered, STATES_MAX + session->candidates);

	if (error == 0)
		error = sums_init(&choosing->acknowledged, STATES_MAX);
	if (error != 0)
		return error;
	find_fates(&session->world, fate);
	session->power = power_new(session->record, session->options->power, fate);
	choosing->is_cut = calloc((size_t)session->record->ops + 1, sizeof(bool));
	if (session->power == NULL || choosing->is_cut == NULL)
		return -ENOMEM;
	choosing->power = session->power;
	choosing->pending = calloc((size_t)session->power->steps + 1, sizeof(*choosing->pending));
	if (choosing->pending == NULL)
		return -ENOMEM;
	/* What a kill leaves a loss of power can leave, too: it is played already. */
	for (uint32_t i = 0; i < session->candidates; i++)
		if (session->candidate[i].engine == ENGINE_SAVED &&
		    session->candidate[i].torn_end == 0)
			sums_add(&choosing->recovered, session->candidate[i].sum, 0);
	return 0;
}

int
power_choose(struct session *session, size_t more)
{
	struct choosing choosing = {.session = session, .more = more};
	uint32_t end = session->record->ops;

	choosing.error = begin(&choosing);
	if (choosing.error == 0 && !session->record->versions->full) {
		sums_add(
		    &choosing.acknowledged,
		    explore_sum(session, session->record->end_sum, session->record->end_output), 0);
		session->power_cuts++;
		choose_at(&choosing, end, true);
		choose_at(&choosing, end, false);
		choose_cuts(&choosing);
	}
	sums_fini(&choosing.recovered);
	sums_fini(&choosing.acknowledged);
	free(choosing.is_cut);
	free(choosing.pending);
	return choosing.error;
}
