/* SPDX-License-Identifier: ISC
 *
 * The trade-off as CSV: a line for each choice, then one for each claim.
 */
#include <errno.h>

#include "sim/tradeoff/weighing.h"

int
weighing_csv(const void *document, FILE *out)
{
	const struct weighing *weighing = document;

	fputs("choice,rounds,p50_ms,p99_ms,events_s,transactions_per_event,"
	      "processor_us_per_event,calls_per_event,stale,rebuild_ms,failed,claim,answer\n",
	      out);
	for (size_t i = 0; i < weighing->sides; i++) {
		const struct weighed *side = &weighing->side[i];

		fprintf(out, "\"%s\",%u", side->choice->name, side->rounds);
		for (unsigned figure = 0; figure < FIGURES; figure++)
			fprintf(out, ",%.6g", weighed_figure(side, figure));
		fprintf(out, ",\"%s%s\",,\n", side->failed, side->unlanded);
	}
	for (size_t i = 0; i < claim_count; i++)
		if (claims[i].of == weighing->tradeoff)
			fprintf(out, ",,,,,,,,,,,\"%s\",%s\n", claims[i].said,
			        answer_name(claim_answer(weighing, &claims[i])));
	return ferror(out) ? -EIO : 0;
}
