/* SPDX-License-Identifier: ISC
 *
 * The current lesson.
 */
#include <string.h>
#include <unistd.h>

#include "sim/learn/bench.h"
#include "sim/learn/question.h"
#include "sim/learn/shipped.h"
#include "sim/util/fail.h"

static int
open_lesson(struct bench *bench)
{
	char name[LESSON_NAME_MAX];

	if (study_current(name) != 0)
		return EXIT_INTERNAL;
	if (name[0] == '\0') {
		complain("no lesson was begun yet; `graveshift learn start 1` begins the first");
		return EXIT_USAGE;
	}
	bench->index = lesson_search(name);
	if (bench->index < lesson_count())
		return lesson_load(&bench->lesson, bench->index) == 0 ? 0 : EXIT_INTERNAL;
	complain("there is no lesson %s any more; `graveshift learn list` has those there are",
	         name);
	return EXIT_USAGE;
}

int
bench_open(struct bench *bench)
{
	int code;

	memset(bench, 0, sizeof(*bench));
	code = open_lesson(bench);
	if (code != 0)
		return code;
	if (study_read(bench->lesson.name, &bench->state) != 0)
		code = EXIT_INTERNAL;
	else if (exercise_open(&bench->exercise, bench->state.folder) != 0)
		code = EXIT_USAGE;
	if (code == EXIT_USAGE)
		complain("`graveshift learn start %u --seed 1` lays the lesson out again",
		         bench->lesson.number);
	if (code != 0)
		bench_fini(bench);
	return code;
}

void
bench_fini(struct bench *bench)
{
	lesson_fini(&bench->lesson);
}

void
bench_title(const struct lesson *lesson, FILE *out)
{
	fprintf(out, "Lesson %u: %s\n", lesson->number, lesson->title);
}

void
bench_print(const struct lesson *lesson, const char *name, FILE *out)
{
	const struct shipped *file = shipped_find(lesson->name, name);

	if (file != NULL)
		fputs(file->text, out);
}

void
bench_next(size_t index, FILE *out)
{
	if (index + 1 < lesson_count())
		fprintf(out, "Next: graveshift learn start %u\n",
		        lesson_number(lesson_name(index + 1)));
	else
		fprintf(out, "That was the last lesson. `graveshift learn list` shows them all.\n");
}

/* False: nothing more is to be read. */
static bool
read_answer(struct bench *bench)
{
	char line[EXERCISE_ANSWER_MAX];

	do {
		printf("Your answer: ");
		fflush(stdout);
		if (fgets(line, sizeof(line), stdin) == NULL) {
			putchar('\n');
			return false;
		}
		line[strcspn(line, "\n")] = '\0';
	} while (!question_takes(&bench->lesson, line));
	strlcpy(bench->exercise.answer, line, sizeof(bench->exercise.answer));
	return true;
}

int
bench_question(struct bench *bench)
{
	if (bench->lesson.ask == NULL || bench->exercise.answer[0] != '\0')
		return 0;
	if (bench_ask(&bench->lesson, &bench->exercise, stdout) != 0)
		return EXIT_INTERNAL;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		printf("Say what you think first: graveshift learn predict ANSWER\n");
		return EXIT_USAGE;
	}
	if (!read_answer(bench))
		return EXIT_USAGE;
	return bench_answer(bench);
}

int
bench_answer(struct bench *bench)
{
	const struct judging judging = {
	    .lesson = &bench->lesson, .exercise = &bench->exercise, .out = stdout};
	bool right;

	if (exercise_answer(&bench->exercise) != 0)
		return EXIT_INTERNAL;
	return bench->lesson.edit != NULL ? question_judge(&judging, &right) : 0;
}

int
bench_ask(const struct lesson *lesson, const struct exercise *exercise, FILE *out)
{
	char path[PATH_MAX], name[32];
	int code = question_ask(lesson, exercise, out);

	if (lesson->kind == LESSON_FORENSIC)
		fprintf(
		    out, "Look at it: graveshift log %s\n",
		    exercise_path(exercise, forensic_folder(exercise, name, sizeof(name)), path));
	return code;
}

/* A wrong answer is told; the next one is about another variant. */
static int
next_variant(const struct bench *bench, FILE *out)
{
	struct exercise exercise = bench->exercise;
	int code;

	exercise.seed++;
	exercise.answer[0] = '\0';
	if (exercise_answer(&exercise) != 0)
		return EXIT_INTERNAL;
	if (bench->lesson.kind == LESSON_FORENSIC && forensic_lay(&bench->lesson, &exercise) != 0)
		return EXIT_INTERNAL;
	fprintf(out, "Not yet. Here is another one.\n");
	code = bench_ask(&bench->lesson, &exercise, out);
	fprintf(out, "Next: graveshift learn predict ANSWER\n");
	return code;
}

static void
print_not_yet(const struct bench *bench, FILE *out)
{
	char path[PATH_MAX];

	exercise_path(&bench->exercise, bench->lesson.edit, path);
	fprintf(out,
	        "Not yet. Mend %s\n  graveshift learn check    judges it again\n"
	        "  graveshift learn hint     helps\n",
	        path);
	if (lesson_mends_scenario(&bench->lesson))
		fprintf(out, "  graveshift run %s\n      shows all of its verdict\n", path);
}

int
bench_judge(const struct bench *bench, FILE *out)
{
	const struct judging judging = {.lesson = &bench->lesson,
	                                .exercise = &bench->exercise,
	                                .seed = BENCH_USUAL_SEED,
	                                .out = out};
	int code = judge(&judging);

	if (code == EXIT_MET && study_pass(bench->lesson.name) != 0)
		return EXIT_INTERNAL;
	if (code == EXIT_MET) {
		fprintf(out, "Passed: lesson %u, %s.\nWhy it works: graveshift learn solution\n",
		        bench->lesson.number, bench->lesson.title);
		bench_next(bench->index, out);
	} else if (code == EXIT_UNMET && bench->lesson.edit == NULL) {
		return next_variant(bench, out) != 0 ? EXIT_INTERNAL : EXIT_UNMET;
	} else if (code == EXIT_UNMET || code == EXIT_USAGE) {
		print_not_yet(bench, out);
	}
	return code;
}
