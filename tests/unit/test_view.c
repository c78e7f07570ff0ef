/* SPDX-License-Identifier: ISC
 *
 * The screens of a made-up run: what stands on them at three sizes, that one moment has one screen,
 * and that they can be drawn at any size.  GOLDEN_WRITE=1 writes tests/data/screens anew.
 */
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/store/store.h"
#include "sim/util/clock.h"
#include "sim/util/tree.h"
#include "tui/screen/terminal.h"
#include "tui/view/draw.h"
#include "tui/view/keys.h"

#define CHUNKS 12
#define CHUNK_RECORDS 100
#define TASKS (CHUNKS + 1)
#define BOOT_NS (5000 * NS_PER_S) /* the log's clock when it began */
#define PRINTED_MAX (256 * 1024)

static const char scenario_text[] =
    "scenario: 1\n"
    "name: made-up\n"
    "about: A worker dies, another falls silent, and then the supervisor is killed.\n"
    "seed: 7\n"
    "limits: {wall: 60s, workers: 4}\n"
    "job: {kind: aggregate, generate: {sales: 1200 records}, key: product, sum: [qty], chunk: 100 "
    "records}\n"
    "workers: {count: 3}\n"
    "faults:\n"
    "  - {id: k1, at: worker.before_commit, nth: 5, kill: self}\n"
    "  - {id: z1, when: progress >= 50%, pause: w1, for: 3s}\n"
    "  - {id: s1, when: progress >= 75%, kill: supervisor}\n"
    "expect:\n"
    "  - job: done\n"
    "  - records: exactly_once\n"
    "  - takeovers: \">= 1\"\n"
    "  - retries: 0\n"
    "  - recovery: <= 1s\n";

static struct {
	char folder[64], events[96], db[96];
	int log;
	uint64_t count;
	struct scenario scenario;
	struct history *history;
	char printed[2][PRINTED_MAX];
} run;

/* --- the made-up run */

static void
note(int ms, unsigned generation, struct core_step step)
{
	step.at_ns = BOOT_NS + ms * NS_PER_MS;
	assert_int_equal(eventlog_append(run.log, run.count++, &step, generation), 0);
}

static void
worker(int ms, unsigned generation, unsigned kind, unsigned slot, uint64_t value)
{
	note(ms, generation,
	     (struct core_step){.kind = (uint8_t)kind,
	                        .slot = (uint16_t)slot,
	                        .incarnation = 1,
	                        .task = CORE_NO_TASK,
	                        .value = value});
}

static void
task(int ms, unsigned generation, unsigned kind, unsigned slot, uint32_t number, uint64_t value)
{
	uint32_t later = number == 4 && ms > 900;

	note(ms, generation,
	     (struct core_step){.kind = (uint8_t)kind,
	                        .slot = (uint16_t)slot,
	                        .incarnation = slot == 1 && ms > 900 && ms < 2250 ? 2 : 1,
	                        .task = number,
	                        .epoch = 1 + later,
	                        .value = value});
}

static void
fault(int ms, unsigned number, unsigned slot, uint64_t evidence)
{
	uint64_t at_ns = (uint64_t)(BOOT_NS + ms * NS_PER_MS);

	note(ms, 1,
	     (struct core_step){.kind = NOTE_FAULT,
	                        .slot = (uint16_t)slot,
	                        .task = CORE_NO_TASK,
	                        .record = number,
	                        .value = at_ns});
	note(ms, 1,
	     (struct core_step){.kind = NOTE_FAULT_LANDED,
	                        .slot = (uint16_t)slot,
	                        .task = CORE_NO_TASK,
	                        .record = number,
	                        .value = evidence});
}

