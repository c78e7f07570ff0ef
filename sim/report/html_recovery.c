/* SPDX-License-Identifier: ISC
 *
 * The page's list of recoveries: what was lost with whom, and how long each step back took.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sim/history/recovery.h"
#include "sim/report/report.h"
#include "sim/util/markup.h"

#define RECOVERIES_MAX 200

typedef unsigned long long ull;

static void
put_status(FILE *out, uint64_t value)
{
	int status = (int)value;

	if (WIFSIGNALED(status) && sigabbrev_np(WTERMSIG(status)) != NULL)
		fprintf(out, " (SIG%s)", sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		fprintf(out, " (exit code %d)", WEXITSTATUS(status));
}

static void
put_what(const struct recovery *recovery, FILE *out)
{
	static const char *const words[] = {
	    [RECOVERY_WORKER] = "died",
	    [RECOVERY_HANG] = "hung, and was killed",
	    [RECOVERY_FENCED] = "lost its lease, and lived on",
	    [RECOVERY_SUPERVISOR] = "the supervisor died",
	    [RECOVERY_DIRECTOR] = "the director died, and everybody with it",
	    [RECOVERY_POWER] = "the power went",
	};

	fputs("<td>", out);
	if (recovery->slot != CORE_NO_SLOT)
		fprintf(out, "w%u ", recovery->slot);
	fputs(words[recovery->from], out);
	if (recovery->from == RECOVERY_WORKER || recovery->from == RECOVERY_SUPERVISOR)
		put_status(out, recovery->status);
	fputs("</td><td>", out);
}

/* How long after; "-" if it never was. */
static void
put_after(FILE *out, int64_t from_ns, int64_t to_ns)
{
	char text[24];

	fprintf(out, "<td class=\"num\">%s</td>",
	        to_ns < 0 ? "-" : duration_text(to_ns - from_ns, text));
}

/* When the last of its tasks was on its way again, or found to need nothing; -1: it never was. */
static int64_t
end_of(const struct recovery *recovery)
{
	if (recovery->again == 0 && recovery->found == recovery->tasks)
		return recovery->fenced_ns;
	return recovery->leased_ns;
}

static void
put_row(const struct report *report, const struct recovery *recovery, FILE *out)
{
	const struct scenario *scenario = &report->run->scenario;
	bool scripted = recovery->fault >= 0 && recovery->injected_ns >= 0;
	char text[24];

	fprintf(out, "<tr><td class=\"num\">%s</td>", duration_text(recovery->noticed_ns, text));
	put_what(recovery, out);
	if (recovery->fault >= 0)
		markup_text(out, scenario->fault[recovery->fault].id);
	fputs("</td>", out);
	put_after(out, recovery->injected_ns, scripted ? recovery->noticed_ns : -1);
	put_after(out, recovery->noticed_ns, recovery->fenced_ns);
	put_after(out, recovery->noticed_ns, recovery->leased_ns);
	fprintf(out,
	        "<td class=\"num\">%u</td><td class=\"num\">%u</td><td class=\"num\">%llu</td>",
	        recovery->tasks, recovery->found, (ull)recovery->redone);
	put_after(out, scripted ? recovery->injected_ns : recovery->noticed_ns, end_of(recovery));
	fputs("</tr>\n", out);
}

static void
put_table(const struct report *report, const struct recoveries *recoveries, FILE *out)
{
	size_t shown = recoveries->count < RECOVERIES_MAX ? recoveries->count : RECOVERIES_MAX;

	fputs("<div class=\"wide\"><table class=\"events recoveries\"><thead><tr><th "
	      "class=\"num\">noticed at</th><th>who</th><th>fault</th><th class=\"num\">detected "
	      "after</th><th class=\"num\">fenced after</th><th class=\"num\">leased again after"
	      "</th><th class=\"num\">leases lost</th><th class=\"num\">found done</th><th "
	      "class=\"num\">records redone</th><th class=\"num\">recovery</th></tr></thead>"
	      "<tbody>\n",
	      out);
	for (size_t i = 0; i < shown; i++)
		put_row(report, &recoveries->item[i], out);
	fputs("</tbody></table></div>\n<p class=\"note\">", out);
	if (recoveries->count > shown)
		fprintf(out, "The first %zu of %zu. ", shown, recoveries->count);
	fputs(
	    "Fenced and leased again: the last of its tasks, counted from when the loss was "
	    "noticed. Recovery: from the fault, if its time is known, to the last of them. Records "
	    "redone: as far as the last beat had told of them.</p>\n",
	    out);
}

int
html_recoveries(const struct report *report, FILE *out)
{
	struct recoveries recoveries;
	int error = recoveries_find(&recoveries, report->history);

	if (error == 0 && recoveries.count > 0) {
		fputs("<section><h2>Recoveries</h2>\n", out);
		put_table(report, &recoveries, out);
		fputs("</section>\n", out);
	}
	recoveries_free(&recoveries);
	return error;
}
