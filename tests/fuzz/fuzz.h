/* SPDX-License-Identifier: ISC
 *
 * What the fuzz targets share.  A target is one function that makes of any bytes a use of the code
 * under test and verifies with CHECK what must then be true.  libFuzzer calls it with bytes that it
 * makes up, replay.c with those of the corpus.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "core/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes that are left to make decisions with. */
struct fuzz_input {
	const uint8_t *at, *end;
};

static inline size_t
fuzz_left(const struct fuzz_input *input)
{
	return (size_t)(input->end - input->at);
}

/* The next one to eight bytes as a little-endian number; zeros behind the end. */
static inline uint64_t
fuzz_take(struct fuzz_input *input, unsigned bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < bytes && input->at < input->end; i++)
		number |= (uint64_t)*input->at++ << (8 * i);
	return number;
}

/* A file in memory, for code that takes a path. */
struct fuzz_file {
	int fd;
	char path[32];
};

/* Makes an empty one; it lives as long as the process. */
void fuzz_file_init(struct fuzz_file *file, const char *name);
/* The file has these bytes and no others. */
void fuzz_file_set(const struct fuzz_file *file, const void *bytes, size_t length);

#endif
