/* SPDX-License-Identifier: ISC
 *
 * Words for records.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "sim/fault/script.h"
#include "sim/history/why.h"
#include "sim/process/director_end.h"
#include "sim/util/clock.h"

typedef unsigned long long ull;

struct words {
	char *text;
	size_t size, length;
	char who[16]; /* the slot that the record names */
};

static void __attribute__((format(printf, 2, 3))) say(struct words *words, const char *format, ...)
{
	va_list arguments;
	int more;

	va_start(arguments, format);
	more =
	    vsnprintf(words->text + words->length, words->size - words->length, format, arguments);
	va_end(arguments);
	if (more > 0)
		words->length += (size_t)more;
	if (words->length >= words->size)
		words->length = words->size - 1;
}

static double
seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

enum why_class
why_class_of(const struct logged *record)
{
	const struct core_step *step = &record->step;

	switch (step->kind) {
	case NOTE_FAULT:
	case NOTE_FAULT_LANDED:
		return WHY_FAULT;
	case ACT_SUSPECT:
		return WHY_DOUBT;
	case EV_WORKER_EXITED:
		return step->value != 0 ? WHY_TROUBLE : WHY_NOTE;
	case ACT_KILL:
		return step->cause == CAUSE_SPECULATIVE ? WHY_NOTE : WHY_TROUBLE;
	case ACT_SKIP:
		return step->record != CORE_NO_TASK ? WHY_TROUBLE : WHY_NOTE;
	case EV_TASK_FAILED:
	case EV_COMMIT_REFUSED:
	case EV_TASK_BURIED:
	case EV_RECORD_BURIED:
	case ACT_BURY:
	case ACT_BURY_RECORD:
	case ACT_QUARANTINE:
	case NOTE_SUPERVISOR_EXITED:
	case NOTE_LOG_REPAIRED:
	case NOTE_POWER_LOST:
	case NOTE_DIRECTOR_ENDED:
		return WHY_TROUBLE;
	case ACT_FENCE:
	case EV_TASK_FENCED:
	case ACT_COPY:
	case EV_COPY_GRANTED:
	case ACT_COPY_FENCE:
	case EV_COPY_FENCED:
	case ACT_OVERTAKEN:
	case ACT_RETRY:
	case EV_PROBE_SURVIVED:
		return WHY_HEAL;
	case ACT_ASSIGN:
		return step->value > 1 ? WHY_HEAL : WHY_ROUTINE;
	case EV_TASK_RESTORED:
	case EV_BEAT:
	case EV_TASK_DONE:
	case EV_TICK:
		return WHY_ROUTINE;
	default:
		return WHY_NOTE;
	}
}

static void
say_status(struct words *words, uint64_t value)
{
	int status = (int)value;

	if (WIFSIGNALED(status))
		say(words, "was killed by SIG%s",
		    sigabbrev_np(WTERMSIG(status)) != NULL ? sigabbrev_np(WTERMSIG(status)) : "?");
	else
		say(words, "ended with exit code %d", WEXITSTATUS(status));
}

static void
say_fault(struct words *words, const struct moment *before, const struct core_step *step)
{
	const struct scenario *scenario = before->scenario;
	char text[256];

	if (step->record >= scenario->faults) {
		say(words, "A fault that is not in this scenario.");
		return;
	}
	fault_describe(scenario, step->record, text, sizeof(text));
	say(words, "%s%s", step->kind == NOTE_FAULT ? "" : "Landed: ", text);
	if (step->slot < before->slots)
		say(words, ", on %s", words->who);
	say(words, ".");
	if (step->kind == NOTE_FAULT && step->at_ns - (int64_t)step->value > NS_PER_MS)
		say(words, " It was injected %.3f s before this was noted.",
		    seconds(step->at_ns - (int64_t)step->value));
}

static void
say_script(struct words *words, const struct core_step *step)
{
	if (step->value == SCRIPT_HOLD)
		say(words, "By hand: the fault script is held. No fault of the scenario begins.");
	else if (step->value == SCRIPT_STEP)
		say(words, "By hand: one more fault of the scenario may begin.");
	else
		say(words, "By hand: the fault script goes on.");
}

