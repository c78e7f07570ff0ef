/* SPDX-License-Identifier: ISC
 *
 * The commands a learner uses, but for watching.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/learn/bench.h"
#include "sim/learn/learn.h"
#include "sim/learn/question.h"
#include "sim/learn/shipped.h"
#include "sim/util/fail.h"

#define USUAL_FOLDER "graveshift-lessons"

/* Calls show() with each lesson and what is known of it. */
static int
each_lesson(void (*show)(void *context, const struct lesson *lesson,
                         const struct study_lesson *state),
            void *context)
{
	int code = 0;

	for (size_t i = 0; i < lesson_count() && code == 0; i++) {
		struct study_lesson state;
		struct lesson lesson;
		code = lesson_load(&lesson, i) == 0 ? 0 : EXIT_INTERNAL;
		if (code == 0 && study_read(lesson.name, &state) != 0)
			code = EXIT_INTERNAL;
		if (code == 0)
			show(context, &lesson, &state);
		lesson_fini(&lesson);
	}
	return code;
}

/* context: the name of the current one. */
static void
show_line(void *context, const struct lesson *lesson, const struct study_lesson *state)
{
	const char *current = context;

	printf("%c %2u  %-46.46s  %-8s%s\n", strcmp(lesson->name, current) == 0 ? '>' : ' ',
	       lesson->number, lesson->title, lesson_kind_name(lesson),
	       state->passed              ? "  passed"
	       : state->folder[0] != '\0' ? "  begun"
	                                  : "");
}

int
learn_list(const struct learn_words *words)
{
	char current[LESSON_NAME_MAX];
	int code = study_current(current) == 0 ? 0 : EXIT_INTERNAL;

	if (code == 0)
		code = each_lesson(show_line, current);
	if (code == 0)
		printf("graveshift learn start N begins one.\n");
	return code;
}

static void
count_passed(void *context, const struct lesson *lesson, const struct study_lesson *state)
{
	size_t *passed = context;

	*passed += state->passed;
}

static int
show_current(void)
{
	struct bench bench;
	int code = bench_open(&bench);

	if (code != 0)
		return code;
	bench_title(&bench.lesson, stdout);
	printf("  in %s\n  %s; %u of %d hints read\n", bench.exercise.folder,
	       bench.state.passed ? "passed" : "not passed yet", bench.state.hints,
	       LESSON_HINTS_MAX);
	if (bench.state.passed)
		bench_next(bench.index, stdout);
	else
		printf("Next: graveshift learn %s\n",
		       bench.lesson.ask != NULL && bench.exercise.answer[0] == '\0'
		           ? "predict ANSWER"
		           : "check");
	bench_fini(&bench);
	return 0;
}

int
learn_status(const struct learn_words *words)
{
	char current[LESSON_NAME_MAX];
	size_t passed = 0;
	int code = each_lesson(count_passed, &passed);

	if (code == 0 && study_current(current) != 0)
		code = EXIT_INTERNAL;
	if (code != 0)
		return code;
	printf("%zu of %zu lessons passed.\n", passed, lesson_count());
	if (current[0] != '\0')
		return show_current();
	printf("Next: graveshift learn start %u\n", lesson_number(lesson_name(0)));
	return 0;
}

/* Beside the lesson that was begun last, if that is in a folder of its own name: the lessons of a
 * class, or of somebody who has gone elsewhere since, stay together. */
static bool
place_beside(const struct lesson *lesson, char folder[PATH_MAX])
{
	struct study_lesson state;
	char current[LESSON_NAME_MAX];
	const char *slash;

	if (study_current(current) != 0 || current[0] == '\0' || study_read(current, &state) != 0)
		return false;
	slash = strrchr(state.folder, '/');
	if (slash == NULL || strcmp(slash + 1, current) != 0)
		return false;
	snprintf(folder, PATH_MAX, "%.*s/%s", (int)(slash - state.folder), state.folder,
	         lesson->name);
	return true;
}

