/* SPDX-License-Identifier: ISC
 *
 * How long things took in a run, from its event log alone.
 *
 *     log_times RUN/events.log
 *
 * prints one JSON object: when the plan was sealed, the coordinator was ready, the first task was leased and the job
 * ended, in seconds from the start of the run; the log's events and bytes; for each worker that was killed by a
 * fault in the middle of a task, the milliseconds from the injection until that task was leased again
 * (`released_ms`); and the same for each supervisor until its successor's first lease (`succeeded_ms`).
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/rundir/eventlog.h"
#include "sim/util/clock.h"

#define SLOTS (CORE_SLOTS_MAX + 1)
#define WAITING_MAX 4096 /* kills in one run */

/* A task whose worker was killed at injected_ns. */
struct waiting {
	uint32_t task;
	int64_t injected_ns;
};

struct times {
	int64_t started_ns, sealed_ns, ready_ns, leased_ns, ended_ns;
	uint64_t events;
	int64_t killed_ns[SLOTS]; /* a fault killed the worker there; 0 = none since the last exit */
	int64_t supervisor_ns;    /* the same for the supervisor */
	struct waiting waiting[WAITING_MAX];
	size_t waits;
	double released_ms[WAITING_MAX], succeeded_ms[WAITING_MAX];
	size_t released, succeeded;
};

static double
since_ms(int64_t from_ns, int64_t to_ns)
{
	return (double)(to_ns - from_ns) / (double)NS_PER_MS;
}

/* A fault is noted when the death it caused is noticed, and before the death itself. */
static void
on_fault(struct times *times, const struct core_step *step)
{
	if (step->slot == CORE_NO_SLOT)
		times->supervisor_ns = (int64_t)step->value;
	else if (step->slot < SLOTS)
		times->killed_ns[step->slot] = (int64_t)step->value;
}

static void
on_worker_exited(struct times *times, const struct core_step *step)
{
	if (step->slot >= SLOTS || times->killed_ns[step->slot] == 0)
		return;
	if (step->task != CORE_NO_TASK && times->waits < WAITING_MAX)
		times->waiting[times->waits++] =
		    (struct waiting){.task = step->task, .injected_ns = times->killed_ns[step->slot]};
	times->killed_ns[step->slot] = 0;
}

static void
on_leased(struct times *times, const struct core_step *step)
{
	if (times->leased_ns == 0)
		times->leased_ns = step->at_ns;
	if (times->supervisor_ns != 0 && times->succeeded < WAITING_MAX)
		times->succeeded_ms[times->succeeded++] = since_ms(times->supervisor_ns, step->at_ns);
	times->supervisor_ns = 0;
	for (size_t i = 0; i < times->waits; i++) {
		if (times->waiting[i].task != step->task)
			continue;
		if (times->released < WAITING_MAX)
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
	case NOTE_FAULT:
		on_fault(times, step);
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

int
main(int argc, char **argv)
{
	static struct times times;
	struct eventlog_reader reader;
	struct logged record;
	int more;

	if (argc != 2)
		errx(2, "usage: log_times RUN/events.log");
	more = eventlog_reader_open(&reader, argv[1]);
	if (more != 0)
		errx(1, "%s: %s", argv[1], strerror(-more));
	while ((more = eventlog_next(&reader, &record)) == 1)
		take(&times, &record.step);
	times.events = reader.next;
	eventlog_reader_close(&reader);
	if (more != 0)
		errx(1, "%s: %s", argv[1], strerror(-more));
	if (times.ended_ns == 0)
		errx(1, "%s: the job has not ended", argv[1]);
	printf("{\"sealed_s\": %.9f, \"ready_s\": %.9f, \"leased_s\": %.9f, \"ended_s\": %.9f",
	       since_ms(times.started_ns, times.sealed_ns) / 1000, since_ms(times.started_ns, times.ready_ns) / 1000,
	       since_ms(times.started_ns, times.leased_ns) / 1000, since_ms(times.started_ns, times.ended_ns) / 1000);
	printf(", \"events\": %llu, \"bytes\": %llu", (unsigned long long)times.events,
	       (unsigned long long)(times.events * sizeof(struct logged)));
	print_list("released_ms", times.released_ms, times.released);
	print_list("succeeded_ms", times.succeeded_ms, times.succeeded);
	puts("}");
	return 0;
}
