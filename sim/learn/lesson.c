/* SPDX-License-Identifier: ISC
 *
 * Which lessons there are, and finding one.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/learn/lesson.h"
#include "sim/learn/shipped.h"

/* Each lesson has one file of that name. */
static bool
begins_lesson(const struct shipped *file)
{
	return strcmp(file->name, LESSON_FILE_NAME) == 0;
}

size_t
lesson_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < shipped_count; i++)
		count += begins_lesson(&shipped_files[i]);
	return count;
}

const char *
lesson_name(size_t index)
{
	for (size_t i = 0; i < shipped_count; i++)
		if (begins_lesson(&shipped_files[i]) && index-- == 0)
			return shipped_files[i].lesson;
	return NULL;
}

/* Lessons are called by what their folder says: one that is not there yet leaves a gap. */
unsigned
lesson_number(const char *name)
{
	return (unsigned)strtoul(name, NULL, 10);
}

static bool
is_called(const char *name, const char *text)
{
	const char *dash = strchr(name, '-'), *problem;
	long long number = strtonum(text, 1, 999, &problem);

	if (problem == NULL)
		return lesson_number(name) == number;
	return strcmp(name, text) == 0 || (dash != NULL && strcmp(dash + 1, text) == 0);
}

size_t
lesson_search(const char *text)
{
	size_t count = lesson_count(), index = 0;

	while (index < count && !is_called(lesson_name(index), text))
		index++;
	return index;
}

void
lesson_fini(struct lesson *lesson)
{
	tree_fini(&lesson->tree);
}

bool
lesson_mends_scenario(const struct lesson *lesson)
{
	return lesson->kind == LESSON_SCENARIO || lesson->kind == LESSON_ATTACK;
}
