/* SPDX-License-Identifier: ISC
 *
 * The page: everything about a run in one file that needs nothing else, neither network nor script.
 */
#include <string.h>

#include "sim/report/report.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/markup.h"

typedef unsigned long long ull;

static const char style[] =
#include "sim/report/html_style.def"
    ;

static const char *
result_of(const struct report *report, const char **class)
{
	if (report->verdict == NULL) {
		*class = "open";
		return report->state;
	}
	switch (report->verdict->exit_code) {
	case EXIT_MET:
		*class = "passed";
		return "PASSED";
	case EXIT_UNMET:
		*class = "broken";
		return "FAILED";
	default:
		*class = "open";
		return "INCONCLUSIVE";
	}
}

static void
put_head(const struct report *report, FILE *out)
{
	const struct scenario *scenario = &report->run->scenario;
	const char *class, *result = result_of(report, &class);

	fputs(
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
	    "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
	    "name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n",
	    out);
	markup_put(out, "<title>", scenario->name, " - graveshift</title>\n");
	fprintf(out, "<style>%s</style>\n</head>\n<body>\n<main>\n<header>\n", style);
	fprintf(out, "<p class=\"result %s\">", class);
	markup_put(out, "", result, "</p>\n");
	markup_put(out, "<h1>", scenario->name, "</h1>\n");
	if (scenario->about != NULL)
		markup_put(out, "<p class=\"about\">", scenario->about, "</p>\n");
	fputs("</header>\n", out);
}

static void
put_fact(FILE *out, const char *name, const char *value)
{
	markup_put(out, "<div><dt>", name, "</dt>");
	markup_put(out, "<dd>", value, "</dd></div>\n");
}

/* "10,000,000" */
static const char *
number_text(uint64_t value, char text[32])
{
	char digits[24];
	size_t count = (size_t)snprintf(digits, sizeof(digits), "%llu", (ull)value), used = 0;

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return text;
}

static void
put_number(FILE *out, const char *name, uint64_t value)
{
	char text[32];

	put_fact(out, name, number_text(value, text));
}

static void
put_facts(const struct report *report, FILE *out)
{
	const struct moment *moment = history_newest(report->history);
	const struct moment_counts *counts = &moment->counts;
	char text[24];

	fputs("<dl class=\"facts\">\n", out);
	put_fact(out, "time", duration_text(history_end(report->history), text));
	put_number(out, "tasks", moment->tasks);
	put_number(out, "leases", counts->leases);
	put_number(out, "done on a later attempt", counts->on_retry);
	put_number(out, "faults landed", counts->faults);
	put_number(out, "workers died", counts->deaths);
	put_number(out, "hung", counts->hangs);
	put_number(out, "leases taken over", counts->takeovers);
	put_number(out, "stale commits refused", counts->fenced);
	put_number(out, "supervisors", counts->generations);
	put_number(out, "directors", counts->lives);
	if (counts->power_losses > 0)
		put_number(out, "power losses", counts->power_losses);
	put_fact(out, "recovery, longest",
	         counts->recoveries > 0 ? duration_text(counts->recovery_longest_ns, text)
	                                : "none");
	if (counts->recoveries > 0)
		put_fact(
		    out, "recovery, mean",
		    duration_text(counts->recovery_sum_ns / (int64_t)counts->recoveries, text));
	if (counts->headless_longest_ns > 0)
		put_fact(out, "without supervisor, longest",
		         duration_text(counts->headless_longest_ns, text));
	fputs("</dl>\n", out);
}

static void
put_account(FILE *out, const char *name, uint64_t records, uint64_t in)
{
	char text[32];

	fprintf(out, "<div class=\"account %s\"%s style=\"flex-grow:%.4f\"><b>%s</b> %s</div>\n",
	        name, records == 0 ? " hidden" : "", in > 0 ? (double)records / (double)in : 0.0,
	        number_text(records, text), name);
}

static void
put_books(const struct report *report, FILE *out)
{
	struct books books = moment_books(history_newest(report->history));
	char text[5][32], skipped[64] = "";

	if (books.skipped > 0)
		snprintf(skipped, sizeof(skipped), " + %llu skipped",
		         (unsigned long long)books.skipped);
	fputs("<section><h2>Books</h2>\n<div class=\"books\">\n", out);
	put_account(out, "committed", books.committed, books.in);
	put_account(out, "leased", books.leased, books.in);
	put_account(out, "waiting", books.waiting, books.in);
	put_account(out, "dead", books.dead, books.in);
	fprintf(
	    out,
	    "</div>\n<p class=\"sum\">%s records in = %s committed + %s leased + %s waiting + %s "
	    "dead letters%s: <b class=\"%s\">%s</b></p></section>\n",
	    number_text(books.in, text[0]), number_text(books.committed, text[1]),
	    number_text(books.leased, text[2]), number_text(books.waiting, text[3]),
	    number_text(books.dead, text[4]), skipped, books.balanced ? "passed" : "broken",
	    books.balanced ? "BALANCED" : "NOT BALANCED");
}

