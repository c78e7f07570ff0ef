/* SPDX-License-Identifier: ISC
 *
 * The hidden runs of a lesson: more seeds, more faults.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/learn/judge.h"
#include "sim/learn/variant.h"
#include "sim/util/fail.h"

struct hidden {
	const struct judging *judging;
	struct variant *variant;
	struct play *play;
	struct played *played;
	size_t count;
};

static const struct lesson_case *
case_of(const struct lesson *lesson, size_t index)
{
	return lesson->hiddens > 0 ? &lesson->hidden[index % lesson->hiddens] : NULL;
}

static int
hidden_init(struct hidden *hidden, const struct judging *judging, const struct source *text)
{
	const struct lesson *lesson = judging->lesson;
	int error = 0;

	*hidden = (struct hidden){.judging = judging, .count = lesson->seeds};
	hidden->variant = calloc(hidden->count + 1, sizeof(*hidden->variant));
	hidden->play = calloc(hidden->count + 1, sizeof(*hidden->play));
	hidden->played = calloc(hidden->count + 1, sizeof(*hidden->played));
	if (hidden->variant == NULL || hidden->play == NULL || hidden->played == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < hidden->count && error == 0; i++) {
		const struct lesson_case *more = case_of(lesson, i);
		struct variant *variant = &hidden->variant[i];
		error = variant_init(variant, lesson, more != NULL ? &more->set : NULL,
		                     judging->seed + i);
		hidden->play[i] = (struct play){.path = text->name,
		                                .text = text->text,
		                                .length = text->length,
		                                .set = variant->set,
		                                .sets = variant->sets};
	}
	return error;
}

static void
hidden_fini(struct hidden *hidden)
{
	for (size_t i = 0; hidden->variant != NULL && i < hidden->count; i++)
		variant_fini(&hidden->variant[i]);
	free(hidden->variant);
	free(hidden->play);
	free(hidden->played);
}

static int
tell(const struct hidden *hidden, const char *what,
     bool (*is_right)(const struct lesson *lesson, const struct played *played))
{
	const struct lesson *lesson = hidden->judging->lesson;
	char words[512];

	for (size_t i = 0; i < hidden->count; i++) {
		const struct lesson_case *more = case_of(lesson, i);
		if (is_right(lesson, &hidden->played[i]))
			continue;
		judge_say(hidden->judging, false, "hidden run %zu of %zu%s%s: %s", i + 1,
		          hidden->count, more != NULL ? ", " : "", more != NULL ? more->about : "",
		          judge_words(lesson, &hidden->played[i], words, sizeof(words)));
		return EXIT_UNMET;
	}
	judge_say(hidden->judging, true, "%zu hidden runs, with other seeds%s: %s", hidden->count,
	          lesson->hiddens > 1 ? " and other faults" : "", what);
	return EXIT_MET;
}

int
judge_hidden(const struct judging *judging, const struct source *text, const char *what,
             bool (*is_right)(const struct lesson *lesson, const struct played *played))
{
	struct hidden hidden;
	int error = hidden_init(&hidden, judging, text), code;

	if (error != 0) {
		complain("no memory for the hidden runs");
		code = EXIT_INTERNAL;
	} else {
		code = play_all(hidden.play, hidden.count, hidden.played);
	}
	if (code == 0)
		code = tell(&hidden, what, is_right);
	hidden_fini(&hidden);
	return code;
}
