/* SPDX-License-Identifier: ISC
 *
 * Writing a result as CSV.
 */
#ifndef SIM_JOB_AGGREGATE_OUTPUT_H
#define SIM_JOB_AGGREGATE_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

#define OUTPUT_BUFFER_BYTES (256u << 10)

struct output {
	int fd;
	int error; /* the first one; nothing is written after it */
	uint64_t bytes;
	size_t used;
	char buffer[OUTPUT_BUFFER_BYTES];
};

void output_bytes(struct output *output, const char *bytes, size_t length);
/* A field whose bytes could be taken for a separator, quote or line end goes into quotes. */
void output_field(struct output *output, const char *bytes, size_t length);
/* The names of key and sums.  0 or -ENOMEM. */
int output_header(struct output *output, const struct scenario_job *spec);
/* Writes what is left, if nothing has failed. */
void output_flush(struct output *output);

#endif
