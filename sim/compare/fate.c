/* SPDX-License-Identifier: ISC
 *
 * What runs add up to, and what is said of a strategy because of them.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/compare/comparison.h"
#include "sim/store/store.h"
#include "sim/util/fail.h"

enum fate
fate_of(const struct played *played)
{
	const struct trial_result *trial = &played->trial;
	bool lost = trial->lost > 0 || trial->effects_lost > 0;
	bool doubled = trial->doubled > 0 || trial->effects_doubled > 0;

	if (!trial->judged)
		return FATE_STUCK;
	if (lost && doubled)
		return FATE_BOTH;
	if (lost)
		return FATE_LOST;
	if (doubled)
		return FATE_DOUBLED;
	if (!trial->landed || trial->unlanded[0] != '\0')
		return FATE_UNLANDED;
	if (trial->run_state != RUN_DONE)
		return FATE_STUCK;
	return trial->finding[0] != '\0' ? FATE_BROKEN : FATE_CLEAN;
}

bool
fate_is_harm(enum fate fate)
{
	return fate >= FATE_BROKEN;
}

static void
keep_most(uint64_t *most, uint64_t value)
{
	if (value > *most)
		*most = value;
}

void
side_tally_add(struct side_tally *tally, const struct played *played)
{
	const struct trial_result *trial = &played->trial;
	enum fate fate = fate_of(played);

	if (fate > tally->worst) {
		tally->worst = fate;
		strlcpy(tally->failed, trial->failed[0] != '\0' ? trial->failed : trial->finding,
		        sizeof(tally->failed));
	}
	if (trial->unlanded[0] != '\0')
		strlcpy(tally->unlanded, trial->unlanded, sizeof(tally->unlanded));
	keep_most(&tally->lost, trial->lost);
	keep_most(&tally->doubled, trial->doubled);
	keep_most(&tally->effects_lost, trial->effects_lost);
	keep_most(&tally->effects_doubled, trial->effects_doubled);
	keep_most(&tally->redone, trial->rework);
	if (tally->rounds == ROUNDS_MAX)
		return;
	tally->time_ns[tally->rounds] = trial->job_ns;
	tally->recovery_ns[tally->rounds] = trial->recovery_ns;
	tally->written[tally->rounds] = played->written;
	tally->rounds++;
}

static int
by_value(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

static int64_t
median(const int64_t *values, unsigned count)
{
	int64_t sorted[ROUNDS_MAX];

	if (count == 0)
		return 0;
	memcpy(sorted, values, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_value);
	return sorted[count / 2];
}

int64_t
side_time_ns(const struct side_tally *tally)
{
	return median(tally->time_ns, tally->rounds);
}

int64_t
side_recovery_ns(const struct side_tally *tally)
{
	return median(tally->recovery_ns, tally->rounds);
}

uint64_t
side_written(const struct side_tally *tally)
{
	int64_t written[ROUNDS_MAX];

	for (unsigned i = 0; i < tally->rounds; i++)
		written[i] = (int64_t)tally->written[i];
	return (uint64_t)median(written, tally->rounds);
}

/* --- a strategy as a whole */

static bool
has_unlanded(const struct side *side)
{
	if (side->hurt.unlanded[0] != '\0' || side->hurt.worst == FATE_UNLANDED)
		return true;
	for (unsigned i = 0; i < POINTS; i++)
		if (side->cell[i].planned > 0 && side->cell[i].landed == 0)
			return true;
	return false;
}

static bool
is_harmed(const struct side *side)
{
	if (fate_is_harm(side->hurt.worst))
		return true;
	for (unsigned i = 0; i < POINTS; i++)
		if (fate_is_harm(side->cell[i].tally.worst))
			return true;
	return false;
}

enum side_verdict
side_verdict_of(const struct comparison *comparison, const struct side *side)
{
	bool naive = (strategy_flags(side->strategy) & STRATEGY_NAIVE) != 0;
	bool harmed = is_harmed(side);

	if (side->refused[0] != '\0')
		return SIDE_REFUSED;
	if (naive && harmed)
		return SIDE_CAUGHT;
	if (harmed || (!naive && fate_is_harm(side->calm.worst)))
		return SIDE_FAILED;
	if (has_unlanded(side))
		return SIDE_OPEN;
	return naive ? SIDE_MISSED : SIDE_CLEAN;
}

int
comparison_exit_code(const struct comparison *comparison)
{
	bool unmet = false, open = false;

	for (size_t i = 0; i < comparison->sides; i++) {
		const struct side *side = &comparison->side[i];
		enum side_verdict verdict = side_verdict_of(comparison, side);
		unmet |= verdict == SIDE_FAILED || verdict == SIDE_MISSED;
		/* Who was not hit by the same kills was not compared. */
		open |= has_unlanded(side);
	}
	if (unmet)
		return EXIT_UNMET;
	return open ? EXIT_INCONCLUSIVE : EXIT_MET;
}

/* --- in words */

char
cell_letter(const struct comparison *comparison, const struct cell *cell)
{
	static const char letters[FATES] = {
	    [FATE_UNLANDED] = '?', [FATE_BROKEN] = 'X', [FATE_STUCK] = 'S',
	    [FATE_DOUBLED] = 'D',  [FATE_LOST] = 'L',   [FATE_BOTH] = 'B'};
	uint64_t records = comparison->records, tenths;

	if (cell->planned == 0)
		return ' ';
	if (cell->landed == 0)
		return '?';
	if (cell->tally.worst != FATE_CLEAN)
		return letters[cell->tally.worst];
	if (cell->tally.redone == 0 || records == 0)
		return '.';
	tenths = (10 * cell->tally.redone + records - 1) / records;
	return (char)('0' + (tenths > 9 ? 9 : tenths));
}

const char *
fate_name(enum fate fate)
{
	static const char *const names[FATES] = {
	    [FATE_NONE] = "not played", [FATE_UNLANDED] = "did not land",
	    [FATE_CLEAN] = "clean",     [FATE_BROKEN] = "promise broken",
	    [FATE_STUCK] = "stuck",     [FATE_DOUBLED] = "doubled",
	    [FATE_LOST] = "lost",       [FATE_BOTH] = "lost and doubled"};

	return names[fate];
}

const char *
side_verdict_name(enum side_verdict verdict)
{
	static const char *const names[] = {
	    [SIDE_CLEAN] = "clean",   [SIDE_CAUGHT] = "caught", [SIDE_FAILED] = "FAILED",
	    [SIDE_MISSED] = "MISSED", [SIDE_OPEN] = "open",     [SIDE_REFUSED] = "refused"};

	return names[verdict];
}
