/* SPDX-License-Identifier: ISC
 *
 * The run as a Chrome trace, which Perfetto and chrome://tracing show: a track for each slot with
 * its attempts, arrows from an attempt to the next one of its task, faults as instants, and
 * counters.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/report.h"
#include "sim/util/safe_text.h"

#define PID_WORKERS 1
#define PID_RUN 2
#define TID_DIRECTOR 1
#define TID_SUPERVISOR 2
#define SAMPLES 2000 /* of the counters */

struct trace {
	FILE *out;
	const struct report *report;
	bool begun, failed;
};

/* A span and where it is, for putting the attempts of each task in order. */
struct placed {
	const struct span *span;
	uint32_t slot;
};

/* Takes the object, which may be NULL for want of memory. */
static void
put(struct trace *trace, json_t *event)
{
	if (event == NULL) {
		trace->failed = true;
		return;
	}
	fputs(trace->begun ? ",\n" : "\n", trace->out);
	trace->begun = true;
	json_dumpf(event, trace->out, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER);
	json_decref(event);
}

static double
us(int64_t ns)
{
	return (double)ns / 1000.0;
}

static void
put_name(struct trace *trace, const char *what, int pid, int tid, const char *name)
{
	put(trace, json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "ph", "M", "name", what, "pid", pid,
	                     "tid", tid, "args", "name", name));
}

static void
put_names(struct trace *trace)
{
	const struct spans *spans = history_spans(trace->report->history);
	const char *scenario = trace->report->run->scenario.name;
	char name[4 * SCENARIO_NAME_MAX + 16], safe[4 * SCENARIO_NAME_MAX];

	safe_text(safe, sizeof(safe), scenario, strlen(scenario));
	snprintf(name, sizeof(name), "workers of %s", safe);
	put_name(trace, "process_name", PID_WORKERS, 0, name);
	put_name(trace, "process_name", PID_RUN, 0, "the run");
	put_name(trace, "thread_name", PID_RUN, TID_DIRECTOR, "director");
	put_name(trace, "thread_name", PID_RUN, TID_SUPERVISOR, "supervisor");
	for (uint32_t i = 0; i < spans->lanes; i++) {
		if (spans->lane[i].count == 0)
			continue;
		snprintf(name, sizeof(name), i + 1 == spans->lanes ? "probe" : "w%u", i);
		put_name(trace, "thread_name", PID_WORKERS, (int)i, name);
	}
}

static void
put_slice(struct trace *trace, const char *name, int tid, int64_t begin_ns, int64_t end_ns,
          int64_t pid)
{
	put(trace, json_pack("{s:s, s:s, s:s, s:i, s:i, s:f, s:f, s:{s:I}}", "ph", "X", "name",
	                     name, "cat", "process", "pid", PID_RUN, "tid", tid, "ts", us(begin_ns),
	                     "dur", us(end_ns - begin_ns), "args", "pid", (json_int_t)pid));
}

/* Lives of directors and generations of supervisors: each until the next one, or its end. */
static void
put_processes(struct trace *trace)
{
	const struct history *history = trace->report->history;
	int64_t began_ns[2] = {-1, -1}, pid[2] = {0, 0};
	char name[2][40] = {"", ""};
	unsigned lives = 0;

	for (uint64_t i = 0; i <= history_count(history); i++) {
		const struct logged *record =
		    i < history_count(history) ? history_record(history, i) : NULL;
		unsigned kind = record != NULL ? record->step.kind : NOTE_POWER_LOST;
		int64_t ns = record != NULL ? history_time(history, i) : history_end(history);
		bool life_ends = kind == NOTE_RUN_STARTED || kind == NOTE_POWER_LOST ||
		                 kind == NOTE_DIRECTOR_ENDED;
		bool ends[2] = {life_ends, life_ends || kind == NOTE_GENERATION ||
		                               kind == NOTE_SUPERVISOR_EXITED};
		for (int who = 0; who < 2; who++) {
			if (ends[who] && began_ns[who] >= 0) {
				put_slice(trace, name[who],
				          who == 0 ? TID_DIRECTOR : TID_SUPERVISOR, began_ns[who],
				          ns, pid[who]);
				began_ns[who] = -1;
			}
		}
		if (kind != NOTE_RUN_STARTED && kind != NOTE_GENERATION)
			continue;
		int who = kind == NOTE_GENERATION;
		began_ns[who] = ns;
		pid[who] = (int64_t)record->step.value;
		if (who == 0)
			snprintf(name[0], sizeof(name[0]), "life %u", ++lives);
		else
			snprintf(name[1], sizeof(name[1]), "generation %u", record->step.epoch);
	}
}

static int64_t
end_of(const struct trace *trace, const struct span *span)
{
	return span->end_ns == INT64_MAX ? history_end(trace->report->history) : span->end_ns;
}

