/* SPDX-License-Identifier: ISC
 *
 * From the words of a scenario to those who make input up.
 */
#include "sim/job/made_input.h"
#include "sim/flow/flow_generate.h"
#include "sim/job/generate.h"

int
made_input_write(const struct scenario *scenario, int fd)
{
	const struct scenario_job *job = &scenario->job;
	const struct generate_events shape = {
	    .sources = job->generate_sources, .late = job->generate_late, .bad = job->generate_bad};

	if (job->kind == JOB_STREAM)
		return flow_generate(scenario, fd);
	if (job->generate_events > 0)
		return generate_events(fd, job->generate_events, scenario->seed, &shape);
	if (job->generate_weblog > 0)
		return generate_weblog(fd, job->generate_weblog, scenario->seed, job->generate_bad);
	return generate_sales(fd, job->generate_sales, scenario->seed, job->generate_bad);
}
