/* SPDX-License-Identifier: ISC
 *
 * Runs a fuzz target without libFuzzer over its corpus, tests/fuzz/corpus/TARGET, or over the files
 * given; TAP.  What does not hold ends the program: the name of the file stands before it.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* In memory of just that size, so that a sanitizer sees who reads beyond it. */
static uint8_t *
file_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	long length;

	CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
	length = ftell(file);
	CHECK(length >= 0 && fseek(file, 0, SEEK_SET) == 0);
	*size = (size_t)length;
	bytes = malloc(*size + (*size == 0));
	CHECK(bytes != NULL && fread(bytes, 1, *size, file) == *size);
	fclose(file);
	return bytes;
}

static void
replay(size_t number, const char *path)
{
	size_t size;
	uint8_t *bytes = file_read(path, &size);

	printf("# %s\n", path);
	fflush(stdout);
	CHECK(LLVMFuzzerTestOneInput(bytes, size) == 0);
	printf("ok %zu - %s\n", number, path);
	free(bytes);
}

int
main(int count, char **argument)
{
	const char *name = strrchr(argument[0], '/');
	char pattern[256];
	glob_t corpus = {.gl_pathc = 0};

	if (count == 1) {
		snprintf(pattern, sizeof(pattern), "tests/fuzz/corpus/%s/*",
		         name != NULL ? name + 1 : argument[0]);
		CHECK(glob(pattern, 0, NULL, &corpus) == 0);
		count = (int)corpus.gl_pathc + 1;
		argument = corpus.gl_pathv - 1;
	}
	printf("TAP version 13\n1..%d\n", count - 1);
	for (int i = 1; i < count; i++)
		replay((size_t)i, argument[i]);
	globfree(&corpus);
	return 0;
}
