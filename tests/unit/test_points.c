/* SPDX-License-Identifier: ISC
 *
 * Counting how often points are reached: over a whole run, and on from one life to the next.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/life.h"

#define RECORDS 500
#define TASKS (RECORDS / 50 + 1) /* one combines the others' results */

static const char text[] =
    "scenario: 1\n"
    "name: counted\n"
    "about: a test\n"
    "job: {kind: aggregate, generate: {sales: 500 records}, key: product, sum: [qty, price],"
    " chunk: 50 records}\n"
    "workers: {count: 2}\n"
    "expect: [job: done]\n";

static struct scenario scenario; /* one without faults, unless a test says otherwise */

static void
reach_all(struct fault_area *area, struct hit_log *hits)
{
	fault_self = (struct fault_self){.scenario = &scenario, .area = area, .hits = hits};
	for (int point = 0; point < POINTS; point++)
		point_reach((enum point)point);
	fault_self.area = NULL;
}

static void
test_hits_are_counted_everywhere_when_asked_for_and_nowhere_else(void **state)
{
	struct fault_area *area = calloc(1, sizeof(*area));
	struct hit_log *hits = hits_new(2 * POINTS);

	fault_arm(&scenario, area);
	reach_all(area, NULL);
	for (int point = 0; point < POINTS; point++)
		assert_int_equal(atomic_load(&area->hits[point]), 0);
	fault_self.hits = hits;
	fault_arm(&scenario, area);
	reach_all(area, hits);
	reach_all(area, hits);
	for (int point = 0; point < POINTS; point++)
		assert_int_equal(atomic_load(&area->hits[point]), 2);
	assert_int_equal(hits->count, 2 * POINTS);
	for (int point = 0; point < POINTS; point++)
		assert_int_equal(hits->hit[POINTS + point].point, point);
	fault_self.hits = NULL;
	hits_free(hits);
	free(area);
}

static void
test_what_happened_before_there_was_a_board_moves_into_it(void **state)
{
	static const struct scenario one = {.faults = 1};
	struct fault_area *early = calloc(1, sizeof(*early)), *area = calloc(1, sizeof(*area));

	atomic_store(&early->hits[POINT_DIRECTOR_AFTER_LOCK], 3);
	assert_int_equal(fault_early_begin(&one, "/nonexistent/plan.jsonl", early), 0);
	atomic_fetch_add(&early->fault[0].landed, 1);
	atomic_store(&early->fault[0].evidence, 77);
	atomic_store(&early->fault[0].requested, 1);
	atomic_store(&area->hits[POINT_DIRECTOR_AFTER_LOCK], 2); /* what early began with */
	atomic_store(&area->fault[0].landed, 4);
	fault_early_end(&one, early, area);
	assert_int_equal(atomic_load(&area->hits[POINT_DIRECTOR_AFTER_LOCK]), 3);
	assert_int_equal(atomic_load(&area->fault[0].landed), 5);
	assert_int_equal(atomic_load(&area->fault[0].evidence), 77);
	assert_int_equal(atomic_load(&area->fault[0].requested), 1);
	free(early);
	free(area);
}

/* --- a whole run */

static char folder[64];

