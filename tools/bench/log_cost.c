/* SPDX-License-Identifier: ISC
 *
 * What the event log costs the supervisor for one task: its two events, leased and done, into the
 * board's ring, and from there with their checksums into the file whenever the ring is half full.
 *
 *     log_cost [TASKS]
 *
 * prints the nanoseconds of processor time for one task.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sim/process/run_setup.h"
#include "sim/rundir/eventlog.h"
#include "sim/util/clock.h"

#define SLOTS 3

static struct board *
new_board(void)
{
	size_t size = board_size(SLOTS, BOARD_RING_ENTRIES);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct board *board;

	if (memory == MAP_FAILED)
		err(1, "mmap");
	board =
	    board_init(memory, size, SLOTS, BOARD_RING_ENTRIES, "bench", "bench", clock_now_ns());
	if (board == NULL)
		errx(1, "no board could be made");
	board_generation_set(board, 1, getpid());
	return board;
}

static void
log_task(int fd, struct board *board, uint32_t task, int64_t now_ns)
{
	struct core_step step = {
	    .at_ns = now_ns, .kind = ACT_ASSIGN, .incarnation = 1, .task = task, .epoch = 1};
	int error = eventlog_put(fd, board, &step);

	step.kind = EV_TASK_DONE;
	if (error == 0)
		error = eventlog_put(fd, board, &step);
	if (error == 0 && board_events_head(board) - board_events_flushed(board) >=
	                      board_events_capacity(board) / 2)
		error = eventlog_flush(fd, board);
	if (error != 0)
		errx(1, "event log: %s", strerror(-error));
}

static int64_t
processor_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

int
main(int argc, char **argv)
{
	const char *error = NULL;
	uint32_t tasks = (uint32_t)(argc > 1 ? strtonum(argv[1], 1, 100000000, &error) : 1000000);
	char path[] = "/tmp/log_cost.XXXXXX";
	uint64_t count, repaired;
	struct board *board = new_board();
	int64_t start_ns;
	int fd;

	if (error || argc > 2)
		errx(2, "usage: log_cost [TASKS]");
	fd = mkstemp(path);
	if (fd < 0 || close(fd) != 0 || (fd = eventlog_open(path, &count, &repaired)) < 0)
		err(1, "%s", path);
	unlink(path);
	start_ns = processor_ns();
	for (uint32_t task = 0; task < tasks; task++)
		log_task(fd, board, task, start_ns);
	printf("%.2f\n", (double)(processor_ns() - start_ns) / tasks);
	return 0;
}
