/* SPDX-License-Identifier: ISC
 *
 * Linked to each fuzz target in place of sim/util/fail.c: what does not hold ends the process by a
 * signal, which libFuzzer notices, and errors meant for people are formatted but not shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/util/fail.h"
#include "tests/fuzz/fuzz.h"

void
complain(const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
}

void
check_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s does not hold\n", file, line, condition);
	abort();
}

void
fuzz_file_init(struct fuzz_file *file, const char *name)
{
	file->fd = memfd_create(name, MFD_CLOEXEC);
	CHECK(file->fd >= 0);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
}

void
fuzz_file_set(const struct fuzz_file *file, const void *bytes, size_t length)
{
	CHECK(ftruncate(file->fd, 0) == 0);
	CHECK(pwrite(file->fd, bytes, length, 0) == (ssize_t)length);
}
