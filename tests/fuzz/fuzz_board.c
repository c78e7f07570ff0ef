/* SPDX-License-Identifier: ISC
 *
 * The board as its readers and the next supervisor find it: whole, damaged or made up.  What
 * board_attach takes can be read in all its parts without leaving the memory and without end, also
 * when what changes in a living board changes to anything; and a new supervisor can go on with it.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/board.h"
#include "sim/rundir/eventlog.h"
#include "tests/fuzz/fuzz.h"

#define SLOTS_MAX 8
#define EVENTS_MAX 64
#define PATCHES_MAX 64
#define CELLS_LOOKED_AT 64

/* Boards end where memory does: the page behind is not to be touched. */
struct place {
	char *start, *end;
};

static struct place
place_make(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (board_size(SLOTS_MAX, EVENTS_MAX) + 2 * page) & ~(page - 1);
	char *start = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(start != MAP_FAILED && mprotect(start + size, page, PROT_NONE) == 0);
	return (struct place){start, start + size};
}

/* Puts up to eight bytes somewhere into the board, most often where something stands. */
static void
patch(char *memory, size_t size, struct fuzz_input *input, bool living)
{
	const struct board *board = (const struct board *)memory;
	uint64_t how = fuzz_take(input, 1), at = fuzz_take(input, 2);
	size_t first = living ? offsetof(struct board, director_pid) : 0;
	uint64_t start = (how & 3) == 0   ? first + at % (sizeof(*board) - first)
	                 : (how & 3) == 1 ? sizeof(*board) + at % (SLOTS_MAX * 128)
	                                  : sizeof(*board) + at;
	uint64_t value = fuzz_take(input, 1 + (how >> 2) % 8);
	size_t length = 1 + (how >> 5);

	if ((how & 3) == 3)
		start = size - 1 - at % size; /* from the end */
	if (start < first || start + length > size)
		return;
	memcpy(memory + start, &value, length);
}

static void
read_rows(const struct board *board)
{
	struct core_stats stats;
	struct board_slot_row row;
	uint32_t task, epoch;
	uint64_t record;
	int result = board_stats_get(board, &stats);

	CHECK(result == 0 || result == -EAGAIN);
	CHECK(strlen(board_run_id(board)) < BOARD_RUN_ID_SIZE);
	CHECK(strlen(board->socket_name) < BOARD_SOCKET_NAME_SIZE);
	board_done(board);
	for (uint32_t slot = 0; slot < board->slots; slot++) {
		result = board_slot_get(board, slot, &row);
		CHECK(result == 0 || result == -EAGAIN);
		board_work_read(board, slot, &task, &epoch, &record);
		CHECK(board_work_is_busy(board, slot) == (task != CORE_NO_TASK));
		board_work_done(board, slot);
	}
}

static void
read_cells(const struct board *board)
{
	uint32_t tasks = board_tasks(board), step = tasks / CELLS_LOOKED_AT + 1;

	for (uint32_t task = 0; task < tasks; task += step) {
		CHECK((unsigned)board_cell_state(board, task) < 16);
		CHECK(board_cell_attempt(board, task) < 16);
	}
	if (tasks > 0)
		board_cell_state(board, tasks - 1);
}

static void
read_events(const struct board *board)
{
	uint64_t head = board_events_head(board), events = board_events_capacity(board);
	uint64_t numbers[] = {0, head - events - 1, head - events, head - 1, head, UINT64_MAX};
	struct core_step step;
	uint32_t generation;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int result = board_event_read(board, numbers[i], &step, &generation);

		CHECK(result == 0 || result == (numbers[i] < head ? -ENOENT : -EAGAIN));
	}
	for (uint64_t number = board_events_flushed(board), left = 4 * events;
	     number < head && left > 0; number++, left--)
		board_event_read(board, number, &step, &generation);
}

