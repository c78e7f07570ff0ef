/* SPDX-License-Identifier: ISC
 *
 * The trade-off on a terminal of 80 columns.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/tradeoff/weighing.h"
#include "sim/util/clock.h"
#include "sim/util/wrap.h"

static void
print_row(const struct weighed *side, FILE *out)
{
	fprintf(out, "%-21s", side->choice->name);
	for (unsigned figure = 0; figure < FIGURES; figure++)
		fprintf(out, "%*.*f", figure_width(figure), figure_digits(figure),
		        weighed_figure(side, figure));
	fputc('\n', out);
	if (side->failed[0] != '\0')
		fprintf(out, "    FAILED: %s\n", side->failed);
	if (side->unlanded[0] != '\0')
		fprintf(out, "    open: fault %s did not happen\n", side->unlanded);
}

static void
print_claim(const struct weighing *weighing, const struct claim *claim, FILE *out)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (stream == NULL)
		return;
	fprintf(stream, "%s: said: %s. Seen: ", answer_name(claim_answer(weighing, claim)),
	        claim->said);
	claim_print(weighing, claim, stream);
	if (fclose(stream) == 0)
		wrap_print(text, out);
	free(text);
}

static void
print_explanation(const struct weighing *weighing, FILE *out)
{
	char text[300];

	snprintf(
	    text, sizeof(text),
	    "Medians of %u round%s. Latency: from the log to the effect. trans, calls, cpu us: "
	    "for each event, in its consumer. Below: what is usually said, and what was seen "
	    "here.",
	    weighing->rounds, weighing->rounds == 1 ? "" : "s");
	fputc('\n', out);
	wrap_print(text, out);
	fputc('\n', out);
}

int
weighing_print(const void *document, FILE *out)
{
	const struct weighing *weighing = document;
	int code = weighing_exit_code(weighing);

	fprintf(out, "%s: %s\n\n%-21s", weighing->scenario.name, tradeoff_title(weighing->tradeoff),
	        "");
	for (unsigned figure = 0; figure < FIGURES; figure++)
		fprintf(out, "%*s", figure_width(figure), figure_head(figure));
	fputc('\n', out);
	for (size_t i = 0; i < weighing->sides; i++)
		print_row(&weighing->side[i], out);
	print_explanation(weighing, out);
	for (size_t i = 0; i < claim_count; i++)
		if (claims[i].of == weighing->tradeoff)
			print_claim(weighing, &claims[i], out);
	fprintf(out, "\n%s (%.0f s)\n",
	        code == 0   ? "PASSED: each choice had every event's effect once"
	        : code == 1 ? "FAILED: a choice lost or doubled events"
	                    : "INCONCLUSIVE: a fault did not happen",
	        (double)weighing->took_ns / NS_PER_S);
	return ferror(out) ? -EIO : 0;
}