static void
put_span(struct trace *trace, const struct span *span, uint32_t slot)
{
	const struct scenario *scenario = &trace->report->run->scenario;
	char name[64];
	json_t *event;

	snprintf(name, sizeof(name), "task %u%s, attempt %u", span->task,
	         span->probe ? " (probe)" : "", span->attempt);
	event = json_pack(
	    "{s:s, s:s, s:s, s:i, s:I, s:f, s:f, s:{s:I, s:I, s:i, s:s, s:I}}", "ph", "X", "name",
	    name, "cat", "attempt", "pid", PID_WORKERS, "tid", (json_int_t)slot, "ts",
	    us(span->begin_ns), "dur", us(end_of(trace, span) - span->begin_ns), "args", "task",
	    (json_int_t)span->task, "epoch", (json_int_t)span->epoch, "attempt", (int)span->attempt,
	    "end", span_end_name(span->how), "generation", (json_int_t)span->generation);
	if (event != NULL && span->fault >= 0 &&
	    json_object_set_new(json_object_get(event, "args"), "fault",
	                        json_string(scenario->fault[span->fault].id)) != 0)
		trace->failed = true;
	put(trace, event);
}

static void
put_faults(struct trace *trace)
{
	const struct history *history = trace->report->history;
	const struct scenario *scenario = &trace->report->run->scenario;
	char text[256], safe[512];
	size_t count;
	const uint64_t *fault = history_faults(history, &count);

	for (size_t i = 0; i < count; i++) {
		const struct core_step *step = &history_record(history, fault[i])->step;
		bool slot = step->slot < history_spans(history)->lanes;
		if (step->record >= scenario->faults)
			continue;
		fault_describe(scenario, step->record, text, sizeof(text));
		safe_text(safe, sizeof(safe), text, strlen(text));
		put(trace,
		    json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:{s:s}}", "ph", "i", "name",
		              scenario->fault[step->record].id, "cat", "fault", "s",
		              slot ? "t" : "g", "pid", slot ? PID_WORKERS : PID_RUN, "tid",
		              slot ? step->slot : TID_SUPERVISOR, "ts",
		              us(history_fault_time(history, fault[i])), "args", "fault", safe));
	}
}

static int
by_task_and_time(const void *left, const void *right)
{
	const struct span *a = ((const struct placed *)left)->span,
			  *b = ((const struct placed *)right)->span;

	if (a->task != b->task)
		return a->task < b->task ? -1 : 1;
	return a->leased_at < b->leased_at ? -1 : a->leased_at > b->leased_at;
}

static void
put_flow(struct trace *trace, const char *phase, uint64_t id, const struct placed *at)
{
	put(trace,
	    json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:I, s:f}", "ph", phase, "name",
	              "next attempt", "cat", "retry", "bp", "e", "id", (json_int_t)id, "pid",
	              PID_WORKERS, "tid", (json_int_t)at->slot, "ts", us(at->span->begin_ns)));
}

/* An arrow from each attempt to the next one of the same task. */
static int
put_flows(struct trace *trace)
{
	const struct spans *spans = history_spans(trace->report->history);
	struct placed *all = calloc(spans->count + 1, sizeof(*all));
	size_t count = 0;

	if (all == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < spans->lanes; i++)
		for (size_t j = 0; j < spans->lane[i].count; j++)
			all[count++] = (struct placed){&spans->lane[i].span[j], i};
	qsort(all, count, sizeof(*all), by_task_and_time);
	for (size_t i = 1; i < count; i++) {
		if (all[i].span->task != all[i - 1].span->task)
			continue;
		put_flow(trace, "s", i, &all[i - 1]);
		put_flow(trace, "f", i, &all[i]);
	}
	free(all);
	return 0;
}

static int
put_counters(struct trace *trace)
{
	const struct history *history = trace->report->history;
	uint64_t count = history_count(history), step = count / SAMPLES + 1;
	struct moment *moment = NULL;
	int error = 0;

	for (uint64_t i = 0; error == 0 && i <= count;
	     i = i < count && i + step > count ? count : i + step) {
		const uint64_t *tasks;
		error = history_seek(history, &moment, i);
		if (error != 0)
			break;
		tasks = moment->counts.tasks;
		put(trace,
		    json_pack("{s:s, s:s, s:i, s:f, s:{s:I, s:I, s:I, s:I}}", "ph", "C", "name",
		              "tasks", "pid", PID_RUN, "ts", us(moment->now_ns), "args", "done",
		              (json_int_t)tasks[TASK_DONE], "leased",
		              (json_int_t)tasks[TASK_LEASED], "waiting",
		              (json_int_t)tasks[TASK_READY] + (json_int_t)tasks[TASK_BLOCKED],
		              "dead", (json_int_t)tasks[TASK_DEAD]));
	}
	moment_free(moment);
	return error;
}

int
report_trace(const struct report *report, FILE *out)
{
	const struct spans *spans = history_spans(report->history);
	struct trace trace = {.out = out, .report = report};
	int error;

	fputs("{\"displayTimeUnit\": \"ms\", \"traceEvents\": [", out);
	put_names(&trace);
	put_processes(&trace);
	for (uint32_t i = 0; i < spans->lanes; i++)
		for (size_t j = 0; j < spans->lane[i].count; j++)
			put_span(&trace, &spans->lane[i].span[j], i);
	put_faults(&trace);
	error = put_flows(&trace);
	if (error == 0)
		error = put_counters(&trace);
	fputs("\n]}\n", out);
	return trace.failed ? -ENOMEM : error;
}
