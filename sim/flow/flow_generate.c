/* SPDX-License-Identifier: ISC
 *
 * Events of each pattern, written in the order in which they are appended.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "core/rng.h"
#include "sim/flow/flow_generate.h"
#include "sim/flow/flow_input.h"

#define STEP_MS 10 /* from one event to the next */

static void
put_sales(FILE *out, const struct scenario_job *job, struct rng *rng)
{
	for (uint64_t i = 0; i < job->generate_events; i++) {
		/* Uneven: the first keys are had most. */
		uint64_t key = rng_upto(rng, rng_upto(rng, job->generate_keys - 1));

		fprintf(out, "%llu,%llu,%s,p%llu,%llu\n", (unsigned long long)i + 1,
		        (unsigned long long)i * STEP_MS, flow_kind_name(FLOW_SOLD),
		        (unsigned long long)key, (unsigned long long)rng_upto(rng, 99999));
	}
}

static void
put_all(FILE *out, const struct scenario *scenario)
{
	struct rng rng;

	rng_init(&rng, scenario->seed);
	fputs(FLOW_HEADER "\n", out);
	switch (scenario->job.pattern) {
	case PATTERN_STREAMING:
	case PATTERN_BATCHING:
		put_sales(out, &scenario->job, &rng);
	}
}

int
flow_generate(const struct scenario *scenario, int fd)
{
	int copy = dup(fd), error;
	FILE *out = copy < 0 ? NULL : fdopen(copy, "w");

	if (out == NULL) {
		error = -errno;
		if (copy >= 0)
			close(copy);
		return error;
	}
	put_all(out, scenario);
	error = ferror(out) ? -EIO : 0;
	return fclose(out) != 0 && error == 0 ? -errno : error;
}
