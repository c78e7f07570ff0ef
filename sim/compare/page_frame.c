/* SPDX-License-Identifier: ISC
 *
 * Head and foot.
 */
#include <string.h>

#include "sim/compare/page_frame.h"
#include "sim/util/markup.h"

static const char style[] =
#include "sim/compare/page_style.def"
#include "sim/report/html_style.def"
    ;

static const char *
result_class(const char *result)
{
	if (strcmp(result, "PASSED") == 0)
		return "passed";
	return strcmp(result, "FAILED") == 0 ? "broken" : "open";
}

void
page_frame_begin(const struct page_frame *frame, FILE *out)
{
	fputs(
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
	    "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
	    "name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n",
	    out);
	markup_put(out, "<title>", frame->name, " - graveshift compare</title>\n");
	fprintf(out, "<style>%s</style>\n</head>\n<body>\n<main>\n<header>\n", style);
	fprintf(out, "<p class=\"result %s\">%s</p>\n", result_class(frame->result), frame->result);
	markup_put(out, "<h1>", frame->name, ": ");
	markup_put(out, "", frame->title, "</h1>\n");
	if (frame->about != NULL)
		markup_put(out, "<p class=\"about\">", frame->about, "</p>\n");
	markup_put(out, "<p class=\"about\">", frame->sentence, ".</p>\n");
	fputs("</header>\n", out);
}

void
page_frame_end(const struct page_frame *frame, FILE *out)
{
	const struct compare_options *options = frame->options;

	markup_put(out, "<section><h2>How to reproduce it</h2>\n<pre>graveshift compare ",
	           options->file, "");
	for (size_t i = 0; i < options->sets; i++)
		markup_put(out, " --set &#39;", options->set[i], "&#39;");
	if (options->strategies != NULL)
		markup_put(out, " --strategies ", options->strategies, "");
	fputs(options->grid ? " --faults grid</pre></section>\n" : "</pre></section>\n", out);
	fputs("<footer>Made by graveshift.</footer>\n</main>\n</body>\n</html>\n", out);
}
