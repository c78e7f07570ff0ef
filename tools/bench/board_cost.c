/* SPDX-License-Identifier: ISC
 *
 * What publishing on the board costs the supervisor for one task, whether anybody looks or not: a
 * cell when the task is leased, a cell when it is done, and the statistics once a turn, which takes
 * in one datagram of up to `credit` tasks: here 16, as in the no-op rows.
 *
 *     board_cost [TASKS]
 *
 * prints the nanoseconds for one task.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "core/board.h"
#include "sim/util/clock.h"

#define EVENTS 1024
#define SLOTS 3
#define TURN_TASKS 16

int
main(int argc, char **argv)
{
	const char *error = NULL;
	uint32_t tasks =
	    (uint32_t)(argc > 1 ? strtonum(argv[1], 1, BOARD_TASKS_MAX, &error) : 1000000);
	size_t size = board_size(SLOTS, EVENTS);
	struct core_stats stats = {0};
	struct board *board;
	int64_t start_ns;
	void *memory;

	if (error || argc > 2)
		errx(2, "usage: board_cost [TASKS]");
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	board = board_init(memory, size, SLOTS, EVENTS, "bench", "bench", clock_now_ns());
	if (board == NULL)
		errx(1, "no board could be made");
	board_plan_set(board, tasks, tasks);
	start_ns = clock_now_ns();
	for (uint32_t task = 0; task < tasks; task++) {
		stats.done++;
		board_cell_set(board, task, TASK_LEASED, 1);
		board_cell_set(board, task, TASK_DONE, 1);
		if (task % TURN_TASKS == 0)
			board_stats_set(board, &stats, start_ns);
	}
	printf("%.2f\n", (double)(clock_now_ns() - start_ns) / tasks);
	return 0;
}
