/* SPDX-License-Identifier: ISC
 *
 * One run of a comparison, and how many bytes it wrote.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/compare/comparison.h"

/* This process was made for one run, and has reaped all that belonged to it: what they wrote was
 * added to its own.  0: the kernel does not tell. */
static uint64_t
bytes_written(void)
{
	char text[512];
	const char *found;
	uint64_t written;
	ssize_t length;
	int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	found = strstr(text, "wchar: ");
	if (found == NULL || sscanf(found, "wchar: %" SCNu64, &written) != 1)
		return 0;
	return written;
}

int
comparison_play(const struct trial *trial, struct played *played)
{
	int code;

	memset(played, 0, sizeof(*played));
	code = trial_play(trial);
	played->written = bytes_written();
	return code;
}
