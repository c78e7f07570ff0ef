/* SPDX-License-Identifier: ISC
 *
 * How long a viewer waits: a made-up log is opened, and then any record of it is gone to.
 *
 *     history_speed [EVENTS]
 *
 * prints seconds to open, milliseconds of the slowest of 200 seeks to drawn records, of the slowest
 * of 2,000 single steps back, and bytes of memory.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/history/history.h"
#include "sim/store/store.h"
#include "sim/util/clock.h"

#define SLOTS 16
#define SEEKS 200
#define STEPS 2000
#define EVENTS_OF_A_TASK 3 /* leased, a beat, done */

struct writer {
	FILE *file;
	uint64_t number;
	int64_t now_ns;
};

static void
put(struct writer *writer, struct core_step step)
{
	struct logged logged;

	memset(&logged, 0, sizeof(logged));
	writer->now_ns += 10000;
	step.at_ns = writer->now_ns;
	logged.step = step;
	logged.generation = 1;
	eventlog_seal(&logged, writer->number++);
	if (fwrite(&logged, sizeof(logged), 1, writer->file) != 1)
		err(1, "write");
}

static void
put_note(struct writer *writer, enum core_kind kind, uint64_t record, uint64_t value)
{
	put(writer, (struct core_step){.kind = (uint8_t)kind,
	                               .slot = CORE_NO_SLOT,
	                               .task = CORE_NO_TASK,
	                               .epoch = 1,
	                               .record = record,
	                               .value = value});
}

static void
put_task(struct writer *writer, uint32_t task)
{
	struct core_step step = {.kind = ACT_ASSIGN,
	                         .slot = (uint16_t)(task % SLOTS),
	                         .incarnation = 1,
	                         .task = task,
	                         .epoch = 1,
	                         .value = 1};

	put(writer, step);
	step.kind = EV_BEAT;
	put(writer, step);
	step.kind = EV_TASK_DONE;
	step.value = 0;
	put(writer, step);
}

static void
write_log(const char *path, uint32_t tasks)
{
	struct writer writer = {.now_ns = NS_PER_S};
	uint64_t count, repaired;
	int fd = eventlog_open(path, &count, &repaired);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0 || (writer.file = fdopen(fd, "r+")) == NULL)
		err(1, "%s", path);
	fseek(writer.file, 0, SEEK_END);
	put_note(&writer, NOTE_RUN_STARTED, 1, 1);
	put_note(&writer, NOTE_GENERATION, 1, 1);
	put_note(&writer, NOTE_PLAN_SEALED, tasks, tasks);
	put_note(&writer, EV_PLAN_READY, 0, 0);
	for (uint16_t slot = 0; slot < SLOTS; slot++) {
		put(&writer,
		    (struct core_step){
			.kind = ACT_SPAWN, .slot = slot, .incarnation = 1, .task = CORE_NO_TASK});
		put(&writer, (struct core_step){.kind = EV_WORKER_JOINED,
		                                .slot = slot,
		                                .incarnation = 1,
		                                .task = CORE_NO_TASK,
		                                .value = 1});
	}
	for (uint32_t task = 0; task < tasks; task++)
		put_task(&writer, task);
	if (fclose(writer.file) != 0)
		err(1, "%s", path);
}

static void
write_plan(const char *path, uint32_t tasks)
{
	struct store_run run = {.id = "0123456789abcdef", .name = "bench"};
	struct plan_summary summary = {.tasks = tasks, .records = tasks};
	struct store *store;
	int error = store_create(path, DURABILITY_PROCESS, &run);

	if (error == 0)
		error = store_open(&store, path, DURABILITY_PROCESS, 1000);
	if (error == 0)
		error = store_begin(store);
	for (uint32_t i = 0; error == 0 && i < tasks; i++)
		error =
		    store_plan_put(store, &(struct task_plan){.task = i, .first = i, .records = 1});
	if (error == 0)
		error = store_plan_seal(store, &summary);
	if (error == 0)
		error = store_commit(store);
	if (error != 0)
		errx(1, "%s: %s", path, strerror(-error));
	store_close(store);
}

static void
must(int error)
{
	if (error != 0)
		errx(1, "history: %s", strerror(-error));
}

static double
slowest_ms(const struct history *history, bool back)
{
	uint64_t count = history_count(history), at = count;
	struct moment *moment = NULL;
	int64_t slowest_ns = 0;

	must(history_seek(history, &moment, at));
	for (int i = 0; i < (back ? STEPS : SEEKS); i++) {
		int64_t start_ns = clock_now_ns();
		at = back ? at - 1 : (uint64_t)random() % count;
		must(history_seek(history, &moment, at));
		if (clock_now_ns() - start_ns > slowest_ns)
			slowest_ns = clock_now_ns() - start_ns;
		if (moment->applied != at || !moment_books(moment).balanced)
			errx(1, "record %llu: the moment is wrong", (unsigned long long)at);
	}
	moment_free(moment);
	return (double)slowest_ns / (double)NS_PER_MS;
}

int
main(int argc, char **argv)
{
	const char *error = NULL;
	uint32_t events =
	    (uint32_t)(argc > 1 ? strtonum(argv[1], 100, 100000000, &error) : 1000000);
	char folder[] = "/tmp/history_speed.XXXXXX", log[64], db[64];
	struct scenario scenario = {.core = {.slots = SLOTS, .credit = 2}};
	struct history *history;
	struct rusage usage;
	double open_s, seek_ms, back_ms;
	int64_t start_ns;

	if (error || argc > 2)
		errx(2, "usage: history_speed [EVENTS]");
	if (mkdtemp(folder) == NULL)
		err(1, "%s", folder);
	snprintf(log, sizeof(log), "%s/events.log", folder);
	snprintf(db, sizeof(db), "%s/run.db", folder);
	write_log(log, events / EVENTS_OF_A_TASK);
	write_plan(db, events / EVENTS_OF_A_TASK);
	start_ns = clock_now_ns();
	must(history_open(&history, &scenario, log, db));
	open_s = (double)(clock_now_ns() - start_ns) / (double)NS_PER_S;
	seek_ms = slowest_ms(history, false);
	back_ms = slowest_ms(history, true);
	history_close(history);
	unlink(log);
	unlink(db);
	rmdir(folder);
	getrusage(RUSAGE_SELF, &usage);
	printf("%.3f %.3f %.3f %ld\n", open_s, seek_ms, back_ms, usage.ru_maxrss * 1024);
	return 0;
}
