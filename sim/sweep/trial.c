/* SPDX-License-Identifier: ISC
 *
 * Playing one trial.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/life.h"
#include "sim/cli/repeat.h"
#include "sim/sweep/trial.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/tree.h"

#define WALL_NS (60 * NS_PER_S)
#define FIRST_ID "sweep-first"
#define SECOND_ID "sweep-second"

struct playing {
	const struct trial *trial;
	char file[PATH_MAX], run[PATH_MAX];
	struct life life;
	off_t planned;
};

static void
add_kill(struct scenario *scenario, const char *id, const struct crash_point *where, int follows)
{
	struct fault *fault = &scenario->fault[scenario->faults++];

	*fault = (struct fault){.what = FAULT_KILL,
	                        .who = WHO_SELF,
	                        .victims = 1,
	                        .signal = SIGKILL,
	                        .exit_code = -1,
	                        .when = WHEN_POINT,
	                        .point = where->point,
	                        .nth = where->nth,
	                        .chance_ppm = 1000000,
	                        .follows = (int16_t)follows,
	                        .times = 1};
	strlcpy(fault->id, id, sizeof(fault->id));
}

/* What must be true of a run that was killed, whatever the scenario expects of one that was not. */
static void
expect_recovery(struct scenario *scenario, int wanted_state)
{
	scenario->expectations = 1;
	scenario->expect[0] = (struct expectation){
	    .what = EXPECT_JOB, .compare = COMPARE_EQ, .value = wanted_state == RUN_DONE};
	strlcpy(scenario->expect[0].text, wanted_state == RUN_DONE ? "job: done" : "job: failed",
	        sizeof(scenario->expect[0].text));
}

static void
add_kills(struct scenario *scenario, const struct trial *trial)
{
	for (size_t i = 0; i < scenario->faults; i++)
		scenario->fault[i].optional = true;
	if (trial->first != NULL)
		add_kill(scenario, FIRST_ID, trial->first, -1);
	if (trial->second != NULL)
		add_kill(scenario, SECOND_ID, trial->second, (int)scenario->faults - 1);
	expect_recovery(scenario, trial->wanted_state);
	if (scenario->wall_ns > WALL_NS)
		scenario->wall_ns = WALL_NS;
}

static int
write_scenario(const struct trial *trial, const char *path)
{
	struct scenario scenario = *trial->base; /* shares what it points to */
	FILE *file = fopen(path, "wxe");
	int error;

	if (file == NULL)
		return -errno;
	if (!trial->plain)
		add_kills(&scenario, trial);
	error = scenario_print(&scenario, file);
	if (fclose(file) != 0 && error == 0)
		error = -errno;
	return error;
}

static bool
is_set_up(const struct playing *playing)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", playing->run, RUN_SCENARIO);
	return access(path, F_OK) == 0;
}

static int
live(void *context)
{
	const struct playing *playing = context;
	struct run run;
	int code;

	if (is_set_up(playing))
		return life_next(playing->run, &playing->life);
	code = life_prepare(&run, playing->file, NULL, 0, playing->run);
	if (code == 0)
		code = life_first(&run, &playing->life);
	run_fini(&run);
	return code;
}

static bool
go_on(void *context, int code)
{
	struct playing *playing = context;

	return life_was_broken_off(playing->trial->base, playing->run, code, &playing->planned);
}

static bool
all_landed(const struct verdict *verdict)
{
	static const char prefix[] = "fault sweep-";

	for (size_t i = 0; i < verdict->lines; i++)
		if (strncmp(verdict->line[i].name, prefix, sizeof(prefix) - 1) == 0 &&
		    verdict->line[i].result != LINE_OK)
			return false;
	return true;
}

/* Which of the scenario's own faults did not happen. */
static void
note_unlanded(struct trial_result *result, const struct verdict *verdict)
{
	static const char prefix[] = "fault ";

	result->unlanded[0] = '\0';
	for (size_t i = 0; i < verdict->lines && result->unlanded[0] == '\0'; i++) {
		const char *name = verdict->line[i].name;
		if (verdict->line[i].result == LINE_OK ||
		    strncmp(name, prefix, sizeof(prefix) - 1) != 0)
			continue;
		name += sizeof(prefix) - 1;
		snprintf(result->unlanded, sizeof(result->unlanded), "%.*s",
		         (int)strcspn(name, " "), name);
	}
}

