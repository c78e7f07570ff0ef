/* SPDX-License-Identifier: ISC
 *
 * The plan: made once and sealed by the first supervisor that gets so far; checked against the
 * input by every later one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/job/input.h"
#include "sim/process/supervisor.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

struct putting {
	struct store *store;
	const struct run *run;
	struct sink *sink; /* NULL: the job has nothing to prepare */
	uint32_t count;
};

static int
put(void *context, const struct task_plan *task)
{
	struct putting *putting = context;
	int error;

	if (putting->count == BOARD_TASKS_MAX)
		return -E2BIG;
	putting->count++;
	error = store_plan_put(putting->store, task);
	if (error == 0 && putting->sink != NULL)
		error = putting->run->ops->prepare(putting->run->job, putting->sink, task);
	return error;
}

static int
ignore(void *context, const struct task_plan *task)
{
	return 0;
}

/* Jobs without input have an identity of zeros. */
static int
identify(const char *input, struct input_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	return input[0] == '\0' ? 0 : input_identify(input, identity);
}

bool
supervisor_input_changed(const struct supervisor *supervisor)
{
	struct input_identity now;

	return identify(supervisor->input, &now) != 0 ||
	       memcmp(&now, &supervisor->identity, sizeof(now)) != 0;
}

/* With a place in it for what is prepared. */
static int
open_sink(struct sink **sink, const struct sink_wish *wish)
{
	int error = sink_open(sink, wish);

	return error != 0 ? error : sink_prepare(*sink);
}

static int
split_and_seal(struct supervisor *supervisor, struct store_run *info, char *message, size_t size)
{
	struct run *run = supervisor->run;
	struct putting putting = {.store = supervisor->store, .run = run};
	const struct sink_wish wish = {
	    .scenario = &run->scenario, .run = run->id, .store = supervisor->store};
	int error = store_plan_clear(supervisor->store);

	if (error == 0 && run->ops->prepare != NULL)
		error = open_sink(&putting.sink, &wish);
	if (error == 0)
		error = run->ops->plan(run->job, &info->plan, put, &putting, message, size);
	if (error == 0 && putting.sink != NULL)
		error = sink_prepared(putting.sink);
	/* What fails elsewhere is nothing that run.db has words for. */
	if (error != 0 && message[0] == '\0' && putting.sink != NULL &&
	    (error == -ECONNRESET || run->scenario.job.store != JOB_STORE_SQLITE))
		snprintf(message, size, "the sink cannot be prepared: %s",
		         sink_error(putting.sink));
	sink_close(putting.sink);
	if (error == 0)
		error = store_identity_set(supervisor->store, &info->identity);
	if (error != 0)
		return error;
	point_reach(POINT_SUPERVISOR_BEFORE_PLAN_SEALED);
	return store_plan_seal(supervisor->store, &info->plan);
}

static enum supervisor_exit
make_plan(struct supervisor *supervisor, struct store_run *info)
{
	char message[512] = "";
	int error = identify(info->input, &info->identity);

	if (error == 0)
		error = store_begin(supervisor->store);
	if (error == 0) {
		error = split_and_seal(supervisor, info, message, sizeof(message));
		if (error == 0)
			error = store_commit(supervisor->store);
		else
			store_rollback(supervisor->store);
	}
	if (error == 0) {
		point_reach(POINT_SUPERVISOR_AFTER_PLAN_SEALED);
		return SUPERVISOR_JOB_DONE;
	}
	if (message[0] != '\0') {
		complain("%s", message);
		return SUPERVISOR_BAD_INPUT;
	}
	if (error == -E2BIG)
		complain("the plan has more than %u tasks: choose larger chunks", BOARD_TASKS_MAX);
	else
		complain("cannot store the plan in %s: %s (%s)", supervisor->run->db,
		         strerror(-error), store_error(supervisor->store));
	return error == -E2BIG ? SUPERVISOR_BAD_INPUT : SUPERVISOR_BROKEN;
}

static int
put_again(void *context, const struct task_plan *task)
{
	struct putting *putting = context;

	if (putting->count == BOARD_TASKS_MAX)
		return -E2BIG;
	putting->count++;
	return store_plan_put_again(putting->store, task);
}

/* What a naive strategy does that has sealed nothing: the list of what there is to do is made anew.
 */
