/* SPDX-License-Identifier: ISC
 *
 * A program that was to be mended: right without a kill on the hidden seeds, and then killed at
 * each point at which it changes files.
 */
#include "sim/learn/judge.h"
#include "sim/learn/permit.h"
#include "sim/learn/rehearsal.h"
#include "sim/util/fail.h"

int
judge_script(const struct judging *judging, const struct source *shipped,
             const struct source *mended)
{
	if (permit_program(shipped, mended, judging->out) != 0)
		return EXIT_UNMET;
	return rehearsal_play(judging, mended);
}