/* Absolute, so that the next command may be given anywhere; it need not be there yet. */
static int
place(const struct lesson *lesson, const char *given, char folder[PATH_MAX])
{
	struct study_lesson state;
	char here[PATH_MAX];

	if (given == NULL && study_read(lesson->name, &state) != 0)
		return EXIT_INTERNAL;
	if (given == NULL && state.folder[0] != '\0') {
		strlcpy(folder, state.folder, PATH_MAX);
		return 0;
	}
	if (given == NULL && place_beside(lesson, folder))
		return 0;
	if (getcwd(here, sizeof(here)) == NULL) {
		complain("cannot tell the current folder: %s", strerror(errno));
		return EXIT_USAGE;
	}
	if (given == NULL)
		snprintf(folder, PATH_MAX, "%.3000s/" USUAL_FOLDER "/%s", here, lesson->name);
	else if (given[0] == '/')
		strlcpy(folder, given, PATH_MAX);
	else
		snprintf(folder, PATH_MAX, "%.3000s/%.1000s", here, given);
	for (size_t length = strlen(folder); length > 1 && folder[length - 1] == '/';)
		folder[--length] = '\0';
	return 0;
}

static bool
has_answer(const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.3000s/" EXERCISE_ANSWER, folder);
	return access(path, F_OK) == 0;
}

/* Somebody's own file of that name must not be taken for the lesson's, and overwritten. */
static bool
is_strange(const struct lesson *lesson, const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.3000s/%.1000s", folder,
	         lesson->edit != NULL ? lesson->edit : LESSON_TASK_NAME);
	if (has_answer(folder) || access(path, F_OK) != 0)
		return false;
	complain("%s is there and is no lesson's; give another folder", path);
	return true;
}

/* Lays the folder out and opens it: what was begun there is gone on with. */
static int
lay(const struct lesson *lesson, const char *folder, const uint64_t *seed, bool again,
    struct exercise *exercise)
{
	bool fresh = again || seed != NULL || !has_answer(folder);

	if (fresh &&
	    exercise_lay(lesson, folder, seed != NULL ? *seed : BENCH_USUAL_SEED, again) != 0)
		return EXIT_USAGE;
	if (exercise_open(exercise, folder) != 0)
		return EXIT_USAGE;
	if (fresh && lesson->kind == LESSON_FORENSIC)
		return forensic_lay(lesson, exercise);
	return 0;
}

/* What there is to do now, in a line or two. */
static void
print_steps(const struct lesson *lesson, const struct exercise *exercise)
{
	char path[PATH_MAX];

	if (lesson->ask != NULL && exercise->answer[0] == '\0') {
		putchar('\n');
		bench_ask(lesson, exercise, stdout);
		printf("Next: graveshift learn predict ANSWER\n");
	} else if (lesson->edit != NULL) {
		printf("\nNext: mend %s\nand then: graveshift learn check\n",
		       exercise_path(exercise, lesson->edit, path));
	}
}

static int
start(const struct lesson *lesson, const char *given, const uint64_t *seed)
{
	char folder[PATH_MAX];
	struct exercise exercise;
	int code = place(lesson, given, folder);

	if (code == 0 && is_strange(lesson, folder))
		code = EXIT_USAGE;
	if (code == 0)
		code = lay(lesson, folder, seed, false, &exercise);
	if (code == 0 && study_begin(lesson->name, folder) != 0)
		code = EXIT_INTERNAL;
	if (code != 0)
		return code;
	bench_title(lesson, stdout);
	bench_print(lesson, "story.md", stdout);
	print_steps(lesson, &exercise);
	return 0;
}

int
learn_start(const struct learn_words *words)
{
	const char *name = words->word[0], *folder = words->count > 1 ? words->word[1] : NULL;
	size_t index = lesson_search(name);
	struct lesson lesson;
	int code;

	if (index == lesson_count()) {
		complain("there is no lesson %s; `graveshift learn list` has those there are",
		         name);
		return EXIT_NOTHING;
	}
	code =
	    lesson_load(&lesson, index) == 0 ? start(&lesson, folder, words->seed) : EXIT_INTERNAL;
	lesson_fini(&lesson);
	return code;
}

