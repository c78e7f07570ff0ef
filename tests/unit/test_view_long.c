/* SPDX-License-Identifier: ISC
 *
 * Replay of a run of a million events, played in the virtual world: forward to the end, back to the
 * start and forward again, every screen is the same whichever way one came there.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <xxhash.h>

#include "sim/process/run_setup.h"
#include "sim/util/tree.h"
#include "sim/virtual/playing.h"
#include "tui/view/view.h"

#define EVENTS 1000000
#define PLACES 40
#define PRINTED_MAX (1u << 16)

static const char scenario_text[] =
    "scenario: 1\nname: million\nabout: A test.\nseed: 11\nworld: virtual\n"
    "limits: {wall: 1000s, workers: 8}\n"
    "job: {kind: noop, tasks: 20000 tasks, work: 50ms}\n"
    "workers: {count: 6, restart: {max: 1000, within: 10s}}\n"
    "recovery:\n  retry: {attempts: 9, backoff: 1ms..5ms}\n"
    "  heartbeat: {every: 1ms, suspect: 100ms, dead: 2s}\n"
    "faults:\n"
    "  - {id: k, after: 10ms, every: 970ms, times: 150, kill: any}\n"
    "  - {id: s, when: progress >= 40%, kill: supervisor}\n"
    "  - {id: p, when: progress >= 70%, pause: any, for: 3s}\n"
    "expect: [{job: done}]\n";

struct fixture {
	char folder[64];
	struct run run;
	struct playing playing;
	struct history *history;
	struct view view;
	char *printed;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char path[96];

	*state = fixture;
	setlocale(LC_CTYPE, "C.UTF-8");
	fixture->printed = malloc(PRINTED_MAX);
	strlcpy(fixture->folder, "/tmp/graveshift-test-view-long.XXXXXX", sizeof(fixture->folder));
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(path, sizeof(path), "%s/run", fixture->folder);
	run_init(&fixture->run);
	assert_int_equal(scenario_load_text(&fixture->run.scenario, "million", scenario_text,
	                                    sizeof(scenario_text) - 1, NULL, 0, stderr),
	                 0);
	assert_int_equal(playing_init(&fixture->playing, &fixture->run), 0);
	assert_int_equal(playing_keep(&fixture->run, path, "million"), 0);
	assert_int_equal(playing_play(&fixture->playing, false, NULL, true), 0);
	assert_int_equal(playing_history(&fixture->playing, &fixture->history), 0);
	assert_int_equal(view_init(&fixture->view, fixture->history, false), 0);
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	view_fini(&fixture->view);
	history_close(fixture->history);
	playing_fini(&fixture->playing);
	run_fini(&fixture->run);
	tree_remove(fixture->folder);
	free(fixture->printed);
	free(fixture);
	return 0;
}

/* All of the screen but whether it is being played. */
static uint64_t
screen(struct fixture *fixture)
{
	struct view *view = &fixture->view;
	FILE *out = fmemopen(fixture->printed, PRINTED_MAX, "w");
	bool playing = view->playing;
	struct grid grid;
	long length;

	view->playing = false;
	assert_int_equal(grid_init(&grid, view->rows, view->columns, false), 0);
	view_draw(view, &grid);
	view->playing = playing;
	grid_print_text(&grid, out);
	length = ftell(out);
	assert_int_equal(fclose(out), 0);
	grid_fini(&grid);
	return XXH64(fixture->printed, (size_t)length, 0);
}

static void
press(struct fixture *fixture, const char *keys)
{
	for (; *keys != '\0'; keys++)
		view_key(&fixture->view, (uint32_t)*keys);
}

/* Plays from the beginning to the end, in so many pictures. */
static void
play(struct fixture *fixture, uint64_t seen[PLACES + 1])
{
	struct view *view = &fixture->view;
	int64_t end_ns = history_end(fixture->history);

	press(fixture, "g");
	seen[0] = screen(fixture);
	for (int i = 1; i <= PLACES; i++) {
		view->playing = true;
		view->speed = 0;
		view_tick(view, end_ns * i / PLACES - view->now_ns, 0);
		seen[i] = screen(fixture);
	}
	assert_int_equal(view->now_ns, end_ns);
	assert_false(view->playing);
}

static void
test_every_page_is_the_same_whichever_way_one_came(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first[PLACES + 1], again[PLACES + 1];
	int64_t end_ns = history_end(fixture->history);

	assert_true(history_count(fixture->history) >= EVENTS);
	view_resize(&fixture->view, 40, 120);
	for (char page = '1'; page <= '6'; page++) {
		view_key(&fixture->view, (uint32_t)page);
		play(fixture, first);
		for (int i = PLACES; i >= 0; i--) {
			view_go_time(&fixture->view, end_ns * i / PLACES);
			if (i == 0)
				press(fixture, "g");
			again[i] = screen(fixture);
		}
		assert_memory_equal(first, again, sizeof(first));
		play(fixture, again);
		assert_memory_equal(first, again, sizeof(first));
	}
}

static void
test_steps_and_leaps_lead_back(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first[PLACES + 1];
	int places = 0;

	press(fixture, "1g");
	first[0] = screen(fixture);
	while (places < PLACES) {
		uint64_t at = fixture->view.at;
		press(fixture, "]");
		if (fixture->view.at == at)
			break;
		first[++places] = screen(fixture);
	}
	assert_true(places > PLACES / 2);
	press(fixture, "Gg");
	for (int i = 1; i <= places; i++) {
		press(fixture, "].,..,,");
		assert_int_equal(screen(fixture), first[i]);
	}
	for (int i = places - 1; i > 0; i--) {
		press(fixture, "[");
		assert_int_equal(screen(fixture), first[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_page_is_the_same_whichever_way_one_came),
	    cmocka_unit_test(test_steps_and_leaps_lead_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("view_long", tests, set_up, tear_down);
}
