/* SPDX-License-Identifier: ISC
 *
 * The board: its layout, bytes that are none, torn and abandoned writes, the ring of events.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/board.h"

#define SLOTS 5
#define EVENTS 64

static size_t size;

static struct board *
board_open(void)
{
	size = board_size(SLOTS, EVENTS);
	void *memory = aligned_alloc(64, size);
	assert_non_null(memory);
	memset(memory, 0, size);
	struct board *board =
	    board_init(memory, size, SLOTS, EVENTS, "0123456789abcdef", "@graveshift", 42);
	assert_ptr_equal(board, memory);
	return board;
}

static void
impossible_sizes_are_refused(void **state)
{
	static alignas(64) char small[4096];
	assert_int_equal(board_size(0, 64), 0);
	assert_int_equal(board_size(CORE_SLOTS_MAX + 2, 64), 0);
	assert_int_equal(board_size(1, 0), 0);
	assert_int_equal(board_size(1, 65), 0);
	assert_int_equal(board_size(1, BOARD_EVENTS_MAX * 2), 0);
	assert_true(board_size(CORE_SLOTS_MAX + 1, BOARD_EVENTS_MAX) > 0);
	assert_null(board_init(small, sizeof small, SLOTS, EVENTS, "", "", 0));
	size = board_size(SLOTS, EVENTS);
	char *memory = aligned_alloc(64, size + 64);
	assert_null(board_init(memory + 8, size, SLOTS, EVENTS, "", "", 0));
	free(memory);
}

static void
rows_do_not_share_cache_lines(void **state)
{
	struct board *board = board_open();
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		assert_int_equal((uintptr_t)board_work_row(board, slot) % 64, 0);
		for (uint32_t other = 0; other < slot; other++)
			assert_true((char *)board_work_row(board, slot) -
			                (char *)board_work_row(board, other) >=
			            64);
	}
	assert_int_equal((uintptr_t)board_faults(board) % 64, 0);
	memset(board_faults(board), 0xff, BOARD_FAULT_BYTES);
	assert_ptr_equal(board_attach(board, size), board);
	assert_int_equal(board_cell_state(board, 0), 0);
	free(board);
}

static void
what_is_written_can_be_read(void **state)
{
	struct board *board = board_open();
	struct core_stats stats = {.tasks = {1, 2, 3, 4, 5, 6}, .hangs = 7}, copy;
	struct board_slot_row row;
	assert_string_equal(board_run_id(board), "0123456789abcdef");
	assert_string_equal(board->socket_name, "@graveshift");
	assert_int_equal(board->started_at_ns, 42);
	board_generation_set(board, 3, 99);
	assert_int_equal(board->generation, 3);
	assert_int_equal(board->supervisor_pid, 99);
	board_stats_set(board, &stats, 1234);
	assert_int_equal(board_stats_get(board, &copy), 0);
	assert_memory_equal(&copy, &stats, sizeof copy);
	assert_int_equal(board_done(board), 4 + 6);
	assert_int_equal(board->supervisor_beat_ns, 1234);
	board_slot_set(board, 2, 77, 4, BOARD_SLOT_UP);
	assert_int_equal(board_slot_get(board, 2, &row), 0);
	assert_int_equal(row.pid, 77);
	assert_int_equal(row.incarnation, 4);
	assert_int_equal(row.state, BOARD_SLOT_UP);
	assert_int_equal(board_slot_get(board, 1, &row), 0);
	assert_int_equal(row.pid, 0);
	free(board);
}

static void
cells_hold_state_and_attempt(void **state)
{
	struct board *board = board_open();
	board_cell_set(board, 999, TASK_DONE, 3);
	board_plan_set(board, 1000, 5000);
	assert_int_equal(board_tasks(board), 1000);
	assert_int_equal(board->records, 5000);
	assert_int_equal(board_cell_state(board, 999), TASK_BLOCKED); /* a new plan, new cells */
	board_cell_set(board, 999, TASK_SKIPPED, 200);
	assert_int_equal(board_cell_state(board, 999), TASK_SKIPPED);
	assert_int_equal(board_cell_attempt(board, 999), 15);
	board_cell_set(board, 998, TASK_LEASED, 14);
	assert_int_equal(board_cell_attempt(board, 998), 14);
	board_cell_set(board, BOARD_TASKS_MAX - 1, TASK_DEAD, 1);
	assert_int_equal(board_cell_state(board, BOARD_TASKS_MAX - 1), TASK_DEAD);
	free(board);
}

