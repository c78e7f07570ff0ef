/* SPDX-License-Identifier: ISC
 *
 * Is what a command prints what job.prints says?  Looked at piece by piece, as it comes.
 */
#ifndef SIM_COMMAND_PRINTED_H
#define SIM_COMMAND_PRINTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

struct printed {
	enum job_prints wanted;
	uint64_t bytes, lines;
	unsigned open;           /* bytes that a character still needs */
	unsigned char low, high; /* bounds of the next one of them */
	char last;
	bool bad;
	uint64_t bad_at; /* the first byte that is no text */
};

void printed_take(struct printed *printed, const char *bytes, size_t length);

/* At the end: NULL, or what is wrong with it, in text[size].  records: so many lines there must be.
 */
const char *printed_fault(const struct printed *printed, uint64_t records, char *text, size_t size);

#endif