static void
say_exit(struct words *words, const struct moment *before, const struct core_step *step)
{
	bool draining =
	    step->slot < before->slots && before->slot[step->slot].phase == PHASE_DRAINING;

	if (step->value == 0 && (draining || before->outcome != OUTCOME_NONE)) {
		say(words, "%s has nothing left to do and left.", words->who);
		return;
	}
	say(words, "%s ", words->who);
	say_status(words, step->value);
	if (step->task == CORE_NO_TASK)
		say(words, "; it was in no task.");
	else
		say(words,
		    " in task %u. What it had not committed is gone; only this task can be to "
		    "blame.",
		    step->task);
}

static void
say_leased(struct words *words, const struct moment *before, const struct core_step *step)
{
	const struct moment_task *task =
	    step->task < before->tasks ? &before->task[step->task] : NULL;

	if ((step->cause & CORE_ASSIGN_PROBE) != 0) {
		say(words,
		    "Record %llu of task %u is tried alone: two workers died in it. What a probe "
		    "does is not committed.",
		    (ull)step->record, step->task);
		return;
	}
	if ((step->cause & CORE_ASSIGN_COPY) != 0) {
		say(words,
		    "A copy of task %u is leased to %s, which is idle, under epoch %u: whoever "
		    "commits "
		    "first counts, and the other is stopped.",
		    step->task, words->who, step->epoch);
		return;
	}
	say(words, "Task %u is leased to %s, attempt %llu, epoch %u.", step->task, words->who,
	    (ull)step->value + (task != NULL ? task->tried_before : 0), step->epoch);
	if (task != NULL && task->lost)
		say(words, " Its last holder was lost %.3f s ago.",
		    seconds(before->now_ns - task->since_ns));
	if ((step->cause & CORE_ASSIGN_ISOLATE) != 0)
		say(words, " The last try on bad data: bad records become dead letters.");
}

static void
say_done(struct words *words, const struct moment *before, const struct core_step *step)
{
	bool fits = step->task < before->tasks && step->slot < before->slots &&
	            before->task[step->task].state == TASK_LEASED &&
	            moment_lease_epoch(&before->task[step->task], step->slot) == step->epoch;
	bool copy = fits && moment_copy_is_at(&before->task[step->task], step->slot);

	if (!fits) {
		say(words,
		    "%s reports task %u done under epoch %u, late or twice: nothing changes.",
		    words->who, step->task, step->epoch);
		return;
	}
	say(words, "%s has committed %stask %u", words->who, copy ? "its copy of " : "",
	    step->task);
	if (step->value > 0)
		say(words, ", without %llu records that are dead letters now", (ull)step->value);
	say(words, ".");
}

static void
say_fence(struct words *words, const struct core_step *step)
{
	static const char *const causes[CAUSES] = {
	    [CAUSE_NONE] = "its lease ended",
	    [CAUSE_DATA] = "its data is bad",
	    [CAUSE_CRASH] = "its worker died in it",
	    [CAUSE_HANG] = "its worker stood still in it",
	    [CAUSE_INFRA] = "its worker was lost, which is not the task's fault",
	    [CAUSE_SPECULATIVE] = "another attempt was quicker"};

	say(words,
	    "Task %u is taken from %s: %s. The store raises its epoch above %u, so that a late "
	    "commit is refused; %s.",
	    step->task, words->who, step->cause < CAUSES ? causes[step->cause] : "?", step->epoch,
	    step->value != 0 ? "the attempt is charged" : "the attempt is not charged");
}

static void
say_fenced(struct words *words, const struct core_step *step)
{
	if (step->value == 1)
		say(words,
		    "Task %u was committed before its worker was lost: found done, not redone.",
		    step->task);
	else
		say(words, "Task %u has epoch %u now: a commit under an older one is refused.",
		    step->task, step->epoch);
}

