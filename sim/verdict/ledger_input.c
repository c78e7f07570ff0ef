/* SPDX-License-Identifier: ISC
 *
 * The ledger's way into a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/verdict/ledger_input.h"
#include "sim/verdict/ledger_text.h"

int
ledger_fail(const struct ledger_words *words, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words->text, words->size, format, arguments);
	va_end(arguments);
	return code;
}

void
ledger_note(struct ledger_finding *finding, const char *format, ...)
{
	va_list arguments;

	if (finding->example[0] != '\0')
		return;
	va_start(arguments, format);
	vsnprintf(finding->example, sizeof(finding->example), format, arguments);
	va_end(arguments);
}

int
ledger_map(struct ledger_bytes *bytes, const char *path, uint64_t most,
           const struct ledger_words *words)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *start;
	int error = 0;

	*bytes = (struct ledger_bytes){.start = ""};
	if (fd < 0)
		return ledger_fail(words, -errno, "%s: cannot be opened: %s", path,
		                   strerror(errno));
	if (fstat(fd, &status) < 0) {
		error = ledger_fail(words, -errno, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		error = ledger_fail(words, -EINVAL, "%s: is not a regular file", path);
	} else if (status.st_size > 0) {
		if (most == 0 || most > (uint64_t)status.st_size)
			most = (uint64_t)status.st_size;
		start = mmap(NULL, most, PROT_READ, MAP_PRIVATE, fd, 0);
		if (start == MAP_FAILED)
			error = ledger_fail(words, -errno, "%s: cannot be mapped: %s", path,
			                    strerror(errno));
		else
			*bytes = (struct ledger_bytes){start, most};
	}
	close(fd);
	return error;
}

void
ledger_unmap(struct ledger_bytes *bytes)
{
	if (bytes->length > 0)
		munmap((void *)bytes->start, bytes->length);
}

int
ledger_header_read(struct ledger_reader *reader, const char *path, const struct ledger_words *words)
{
	if (reader->end - reader->at >= 3 && memcmp(reader->at, "\xef\xbb\xbf", 3) == 0)
		reader->at += 3;
	if (!ledger_reader_next(reader))
		return ledger_fail(words, -ENODATA, "%s: is empty: a header is expected", path);
	if (reader->bad != NULL)
		return ledger_fail(words, -EBADMSG, "%s: cannot read the header: %s", path,
		                   reader->bad);
	if (reader->fields > LEDGER_COLUMNS_MAX)
		return ledger_fail(words, -E2BIG,
		                   "%s: has %" PRIu32 " columns; the ledger reads up to %d", path,
		                   reader->fields, LEDGER_COLUMNS_MAX);
	return 0;
}

int
ledger_column_find(const struct ledger_reader *reader, const char *path, const char *name,
                   uint32_t *column, const struct ledger_words *words)
{
	struct ledger_text text = {0};
	bool found = false;
	int error = 0;

	for (uint32_t i = 0; error == 0 && !found && i < reader->fields; i++) {
		text.length = 0;
		error = ledger_text_add_value(&text, &reader->field[i]);
		found = error == 0 && text.length == strlen(name) &&
		        memcmp(text.bytes, name, text.length) == 0;
		*column = i;
	}
	free(text.bytes);
	if (error != 0)
		return ledger_fail(words, error, "%s: no memory left for its header", path);
	return found ? 0 : ledger_fail(words, -EINVAL, "%s: has no column '%s'", path, name);
}
