/* SPDX-License-Identifier: ISC
 *
 * The lanes of the page: a row for each slot, its attempts, and the faults on the same axis.  Above
 * a few thousand attempts neighbours are drawn as one, which then shows the worst of them.
 */
#include "sim/report/report.h"
#include "sim/util/markup.h"

#define SPANS_MAX 2000
#define LANES_MAX 128
#define FAULTS_MAX 400
#define FAULT_HEIGHT 26.0

struct lanes {
	const struct report *report;
	const struct axis *axis;
	FILE *out;
	uint32_t shown[LANES_MAX], count;
	uint32_t more;     /* lanes beyond them */
	double row, top;   /* height of a row; where the first begins */
	int64_t bucket_ns; /* spans that begin in the same one are drawn as one; 0: all alone */
};

/* Spans that are drawn as one. */
struct group {
	const struct span *worst;
	int64_t begin_ns, end_ns;
	size_t count;
};

/* What stands out most: trouble before retries before the ordinary. */
static int
weight_of(const struct span *span)
{
	if (span->how == SPAN_DONE)
		return span->attempt > 1;
	return span->how == SPAN_AT_WORK || span->how == SPAN_RETURNED ? 2 : 3;
}

static const char *
class_of(const struct span *span)
{
	switch (span->how) {
	case SPAN_DONE:
	case SPAN_SURVIVED:
		return span->attempt > 1 ? "again" : "done";
	case SPAN_FOUND_DONE:
		return "found";
	case SPAN_AT_WORK:
		return "open";
	case SPAN_FAILED:
		return "failed";
	case SPAN_CRASHED:
		return "crashed";
	case SPAN_HUNG:
		return "hung";
	case SPAN_FENCED:
	case SPAN_OVERTAKEN:
		return "fenced";
	default:
		return "lost";
	}
}

static void
draw_title(const struct lanes *lanes, const struct group *group)
{
	const struct span *span = group->worst;
	const struct scenario *scenario = &lanes->report->run->scenario;
	char from[24], took[24];

	fputs("<title>", lanes->out);
	if (group->count > 1)
		fprintf(lanes->out,
		        "%zu attempts from %s on, within %s. What stands out: ", group->count,
		        duration_text(group->begin_ns, from),
		        duration_text(group->end_ns - group->begin_ns, took));
	fprintf(lanes->out,
	        "task %u, attempt %u%s: %s. From %s on, for %s; epoch %u, generation %u",
	        span->task, span->attempt, span->probe ? " (a probe)" : "",
	        span_end_name(span->how), duration_text(span->begin_ns, from),
	        duration_text((span->end_ns == INT64_MAX ? history_end(lanes->report->history)
	                                                 : span->end_ns) -
	                          span->begin_ns,
	                      took),
	        span->epoch, span->generation);
	if (span->fault >= 0) {
		fputs("; hit by fault ", lanes->out);
		markup_text(lanes->out, scenario->fault[span->fault].id);
	}
	fputs("</title>", lanes->out);
}

static void
draw_group(const struct lanes *lanes, const struct group *group, double y)
{
	const struct span *span = group->worst;
	double x = axis_place(lanes->axis, group->begin_ns);
	double width = axis_place(lanes->axis, group->end_ns) - x, height = lanes->row * 0.72;
	char letter = span_end_letter(span->how);

	/* Never too narrow to be seen. */
	width = width < 1.2 ? 1.2 : width;
	fprintf(lanes->out,
	        "<g class=\"s %s\"><rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" "
	        "rx=\"1.5\"/>",
	        class_of(span), x, y, width, height);
	draw_title(lanes, group);
	if (lanes->row >= 14 && group->end_ns > group->begin_ns &&
	    (letter != '\0' || (width >= 9 && group->count == 1)))
		fprintf(lanes->out, "<text x=\"%.2f\" y=\"%.1f\">%s%c</text>",
		        letter != '\0' && width < 9 ? x + width - 1 : x + width / 2, y + height - 4,
		        letter != '\0' && width >= 18 && span->attempt < 10
		            ? (char[2]){(char)('0' + span->attempt), '\0'}
		            : "",
		        letter != '\0'       ? letter
		        : span->attempt < 10 ? (char)('0' + span->attempt)
		                             : '+');
	fputs("</g>\n", lanes->out);
}

