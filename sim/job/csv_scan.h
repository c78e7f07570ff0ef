/* SPDX-License-Identifier: ISC
 *
 * Where CSV records are: bytes are looked at in blocks of 64, as bit masks (bit i = byte i of the
 * block).  A block without quotes needs nothing but its masks; one with quotes, or inside them, is
 * resolved first, so that only the separators and line ends that mean something are left in its
 * masks.
 */
#ifndef SIM_JOB_CSV_SCAN_H
#define SIM_JOB_CSV_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts records from the start of one.  The fields may be read between calls. */
struct csv_walk {
	const char *bytes;
	size_t length;
	size_t offset; /* all before it has been looked at */
	size_t
	    line; /* start of the line that offset is in: behind the last line end outside quotes */
	uint64_t records; /* found so far */
	char separator;
	bool quoted;       /* offset is inside a quoted field... */
	bool closing;      /* ...or just behind a quote that closes it, if no second one follows */
	bool unterminated; /* the bytes ended inside a quoted field */
};

#define CSV_WINDOW 16384

/* The records that begin and end in one window of at most CSV_WINDOW bytes, and where their fields
 * end. */
struct csv_index {
	uint32_t records;
	uint32_t consumed; /* bytes up to the end of the last line; the next window begins there */
	/* Of each record: number of its last entry in end[], times 2, plus 1 if it must be read by
	 * csv_record_parse() (quotes, NUL or empty lines near it, no line end). */
	uint32_t last[CSV_WINDOW / 2 + 8];
	uint32_t end[CSV_WINDOW + 24]; /* offsets of separators and line ends */
};

/* The same algorithm on two instruction sets. */
struct csv_scan {
	const char *name;
	/* Goes on until walk->records is `records`, or offset has reached `until` (rounded up to a
	 * block) or the end. offset is then behind the last record counted, or further on inside a
	 * later one.  At the end of the bytes a last record without line end counts, an
	 * unterminated one does not.  Empty lines belong to what follows. */
	void (*walk)(struct csv_walk *walk, uint64_t records, size_t until);
	/* Fills the index for bytes[0..length), of which it looks at the first CSV_WINDOW.  If
	 * length is no more, it is the end: what follows the last line end is a record too.
	 * consumed = 0: longer than the window. */
	void (*index)(struct csv_index *index, const char *bytes, size_t length, char separator);
};

extern const struct csv_scan csv_scan_portable;
extern const struct csv_scan csv_scan_avx2;

bool csv_scan_has_avx2(void);
const struct csv_scan *csv_scan_best(void);

/* At the start of a record: bytes[0..length) from `offset` on. */
static inline struct csv_walk
csv_walk_start(const char *bytes, size_t length, size_t offset, char separator)
{
	return (struct csv_walk){bytes, length, offset, offset, .separator = separator};
}

/* For the two scans alone. */

struct csv_block {
	uint64_t newline;
	uint64_t cr;
	uint64_t structural; /* separators and newlines; only kept where an index is made */
};

/* The part of the state that must survive from block to block. */
struct csv_state {
	bool quoted, closing;
	bool field_start; /* the block begins at the start of a field; only looked at by
	                     csv_block_resolve() */
};

/* Takes what is in quotes out of the block's masks.  bytes are all 64. */
void csv_block_resolve(struct csv_block *block, struct csv_state *state, const char *bytes,
                       char separator);

/* The line ends among block->newline that end an empty line.  line_start: lines begin there;
 * *cr_carry: the block before ended with a CR at the start of a line, and the same for this block.
 */
uint64_t csv_block_empty(const struct csv_block *block, uint64_t line_start, bool *cr_carry);

#endif
