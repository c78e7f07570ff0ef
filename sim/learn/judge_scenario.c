/* SPDX-License-Identifier: ISC
 *
 * A scenario that was to be mended: as it stands, and on the hidden seeds.
 */
#include <string.h>

#include "sim/learn/judge.h"
#include "sim/learn/permit.h"
#include "sim/scenario/scenario.h"
#include "sim/util/fail.h"

static bool
is_met(const struct lesson *lesson, const struct played *played)
{
	return played->judged && played->exit_code == EXIT_MET;
}

static int
can_be_read(const struct judging *judging, const struct source *mended)
{
	struct scenario scenario;

	if (scenario_load_text(&scenario, mended->name, mended->text, mended->length, NULL, 0,
	                       judging->out) != 0)
		return EXIT_USAGE;
	scenario_fini(&scenario);
	return 0;
}

int
judge_scenario(const struct judging *judging, const struct source *shipped,
               const struct source *mended)
{
	struct played played;
	char words[512];
	int code = can_be_read(judging, mended);

	if (code != 0)
		return code;
	if (permit_scenario(judging->lesson, shipped, mended, judging->out) != 0)
		return EXIT_UNMET;
	code = judge_play(mended, NULL, 0, &played);
	if (code != 0)
		return code;
	judge_say(judging, is_met(judging->lesson, &played), "as it stands: %s",
	          judge_words(judging->lesson, &played, words, sizeof(words)));
	if (!is_met(judging->lesson, &played))
		return EXIT_UNMET;
	return judge_hidden(judging, mended, "all promises were kept", is_met);
}