static void
judged(void *context, const struct verdict *verdict)
{
	const struct facts *facts = &verdict->facts;
	struct trial_result *result = context;

	result->judged = true;
	result->landed = all_landed(verdict);
	result->lost = verdict->ledger.lost;
	result->doubled = verdict->ledger.doubled;
	result->effects_lost = verdict->ledger.effects_lost;
	result->effects_doubled = verdict->ledger.effects_doubled;
	result->records = facts->run.plan.records;
	result->job_ns = facts->job_ns;
	result->stream = facts->flow.stats;
	result->stale = verdict->ledger.stale;
	note_unlanded(result, verdict);
	result->rework = facts->rework;
	result->generations = facts->generations;
	result->run_state = (int)facts->run.state;
	result->recovery_ns = facts->recovery_ns[0] > facts->supervisor_ns ? facts->recovery_ns[0]
	                                                                   : facts->supervisor_ns;
	result->failed[0] = result->finding[0] = '\0';
	for (size_t i = 0; i < verdict->lines && result->failed[0] == '\0'; i++) {
		const struct verdict_line *line = &verdict->line[i];
		if (line->result != LINE_FAILED)
			continue;
		strlcpy(result->failed, line->name, sizeof(result->failed));
		snprintf(result->finding, sizeof(result->finding), "%s: %.200s", line->name,
		         line->detail);
	}
}

/* What the run says goes beside it, for whoever looks into a failure. */
static int
redirect(const char *folder)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%.*s/said", PATH_MAX - 16, folder);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Only of one that was killed and is proven. */
static int
run_again(const struct playing *playing, int code)
{
	struct trial_result *result = playing->trial->result;
	char finding[PATH_MAX + 64];
	int again;

	if (!playing->trial->again || code != EXIT_MET)
		return code;
	again = repeat_play(playing->run, code, finding, sizeof(finding));
	if (again != EXIT_UNMET)
		return again == EXIT_INCONCLUSIVE ? code : again;
	strlcpy(result->failed, AGAIN_PROMISE, sizeof(result->failed));
	snprintf(result->finding, sizeof(result->finding), AGAIN_PROMISE ": %.200s", finding);
	return EXIT_UNMET;
}

static int
conclude(const struct trial *trial, int code)
{
	struct trial_result *result = trial->result;

	result->exit_code = code;
	if (!result->judged)
		snprintf(result->finding, sizeof(result->finding),
		         "no verdict was given (exit code %d)", code);
	else if (code == EXIT_INCONCLUSIVE && !result->landed)
		return EXIT_INCONCLUSIVE;
	else if (code != EXIT_MET && result->finding[0] == '\0')
		snprintf(result->finding, sizeof(result->finding), "exit code %d", code);
	return result->finding[0] == '\0' ? EXIT_MET : EXIT_UNMET;
}

int
trial_play(const struct trial *trial)
{
	struct playing playing = {
	    .trial = trial,
	    .life = {
		.output = OUTPUT_NONE, .quiet = true, .judged = judged, .context = trial->result}};
	char folder[PATH_MAX];
	int code, error;

	memset(trial->result, 0, sizeof(*trial->result));
	snprintf(playing.file, sizeof(playing.file), "%.*s/scenario.yaml", PATH_MAX - 16,
	         trial->folder);
	snprintf(playing.run, sizeof(playing.run), "%.*s/run", PATH_MAX - 16, trial->folder);
	error = mkdir(trial->folder, 0700) == 0 ? redirect(trial->folder) : -errno;
	if (error == 0)
		error = write_scenario(trial, playing.file);
	if (error != 0) {
		snprintf(trial->result->finding, sizeof(trial->result->finding),
		         "cannot set up %.200s: %s", trial->folder, strerror(-error));
		return EXIT_INTERNAL;
	}
	code = life_play(live, go_on, &playing, playing.run, true, &trial->result->lives);
	code = run_again(&playing, code);
	code = conclude(trial, code);
	strlcpy(folder, trial->folder, sizeof(folder));
	if (code != EXIT_UNMET && code != EXIT_INTERNAL)
		tree_remove(folder);
	return code;
}
