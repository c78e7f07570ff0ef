/* SPDX-License-Identifier: ISC
 *
 * The commit: effects and `done` of the finished tasks in one transaction, each under its own
 * fencing token.  Where real systems break, so where points stand closest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/process/worker.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

/* The store may be held by a worker that was stopped in the middle of its transaction: not for
 * ever. */
#define STORE_WAIT_NS (30 * NS_PER_S)

int
worker_begin(struct worker *worker)
{
	int64_t until_ns = clock_now_ns() + STORE_WAIT_NS;
	int error;

	while ((error = store_begin(worker->store)) == -EBUSY && clock_now_ns() < until_ns) {
		worker->waits++;
		if (!worker_beat(worker))
			return -EINTR;
	}
	return error;
}

static int
put_dead_letters(struct worker *worker, const struct finished *finished)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < finished->dead_count; i++)
		error = store_dead_put(worker->store, finished->lease.task,
		                       &worker->dead[finished->first_dead + i].record, false);
	return error;
}

/* The transaction is cut in two behind what it has done so far. */
static int
commit_ahead(struct worker *worker)
{
	int error = store_commit(worker->store);

	point_reach(POINT_WORKER_IN_TRANSACTION);
	return error != 0 ? error : worker_begin(worker);
}

/* 1: done by us; 0: the lease is stale and nothing was written; -errno. */
static int
write_one(struct worker *worker, struct finished *finished)
{
	const struct core_graph *graph = worker->run->scenario.core.graph;
	int error = 0, done = 1;

	if (graph != NULL)
		done = store_graph_allows(worker->store, graph, finished->lease.task);
	if (done == 1)
		done = store_task_done(worker->store, finished->lease.task, finished->lease.epoch,
		                       worker->generation, worker->slot);

	if (done == 1 && planted("checkpoint-ahead"))
		error = commit_ahead(worker);
	if (error != 0 || done < 0 || (done == 0 && !planted("effect-without-done")))
		return error != 0 ? error : done;
	if (finished->result.effects_length > 0) {
		finished->result.effects = worker->effects + finished->effects_at;
		error = store_effect_put(worker->store, finished->lease.task, &finished->result);
	}
	if (error == 0 && finished->result.logged)
		error = store_graph_effect(worker->store, finished->lease.task);
	if (error == 0)
		error = put_dead_letters(worker, finished);
	return error != 0 ? error : done;
}

/* Everything between BEGIN and COMMIT; done[i] says which leases held. */
static int
write_group(struct worker *worker, bool done[MESSAGES_MAX])
{
	int error = store_generation_check(worker->store, worker->generation);

	if (error == -ESTALE) { /* another supervisor rules: none of our leases holds */
		atomic_fetch_add(&worker->run->faults->stale_commits, worker->group_count);
		memset(done, 0, MESSAGES_MAX * sizeof(done[0]));
		return 0;
	}
	for (size_t i = 0; error == 0 && i < worker->group_count; i++) {
		int written = write_one(worker, &worker->group[i]);
		if (written < 0)
			error = written;
		else
			done[i] = written == 1;
	}
	return error;
}

static int
transact(struct worker *worker, bool done[MESSAGES_MAX])
{
	int error = worker_begin(worker);

	if (error != 0)
		return error;
	error = write_group(worker, done);
	if (error != 0) {
		store_rollback(worker->store);
		return error;
	}
	for (size_t i = 0; i < worker->group_count; i++)
		if (done[i])
			point_reach(POINT_WORKER_IN_TRANSACTION);
	return store_commit(worker->store);
}

/* What a task gave up on its way is said with its end, by whomever of its workers that was. */
static int
count_given_up(struct worker *worker)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < worker->group_count; i++) {
		struct finished *finished = &worker->group[i];

		error =
		    store_task_given_up(worker->store, finished->lease.task, &finished->given_up);
	}
	return error;
}

static void
report_group(struct worker *worker, const bool done[MESSAGES_MAX])
{
	bool fenced = false;

	for (size_t i = 0; i < worker->group_count; i++) {
		struct finished *finished = &worker->group[i];
		if (done[i]) {
			worker_report(worker, MESSAGE_DONE, &finished->lease, CAUSE_NONE,
			              CORE_NO_RECORD, finished->dead_count + finished->given_up);
		} else {
			worker_report(worker, MESSAGE_FENCED, &finished->lease, CAUSE_NONE,
			              CORE_NO_RECORD, 0);
			fenced = true;
		}
	}
	if (fenced) {
		/* Our leases were taken over together: what else we hold of them is void, or,
		 * should one be newer, goes back. */
		worker_listen(worker, false);
		worker_hand_back(worker);
	}
	worker_flush(worker);
}

static void
report_failed_group(struct worker *worker, int error)
{
	complain("w%u cannot commit: %s (%s)", worker->slot, store_error(worker->store),
	         strerror(-error));
	for (size_t i = 0; i < worker->group_count; i++)
		worker_report(worker, MESSAGE_FAILED, &worker->group[i].lease, CAUSE_INFRA,
		              (uint64_t)-error, REASON_SYSTEM);
	worker_flush(worker);
}

static void
clear_group(struct worker *worker)
{
	worker->group_count = 0;
	worker->effects_length = 0;
	while (worker->dead_count > 0)
		free(worker->dead[--worker->dead_count].bytes);
	board_work_committed(worker->row);
	board_work_end(worker->row);
}

static void
reach_for_each(const struct worker *worker, enum point point)
{
	for (size_t i = 0; i < worker->group_count; i++)
		point_reach(point);
}

static void
report_early_if_planted(struct worker *worker, const bool done[MESSAGES_MAX])
{
	if (planted("report-before-commit")) {
		report_group(worker, done);
		reach_for_each(worker, POINT_WORKER_AFTER_COMMIT_BEFORE_REPORT);
	}
}

void
worker_commit(struct worker *worker)
{
	bool done[MESSAGES_MAX];
	int error = 0;

	memset(done, 1, sizeof(done));
	/* Whatever happens from here on, no record is to blame. */
	*board_work_record(worker->row) = CORE_NO_RECORD;
	/* Beats are about what waits for its commit, not about an attempt that has failed since. */
	worker->lease = worker->group[worker->group_count - 1].lease;
	worker_phase(worker, BOARD_COMMITTING);
	reach_for_each(worker, POINT_WORKER_BEFORE_COMMIT);
	report_early_if_planted(worker, done);
	if (worker->run->scenario.job.durable)
		error = transact(worker, done);
	if (error == 0 && worker->run->ops->commits)
		error = count_given_up(worker);
	if (error != 0) {
		report_failed_group(worker, error);
		clear_group(worker);
		return;
	}
	/* Whoever dies from here on has not worked in vain. */
	board_work_committed(worker->row);
	worker_phase(worker, BOARD_REPORTING);
	reach_for_each(worker, POINT_WORKER_AFTER_COMMIT_BEFORE_REPORT);
	if (!planted("report-before-commit"))
		report_group(worker, done);
	reach_for_each(worker, POINT_WORKER_AFTER_REPORT);
	clear_group(worker);
}
