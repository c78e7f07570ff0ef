/* SPDX-License-Identifier: ISC
 *
 * The board.  Shared rows are copied word by word with relaxed atomics between fences, which is
 * what makes a seqlock defined behaviour in C; on the usual machines that is plain moves.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "board.h"
#include "check.h"

#define BOARD_MAGIC UINT64_C(0x3164726f62737667) /* "gvsbord1" */
#define BOARD_VERSION 2
#define BOARD_READ_TRIES 1000

struct board_layout {
	uint64_t slots_at, work_at, events_at, faults_at, cells_at, size;
};

static uint64_t
align_64(uint64_t offset)
{
	return (offset + 63) & ~UINT64_C(63);
}

static int
board_lay_out(struct board_layout *layout, uint32_t slots, uint32_t events)
{
	if (slots == 0 || slots > CORE_SLOTS_MAX + 1 || events == 0 || events > BOARD_EVENTS_MAX ||
	    (events & (events - 1)) != 0)
		return -EINVAL;
	layout->slots_at = align_64(sizeof(struct board));
	layout->work_at = layout->slots_at + (uint64_t)slots * sizeof(struct board_slot);
	layout->events_at = layout->work_at + (uint64_t)slots * sizeof(struct board_work);
	layout->faults_at =
	    align_64(layout->events_at + (uint64_t)events * sizeof(struct board_event));
	layout->cells_at = layout->faults_at + BOARD_FAULT_BYTES;
	layout->size = layout->cells_at + BOARD_TASKS_MAX;
	return 0;
}

size_t
board_size(uint32_t slots, uint32_t events)
{
	struct board_layout layout;
	return board_lay_out(&layout, slots, events) == 0 ? layout.size : 0;
}

static void
text_copy(char *to, size_t size, const char *from)
{
	for (size_t i = 0; i + 1 < size && from[i] != 0; i++)
		to[i] = from[i];
}

struct board *
board_init(void *memory, size_t size, uint32_t slots, uint32_t events, const char *run_id,
           const char *socket_name, int64_t started_at_ns)
{
	struct board_layout layout;
	struct board *board = memory;
	if (board_lay_out(&layout, slots, events) != 0 || size < layout.size ||
	    (uintptr_t)memory % 64 != 0)
		return NULL;
	board->version = BOARD_VERSION;
	board->slots = slots;
	board->size = layout.size;
	board->events = events;
	board->slots_at = layout.slots_at;
	board->work_at = layout.work_at;
	board->events_at = layout.events_at;
	board->faults_at = layout.faults_at;
	board->cells_at = layout.cells_at;
	board->started_at_ns = started_at_ns;
	text_copy(board->run_id, sizeof board->run_id, run_id);
	text_copy(board->socket_name, sizeof board->socket_name, socket_name);
	for (uint32_t slot = 0; slot < slots; slot++)
		board_work_reset(board, slot);
	atomic_store_explicit(&board->magic, BOARD_MAGIC, memory_order_release);
	return board;
}

static bool
board_matches(const struct board *board, const struct board_layout *layout)
{
	return board->size == layout->size && board->slots_at == layout->slots_at &&
	       board->work_at == layout->work_at && board->events_at == layout->events_at &&
	       board->faults_at == layout->faults_at && board->cells_at == layout->cells_at;
}

struct board *
board_attach(void *memory, size_t size)
{
	struct board_layout layout;
	struct board *board = memory;
	if (size < sizeof *board || (uintptr_t)memory % 64 != 0 ||
	    atomic_load_explicit(&board->magic, memory_order_acquire) != BOARD_MAGIC ||
	    board->version != BOARD_VERSION ||
	    board_lay_out(&layout, board->slots, board->events) != 0 ||
	    !board_matches(board, &layout) || size < layout.size)
		return NULL;
	if (board->run_id[sizeof board->run_id - 1] != 0 ||
	    board->socket_name[sizeof board->socket_name - 1] != 0 ||
	    atomic_load_explicit(&board->tasks, memory_order_relaxed) > BOARD_TASKS_MAX)
		return NULL;
	uint64_t flushed = board_events_flushed(board), head = board_events_head(board);
	/* Both may run on between the two loads, the head never by more than a round. */
	return head >= flushed && head - flushed <= 2 * (uint64_t)board->events ? board : NULL;
}

