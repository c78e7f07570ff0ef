/* SPDX-License-Identifier: ISC
 *
 * The trade-off as a page that needs nothing else, neither network nor script.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/compare/page_frame.h"
#include "sim/tradeoff/weighing.h"
#include "sim/util/fail.h"
#include "sim/util/markup.h"

static void
put_table(const struct weighing *weighing, FILE *out)
{
	fputs("<section><h2>What each costs</h2>\n<div class=\"wide\"><table class=\"figures\">"
	      "<thead><tr><th>choice</th>",
	      out);
	for (unsigned figure = 0; figure < FIGURES; figure++) {
		markup_put(out, "<th class=\"num\" title=\"", figure_name(figure), "\">");
		markup_put(out, "", figure_head(figure), "</th>");
	}
	fputs("</tr></thead><tbody>\n", out);
	for (size_t i = 0; i < weighing->sides; i++) {
		const struct weighed *side = &weighing->side[i];

		markup_put(out, "<tr><td>", side->choice->name, "</td>");
		for (unsigned figure = 0; figure < FIGURES; figure++)
			fprintf(out, "<td class=\"num\">%.*f</td>", figure_digits(figure),
			        weighed_figure(side, figure));
		fputs("</tr>\n", out);
		if (side->failed[0] != '\0')
			markup_put(out, "<tr><td colspan=\"9\"><b class=\"broken\">FAILED: ",
			           side->failed, "</b></td></tr>\n");
		if (side->unlanded[0] != '\0')
			markup_put(out,
			           "<tr><td colspan=\"9\"><b class=\"open\">this fault did not "
			           "happen: ",
			           side->unlanded, "</b></td></tr>\n");
	}
	fprintf(out,
	        "</tbody></table></div>\n<p class=\"note\">Medians of %u round%s. Latency: from "
	        "the log to the effect. Transactions, calls and processor time: for each event, in "
	        "its consumer.</p>\n</section>\n",
	        weighing->rounds, weighing->rounds == 1 ? "" : "s");
}

static const char *
answer_class(enum answer answer)
{
	if (answer == ANSWER_SO)
		return "passed";
	return answer == ANSWER_OTHERWISE ? "broken" : "open";
}

static void
put_claim(const struct weighing *weighing, const struct claim *claim, FILE *out)
{
	enum answer answer = claim_answer(weighing, claim);
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (stream == NULL)
		return;
	claim_print(weighing, claim, stream);
	if (fclose(stream) == 0) {
		markup_put(out, "<tr><td>", claim->said, "</td>");
		fprintf(out, "<td><b class=\"%s\">%s</b></td>", answer_class(answer),
		        answer_name(answer));
		markup_put(out, "<td>", text, "</td></tr>\n");
	}
	free(text);
}

int
weighing_html(const void *document, FILE *out)
{
	const struct weighing *weighing = document;
	int code = weighing_exit_code(weighing);
	const struct page_frame frame = {
	    .name = weighing->scenario.name,
	    .title = tradeoff_title(weighing->tradeoff),
	    .about = weighing->scenario.about,
	    .result = code == EXIT_MET     ? "PASSED"
	              : code == EXIT_UNMET ? "FAILED"
	                                   : "INCONCLUSIVE",
	    .sentence = "Each choice must have every event's effect once; what it costs is "
			"measured, and held against what is said of it",
	    .options = weighing->options,
	};

	page_frame_begin(&frame, out);
	put_table(weighing, out);
	fputs("<section><h2>What is said, and what is so</h2>\n<div class=\"wide\"><table>"
	      "<thead><tr><th>said</th><th></th><th>seen</th></tr></thead><tbody>\n",
	      out);
	for (size_t i = 0; i < claim_count; i++)
		if (claims[i].of == weighing->tradeoff)
			put_claim(weighing, &claims[i], out);
	fputs("</tbody></table></div>\n</section>\n", out);
	page_frame_end(&frame, out);
	return ferror(out) ? -EIO : 0;
}
