/* SPDX-License-Identifier: ISC
 *
 * One fault that is to break a job which is safe without it.
 */
#include <string.h>

#include "sim/learn/judge.h"
#include "sim/learn/permit.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"
#include "sim/util/fail.h"

static bool
is_broken(const struct lesson *lesson, const struct played *played)
{
	return played->judged && played->exit_code == EXIT_UNMET &&
	       played_failure(played, lesson->fails) != NULL;
}

static bool
is_allowed(const struct judging *judging, const struct fault *fault)
{
	const struct key *key = key_of_value("faults[]", KEY_ACTION, (int)fault->what);
	const struct lesson_texts *actions = &judging->lesson->actions;
	char names[256] = "";

	for (size_t i = 0; i < actions->count; i++) {
		if (key != NULL && strcmp(actions->text[i], key_name(key)) == 0)
			return true;
		strlcat(names, i > 0 ? ", " : "", sizeof(names));
		strlcat(names, actions->text[i], sizeof(names));
	}
	judge_say(judging, false, "%s: in this lesson a fault may be %s",
	          key != NULL ? key_name(key) : "that", names);
	return false;
}

/* One fault, that happens once. */
static bool
is_one(const struct judging *judging, const struct scenario *scenario)
{
	if (scenario->faults == 0)
		judge_say(judging, false, "there is no fault yet: put one below `faults:`");
	else if (scenario->faults > 1)
		judge_say(judging, false, "there are %zu faults: one must do", scenario->faults);
	else if (scenario->fault[0].times != 1 || scenario->fault[0].optional)
		judge_say(judging, false,
		          "the fault must happen, and once: no `times`, no "
		          "`optional`");
	else
		return is_allowed(judging, &scenario->fault[0]);
	return false;
}

static int
check_fault(const struct judging *judging, const struct source *mended)
{
	struct scenario scenario;
	bool right;

	if (scenario_load_text(&scenario, mended->name, mended->text, mended->length, NULL, 0,
	                       judging->out) != 0)
		return EXIT_USAGE;
	right = is_one(judging, &scenario);
	scenario_fini(&scenario);
	return right ? 0 : EXIT_UNMET;
}

/* Without it the job is safe: what breaks is the fault's doing. */
static int
play_without(const struct judging *judging, const struct source *mended)
{
	char none[] = "faults=[]", *set[] = {none}, words[512];
	struct played played;
	int code = judge_play(mended, set, 1, &played);

	if (code != 0)
		return code;
	judge_say(judging, played.exit_code == EXIT_MET, "without it: %s",
	          judge_words(judging->lesson, &played, words, sizeof(words)));
	return played.exit_code == EXIT_MET ? 0 : EXIT_UNMET;
}

int
judge_attack(const struct judging *judging, const struct source *shipped,
             const struct source *mended)
{
	struct played played;
	char words[512];
	int code = check_fault(judging, mended);

	if (code != 0)
		return code;
	if (permit_scenario(judging->lesson, shipped, mended, judging->out) != 0)
		return EXIT_UNMET;
	code = play_without(judging, mended);
	if (code == 0)
		code = judge_play(mended, NULL, 0, &played);
	if (code != 0)
		return code;
	judge_say(judging, is_broken(judging->lesson, &played), "with it: %s",
	          judge_words(judging->lesson, &played, words, sizeof(words)));
	if (!is_broken(judging->lesson, &played))
		return EXIT_UNMET;
	return judge_hidden(judging, mended, "it breaks all of them", is_broken);
}
