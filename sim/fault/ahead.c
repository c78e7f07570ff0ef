/* SPDX-License-Identifier: ISC
 *
 * Lines of plan.jsonl: appended, and read back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/fault/ahead.h"
#include "sim/fault/point.h"
#include "sim/util/fail.h"

bool
ahead_write(const char *line, size_t length)
{
	int fd = open(fault_self.plan_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	bool written = fd >= 0 && write(fd, line, length) == (ssize_t)length;

	if (!written)
		complain("cannot write %s: %s; the fault is not injected", fault_self.plan_path,
		         strerror(errno));
	if (fd >= 0)
		close(fd);
	return written;
}

/* A write that a full disk broke off has the next line glued to it: the last object is the whole
 * one.  Within a string the quotes would have a backslash. */
static const char *
whole_line(const char *line)
{
	static const char *const begin[] = {"{\"fault\"", "{\"hand\"", "{\"script\""};
	const char *next;

	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		while ((next = strstr(line + 1, begin[i])) != NULL)
			line = next;
	return line;
}

int
ahead_each(const char *plan_path, int (*each)(void *context, const json_t *line), void *context)
{
	char line[AHEAD_LINE_MAX];
	FILE *file = fopen(plan_path, "re");
	int error = 0;

	if (file == NULL)
		return errno == ENOENT ? 0 : -errno;
	while (error == 0 && fgets(line, sizeof(line), file) != NULL) {
		json_t *object;
		/* A torn last line was never acted on: acting comes after the write. */
		if (strchr(line, '\n') == NULL)
			continue;
		object = json_loads(whole_line(line), JSON_REJECT_DUPLICATES, NULL);
		error = object != NULL ? each(context, object) : -EBADMSG;
		json_decref(object);
	}
	fclose(file);
	return error;
}