static void
say_copy_ended(struct words *words, const struct core_step *step)
{
	static const char *const causes[CAUSES] = {[CAUSE_DATA] = "a record is bad",
	                                           [CAUSE_CRASH] = "its worker died in it",
	                                           [CAUSE_HANG] = "its worker stood still in it"};
	const char *why = step->cause < CAUSES ? causes[step->cause] : NULL;

	say(words,
	    "%s's copy of task %u came to nothing: %s. The store is asked to refuse epoch %u; a "
	    "copy "
	    "is never charged.",
	    words->who, step->task, why != NULL ? why : "its worker was lost, or handed it back",
	    step->epoch);
}

/* What is noted of copies, beside that they are leased. */
static bool
say_of_copy(struct words *words, const struct core_step *step)
{
	switch (step->kind) {
	case ACT_COPY:
		say(words,
		    "%s has been at task %u for %.3f s, much longer than others took, and somebody "
		    "is "
		    "idle: a copy is to be tried beside it.",
		    words->who, step->task, seconds((int64_t)step->value));
		return true;
	case EV_COPY_GRANTED:
		if (step->value == 1)
			say(words, "No copy of task %u: it is done already.", step->task);
		else
			say(words, "Epoch %u of task %u is in force beside the older one.",
			    step->epoch, step->task);
		return true;
	case ACT_COPY_FENCE:
		say_copy_ended(words, step);
		return true;
	case EV_COPY_FENCED:
		if (step->value == 1)
			say(words, "Task %u was committed: found done, not redone.", step->task);
		else
			say(words, "The copy of task %u is over: its epoch is refused.",
			    step->task);
		return true;
	case ACT_OVERTAKEN:
		say(words, "%s was overtaken in task %u: another attempt has committed it.%s",
		    words->who, step->task,
		    step->value == 1 ? " It may not be killed, and will be refused." : "");
		return true;
	default:
		return false;
	}
}

static void
say_suspect(struct words *words, const struct moment *before, const struct core_step *step)
{
	say(words,
	    "%s has made no progress in task %u for %.1f s; the limit is %.1f s: suspected, not "
	    "dead.",
	    words->who, step->task, seconds((int64_t)step->value),
	    seconds(before->scenario->core.dead_ns));
}

static void
say_kill(struct words *words, const struct moment *before, const struct core_step *step)
{
	const struct core_config *config = &before->scenario->core;
	int64_t silent_ns =
	    step->slot < before->slots ? before->now_ns - before->slot[step->slot].moved_ns : 0;

	if (step->cause == CAUSE_SPECULATIVE) {
		say(words, "%s is killed: what it is in is done. Nothing is charged.", words->who);
		return;
	}
	say(words,
	    "%s is given up: no progress for %.1f s (limit %.1f s, lease %.1f s). It is killed "
	    "before its tasks go to others.",
	    words->who, seconds(silent_ns), seconds(config->dead_ns),
	    seconds(config->lease_ttl_ns));
}

static void
say_beat(struct words *words, const struct core_step *step)
{
	if (step->task == CORE_NO_TASK)
		say(words, "%s is idle and holds nothing.", words->who);
	else
		say(words, "%s is at work on task %u: %llu records done in it.", words->who,
		    step->task, (ull)step->record);
}

static void
say_supervisor_exited(struct words *words, const struct core_step *step)
{
	say(words, "The supervisor ");
	say_status(words, step->value);
	say(words, ". Its workers die with it; another one is started.");
}

static void
say_job_ended(struct words *words, const struct core_step *step)
{
	static const char *const outcomes[] = {
	    [OUTCOME_NONE] = "The job goes on.",
	    [OUTCOME_DONE] = "The job is done.",
	    [OUTCOME_DEAD_LETTERS] =
		"The job has failed: more was given up than it can do without.",
	    [OUTCOME_QUARANTINED] =
		"The job has failed: every worker crashed too often and was quarantined.",
	    [OUTCOME_DRAINED] = "The job was stopped on request; `resume` goes on."};

	say(words, "%s",
	    step->value < sizeof(outcomes) / sizeof(outcomes[0]) ? outcomes[step->value]
	                                                         : "The job has ended.");
}

