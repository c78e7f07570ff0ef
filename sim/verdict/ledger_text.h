/* SPDX-License-Identifier: ISC
 *
 * Bytes that the ledger puts together: a decoded key, the line that the sink must have.
 */
#ifndef SIM_VERDICT_LEDGER_TEXT_H
#define SIM_VERDICT_LEDGER_TEXT_H

#include <stddef.h>

#include "sim/verdict/ledger_reader.h"

/* Starts as {0}; set length to 0 to start anew; the owner frees bytes. */
struct ledger_text {
	char *bytes;
	size_t length, room;
};

/* Each appends and returns 0 or -ENOMEM. */
int ledger_text_add(struct ledger_text *text, const char *bytes, size_t length);
int ledger_text_add_string(struct ledger_text *text, const char *string);

/* What a field says: quotes that are doubled in the file mean one. */
int ledger_text_add_value(struct ledger_text *text, const struct ledger_field *field);

/* A field of a result: in quotes, with quotes in it doubled, if it holds a comma, a quote, CR or
 * LF. */
int ledger_text_add_field(struct ledger_text *text, const char *bytes, size_t length);

/* The shortest exact text of a sum. */
int ledger_text_add_amount(struct ledger_text *text, const struct ledger_amount *amount);

#endif
