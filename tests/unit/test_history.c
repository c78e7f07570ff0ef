/* SPDX-License-Identifier: ISC
 *
 * The history of a run.  Jobs of the coordinator's small world are logged as a supervisor would,
 * and after each step what was folded from the log is held against the coordinator itself.  The
 * same logs, as files, are then walked in all directions.
 *
 *     test_history RUN...
 * checks the logs of real runs instead, against their stores; tests/e2e/history.t calls it so.
 */
#include "tests/unit/core_model.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sim/history/history.h"
#include "sim/history/recovery.h"
#include "sim/history/why.h"
#include "sim/process/run_setup.h"
#include "sim/store/store.h"

#define SEEDS 120
#define STEPS_MAX 200000

/* A log on its way: what was logged, and what it has led to. */
struct recording {
	struct core_model *model; /* whose graph the scenario's is */
	struct scenario scenario;
	struct plan plan;
	struct plan_task plan_task[TASKS_MAX];
	struct moment *moment;
	struct spans spans;
	struct logged *log;
	uint64_t count;
	uint32_t generation;
	bool planned;
	uint64_t fences, losses,
	    spans_seen; /* a recording in which nothing happens proves nothing */
};

static void
record_step(struct recording *recording, const struct core_step *step)
{
	struct logged *logged = &recording->log[recording->count];
	char text[512];

	assert_true(recording->count < STEPS_MAX);
	*logged = (struct logged){.step = *step, .generation = recording->generation};
	why_text(recording->moment, logged, text, sizeof(text));
	assert_true(text[0] != '\0' && strlen(text) < sizeof(text) - 1);
	moment_apply(recording->moment, logged);
	assert_int_equal(
	    spans_apply(&recording->spans, logged, recording->count, recording->moment), 0);
	recording->count++;
}

static void
record_note(struct recording *recording, int64_t at_ns, enum core_kind kind, uint32_t epoch,
            uint64_t record, uint64_t value)
{
	struct core_step step = {.at_ns = at_ns,
	                         .kind = (uint8_t)kind,
	                         .slot = CORE_NO_SLOT,
	                         .task = CORE_NO_TASK,
	                         .epoch = epoch,
	                         .record = record,
	                         .value = value};

	record_step(recording, &step);
}

/* The plan of a model: every task has all its records, in its stage. */
static void
recording_open(struct recording *recording, const struct core_model *model)
{
	const struct core_config *config = &model->driver.config;

	recording->scenario.core = *config;
	recording->plan = (struct plan){.task = recording->plan_task, .tasks = config->tasks};
	for (uint32_t i = 0; i < config->tasks; i++)
		recording->plan_task[i] =
		    (struct plan_task){.first = i * RECORDS,
		                       .records = RECORDS,
		                       .origin = i,
		                       .stage = (uint8_t)model->tasks[i].stage};
	recording->moment = moment_new(&recording->plan, &recording->scenario);
	assert_non_null(recording->moment);
	assert_int_equal(spans_init(&recording->spans, config->slots + 1, config->credit), 0);
}

static uint64_t
records_of_stage_0(const struct recording *recording)
{
	uint64_t records = 0;

	for (uint32_t i = 0; i < recording->plan.tasks; i++)
		records += recording->plan_task[i].stage == 0 ? RECORDS : 0;
	return records;
}

static void
on_begun(struct core_model *model, void *context)
{
	struct recording *recording = context;
	int64_t now_ns = model->driver.now_ns;

	if (recording->moment == NULL)
		recording_open(recording, model);
	recording->generation++;
	recording->planned = false;
	if (recording->count == 0)
		record_note(recording, now_ns, NOTE_RUN_STARTED, 0, 1, 100);
	else
		record_note(recording, now_ns, NOTE_SUPERVISOR_EXITED, 0, 0, 9);
	record_note(recording, now_ns, NOTE_GENERATION, recording->generation, 1, 101);
	record_note(recording, now_ns, NOTE_PLAN_SEALED, 0, model->driver.config.tasks,
	            records_of_stage_0(recording));
}

