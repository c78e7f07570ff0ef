/* SPDX-License-Identifier: ISC
 *
 * Losses, and which of them are alike.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/torture/loss.h"

static uint32_t
class_of(const struct session *session, const struct step *step)
{
	return session->record->op[step->op].class;
}

static bool
is_listed(const struct session *session, const struct loss *loss, const struct step *step)
{
	for (uint32_t i = 0; i < loss->classes && i < LOSS_STEPS_MAX; i++)
		if (class_of(session, loss->lost[i]) == class_of(session, step))
			return true;
	return false;
}

static void
add_lost(const struct session *session, struct loss *loss, const struct step *step)
{
	loss->steps++;
	if (is_listed(session, loss, step))
		return;
	if (loss->classes < LOSS_STEPS_MAX)
		loss->lost[loss->classes] = step;
	loss->classes++;
}

/* Is it a name of a file whose bytes are lost? */
static bool
names_lost(const struct loss *loss, const struct step *step)
{
	for (uint32_t i = 0; i < loss->classes && i < LOSS_STEPS_MAX; i++)
		if (!loss->lost[i]->is_name && step->named == loss->lost[i]->node)
			return true;
	return false;
}

int
loss_of(const struct session *session, uint32_t candidate, struct loss *loss)
{
	const struct power *power = session->power;
	const struct crash *crash = session->candidate[candidate].crash;
	uint32_t version = power_version(power, crash->cut);
	struct power_view view;
	int error = power_view_init(&view, power, crash);

	memset(loss, 0, sizeof(*loss));
	loss->candidate = candidate;
	for (uint32_t i = 0; error == 0 && i < power->steps && power->step[i].version <= version;
	     i++) {
		const struct step *step = &power->step[i];
		if (power_is_durable(power, step, crash->cut))
			continue;
		if (!power_view_has(&view, step))
			add_lost(session, loss, step);
		else if (loss->kept == NULL || names_lost(loss, step) ||
		         !names_lost(loss, loss->kept))
			loss->kept = loss->steps == 0 ? NULL : step;
	}
	power_view_fini(&view);
	return error;
}

/* --- groups */

static bool
covers(const struct session *session, const struct loss_group *group, const struct loss *loss)
{
	const struct candidate *candidate = session->candidate;

	if (candidate[group->loss.candidate].is_acknowledged !=
	    candidate[loss->candidate].is_acknowledged)
		return false;
	for (uint32_t i = 0; i < group->loss.classes && i < LOSS_STEPS_MAX; i++)
		if (!is_listed(session, loss, group->loss.lost[i]))
			return false;
	return true;
}

static int
compare_losses(const void *one, const void *other)
{
	const struct loss *a = one, *b = other;

	if (a->steps != b->steps)
		return a->steps < b->steps ? -1 : 1;
	return a->candidate < b->candidate ? -1 : 1;
}

static uint32_t
merge(const struct session *session, const struct loss *losses, uint32_t count,
      struct loss_group *group)
{
	uint32_t groups = 0;

	for (uint32_t i = 0; i < count; i++) {
		enum judged judged = session->outcome[losses[i].candidate].judged;
		uint32_t at = 0;
		while (at < groups && at < LOSSES_SHOWN_MAX &&
		       !covers(session, &group[at], &losses[i]))
			at++;
		if (at == groups)
			groups++;
		if (at >= LOSSES_SHOWN_MAX)
			continue;
		if (group[at].states++ == 0)
			group[at].loss = losses[i];
		if (judged > group[at].judged)
			group[at].judged = judged;
	}
	return groups;
}

int64_t
loss_groups(const struct session *session, struct loss_group *group)
{
	struct loss *losses = calloc((size_t)session->candidates + 1, sizeof(*losses));
	uint32_t count = 0;
	int64_t groups = losses == NULL ? -ENOMEM : 0;

	memset(group, 0, LOSSES_SHOWN_MAX * sizeof(*group));
	for (uint32_t i = 0; groups == 0 && i < session->candidates; i++)
		if (session->candidate[i].engine == ENGINE_POWER &&
		    session->outcome[i].judged >= JUDGED_FAIL)
			groups = loss_of(session, i, &losses[count++]);
	if (groups == 0 && count > 0) {
		qsort(losses, count, sizeof(*losses), compare_losses);
		groups = merge(session, losses, count, group);
	}
	free(losses);
	return groups;
}

/* --- words */

static const char *
class_text(const struct session *session, const struct step *step)
{
	return session->record->classes->label[class_of(session, step)].text;
}

const char *
loss_text(const struct session *session, const struct loss *loss, char *text, size_t size)
{
	uint32_t named = loss->classes < 3 ? loss->classes : 3;

	strlcpy(text, loss->classes == 0 ? "nothing" : "", size);
	for (uint32_t i = 0; i < named; i++) {
		if (i > 0)
			strlcat(text, i + 1 == loss->classes ? " and " : ", ", size);
		strlcat(text, class_text(session, loss->lost[i]), size);
	}
	if (loss->classes > named)
		strlcat(text, " and more", size);
	return text;
}

const char *
loss_story(const struct session *session, const struct loss *loss, char *text, size_t size)
{
	loss_text(session, loss, text, size);
	strlcat(text, loss->classes > 1 ? " are lost" : " is lost", size);
	if (loss->kept == NULL)
		return text;
	strlcat(text, ", ", size);
	if (is_listed(session, loss, loss->kept))
		strlcat(text, "a later ", size);
	strlcat(text, class_text(session, loss->kept), size);
	strlcat(text, " is not", size);
	return text;
}

/* --- advice */

static bool
removes(const struct session *session, const struct step *step)
{
	return strncmp(calls[session->record->op[step->op].call].name, "unlink", 6) == 0;
}

static const struct step *
first_lost(const struct loss *loss, bool is_name)
{
	for (uint32_t i = 0; i < loss->classes && i < LOSS_STEPS_MAX; i++)
		if (loss->lost[i]->is_name == is_name)
			return loss->lost[i];
	return NULL;
}

const char *
loss_advice(const struct session *session, const struct loss *loss)
{
	const struct step *name = first_lost(loss, true), *bytes = first_lost(loss, false);
	const struct step *kept = loss->kept;

	if (kept != NULL && names_lost(loss, kept))
		return "a rename without fsync: fsync the file before it gets its name";
	if (kept != NULL && kept->is_name && removes(session, kept))
		return "something is removed before what replaces it is on disk: fsync the new "
		       "file and its folder before";
	if (kept != NULL && bytes != NULL && kept->is_set)
		return "a file is cut before its new content is on disk: write a temporary file in "
		       "the same folder, fsync it and rename it";
	if (session->candidate[loss->candidate].is_acknowledged)
		return name != NULL ? "a name is on disk when its folder is: fsync the folder when "
		                      "something was made, renamed or removed in it"
		                    : "fsync what was written before saying that it is done";
	if (kept != NULL)
		return "what is not synced reaches the disk in any order: fsync the first of them "
		       "before the second is begun";
	return NULL;
}