const char *
board_run_id(const struct board *board)
{
	return board->run_id;
}

static _Atomic uint8_t *
board_cell(const struct board *board, uint32_t task)
{
	return (_Atomic uint8_t *)((char *)(uintptr_t)board + board->cells_at) + task;
}

void
board_plan_set(struct board *board, uint32_t tasks, uint64_t records)
{
	CHECK(tasks <= BOARD_TASKS_MAX);
	memset((char *)board + board->cells_at, 0, tasks);
	atomic_store_explicit(&board->records, records, memory_order_relaxed);
	atomic_store_explicit(&board->tasks, tasks, memory_order_release);
}

uint32_t
board_tasks(const struct board *board)
{
	uint32_t tasks = atomic_load_explicit(&board->tasks, memory_order_acquire);
	/* Damaged since it was attached: whoever goes by it must find a cell for each. */
	return tasks < BOARD_TASKS_MAX ? tasks : BOARD_TASKS_MAX;
}

static struct board_slot *
board_slot(const struct board *board, uint32_t slot)
{
	CHECK(slot < board->slots);
	return (struct board_slot *)((char *)(uintptr_t)board + board->slots_at) + slot;
}

static void
board_seq_repair(struct board_seq *seq)
{
	if (atomic_load_explicit(&seq->count, memory_order_relaxed) % 2 == 1)
		board_write_end(seq);
}

void
board_generation_set(struct board *board, uint32_t generation, int pid)
{
	board_seq_repair(&board->stats_seq);
	for (uint32_t slot = 0; slot < board->slots; slot++)
		board_seq_repair(&board_slot(board, slot)->seq);
	atomic_store_explicit(&board->generation, generation, memory_order_relaxed);
	atomic_store_explicit(&board->supervisor_pid, pid, memory_order_relaxed);
}

void
board_stats_set(struct board *board, const struct core_stats *stats, int64_t now_ns)
{
	board_write(&board->stats_seq, &board->stats, stats, sizeof *stats);
	atomic_store_explicit(&board->supervisor_beat_ns, now_ns, memory_order_relaxed);
}

int
board_stats_get(const struct board *board, struct core_stats *stats)
{
	return board_read(&board->stats_seq, stats, &board->stats, sizeof *stats);
}

uint64_t
board_done(const struct board *board)
{
	return __atomic_load_n(&board->stats.tasks[TASK_DONE], __ATOMIC_RELAXED) +
	       __atomic_load_n(&board->stats.tasks[TASK_SKIPPED], __ATOMIC_RELAXED);
}

void
board_slot_set(struct board *board, uint32_t number, int pid, uint32_t incarnation,
               enum board_slot_state state)
{
	struct board_slot *slot = board_slot(board, number);
	struct board_slot_row row = {.pid = pid, .incarnation = incarnation, .state = state};
	board_write(&slot->seq, &slot->row, &row, sizeof row);
}

int
board_slot_get(const struct board *board, uint32_t number, struct board_slot_row *row)
{
	const struct board_slot *slot = board_slot(board, number);
	return board_read(&slot->seq, row, &slot->row, sizeof *row);
}

static struct board_work *
board_work(const struct board *board, uint32_t slot)
{
	CHECK(slot < board->slots);
	return (struct board_work *)((char *)(uintptr_t)board + board->work_at) + slot;
}

struct board_work *
board_work_row(struct board *board, uint32_t slot)
{
	return board_work(board, slot);
}

void
board_work_begin(struct board_work *row, uint32_t task, uint32_t epoch)
{
	/* The task is named last and taken back first: whoever reads it finds what belongs to it.
	 */
	row->task = CORE_NO_TASK;
	row->record = CORE_NO_RECORD;
	row->progress = 0;
	row->epoch = epoch;
	row->phase = BOARD_WORKING;
	row->task = task;
}

void
board_work_end(struct board_work *row)
{
	row->task = CORE_NO_TASK;
	row->record = CORE_NO_RECORD;
	row->phase = BOARD_IDLE;
}

