/* SPDX-License-Identifier: ISC
 *
 * What a torture would do: the points of a command by class, what they would cost, and what cannot
 * be seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/torture/report.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/safe_text.h"

static void
list_classes(const struct session *session)
{
	const struct record *record = session->record;
	char safe[4 * OP_NAME_SIZE];

	printf("%8s  %s\n", "times", "before");
	for (uint32_t i = 0; i < record->classes->used; i++) {
		const struct label *label = &record->classes->label[i];
		printf("%8u  %s\n", label->count,
		       safe_text(safe, sizeof(safe), label->text, strlen(label->text)));
	}
	printf("%8u  %s\n", 1u, "the end");
}

static void
list_cost(const struct session *session, const struct torture_options *options)
{
	int64_t each_ns = session->record->took_ns + 10 * NS_PER_MS;

	printf("%u points, %u classes; %u states to play, about %" PRId64 " s with -j %u%s\n",
	       session->record->ops + 1, session->record->classes->used, session->candidates,
	       each_ns * session->candidates / options->jobs / NS_PER_S + 1, options->jobs,
	       options->all ? "" : " (--all for every one)");
}

static void
list_unseen(const struct session *session)
{
	const struct record *record = session->record;
	char safe[4 * PATH_MAX];

	if (record->hidden > 0)
		printf("not seen: what %u calls did by sockets or System V shared memory\n",
		       record->hidden);
	if (record->mapped_large > 0)
		printf("not seen: stores into large mapped files between calls\n");
	for (uint32_t i = 0; i < record->outside->used && i < 5; i++) {
		const char *path = record->outside->label[i].text;
		printf("not its own, and kept from it: %s\n",
		       safe_text(safe, sizeof(safe), path, strlen(path)));
	}
	if (record->overlapped > 0)
		printf("%u operations overlapped: their order is not certain\n",
		       record->overlapped);
	if (record->lingered)
		printf(
		    "processes go on when the command has ended; they are ended after a second\n");
	if (record->strays > 0)
		printf("changed, and no recorded call did it: %s\n",
		       safe_text(safe, sizeof(safe), record->stray, strlen(record->stray)));
}

int
torture_list(const struct torture_options *options)
{
	struct session *session = NULL;
	int code = torture_begin(&session, options);

	if (code == EXIT_MET)
		code = session_play(session, PART_RECORD);
	if (code == EXIT_MET && explore_choose(session) != 0)
		code = EXIT_INTERNAL;
	if (code == EXIT_MET) {
		list_classes(session);
		list_cost(session, options);
		list_unseen(session);
		if (session->record->status != 0 || session->record->is_late) {
			complain("torture: the command does not end well by itself");
			code = EXIT_INCONCLUSIVE;
		}
	}
	session_fini(session);
	return code;
}
