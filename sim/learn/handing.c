/* SPDX-License-Identifier: ISC
 *
 * For a class: lessons handed out, and what was handed in graded as TAP.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "sim/learn/bench.h"
#include "sim/learn/judge.h"
#include "sim/learn/learn.h"
#include "sim/learn/question.h"
#include "sim/util/fail.h"

static const char readme[] =
    "Lessons in fault tolerance, a folder each.  Begin the first, in this folder, with\n"
    "\n"
    "    graveshift learn start %s %s\n"
    "\n"
    "It tells its story and what is to be done.  Then\n"
    "\n"
    "    graveshift learn predict ANSWER    says what you think will happen\n"
    "    graveshift learn check             judges what you have mended\n"
    "    graveshift learn hint              helps, three times\n"
    "    graveshift learn start N           begins another one, in its folder here\n"
    "\n"
    "Hand this folder in when you are done.\n";

/* Its first lesson is named. */
static int
write_readme(const char *folder)
{
	char text[sizeof(readme) + 2 * LESSON_NAME_MAX];
	int length = snprintf(text, sizeof(text), readme, lesson_name(0), lesson_name(0));

	return exercise_write(folder, "README", text, (size_t)length);
}

static int
export_lesson(const char *folder, size_t index, uint64_t seed)
{
	struct lesson lesson;
	struct exercise exercise;
	char below[PATH_MAX];
	int code = lesson_load(&lesson, index) == 0 ? 0 : EXIT_INTERNAL;

	snprintf(below, sizeof(below), "%.3000s/%s", folder, lesson.name);
	if (code == 0 &&
	    (exercise_lay(&lesson, below, seed, true) != 0 || exercise_open(&exercise, below) != 0))
		code = EXIT_USAGE;
	if (code == 0 && lesson.kind == LESSON_FORENSIC)
		code = forensic_lay(&lesson, &exercise);
	lesson_fini(&lesson);
	return code;
}

int
learn_export(const struct learn_words *words)
{
	const char *folder = words->word[0];
	int code = 0;

	if (access(folder, F_OK) == 0) {
		complain("%s is there already; export makes a new folder", folder);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < lesson_count() && code == 0; i++)
		code =
		    export_lesson(folder, i, words->seed != NULL ? *words->seed : BENCH_USUAL_SEED);
	if (code == 0 && write_readme(folder) != 0)
		code = EXIT_INTERNAL;
	if (code == 0)
		printf("%zu lessons are in %s, without hints and solutions.\n", lesson_count(),
		       folder);
	return code;
}

struct grading {
	uint64_t seed;
	unsigned points, failed;
};

/* What the judge said goes below the line, as diagnostics. */
static void
print_said(const char *said)
{
	while (*said != '\0') {
		size_t length = strcspn(said, "\n");
		printf("# %.*s\n", (int)length, said);
		said += length + (said[length] == '\n');
	}
}

static void
print_point(struct grading *grading, bool ok, const struct lesson *lesson, const char *folder,
            const char *said)
{
	grading->failed += !ok;
	printf("%s %u - %s: %s\n", ok ? "ok" : "not ok", ++grading->points, folder, lesson->title);
	if (!ok)
		print_said(said);
	fflush(stdout);
}

static int
grade_lesson(struct grading *grading, const struct lesson *lesson, const char *folder)
{
	struct judging judging = {.lesson = lesson, .seed = grading->seed};
	struct exercise exercise;
	char *said = NULL;
	size_t length;
	int code = EXIT_UNMET;

	if (access(folder, F_OK) != 0) {
		print_point(grading, false, lesson, folder, "it was not handed in");
		return 0;
	}
	judging.out = open_memstream(&said, &length);
	if (judging.out == NULL)
		return EXIT_INTERNAL;
	judging.exercise = &exercise;
	if (exercise_open(&exercise, folder) == 0)
		code = judge(&judging);
	if (fclose(judging.out) == 0)
		print_point(grading, code == EXIT_MET, lesson, folder, said);
	free(said);
	return code == EXIT_MET || code == EXIT_UNMET || code == EXIT_USAGE ? 0 : code;
}

/* Which lesson's folder it is, by its name; lesson_count(): none's. */
static size_t
lesson_of_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t index = 0;

	while (index < lesson_count() &&
	       strcmp(lesson_name(index), slash != NULL ? slash + 1 : path) != 0)
		index++;
	return index;
}

static int
grade_one(struct grading *grading, size_t index, const char *folder)
{
	struct lesson lesson;
	int code = lesson_load(&lesson, index) == 0 ? 0 : EXIT_INTERNAL;

	if (code == 0)
		code = grade_lesson(grading, &lesson, folder);
	lesson_fini(&lesson);
	return code;
}

/* One lesson's folder, or all of a learner's. */
static int
grade_folder(struct grading *grading, const char *given)
{
	char folder[PATH_MAX], below[PATH_MAX];
	size_t length = strlcpy(folder, given, sizeof(folder)), one;
	int code = 0;

	if (length >= sizeof(folder))
		length = sizeof(folder) - 1;
	while (length > 1 && folder[length - 1] == '/')
		folder[--length] = '\0';
	one = lesson_of_folder(folder);
	if (one < lesson_count())
		return grade_one(grading, one, folder);
	for (size_t i = 0; i < lesson_count() && code == 0; i++) {
		snprintf(below, sizeof(below), "%.3000s/%s", folder, lesson_name(i));
		code = grade_one(grading, i, below);
	}
	return code;
}

/* Small enough to be typed again. */
static int
draw_seed(uint64_t *seed)
{
	uint32_t drawn;

	if (getrandom(&drawn, sizeof(drawn), 0) != (ssize_t)sizeof(drawn)) {
		complain("cannot draw a seed: %s; give one by --seed", strerror(errno));
		return EXIT_INTERNAL;
	}
	*seed = drawn;
	return 0;
}

int
learn_grade(const struct learn_words *words)
{
	struct grading grading = {0};
	int code = 0;

	if (words->seed != NULL)
		grading.seed = *words->seed;
	else
		code = draw_seed(&grading.seed);
	if (code != 0)
		return code;
	printf("TAP version 13\n# hidden runs from seed %" PRIu64 " on; --seed %" PRIu64
	       " gives the same ones\n",
	       grading.seed, grading.seed);
	for (size_t i = 0; i < words->count && code == 0; i++)
		code = grade_folder(&grading, words->word[i]);
	printf("1..%u\n", grading.points);
	if (code != 0)
		return code;
	return grading.failed > 0 ? EXIT_UNMET : EXIT_MET;
}