static void
work_tells_what_the_worker_was_in(void **state)
{
	struct board *board = board_open();
	struct board_work *row = board_work_row(board, 1);
	uint32_t task, epoch;
	uint64_t record;
	board_work_read(board, 1, &task, &epoch, &record);
	assert_int_equal(task, CORE_NO_TASK);
	assert_int_equal(record, CORE_NO_RECORD);
	board_work_begin(row, 7, 3);
	assert_int_equal(row->phase, BOARD_WORKING);
	*board_work_record(row) = 12;
	*board_work_progress(row) = 11;
	board_work_read(board, 1, &task, &epoch, &record);
	assert_int_equal(task, 7);
	assert_int_equal(epoch, 3);
	assert_int_equal(record, 12);
	assert_true(board_work_is_busy(board, 1));
	assert_false(board_work_is_busy(board, 0));
	assert_int_equal(board_work_done(board, 1), 11);
	board_work_phase(row, BOARD_COMMITTING);
	assert_int_equal(row->phase, BOARD_COMMITTING);
	board_work_end(row);
	assert_false(board_work_is_busy(board, 1));
	board_work_begin(row, 8, 1);
	board_work_read(board, 1, &task, &epoch, &record);
	assert_int_equal(record, CORE_NO_RECORD); /* nothing of the task before */
	board_work_reset(board, 1);
	assert_false(board_work_is_busy(board, 1));
	free(board);
}

static void
other_bytes_are_no_board(void **state)
{
	struct board *board = board_open();
	unsigned char *bytes = (unsigned char *)board;
	struct board whole;
	memcpy(&whole, board, sizeof whole);
	assert_ptr_equal(board_attach(board, size), board);
	assert_null(board_attach(board, size - 1));
	assert_null(board_attach(board, sizeof *board - 1));
	assert_null(board_attach(board, 0));
	assert_null(board_attach(bytes + 8, size - 8));
	/* A changed bound or offset is found, whichever bit of it. */
	for (size_t at = 0; at < offsetof(struct board, run_id); at++) {
		if (at >= offsetof(struct board, unused) && at < offsetof(struct board, slots_at))
			continue;
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[at] ^= (unsigned char)(1u << bit);
			assert_null(board_attach(board, size));
			bytes[at] ^= (unsigned char)(1u << bit);
		}
	}
	memset(board->run_id, 'x', sizeof board->run_id);
	assert_null(board_attach(board, size));
	memcpy(board, &whole, sizeof whole);
	memset(board->socket_name, 'x', sizeof board->socket_name);
	assert_null(board_attach(board, size));
	memcpy(board, &whole, sizeof whole);
	board->tasks = BOARD_TASKS_MAX + 1;
	assert_null(board_attach(board, size));
	memcpy(board, &whole, sizeof whole);
	board->flushed = 1;
	assert_null(board_attach(board, size));
	board->head = 1 + 2 * EVENTS + 1;
	assert_null(board_attach(board, size));
	board->head = 3;
	assert_non_null(board_attach(board, size));
	free(board);
}

static void
random_bytes_are_no_board(void **state)
{
	struct board *board = board_open();
	uint64_t magic = board->magic;
	uint32_t seed = 1;
	for (int round = 0; round < 20000; round++) {
		for (size_t i = 0; i < sizeof *board; i++)
			((unsigned char *)board)[i] =
			    (unsigned char)((seed = seed * 1664525 + 1013904223) >> 24);
		board->magic = magic;
		board->version = 1;
		if (round % 2)
			board->slots = SLOTS;
		assert_null(board_attach(board, size));
	}
	free(board);
}

static void
abandoned_write_blocks_nobody(void **state)
{
	struct board *board = board_open();
	struct core_stats stats = {.done = 5}, copy = {0};
	board_stats_set(board, &stats, 1);
	board_write_begin(&board->stats_seq); /* and here the writer is killed */
	assert_int_equal(board_stats_get(board, &copy), -EAGAIN);
	assert_int_equal(copy.done, 5);
	board_generation_set(board, 2, 100);
	assert_int_equal(board_stats_get(board, &copy), 0);
	uint32_t count = board->stats_seq.count;
	board_generation_set(board, 3, 101);
	assert_int_equal(board->stats_seq.count, count);
	free(board);
}

