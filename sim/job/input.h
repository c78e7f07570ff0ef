/* SPDX-License-Identifier: ISC
 *
 * A job's input file, mapped for reading.
 */
#ifndef SIM_JOB_INPUT_H
#define SIM_JOB_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/job/job.h"

struct input {
	const char *bytes;
	size_t length;
};

/* Maps the regular file at path, of which only the first `bytes` are looked at (0: all).  Returns
 * 0, or -errno with one line in error[size] that says what to do. */
int input_open(struct input *input, const char *path, uint64_t bytes, char *error, size_t size);
void input_close(struct input *input);

/* Line and column (in characters) of a byte, both from 1. */
void input_position(const struct input *input, size_t offset, uint64_t *line, uint64_t *column);

/* Is the last of the first `bytes` bytes of the file at path a line's end?  Only then has a file
 * that grew not gone on in the middle of a record. */
bool input_ends_line(const char *path, uint64_t bytes);

/* Length of the UTF-8 byte order mark that the input begins with: 3 or 0. */
size_t input_mark(const struct input *input);

#endif