static enum supervisor_exit
split_again(struct supervisor *supervisor, struct store_run *info)
{
	struct run *run = supervisor->run;
	struct putting putting = {.store = supervisor->store, .run = run};
	struct plan_summary now;
	char message[512] = "";
	int error = store_begin(supervisor->store);

	if (error == 0) {
		error =
		    run->ops->plan(run->job, &now, put_again, &putting, message, sizeof(message));
		if (error == 0)
			error = store_plan_split_again(supervisor->store, &now);
		if (error == 0) {
			point_reach(POINT_SUPERVISOR_BEFORE_PLAN_SEALED);
			error = store_commit(supervisor->store);
		} else {
			store_rollback(supervisor->store);
		}
	}
	if (error != 0) {
		complain("%s cannot be split again: %s", info->input,
		         message[0] != '\0' ? message : strerror(-error));
		return SUPERVISOR_BAD_INPUT;
	}
	point_reach(POINT_SUPERVISOR_AFTER_PLAN_SEALED);
	info->plan.tasks = now.tasks;
	info->plan.records = now.records;
	return SUPERVISOR_JOB_DONE;
}

/* The part of it that was planned is still as it was: run->job sees no more than that. */
static int
read_again(struct supervisor *supervisor, const struct store_run *info, char *message, size_t size)
{
	struct plan_summary again;
	int error =
	    supervisor->run->ops->plan(supervisor->run->job, &again, ignore, NULL, message, size);

	if (error == 0 &&
	    (again.fingerprint != info->plan.fingerprint || again.records != info->plan.records))
		error = -ESTALE;
	return error;
}

/* An input that looks untouched is taken as such; one that was touched is read again, whole.  One
 * that has only grown will do: what came later is for a later run. */
static enum supervisor_exit
check_plan(struct supervisor *supervisor, struct store_run *info)
{
	struct input_identity now;
	char message[512] = "";
	int error = identify(info->input, &now);
	bool grown = error == 0 && now.size > info->plan.bytes;

	if ((strategy_flags(supervisor->run->scenario.strategy) & STRATEGY_SPLITS_AGAIN) != 0)
		return split_again(supervisor, info);
	if (planted("input-not-asked"))
		return SUPERVISOR_JOB_DONE;
	if (error == 0 && memcmp(&now, &info->identity, sizeof(now)) == 0)
		return SUPERVISOR_JOB_DONE;
	if (error == 0)
		error = read_again(supervisor, info, message, sizeof(message));
	if (error == 0 && (!grown || input_ends_line(info->input, info->plan.bytes))) {
		if (grown)
			complain("%s has grown by %llu bytes since the plan was sealed: they are "
			         "for another run",
			         info->input, (unsigned long long)(now.size - info->plan.bytes));
		return SUPERVISOR_JOB_DONE;
	}
	complain("%s is not what it was when the plan was sealed (%llu records then%s%s): what is "
	         "done was done on the old "
	         "one.  Put it back and resume, or start a new run",
	         info->input, (unsigned long long)info->plan.records,
	         error == -ESTALE ? "" : "; now: ",
	         error == -ESTALE     ? ""
	         : message[0] != '\0' ? message
	         : error == 0         ? "its last line went on"
	                              : strerror(-error));
	return SUPERVISOR_BAD_INPUT;
}

enum supervisor_exit
supervisor_prepare(struct supervisor *supervisor, struct store_run *info)
{
	int error = store_run_read(supervisor->store, info);
	enum supervisor_exit result;

	if (error != 0) {
		complain("cannot read %s: %s (%s)", supervisor->run->db, strerror(-error),
		         store_error(supervisor->store));
		return SUPERVISOR_BROKEN;
	}
	/* The one before us ended the run and died before it could say so. */
	if (info->state == RUN_DONE || info->state == RUN_FAILED)
		return info->state == RUN_DONE ? SUPERVISOR_JOB_DONE : SUPERVISOR_JOB_FAILED;
	if (info->state == RUN_PLANNING)
		result = make_plan(supervisor, info);
	else
		result = check_plan(supervisor, info);
	strlcpy(supervisor->input, info->input, sizeof(supervisor->input));
	if (result == SUPERVISOR_JOB_DONE && identify(info->input, &supervisor->identity) != 0)
		complain("cannot look at %s any more", info->input);
	return result;
}
