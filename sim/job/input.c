/* SPDX-License-Identifier: ISC
 *
 * The input file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/job/input.h"

static const char *
file_type(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a pipe";
	return S_ISSOCK(mode) ? "a socket" : "a device";
}

static int
input_map(struct input *input, const char *path, uint64_t bytes, int fd, char *error, size_t size)
{
	struct stat status;
	void *start;
	int result;

	if (fstat(fd, &status) < 0)
		goto failed;
	if (!S_ISREG(status.st_mode)) {
		snprintf(
		    error, size,
		    "input %s is %s: a regular file is needed, because it is read more than once",
		    path, file_type(status.st_mode));
		return -EINVAL;
	}
	*input = (struct input){.bytes = "", .length = (size_t)status.st_size};
	if (bytes > 0 && bytes < input->length)
		input->length = bytes;
	if (input->length == 0)
		return 0;
	start = mmap(NULL, input->length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (start == MAP_FAILED)
		goto failed;
	input->bytes = start;
	return 0;
failed:
	result = -errno;
	snprintf(error, size, "input %s cannot be mapped: %s", path, strerror(-result));
	return result;
}

int
input_open(struct input *input, const char *path, uint64_t bytes, char *error, size_t size)
{
	/* Without O_NONBLOCK a pipe would be waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result;

	if (fd < 0) {
		result = -errno;
		snprintf(error, size, "input %s cannot be opened: %s%s", path, strerror(-result),
		         result == -ENOENT
		             ? "; a relative name is looked for beside the scenario file"
		             : "");
		return result;
	}
	result = input_map(input, path, bytes, fd, error, size);
	close(fd);
	return result;
}

void
input_close(struct input *input)
{
	if (input->length > 0)
		munmap((void *)(uintptr_t)input->bytes, input->length);
	*input = (struct input){.bytes = ""};
}

void
input_position(const struct input *input, size_t offset, uint64_t *line, uint64_t *column)
{
	*line = *column = 1;
	for (size_t i = input_mark(input); i < offset; i++) {
		if (input->bytes[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)input->bytes[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

bool
input_ends_line(const char *path, uint64_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char last = '\0';

	if (fd < 0)
		return false;
	if (bytes > 0 && pread(fd, &last, 1, (off_t)bytes - 1) != 1)
		last = '\0';
	close(fd);
	return last == '\n';
}

size_t
input_mark(const struct input *input)
{
	return input->length >= 3 && memcmp(input->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

int
input_identify(const char *path, struct input_identity *identity)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return -errno;
	*identity = (struct input_identity){
	    .device = status.st_dev,
	    .inode = status.st_ino,
	    .size = (uint64_t)status.st_size,
	    .mtime_ns = status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec,
	    .ctime_ns = status.st_ctim.tv_sec * INT64_C(1000000000) + status.st_ctim.tv_nsec,
	};
	return 0;
}
