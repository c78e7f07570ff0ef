/* SPDX-License-Identifier: ISC
 *
 * Setting a run up or taking it up again, directing it and giving the verdict.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/alert.h"
#include "sim/cli/dead.h"
#include "sim/cli/exclusive.h"
#include "sim/cli/life.h"
#include "sim/cli/look.h"
#include "sim/cli/metrics.h"
#include "sim/cli/progress.h"
#include "sim/disk/disk.h"
#include "sim/disk/unsynced.h"
#include "sim/job/made_input.h"
#include "sim/process/run_power.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

#define LOCK_WAIT_MS 3000
#define SETTLE_MS 2000

static int
load(struct run *run, const char *file, const char *const *set, size_t sets)
{
	run_init(run);
	return scenario_load(&run->scenario, file, set, sets, stderr) == 0 ? 0 : EXIT_USAGE;
}

static int
make_directory(struct run *run, const char *path)
{
	char error[PATH_MAX + 256];
	const char *input;

	if (scenario_refuses_torture(&run->scenario, "be set up as a run") ||
	    scenario_resolve_input(&run->scenario) != 0)
		return EXIT_USAGE;
	/* Whoever sweeps a scenario of the virtual world does it in this one. */
	run->scenario.world = WORLD_REAL;
	input = run->scenario.job.input != NULL ? run->scenario.job.input : "";
	/* What can be refused is refused before anything is made. */
	if (scenario_generated(&run->scenario.job) == 0 && run_open_job(run, input) != 0)
		return EXIT_USAGE;
	if (rundir_create(&run->dir, path, run->scenario.name, error, sizeof(error)) != 0) {
		complain("%s", error);
		return EXIT_USAGE;
	}
	return 0;
}

int
life_prepare(struct run *run, const char *file, const char *const *set, size_t sets,
             const char *path)
{
	int code = load(run, file, set, sets);

	return code == 0 ? life_prepare_loaded(run, path) : code;
}

int
life_prepare_loaded(struct run *run, const char *path)
{
	scenario_make_private(&run->scenario);
	return make_directory(run, path);
}

int
life_prepare_job(struct run *run, const char *file, const char *const *set, size_t sets,
                 const char *path, bool again, bool *complete)
{
	int code = load(run, file, set, sets);

	*complete = false;
	if (code != 0)
		return code;
	if (again && !run->scenario.exclusive) {
		complain("--again: %s is not exclusive, each run of it is a fresh one", file);
		return EXIT_USAGE;
	}
	code = exclusive_ask(&run->scenario, again);
	*complete = code == EXIT_MET;
	return code == EXCLUSIVE_FREE ? make_directory(run, path) : code;
}

static int
lock(struct run *run)
{
	char holder[128];

	run->lock_fd = rundir_lock(&run->dir, LOCK_WAIT_MS, holder, sizeof(holder));
	if (run->lock_fd == -EWOULDBLOCK)
		complain("run %s is held by %s; wait for it, or stop it", run->dir.path,
		         holder[0] != '\0' ? holder : "another process");
	else if (run->lock_fd < 0)
		complain("cannot lock %s: %s", run->dir.path, strerror(-run->lock_fd));
	return run->lock_fd < 0 ? EXIT_USAGE : 0;
}

static int
generate(struct run *run, char input[PATH_MAX])
{
	int fd, error;

	rundir_file(&run->dir, RUN_INPUT, input);
	fd = open(input, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		complain("cannot make %s: %s", input, strerror(errno));
		return EXIT_INTERNAL;
	}
	error = made_input_write(&run->scenario, fd);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	if (error != 0)
		complain("cannot write %s: %s", input, strerror(-error));
	return error == 0 ? 0 : EXIT_INTERNAL;
}

/* A failed job says which records are to blame and what can be done. */
static int
print_failure(const struct run *run, const struct verdict *verdict, FILE *out)
{
	struct dead_list *dead = calloc(1, sizeof(*dead));
	struct store *store;
	int error = dead == NULL ? -ENOMEM : store_open_reader(&store, run->db);

	if (error == 0) {
		error = store_dead_read(store, dead_add, dead);
		store_close(store);
	}
	if (error == 0) {
		dead_print(dead, &run->scenario.job, out);
		dead_print_errors(dead, &run->dir, out);
		dead_print_next_step(run->dir.path, &run->scenario.job,
		                     verdict->facts.counts.dead_records, out);
	} else {
		complain("cannot read the dead letters in %s: %s", run->db, strerror(-error));
	}
	free(dead);
	return error;
}