static void
supervisor(int ms, unsigned generation)
{
	note(ms, generation,
	     (struct core_step){.kind = NOTE_GENERATION,
	                        .task = CORE_NO_TASK,
	                        .epoch = generation,
	                        .value = 1000 + generation,
	                        .record = 1795274943});
	note(ms, generation,
	     (struct core_step){.kind = NOTE_PLAN_SEALED,
	                        .task = CORE_NO_TASK,
	                        .record = TASKS,
	                        .value = CHUNKS * CHUNK_RECORDS});
	note(ms, generation,
	     (struct core_step){.kind = EV_TASK_RESTORED,
	                        .task = CHUNKS,
	                        .epoch = 1,
	                        .value = core_restored(TASK_READY, 1, 0, false)});
	if (generation > 1)
		for (uint32_t i = 0; i < CHUNKS - 1; i++)
			if (i != 8)
				note(ms, generation,
				     (struct core_step){
					 .kind = EV_TASK_RESTORED,
					 .task = i,
					 .epoch = 1 + (i == 4),
					 .value = core_restored(TASK_DONE, 0, i == 4, false)});
	note(ms, generation, (struct core_step){.kind = EV_PLAN_READY, .task = CORE_NO_TASK});
	for (unsigned slot = 0; slot < 3; slot++)
		worker(ms, generation, ACT_SPAWN, slot, 0);
}

static void
first_generation(void)
{
	supervisor(5, 1);
	for (unsigned slot = 0; slot < 3; slot++)
		worker(50, 1, EV_WORKER_JOINED, slot, 2000 + slot);
	for (unsigned slot = 0; slot < 3; slot++)
		task(50, 1, ACT_ASSIGN, slot, slot, 1);
	for (unsigned slot = 0; slot < 3; slot++) {
		task(500 + 50 * (int)slot, 1, EV_TASK_DONE, slot, slot, 0);
		task(500 + 50 * (int)slot, 1, ACT_ASSIGN, slot, 3 + slot, 1);
	}
	fault(900, 0, 1, 9);
	note(900, 1,
	     (struct core_step){.kind = EV_WORKER_EXITED,
	                        .slot = 1,
	                        .incarnation = 1,
	                        .task = 4,
	                        .epoch = 1,
	                        .record = CORE_NO_RECORD,
	                        .value = 9});
	note(900, 1,
	     (struct core_step){.kind = ACT_FENCE,
	                        .slot = 1,
	                        .task = 4,
	                        .epoch = 1,
	                        .cause = CAUSE_CRASH,
	                        .value = 1});
	note(900, 1,
	     (struct core_step){
		 .kind = ACT_SPAWN, .slot = 1, .incarnation = 2, .task = CORE_NO_TASK});
	task(905, 1, EV_TASK_FENCED, 0, 4, 0);
	task(905, 1, ACT_RETRY, 0, 4, 0);
	note(930, 1,
	     (struct core_step){.kind = EV_WORKER_JOINED,
	                        .slot = 1,
	                        .incarnation = 2,
	                        .task = CORE_NO_TASK,
	                        .value = 2003});
	task(930, 1, ACT_ASSIGN, 1, 4, 2);
	task(1000, 1, EV_TASK_DONE, 0, 3, 0);
	task(1000, 1, ACT_ASSIGN, 0, 6, 1);
	task(1100, 1, EV_TASK_DONE, 2, 5, 0);
	task(1100, 1, ACT_ASSIGN, 2, 7, 1);
	task(1400, 1, EV_TASK_DONE, 1, 4, 0);
	task(1400, 1, ACT_ASSIGN, 1, 8, 1);
	task(1500, 1, EV_TASK_DONE, 0, 6, 0);
	task(1500, 1, ACT_ASSIGN, 0, 9, 1);
	fault(1600, 1, 1, 4991);
	task(1650, 1, EV_TASK_DONE, 2, 7, 0);
	task(1650, 1, ACT_ASSIGN, 2, 10, 1);
	task(2100, 1, ACT_SUSPECT, 1, 8, (uint64_t)(500 * NS_PER_MS));
	task(2150, 1, EV_TASK_DONE, 0, 9, 0);
	task(2150, 1, ACT_ASSIGN, 0, 11, 1);
	task(2200, 1, EV_TASK_DONE, 2, 10, 0);
}

