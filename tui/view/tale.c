/* SPDX-License-Identifier: ISC
 *
 * The turns of a run, and what there is to say about each.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/scenario.h"
#include "sim/util/clock.h"
#include "tui/view/tale.h"

#define RECORD_BYTES 44 /* of a generated record, on average */
#define ANNOUNCED_PERCENT 80

enum turn {
	TURN_BEGINNING,
	TURN_SEALED,
	TURN_READY,
	TURN_PAUSED,
	TURN_SUSPECTED,
	TURN_GIVEN_UP,
	TURN_LEASED_AGAIN,
	TURN_WORKER_KILLED,
	TURN_ANNOUNCED,
	TURN_SUPERVISOR_LOST,
	TURN_RESTORED,
	TURN_JOB_ENDED,
	TURN_RUN_ENDED
};

/* "10,000,000" */
struct grouped {
	char text[32];
};

static struct grouped
grouped(uint64_t value)
{
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value), used = 0;
	struct grouped out;

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out.text[used++] = ',';
		out.text[used++] = digits[i];
	}
	out.text[used] = '\0';
	return out;
}

static double
seconds(uint64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

static void __attribute__((format(printf, 4, 5)))
tell(struct tale *tale, unsigned turn, uint64_t record, const char *format, ...)
{
	struct tale_item *item = &tale->item[tale->count];
	va_list arguments;

	if (tale->count == TALE_MAX)
		return;
	tale->told |= 1u << turn;
	tale->count++;
	item->record = record;
	item->at_ns = record == TALE_BEFORE ? 0 : history_time(tale->history, record);
	va_start(arguments, format);
	vsnprintf(item->text, sizeof(item->text), format, arguments);
	va_end(arguments);
}

static void
tell_beginning(struct tale *tale)
{
	const struct scenario *scenario = history_scenario(tale->history);
	uint64_t records = scenario->job.generate_sales;

	if (records > 0)
		tell(tale, TURN_BEGINNING, TALE_BEFORE,
		     "%s sales are being made up: %s MB in the run's directory. They are to be "
		     "added up, "
		     "product by product, by %u worker processes, on a night when things go wrong.",
		     grouped(records).text, grouped(records * RECORD_BYTES / 1000000).text,
		     scenario->core.workers);
}

struct tale *
tale_new(const struct history *history)
{
	struct tale *tale = calloc(1, sizeof(*tale));

	if (tale == NULL)
		return NULL;
	tale->history = history;
	tell_beginning(tale);
	return tale;
}

void
tale_free(struct tale *tale)
{
	if (tale == NULL)
		return;
	moment_free(tale->aside);
	free(tale);
}

static uint64_t
chunks_of(const struct plan *plan)
{
	uint64_t chunks = 0;

	for (uint32_t i = 0; i < plan->tasks; i++)
		chunks += plan->task[i].stage == 0;
	return chunks;
}

static void
tell_sealed(struct tale *tale, const struct core_step *step, uint64_t number)
{
	tell(tale, TURN_SEALED, number,
	     "The plan is on disk and sealed: %s records in %s chunks. Whatever dies from here on, "
	     "nobody divides the input a second time.",
	     grouped(step->value).text, grouped(chunks_of(history_plan(tale->history))).text);
}

static void
tell_ready(struct tale *tale, uint64_t number)
{
	tell(tale, TURN_READY, number,
	     "The supervisor leases chunks to its workers. A worker adds its chunk up and commits "
	     "it by itself: the sums and \"done\" in one transaction, or neither. In its lane a 1 "
	     "is a first attempt.");
}

static void
tell_restored(struct tale *tale, const struct moment *before, uint64_t number)
{
	tell(tale, TURN_RESTORED, number,
	     "Supervisor %u asks the store, not a memory: %s tasks are done and stay done. %s were "
	     "leased and not committed: at most these are done again, %.1f%% of all records.",
	     before->generation, grouped(before->counts.tasks[TASK_DONE]).text,
	     grouped(tale->held).text,
	     before->records > 0 ? 100.0 * (double)tale->held_records / (double)before->records
	                         : 0.0);
}

static void
tell_fault(struct tale *tale, const struct core_step *step, uint64_t number)
{
	const struct scenario *scenario = history_scenario(tale->history);
	const struct fault *fault;

	if (step->record >= scenario->faults || step->slot == CORE_NO_SLOT)
		return;
	fault = &scenario->fault[step->record];
	if (fault->what == FAULT_PAUSE && (tale->told & 1u << TURN_PAUSED) == 0)
		tell(tale, TURN_PAUSED, number,
		     "Fault %s: w%u is stopped in the middle of its work, just before a commit. It "
		     "is not dead, only silent. From outside nobody can tell the difference.",
		     fault->id, step->slot);
	if (fault->what == FAULT_KILL && (tale->told & 1u << TURN_WORKER_KILLED) == 0)
		tell(tale, TURN_WORKER_KILLED, number,
		     "Fault %s: kill -9 hits w%u in the middle of its work. It cannot catch that, "
		     "and leaves no last word. The kernel reports the death at once. What it had "
		     "not committed is gone, and others do it again.",
		     fault->id, step->slot);
}

static void
tell_suspected(struct tale *tale, const struct moment *before, const struct core_step *step,
               uint64_t number)
{
	tell(tale, TURN_SUSPECTED, number,
	     "w%u has been silent for %.1f s: suspected (~ in its lane), nothing more. It may only "
	     "be slow. It has until %.1f s.",
	     step->slot, seconds(step->value), seconds((uint64_t)before->scenario->core.dead_ns));
}

static void
tell_given_up(struct tale *tale, const struct moment *before, const struct core_step *step,
              uint64_t number)
{
	tell(tale, TURN_GIVEN_UP, number,
	     "w%u is given up after %.1f s of silence. First it is killed, and its death is waited "
	     "for; then the store raises the epoch of what it held; only then may somebody else "
	     "have it. Never do two workers have the right to one chunk.",
	     step->slot, seconds((uint64_t)before->scenario->core.dead_ns));
}

static void
tell_leased_again(struct tale *tale, const struct core_step *step, uint64_t number)
{
	tell(tale, TURN_LEASED_AGAIN, number,
	     "Task #%u is leased again, to w%u, under epoch %u: the 2 in the lanes. If the lost "
	     "worker came back and committed under the old epoch, the store would refuse it.",
	     step->task, step->slot, step->epoch);
}

/* The kill of the supervisor, if it is still to come. */
static void
tell_announced(struct tale *tale, const struct moment *before, uint64_t number)
{
	const struct scenario *scenario = before->scenario;
	char text[256];

	for (size_t i = 0; i < scenario->faults; i++) {
		const struct fault *fault = &scenario->fault[i];
		if (fault->what != FAULT_KILL || fault->who != WHO_SUPERVISOR ||
		    before->fault[i].landed > 0)
			continue;
		fault_describe(scenario, i, text, sizeof(text));
		tell(tale, TURN_ANNOUNCED, number,
		     "Now watch. Still to come is %s. The supervisor is the process that leases, "
		     "fences and restarts all the others. What it knows is in its memory; what is "
		     "true is in the store.",
		     text);
		return;
	}
}

static void
tell_supervisor_lost(struct tale *tale, const struct moment *before, uint64_t number)
{
	tale->held = before->counts.tasks[TASK_LEASED];
	tale->held_records = before->sums.leased;
	tell(
	    tale, TURN_SUPERVISOR_LOST, number,
	    "The supervisor is dead, at %s of %s records, and its workers with it. On disk are the "
	    "plan and all that was committed. The director lives, and starts the next supervisor.",
	    grouped(before->sums.committed).text, grouped(before->records).text);
}

static void
tell_job_ended(struct tale *tale, const struct moment *before, uint64_t number)
{
	const struct moment_counts *counts = &before->counts;

	tell(tale, TURN_JOB_ENDED, number,
	     "The job is over: %s records are committed, and the result was written beside its "
	     "place, synced and renamed into it. Lost on the way: %s workers and %s supervisor%s. "
	     "Leased again for it: %s tasks.",
	     grouped(before->sums.committed).text, grouped(counts->deaths).text,
	     grouped(counts->supervisors_lost).text, counts->supervisors_lost == 1 ? "" : "s",
	     grouped(counts->reassigned).text);
}

static void
tell_run_ended(struct tale *tale, uint64_t number)
{
	tell(tale, TURN_RUN_ENDED, number,
	     "What is left is the verdict. Separate, simple code reads the whole input again, "
	     "record by record, and compares the result byte for byte: nothing lost, nothing "
	     "doubled?");
}

static bool
is_first(const struct tale *tale, enum turn turn)
{
	return (tale->told & 1u << turn) == 0;
}

static bool
is_far(const struct moment *before)
{
	return before->sums.committed * 100 >= before->records * ANNOUNCED_PERCENT;
}

static void
tell_leased(struct tale *tale, const struct moment *before, const struct core_step *step,
            uint64_t number)
{
	bool again = step->task < before->tasks && before->task[step->task].lost;

	if (again && before->generation == 1 && is_first(tale, TURN_LEASED_AGAIN))
		tell_leased_again(tale, step, number);
}

static void
tell_of(struct tale *tale, const struct moment *before, const struct core_step *step,
        uint64_t number)
{
	switch (step->kind) {
	case NOTE_PLAN_SEALED:
		if (is_first(tale, TURN_SEALED))
			tell_sealed(tale, step, number);
		break;
	case EV_PLAN_READY:
		if (before->generation > 1)
			tell_restored(tale, before, number);
		else if (is_first(tale, TURN_READY))
			tell_ready(tale, number);
		break;
	case NOTE_FAULT:
		tell_fault(tale, step, number);
		break;
	case ACT_SUSPECT:
		if (is_first(tale, TURN_SUSPECTED))
			tell_suspected(tale, before, step, number);
		break;
	case ACT_KILL:
		if (step->cause != CAUSE_SPECULATIVE && is_first(tale, TURN_GIVEN_UP))
			tell_given_up(tale, before, step, number);
		break;
	case ACT_ASSIGN:
		tell_leased(tale, before, step, number);
		break;
	case EV_TASK_DONE:
		if (is_first(tale, TURN_ANNOUNCED) && is_far(before))
			tell_announced(tale, before, number);
		break;
	case NOTE_SUPERVISOR_EXITED:
		if (before->phase < RUN_PHASE_STOPPED && before->outcome == OUTCOME_NONE)
			tell_supervisor_lost(tale, before, number);
		break;
	case ACT_JOB_ENDED:
		if (step->value == OUTCOME_DONE && is_first(tale, TURN_JOB_ENDED))
			tell_job_ended(tale, before, number);
		break;
	case NOTE_RUN_ENDED:
		if (is_first(tale, TURN_RUN_ENDED))
			tell_run_ended(tale, number);
		break;
	default:
		break;
	}
}

int
tale_refresh(struct tale *tale)
{
	const struct history *history = tale->history;
	int error = 0;

	for (; error == 0 && tale->read < history_count(history); tale->read++) {
		const struct core_step *step = &history_record(history, tale->read)->step;
		if (step->kind == EV_BEAT)
			continue;
		error = history_seek(history, &tale->aside, tale->read);
		if (error == 0)
			tell_of(tale, tale->aside, step, tale->read);
	}
	return error;
}

size_t
tale_until(const struct tale *tale, uint64_t at)
{
	size_t count = 0;

	while (count < tale->count &&
	       (tale->item[count].record == TALE_BEFORE || tale->item[count].record < at))
		count++;
	return count;
}