static void
compare_tasks(const struct recording *recording, const struct core *core)
{
	const struct moment *moment = recording->moment;

	for (uint32_t i = 0; i < moment->tasks; i++) {
		const struct moment_task *task = &moment->task[i];
		struct core_task_view view = core_task(core, i);
		assert_int_equal(moment_task_state(moment, i), view.state);
		/* A real store raises the epoch of what it buries. */
		if (view.state != TASK_DEAD || task->epoch != view.epoch + 1)
			assert_int_equal(task->epoch, view.epoch);
		assert_int_equal(task->attempt - task->tried_before, view.attempt);
		if (view.state == TASK_LEASED)
			assert_int_equal(task->holder, view.slot);
	}
	for (unsigned i = 0; i < TASK_STATES; i++)
		assert_int_equal(moment->counts.tasks[i], core_stats(core)->tasks[i]);
}

static void
compare_slots(const struct recording *recording, const struct core *core)
{
	static const uint8_t states[SLOT_PHASES] = {
	    [PHASE_EMPTY] = SLOT_ABSENT,
	    [PHASE_STARTING] = SLOT_STARTING,
	    [PHASE_UP] = SLOT_UP,
	    [PHASE_SILENT] = SLOT_UP,
	    [PHASE_KILLED] = SLOT_KILLING,
	    [PHASE_FENCED] = SLOT_FENCED,
	    [PHASE_DRAINING] = SLOT_LEAVING,
	    [PHASE_RESTING] = SLOT_RESTING,
	    [PHASE_QUARANTINED] = SLOT_QUARANTINED,
	};

	for (uint16_t i = 0; i + 1u < recording->moment->slots; i++) {
		const struct moment_slot *slot = &recording->moment->slot[i];
		struct core_slot_view view = core_slot(core, i);
		/* That nobody is to follow a worker that died is not in the log. */
		if (view.state != SLOT_ABSENT || slot->phase != PHASE_RESTING)
			assert_int_equal(states[slot->phase], view.state);
		assert_int_equal(slot->held, view.held);
		assert_int_equal(slot->incarnation, view.incarnation);
	}
}

static void
check_books(const struct recording *recording)
{
	struct books books = moment_books(recording->moment);

	assert_true(books.balanced);
	assert_int_equal(books.in, records_of_stage_0(recording));
}

static void
on_told(struct core_model *model, const struct core_step *event, void *context)
{
	struct recording *recording = context;
	const struct driver *driver = &model->driver;
	struct core_step step = *event;

	step.at_ns = driver->now_ns;
	record_step(recording, &step);
	check_books(recording);
	recording->planned |= event->kind == EV_PLAN_READY;
	for (size_t i = 0; i < driver->count; i++)
		record_step(recording, &driver->actions[i]);
	check_books(recording);
	recording->fences += acted(driver, ACT_FENCE);
	if (!recording->planned)
		return;
	compare_tasks(recording, driver->core);
	compare_slots(recording, driver->core);
}

static void
check_lanes(const struct spans *spans)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < spans->lanes; i++) {
		const struct span_lane *lane = &spans->lane[i];
		count += lane->count;
		for (size_t j = 0; j < lane->count; j++) {
			const struct span *span = &lane->span[j];
			assert_true(span->begin_ns <= span->end_ns);
			assert_true(j == 0 || lane->span[j - 1].end_ns <= span->begin_ns);
			assert_true((span->ended_at == UINT64_MAX) == (span->how == SPAN_AT_WORK));
			if (span->end_ns > span->begin_ns)
				assert_ptr_equal(span_find(lane, span->begin_ns), span);
		}
	}
	assert_int_equal(count, spans->count);
	assert_true(spans->count <= spans->leases);
}

static struct recording *
recording_new(uint64_t seed)
{
	struct recording *recording = calloc(1, sizeof(*recording));
	struct core_model *model = malloc(sizeof(*model));
	struct totals totals = {0};

	assert_non_null(recording);
	assert_non_null(model);
	recording->log = calloc(STEPS_MAX, sizeof(*recording->log));
	assert_non_null(recording->log);
	model_run(model,
	          (struct model_options){.seed = seed,
	                                 .audits = AUDITS_NONE,
	                                 .begun = on_begun,
	                                 .told = on_told,
	                                 .context = recording},
	          &totals);
	recording->model = model;
	return recording;
}