static void
second_generation(void)
{
	fault(2250, 2, CORE_NO_SLOT, 9);
	note(2250, 1,
	     (struct core_step){.kind = NOTE_SUPERVISOR_EXITED, .task = CORE_NO_TASK, .value = 9});
	supervisor(2300, 2);
	for (unsigned slot = 0; slot < 3; slot++)
		worker(2350, 2, EV_WORKER_JOINED, slot, 2010 + slot);
	task(2350, 2, ACT_ASSIGN, 0, 8, 1);
	task(2350, 2, ACT_ASSIGN, 1, 11, 1);
	task(2800, 2, EV_TASK_DONE, 0, 8, 0);
	task(2900, 2, EV_TASK_DONE, 1, 11, 0);
	task(2900, 2, ACT_ASSIGN, 0, CHUNKS, 1);
	note(3000, 2,
	     (struct core_step){
		 .kind = NOTE_OUTPUT_WRITTEN, .task = CORE_NO_TASK, .record = 4711, .value = 17});
	task(3010, 2, EV_TASK_DONE, 0, CHUNKS, 0);
	note(
	    3010, 2,
	    (struct core_step){.kind = ACT_JOB_ENDED, .task = CORE_NO_TASK, .value = OUTCOME_DONE});
	note(3020, 2,
	     (struct core_step){.kind = NOTE_RUN_ENDED,
	                        .task = CORE_NO_TASK,
	                        .value = OUTCOME_DONE,
	                        .record = 1795274946});
}

static void
make_plan(void)
{
	const struct store_run row = {.id = "made-up", .name = "made-up"};
	struct plan_summary summary = {.tasks = TASKS, .records = CHUNKS * CHUNK_RECORDS};
	struct store *store;

	assert_int_equal(store_create(run.db, DURABILITY_PROCESS, &row), 0);
	assert_int_equal(store_open(&store, run.db, DURABILITY_PROCESS, 0), 0);
	assert_int_equal(store_begin(store), 0);
	for (uint32_t i = 0; i < TASKS; i++) {
		struct task_plan plan = {.task = i, .stage = i == CHUNKS};
		plan.first = i == CHUNKS ? 0 : i * CHUNK_RECORDS;
		plan.records = i == CHUNKS ? 0 : CHUNK_RECORDS;
		assert_int_equal(store_plan_put(store, &plan), 0);
	}
	assert_int_equal(store_plan_seal(store, &summary), 0);
	assert_int_equal(store_commit(store), 0);
	store_close(store);
}

static int
set_up(void **state)
{
	uint64_t count, repaired;

	setlocale(LC_CTYPE, "C.UTF-8");
	strlcpy(run.folder, "/tmp/graveshift-test-view-XXXXXX", sizeof(run.folder));
	assert_non_null(mkdtemp(run.folder));
	snprintf(run.events, sizeof(run.events), "%s/events.log", run.folder);
	snprintf(run.db, sizeof(run.db), "%s/run.db", run.folder);
	assert_int_equal(scenario_load_text(&run.scenario, "made-up", scenario_text,
	                                    sizeof(scenario_text) - 1, NULL, 0, stderr),
	                 0);
	make_plan();
	run.log = eventlog_open(run.events, &count, &repaired);
	assert_true(run.log >= 0);
	note(0, 0,
	     (struct core_step){.kind = NOTE_RUN_STARTED,
	                        .task = CORE_NO_TASK,
	                        .value = 1000,
	                        .record = 1795274943});
	first_generation();
	second_generation();
	close(run.log);
	assert_int_equal(history_open(&run.history, &run.scenario, run.events, run.db), 0);
	history_refresh(run.history);
	assert_int_equal(history_count(run.history), run.count);
	return 0;
}

static int
tear_down(void **state)
{
	history_close(run.history);
	scenario_fini(&run.scenario);
	tree_remove(run.folder);
	return 0;
}

/* --- screens */

static void
open_view(struct view *view, int rows, int columns)
{
	assert_int_equal(view_init(view, run.history, false), 0);
	view_resize(view, rows, columns);
}

/* The screen as text, in one of two places. */
static const char *
screen(const struct view *view, int place)
{
	struct grid grid;
	FILE *out = fmemopen(run.printed[place], PRINTED_MAX, "w");

	assert_non_null(out);
	assert_int_equal(grid_init(&grid, view->rows, view->columns, false), 0);
	view_draw(view, &grid);
	grid_print_text(&grid, out);
	assert_int_equal(fclose(out), 0);
	grid_fini(&grid);
	return run.printed[place];
}

static void
press(struct view *view, const char *keys)
{
	for (; *keys != '\0'; keys++)
		view_key(view, (uint32_t)*keys);
}