struct race {
	struct board *board;
	_Atomic bool stop;
};

static void *
write_stats(void *argument)
{
	struct race *race = argument;
	struct core_stats stats;
	for (uint64_t n = 1; !race->stop; n++) {
		for (size_t i = 0; i < sizeof stats / 8; i++)
			memcpy((char *)&stats + 8 * i, &n, 8);
		board_stats_set(race->board, &stats, (int64_t)n);
		if (n % 16 == 0)
			sched_yield(); /* on a single processor the reader must get its turn */
	}
	return NULL;
}

static void
readers_never_see_half_a_write(void **state)
{
	struct race race = {.board = board_open()};
	pthread_t writer;
	uint64_t last = 0, changes = 0;
	assert_int_equal(pthread_create(&writer, NULL, write_stats, &race), 0);
	while (changes < 5000) {
		uint64_t words[sizeof(struct core_stats) / 8];
		struct core_stats stats;
		if (board_stats_get(race.board, &stats) != 0) {
			sched_yield(); /* the writer was interrupted in the middle */
			continue;
		}
		memcpy(words, &stats, sizeof words);
		for (size_t i = 1; i < sizeof words / 8; i++)
			assert_int_equal(words[i], words[0]);
		assert_true(words[0] >= last);
		changes += words[0] > last;
		last = words[0];
	}
	race.stop = true;
	pthread_join(writer, NULL);
	free(race.board);
}

static int
push(struct board *board, uint64_t value)
{
	struct core_step step = {.kind = ACT_ASSIGN, .value = value, .at_ns = (int64_t)value};
	return board_event_push(board, &step);
}

static void
events_keep_their_order_until_flushed(void **state)
{
	struct board *board = board_open();
	struct core_step step;
	uint32_t generation;
	board_generation_set(board, 6, 1);
	assert_int_equal(board_events_capacity(board), EVENTS);
	assert_int_equal(board_event_read(board, 0, &step, &generation), -EAGAIN);
	for (uint64_t n = 0; n < EVENTS; n++)
		assert_int_equal(push(board, n), 0);
	assert_int_equal(push(board, EVENTS), -ENOBUFS);
	assert_int_equal(board_events_head(board), EVENTS);
	for (uint64_t n = 0; n < EVENTS; n++) {
		assert_int_equal(board_event_read(board, n, &step, &generation), 0);
		assert_int_equal(step.value, n);
		assert_int_equal(step.kind, ACT_ASSIGN);
		assert_int_equal(generation, 6);
	}
	board_events_set_flushed(board, 2);
	assert_int_equal(push(board, EVENTS), 0);
	assert_int_equal(board_event_read(board, 0, &step, &generation), -ENOENT);
	assert_int_equal(board_event_read(board, 1, &step, &generation), 0);
	assert_int_equal(board_event_read(board, EVENTS, &step, &generation), 0);
	assert_int_equal(step.value, EVENTS);
	free(board);
}

static void
events_resume_behind_the_log(void **state)
{
	struct board *board = board_open();
	struct core_step step;
	uint32_t generation;
	for (uint64_t n = 0; n < 10; n++)
		assert_int_equal(push(board, n), 0);
	board_events_resume(board, 7); /* three are in the ring alone */
	assert_int_equal(board_events_flushed(board), 7);
	assert_int_equal(board_events_head(board), 10);
	assert_int_equal(board_event_read(board, 7, &step, &generation), 0);
	board_events_resume(board, 7 + 1000); /* a log from before this board */
	assert_int_equal(board_events_head(board), 1007);
	assert_int_equal(push(board, 1007), 0);
	assert_int_equal(board_event_read(board, 1007, &step, &generation), 0);
	assert_int_equal(step.value, 1007);
	assert_int_equal(board_event_read(board, 1006, &step, &generation), -ENOENT);
	board_events_resume(board, 1); /* the log lost more than the ring can give back */
	assert_int_equal(board_events_head(board), 1);
	assert_int_equal(board_events_flushed(board), 1);
	free(board);
}

static void *
push_events(void *argument)
{
	struct race *race = argument;
	for (uint64_t n = 0; !race->stop; n++) {
		if (n % 4096 == 0)
			sched_yield();
		while (push(race->board, n) != 0)
			board_events_set_flushed(race->board, board_events_head(race->board));
	}
	return NULL;
}