static void
recording_free(struct recording *recording)
{
	moment_free(recording->moment);
	spans_fini(&recording->spans);
	free(recording->log);
	free(recording->model);
	free(recording);
}

static void
test_moment_is_what_the_coordinator_knows(void **state)
{
	uint64_t fences = 0, lost = 0, spans = 0, taken = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct recording *recording = recording_new(seed);
		check_lanes(&recording->spans);
		fences += recording->fences;
		spans += recording->spans.count;
		lost += recording->moment->counts.supervisors_lost;
		for (uint32_t i = 0; i < recording->spans.lanes; i++)
			for (size_t j = 0; j < recording->spans.lane[i].count; j++)
				taken += recording->spans.lane[i].span[j].how != SPAN_DONE;
		recording_free(recording);
	}
	assert_true(fences > 1000 && lost > 10 && spans > 3000 && taken > 1000);
}

/* --- as files */

struct files {
	char folder[64], events[96], db[96];
	int fd;
	uint64_t written;
};

static void
files_open(struct files *files, const struct recording *recording)
{
	struct store_run run = {.id = "0123456789abcdef", .name = "made-up"};
	struct plan_summary summary = {.tasks = recording->plan.tasks};
	struct store *store;
	uint64_t repaired;

	strlcpy(files->folder, "/tmp/test_history.XXXXXX", sizeof(files->folder));
	assert_non_null(mkdtemp(files->folder));
	snprintf(files->events, sizeof(files->events), "%s/events.log", files->folder);
	snprintf(files->db, sizeof(files->db), "%s/run.db", files->folder);
	assert_int_equal(store_create(files->db, DURABILITY_PROCESS, &run), 0);
	assert_int_equal(store_open(&store, files->db, DURABILITY_PROCESS, 1000), 0);
	assert_int_equal(store_begin(store), 0);
	for (uint32_t i = 0; i < recording->plan.tasks; i++) {
		struct task_plan task = {.task = i,
		                         .stage = recording->plan_task[i].stage,
		                         .first = recording->plan_task[i].first,
		                         .records = recording->plan_task[i].records,
		                         .offset = 10 * i,
		                         .length = 10};
		assert_int_equal(store_plan_put(store, &task), 0);
		summary.records += task.stage == 0 ? task.records : 0;
	}
	assert_int_equal(store_plan_seal(store, &summary), 0);
	assert_int_equal(store_commit(store), 0);
	store_close(store);
	files->written = 0;
	files->fd = eventlog_open(files->events, &files->written, &repaired);
	assert_true(files->fd >= 0);
}

static void
files_write(struct files *files, const struct recording *recording, uint64_t until)
{
	for (; files->written < until; files->written++) {
		const struct logged *logged = &recording->log[files->written];
		assert_int_equal(
		    eventlog_append(files->fd, files->written, &logged->step, logged->generation),
		    0);
	}
}

static void
files_close(struct files *files)
{
	char path[128];

	close(files->fd);
	unlink(files->events);
	for (const char *const *end = (const char *const[]){"", "-wal", "-shm", NULL}; *end != NULL;
	     end++) {
		snprintf(path, sizeof(path), "%s%s", files->db, *end);
		unlink(path);
	}
	assert_int_equal(rmdir(files->folder), 0);
}

/* Fields are compared, not bytes: those between them may be anything.  What is added to one of
 * these structures is missed by the sizes. */
#define SAME(field) assert_int_equal(a->field, b->field);
#define SIZE(field) +sizeof(a->field)
#define ALL_SAME(FIELDS, rest)                                                                  \
	do {                                                                                    \
		_Static_assert(sizeof(*a) - (0 FIELDS(SIZE)) == (rest), "a field is left out"); \
		FIELDS(SAME)                                                                    \
	} while (0)

/* clang-format off */
#define FAULT_FIELDS(F) F(injected_ns) F(landed_ns) F(evidence) F(landed) F(slot)
#define SLOT_FIELDS(F) F(since_ns) F(beat_ns) F(moved_ns) F(progress) F(done) F(incarnation) \
	F(deaths) F(pid) F(phase) F(held) F(passed) F(joiner)