static void
assert_shows(const struct view *view, const char *text)
{
	if (strstr(screen(view, 0), text) == NULL)
		fail_msg("no '%s' on:\n%s", text, run.printed[0]);
}

static void
compare_golden(const char *name, const char *shown)
{
	char path[PATH_MAX];
	FILE *file;
	size_t length;

	snprintf(path, sizeof(path), "tests/data/screens/%s.txt", name);
	if (getenv("GOLDEN_WRITE") != NULL) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(shown, file);
		assert_int_equal(fclose(file), 0);
		return;
	}
	file = fopen(path, "r");
	if (file == NULL)
		fail_msg("no %s: run from the project's folder", path);
	length = fread(run.printed[1], 1, PRINTED_MAX - 1, file);
	run.printed[1][length] = '\0';
	fclose(file);
	if (strcmp(run.printed[1], shown) != 0)
		fail_msg("%s differs; shown is:\n%s", path, shown);
}

static void
test_golden_screens(void **state)
{
	static const struct {
		const char *name;
		int rows, columns;
	} sizes[] = {{"40x10", 10, 40}, {"80x24", 24, 80}, {"120x40", 40, 120}};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view view;
		open_view(&view, sizes[i].rows, sizes[i].columns);
		view_go_time(&view, 2200 * NS_PER_MS);
		compare_golden(sizes[i].name, screen(&view, 0));
		view_fini(&view);
	}
}

static void
test_one_moment_has_one_screen_whichever_way_one_came(void **state)
{
	struct view view;
	char *seen[512];
	uint64_t count = history_count(run.history);

	assert_true(count < 512);
	open_view(&view, 40, 120);
	for (uint64_t i = 0; i <= count; i++, press(&view, "."))
		assert_non_null(seen[i] = strdup(screen(&view, 0)));
	assert_string_equal(screen(&view, 0), seen[count]); /* there is nothing behind the end */
	for (uint64_t i = count + 1; i-- > 0; press(&view, ","))
		assert_string_equal(screen(&view, 0), seen[i]);
	press(&view, "G");
	assert_string_equal(screen(&view, 0), seen[count]);
	press(&view, "g");
	assert_string_equal(screen(&view, 0), seen[0]);
	for (uint64_t i = 0; i <= count; i++, press(&view, ".")) {
		assert_string_equal(screen(&view, 0), seen[i]);
		if (i > 0)
			assert_string_not_equal(seen[i], seen[i - 1]);
	}
	for (uint64_t i = 0; i <= count; i++)
		free(seen[i]);
	view_fini(&view);
}

static void
test_any_size_can_be_drawn(void **state)
{
	static const int sizes[][2] = {{1, 1},    {2, 7},    {3, 20},   {5, 33},
	                               {10, 40},  {14, 50},  {20, 60},  {24, 80},
	                               {28, 110}, {40, 120}, {60, 200}, {100, 300}};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view view;
		open_view(&view, sizes[i][0], sizes[i][1]);
		for (int page = '1'; page <= '7'; page++) {
			view_go_time(&view, 2200 * NS_PER_MS);
			view_key(&view, (uint32_t)page);
			screen(&view, 0);
			press(&view, "jjll\t\n\t?");
			screen(&view, 0);
			press(&view, "?g");
			screen(&view, 0);
		}
		press(&view, "1\033");
		view_go_time(&view, 2200 * NS_PER_MS);
		if (sizes[i][1] >= 6)
			assert_shows(&view, sizes[i][0] == 1 ? "made" : "? help");
		if (sizes[i][0] >= 7 && sizes[i][1] >= 40)
			assert_shows(&view, "BALANCED");
		view_fini(&view);
	}
}

static void
test_books_that_do_not_balance_are_an_alarm(void **state)
{
	struct view view;

	open_view(&view, 24, 120);
	view_go_time(&view, 2200 * NS_PER_MS);
	assert_shows(&view, "BOOKS 1200 records in = 1000 committed + 200 leased + 0 waiting");
	assert_shows(&view, " BALANCED");
	view.past->sums.committed--;
	assert_shows(&view, "DO NOT BALANCE");
	view_fini(&view);
}

