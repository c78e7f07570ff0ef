/* SPDX-License-Identifier: ISC
 *
 * The order of a torture: record, gates, states, verdict.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/torture/cases.h"
#include "sim/torture/closure.h"
#include "sim/torture/page.h"
#include "sim/torture/power.h"
#include "sim/torture/report.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

/* --- the command */

static bool
can_execute(const char *path, struct stat *status)
{
	return stat(path, status) == 0 && S_ISREG(status->st_mode) && access(path, X_OK) == 0;
}

/* As execvp finds it. */
static bool
find_command(const char *word, struct stat *status)
{
	const char *path = getenv("PATH");
	char whole[PATH_MAX];

	if (strchr(word, '/') != NULL)
		return can_execute(word, status);
	while (path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");
		snprintf(whole, sizeof(whole), "%.*s/%s", (int)length, length > 0 ? path : ".",
		         word);
		if (can_execute(whole, status))
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

static int
check_command(const struct torture_options *options)
{
	const char *word = options->command[0];
	struct stat status;

	if (!find_command(word, &status)) {
		complain("torture: %s: no such command", word);
		return EXIT_USAGE;
	}
	if (geteuid() != 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0) {
		complain("torture: %s runs with the rights of its owner, which a traced program "
		         "does not get: run this as root",
		         word);
		return EXIT_USAGE;
	}
	return EXIT_MET;
}

/* --- parts */

static int
set_up(struct session *session)
{
	int code = session_play(session, PART_SETUP);

	if (code != EXIT_MET)
		return code;
	if (session->gate.recovery.is_late)
		complain("torture: the setup does not end");
	else if (session->gate.recovery.status != 0)
		complain("torture: the setup fails");
	else
		return EXIT_MET;
	return EXIT_USAGE;
}

static void
tell_end(const struct session *session, int status, bool is_late, char *why, size_t size)
{
	const char *said = session->gate.said;
	const char *quote = said[0] != '\0' ? ": " : "";

	if (is_late)
		snprintf(why, size, "it does not end within --limit");
	else if (WIFSIGNALED(status))
		snprintf(why, size, "it ends by signal %d%s%.200s", WTERMSIG(status), quote, said);
	else
		snprintf(why, size, "it exits with %d%s%.200s", WEXITSTATUS(status), quote, said);
}

/* The command once, traced.  Without a good run there is nothing to judge by. */
static int
record(struct session *session, struct report *report)
{
	const struct record *record = session->record;
	int code = session_play(session, PART_RECORD);
	bool good;
	char why[512];

	if (code == EXIT_INCONCLUSIVE)
		report_test(report, false, "the command can be traced", "ptrace is refused here");
	if (code != EXIT_MET)
		return code;
	good = record->status == 0 && !record->is_late;
	tell_end(session, record->status, record->is_late, why, sizeof(why));
	if (record->was_foreign)
		strlcpy(why,
		        "it runs a program for another machine (32 bits), which cannot be traced",
		        sizeof(why));
	report_test(report, good, "the command runs to its end", why);
	if (!good)
		return EXIT_INCONCLUSIVE;
	/* Names of sockets are the network's: states side by side would find each other's. */
	session->is_offline = record->bound > 0 && record->reached_out == 0;
	if (session->is_offline)
		report_note(report, "it names sockets, and reaches nothing by the network: from "
		                    "now on it has a network of its own");
	snprintf(why, sizeof(why), "%.400s was changed by something that no recorded call did",
	         record->stray);
	report_test(report, record->strays == 0 && record->lost == 0,
	            "what was recorded is what is really there",
	            record->strays == 0 ? "there were too many operations" : why);
	return record->strays == 0 && record->lost == 0 ? EXIT_MET : EXIT_INCONCLUSIVE;
}

static int
run_clean(struct session *session, struct report *report)
{
	int code = session_play(session, PART_CLEAN);
	const struct running *clean = &session->clean;
	bool good = clean->status == 0 && !clean->is_late;
	char why[512];

	if (code != EXIT_MET)
		return code;
	tell_end(session, clean->status, clean->is_late, why, sizeof(why));
	report_test(report, good, "a second clean run ends as the first", why);
	if (session->loose > 0)
		report_note(report,
		            "differs from one clean run to the next, and is not compared: %s%s",
		            session->first_loose, session->loose > 1 ? " and more" : "");
	return good ? EXIT_MET : EXIT_INCONCLUSIVE;
}

static int
gate_check(struct session *session, struct report *report)
{
	int code = session_play(session, PART_CHECK);
	bool good = session->gate.judged == JUDGED_PASS || session->gate.judged == JUDGED_LITTER;

	if (code != EXIT_MET)
		return code;
	report_test(report, good, "the check passes on the clean end", session->gate.why);
	return good ? EXIT_MET : EXIT_INCONCLUSIVE;
}

static int
gate_damage(struct session *session, struct report *report)
{
	int code = session_play(session, PART_DAMAGED);
	const char *why = session->gate.why[0] != '\0'
	                      ? session->gate.why
	                      : "it passes whatever was done to the files: it cannot judge";

	if (code != EXIT_MET)
		return code;
	report_test(report, session->damage_seen, "the check fails on damaged files", why);
	return session->damage_seen ? EXIT_MET : EXIT_INCONCLUSIVE;
}

static int
play_gates(struct session *session, struct report *report)
{
	int code = run_clean(session, report);

	if (code == EXIT_MET)
		code = gate_check(session, report);
	if (code == EXIT_MET)
		code = gate_damage(session, report);
	return code;
}

/* What is taken apart must come together as it was. */
static int
gate_power(struct session *session, struct report *report)
{
	const struct record *record = session->record;
	char why[512], point[OP_NAME_SIZE + 16] = "the end";
	uint32_t op = 0;
	int error = power_replay(session->power, &op);

	if (error == -ENOMEM)
		return EXIT_INTERNAL;
	if (op < record->ops)
		op_text(record, &record->op[op], point, sizeof(point));
	snprintf(why, sizeof(why), "up to %.400s it gives other files", point);
	report_test(report, error == 0, "power: replaying everything gives what was really there",
	            why);
	return error == 0 ? EXIT_MET : EXIT_INCONCLUSIVE;
}

static int
explore(struct session *session, struct report *report, struct exploration *exploration)
{
	const struct torture_options *options = session->options;
	int64_t start_ns = clock_now_ns();
	int code;

	if (explore_choose(session) != 0) {
		complain("torture: no memory for what is to be played");
		return EXIT_INTERNAL;
	}
	code = session->power == NULL ? EXIT_MET : gate_power(session, report);
	if (code != EXIT_MET)
		return code;
	if (options->again && closure_init(session) != 0)
		return EXIT_INTERNAL;
	code = session_play_states(session);
	if (code == EXIT_MET && session->closure != NULL)
		code = session_play_closure(session);
	if (code != EXIT_MET)
		return code;
	if (explore_know(session, exploration) != 0)
		return EXIT_INTERNAL;
	report_exploration(report, session, exploration);
	if (clock_now_ns() >= session->deadline_ns && exploration->left > 0) {
		report_finding(report, false, "all that was chosen was played",
		               "limits.wall was over before");
		report->unknown++;
	}
	if (options->save != NULL)
		code = cases_save(session, exploration, report);
	if (options->expectations > 0)
		report_expectations(report, session, exploration);
	report_times(report, session, start_ns);
	return code;
}

/* Without the whole file system as its own, the job has an empty /tmp: what it is told to use there
 * would not be found. */
static int
check_words(const struct session *session)
{
	const struct world *world = &session->world;
	char whole[PATH_MAX];
	const char *below;

	for (char *const *word = session->options->command; *word != NULL; word++) {
		int layer;
		if (strchr(*word, '/') == NULL || realpath(*word, whole) == NULL)
			continue;
		layer = world_layer_of(world, whole, &below);
		if (layer < 0 || world->layer[layer].kind != LAYER_FRESH)
			continue;
		complain(
		    "torture: %s is in %s, which is empty for the job: name its folder with -w",
		    *word, world->layer[layer].at);
		return EXIT_USAGE;
	}
	return EXIT_MET;
}

int
torture_begin(struct session **session, const struct torture_options *options)
{
	int code = check_command(options);

	if (code == EXIT_MET)
		code = session_init(session, options);
	if (code == EXIT_MET)
		code = check_words(*session);
	return code == EXIT_MET ? set_up(*session) : code;
}

/* A gate that is shut: nothing was judged, whatever the lines say. */
static int
end(struct report *report, int code)
{
	int verdict;

	if (code != EXIT_MET && code != EXIT_INCONCLUSIVE)
		return code;
	if (code == EXIT_INCONCLUSIVE)
		report_note(report, "no state was judged");
	verdict = report_end(report);
	return code == EXIT_MET ? verdict : code;
}

static int
save_page(const struct session *session, const struct report *report,
          const struct exploration *exploration, int code)
{
	const struct page page = {.session = session,
	                          .report = report,
	                          .exploration = exploration->points > 0 ? exploration : NULL,
	                          .code = code};

	if (session->options->html == NULL || code >= 128 || code == EXIT_INTERNAL)
		return code;
	return page_save(&page, session->options->html) == 0 ? code : EXIT_INTERNAL;
}

static FILE *
open_report(const struct torture_options *options)
{
	const char *path = options->tap;
	FILE *out;

	if (options->out != NULL)
		return options->out;
	out = path == NULL || strcmp(path, "-") == 0 ? stdout : fopen(path, "we");

	if (out == NULL)
		complain("torture: %s: %s", path, strerror(errno));
	return out;
}

static int
close_report(FILE *out, const struct torture_options *options, int code)
{
	if (out == stdout || out == options->out ? fflush(out) == 0 : fclose(out) == 0)
		return code;
	complain("torture: %s: %s", options->tap != NULL ? options->tap : "its report",
	         strerror(errno));
	return EXIT_INTERNAL;
}

int
torture_run(const struct torture_options *options)
{
	struct session *session = NULL;
	struct report report = {.name = options->name,
	                        .is_expected = options->expectations > 0,
	                        .is_kept = options->html != NULL};
	struct exploration exploration = {0};
	int code;

	report.out = open_report(options);
	if (report.out == NULL)
		return EXIT_USAGE;
	code = torture_begin(&session, options);
	if (code == EXIT_MET) {
		report_begin(&report, session);
		code = record(session, &report);
		if (code == EXIT_MET)
			code = play_gates(session, &report);
		if (code == EXIT_MET)
			code = explore(session, &report, &exploration);
		code = end(&report, code);
		code = save_page(session, &report, &exploration, code);
	}
	exploration_fini(&exploration);
	journal_fini(&report.journal);
	session_fini(session);
	return close_report(report.out, options, code);
}
