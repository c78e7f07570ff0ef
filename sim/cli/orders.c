/* SPDX-License-Identifier: ISC
 *
 * Orders of a graph, for people and programs.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/cli/orders.h"
#include "sim/job/csv.h"
#include "sim/util/fail.h"

static void
close_order(struct orders *orders)
{
	orders->complete += !orders->open && !orders->dead;
	orders->failed += !orders->open && orders->dead;
	orders->begun += orders->open && orders->touched;
	orders->open = orders->dead = orders->touched = false;
	orders->counted = 0;
}

int
orders_add(void *context, const struct store_task_row *row)
{
	struct orders *orders = context;
	bool over =
	    row->state == TASK_DONE || row->state == TASK_DEAD || row->state == TASK_SKIPPED;

	orders->step[row->plan.task % orders->job->steps][row->state]++;
	orders->open |= !over;
	orders->dead |= row->state == TASK_DEAD;
	orders->touched |= row->state == TASK_DONE || row->state == TASK_DEAD;
	if (++orders->counted == orders->job->steps)
		close_order(orders);
	return 0;
}

static uint64_t
left_of(const uint64_t states[TASK_STATES])
{
	return states[TASK_BLOCKED] + states[TASK_READY] + states[TASK_LEASED];
}

void
orders_print(const struct orders *orders, FILE *out)
{
	const struct scenario_job *job = orders->job;

	fprintf(out,
	        "orders:       %" PRIu64 " complete, %" PRIu64 " failed, %" PRIu64
	        " begun, %" PRIu64 " not begun\n",
	        orders->complete, orders->failed, orders->begun,
	        job->orders - orders->complete - orders->failed - orders->begun);
	for (size_t i = 0; i < job->steps; i++) {
		const uint64_t *states = orders->step[i];
		fprintf(out, "  %-11s %" PRIu64 " done", job->step[i].id, states[TASK_DONE]);
		if (left_of(states) > 0)
			fprintf(out, ", %" PRIu64 " to do", left_of(states));
		if (states[TASK_DEAD] > 0)
			fprintf(out, ", %" PRIu64 " given up", states[TASK_DEAD]);
		if (states[TASK_SKIPPED] > 0)
			fprintf(out, ", %" PRIu64 " skipped", states[TASK_SKIPPED]);
		fputc('\n', out);
	}
}

json_t *
orders_to_json(const struct orders *orders)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < orders->job->steps; i++) {
		const uint64_t *states = orders->step[i];
		json_array_append_new(steps, json_pack("{s:s, s:I, s:I, s:I, s:I}", "id",
		                                       orders->job->step[i].id, "done",
		                                       (json_int_t)states[TASK_DONE], "open",
		                                       (json_int_t)left_of(states), "dead",
		                                       (json_int_t)states[TASK_DEAD], "skipped",
		                                       (json_int_t)states[TASK_SKIPPED]));
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "orders", (json_int_t)orders->job->orders,
	                 "complete", (json_int_t)orders->complete, "failed",
	                 (json_int_t)orders->failed, "begun", (json_int_t)orders->begun, "steps",
	                 steps);
}

bool
orders_find(const struct scenario_job *job, const char *text, uint32_t *task)
{
	const char *problem = NULL;
	uint64_t order;

	if (job->kind != JOB_GRAPH) {
		complain("--order is for jobs of kind graph; this one has none");
		return false;
	}
	order = (uint64_t)strtonum(text, 0, (long long)job->orders - 1, &problem);
	if (problem != NULL) {
		complain("--order takes 0 to %" PRIu64 ", and '%s' is %s", job->orders - 1, text,
		         problem);
		return false;
	}
	*task = (uint32_t)(order * job->steps);
	return true;
}

struct telling {
	const struct scenario_job *job;
	uint32_t end;
	FILE *out;
};

static void
tell_attempts(const struct store_task_row *row, FILE *out)
{
	static const char *const names[] = {[CAUSE_DATA] = "could not be done",
	                                    [CAUSE_CRASH] = "died with their worker",
	                                    [CAUSE_HANG] = "hung",
	                                    [CAUSE_INFRA] = "lost to infrastructure, not charged"};
	const char *between = "; attempts that ";

	for (unsigned cause = CAUSE_DATA; cause <= CAUSE_INFRA; cause++) {
		if (row->attempts[cause] == 0)
			continue;
		fprintf(out, "%s%s: %" PRIu64, between, names[cause], row->attempts[cause]);
		between = ", ";
	}
}

static int
tell_step(void *context, const struct store_task_row *row)
{
	const struct telling *telling = context;
	const struct scenario_job *job = telling->job;

	if (row->plan.task >= telling->end)
		return 1;
	fprintf(telling->out, "  %-11s ", job->step[row->plan.task % job->steps].id);
	if (row->state == TASK_DEAD)
		fprintf(telling->out, "given up: %s", record_reason_text(row->reason));
	else if (row->state == TASK_SKIPPED && row->reason == CORE_NO_TASK)
		fputs("not needed", telling->out);
	else if (row->state == TASK_SKIPPED)
		fprintf(telling->out, "skipped, because %s was given up",
		        job->step[row->reason % job->steps].id);
	else
		fputs(row->state == TASK_DONE ? "done" : "to do", telling->out);
	tell_attempts(row, telling->out);
	fprintf(telling->out, " (task %u)\n", row->plan.task);
	return 0;
}

int
orders_tell(struct store *store, const struct scenario_job *job, uint32_t task, FILE *out)
{
	struct telling telling = {.job = job, .end = task + (uint32_t)job->steps, .out = out};
	int result;

	fprintf(out, "order %" PRIu64 "\n", task / job->steps);
	result = store_tasks_read(store, task, tell_step, &telling);
	return result > 0 ? 0 : result;
}
