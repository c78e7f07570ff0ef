/* SPDX-License-Identifier: ISC
 *
 * What is said of strategies and cells, the same on the terminal, in the page and in CSV.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/compare/comparison.h"
#include "sim/util/fail.h"
#include "sim/util/safe_text.h"

static void
print_safe(const char *text, FILE *out)
{
	char safe[4 * sizeof(((struct side_tally *)0)->failed) + 1];

	fputs(safe_text(safe, sizeof(safe), text, strlen(text)), out);
}

static void
print_failed(const struct side_tally *tally, FILE *out)
{
	if (tally->failed[0] == '\0')
		return;
	fputs(" (", out);
	print_safe(tally->failed, out);
	fputc(')', out);
}

/* The grid's first cell like that, in the order of points, and which it is. */
static const struct cell *
find_cell(const struct side *side, bool (*is_like)(const struct cell *cell), enum point *point)
{
	for (unsigned i = 0; i < POINTS; i++) {
		*point = (enum point)i;
		if (is_like(&side->cell[i]))
			return &side->cell[i];
	}
	return NULL;
}

static bool
is_harmed(const struct cell *cell)
{
	return fate_is_harm(cell->tally.worst);
}

static bool
is_open(const struct cell *cell)
{
	return cell->planned > 0 && cell->landed == 0;
}

static bool
print_harm(const struct comparison *comparison, const struct side *side, FILE *out)
{
	const struct cell *cell;
	enum point point;

	if (fate_is_harm(side->calm.worst)) {
		fprintf(out, "%s even without a fault", fate_name(side->calm.worst));
		print_failed(&side->calm, out);
	} else if (fate_is_harm(side->hurt.worst)) {
		fprintf(out, "%s under the scenario's faults", fate_name(side->hurt.worst));
		print_failed(&side->hurt, out);
	} else if ((cell = find_cell(side, is_harmed, &point)) != NULL) {
		fprintf(out, "%s when killed at %s, hit %" PRIu32, fate_name(cell->tally.worst),
		        point_name(point), cell->nth);
		print_failed(&cell->tally, out);
	} else {
		return false;
	}
	return true;
}

void
side_print_reason(const struct comparison *comparison, const struct side *side, FILE *out)
{
	enum point point;

	if (side->refused[0] != '\0') {
		fputs("cannot play this scenario: ", out);
		print_safe(side->refused, out);
		return;
	}
	if (print_harm(comparison, side, out)) {
		if (side->hurt.unlanded[0] != '\0')
			fprintf(out, "; fault %s did not land", side->hurt.unlanded);
		return;
	}
	switch (side_verdict_of(comparison, side)) {
	case SIDE_MISSED:
		fputs("naive, and none of these faults has shown it", out);
		break;
	case SIDE_OPEN:
		if (find_cell(side, is_open, &point) != NULL)
			fprintf(out, "the kill at %s did not land", point_name(point));
		else
			fprintf(out, "fault %s did not land", side->hurt.unlanded);
		break;
	default:
		fputs("nothing lost, nothing doubled", out);
	}
}

void
cell_print(const struct comparison *comparison, const struct cell *cell, FILE *out)
{
	const struct side_tally *tally = &cell->tally;

	if (cell->landed == 0) {
		fputs("did not land", out);
		return;
	}
	fputs(fate_name(tally->worst), out);
	if (tally->lost + tally->effects_lost > 0)
		fprintf(out, ", lost %" PRIu64 " rows and %" PRIu64 " effects", tally->lost,
		        tally->effects_lost);
	if (tally->doubled + tally->effects_doubled > 0)
		fprintf(out, ", doubled %" PRIu64 " rows and %" PRIu64 " effects", tally->doubled,
		        tally->effects_doubled);
	print_failed(tally, out);
	fprintf(out,
	        ", %" PRIu64 " records done again; %" PRIu32 " of %" PRIu32
	        " kills landed, worst at hit %" PRIu32,
	        tally->redone, cell->landed, cell->planned, cell->nth);
}

const char *
comparison_result(const struct comparison *comparison)
{
	switch (comparison_exit_code(comparison)) {
	case EXIT_MET:
		return "PASSED";
	case EXIT_UNMET:
		return "FAILED";
	default:
		return "INCONCLUSIVE";
	}
}

const char *
comparison_result_text(const struct comparison *comparison)
{
	switch (comparison_exit_code(comparison)) {
	case EXIT_MET:
		return "the correct strategies are clean, and each naive one was caught";
	case EXIT_UNMET:
		return "a correct strategy is not clean (FAILED), or a naive one was not caught "
		       "(MISSED)";
	default:
		return "not every fault landed under every strategy";
	}
}