static void
say_of_task(struct words *words, const struct moment *before, const struct core_step *step)
{
	switch (step->kind) {
	case EV_TASK_RESTORED:
		say(words, "The store knows of task %u: %s, epoch %u.", step->task,
		    task_state_name(core_restored_state(step->value)), step->epoch);
		break;
	case EV_TASK_DONE:
		say_done(words, before, step);
		break;
	case EV_TASK_FAILED:
		say(words, "%s could not do task %u: %s.", words->who, step->task,
		    step->cause == CAUSE_DATA ? "a record of it is bad" : "the system failed it");
		break;
	case EV_COMMIT_REFUSED:
		say(words,
		    "The store refused %s's commit of task %u under epoch %u: its lease is over.",
		    words->who, step->task, step->epoch);
		break;
	case EV_TASK_RETURNED:
		say(words, "%s hands task %u back before it was begun.", words->who, step->task);
		break;
	case EV_TASK_FENCED:
		say_fenced(words, step);
		break;
	case EV_TASK_BURIED:
		say(words, "Task %u is a dead letter now: %llu records.", step->task,
		    (ull)step->value);
		break;
	case EV_RECORD_BURIED:
		say(words, "Record %llu of task %u is a dead letter now; the task goes on without.",
		    (ull)step->record, step->task);
		break;
	case EV_PROBE_SURVIVED:
		say(words, "Record %llu of task %u did no harm alone.", (ull)step->record,
		    step->task);
		break;
	default:
		if (!say_of_copy(words, step))
			say(words, "%s", core_kind_name(step->kind));
	}
}

static void
say_action(struct words *words, const struct moment *before, const struct core_step *step)
{
	switch (step->kind) {
	case ACT_SPAWN:
		say(words, "%s is started%s.", words->who, step->incarnation > 1 ? " again" : "");
		break;
	case ACT_ASSIGN:
		say_leased(words, before, step);
		break;
	case ACT_KILL:
		say_kill(words, before, step);
		break;
	case ACT_SUSPECT:
		say_suspect(words, before, step);
		break;
	case ACT_FENCE:
		say_fence(words, step);
		break;
	case ACT_BURY:
		say(words, "Task %u has used up its attempts (%s): it is given up.", step->task,
		    cause_name(step->cause));
		break;
	case ACT_BURY_RECORD:
		say(words, "Record %llu of task %u killed the probe, too: it is given up alone.",
		    (ull)step->record, step->task);
		break;
	case ACT_RETRY:
		say(words, "Task %u is tried again ", step->task);
		if (step->value == 0)
			say(words, "at once.");
		else
			say(words, "in %.3f s.", seconds((int64_t)step->value));
		break;
	case ACT_SKIP:
		if (step->record == CORE_NO_TASK)
			say(words, "Task %u is not needed.", step->task);
		else
			say(words, "Task %u will never run, because of task %llu.", step->task,
			    (ull)step->record);
		break;
	case ACT_QUARANTINE:
		say(words, "%s died more than %u times within %.1f s and is not started again.",
		    words->who, before->scenario->core.restart_max,
		    seconds(before->scenario->core.restart_within_ns));
		break;
	case ACT_REBALANCED:
		say(words, "There are %u workers now, %u before: %llu of %llu queued tasks moved.",
		    step->epoch, step->incarnation, (ull)step->record, (ull)step->value);
		break;
	case ACT_DISMISS:
		say(words, "%s may leave when it has finished what it is in.", words->who);
		break;
	case ACT_JOB_ENDED:
		say_job_ended(words, step);
		break;
	default:
		say_of_task(words, before, step);
	}
}

/* Processes of the virtual world have no pids, only numbers. */
static const char *
pid_word(const struct moment *before)
{
	return before->scenario->world == WORLD_VIRTUAL ? "process" : "pid";
}