static void
put_promises(const struct report *report, FILE *out)
{
	static const char *const classes[] = {[LINE_OK] = "passed",
	                                      [LINE_FAILED] = "broken",
	                                      [LINE_OPEN] = "open",
	                                      [LINE_SKIPPED] = "open"};
	static const char *const words[] = {[LINE_OK] = "ok",
	                                    [LINE_FAILED] = "FAIL",
	                                    [LINE_OPEN] = "open",
	                                    [LINE_SKIPPED] = "skip"};
	const struct verdict *verdict = report->verdict;

	fputs("<section><h2>Invariants and expectations</h2>\n", out);
	if (verdict == NULL) {
		markup_put(out, "<p>No verdict was given: the run is ", report->state,
		           ".</p></section>\n");
		return;
	}
	fputs("<table><tbody>\n", out);
	for (size_t i = 0; i < verdict->lines; i++) {
		const struct verdict_line *line = &verdict->line[i];
		fprintf(out, "<tr><td class=\"%s\">%s</td>", classes[line->result],
		        words[line->result]);
		markup_put(out, "<td>", line->name, "</td>");
		markup_put(out, "<td class=\"detail\">", line->detail, "</td></tr>\n");
	}
	fputs("</tbody></table></section>\n", out);
}

static void
put_faults(const struct report *report, FILE *out)
{
	const struct scenario *scenario = &report->run->scenario;
	const struct moment *moment = history_newest(report->history);
	char text[256];

	if (scenario->faults == 0)
		return;
	fputs("<section><h2>Faults</h2>\n<table><thead><tr><th>fault</th><th class=\"num\">landed"
	      "</th><th class=\"num\">last at</th></tr></thead><tbody>\n",
	      out);
	for (size_t i = 0; i < scenario->faults; i++) {
		const struct moment_fault *fault = &moment->fault[i];
		fault_describe(scenario, i, text, sizeof(text));
		markup_put(out, "<tr><td>", text, "</td>");
		fprintf(
		    out, "<td class=\"num\">%u</td><td class=\"num\">%s</td></tr>\n", fault->landed,
		    fault->landed > 0
			? duration_text(
			      fault->injected_ns >= 0 ? fault->injected_ns : fault->landed_ns, text)
			: "never");
	}
	fputs("</tbody></table></section>\n", out);
}

static void
put_runbook(const struct report *report, FILE *out)
{
	const struct run *run = report->run;
	char path[PATH_MAX], seed[24];

	fputs("<section><h2>What to do next</h2>\n", out);
	markup_put(out, "<pre>", report->next, "</pre>\n");
	if (report->dead[0] != '\0')
		markup_put(out, "<h3>Dead letters</h3>\n<pre>", report->dead, "</pre>\n");
	fputs("</section>\n<section><h2>How to reproduce it</h2>\n<pre>graveshift run ", out);
	markup_text(out, rundir_file(&run->dir, RUN_SCENARIO, path));
	fprintf(out, " --seed %llu</pre>\n<dl class=\"facts\">\n", (ull)run->scenario.seed);
	snprintf(seed, sizeof(seed), "%llu", (ull)run->scenario.seed);
	put_fact(out, "seed", seed);
	put_fact(out, "host", report->host);
	put_fact(out, "world", run->scenario.world == WORLD_VIRTUAL ? "virtual" : "real");
	put_fact(out, "run", run->scenario.world == WORLD_VIRTUAL ? "-" : run->id);
	put_fact(out, "durability",
	         run->scenario.durability == DURABILITY_POWER ? "power" : "process");
	put_fact(out, "run directory", run->dir.path);
	fputs("</dl></section>\n", out);
}

int
report_html(const struct report *report, FILE *out)
{
	struct axis axis;
	int error;

	axis_init(&axis, report->history);
	put_head(report, out);
	put_facts(report, out);
	put_books(report, out);
	fputs("<section><h2>Attempts</h2>\n", out);
	html_lanes(report, &axis, out);
	fputs("<h3>Records over time</h3>\n", out);
	error = html_progress(report, &axis, out);
	fputs("</section>\n", out);
	put_promises(report, out);
	put_faults(report, out);
	if (error == 0)
		error = html_recoveries(report, out);
	put_runbook(report, out);
	fputs("<section><h2>What happened</h2>\n", out);
	if (error == 0)
		error = html_events(report, out);
	fputs("</section>\n<footer>Made by graveshift.</footer>\n</main>\n</body>\n</html>\n", out);
	return error;
}
