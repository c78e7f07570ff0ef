/* SPDX-License-Identifier: ISC
 *
 * What the ledger's passes have in common beside their reader: a file's bytes, its header, and
 * words for what cannot be read and for what differs.
 */
#ifndef SIM_VERDICT_LEDGER_INPUT_H
#define SIM_VERDICT_LEDGER_INPUT_H

#include "sim/verdict/ledger.h"
#include "sim/verdict/ledger_reader.h"

/* Where it is said why something could not be read. */
struct ledger_words {
	char *text;
	size_t size;
};

/* Says so.  Returns code. */
int ledger_fail(const struct ledger_words *words, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Keeps the first difference: it is the example. */
void ledger_note(struct ledger_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A file's bytes, mapped; there may be none. */
struct ledger_bytes {
	const char *start;
	size_t length;
};

/* The first `most` bytes of a file (0: all).  To be ended with ledger_unmap, also after an error.
 * 0, or -errno after saying why. */
int ledger_map(struct ledger_bytes *bytes, const char *path, uint64_t most,
               const struct ledger_words *words);
void ledger_unmap(struct ledger_bytes *bytes);

/* Reads the first record of the bytes, behind a byte order mark.  0, or -errno after saying why. */
int ledger_header_read(struct ledger_reader *reader, const char *path,
                       const struct ledger_words *words);
/* Number of the header's column of that name; the header is the record read last.  0, or -errno
 * after saying why. */
int ledger_column_find(const struct ledger_reader *reader, const char *path, const char *name,
                       uint32_t *column, const struct ledger_words *words);

#endif