/* What was pushed is read back, until the ring is full. */
static void
push_events(struct board *board)
{
	uint64_t head = board_events_head(board), events = board_events_capacity(board);
	struct core_step step = {.kind = EV_TICK, .task = CORE_NO_TASK}, back;
	uint32_t generation;
	uint64_t pushed = 0;

	CHECK(head - board_events_flushed(board) <= events);
	for (step.value = head; board_event_push(board, &step) == 0; step.value++, pushed++) {
		CHECK(pushed < events);
		CHECK(board_event_read(board, step.value, &back, &generation) == 0);
		CHECK(memcmp(&step, &back, sizeof(step)) == 0 && generation == 9);
	}
	CHECK(board_events_head(board) - board_events_flushed(board) == events);
}

/* The supervisor that comes next takes the board over. */
static void
take_over(struct board *board, uint64_t count)
{
	struct core_stats stats = {.done = 17}, back;
	struct board_slot_row row;

	board_generation_set(board, 9, 1);
	CHECK(board_stats_get(board, &back) == 0);
	for (uint32_t slot = 0; slot < board->slots; slot++) {
		CHECK(board_slot_get(board, slot, &row) == 0);
		board_work_reset(board, slot);
		CHECK(!board_work_is_busy(board, slot) && board_work_done(board, slot) == 0);
	}
	board_stats_set(board, &stats, 5);
	CHECK(board_stats_get(board, &back) == 0 && back.done == 17);
	board_events_resume(board, count);
	CHECK(board_events_flushed(board) == count && board_events_head(board) >= count);
	push_events(board);
}

/* The log either takes what the ring has, or says that the ring has not what it says. */
static void
flush(struct board *board)
{
	static struct fuzz_file file = {.fd = -1};
	uint64_t head = board_events_head(board);
	int error;

	if (file.fd < 0)
		fuzz_file_init(&file, "events.log");
	fuzz_file_set(&file, "", 0);
	error = eventlog_flush(file.fd, board);
	CHECK(error == -EBADMSG || error == -ESTALE || error == -EFBIG || error == -EINVAL ||
	      (error == 0 && board_events_flushed(board) >= head));
}

static struct board *
make(struct place place, struct fuzz_input *input, size_t *size)
{
	uint32_t slots = 1 + (uint32_t)fuzz_take(input, 1) % SLOTS_MAX;
	uint32_t events = 1u << fuzz_take(input, 1) % 7;
	uint64_t how = fuzz_take(input, 1), cut = how & 1 ? fuzz_take(input, 2) : 0;
	struct core_step step = {.kind = EV_BEAT, .task = 3};
	struct board *board;
	char *memory;

	*size = board_size(slots, events);
	memory = place.end - *size;
	board = board_init(memory, *size, slots, events, "run", "socket", 1);
	CHECK(board != NULL);
	board_plan_set(board, (uint32_t)fuzz_take(input, how & 2 ? 3 : 1), 100);
	for (uint64_t left = how >> 4; left > 0; left--)
		board_event_push(board, &step);
	if (how & 4) { /* nothing of ours but the magic, perhaps */
		size_t length = fuzz_left(input) < *size ? fuzz_left(input) : *size;

		memcpy(memory + (how & 8), input->at, length - (length > 8 ? how & 8 : 0));
	}
	*size -= cut;
	return board;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct place place;
	struct fuzz_input input = {data, data + size};
	size_t length;
	struct board *board;

	if (place.start == NULL)
		place = place_make();
	board = make(place, &input, &length);
	for (uint64_t count = fuzz_take(&input, 1) % PATCHES_MAX; count > 0; count--)
		patch((char *)board, length, &input, false);
	if (board_attach(board, length) == board) {
		CHECK(length >= board_size(board->slots, board->events));
		read_rows(board);
		read_cells(board);
		read_events(board);
		for (int i = 0; i < PATCHES_MAX && fuzz_left(&input) > 0; i++)
			patch((char *)board, length, &input, true);
		read_rows(board);
		read_cells(board);
		read_events(board);
		flush(board);
		take_over(board, size % 5 ? board_events_flushed(board) : size);
	}
	CHECK(madvise(place.start, (size_t)(place.end - place.start), MADV_DONTNEED) == 0);
	return 0;
}
