/* SPDX-License-Identifier: ISC
 *
 * Keeping cases.
 */
#include "sim/torture/cases.h"
#include "sim/util/fail.h"

int
cases_save(struct session *session, const struct exploration *exploration, struct report *report)
{
	return EXIT_MET;
}

int
torture_list(const struct torture_options *options)
{
	return EXIT_MET;
}

int
torture_replay(const char *folder, bool shell)
{
	return EXIT_MET;
}

int
torture_keep(const char *folder, const char *to)
{
	return EXIT_MET;
}
