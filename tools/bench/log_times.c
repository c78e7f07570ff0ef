/* SPDX-License-Identifier: ISC
 *
 * How long things took in a run, from its event log and its plan of injected faults.
 *
 *     log_times RUN
 *
 * prints one JSON object: when the plan was sealed, the coordinator was ready, the first task was
 * leased and the job ended, in seconds from the start of the run; the log's events and bytes; for
 * each worker that was killed by a fault in the middle of a task, the milliseconds from the
 * injection until that task was leased again (`released_ms`); and the same for each supervisor
 * until its successor's first lease (`succeeded_ms`).
 */
#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/rundir/eventlog.h"
#include "sim/rundir/rundir.h"
#include "sim/util/clock.h"

#define KILLS_MAX 4096 /* in one run */

/* A fault was injected into the worker in the slot, or (CORE_NO_SLOT) the supervisor. */
struct injection {
	uint16_t slot;
	int64_t at_ns;
};

/* A task whose worker was killed at injected_ns. */
struct waiting {
	uint32_t task;
	int64_t injected_ns;
};

struct times {
	int64_t started_ns, sealed_ns, ready_ns, leased_ns, ended_ns;
	uint64_t events;
	struct injection injection[KILLS_MAX]; /* without a death yet */
	size_t injections;
	int64_t
	    supervisor_ns; /* it was killed then, and nothing was leased since; 0 = it was not */
	struct waiting waiting[KILLS_MAX];
	size_t waits;
	double released_ms[KILLS_MAX], succeeded_ms[KILLS_MAX];
	size_t released, succeeded;
};

static double
since_ms(int64_t from_ns, int64_t to_ns)
{
	return (double)(to_ns - from_ns) / (double)NS_PER_MS;
}

static void
read_injections(struct times *times, const char *run)
{
	char path[PATH_MAX], line[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", run, RUN_PLAN);
	file = fopen(path, "re");
	if (file == NULL && errno == ENOENT)
		return; /* no fault was injected */
	if (file == NULL)
		err(1, "%s", path);
	while (times->injections < KILLS_MAX && fgets(line, sizeof(line), file) != NULL) {
		json_t *entry = json_loads(line, 0, NULL);
		json_int_t slot = json_integer_value(json_object_get(entry, "slot"));
		json_int_t at_ns = json_integer_value(json_object_get(entry, "boottime_ns"));

		if (at_ns == 0)
			errx(1, "%s: a line without a time", path);
		times->injection[times->injections++] = (struct injection){
		    .slot = slot < 0 ? CORE_NO_SLOT : (uint16_t)slot, .at_ns = at_ns};
		json_decref(entry);
	}
	fclose(file);
}

/* When the fault was injected that a death now is the end of; 0 if none was. */
static int64_t
take_injection(struct times *times, uint16_t slot, int64_t now_ns)
{
	for (size_t i = 0; i < times->injections; i++) {
		struct injection found = times->injection[i];

		if (found.slot != slot || found.at_ns > now_ns)
			continue;
		times->injections--;
		memmove(&times->injection[i], &times->injection[i + 1],
		        (times->injections - i) * sizeof(found));
		return found.at_ns;
	}
	return 0;
}

static void
on_worker_exited(struct times *times, const struct core_step *step)
{
	int64_t injected_ns = take_injection(times, step->slot, step->at_ns);

	if (injected_ns != 0 && step->task != CORE_NO_TASK && times->waits < KILLS_MAX)
		times->waiting[times->waits++] =
		    (struct waiting){.task = step->task, .injected_ns = injected_ns};
}

static void
on_leased(struct times *times, const struct core_step *step)
{
	if (times->leased_ns == 0)
		times->leased_ns = step->at_ns;
	if (times->supervisor_ns != 0 && times->succeeded < KILLS_MAX)
		times->succeeded_ms[times->succeeded++] =
		    since_ms(times->supervisor_ns, step->at_ns);
	times->supervisor_ns = 0;
	for (size_t i = 0; i < times->waits; i++) {
		if (times->waiting[i].task != step->task)
			continue;
		if (times->released < KILLS_MAX)
			times->released_ms[times->released++] =
			    since_ms(times->waiting[i].injected_ns, step->at_ns);
		times->waiting[i] = times->waiting[--times->waits];
		return;
	}
}

static void
take(struct times *times, const struct core_step *step)
{
	switch (step->kind) {
	case NOTE_RUN_STARTED:
		if (times->started_ns == 0)
			times->started_ns = step->at_ns;
		break;
	case NOTE_PLAN_SEALED:
		if (times->sealed_ns == 0)
			times->sealed_ns = step->at_ns;
		break;
	case EV_PLAN_READY:
		if (times->ready_ns == 0)
			times->ready_ns = step->at_ns;
		break;
	case NOTE_SUPERVISOR_EXITED:
		times->supervisor_ns = take_injection(times, CORE_NO_SLOT, step->at_ns);
		break;
	case EV_WORKER_EXITED:
		on_worker_exited(times, step);
		break;
	case ACT_ASSIGN:
		on_leased(times, step);
		break;
	case ACT_JOB_ENDED:
		times->ended_ns = step->at_ns;
		break;
	default:
		break;
	}
}

static void
print_list(const char *name, const double *list, size_t count)
{
	printf(", \"%s\": [", name);
	for (size_t i = 0; i < count; i++)
		printf("%s%.6f", i > 0 ? ", " : "", list[i]);
	putchar(']');
}

static void
read_log(struct times *times, const char *run)
{
	struct eventlog_reader reader;
	struct logged record;
	char path[PATH_MAX];
	int more;

	snprintf(path, sizeof(path), "%s/%s", run, RUN_EVENTS);
	more = eventlog_reader_open(&reader, path);
	if (more != 0)
		errx(1, "%s: %s", path, strerror(-more));
	while ((more = eventlog_next(&reader, &record)) == 1)
		take(times, &record.step);
	times->events = reader.next;
	eventlog_reader_close(&reader);
	if (more != 0)
		errx(1, "%s: %s", path, strerror(-more));
	if (times->ended_ns == 0)
		errx(1, "%s: the job has not ended", path);
}

int
main(int argc, char **argv)
{
	static struct times times;

	if (argc != 2)
		errx(2, "usage: log_times RUN");
	read_injections(&times, argv[1]);
	read_log(&times, argv[1]);
	printf("{\"sealed_s\": %.9f, \"ready_s\": %.9f, \"leased_s\": %.9f, \"ended_s\": %.9f",
	       since_ms(times.started_ns, times.sealed_ns) / 1000,
	       since_ms(times.started_ns, times.ready_ns) / 1000,
	       since_ms(times.started_ns, times.leased_ns) / 1000,
	       since_ms(times.started_ns, times.ended_ns) / 1000);
	printf(", \"events\": %llu, \"bytes\": %llu", (unsigned long long)times.events,
	       (unsigned long long)(times.events * sizeof(struct logged)));
	print_list("released_ms", times.released_ms, times.released);
	print_list("succeeded_ms", times.succeeded_ms, times.succeeded);
	puts("}");
	return 0;
}
