/* SPDX-License-Identifier: ISC
 *
 * One task's messages and leases as a space-time diagram: processes are bars from top to bottom,
 * each record of the log that concerns the task is a row with its arrow and its words.  Time is in
 * the margin; rows are evenly spaced, or nothing could be read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/history/why.h"
#include "sim/report/report.h"
#include "sim/util/markup.h"

#define ROWS_MAX 300
#define SLOTS_SHOWN 16
#define ROW 26.0
#define TOP 84.0
#define FIRST_BAR 110.0
#define BAR_STEP 92.0

enum { BAR_DIRECTOR, BAR_SUPERVISOR, BAR_STORE, BAR_SLOTS };

struct diagram {
	const struct report *report;
	FILE *out;
	uint32_t slot[SLOTS_SHOWN], slots; /* that ever had the task, in order */
	uint64_t first, last;              /* records between which the task's story lies */
	uint32_t more_slots;               /* that had it, too, and are left out */
	uint64_t rows, more;               /* drawn; left out */
	double text_x;
};

static int
bar_of_slot(const struct diagram *diagram, uint32_t slot)
{
	for (uint32_t i = 0; i < diagram->slots; i++)
		if (diagram->slot[i] == slot)
			return BAR_SLOTS + (int)i;
	return -1;
}

static double
x_of(int bar)
{
	return FIRST_BAR + bar * BAR_STEP;
}

static void
note_slot(struct diagram *diagram, uint8_t seen[CORE_SLOTS_MAX + 1], uint16_t slot)
{
	if (slot > CORE_SLOTS_MAX || seen[slot] != 0)
		return;
	seen[slot] = 1;
	if (diagram->slots < SLOTS_SHOWN)
		diagram->slot[diagram->slots++] = slot;
	else
		diagram->more_slots++;
}

static void
find_story(struct diagram *diagram)
{
	const struct history *history = diagram->report->history;
	uint32_t task = diagram->report->task;
	uint8_t seen[CORE_SLOTS_MAX + 1] = {0};

	diagram->first = UINT64_MAX;
	for (uint64_t i = history_next_of_task(history, 0, task); i != UINT64_MAX;
	     i = history_next_of_task(history, i + 1, task)) {
		const struct core_step *step = &history_record(history, i)->step;
		if (step->kind == ACT_ASSIGN)
			note_slot(diagram, seen, step->slot);
		if (step->kind == ACT_ASSIGN && diagram->first == UINT64_MAX)
			diagram->first = i;
		diagram->last = i;
	}
	if (diagram->first == UINT64_MAX)
		diagram->first = diagram->last;
	diagram->text_x = x_of(BAR_SLOTS + (int)diagram->slots) - BAR_STEP / 2;
}

static bool
is_row(const struct diagram *diagram, const struct core_step *step)
{
	switch (step->kind) {
	case NOTE_RUN_STARTED:
	case NOTE_GENERATION:
	case NOTE_SUPERVISOR_EXITED:
	case NOTE_POWER_LOST:
	case NOTE_DIRECTOR_ENDED:
		return true;
	case NOTE_FAULT:
		return step->slot == CORE_NO_SLOT || bar_of_slot(diagram, step->slot) >= 0;
	case NOTE_FAULT_LANDED:
		return false;
	case EV_WORKER_EXITED:
	case ACT_KILL:
	case ACT_QUARANTINE:
		return bar_of_slot(diagram, step->slot) >= 0;
	default:
		return step->task == diagram->report->task;
	}
}

static void
draw_bar(const struct diagram *diagram, int bar, double y, bool alive, bool holds)
{
	fprintf(diagram->out,
	        "<line class=\"bar %s\" x1=\"%.0f\" y1=\"%.1f\" x2=\"%.0f\" y2=\"%.1f\"/>\n",
	        holds   ? "holds"
	        : alive ? "alive"
	                : "gone",
	        x_of(bar), y, x_of(bar), y + ROW);
}

/* Who lives, and who holds the task, from this row to the next. */
static void
draw_bars(const struct diagram *diagram, const struct moment *after, double y)
{
	uint32_t task = diagram->report->task;
	bool leased = task < after->tasks && after->task[task].state == TASK_LEASED &&
	              after->task[task].wait == WAIT_NONE;

	draw_bar(diagram, BAR_DIRECTOR, y, after->director_pid != 0, false);
	draw_bar(diagram, BAR_SUPERVISOR, y, after->supervisor_pid != 0, false);
	draw_bar(diagram, BAR_STORE, y, true, false);
	for (uint32_t i = 0; i < diagram->slots; i++)
		draw_bar(diagram, BAR_SLOTS + (int)i, y,
		         moment_can_speak(&after->slot[diagram->slot[i]]),
		         leased && after->task[task].holder == diagram->slot[i]);
}

