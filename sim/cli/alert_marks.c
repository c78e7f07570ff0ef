/* SPDX-License-Identifier: ISC
 *
 * Reading and appending marks.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/alert_marks.h"
#include "sim/util/calendar.h"
#include "sim/util/clock.h"

#define LINE_BYTES_MAX 512

/* A torn line says nothing: what it was to say was not done yet, or is done again. */
static void
read_line(const char *line, struct alert_mark *mark)
{
	json_t *object = json_loads(line, 0, NULL);
	const char *reason = json_string_value(json_object_get(object, "reason"));
	json_t *generation = json_object_get(object, "generation");

	if (reason != NULL && strcmp(reason, mark->reason) == 0 &&
	    json_integer_value(generation) == mark->generation) {
		mark->tries = (unsigned)json_integer_value(json_object_get(object, "try"));
		mark->ended = json_object_get(object, "result") != NULL;
	}
	json_decref(object);
}

int
alert_marks_find(const struct rundir *run, struct alert_mark *mark)
{
	char line[LINE_BYTES_MAX];
	int fd = openat(run->fd, RUN_ALERTS, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	mark->tries = 0;
	mark->ended = false;
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (file == NULL) {
		close(fd);
		return -ENOMEM;
	}
	while (fgets(line, sizeof(line), file) != NULL)
		read_line(line, mark);
	fclose(file);
	return 0;
}

/* The line of one that was killed may have no end. */
static bool
is_torn(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static int
append(const struct rundir *run, const char *line, int length)
{
	int fd = openat(run->fd, RUN_ALERTS, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int error = 0;

	if (fd < 0)
		return -errno;
	errno = ENOSPC;
	if ((is_torn(fd) && write(fd, "\n", 1) != 1) || write(fd, line, (size_t)length) != length ||
	    fsync(fd) != 0)
		error = -errno;
	close(fd);
	return error;
}

int
alert_marks_begin(const struct rundir *run, const struct alert_mark *mark)
{
	char line[LINE_BYTES_MAX];

	return append(run, line,
	              snprintf(line, sizeof(line),
	                       "{\"reason\": \"%s\", \"generation\": %u, \"try\": %u, \"at\": "
	                       "%lld}\n",
	                       mark->reason, mark->generation, mark->tries,
	                       (long long)(calendar_now_ns() / NS_PER_S)));
}

int
alert_marks_end(const struct rundir *run, const struct alert_mark *mark, int result)
{
	char line[LINE_BYTES_MAX];

	return append(run, line,
	              snprintf(line, sizeof(line),
	                       "{\"reason\": \"%s\", \"generation\": %u, \"try\": %u, \"at\": "
	                       "%lld, \"result\": %d}\n",
	                       mark->reason, mark->generation, mark->tries,
	                       (long long)(calendar_now_ns() / NS_PER_S), result));
}