static bool
has_ended(const struct verdict *verdict)
{
	return verdict->facts.run.state == RUN_DONE || verdict->facts.run.state == RUN_FAILED;
}

/* An output task that was given up had no successor to tidy up after its last attempt. */
static void
clear_output(const struct run *run)
{
	char path[PATH_MAX];
	int folder =
	    open(rundir_file(&run->dir, RUN_OUT, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return;
	disk_output_clear(folder);
	close(folder);
}

/* Nothing of an ended run changes any more, whoever looks at it. */
static int
put_to_rest(struct run *run)
{
	/* Somebody else who looks into it may take longer: then its log stays. */
	int error = store_settle(run->db, run->scenario.durability, SETTLE_MS);

	if (error != 0 && error != -EBUSY) {
		complain("cannot copy the log of %s back: %s", run->db, strerror(-error));
		return error;
	}
	return run_power_end(run);
}

static int
report(struct run *run, const struct life *life, enum director_end end)
{
	struct verdict *verdict = calloc(1, sizeof(*verdict));
	unsigned next = 1;
	int code = EXIT_INTERNAL;
	bool judged;

	progress_screen_end(life->screen);
	if (verdict != NULL)
		fault_self.area = run->faults;
	if (end == DIRECTOR_JOB_ENDED)
		clear_output(run);
	judged = verdict != NULL && verdict_give(verdict, run, end) == 0;
	if (judged) {
		code = verdict->exit_code;
		point_reach(POINT_DIRECTOR_AFTER_VERDICT);
		if (has_ended(verdict) && put_to_rest(run) != 0)
			code = EXIT_INTERNAL;
		if (has_ended(verdict))
			metrics_end(run, verdict->facts.run.state == RUN_DONE ? "done" : "failed",
			            verdict);
		if (life->output == OUTPUT_JSON)
			code =
			    verdict_print_json(verdict, run, life->out) == 0 ? code : EXIT_INTERNAL;
		else if (life->output == OUTPUT_TAP)
			verdict_print_tap(verdict, run, &next, life->out);
		else if (life->output == OUTPUT_TEXT)
			verdict_print(verdict, run, life->out);
		if (life->judged != NULL)
			life->judged(life->context, verdict);
		if (life->output == OUTPUT_TEXT && verdict->facts.run.state == RUN_FAILED &&
		    print_failure(run, verdict, life->out) != 0)
			code = EXIT_INTERNAL;
	}
	if (life->output != OUTPUT_NONE)
		fflush(life->out);
	if (judged && has_ended(verdict))
		alert_judged(run, verdict);
	free(verdict);
	return code;
}

static int
direct(struct run *run, const struct life *life)
{
	struct director_report director;
	struct director_watch watch;
	struct progress progress;
	struct metrics metrics;

	progress_init(&progress, &watch, life->quiet, life->lines, life->screen);
	metrics_watch(&metrics, run, &watch);
	director_run(run, &watch, &director);
	metrics_fini(&metrics);
	progress_fini(&progress);
	if (director.end != DIRECTOR_JOB_ENDED) {
		metrics_end(run, "interrupted", NULL);
		alert_life_ended(run, director.end, life->watched);
	}
	switch (director.end) {
	case DIRECTOR_BAD_INPUT:
		return EXIT_USAGE;
	case DIRECTOR_DRAINED:
		complain("stopped; `graveshift status %s` says what is done, `graveshift resume "
		         "%s` goes on",
		         run->dir.path, run->dir.path);
		return 128 + director.signal;
	case DIRECTOR_KILLED:
		return 128 + director.signal;
	case DIRECTOR_BROKEN:
		return EXIT_INTERNAL;
	case DIRECTOR_JOB_ENDED:
	case DIRECTOR_WALL:
		break;
	}
	point_reach(POINT_DIRECTOR_BEFORE_VERDICT);
	return report(run, life, director.end);
}

/* Everything behind the scenario: input, board, store. */
static int
set_up(struct run *run)
{
	char input[PATH_MAX] = "";
	int code = 0;

	if (run->scenario.job.input != NULL)
		strlcpy(input, run->scenario.job.input, sizeof(input));
	if (scenario_generated(&run->scenario.job) > 0)
		code = generate(run, input);
	if (code == 0 && run->job == NULL && run_open_job(run, input) != 0)
		code = EXIT_USAGE;
	if (code != 0)
		return code;
	point_reach(POINT_DIRECTOR_AFTER_INPUT);
	return run_create(run, input) == 0 ? 0 : EXIT_INTERNAL;
}

static void
unlock(struct run *run)
{
	if (run->lock_fd < 0)
		return;
	point_reach(POINT_DIRECTOR_BEFORE_UNLOCK);
	close(run->lock_fd);
	run->lock_fd = -1;
	if (run->job_fd >= 0)
		close(run->job_fd);
	run->job_fd = -1;
	point_reach(POINT_DIRECTOR_AFTER_UNLOCK);
}

static int
begin(struct run *run, const struct life *life, bool *complete)
{
	int code;

	if (run_faults_early(run) != 0 || run_power_begin(run) != 0)
		return EXIT_INTERNAL;
	point_reach(POINT_DIRECTOR_AFTER_DIRECTORY);
	code = lock(run);
	if (code != 0)
		return code;
	if (run_power_restore(run) != 0)
		return EXIT_INTERNAL;
	point_reach(POINT_DIRECTOR_AFTER_LOCK);
	if (rundir_has(&run->dir, RUN_SCENARIO)) {
		complain("another run was started in %s", run->dir.path);
		return EXIT_USAGE;
	}
	code = exclusive_begin(run, life->again);
	*complete = code == EXIT_MET;
	if (code != EXCLUSIVE_FREE)
		return code;
	return run_scenario_write(run) == 0 ? set_up(run) : EXIT_INTERNAL;
}

int
life_first(struct run *run, const struct life *life)
{
	bool complete = false;
	int code = begin(run, life, &complete);

	if (code == 0 && !complete)
		code = direct(run, life);
	unlock(run);
	return code;
}

/* A run that was killed before run.db had its name has done nothing; one that has an event log had
 * begun, and what it did went with its store: that is the way of things only when the power was
 * lost. */
static int
set_up_again(struct run *run, const struct life *life)
{
	bool begun = rundir_has(&run->dir, RUN_EVENTS);

	if (begun && unsynced_run() == NULL) {
		complain("the run in %s had begun, but its %s is gone: start a new run",
		         run->dir.path, RUN_DB);
		return EXIT_USAGE;
	}
	if (!life->quiet)
		complain(begun ? "the power took all that the run in %s had stored: it is set up "
		                 "anew"
		               : "the run in %s was stopped before it was set up: that is done now",
		         run->dir.path);
	return set_up(run);
}

static int
take_up(struct run *run, const char *name, const struct life *life, struct store_run *info)
{
	char error[PATH_MAX + 256];
	int code;

	if (rundir_open(&run->dir, name, error, sizeof(error)) != 0) {
		complain("%s", error);
		return EXIT_USAGE;
	}
	code = lock(run);
	if (code != 0)
		return code;
	if (run_load(run, NULL, 0) != 0 || look_refuses_virtual(run, "resume"))
		return EXIT_USAGE;
	code = exclusive_resume(run);
	if (code != 0)
		return code;
	if (run_faults_early(run) != 0)
		return EXIT_USAGE;
	if (run_power_restore(run) != 0)
		return EXIT_INTERNAL;
	point_reach(POINT_DIRECTOR_AFTER_LOCK);
	unlinkat(run->dir.fd, RUN_SCENARIO_NEW, 0); /* of a redrive that was killed */
	memset(info, 0, sizeof(*info));
	if (!rundir_has(&run->dir, RUN_DB))
		return set_up_again(run, life);
	if (run_reopen(run, info, true) != 0)
		return EXIT_USAGE;
	return 0;
}

int
life_next(const char *name, const struct life *life)
{
	struct run run;
	struct store_run info;
	bool ended;
	int code;

	run_init(&run);
	code = take_up(&run, name, life, &info);
	ended = info.state == RUN_DONE || info.state == RUN_FAILED;
	if (code == 0 && ended && !planted("ended-run-goes-on")) {
		if (!life->quiet)
			complain("the job of this run has ended: nothing is run again");
		if (info.state == RUN_DONE)
			run_clear_parts(&run); /* the last director may have been killed first */
		code = report(&run, life, DIRECTOR_JOB_ENDED);
	} else if (code == 0) {
		alert_look_back(&run, life->watched);
		if (run.job == NULL && run_open_job(&run, info.input) != 0)
			code = EXIT_USAGE;
		else
			code = run_power_begin(&run) == 0 ? direct(&run, life) : EXIT_INTERNAL;
	}
	unlock(&run);
	run_fini(&run);
	return code;
}