static void
test_keys_go_to_faults_times_tasks_and_words(void **state)
{
	struct view view;

	open_view(&view, 40, 120);
	press(&view, "]");
	assert_shows(&view, "t 0.900 s");
	press(&view, "]");
	assert_shows(&view, "t 1.600 s");
	press(&view, "]]");
	assert_shows(&view, "no fault comes after this");
	press(&view, "[[");
	assert_shows(&view, "t 0.900 s");
	press(&view, "t1.25\n");
	assert_shows(&view, "t 1.250 s");
	press(&view, "tsoon\n");
	assert_shows(&view, "a time is a number of seconds");
	press(&view, "/#8\n");
	assert_shows(&view, "#8 is selected");
	press(&view, "}");
	assert_shows(&view, "t 1.400 s");
	assert_shows(&view, "selected: task #8");
	press(&view, "/w2\n");
	assert_shows(&view, "selected: worker w2");
	press(&view, "/w9\n");
	assert_shows(&view, "nobody ever was in w9");
	press(&view, "/99\n");
	assert_shows(&view, "there is no task #99");
	press(&view, "g/nonesuch\n");
	assert_shows(&view, "no later event has nonesuch");
	press(&view, "/typ\177\177\177\033");
	assert_int_equal(view.prompt, PROMPT_NONE);
	press(&view, "q");
	assert_true(view.quit);
	view_fini(&view);
}

static void
test_what_does_not_fit_can_be_scrolled_to(void **state)
{
	struct view view;

	open_view(&view, 10, 40);
	view_go_time(&view, 3 * NS_PER_S);
	press(&view, "6");
	assert_shows(&view, "job: done");
	assert_shows(&view, "+3 more (Down)");
	press(&view, "jjj");
	assert_shows(&view, "s1: kill supervisor");
	press(&view, "kkkk");
	assert_shows(&view, "job: done");
	press(&view, "7jj");
	assert_null(strstr(screen(&view, 0), "process"));
	press(&view, "7");
	assert_shows(&view, "process");
	press(&view, "?");
	assert_shows(&view, "more lines: Down, PgDn");
	for (int i = 0; i < 20; i++)
		view_key(&view, TERMINAL_PAGE_DOWN);
	assert_shows(&view, "task number 17");
	assert_shows(&view, "the end");
	view_fini(&view);
}

static void
test_what_is_still_to_come_is_not_shown(void **state)
{
	struct view view;

	open_view(&view, 40, 120);
	view_go_time(&view, 49 * NS_PER_MS); /* in the column in which the first leases will be */
	assert_shows(&view, "w0   start  rr ");
	view_go_time(&view, 899 * NS_PER_MS);
	assert_null(strstr(screen(&view, 0), "1K"));
	assert_null(strstr(screen(&view, 0), "landed"));
	assert_shows(&view, "FAULTS                           ");
	assert_shows(&view, "    next k1 in 1 ms\n");
	view_go_time(&view, 900 * NS_PER_MS);
	assert_shows(&view, "1K");
	assert_shows(&view, "landed k1");
	view_fini(&view);
}

static void
test_arrows_and_enter_go_where_one_looks(void **state)
{
	struct view view;

	open_view(&view, 40, 120);
	view_go_time(&view, 2200 * NS_PER_MS);
	press(&view, "jjj"); /* three workers: there is no fourth */
	assert_shows(&view, "selected: worker w2");
	press(&view, "\tll\n");
	assert_int_equal(view.page, PAGE_STORY);
	assert_shows(&view, "selected: task #2");
	press(&view, "2k\n");
	assert_shows(&view, "selected: worker w1");
	assert_shows(&view, "1.400  try 1 of #8: at work");
	assert_shows(&view, "0.550  try 1 of #4: crashed after 350 ms (fault k1)");
	press(&view, "1\tj");
	assert_int_not_equal(view.event, VIEW_LATEST);
	press(&view, "jjj\n"); /* to the fourth event from the latest */
	assert_true(view.now_ns < 2100 * NS_PER_MS);
	press(&view, "3h");
	assert_int_equal(view.task, 1);
	view_fini(&view);
}

