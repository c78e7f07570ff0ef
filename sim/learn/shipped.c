/* SPDX-License-Identifier: ISC
 *
 * The lessons' files, taken in by the assembler.
 */
#include <string.h>

#include "sim/learn/shipped.h"

#define LESSON_FILE(number, lesson, name)                             \
	__asm__(".section .rodata\n"                                  \
	        "lesson_file_" #number ":\n"                          \
	        ".incbin \"scenarios/lessons/" lesson "/" name "\"\n" \
	        "lesson_end_" #number ":\n"                           \
	        ".byte 0\n"                                           \
	        ".previous\n");                                       \
	extern const char lesson_file_##number[], lesson_end_##number[];
#include "lessons.def"
#undef LESSON_FILE

const struct shipped shipped_files[] = {
#define LESSON_FILE(number, lesson, name) {lesson, name, lesson_file_##number, lesson_end_##number},
#include "lessons.def"
#undef LESSON_FILE
};
const size_t shipped_count = sizeof(shipped_files) / sizeof(shipped_files[0]);

const struct shipped *
shipped_find(const char *lesson, const char *name)
{
	for (size_t i = 0; i < shipped_count; i++)
		if (strcmp(shipped_files[i].lesson, lesson) == 0 &&
		    strcmp(shipped_files[i].name, name) == 0)
			return &shipped_files[i];
	return NULL;
}

size_t
shipped_length(const struct shipped *file)
{
	return (size_t)(file->end - file->text);
}
