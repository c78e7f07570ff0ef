/* SPDX-License-Identifier: ISC
 *
 * The comparison as CSV: a line for each strategy, with an empty point, and one for each cell of
 * the grid.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "sim/compare/stars.h"

static void
put_tally(const struct side_tally *tally, FILE *out)
{
	fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, tally->lost,
	        tally->doubled, tally->effects_lost, tally->effects_doubled, tally->redone);
}

/* Text goes in quotes, as it may hold commas. */
static int
put_reason(const struct comparison *comparison, const struct side *side, const struct cell *cell,
           FILE *out)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (stream == NULL)
		return -1;
	if (cell != NULL)
		cell_print(comparison, cell, stream);
	else
		side_print_reason(comparison, side, stream);
	if (fclose(stream) != 0) {
		free(text);
		return -1;
	}
	fputs(",\"", out);
	for (const char *c = text; *c != '\0'; c++)
		fprintf(out, *c == '"' ? "\"\"" : "%c", *c);
	fputs("\"\n", out);
	free(text);
	return 0;
}

static int
put_side(const struct comparison *comparison, const struct side *side, FILE *out)
{
	const struct side_tally *calm = &side->calm, *hurt = &side->hurt;
	bool naive = (strategy_flags(side->strategy) & STRATEGY_NAIVE) != 0;

	fprintf(out, "%s,%s,,%s,%s", strategy_name(side->strategy), naive ? "yes" : "no",
	        side_verdict_name(side_verdict_of(comparison, side)), fate_name(hurt->worst));
	put_tally(hurt, out);
	fprintf(out, ",%u,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRIu64 ",%" PRIu64 ",%u,%u",
	        hurt->rounds, side_time_ns(calm), side_time_ns(hurt), side_recovery_ns(hurt),
	        side_written(calm), side_written(hurt), side->code.lines, side->code.statements);
	return put_reason(comparison, side, NULL, out);
}

static int
put_cell(const struct comparison *comparison, const struct side *side, enum point point, FILE *out)
{
	const struct cell *cell = &side->cell[point];
	bool naive = (strategy_flags(side->strategy) & STRATEGY_NAIVE) != 0;

	if (cell->planned == 0)
		return 0;
	fprintf(out, "%s,%s,%s,%c,%s", strategy_name(side->strategy), naive ? "yes" : "no",
	        point_name(point), cell_letter(comparison, cell),
	        cell->landed == 0 ? fate_name(FATE_UNLANDED) : fate_name(cell->tally.worst));
	put_tally(&cell->tally, out);
	fprintf(out, ",%" PRIu32 ",,%" PRId64 ",%" PRId64 ",,%" PRIu64 ",,", cell->landed,
	        side_time_ns(&cell->tally), side_recovery_ns(&cell->tally),
	        side_written(&cell->tally));
	return put_reason(comparison, side, cell, out);
}

int
comparison_csv(const void *document, FILE *out)
{
	const struct comparison *comparison = document;
	int error = 0;

	fputs("strategy,naive,point,verdict,fate,rows_lost,rows_doubled,effects_lost,"
	      "effects_doubled,records_redone,runs,time_ns,time_faults_ns,recovery_ns,"
	      "written_bytes,written_faults_bytes,code_lines,code_statements,reason\n",
	      out);
	for (size_t i = 0; error == 0 && i < comparison->sides; i++)
		error = put_side(comparison, &comparison->side[i], out);
	for (size_t i = 0; error == 0 && i < comparison->sides; i++)
		for (unsigned point = 0; error == 0 && point < POINTS; point++)
			error = put_cell(comparison, &comparison->side[i], point, out);
	return error == 0 ? 0 : -ENOMEM;
}