static void
say_power_lost(struct words *words, const struct moment *before, const struct core_step *step)
{
	if (before->scenario->world == WORLD_VIRTUAL)
		say(words, "The power went, and with it what was not synced.");
	else
		say(words,
		    "The power went: %llu bytes and %llu names were not synced and are gone.",
		    (ull)step->value, (ull)step->record);
}

static void
say_director_ended(struct words *words, const struct core_step *step)
{
	static const char *const why[] = {[DIRECTOR_BAD_INPUT] = "it cannot use the input",
	                                  [DIRECTOR_DRAINED] = "it was asked to stop",
	                                  [DIRECTOR_KILLED] = "it was asked to stop at once",
	                                  [DIRECTOR_WALL] = "the time limit is over",
	                                  [DIRECTOR_BROKEN] = "something under it failed"};
	bool known = step->value < sizeof(why) / sizeof(why[0]) && why[step->value] != NULL;

	say(words, "The director leaves, the job unfinished: %s.",
	    known ? why[step->value] : "no reason that this version knows");
}

static void
say_note(struct words *words, const struct moment *before, const struct core_step *step)
{
	switch (step->kind) {
	case NOTE_RUN_STARTED:
		say(words, "A director (%s %llu) takes the run.", pid_word(before),
		    (ull)step->value);
		break;
	case NOTE_GENERATION:
		say(words,
		    "Supervisor of generation %u (%s %llu): what older ones granted is void.",
		    step->epoch, pid_word(before), (ull)step->value);
		break;
	case NOTE_PLAN_SEALED:
		say(words, "The plan is sealed: %llu records in %llu tasks.", (ull)step->value,
		    (ull)step->record);
		break;
	case NOTE_SUPERVISOR_EXITED:
		say_supervisor_exited(words, step);
		break;
	case NOTE_OUTPUT_WRITTEN:
		say(words, "The output is written: %llu lines.", (ull)step->value);
		break;
	case NOTE_RUN_ENDED:
		say(words, "The end is in the store. Whoever runs this again changes nothing.");
		break;
	case NOTE_LOG_REPAIRED:
		say(words, "%llu bytes of a torn record at the log's end were cut off.",
		    (ull)step->value);
		break;
	case NOTE_POWER_LOST:
		say_power_lost(words, before, step);
		break;
	case NOTE_DIRECTOR_ENDED:
		say_director_ended(words, step);
		break;
	case NOTE_FAULT:
	case NOTE_FAULT_LANDED:
		say_fault(words, before, step);
		break;
	case NOTE_SCRIPT:
		say_script(words, step);
		break;
	case NOTE_SCRIPT_DUE:
		say(words, "The moment of fault %s has come, but the script is held.",
		    step->record < before->scenario->faults
		        ? before->scenario->fault[step->record].id
		        : "?");
		break;
	default:
		say_action(words, before, step);
	}
}

void
why_text(const struct moment *before, const struct logged *record, char *text, size_t size)
{
	struct words words = {.text = text, .size = size};
	const struct core_step *step = &record->step;

	text[0] = '\0';
	if (step->slot + 1u == before->slots)
		strlcpy(words.who, "the probe", sizeof(words.who));
	else
		snprintf(words.who, sizeof(words.who), "w%u", step->slot);
	switch (step->kind) {
	case EV_PLAN_READY:
		say(&words, "All that is known is restored: scheduling begins.");
		break;
	case EV_WORKER_JOINED:
		say(&words, "%s is up (%s %llu).", words.who, pid_word(before), (ull)step->value);
		break;
	case EV_WORKER_EXITED:
		say_exit(&words, before, step);
		break;
	case EV_BEAT:
		say_beat(&words, step);
		break;
	case EV_DRAIN:
		say(&words, "Asked to stop: what is begun is finished, the rest handed back.");
		break;
	case EV_SCALE:
		say(&words, "From now on there shall be %llu workers.", (ull)step->value);
		break;
	case EV_SLOT_DRAIN:
		say(&words, "%s is to finish what it is in and leave.", words.who);
		break;
	case EV_TICK:
		say(&words, "Time passed: the coordinator looks at what is due.");
		break;
	default:
		say_note(&words, before, step);
	}
}