static void
test_events_of_one_worker(void **state)
{
	struct view view;

	open_view(&view, 40, 120);
	view_go_time(&view, 2200 * NS_PER_MS);
	press(&view, "j5ff");
	assert_shows(&view, "what happened to #0");
	press(&view, "f");
	assert_shows(&view, "what happened to w1");
	assert_shows(&view, "w1 was killed by SIGKILL in task 4");
	assert_null(strstr(screen(&view, 0), "w2"));
	assert_null(strstr(screen(&view, 0), "w0"));
	press(&view, "f");
	assert_shows(&view, "what happens and why, latest first");
	view_fini(&view);
}

static void
test_panes_are_gone_through_both_ways(void **state)
{
	struct view view;

	open_view(&view, 40, 120);
	press(&view, "\t");
	assert_int_equal(view.focus, FOCUS_TASKS);
	view_key(&view, TERMINAL_BACK_TAB);
	assert_int_equal(view.focus, FOCUS_WORKERS);
	view_key(&view, TERMINAL_BACK_TAB);
	assert_int_equal(view.focus, FOCUS_EVENTS);
	view_fini(&view);
}

static void
test_what_comes_next_is_known_in_a_replay(void **state)
{
	struct view view;

	open_view(&view, 24, 80);
	view_go_time(&view, 400 * NS_PER_MS);
	assert_shows(&view, "next k1 in 500 ms");
	assert_shows(&view, "TAPE |");
	press(&view, "]");
	assert_shows(&view, "next z1 in 700 ms");
	press(&view, "G");
	assert_null(strstr(screen(&view, 0), "next "));
	/* The ledger's, and what only the board counts. */
	press(&view, "6");
	assert_shows(&view, "report records: exactly_once");
	view_fini(&view);
}

static void
test_a_run_is_told(void **state)
{
	struct view view;

	open_view(&view, 30, 100);
	assert_int_equal(view_tell(&view), 0);
	assert_null(strstr(screen(&view, 0), "sealed"));
	view_go_time(&view, 899 * NS_PER_MS);
	assert_shows(&view, "The plan is on disk and sealed: 1,200 records in 12 chunks");
	assert_null(strstr(screen(&view, 0), "kill -9"));
	view_go_time(&view, 900 * NS_PER_MS);
	assert_shows(&view, "Fault k1: kill -9 hits w1");
	view_go_time(&view, 1700 * NS_PER_MS);
	assert_shows(&view, "Fault z1: w1 is stopped");
	press(&view, "[[");
	assert_null(strstr(screen(&view, 0), "Fault z1: w1 is stopped"));
	press(&view, "2");
	assert_null(strstr(screen(&view, 0), "what is going on"));
	view_fini(&view);
}

static void
test_time_goes_on_while_it_plays(void **state)
{
	struct view view;

	open_view(&view, 24, 80);
	view.speed = 0;
	view_tick(&view, NS_PER_S, 0);
	assert_int_equal(view.now_ns, 0);
	press(&view, " ");
	view_tick(&view, NS_PER_S, 0);
	assert_int_equal(view.now_ns, NS_PER_S);
	press(&view, ">");
	view_tick(&view, 500 * NS_PER_MS, 0);
	assert_int_equal(view.now_ns, 2 * NS_PER_S);
	press(&view, "<<");
	view_tick(&view, 200 * NS_PER_MS, 0);
	assert_int_equal(view.now_ns, 2100 * NS_PER_MS);
	view_tick(&view, 60 * NS_PER_S, 0);
	assert_int_equal(view.now_ns, history_end(run.history));
	assert_false(view.playing);
	press(&view, " "); /* from the beginning again */
	assert_int_equal(view.now_ns, 0);
	assert_true(view.playing);
	view_fini(&view);
}

/* As if the run went on, with worker w1 in task 8. */
static struct moment *
go_on(struct view *view)
{
	struct moment *now = (struct moment *)history_newest(run.history);

	view->watch = view->may_ask = true;
	view->source = SOURCE_LIVE;
	now->slot[1].pid = 4711;
	now->slot[1].held = 1;
	now->lease[now->credit] = 8;
	return now;
}

