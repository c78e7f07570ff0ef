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

int
command_generate(int argc, char **argv)
{
	struct options options;
	uint64_t records = 0, bad = 0, seed = 1;
	bool sales;
	int fd, error;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	sales = strcmp(options.word[0], "sales") == 0;
	if (!sales && strcmp(options.word[0], "weblog") != 0) {
		complain("generate: no such input as %s: sales or weblog", options.word[0]);
		return EXIT_USAGE;
	}
	if (!number("records", options.records, 0, &records) ||
	    !number("bad", options.bad, 0, &bad) ||
	    !number("seed", options.sets > 0 ? options.seed + strlen("seed=") : NULL, 0, &seed))
		return EXIT_USAGE;
	fd = strcmp(options.output, "-") == 0
	         ? dup(STDOUT_FILENO)
	         : open(options.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		complain("cannot make %s: %s", options.output, strerror(errno));
		return EXIT_USAGE;
	}
	error = sales ? generate_sales(fd, records, seed, bad)
	              : generate_weblog(fd, records, seed, bad);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	if (error != 0) {
		complain("cannot write %s: %s", options.output, strerror(-error));
		return EXIT_INTERNAL;
	}
	return EXIT_MET;
}
