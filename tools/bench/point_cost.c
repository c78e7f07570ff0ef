/* SPDX-License-Identifier: ISC
 *
 * What reaching a point costs while nothing is armed: a loop that reaches one, against the same
 * loop without.
 *
 *     point_cost [HITS]
 *
 * prints the nanoseconds for one point.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/fault/point.h"
#include "sim/util/clock.h"

static int64_t
loop_ns(uint64_t hits, bool reach)
{
	int64_t start_ns = clock_now_ns();

	for (uint64_t i = 0; i < hits; i++) {
		/* So that neither loop is taken out, nor the load moved out of one. */
		__asm__ volatile("" ::: "memory");
		if (reach)
			point_reach(POINT_WORKER_BEFORE_TASK);
	}
	return clock_now_ns() - start_ns;
}

int
main(int argc, char **argv)
{
	const char *error = NULL;
	uint64_t hits = (uint64_t)(argc > 1 ? strtonum(argv[1], 1, INT64_MAX, &error) : 100000000);
	int64_t with_ns, without_ns;

	if (error || argc > 2)
		errx(2, "usage: point_cost [HITS]");
	fault_self.area = calloc(1, sizeof(*fault_self.area));
	if (fault_self.area == NULL)
		err(1, "calloc");
	without_ns = loop_ns(hits, false);
	with_ns = loop_ns(hits, true);
	printf("%.3f\n", (double)(with_ns - without_ns) / (double)hits);
	free(fault_self.area);
	return 0;
}
