/* SPDX-License-Identifier: ISC
 *
 * Writing metrics, at most every few seconds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/metrics.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/save.h"

#define LOOK_NS (250 * NS_PER_MS)
#define EVERY_NS (2 * NS_PER_S)
#define LINE_BYTES_MAX 256

static const char *
path_of(const struct run *run, char path[PATH_MAX])
{
	const char *wanted = run->scenario.metrics;

	if (wanted[0] != '/')
		return rundir_file(&run->dir, wanted, path);
	strlcpy(path, wanted, PATH_MAX);
	return path;
}

/* The last success outlives the run that had it: what the file says now is taken over. */
static int64_t
read_last_success(const char *path, const char *name)
{
	char begin[160], line[LINE_BYTES_MAX];
	FILE *file = fopen(path, "re");
	int length = snprintf(begin, sizeof(begin),
	                      "batch_job_last_success_timestamp_seconds{scenario=\"%s\"} ", name);
	int64_t success_s = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, begin, (size_t)length) == 0)
			success_s = strtoll(line + length, NULL, 10);
	fclose(file);
	return success_s;
}

static int
read_date(const struct run *run, char date[16])
{
	struct store_run info;
	struct store *store;
	int error;

	strlcpy(date, run->scenario.job.logical_date, 16);
	if (date[0] != '\0')
		return 0;
	error = store_open_reader(&store, run->db);
	if (error != 0)
		return error;
	error = store_run_read(store, &info);
	store_close(store);
	if (error == 0)
		strlcpy(date, info.logical_date, 16);
	return error;
}

static int
write_prom(const void *document, FILE *out)
{
	return report_prom(document, out);
}

/* By way of a name of the run's own, so that its next life takes away what one that was killed has
 * left. */
static int
replace(const char *path, const struct report *report)
{
	char beside[PATH_MAX];

	if (snprintf(beside, sizeof(beside), "%s.%s.new", path, report->run->id) >= PATH_MAX)
		return -ENAMETOOLONG;
	return save_file_beside(path, beside, write_prom, report);
}

static int
write_state(const struct run *run, const struct history *history, const char *state,
            const struct verdict *verdict)
{
	char path[PATH_MAX], date[16];
	int error = read_date(run, date);
	struct report report = {.run = run,
	                        .history = history,
	                        .verdict = verdict,
	                        .state = state,
	                        .logical_date = date};

	if (error != 0)
		return error;
	path_of(run, path);
	report.last_success_s = read_last_success(path, run->scenario.name);
	return replace(path, &report);
}

static void
complain_of(const struct run *run, int error)
{
	char path[PATH_MAX];

	complain("cannot write the metrics %s: %s; the job goes on without", path_of(run, path),
	         strerror(-error));
}

static void
write_running(struct metrics *metrics)
{
	const struct run *run = metrics->run;
	int64_t error = 0;

	if (metrics->history == NULL)
		error = history_open(&metrics->history, &run->scenario, run->events, run->db);
	else
		error = history_refresh(metrics->history);
	if (error >= 0)
		error = write_state(run, metrics->history, "running", NULL);
	if (error < 0 && !metrics->complained)
		complain_of(run, (int)error);
	metrics->complained |= error < 0;
}

static void
on_event(void *context, const char *line)
{
	struct metrics *metrics = context;

	metrics->inner.event(metrics->inner.context, line);
	metrics->due_ns = 0; /* not now: somebody may be waiting for what follows */
}

static void
on_tick(void *context, const struct run *run, int64_t now_ns)
{
	struct metrics *metrics = context;

	if (now_ns >= metrics->inner_due_ns) {
		metrics->inner.tick(metrics->inner.context, run, now_ns);
		metrics->inner_due_ns = now_ns + metrics->inner.tick_ns;
	}
	if (now_ns < metrics->due_ns)
		return;
	write_running(metrics);
	metrics->due_ns = clock_now_ns() + EVERY_NS;
}

void
metrics_watch(struct metrics *metrics, const struct run *run, struct director_watch *watch)
{
	*metrics = (struct metrics){.run = run, .inner = *watch};
	if (run->scenario.metrics == NULL)
		return;
	metrics->inner_due_ns = clock_now_ns() + watch->tick_ns;
	watch->event = on_event;
	watch->tick = on_tick;
	watch->tick_ns = watch->tick_ns < LOOK_NS ? watch->tick_ns : LOOK_NS;
	watch->context = metrics;
	write_running(metrics);
}

void
metrics_fini(struct metrics *metrics)
{
	history_close(metrics->history);
}

void
metrics_end(const struct run *run, const char *state, const struct verdict *verdict)
{
	struct history *history;
	int error;

	if (run->scenario.metrics == NULL)
		return;
	error = history_open(&history, &run->scenario, run->events, run->db);
	if (error == 0) {
		error = write_state(run, history, state, verdict);
		history_close(history);
	}
	if (error != 0)
		complain_of(run, error);
}
