/* SPDX-License-Identifier: ISC
 *
 * Virtual runs that are kept: whatever happens in one, its event log leads to the end that the
 * store had, comes out the same again, and a log that says something else is noticed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "sim/fuzz/draw.h"
#include "sim/history/recovery.h"
#include "sim/process/run_setup.h"
#include "sim/util/fail.h"
#include "sim/util/tree.h"
#include "sim/virtual/branch.h"
#include "sim/virtual/playing.h"
#include "sim/virtual/recording.h"

#define SEEDS 300

static char folder[64];

static int
make_folder(void **state)
{
	strlcpy(folder, "/tmp/graveshift-test-playing.XXXXXX", sizeof(folder));
	return mkdtemp(folder) == NULL;
}

static int
remove_folder(void **state)
{
	tree_remove(folder);
	return 0;
}

struct kept {
	struct drawn drawn;
	struct run run;
	struct playing playing;
};

/* Plays what a seed stands for into a directory of its own. */
static void
keep(struct kept *kept, uint64_t seed)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%llu", folder, (unsigned long long)seed);
	drawn_init(&kept->drawn, seed, NULL);
	run_init(&kept->run);
	kept->run.scenario = kept->drawn.scenario;
	kept->run.scenario.path = (char *)"drawn";
	assert_int_equal(playing_keep(&kept->run, path, "drawn"), 0);
	assert_int_equal(playing_init(&kept->playing, &kept->run), 0);
	assert_int_equal(playing_play(&kept->playing, false, NULL, true), 0);
}

static void
release(struct kept *kept)
{
	playing_fini(&kept->playing);
	/* Its texts are not its own. */
	kept->run.scenario = (struct scenario){0};
	run_fini(&kept->run);
}

/* What the list of recoveries adds up to is what the run's numbers count. */
static void
check_recoveries(const struct playing *playing, uint64_t seed)
{
	const struct moment_counts *counts;
	struct recoveries recoveries;
	struct history *history;
	uint64_t again = 0;
	int64_t longest_ns = 0;

	assert_int_equal(playing_history(playing, &history), 0);
	counts = &history_newest(history)->counts;
	assert_int_equal(recoveries_find(&recoveries, history), 0);
	for (size_t i = 0; i < recoveries.count; i++) {
		const struct recovery *one = &recoveries.item[i];
		again += one->again;
		assert_true(one->found + one->again <= one->tasks);
		assert_true(one->fault < 0 || one->injected_ns <= one->noticed_ns);
		assert_true(one->again == 0 || one->leased_ns >= one->noticed_ns);
		if (one->longest_ns > longest_ns)
			longest_ns = one->longest_ns;
	}
	if (again != counts->recoveries || longest_ns != counts->recovery_longest_ns)
		fail_msg("seed %llu: %llu leased again, longest %lld; counted are %llu, %lld",
		         (unsigned long long)seed, (unsigned long long)again, (long long)longest_ns,
		         (unsigned long long)counts->recoveries,
		         (long long)counts->recovery_longest_ns);
	recoveries_free(&recoveries);
	history_close(history);
}

static void
test_every_log_leads_to_the_end_and_comes_again(void **state)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	unsigned read = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		keep(kept, seed);
		if (kept->playing.report.log_differs != 0)
			fail_msg("seed %llu: the log of %llu records leads elsewhere",
			         (unsigned long long)seed,
			         (unsigned long long)kept->playing.report.log_records);
		read += kept->playing.report.log_records > 0;
		check_recoveries(&kept->playing, seed);
		assert_int_equal(playing_again(&kept->playing), 0);
		release(kept);
	}
	assert_true(read > SEEDS * 3 / 4);
	free(kept);
}

/* Writes one byte of the log's record `number` anew, and its sum. */
static void
falsify(const struct run *run, uint64_t number)
{
	struct eventlog_reader reader;
	struct eventlog_writer *writer = malloc(sizeof(*writer));
	struct logged *records = calloc(number + 1, sizeof(*records));

	assert_int_equal(eventlog_reader_open(&reader, run->events), 0);
	for (uint64_t i = 0; i <= number; i++)
		assert_int_equal(eventlog_next(&reader, &records[i]), 1);
	eventlog_reader_close(&reader);
	records[number].step.value++;
	assert_int_equal(eventlog_writer_open(writer, run->events), 0);
	for (uint64_t i = 0; i <= number; i++)
		eventlog_write(writer, &records[i].step, records[i].generation);
	assert_int_equal(eventlog_writer_close(writer), 0);
	free(records);
	free(writer);
}

static void
test_another_history_is_noticed(void **state)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	struct comparing comparing;
	struct virtual_options options = {.recorder = &comparing.recorder};

	keep(kept, SEEDS + 1);
	falsify(&kept->run, 20);
	assert_int_equal(comparing_open(&comparing, &kept->run), 0);
	assert_int_equal(
	    virtual_run(&kept->run.scenario, &kept->playing.plan, &options, &kept->playing.report),
	    0);
	assert_false(comparing_close(&comparing));
	assert_int_equal(comparing.differs, 20);
	assert_int_equal(playing_again(&kept->playing), EXIT_INTERNAL);
	release(kept);
	free(kept);
}

static int
branch_off(struct branch *branch, struct kept *kept, uint64_t seed, int64_t at_ns,
           const char *fault)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%llu-branch", folder, (unsigned long long)seed);
	return branch_make(branch, &kept->run, at_ns, fault, path);
}

static void
test_a_branch_is_the_same_up_to_its_moment(void **state)
{
	static const char *const faults[] = {"kill: any", "kill: supervisor", "kill: director",
	                                     "pause: any, for: 1s"};
	struct kept *kept = calloc(1, sizeof(*kept));
	struct branch *branch = malloc(sizeof(*branch));
	unsigned differ = 0;

	for (uint64_t seed = 1001; seed <= 1000 + SEEDS / 3; seed++) {
		keep(kept, seed);
		assert_int_equal(branch_off(branch, kept, seed,
		                            kept->playing.report.end_ns * (int64_t)(seed % 10) / 10,
		                            faults[seed % 4]),
		                 0);
		assert_true(branch->differs >= branch->same);
		assert_int_equal(branch->playing.report.log_differs, 0);
		differ += branch->differs != UINT64_MAX;
		branch_fini(branch);
		release(kept);
	}
	assert_true(differ > SEEDS / 4);
	free(branch);
	free(kept);
}

static void
test_a_branch_of_another_history_is_refused(void **state)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	struct branch *branch = malloc(sizeof(*branch));

	keep(kept, SEEDS + 2);
	falsify(&kept->run, 1);
	assert_int_equal(branch_off(branch, kept, SEEDS + 2, 0, "kill: any"), EXIT_INTERNAL);
	assert_int_equal(branch->differs, 1);
	branch_fini(branch);
	release(kept);
	free(branch);
	free(kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_log_leads_to_the_end_and_comes_again),
	    cmocka_unit_test(test_another_history_is_noticed),
	    cmocka_unit_test(test_a_branch_is_the_same_up_to_its_moment),
	    cmocka_unit_test(test_a_branch_of_another_history_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("playing", tests, make_folder, remove_folder);
}