static void
draw_arrow(const struct diagram *diagram, const char *class, int from, int to, double y)
{
	double x1 = x_of(from), x2 = x_of(to), back = x2 > x1 ? -7 : 7;

	fprintf(diagram->out,
	        "<g class=\"%s\"><line x1=\"%.0f\" y1=\"%.1f\" x2=\"%.0f\" y2=\"%.1f\"/><path "
	        "d=\"M%.0f %.1f l%.0f -4 v8 z\"/></g>\n",
	        class, x1, y, x2 + back / 2, y, x2, y, back);
}

/* Something on its way that never arrived. */
static void
draw_lost(const struct diagram *diagram, int from, int to, double y)
{
	double x1 = x_of(from), x2 = x1 + (x_of(to) - x1) * 0.3;

	fprintf(diagram->out,
	        "<g class=\"lost\"><line x1=\"%.0f\" y1=\"%.1f\" x2=\"%.0f\" y2=\"%.1f\"/><path "
	        "class=\"cross\" d=\"M%.0f %.1f l10 10 m0 -10 l-10 10\"/></g>\n",
	        x1, y, x2, y, x2 - 5, y - 5);
}

static void
draw_cross(const struct diagram *diagram, int bar, double y)
{
	fprintf(diagram->out,
	        "<g class=\"lost\"><path class=\"cross\" d=\"M%.0f %.1f l12 12 m0 -12 l-12 "
	        "12\"/></g>\n",
	        x_of(bar) - 6, y - 6);
}

static void
draw_fault(const struct diagram *diagram, int bar, double y)
{
	fprintf(diagram->out, "<path class=\"fault\" d=\"M%.0f %.1f l-6 -10 h12 z\"/>\n", x_of(bar),
	        y + 5);
}

/* A report fits if its lease is the present one. */
static bool
fits(const struct moment *before, const struct core_step *step)
{
	return step->task < before->tasks && before->task[step->task].epoch == step->epoch &&
	       (before->task[step->task].state == TASK_LEASED ||
	        before->task[step->task].wait == WAIT_PROBE);
}

static void
draw_record(const struct diagram *diagram, const struct moment *before,
            const struct core_step *step, double y)
{
	int bar = bar_of_slot(diagram, step->slot);

	switch (step->kind) {
	case ACT_ASSIGN:
	case ACT_KILL:
		if (bar >= 0)
			draw_arrow(diagram, step->kind == ACT_KILL ? "kill" : "lease",
			           BAR_SUPERVISOR, bar, y);
		break;
	case EV_BEAT:
	case EV_TASK_DONE:
	case EV_TASK_FAILED:
	case EV_TASK_RETURNED:
	case EV_PROBE_SURVIVED:
		if (bar >= 0)
			draw_arrow(diagram, fits(before, step) ? "word" : "stale", bar,
			           BAR_SUPERVISOR, y);
		break;
	case EV_COMMIT_REFUSED:
		if (bar >= 0)
			draw_arrow(diagram, "kill", bar, BAR_STORE, y);
		draw_cross(diagram, BAR_STORE, y);
		break;
	case ACT_FENCE:
	case ACT_COPY_FENCE:
		if (bar >= 0 && step->cause != CAUSE_DATA)
			draw_lost(diagram, bar, BAR_SUPERVISOR, y);
		draw_arrow(diagram, "word", BAR_SUPERVISOR, BAR_STORE, y);
		break;
	case ACT_COPY:
	case ACT_BURY:
	case ACT_BURY_RECORD:
		draw_arrow(diagram, "word", BAR_SUPERVISOR, BAR_STORE, y);
		break;
	case EV_TASK_FENCED:
	case EV_COPY_GRANTED:
	case EV_COPY_FENCED:
	case EV_TASK_BURIED:
	case EV_RECORD_BURIED:
	case EV_TASK_RESTORED:
		draw_arrow(diagram, "word", BAR_STORE, BAR_SUPERVISOR, y);
		break;
	case EV_WORKER_EXITED:
		draw_cross(diagram, bar, y);
		break;
	case NOTE_SUPERVISOR_EXITED:
		draw_cross(diagram, BAR_SUPERVISOR, y);
		break;
	case NOTE_FAULT:
		draw_fault(diagram, bar >= 0 ? bar : BAR_SUPERVISOR, y);
		break;
	default:
		break;
	}
}

static void
draw_row(struct diagram *diagram, const struct moment *before, uint64_t number)
{
	const struct logged *record = history_record(diagram->report->history, number);
	double y = TOP + (double)diagram->rows * ROW;
	char text[512], at[24];

	draw_record(diagram, before, &record->step, y);
	why_text(before, record, text, sizeof(text));
	fprintf(diagram->out, "<text class=\"time\" x=\"78\" y=\"%.1f\">%s</text>", y + 4,
	        duration_text(history_time(diagram->report->history, number), at));
	fprintf(diagram->out, "<text x=\"%.0f\" y=\"%.1f\">", diagram->text_x, y + 4);
	markup_text(diagram->out, text);
	fputs("</text>\n", diagram->out);
	diagram->rows++;
}

