/* SPDX-License-Identifier: ISC
 *
 * The ledger's own reader: records and decimals, byte by byte, by the rules that csv.h and
 * decimal.h promise.
 */
#ifndef SIM_VERDICT_LEDGER_READER_H
#define SIM_VERDICT_LEDGER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEDGER_COLUMNS_MAX 4096
#define LEDGER_UNIT 1000000000000000000 /* 10^18: a fraction is counted in 1/LEDGER_UNIT */

/* One field as it stands in the file, without its outer quotes. */
struct ledger_field {
	const char *text;
	size_t length;
	bool doubled; /* has doubled quotes, each of which means one */
};

/* Reads records one after the other. */
struct ledger_reader {
	const char *at, *end;
	char separator;
	const char *record; /* the one read last, without its line end */
	size_t length;
	const char *bad; /* what is wrong with the record read last; NULL = nothing */
	uint32_t fields; /* in that record; only the first LEDGER_COLUMNS_MAX are kept */
	struct ledger_field field[LEDGER_COLUMNS_MAX];
};

/* An exact value or sum: the digits before and behind the point, each a signed number. */
struct ledger_amount {
	__int128 whole, fraction;
};

/* Puts the reader at the start of bytes[0..length), which must stay there. */
void ledger_reader_init(struct ledger_reader *reader, const char *bytes, size_t length,
                        char separator);

/* Reads one record, which may be bad.  False at the end; there are no errors. */
bool ledger_reader_next(struct ledger_reader *reader);

/* The value of a field.  False: it is no decimal, or has more than 18 significant digits on a side.
 */
bool ledger_amount_read(struct ledger_amount *amount, const struct ledger_field *field);

#endif
