/* SPDX-License-Identifier: ISC
 *
 * Asking, and measuring the answer: nothing is written down anywhere.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/learn/paragraph.h"
#include "sim/learn/question.h"
#include "sim/learn/shipped.h"
#include "sim/learn/variant.h"
#include "sim/scenario/units.h"
#include "sim/util/fail.h"

/* A question without variants is about the file as shipped, with its own seed. */
static int
draw_variant(struct variant *variant, const struct lesson *lesson, const struct exercise *exercise)
{
	*variant = (struct variant){0};
	if (lesson->vary.count == 0)
		return 0;
	if (variant_init(variant, lesson, &lesson->vary, exercise->seed) == 0)
		return 0;
	complain("no memory for the question");
	return EXIT_INTERNAL;
}

int
question_ask(const struct lesson *lesson, const struct exercise *exercise, FILE *out)
{
	struct variant drawn;
	int code = draw_variant(&drawn, lesson, exercise);

	fprintf(out, "Question%s:\n  ",
	        lesson->kind == LESSON_FORENSIC ? "" : ", to be answered before anything is run");
	paragraph_print(lesson->ask, 2, 2, out);
	for (size_t i = 0; code == 0 && i < drawn.sets; i++)
		fprintf(out, "%s%s", i == 0 ? "  This time with " : ", ", drawn.set[i]);
	fputs(drawn.sets > 0 ? ".\n" : "", out);
	variant_fini(&drawn);
	return code;
}

static bool
takes_words(const struct lesson *lesson, const char *answer)
{
	size_t words = 0;

	for (const char *c = answer; *c != '\0';) {
		c += strspn(c, " ");
		words += *c != '\0';
		c += strcspn(c, " ");
	}
	if (words == lesson->wanted.count)
		return true;
	complain("the answer has %zu words, not %zu", lesson->wanted.count, words);
	return false;
}

bool
question_takes(const struct lesson *lesson, const char *answer)
{
	uint64_t number;

	if (lesson->kind == LESSON_FORENSIC)
		return takes_words(lesson, answer);
	if (unit_parse(unit_none, answer, &number) == UNIT_OK)
		return true;
	complain("'%s' is no whole number; the answer is one, without a unit", answer);
	return false;
}

static bool
is_near(const struct lesson *lesson, uint64_t answer, uint64_t truth)
{
	uint64_t gap = answer > truth ? answer - truth : truth - answer;

	return (double)gap * 1e6 <= (double)truth * (double)lesson->within_ppm;
}

static void
tell_number(const struct judging *judging, uint64_t truth, bool *right)
{
	const struct lesson *lesson = judging->lesson;
	uint64_t answer = 0;
	char within[32];

	*right = unit_parse(unit_none, judging->exercise->answer, &answer) == UNIT_OK &&
	         is_near(lesson, answer, truth);
	judge_say(judging, *right, "you said %s, the run says %" PRIu64 " (%s)",
	          judging->exercise->answer[0] != '\0' ? judging->exercise->answer : "nothing",
	          truth, measure_meaning((enum measure)lesson->fact));
	if (lesson->within_ppm > 0)
		fprintf(judging->out, "      (%s to either side is near enough)\n",
		        unit_format(unit_shares, lesson->within_ppm, within, sizeof(within)));
}

static int
judge_number(const struct judging *judging, bool *right)
{
	const struct shipped *file = shipped_find(judging->lesson->name, LESSON_TASK_NAME);
	char path[PATH_MAX], words[512];
	struct source text = {
	    .name = path, .text = file->text, .length = shipped_length(file), .numbered = true};
	struct played played = {0};
	struct variant drawn;
	int code = draw_variant(&drawn, judging->lesson, judging->exercise);

	snprintf(path, sizeof(path), "%.3000s/" LESSON_TASK_NAME, judging->exercise->folder);
	if (code == 0)
		code = judge_play(&text, drawn.set, drawn.sets, &played);
	variant_fini(&drawn);
	if (code == 0 && !played.judged) {
		complain("the run that was to answer came to nothing: %s",
		         judge_words(judging->lesson, &played, words, sizeof(words)));
		code = EXIT_INTERNAL;
	}
	if (code == 0)
		tell_number(judging, played.measure[judging->lesson->fact], right);
	return code;
}

static int
judge_recording(const struct judging *judging, bool *right)
{
	char truth[EXERCISE_ANSWER_MAX];
	int code = forensic_truth(judging->lesson, judging->exercise, truth);

	if (code != 0)
		return code;
	*right = strcasecmp(truth, judging->exercise->answer) == 0;
	judge_say(judging, *right, "you said %s, the run says %s",
	          judging->exercise->answer[0] != '\0' ? judging->exercise->answer : "nothing",
	          truth);
	return 0;
}

int
question_judge(const struct judging *judging, bool *right)
{
	*right = false;
	if (judging->lesson->kind == LESSON_FORENSIC)
		return judge_recording(judging, right);
	return judge_number(judging, right);
}