static void
test_a_fault_by_hand_happens_only_on_y(void **state)
{
	struct view view;
	struct moment *now;

	open_view(&view, 24, 80);
	now = go_on(&view);
	press(&view, "G/w1\nK");
	assert_shows(&view, "kill -9 w1 (pid 4711), in #8? y/N");
	press(&view, "n");
	assert_shows(&view, "nothing was done");
	assert_string_equal(view.request, "");
	press(&view, "K\033");
	assert_string_equal(view.request, "");
	press(&view, "Ky");
	assert_string_equal(view.request, "inject kill: w1");
	press(&view, "Py");
	assert_string_equal(view.request, "inject {pause: w1, for: 2s}");
	press(&view, "X");
	assert_shows(&view, "damage the next frame to w1 (pid 4711), in #8? y/N");
	press(&view, "y/#8\nKy"); /* its holder */
	assert_string_equal(view.request, "inject kill: w1");
	view.request[0] = '\0';
	press(&view, "K");
	now->slot[1].pid = 4712;
	press(&view, "y");
	assert_shows(&view, "another worker is there by now");
	assert_string_equal(view.request, "");
	now->slot[1].pid = now->slot[1].held = 0;
	press(&view, "K");
	assert_shows(&view, "nobody holds this task now");
	view_fini(&view);
}

static void
test_only_a_live_run_can_be_hurt(void **state)
{
	struct view view;
	struct moment *now;

	open_view(&view, 24, 80);
	press(&view, "G/w1\nK");
	assert_shows(&view, "what is over cannot be changed");
	now = go_on(&view);
	view.may_ask = false;
	press(&view, "S");
	assert_shows(&view, "--readonly: nothing is done to the run from here");
	assert_string_equal(view.request, "");
	view.may_ask = true;
	view.source = SOURCE_DESERTED;
	press(&view, "P");
	assert_shows(&view, "nobody runs this run now");
	assert_int_equal(view.prompt, PROMPT_NONE);
	now->slot[1].pid = now->slot[1].held = 0;
	view_fini(&view);
}

static void
test_the_script_is_held_stepped_and_let_go(void **state)
{
	struct view view;
	struct moment *now, *seen;

	open_view(&view, 24, 120);
	now = go_on(&view);
	press(&view, "S");
	assert_string_equal(view.request, "script hold");
	press(&view, "s");
	assert_string_equal(view.request, "script step");
	seen = (struct moment *)view.moment;
	now->script_held = seen->script_held = true;
	seen->due = 1u << 1;
	assert_shows(&view, "SCRIPT HELD: z1 due");
	press(&view, "S");
	assert_string_equal(view.request, "script go");
	now->script_held = seen->script_held = false;
	seen->due = 0;
	now->slot[1].pid = now->slot[1].held = 0;
	view_fini(&view);
}

static void
test_each_key_is_in_the_table_once_and_in_the_help(void **state)
{
	struct view view;

	open_view(&view, 100, 120);
	press(&view, "?");
	for (size_t i = 0; i < key_row_count; i++) {
		assert_shows(&view, key_rows[i].help);
		for (size_t j = 0; j < 3 && key_rows[i].key[j] != 0; j++)
			assert_int_equal(key_command(key_rows[i].key[j]), key_rows[i].command);
	}
	assert_shows(&view, "the end");
	view_fini(&view);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_golden_screens),
	    cmocka_unit_test(test_one_moment_has_one_screen_whichever_way_one_came),
	    cmocka_unit_test(test_any_size_can_be_drawn),
	    cmocka_unit_test(test_books_that_do_not_balance_are_an_alarm),
	    cmocka_unit_test(test_keys_go_to_faults_times_tasks_and_words),
	    cmocka_unit_test(test_what_is_still_to_come_is_not_shown),
	    cmocka_unit_test(test_arrows_and_enter_go_where_one_looks),
	    cmocka_unit_test(test_what_does_not_fit_can_be_scrolled_to),
	    cmocka_unit_test(test_events_of_one_worker),
	    cmocka_unit_test(test_panes_are_gone_through_both_ways),
	    cmocka_unit_test(test_what_comes_next_is_known_in_a_replay),
	    cmocka_unit_test(test_a_run_is_told),
	    cmocka_unit_test(test_time_goes_on_while_it_plays),
	    cmocka_unit_test(test_a_fault_by_hand_happens_only_on_y),
	    cmocka_unit_test(test_only_a_live_run_can_be_hurt),
	    cmocka_unit_test(test_the_script_is_held_stepped_and_let_go),
	    cmocka_unit_test(test_each_key_is_in_the_table_once_and_in_the_help),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("view", tests, set_up, tear_down);
}
