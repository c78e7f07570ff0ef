/* SPDX-License-Identifier: ISC
 *
 * What all judgements have in common.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/learn/judge.h"
#include "sim/learn/paragraph.h"
#include "sim/learn/question.h"
#include "sim/learn/shipped.h"
#include "sim/util/fail.h"

void
judge_say(const struct judging *judging, bool ok, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fputs(ok ? "  ok  " : "  NO  ", judging->out);
	paragraph_print(text, strlen("  ok  "), strlen("  ok  "), judging->out);
	fflush(judging->out);
}

const char *
judge_words(const struct lesson *lesson, const struct played *played, char *text, size_t size)
{
	const struct played_line *line =
	    played_worst(played, lesson->fails != NULL ? lesson->fails : "");

	if (!played->judged)
		snprintf(text, size, "no verdict was given (exit code %d)", played->exit_code);
	else if (line == NULL)
		snprintf(text, size, "all promises were kept");
	else
		snprintf(text, size, "%s%s%s%s",
		         line->result == LINE_FAILED ? "" : "not proven: ", line->name,
		         line->detail[0] != '\0' ? " -- " : "", line->detail);
	return text;
}

int
judge_play(const struct source *text, char *const *set, size_t sets, struct played *played)
{
	struct play play = {.path = text->name,
	                    .text = text->text,
	                    .length = text->length,
	                    .set = set,
	                    .sets = sets};

	return play_all(&play, 1, played);
}

static int
judge_mended(const struct judging *judging, const struct source *shipped,
             const struct source *mended)
{
	switch ((enum lesson_kind)judging->lesson->kind) {
	case LESSON_SCENARIO:
		return judge_scenario(judging, shipped, mended);
	case LESSON_ATTACK:
		return judge_attack(judging, shipped, mended);
	default:
		return judge_script(judging, shipped, mended);
	}
}

int
judge(const struct judging *judging)
{
	const struct lesson *lesson = judging->lesson;
	const struct shipped *file;
	char name[PATH_MAX], *text;
	struct source shipped = {.name = lesson->name, .numbered = true};
	struct source mended = {.name = name, .numbered = true};
	bool right;
	int code;

	if (lesson->edit == NULL) {
		code = question_judge(judging, &right);
		return code != 0 ? code : right ? EXIT_MET : EXIT_UNMET;
	}
	file = shipped_find(lesson->name, lesson->edit);
	shipped.text = file->text;
	shipped.length = shipped_length(file);
	snprintf(name, sizeof(name), "%.3000s/%s", judging->exercise->folder, lesson->edit);
	text = exercise_read(judging->exercise->folder, lesson->edit, &mended.length);
	if (text == NULL)
		return EXIT_USAGE;
	mended.text = text;
	code = judge_mended(judging, &shipped, &mended);
	free(text);
	return code;
}