void
board_work_phase(struct board_work *row, enum board_phase phase)
{
	row->phase = phase;
}

volatile uint64_t *
board_work_record(struct board_work *row)
{
	return &row->record;
}

volatile uint64_t *
board_work_progress(struct board_work *row)
{
	return &row->progress;
}

void
board_work_read(const struct board *board, uint32_t slot, uint32_t *task, uint32_t *epoch,
                uint64_t *record)
{
	const struct board_work *row = board_work(board, slot);
	*task = row->task;
	*epoch = row->epoch;
	*record = row->record;
}

bool
board_work_is_busy(const struct board *board, uint32_t slot)
{
	return board_work(board, slot)->task != CORE_NO_TASK;
}

uint64_t
board_work_done(const struct board *board, uint32_t slot)
{
	const struct board_work *row = board_work(board, slot);
	uint64_t done = row->progress + row->kept;
	uint64_t records = atomic_load_explicit(&board->records, memory_order_relaxed);
	return records == 0 || done <= records ? done : 0;
}

void
board_work_keep(struct board_work *row)
{
	row->kept += row->progress;
	row->progress = 0;
}

void
board_work_committed(struct board_work *row)
{
	row->kept = 0;
}

void
board_work_reset(struct board *board, uint32_t slot)
{
	struct board_work *row = board_work(board, slot);
	board_work_end(row);
	board_work_committed(row);
	row->epoch = 0;
	row->progress = 0;
}

void
board_part(const struct board *board, enum board_part part, size_t *at, size_t *length)
{
	uint32_t tasks = board_tasks(board);
	const struct {
		uint64_t at, length;
	} parts[BOARD_PARTS] = {
	    [BOARD_PART_MAGIC] = {offsetof(struct board, magic), sizeof(board->magic)},
	    [BOARD_PART_SLOTS] = {board->slots_at, board->slots * sizeof(struct board_slot)},
	    [BOARD_PART_WORK] = {board->work_at, board->slots * sizeof(struct board_work)},
	    [BOARD_PART_STATS] = {offsetof(struct board, stats_seq),
	                          sizeof(board->stats_seq) + sizeof(board->stats)},
	    [BOARD_PART_CELLS] = {board->cells_at, tasks > 0 ? tasks : 1},
	};
	CHECK(part < BOARD_PARTS);
	*at = parts[part].at;
	*length = parts[part].length;
}

void *
board_faults(struct board *board)
{
	return (char *)board + board->faults_at;
}

void
board_cell_set(struct board *board, uint32_t task, enum task_state state, unsigned attempt)
{
	unsigned capped = attempt < 15 ? attempt : 15;
	CHECK(task < BOARD_TASKS_MAX);
	atomic_store_explicit(board_cell(board, task), (uint8_t)(capped << 4 | (unsigned)state),
	                      memory_order_relaxed);
}

enum task_state
board_cell_state(const struct board *board, uint32_t task)
{
	CHECK(task < BOARD_TASKS_MAX);
	return atomic_load_explicit(board_cell(board, task), memory_order_relaxed) & 15;
}

unsigned
board_cell_attempt(const struct board *board, uint32_t task)
{
	CHECK(task < BOARD_TASKS_MAX);
	return atomic_load_explicit(board_cell(board, task), memory_order_relaxed) >> 4;
}

/* Rows have fields of all kinds; as words they are only copied. */
typedef uint64_t __attribute__((may_alias)) word;

static void
words_copy(void *to_row, const void *from_row, size_t size)
{
	word *to = to_row;
	const word *from = from_row;
	for (size_t i = 0; i < size / sizeof *to; i++)
		__atomic_store_n(&to[i], __atomic_load_n(&from[i], __ATOMIC_RELAXED),
		                 __ATOMIC_RELAXED);
}