int
learn_check(const struct learn_words *words)
{
	struct bench bench;
	int code = bench_open(&bench);

	if (code != 0)
		return code;
	bench_title(&bench.lesson, stdout);
	code = bench_question(&bench);
	if (code == 0)
		code = bench_judge(&bench, stdout);
	bench_fini(&bench);
	return code;
}

/* The words as one text; only what cannot steer a terminal or a file. */
static bool
join_answer(const struct learn_words *words, char answer[EXERCISE_ANSWER_MAX])
{
	answer[0] = '\0';
	for (size_t i = 0; i < words->count; i++) {
		strlcat(answer, i > 0 ? " " : "", EXERCISE_ANSWER_MAX);
		if (strlcat(answer, words->word[i], EXERCISE_ANSWER_MAX) >= EXERCISE_ANSWER_MAX)
			break;
	}
	if (answer[0] != '\0' &&
	    answer[strspn(answer, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                          "0123456789 _.-")] == '\0')
		return true;
	complain("an answer has letters and digits");
	return false;
}

static int
answer(struct bench *bench)
{
	int code = bench_answer(bench);

	if (code == 0 && bench->lesson.edit == NULL)
		return bench_judge(bench, stdout);
	if (code == 0)
		print_steps(&bench->lesson, &bench->exercise);
	return code;
}

int
learn_predict(const struct learn_words *words)
{
	struct bench bench;
	char text[EXERCISE_ANSWER_MAX];
	int code = bench_open(&bench);

	if (code != 0)
		return code;
	if (bench.lesson.ask == NULL) {
		complain("lesson %u asks nothing; `graveshift learn check` judges what you mended",
		         bench.lesson.number);
		code = EXIT_USAGE;
	} else if (!join_answer(words, text) || !question_takes(&bench.lesson, text)) {
		code = EXIT_USAGE;
	} else {
		strlcpy(bench.exercise.answer, text, sizeof(bench.exercise.answer));
		code = answer(&bench);
	}
	bench_fini(&bench);
	return code;
}

int
learn_hint(const struct learn_words *words)
{
	struct bench bench;
	char name[16];
	unsigned next;
	int code = bench_open(&bench);

	if (code != 0)
		return code;
	next = bench.state.hints < LESSON_HINTS_MAX ? bench.state.hints + 1 : LESSON_HINTS_MAX;
	for (unsigned i = 1; i <= next; i++) {
		snprintf(name, sizeof(name), "hint%u.md", i);
		printf("Hint %u of %d: ", i, LESSON_HINTS_MAX);
		bench_print(&bench.lesson, name, stdout);
	}
	if (study_hint(bench.lesson.name, next) != 0)
		code = EXIT_INTERNAL;
	bench_fini(&bench);
	return code;
}

int
learn_reset(const struct learn_words *words)
{
	struct bench bench;
	struct exercise exercise;
	int code = bench_open(&bench);

	if (code != 0)
		return code;
	code = lay(&bench.lesson, bench.state.folder, &bench.exercise.seed, true, &exercise);
	if (code == 0)
		printf("%s is as it was handed out.\n", exercise.folder);
	if (code == 0)
		print_steps(&bench.lesson, &exercise);
	bench_fini(&bench);
	return code;
}

int
learn_solution(const struct learn_words *words)
{
	struct bench bench;
	char name[LESSON_NAME_MAX];
	int code = bench_open(&bench);

	if (code != 0)
		return code;
	if (!bench.state.passed) {
		complain(
		    "the solution is shown when the lesson was passed; `graveshift learn hint` "
		    "helps");
		bench_fini(&bench);
		return EXIT_UNMET;
	}
	bench_print(&bench.lesson, "solution/why.md", stdout);
	for (size_t i = 0; i < bench.lesson.explains.count; i++)
		printf("%s graveshift explain %s\n", i == 0 ? "More:" : "     ",
		       bench.lesson.explains.text[i]);
	if (bench.lesson.edit != NULL) {
		printf("\nOne %s that passes:\n\n", bench.lesson.edit);
		snprintf(name, sizeof(name), "solution/%.48s", bench.lesson.edit);
		bench_print(&bench.lesson, name, stdout);
	}
	bench_fini(&bench);
	return 0;
}