#define TASK_FIELDS(F) F(since_ns) F(until_ns) F(records) F(epoch) F(twin) F(copy_epoch) F(dead) \
	F(copy_holder) F(holder) F(state) F(wait) F(attempt) F(tried_before) F(cause) F(copy)
#define BOOKS_FIELDS(F) F(in) F(committed) F(leased) F(waiting) F(dead) F(skipped) F(balanced)
#define MOMENT_FIELDS(F) F(applied) F(now_ns) F(offset_ns) F(coordinator_ns) F(headless_ns) \
	F(wall_s) F(wall_at_ns) F(phase) F(outcome) F(generation) F(director_pid) \
	F(supervisor_pid) F(tasks) F(records) F(slots) F(credit) F(power_lost) F(script_held) \
	F(due) F(stage) F(room) F(size)
/* clang-format on */

static void
assert_equal_faults(const struct moment_fault *a, const struct moment_fault *b)
{
	ALL_SAME(FAULT_FIELDS, 2);
}

static void
assert_equal_slots(const struct moment_slot *a, const struct moment_slot *b)
{
	ALL_SAME(SLOT_FIELDS, 0);
}

static void
assert_equal_tasks(const struct moment_task *a, const struct moment_task *b)
{
	ALL_SAME(TASK_FIELDS, 6);
	SAME(asked)
	SAME(lost)
	SAME(was_done)
}

static void
assert_equal_books(const struct books *a, const struct books *b)
{
	ALL_SAME(BOOKS_FIELDS, 7);
}

/* Where their parts lie in memory says nothing, and what there is to say of plan and scenario is
 * not theirs. */
static void
assert_equal_heads(const struct moment *a, const struct moment *b)
{
	enum {
		POINTERS = 5 * sizeof(void *),
		PARTS = sizeof(a->counts) + sizeof(a->sums) + sizeof(a->unfinished) +
		        sizeof(a->ready) + sizeof(a->fault),
		BETWEEN = 6 + 4 + 4
	};

	ALL_SAME(MOMENT_FIELDS, POINTERS + PARTS + BETWEEN);
	/* Numbers of 64 bits: nothing is between them. */
	assert_memory_equal(&a->counts, &b->counts, sizeof(a->counts));
	assert_memory_equal(a->unfinished, b->unfinished, sizeof(a->unfinished));
	assert_memory_equal(a->ready, b->ready, sizeof(a->ready));
}

static void
assert_equal_moments(const struct moment *a, const struct moment *b)
{
	assert_equal_heads(a, b);
	assert_equal_books(&a->sums, &b->sums);
	for (size_t i = 0; i < SCENARIO_FAULTS_MAX; i++)
		assert_equal_faults(&a->fault[i], &b->fault[i]);
	for (uint32_t i = 0; i < a->slots; i++) {
		assert_equal_slots(&a->slot[i], &b->slot[i]);
		assert_memory_equal(&a->lease[i * a->credit], &b->lease[i * b->credit],
		                    a->slot[i].held * sizeof(a->lease[0]));
	}
	for (uint32_t i = 0; i < a->room; i++)
		assert_equal_tasks(&a->task[i], &b->task[i]);
}

/* From record to record in one go, and to the same places in any order. */
static void
check_walk(const struct history *history)
{
	uint64_t count = history_count(history), step = count / 97 + 1;
	struct moment *forward = NULL, *jumping = NULL;
	struct rng chance;

	rng_init(&chance, count);
	for (uint64_t i = 0; i <= count; i += step) {
		assert_int_equal(history_seek(history, &forward, i), 0);
		assert_int_equal(forward->applied, i);
		assert_int_equal(history_seek(history, &jumping, rng_upto(&chance, count)), 0);
		assert_int_equal(history_seek(history, &jumping, i), 0);
		assert_equal_moments(forward, jumping);
		assert_true(moment_books(forward).balanced);
		assert_true(i == 0 || history_time(history, i - 1) == forward->now_ns);
	}
	assert_int_equal(history_seek(history, &forward, UINT64_MAX), 0);
	assert_equal_moments(forward, history_newest(history));
	moment_free(forward);
	moment_free(jumping);
}

