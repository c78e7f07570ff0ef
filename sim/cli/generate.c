/* SPDX-License-Identifier: ISC
 *
 * graveshift generate: made-up input in a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/job/generate.h"
#include "sim/util/fail.h"

#define RECORDS_MAX INT64_C(1000000000000)

static bool
number(const char *name, const char *text, int64_t least, uint64_t *value)
{
	const char *problem = NULL;

	if (text == NULL)
		return true;
	*value = (uint64_t)strtonum(text, least, RECORDS_MAX, &problem);
	if (problem != NULL)
		complain("generate: --%s %s is %s", name, text, problem);
	return problem == NULL;
}

static bool
is_known(const char *input)
{
	return strcmp(input, "sales") == 0 || strcmp(input, "weblog") == 0 ||
	       strcmp(input, "events") == 0;
}

static int
generate(const char *input, int fd, uint64_t records, uint64_t seed,
         const struct generate_events *shape)
{
	if (strcmp(input, "sales") == 0)
		return generate_sales(fd, records, seed, shape->bad);
	if (strcmp(input, "weblog") == 0)
		return generate_weblog(fd, records, seed, shape->bad);
	return generate_events(fd, records, seed, shape);
}

int
command_generate(int argc, char **argv)
{
	struct options options;
	struct generate_events shape = {.sources = 4};
	uint64_t records = 0, seed = 1;
	int fd, error;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (!is_known(options.word[0])) {
		complain("generate: no such input as %s: sales, weblog or events", options.word[0]);
		return EXIT_USAGE;
	}
	if (!number("records", options.records, 0, &records) ||
	    !number("bad", options.bad, 0, &shape.bad) ||
	    !number("late", options.late, 0, &shape.late) ||
	    !number("sources", options.sources, 1, &shape.sources) ||
	    !number("seed", options.sets > 0 ? options.seed + strlen("seed=") : NULL, 0, &seed))
		return EXIT_USAGE;
	fd = strcmp(options.output, "-") == 0
	         ? dup(STDOUT_FILENO)
	         : open(options.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		complain("cannot make %s: %s", options.output, strerror(errno));
		return EXIT_USAGE;
	}
	error = generate(options.word[0], fd, records, seed, &shape);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	if (error != 0) {
		complain("cannot write %s: %s", options.output, strerror(-error));
		return EXIT_INTERNAL;
	}
	return EXIT_MET;
}
