/* SPDX-License-Identifier: ISC
 *
 * JUnit XML, in the dialect that Jenkins reads: a test case for each line of the verdict.
 */
#include <string.h>
#include <time.h>

#include "sim/report/report.h"
#include "sim/util/clock.h"
#include "sim/util/markup.h"

typedef unsigned long long ull;

static void
put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	markup_text(out, value);
	fputc('"', out);
}

static size_t
count_lines(const struct verdict *verdict, enum line_result result)
{
	size_t count = 0;

	for (size_t i = 0; verdict != NULL && i < verdict->lines; i++)
		count += verdict->line[i].result == result;
	return count;
}

static void
put_line(const struct report *report, const struct verdict_line *line, FILE *out)
{
	static const char *const elements[] = {
	    [LINE_FAILED] = "failure", [LINE_OPEN] = "error", [LINE_SKIPPED] = "skipped"};

	fputs("    <testcase", out);
	put_attribute(out, "classname", report->run->scenario.name);
	put_attribute(out, "name", line->name);
	fputs(" time=\"0\"", out);
	if (line->result == LINE_OK) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, ">\n      <%s", elements[line->result]);
	put_attribute(out, "message", line->detail);
	if (line->result != LINE_SKIPPED)
		put_attribute(out, "type",
		              line->result == LINE_FAILED ? "does not hold" : "inconclusive");
	fputs("/>\n    </testcase>\n", out);
}

static void
put_properties(const struct report *report, FILE *out)
{
	fprintf(out, "    <properties>\n      <property name=\"seed\" value=\"%llu\"/>\n",
	        (ull)report->run->scenario.seed);
	fputs("      <property name=\"run\"", out);
	put_attribute(out, "value", report->run->dir.path);
	fputs("/>\n    </properties>\n", out);
}

static void
put_suite_head(const struct report *report, FILE *out)
{
	const struct verdict *verdict = report->verdict;
	time_t began = verdict != NULL ? (time_t)verdict->facts.submitted_s : 0;
	char stamp[32] = "";
	struct tm tm;

	fputs("  <testsuite", out);
	put_attribute(out, "name", report->run->scenario.name);
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
	        verdict != NULL ? verdict->lines : 1, count_lines(verdict, LINE_FAILED),
	        verdict != NULL ? count_lines(verdict, LINE_OPEN) : 1,
	        count_lines(verdict, LINE_SKIPPED),
	        verdict != NULL ? (double)verdict->facts.job_ns / (double)NS_PER_S : 0.0);
	if (began > 0 && gmtime_r(&began, &tm) != NULL &&
	    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm) > 0)
		put_attribute(out, "timestamp", stamp);
	put_attribute(out, "hostname", report->host);
	fputs(">\n", out);
}

int
report_junit(const struct report *report, FILE *out)
{
	const struct verdict *verdict = report->verdict;
	struct verdict_line none = {.result = LINE_OPEN, .name = "verdict"};

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	put_suite_head(report, out);
	put_properties(report, out);
	for (size_t i = 0; verdict != NULL && i < verdict->lines; i++)
		put_line(report, &verdict->line[i], out);
	if (verdict == NULL) {
		snprintf(none.detail, sizeof(none.detail), "none was given: the run is %s",
		         report->state);
		put_line(report, &none, out);
	}
	fputs("    <system-out>", out);
	markup_text(out, report->text);
	fputs("</system-out>\n  </testsuite>\n</testsuites>\n", out);
	return 0;
}