static void
check_jumps(const struct history *history)
{
	uint64_t count = history_count(history);
	size_t faults;

	history_faults(history, &faults);
	for (uint64_t i = history_next_fault(history, 0); i != UINT64_MAX;
	     i = history_next_fault(history, i + 1)) {
		assert_int_equal(history_record(history, i)->step.kind, NOTE_FAULT);
		assert_int_equal(history_previous_fault(history, i + 1), i);
		assert_true(history_fault_time(history, i) <= history_time(history, i));
		faults--;
	}
	assert_int_equal(faults, 0);
	assert_int_equal(history_previous_fault(history, 0), UINT64_MAX);
	assert_int_equal(history_at(history, -1), 0);
	assert_int_equal(history_at(history, history_end(history)), count);
	for (uint64_t i = 0; i < count; i += count / 13 + 1) {
		uint64_t at = history_at(history, history_time(history, i));
		assert_true(at > i);
		assert_true(at == count || history_time(history, at) > history_time(history, i));
	}
	for (uint64_t i = history_next_of_task(history, 0, 0); i != UINT64_MAX;
	     i = history_next_of_task(history, i + 1, 0)) {
		assert_int_equal(history_record(history, i)->step.task, 0);
		assert_int_equal(history_previous_of_task(history, i + 1, 0), i);
	}
}

static void
test_any_way_leads_to_the_same_moment(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct recording *recording = recording_new(seed);
		struct history *history;
		struct files files;

		files_open(&files, recording);
		files_write(&files, recording, recording->count);
		assert_int_equal(
		    history_open(&history, &recording->scenario, files.events, files.db), 0);
		assert_int_equal(history_count(history), recording->count);
		assert_equal_moments(history_newest(history), recording->moment);
		check_walk(history);
		check_jumps(history);
		check_lanes(history_spans(history));
		history_close(history);
		files_close(&files);
		recording_free(recording);
	}
}

/* Somebody writes while we read, and the last record is torn now and then. */
static void
test_log_that_grows(void **state)
{
	struct recording *recording = recording_new(3);
	struct history *history, *whole;
	struct files files;
	struct rng chance;

	rng_init(&chance, 3);
	files_open(&files, recording);
	assert_int_equal(history_open(&history, &recording->scenario, files.events, files.db), 0);
	assert_int_equal(history_count(history), 0);
	while (files.written < recording->count) {
		uint64_t until = files.written + rng_upto(&chance, 40);
		until = until < recording->count ? until : recording->count;
		files_write(&files, recording, until);
		assert_true(pwrite(files.fd, "torn", 4, lseek(files.fd, 0, SEEK_END)) == 4);
		assert_true(history_refresh(history) >= 0);
		assert_int_equal(history_count(history), until);
		assert_int_equal(history_newest(history)->applied, until);
	}
	assert_int_equal(history_open(&whole, &recording->scenario, files.events, files.db), 0);
	assert_equal_moments(history_newest(history), history_newest(whole));
	check_walk(history);
	assert_int_equal(history_spans(history)->count, history_spans(whole)->count);
	history_close(history);
	history_close(whole);
	files_close(&files);
	recording_free(recording);
}

/* A machine that was started anew between two lives: its clock began at zero. */
static void
test_time_never_goes_back(void **state)
{
	struct recording *recording = recording_new(1);
	struct moment *moment = recording->moment;
	int64_t end_ns = moment->now_ns;
	uint64_t wall_s = moment->wall_s + (uint64_t)((end_ns - moment->wall_at_ns) / SEC);

	record_note(recording, 5 * SEC, NOTE_RUN_STARTED, 0, wall_s + 60, 100);
	assert_true(moment->now_ns >= end_ns + 59 * SEC && moment->now_ns <= end_ns + 61 * SEC);
	record_note(recording, 6 * SEC, NOTE_GENERATION, 99, 0, 101);
	assert_true(moment->now_ns >= end_ns + 60 * SEC && moment->now_ns <= end_ns + 62 * SEC);
	recording_free(recording);
}

