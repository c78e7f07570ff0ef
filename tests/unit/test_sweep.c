/* SPDX-License-Identifier: ISC
 *
 * Choosing crash points: what is alike, what comes first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/sweep/crash_point.h"

#define RECORD POINT_WORKER_RECORD
#define COMMIT POINT_WORKER_BEFORE_COMMIT
#define AFTER POINT_WORKER_AFTER_COMMIT_BEFORE_REPORT

static struct hit_log *
log_of(const enum point *points, size_t count)
{
	struct hit_log *log = hits_new(64);

	assert_non_null(log);
	for (size_t i = 0; i < count; i++)
		hits_note(log, points[i], i == count / 2);
	return log;
}

static const struct crash_point *
find(const struct crash_points *points, enum point point, uint32_t nth)
{
	for (size_t i = 0; i < points->count; i++)
		if (points->item[i].point == point && points->item[i].nth == nth)
			return &points->item[i];
	return NULL;
}

static void
test_alike(void **state)
{
	static const enum point run[] = {RECORD, RECORD, COMMIT, AFTER,
	                                 RECORD, RECORD, COMMIT, AFTER};
	struct hit_log *log = log_of(run, 8);
	struct crash_points points;

	assert_int_equal(crash_points_init(&points, log, NULL, NULL, false), 0);
	assert_int_equal(points.hits, 8);
	assert_int_equal(points.count, 6);
	/* The first two records: nothing durable between them.  The third is behind a commit. */
	assert_int_equal(find(&points, RECORD, 1)->like, 2);
	assert_null(find(&points, RECORD, 2));
	assert_int_equal(find(&points, RECORD, 3)->like, 2);
	assert_int_equal(find(&points, COMMIT, 2)->like, 1);
	assert_int_equal(find(&points, AFTER, 2)->like, 1);
	crash_points_fini(&points);
	hits_free(log);
}

static void
test_chosen_by_name_and_time(void **state)
{
	static const enum point run[] = {RECORD, COMMIT, AFTER, RECORD, COMMIT, AFTER};
	struct hit_log *log = log_of(run, 6);
	struct crash_points points;

	assert_int_equal(crash_points_init(&points, log, NULL, "worker.*commit", false), 0);
	assert_int_equal(points.count, 2);
	assert_non_null(find(&points, COMMIT, 2));
	crash_points_fini(&points);
	assert_int_equal(crash_points_init(&points, log, NULL, NULL, true), 0);
	/* From the death, through what it cost (the fourth hit), until that is over. */
	assert_int_equal(points.count, 4);
	assert_non_null(find(&points, RECORD, 2));
	assert_null(find(&points, COMMIT, 2));
	crash_points_fini(&points);
	/* The second record and what is behind it may not come in another run. */
	uint32_t hits_max[POINTS] = {[RECORD] = 1, [COMMIT] = 2, [AFTER] = 1};
	assert_int_equal(crash_points_init(&points, log, hits_max, NULL, false), 0);
	assert_int_equal(points.count, 4);
	assert_int_equal(points.beyond, 2);
	assert_null(find(&points, RECORD, 2));
	assert_non_null(find(&points, COMMIT, 2));
	crash_points_fini(&points);
	assert_int_equal(crash_points_init(&points, log, NULL, "nowhere.*", false), 0);
	assert_int_equal(points.count, 0);
	crash_points_fini(&points);
	hits_free(log);
}

/* A budget that runs out has seen the first and the last hit of everything, then the middle. */
static void
test_worth(void **state)
{
	enum point run[33];
	struct hit_log *log;
	struct crash_points points;

	for (size_t i = 0; i < 32; i++)
		run[i] = AFTER;
	run[32] = COMMIT;
	log = log_of(run, 33);
	assert_int_equal(crash_points_init(&points, log, NULL, NULL, false), 0);
	assert_int_equal(points.count, 33);
	assert_int_equal(points.item[0].nth, 1);
	assert_int_equal(points.item[1].nth, 1);
	assert_int_equal(points.item[2].nth, 32);
	assert_int_equal(points.item[3].nth, 17);
	for (size_t i = 0; i < 32; i++)
		assert_non_null(find(&points, AFTER, (uint32_t)i + 1));
	crash_points_fini(&points);
	hits_free(log);
}

/* A death that cost nobody a task is over when others have gone on. */
static void
test_recovery_from_nothing(void **state)
{
	struct hit_log *log = hits_new(16);
	struct crash_points points;

	for (size_t i = 0; i < 8; i++)
		hits_note(log, i % 2 == 0 ? COMMIT : POINT_WORKER_AFTER_REPORT, false);
	assert_int_equal(crash_points_init(&points, log, NULL, NULL, true), 0);
	assert_non_null(find(&points, COMMIT, 3));
	assert_null(find(&points, COMMIT, 4));
	crash_points_fini(&points);
	hits_clear(log, 2);
	hits_note(log, COMMIT, false);
	assert_int_equal(log->hit[0].recovering, 1);
	hits_free(log);
}

static void
test_more_than_fits(void **state)
{
	struct hit_log *log = hits_new(4);
	struct crash_points points;

	for (size_t i = 0; i < 100; i++)
		hits_note(log, AFTER, false);
	assert_int_equal(log->count, 100);
	assert_int_equal(crash_points_init(&points, log, NULL, NULL, false), 0);
	assert_int_equal(points.count, 4);
	crash_points_fini(&points);
	hits_clear(log, 3);
	assert_int_equal(log->count, 0);
	assert_int_equal(log->follows, 3);
	hits_free(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_alike),          cmocka_unit_test(test_chosen_by_name_and_time),
	    cmocka_unit_test(test_worth),          cmocka_unit_test(test_recovery_from_nothing),
	    cmocka_unit_test(test_more_than_fits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