static int
draw_rows(struct diagram *diagram, bool bars)
{
	const struct history *history = diagram->report->history;
	struct moment *moment = NULL;
	int error = 0;

	diagram->rows = diagram->more = 0;
	for (uint64_t i = diagram->first; error == 0 && i <= diagram->last; i++) {
		if (!is_row(diagram, &history_record(history, i)->step))
			continue;
		if (diagram->rows == ROWS_MAX) {
			diagram->more++;
			continue;
		}
		error = history_seek(history, &moment, i + bars);
		if (error != 0)
			break;
		if (bars)
			draw_bars(diagram, moment, TOP + (double)diagram->rows++ * ROW);
		else
			draw_row(diagram, moment, i);
	}
	moment_free(moment);
	return error;
}

static uint64_t
count_rows(const struct diagram *diagram)
{
	uint64_t rows = 0;

	for (uint64_t i = diagram->first; i <= diagram->last && rows < ROWS_MAX; i++)
		rows += is_row(diagram, &history_record(diagram->report->history, i)->step);
	return rows;
}

static void
draw_names(const struct diagram *diagram)
{
	static const char *const names[] = {"director", "supervisor", "store"};

	for (int i = 0; i < BAR_SLOTS; i++)
		fprintf(diagram->out, "<text class=\"name\" x=\"%.0f\" y=\"62\">%s</text>\n",
		        x_of(i), names[i]);
	for (uint32_t i = 0; i < diagram->slots; i++) {
		const struct spans *spans = history_spans(diagram->report->history);
		fprintf(diagram->out, "<text class=\"name\" x=\"%.0f\" y=\"62\">",
		        x_of(BAR_SLOTS + (int)i));
		if (diagram->slot[i] + 1 == spans->lanes)
			fputs("probe</text>\n", diagram->out);
		else
			fprintf(diagram->out, "w%u</text>\n", diagram->slot[i]);
	}
}

static void
say_what_is_left_out(const struct diagram *diagram, double height)
{
	if (diagram->more_slots > 0)
		fprintf(
		    diagram->out,
		    "<text class=\"left-out\" x=\"20\" y=\"%.0f\">%u slots had this task; the "
		    "first "
		    "%d of them are drawn, what the others did has a row and no arrow.</text>\n",
		    height - 34, diagram->slots + diagram->more_slots, SLOTS_SHOWN);
	if (diagram->more > 0)
		fprintf(diagram->out,
		        "<text class=\"left-out\" x=\"20\" y=\"%.0f\">%llu more records are not "
		        "drawn.</text>\n",
		        height - 14, (unsigned long long)diagram->more);
}

static const char style[] =
    "svg{color-scheme:light dark;background:#fbfaf7}"
    "text{font:12px ui-monospace,'DejaVu Sans Mono',monospace;fill:#22262b}"
    ".title{font-size:16px;font-weight:700}.name{text-anchor:middle;font-weight:700}"
    ".time{text-anchor:end;fill:#666d76}.left-out{font-weight:700}"
    ".bar{stroke:#9aa1aa;stroke-width:2}.gone{stroke-dasharray:2 5;stroke-width:1}"
    ".holds{stroke:#2f7a68;stroke-width:7}"
    ".lease line{stroke:#2f7a68;stroke-width:2}.lease path{fill:#2f7a68}"
    ".word line{stroke:#39719c;stroke-width:1.4}.word path{fill:#39719c}"
    ".stale line{stroke:#8d8a86;stroke-dasharray:5 4}.stale path{fill:#8d8a86}"
    ".kill line{stroke:#b3261e;stroke-width:2}.kill path{fill:#b3261e}"
    ".lost line{stroke:#b3261e;stroke-width:1.6;stroke-dasharray:5 4}"
    ".cross{stroke:#b3261e;stroke-width:2.4;fill:none}.fault{fill:#a11d33}"
    "@media (prefers-color-scheme:dark){svg{background:#15181c}text{fill:#e4e4df}"
    ".time{fill:#9aa1aa}.bar{stroke:#6d757f}.holds,.lease line{stroke:#62c596}"
    ".lease path{fill:#62c596}.word line{stroke:#6fb7d0}.word path{fill:#6fb7d0}"
    ".kill line,.lost line,.cross{stroke:#ff8a7a}.kill path,.fault{fill:#ff8a7a}}";

int
report_svg(const struct report *report, FILE *out)
{
	struct diagram diagram = {.report = report, .out = out};
	double width, height;
	int error;

	find_story(&diagram);
	width = diagram.text_x + 1300;
	height = TOP + (double)count_rows(&diagram) * ROW + 60;
	fprintf(
	    out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "
	    "xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 "
	    "%.0f %.0f\">\n<style>%s</style>\n<text class=\"title\" x=\"20\" y=\"30\">task %u of ",
	    width, height, width, height, style, report->task);
	markup_text(out, report->run->scenario.name);
	fputs("</text>\n", out);
	draw_names(&diagram);
	error = draw_rows(&diagram, true);
	if (error == 0)
		error = draw_rows(&diagram, false);
	say_what_is_left_out(&diagram, height);
	fputs("</svg>\n", out);
	return error;
}