/* Whatever stands in a log: a strange picture, and no more. */
static void
test_log_that_lies(void **state)
{
	struct recording *recording = recording_new(2);
	struct rng chance;
	char text[512];

	rng_init(&chance, 2);
	for (size_t i = 0; i < 200000; i++) {
		struct logged logged = recording->log[rng_upto(&chance, recording->count - 1)];
		struct core_step *step = &logged.step;
		step->kind = (uint8_t)rng_upto(&chance, CORE_KINDS);
		step->slot = (uint16_t)rng_upto(&chance, recording->moment->slots + 1);
		step->value = rng_upto(&chance, 3) == 0 ? UINT64_MAX : step->value;
		step->record = rng_upto(&chance, 3) == 0 ? UINT64_MAX : step->record;
		step->incarnation = (uint32_t)rng_upto(&chance, 3);
		why_text(recording->moment, &logged, text, sizeof(text));
		moment_apply(recording->moment, &logged);
		assert_int_equal(spans_apply(&recording->spans, &logged, i, recording->moment), 0);
	}
	recording_free(recording);
}

/* --- real runs */

struct comparison {
	const struct moment *moment;
	uint32_t tasks;
	bool durable;
};

static int
compare_row(void *context, const struct store_task_row *row)
{
	struct comparison *comparison = context;
	const struct moment_task *task = &comparison->moment->task[row->plan.task];
	uint8_t state = task->state == TASK_LEASED ? TASK_READY : task->state;

	assert_true(row->plan.task < comparison->moment->tasks);
	assert_int_equal(state, row->state);
	assert_int_equal(task->epoch, row->epoch);
	comparison->tasks++;
	return 0;
}

/* I10: what the log has led to is what the store has. */
static void
check_store(const struct history *history, const char *db)
{
	struct comparison comparison = {.moment = history_newest(history)};
	struct store *store;

	assert_int_equal(store_open_reader(&store, db), 0);
	assert_int_equal(store_tasks_read(store, 0, compare_row, &comparison), 0);
	assert_int_equal(comparison.tasks, comparison.moment->tasks);
	store_close(store);
}

/* What the list of recoveries adds up to is what the run's numbers count. */
static void
check_recoveries(const struct history *history)
{
	const struct moment_counts *counts = &history_newest(history)->counts;
	struct recoveries recoveries;
	uint64_t again = 0;
	int64_t longest_ns = 0;

	assert_int_equal(recoveries_find(&recoveries, history), 0);
	for (size_t i = 0; i < recoveries.count; i++) {
		again += recoveries.item[i].again;
		if (recoveries.item[i].longest_ns > longest_ns)
			longest_ns = recoveries.item[i].longest_ns;
	}
	assert_int_equal(again, counts->recoveries);
	assert_int_equal(longest_ns, counts->recovery_longest_ns);
	recoveries_free(&recoveries);
}

static void
test_real_run(void **state)
{
	struct history *history;
	struct store_run info;
	char error[256];
	struct run run;

	run_init(&run);
	assert_int_equal(rundir_open(&run.dir, *state, error, sizeof(error)), 0);
	assert_int_equal(run_load(&run, NULL, 0), 0);
	assert_int_equal(run_reopen(&run, &info, false), 0);
	assert_int_equal(history_open(&history, &run.scenario, run.events, run.db), 0);
	assert_true(history_count(history) > 10);
	check_walk(history);
	check_jumps(history);
	check_lanes(history_spans(history));
	check_store(history, run.db);
	check_recoveries(history);
	history_close(history);
	run_fini(&run);
}

static int
check_runs(int count, char **runs)
{
	struct CMUnitTest *tests = calloc((size_t)count, sizeof(*tests));
	int failed;

	assert_non_null(tests);
	for (int i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){
		    .name = runs[i], .test_func = test_real_run, .initial_state = runs[i]};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests("runs", tests, (size_t)count, NULL, NULL);
	free(tests);
	return failed;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moment_is_what_the_coordinator_knows),
	    cmocka_unit_test(test_any_way_leads_to_the_same_moment),
	    cmocka_unit_test(test_log_that_grows),
	    cmocka_unit_test(test_time_never_goes_back),
	    cmocka_unit_test(test_log_that_lies),
	};

	if (argc > 1)
		return check_runs(argc - 1, argv + 1);
	return RUN_TAP(tests);
}
