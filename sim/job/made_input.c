/* SPDX-License-Identifier: ISC
 *
 * From the words of a scenario to those who make input up.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/flow/flow_generate.h"
#include "sim/job/generate.h"
#include "sim/job/made_input.h"

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

static int
write_more(const struct scenario *scenario, uint64_t more, int fd)
{
	struct scenario *larger = malloc(sizeof(*larger));
	uint64_t *made;
	int error;

	if (larger == NULL)
		return -ENOMEM;
	*larger = *scenario;
	made = larger->job.generate_events > 0   ? &larger->job.generate_events
	       : larger->job.generate_weblog > 0 ? &larger->job.generate_weblog
	                                         : &larger->job.generate_sales;
	*made += more;
	error = made_input_write(larger, fd);
	free(larger);
	return error;
}

/* Where the last `lines` of these bytes begin. */
static size_t
tail(const char *bytes, size_t length, uint64_t lines)
{
	const char *at = bytes + length - 1;

	for (; at != NULL && lines > 0; lines--)
		at = memrchr(bytes, '\n', (size_t)(at - bytes));
	return at == NULL ? 0 : (size_t)(at + 1 - bytes);
}

static int
copy_tail(int from, uint64_t lines, int fd, uint64_t *written)
{
	struct stat status;
	char *bytes;
	size_t at;
	ssize_t taken = 0;

	if (fstat(from, &status) != 0)
		return -errno;
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, from, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	at = tail(bytes, (size_t)status.st_size, lines);
	*written = (uint64_t)status.st_size - at;
	for (; at < (size_t)status.st_size && taken >= 0; at += (size_t)taken)
		taken = write(fd, bytes + at, (size_t)status.st_size - at);
	taken = taken < 0 ? -errno : 0;
	munmap(bytes, (size_t)status.st_size);
	return (int)taken;
}

int
made_input_grow(const struct scenario *scenario, uint64_t more, int fd, uint64_t *bytes)
{
	int whole = memfd_create("graveshift input", MFD_CLOEXEC), error;

	if (whole < 0)
		return -errno;
	error = write_more(scenario, more, whole);
	if (error == 0)
		error = copy_tail(whole, more, fd, bytes);
	close(whole);
	return error;
}