static void
events_are_whole_or_gone(void **state)
{
	struct race race = {.board = board_open()};
	pthread_t writer;
	uint64_t whole = 0;
	assert_int_equal(pthread_create(&writer, NULL, push_events, &race), 0);
	while (whole < 20000) {
		uint64_t head = board_events_head(race.board);
		struct core_step step;
		uint32_t generation;
		/* The oldest are about to be overwritten, which is when it matters. */
		for (uint64_t n = head > EVENTS ? head - EVENTS : 0; n < head; n += 7) {
			int error = board_event_read(race.board, n, &step, &generation);
			assert_true(error == 0 || error == -ENOENT);
			if (error != 0)
				continue;
			assert_int_equal(step.value, n);
			assert_int_equal(step.at_ns, (int64_t)n);
			whole++;
		}
		if (head % 16 == 0)
			sched_yield();
	}
	race.stop = true;
	pthread_join(writer, NULL);
	free(race.board);
}

static void
damage_hits_neither_log_nor_faults(void **state)
{
	struct board *board = board_open();
	uintptr_t start = (uintptr_t)board, ring = start + board->events_at,
		  faults = (uintptr_t)board_faults(board);

	board_plan_set(board, 100, 1000);
	for (enum board_part part = 0; part < BOARD_PARTS; part++) {
		size_t at, length;
		board_part(board, part, &at, &length);
		assert_true(length > 0 && at + length <= size);
		assert_true(start + at + length <= ring ||
		            start + at >= faults + BOARD_FAULT_BYTES);
		assert_true(at + length <= offsetof(struct board, head) || at >= board->slots_at);
		assert_true(at >= offsetof(struct board, stats_seq) || length == sizeof(uint64_t));
	}
	free(board);
}

static void
a_damaged_counter_is_right_after_the_next_write(void **state)
{
	struct board *board = board_open();
	struct core_stats stats = {.leased = 7}, read;

	board_stats_set(board, &stats, 1);
	atomic_fetch_xor(&board->stats_seq.count, 1);
	assert_int_equal(board_stats_get(board, &read), -EAGAIN);
	board_stats_set(board, &stats, 2);
	assert_int_equal(board_stats_get(board, &read), 0);
	assert_int_equal(read.leased, 7);
	atomic_fetch_xor(&board->stats_seq.count, 1);
	board_write_begin(&board->stats_seq);
	assert_int_equal(board_stats_get(board, &read), -EAGAIN); /* a write is under way */
	board_write_end(&board->stats_seq);
	assert_int_equal(board_stats_get(board, &read), 0);
	free(board);
}

static void
more_work_than_there_is_input_is_damage(void **state)
{
	struct board *board = board_open();

	board_plan_set(board, 10, 1000);
	*board_work_progress(board_work_row(board, 1)) = 1000;
	assert_int_equal(board_work_done(board, 1), 1000);
	*board_work_progress(board_work_row(board, 1)) = 1000 | UINT64_C(1) << 40;
	assert_int_equal(board_work_done(board, 1), 0);
	atomic_store(&board->tasks, UINT32_MAX);
	assert_int_equal(board_tasks(board), BOARD_TASKS_MAX);
	free(board);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(impossible_sizes_are_refused),
	    cmocka_unit_test(rows_do_not_share_cache_lines),
	    cmocka_unit_test(what_is_written_can_be_read),
	    cmocka_unit_test(cells_hold_state_and_attempt),
	    cmocka_unit_test(work_tells_what_the_worker_was_in),
	    cmocka_unit_test(other_bytes_are_no_board),
	    cmocka_unit_test(random_bytes_are_no_board),
	    cmocka_unit_test(abandoned_write_blocks_nobody),
	    cmocka_unit_test(readers_never_see_half_a_write),
	    cmocka_unit_test(events_keep_their_order_until_flushed),
	    cmocka_unit_test(events_resume_behind_the_log),
	    cmocka_unit_test(damage_hits_neither_log_nor_faults),
	    cmocka_unit_test(a_damaged_counter_is_right_after_the_next_write),
	    cmocka_unit_test(more_work_than_there_is_input_is_damage),
	    cmocka_unit_test(events_are_whole_or_gone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
