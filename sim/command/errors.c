/* SPDX-License-Identifier: ISC
 *
 * Files about commands that failed: the first line says how, the rest is what they said.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/command/command.h"
#include "sim/command/errors.h"
#include "sim/util/fail.h"
#include "sim/util/safe_text.h"

#define EPOCHS_MAX 1000 /* a task's attempts that are looked for */

void
errors_keep(const struct rundir *run, uint32_t task, uint32_t epoch, const char *how,
            const char *errors, size_t length)
{
	char name[64];
	bool written;
	int fd;

	snprintf(name, sizeof(name), RUN_ERRORS "/%u.%u", task, epoch);
	if (mkdirat(run->fd, RUN_ERRORS, 0700) != 0 && errno != EEXIST)
		return;
	fd = openat(run->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	written = dprintf(fd, "%s\n", how) > 0 && write(fd, errors, length) == (ssize_t)length;
	close(fd);
	if (!written)
		unlinkat(run->fd, name, 0);
}

static int
open_last(const struct rundir *run, uint32_t task, uint32_t epoch)
{
	char name[64];
	uint32_t first = epoch != 0 ? epoch : EPOCHS_MAX, last = epoch != 0 ? epoch : 1;
	int fd = -1;

	if (faccessat(run->fd, RUN_ERRORS, F_OK, 0) != 0)
		return -1;
	for (epoch = first; epoch >= last && fd < 0; epoch--) {
		snprintf(name, sizeof(name), RUN_ERRORS "/%u.%u", task, epoch);
		fd = openat(run->fd, name, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

/* The last line that is not empty. */
static const char *
last_words(char *text, size_t length)
{
	char *line;

	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	text[length] = '\0';
	line = strrchr(text, '\n');
	return line != NULL ? line + 1 : text;
}

const char *
errors_line(const struct rundir *run, uint32_t task, uint32_t epoch, char line[ERRORS_LINE_MAX])
{
	char text[COMMAND_ERRORS_MAX + 256], shown[ERRORS_LINE_MAX / 2];
	int fd = open_last(run, task, epoch);
	ssize_t length = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	const char *words;
	char *rest;

	line[0] = '\0';
	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return line;
	text[length] = '\0';
	rest = strchrnul(text, '\n');
	words = *rest != '\0' ? last_words(rest + 1, (size_t)(text + length - rest) - 1) : "";
	*rest = '\0';
	snprintf(line, ERRORS_LINE_MAX, "%.200s%s%s", text, words[0] != '\0' ? ": " : "",
	         safe_text(shown, sizeof(shown), words, strlen(words)));
	return line;
}