void
board_write_begin(struct board_seq *seq)
{
	uint32_t count = atomic_load_explicit(&seq->count, memory_order_relaxed);
	/* Odd, whatever it was: a count that was damaged must not stay wrong for ever. */
	atomic_store_explicit(&seq->count, (count + 1) | 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
}

void
board_write_end(struct board_seq *seq)
{
	uint32_t count = atomic_load_explicit(&seq->count, memory_order_relaxed);
	atomic_store_explicit(&seq->count, (count | 1) + 1, memory_order_release);
}

void
board_write(struct board_seq *seq, void *to, const void *from, size_t size)
{
	board_write_begin(seq);
	words_copy(to, from, size);
	board_write_end(seq);
}

int
board_read(const struct board_seq *seq, void *to, const void *from, size_t size)
{
	for (int tries = 0; tries < BOARD_READ_TRIES; tries++) {
		uint32_t before = atomic_load_explicit(&seq->count, memory_order_acquire);
		words_copy(to, from, size);
		atomic_thread_fence(memory_order_acquire);
		uint32_t after = atomic_load_explicit(&seq->count, memory_order_relaxed);
		if (before == after && before % 2 == 0)
			return 0;
	}
	return -EAGAIN;
}

static struct board_event *
board_event(const struct board *board, uint64_t number)
{
	struct board_event *ring =
	    (struct board_event *)((char *)(uintptr_t)board + board->events_at);
	return &ring[number & (board->events - 1)];
}

uint64_t
board_events_head(const struct board *board)
{
	return atomic_load_explicit(&board->head, memory_order_acquire);
}

uint64_t
board_events_flushed(const struct board *board)
{
	return atomic_load_explicit(&board->flushed, memory_order_acquire);
}

uint64_t
board_events_capacity(const struct board *board)
{
	return board->events;
}

void
board_events_set_flushed(struct board *board, uint64_t number)
{
	atomic_store_explicit(&board->flushed, number, memory_order_release);
}

void
board_events_resume(struct board *board, uint64_t count)
{
	uint64_t head = board_events_head(board);
	if (head < count || head - count > board->events)
		atomic_store_explicit(&board->head, count, memory_order_release);
	board_events_set_flushed(board, count);
}

int
board_event_push(struct board *board, const struct core_step *step)
{
	uint64_t head = atomic_load_explicit(&board->head, memory_order_relaxed);
	if (head - board_events_flushed(board) >= board->events)
		return -ENOBUFS;
	struct board_event *event = board_event(board, head);
	uint32_t generation = atomic_load_explicit(&board->generation, memory_order_relaxed);
	__atomic_store_n(&event->sequence, 0, __ATOMIC_RELAXED);
	atomic_thread_fence(memory_order_release);
	words_copy(&event->step, step, sizeof *step);
	__atomic_store_n(&event->generation, generation, __ATOMIC_RELAXED);
	__atomic_store_n(&event->sequence, (uint32_t)(head + 1), __ATOMIC_RELEASE);
	/* Whoever was stopped in here and goes on when another appends must not turn it back. */
	return atomic_compare_exchange_strong(&board->head, &head, head + 1) ? 0 : -ESTALE;
}

int
board_event_read(const struct board *board, uint64_t number, struct core_step *step,
                 uint32_t *generation)
{
	const struct board_event *event = board_event(board, number);
	if (number >= board_events_head(board))
		return -EAGAIN;
	uint32_t before = __atomic_load_n(&event->sequence, __ATOMIC_ACQUIRE);
	words_copy(step, &event->step, sizeof *step);
	*generation = __atomic_load_n(&event->generation, __ATOMIC_RELAXED);
	atomic_thread_fence(memory_order_acquire);
	/* The writer may have come round meanwhile: then this entry is, or becomes, a later one. */
	uint32_t after = __atomic_load_n(&event->sequence, __ATOMIC_RELAXED);
	return before == (uint32_t)(number + 1) && before == after ? 0 : -ENOENT;
}

_Static_assert(sizeof(struct core_stats) % 8 == 0, "copied by words");
_Static_assert(sizeof(struct board_slot_row) % 8 == 0, "copied by words");
_Static_assert(sizeof(struct core_step) % 8 == 0, "copied by words");
_Static_assert(sizeof(struct board_event) == 48, "the ring's entries are part of the layout");
_Static_assert(sizeof(struct board_slot) == 64 && sizeof(struct board_work) == 64,
               "a cache line each");