static void
draw_lane(const struct lanes *lanes, uint32_t slot, double y)
{
	const struct span_lane *lane = &history_spans(lanes->report->history)->lane[slot];
	int64_t end_ns = history_end(lanes->report->history);
	struct group group = {0};

	for (size_t i = 0; i < lane->count; i++) {
		const struct span *span = &lane->span[i];
		int64_t last_ns = span->end_ns == INT64_MAX ? end_ns : span->end_ns;
		if (group.count > 0 && lanes->bucket_ns > 0 &&
		    span->begin_ns / lanes->bucket_ns == group.begin_ns / lanes->bucket_ns) {
			group.count++;
			group.end_ns = last_ns;
			if (weight_of(span) > weight_of(group.worst))
				group.worst = span;
			continue;
		}
		if (group.count > 0)
			draw_group(lanes, &group, y);
		group = (struct group){span, span->begin_ns, last_ns, 1};
	}
	if (group.count > 0)
		draw_group(lanes, &group, y);
}

static void
choose_lanes(struct lanes *lanes)
{
	const struct spans *spans = history_spans(lanes->report->history);
	uint64_t each;

	for (uint32_t i = 0; i < spans->lanes; i++) {
		if (spans->lane[i].count == 0)
			continue;
		if (lanes->count < LANES_MAX)
			lanes->shown[lanes->count++] = i;
		else
			lanes->more++;
	}
	lanes->row = lanes->count <= 24 ? 24.0 : lanes->count <= 64 ? 14.0 : 8.0;
	lanes->top = FAULT_HEIGHT + 6;
	if (spans->count <= SPANS_MAX)
		return;
	each = SPANS_MAX / lanes->count;
	lanes->bucket_ns = lanes->axis->shown_ns / (int64_t)(each > 0 ? each : 1) + 1;
}

static double
height_of(const struct lanes *lanes)
{
	return lanes->count * lanes->row;
}

static double
place_of_slot(const struct lanes *lanes, uint32_t slot)
{
	for (uint32_t i = 0; i < lanes->count; i++)
		if (lanes->shown[i] == slot)
			return lanes->top + i * lanes->row;
	return -1;
}

static void
draw_fault(const struct lanes *lanes, uint64_t number)
{
	const struct history *history = lanes->report->history;
	const struct scenario *scenario = &lanes->report->run->scenario;
	const struct core_step *step = &history_record(history, number)->step;
	int64_t ns = history_fault_time(history, number);
	double x = axis_place(lanes->axis, ns), y = place_of_slot(lanes, step->slot);
	char text[256], at[24];

	if (step->record >= scenario->faults)
		return;
	fault_describe(scenario, step->record, text, sizeof(text));
	fprintf(lanes->out,
	        "<g class=\"f\"><line x1=\"%.2f\" y1=\"%.1f\" x2=\"%.2f\" y2=\"%.1f\"/>"
	        "<path d=\"M%.2f %.1f l-4.5 -8 h9 z\"/><title>",
	        x, FAULT_HEIGHT, x, y < 0 ? lanes->top + height_of(lanes) : y + lanes->row * 0.72,
	        x, FAULT_HEIGHT);
	fprintf(lanes->out, "fault at %s: ", duration_text(ns, at));
	markup_text(lanes->out, text);
	if (y >= 0)
		fprintf(lanes->out, ", on w%u", step->slot);
	fputs("</title></g>\n", lanes->out);
}

/* Names of faults, as far as they do not run into each other. */
static void
draw_fault_names(const struct lanes *lanes, const uint64_t *fault, size_t count)
{
	const struct history *history = lanes->report->history;
	const struct scenario *scenario = &lanes->report->run->scenario;
	double free_x = 0;

	for (size_t i = 0; i < count; i++) {
		const struct core_step *step = &history_record(history, fault[i])->step;
		double x = axis_place(lanes->axis, history_fault_time(history, fault[i]));
		const char *id;
		size_t length = 0;
		if (step->record >= scenario->faults || x < free_x)
			continue;
		id = scenario->fault[step->record].id;
		while (id[length] != '\0')
			length++;
		fprintf(lanes->out, "<text class=\"fault\" x=\"%.2f\" y=\"%.1f\">", x,
		        FAULT_HEIGHT - 12);
		markup_text(lanes->out, id);
		fputs("</text>\n", lanes->out);
		free_x = x + 8.0 * (double)length + 8;
	}
}

