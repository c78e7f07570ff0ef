/* SPDX-License-Identifier: ISC
 *
 * A document's way into its file: beside its place, and then into it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/util/save.h"

static int
write_to(FILE *out, save_write *write, const void *document)
{
	int error = write(document, out);

	if (error == 0 && fflush(out) != 0)
		error = -errno;
	/* What failed before, and is not known any more. */
	if (error == 0 && ferror(out))
		error = -EIO;
	return error;
}

/* Ends `out`, the file `beside`, with the document in it, and puts it in its place. */
static int
put_in_place(FILE *out, const char *beside, const char *path, save_write *write,
             const void *document)
{
	int error = write_to(out, write, document);

	if (fclose(out) != 0 && error == 0)
		error = -errno;
	if (error == 0 && rename(beside, path) != 0)
		error = -errno;
	if (error != 0)
		unlink(beside);
	return error;
}

/* A new file that only the user can write and that others may read, as the umask has it. */
static FILE *
open_beside(const char *path, char beside[PATH_MAX])
{
	mode_t mask = umask(0);
	FILE *out;
	int fd;

	umask(mask);
	if (snprintf(beside, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return NULL;
	out = fchmod(fd, 0666 & ~mask) == 0 ? fdopen(fd, "w") : NULL;
	if (out == NULL) {
		close(fd);
		unlink(beside);
	}
	return out;
}

int
save_file(const char *path, save_write *write, const void *document)
{
	char beside[PATH_MAX];
	FILE *out;

	if (strcmp(path, "-") == 0)
		return write_to(stdout, write, document);
	out = open_beside(path, beside);
	return out == NULL ? -errno : put_in_place(out, beside, path, write, document);
}

int
save_file_beside(const char *path, const char *beside, save_write *write, const void *document)
{
	FILE *out = fopen(beside, "we");

	return out == NULL ? -errno : put_in_place(out, beside, path, write, document);
}
