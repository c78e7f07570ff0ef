/* SPDX-License-Identifier: ISC
 *
 * The page: result, points, findings, gates, classes, what was not seen.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/torture/page.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/markup.h"
#include "sim/util/save.h"

static const char style[] =
#include "sim/report/html_style.def"
#include "sim/torture/page_style.def"
    ;

static void
put_head(const struct page *page, FILE *out)
{
	const struct torture_options *options = page->session->options;
	const char *result = page->code == EXIT_MET     ? "PASSED"
	                     : page->code == EXIT_UNMET ? "FAILED"
	                                                : "INCONCLUSIVE";
	const char *class = page->code == EXIT_MET     ? "passed"
	                    : page->code == EXIT_UNMET ? "broken"
	                                               : "open";

	fputs(
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
	    "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
	    "name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n",
	    out);
	markup_put(out, "<title>", options->command[0], " - graveshift torture</title>\n");
	fprintf(out, "<style>%s</style>\n</head>\n<body>\n<main>\n<header>\n", style);
	fprintf(out, "<p class=\"result %s\">%s</p>\n<h1>", class, result);
	for (char *const *word = options->command; *word != NULL; word++)
		markup_put(out, word == options->command ? "" : " ", *word, "");
	fputs("</h1>\n<p class=\"about\">Killed at each point at which it changes files, and run "
	      "again on what was left.</p>\n</header>\n",
	      out);
}

static void
put_fact(FILE *out, const char *name, unsigned long long value, const char *unit)
{
	fprintf(out, "<div><dt>%s</dt><dd>%llu%s</dd></div>\n", name, value, unit);
}

static void
put_facts(const struct page *page, FILE *out)
{
	const struct exploration *exploration = page->exploration;
	const struct report *report = page->report;

	fputs("<section>\n<dl class=\"facts\">\n", out);
	put_fact(out, "found", report->found - report->unknown, "");
	put_fact(out, "not judged", report->unknown, "");
	put_fact(out, "states with litter", report->litter, "");
	put_fact(out, "points", exploration->points, "");
	put_fact(out, "of them played", exploration->explored, "");
	put_fact(out, "different states", exploration->states, "");
	put_fact(out, "torn writes played", exploration->torn, "");
	put_fact(out, "classes", exploration->classes, "");
	put_fact(out, "traced run",
	         (unsigned long long)(page->session->record->took_ns / NS_PER_MS), " ms");
	put_fact(out, "clean run", (unsigned long long)(page->session->clean.took_ns / NS_PER_MS),
	         " ms");
	fputs("</dl>\n</section>\n", out);
}

static bool
is_detail(const struct journal_line *line)
{
	return line->kind == JOURNAL_NOTE && line->text[0] == ' ';
}

/* What was printed stands behind a bar; one block of it for all its lines. */
static void
put_details(const struct journal *journal, size_t *at, FILE *out)
{
	bool quoted = false;

	for (; *at + 1 < journal->lines && is_detail(&journal->line[*at + 1]); ++*at) {
		const char *text = journal->line[*at + 1].text + 2;
		bool quote = strncmp(text, "| ", 2) == 0;
		if (quoted && !quote)
			fputs("</pre>\n", out);
		if (quote)
			markup_put(out, quoted ? "\n" : "<pre>", text + 2, "");
		else
			markup_put(out, "<p>", text, "</p>\n");
		quoted = quote;
	}
	if (quoted)
		fputs("</pre>\n", out);
}

static void
put_findings(const struct page *page, FILE *out)
{
	const struct journal *journal = &page->report->journal;

	fputs("<section>\n<h2>Found</h2>\n", out);
	for (size_t i = 0; i < journal->lines; i++) {
		const struct journal_line *line = &journal->line[i];
		if (line->kind != JOURNAL_FINDING)
			continue;
		fprintf(out, "<article class=\"%s\">\n", line->ok ? "safe" : "unsafe");
		markup_put(out, "<h3>", line->text, "</h3>\n");
		put_details(journal, &i, out);
		fputs("</article>\n", out);
	}
	fputs("</section>\n", out);
}

static void
put_tests(const struct page *page, FILE *out)
{
	const struct journal *journal = &page->report->journal;

	fputs("<section>\n<h2>Gates and expectations</h2>\n<ul class=\"tests\">\n", out);
	for (size_t i = 0; i < journal->lines; i++) {
		const struct journal_line *line = &journal->line[i];
		if (line->kind != JOURNAL_TEST)
			continue;
		fprintf(out, "<li><b class=\"%s\">%s</b> ", line->ok ? "passed" : "broken",
		        line->ok ? "ok" : "not ok");
		markup_text(out, line->text);
		put_details(journal, &i, out);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n</section>\n", out);
}

/* All else that was said: commands that replay, what was explored, what nobody has looked at. */
static void
put_notes(const struct page *page, FILE *out)
{
	const struct journal *journal = &page->report->journal;

	fputs("<section>\n<h2>Said besides</h2>\n", out);
	for (size_t i = 0; i < journal->lines; i++)
		if (journal->line[i].kind == JOURNAL_NOTE && !is_detail(&journal->line[i]))
			markup_put(out, "<p class=\"said\">", journal->line[i].text, "</p>\n");
	if (page->session->options->save == NULL && page->report->found > 0)
		fputs("<p class=\"said\">--save DIR keeps a case of each window, which "
		      "`graveshift torture replay` plays again.</p>\n",
		      out);
	fputs("</section>\n", out);
}

static int
write_page(const void *document, FILE *out)
{
	const struct page *page = document;

	if (page->report->journal.is_short)
		return -ENOMEM;
	put_head(page, out);
	if (page->exploration != NULL) {
		put_facts(page, out);
		page_put_points(page, out);
		put_findings(page, out);
	}
	put_tests(page, out);
	if (page->exploration != NULL)
		page_put_classes(page, out);
	put_notes(page, out);
	fputs("<footer>graveshift torture</footer>\n</main>\n</body>\n</html>\n", out);
	return 0;
}

int
page_save(const struct page *page, const char *path)
{
	int error = save_file(path, write_page, page);

	if (error != 0)
		complain("cannot write %s: %s", path, strerror(-error));
	return error;
}