static void
say_what_is_left_out(const struct lanes *lanes, size_t faults)
{
	const struct spans *spans = history_spans(lanes->report->history);
	char text[24];

	fputs("<p class=\"note\">", lanes->out);
	if (lanes->bucket_ns > 0)
		fprintf(lanes->out,
		        "%llu attempts are too many to draw one by one: those of a slot that begin "
		        "within the same %s are one bar, coloured as the worst of them. ",
		        (unsigned long long)spans->count, duration_text(lanes->bucket_ns, text));
	else
		fprintf(lanes->out, "%llu attempts, each drawn. ",
		        (unsigned long long)spans->count);
	if (lanes->more > 0)
		fprintf(lanes->out, "%u more slots are not drawn. ", lanes->more);
	if (faults > FAULTS_MAX)
		fprintf(lanes->out, "Of %zu faults the first %d are drawn. ", faults, FAULTS_MAX);
	fputs("The digit is the attempt; point at a bar for its story.</p>\n", lanes->out);
}

static void
draw_legend(FILE *out)
{
	static const char *const entries[][2] = {
	    {"done", "done"},          {"again", "done on a later attempt"},
	    {"found", "found done"},   {"failed", "F failed"},
	    {"crashed", "K crashed"},  {"hung", "H hung"},
	    {"fenced", "R refused"},   {"lost", "L lost through no fault of its own"},
	    {"open", "still at work"},
	};

	fputs("<p class=\"legend\">", out);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		fprintf(out,
		        "<span><svg width=\"14\" height=\"12\" aria-hidden=\"true\"><g class=\"s "
		        "%s\"><rect x=\"1\" y=\"1\" width=\"12\" height=\"10\" "
		        "rx=\"1.5\"/></g></svg>%s</span>",
		        entries[i][0], entries[i][1]);
	fputs("<span><svg width=\"14\" height=\"12\" aria-hidden=\"true\"><g class=\"f\"><path "
	      "d=\"M7 10 l-4.5 -8 h9 z\"/></g></svg>fault</span></p>\n",
	      out);
}

void
html_lanes(const struct report *report, const struct axis *axis, FILE *out)
{
	struct lanes lanes = {.report = report, .axis = axis, .out = out};
	const struct spans *spans = history_spans(report->history);
	size_t faults, drawn;
	const uint64_t *fault = history_faults(report->history, &faults);

	choose_lanes(&lanes);
	if (lanes.count == 0) {
		fputs("<p class=\"note\">Nothing was leased.</p>\n", out);
		return;
	}
	fprintf(out,
	        "<div class=\"wide\"><svg class=\"lanes\" viewBox=\"0 0 1180 %.0f\" role=\"img\" "
	        "aria-label=\"attempts by slot over time\">\n",
	        lanes.top + height_of(&lanes) + 22);
	axis_draw(axis, lanes.top - 4, height_of(&lanes) + 4, out);
	for (uint32_t i = 0; i < lanes.count; i++) {
		double y = lanes.top + i * lanes.row;
		bool probe = lanes.shown[i] + 1 == spans->lanes;
		if (lanes.row >= 14)
			fprintf(out,
			        probe ? "<text class=\"slot\" x=\"54\" y=\"%.1f\">probe</text>\n"
			              : "<text class=\"slot\" x=\"54\" y=\"%.1f\">w%u</text>\n",
			        y + lanes.row * 0.72 - 4, lanes.shown[i]);
		draw_lane(&lanes, lanes.shown[i], y);
	}
	drawn = faults < FAULTS_MAX ? faults : FAULTS_MAX;
	for (size_t i = 0; i < drawn; i++)
		draw_fault(&lanes, fault[i]);
	draw_fault_names(&lanes, fault, drawn);
	fputs("</svg></div>\n", out);
	draw_legend(out);
	say_what_is_left_out(&lanes, faults);
}