static int
make_folder(void **state)
{
	strlcpy(folder, "/tmp/graveshift-test_points.XXXXXX", sizeof(folder));
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	char *paths[] = {folder, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	while ((entry = fts_read(tree)) != NULL)
		if (entry->fts_info != FTS_D)
			remove(entry->fts_path);
	return fts_close(tree);
}

static int
first_life(const char *path, const struct life *life)
{
	char file[128];
	struct run run;
	FILE *out;
	int code;

	snprintf(file, sizeof(file), "%s/counted.yaml", folder);
	out = fopen(file, "we");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(life_prepare(&run, file, NULL, 0, path), 0);
	code = life_first(&run, life);
	run_fini(&run);
	return code;
}

static void
count_hits(const struct hit_log *log, uint64_t hits[POINTS])
{
	memset(hits, 0, POINTS * sizeof(hits[0]));
	assert_in_range(log->count, 1, log->room);
	for (uint32_t i = 0; i < log->count; i++)
		hits[log->hit[i].point]++;
}

static void
test_a_run_is_counted_from_its_first_point_to_its_last(void **state)
{
	static const struct {
		enum point point;
		uint64_t first, next; /* hits after the first life, and after one more */
	} wanted[] = {
	    {POINT_DIRECTOR_AFTER_DIRECTORY, 1, 1},    {POINT_DIRECTOR_AFTER_LOCK, 1, 2},
	    {POINT_DIRECTOR_BEFORE_SCENARIO, 1, 1},    {POINT_DIRECTOR_AFTER_INPUT, 1, 1},
	    {POINT_DIRECTOR_AFTER_BOARD, 1, 2},        {POINT_DIRECTOR_AFTER_STORE, 1, 1},
	    {POINT_SUPERVISOR_AFTER_GENERATION, 1, 1}, {POINT_SUPERVISOR_AFTER_RESTORE, 1, 1},
	    {POINT_WORKER_RECORD, RECORDS, RECORDS},   {POINT_WORKER_IN_TRANSACTION, TASKS, TASKS},
	    {POINT_WORKER_AFTER_REPORT, TASKS, TASKS}, {POINT_OUTPUT_AFTER_RENAME, 1, 1},
	    {POINT_SUPERVISOR_BEFORE_BURY, 0, 0},      {POINT_SUPERVISOR_AFTER_JOB_DONE, 1, 1},
	    {POINT_DIRECTOR_AFTER_VERDICT, 1, 2},      {POINT_DIRECTOR_AFTER_UNLOCK, 1, 2},
	};
	struct hit_log *log = hits_new(1u << 16);
	uint64_t first[POINTS], next[POINTS];
	struct life life = {.out = fopen("/dev/null", "we"), .quiet = true};
	char path[128];

	assert_non_null(life.out);
	snprintf(path, sizeof(path), "%s/run", folder);
	assert_non_null(log);
	fault_self.hits = log;
	assert_int_equal(first_life(path, &life), 0);
	count_hits(log, first);
	assert_int_equal(life_next(path, &life), 0);
	count_hits(log, next);
	fault_self.hits = NULL;
	hits_free(log);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (first[wanted[i].point] != wanted[i].first ||
		    next[wanted[i].point] != wanted[i].next)
			fail_msg("%s was reached %llu and %llu times, not %llu and %llu",
			         point_name(wanted[i].point),
			         (unsigned long long)first[wanted[i].point],
			         (unsigned long long)next[wanted[i].point],
			         (unsigned long long)wanted[i].first,
			         (unsigned long long)wanted[i].next);
	}
	fclose(life.out);
}

static void
test_every_point_has_a_name_a_process_and_a_meaning_of_its_own(void **state)
{
	for (unsigned point = 0; point < POINTS; point++) {
		assert_int_equal(point_find(point_name(point)), point);
		for (unsigned other = 0; other < point; other++)
			assert_string_not_equal(point_meaning(point), point_meaning(other));
	}
	assert_string_equal(point_process(POINT_OUTPUT_BEFORE_FSYNC), "worker");
	assert_string_equal(point_process(POINT_DIRECTOR_AFTER_LOCK), "director");
}

int
main(int argc, char **argv, char **environment)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hits_are_counted_everywhere_when_asked_for_and_nowhere_else),
	    cmocka_unit_test(test_what_happened_before_there_was_a_board_moves_into_it),
	    cmocka_unit_test_setup_teardown(test_a_run_is_counted_from_its_first_point_to_its_last,
	                                    make_folder, remove_folder),
	    cmocka_unit_test(test_every_point_has_a_name_a_process_and_a_meaning_of_its_own),
	};

	setproctitle_init(argc, argv, environment);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
