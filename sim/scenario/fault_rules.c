/* SPDX-License-Identifier: ISC
 *
 * What each action may be aimed at, and where it can happen: the rules that are not about one key.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/channel/message.h"
#include "sim/scenario/load.h"

#define BIT(number) (UINT32_C(1) << (number))
#define SELF BIT(WHO_SELF)
#define WORKERS                                                                                    \
	(SELF | BIT(WHO_SLOT) | BIT(WHO_ANY) | BIT(WHO_BUSY) | BIT(WHO_HOLDER) | BIT(WHO_OLDEST) | \
	 BIT(WHO_NEWEST))
#define WORKER_WORDS "workers: self, w0, any, busy, oldest, newest, holder(0) or 2 of any"

struct rule {
	uint32_t who;          /* 0: everybody */
	unsigned calls;        /* enum point_call: it changes a call, so it needs such a point */
	const char *who_words; /* for messages, when it is not for everybody */
	bool inside;           /* it happens inside the process that reaches a point */
};

static const struct rule rules[] = {
    [FAULT_CRASH] = {.who = SELF, .inside = true},
    [FAULT_HANG] = {.who = SELF, .inside = true},
    [FAULT_SPIN] = {.who = SELF, .inside = true},
    [FAULT_MEMORY] = {.who = SELF, .inside = true},
    [FAULT_SHORT] = {.who = SELF, .inside = true, .calls = POINT_WRITES},
    [FAULT_TEAR] = {.who = SELF, .inside = true, .calls = POINT_WRITES},
    [FAULT_FAIL] = {.calls = POINT_FAILS},
    [FAULT_DROP] = {SELF | BIT(WHO_SLOT), POINT_SENDS, "frames: self or w0", false},
    [FAULT_DELAY] = {SELF | BIT(WHO_SLOT), POINT_SENDS, "frames: self or w0", false},
    [FAULT_DUPLICATE] = {SELF | BIT(WHO_SLOT), POINT_SENDS, "frames: self or w0", false},
    [FAULT_REORDER] = {SELF | BIT(WHO_SLOT), POINT_SENDS, "frames: self or w0", false},
    [FAULT_CORRUPT] = {SELF | BIT(WHO_SLOT), POINT_SENDS, "frames: self or w0", false},
    [FAULT_SLOW] = {.who = WORKERS, .who_words = WORKER_WORDS},
    [FAULT_PARTITION] = {.who = WORKERS, .who_words = WORKER_WORDS},
    [FAULT_DRAIN] = {.who = WORKERS, .who_words = WORKER_WORDS},
    [FAULT_SPLIT] = {.who = BIT(WHO_SUPERVISOR), .who_words = "the supervisor alone"},
    [FAULT_HEAL] = {.who = 0},
};

static const char *
action_name(const struct fault *fault)
{
	return key_name(key_of_value("faults[]", KEY_ACTION, (int)fault->what));
}

static const char *
list_points(unsigned calls, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (unsigned i = 0; i < POINTS && used < size; i++)
		if ((point_calls(i) & calls) != 0)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
			                         used > 0 ? ", " : "", point_name(i));
	return text;
}

/* Whether the action is where it can be: false after noting that it is not. */
static bool
check_place(struct load *load, struct node *action, struct node *at, const struct fault *fault)
{
	const struct rule *rule = &rules[fault->what];
	char points[160];
	list_points(rule->calls, points, sizeof(points));
	if (rule->inside && (fault->who != WHO_SELF || fault->when != WHEN_POINT))
		load_error(load, action,
		           "'%s' happens inside the process that reaches a point: write self, and "
		           "use at%s%s",
		           action_name(fault), points[0] != '\0' ? ": one of " : "", points);
	else if (rule->calls != 0 && fault->when != WHEN_POINT)
		load_error(load, action, "'%s' changes a call: use at, with one of %s",
		           action_name(fault), points);
	else if (fault->who == WHO_SELF && fault->when != WHEN_POINT)
		load_error(load, action, "'self' is the process that reaches a point: use at");
	else if (rule->calls != 0 && !at->broken && (point_calls(fault->point) & rule->calls) == 0)
		load_error(load, at, "'%s' does not go with %s; use one of %s", action_name(fault),
		           point_name(fault->point), points);
	return !action->broken && !at->broken;
}

static bool
is_point_of(const struct fault *fault, const char *process)
{
	return fault->when == WHEN_POINT && fault->who == WHO_SELF &&
	       strcmp(point_process(fault->point), process) == 0;
}

/* Whoever does not exist can never be hurt. */
static void
check_there(struct load *load, struct node *action, const struct fault *fault)
{
	const struct scenario *scenario = load->scenario;
	if (fault->victims > scenario_slots(scenario))
		load_error(load, action, "there are not %u: workers.count is %" PRIu32,
		           fault->victims, scenario->core.workers);
	else if (fault->who == WHO_HOLDER && fault->task >= job_tasks(&scenario->job))
		load_error(load, action,
		           "there is no task %" PRIu64 ": the job has %" PRIu64 ", from 0",
		           fault->task, job_tasks(&scenario->job));
	else if (fault->who == WHO_SLOT && fault->slot >= scenario_slots(scenario))
		load_error(load, action, "there is no w%u: workers.count is %" PRIu32, fault->slot,
		           scenario->core.workers);
}

static void
check_who(struct load *load, struct node *action, const struct fault *fault)
{
	const struct rule *rule = &rules[fault->what];
	bool for_workers = rule->who == WORKERS || fault->what == FAULT_MEMORY;
	if (fault->what == FAULT_PAUSE &&
	    (fault->who == WHO_DIRECTOR || fault->who == WHO_ALL || is_point_of(fault, "director")))
		load_error(load, action, "the director cannot be paused: nothing would wake it");
	else if (fault->what == FAULT_CRASH && fault->exit_code >= 0 &&
	         is_point_of(fault, "director"))
		load_error(load, action,
		           "the director's exit code would be taken for the verdict's: use signal");
	else if (rule->who != 0 && (rule->who & BIT(fault->who)) == 0)
		load_error(load, action, "'%s' is for %s", action_name(fault), rule->who_words);
	else if (for_workers &&
	         (is_point_of(fault, "supervisor") || is_point_of(fault, "director")))
		load_error(load, action, "'%s' is for workers, and none reaches %s",
		           action_name(fault), point_name(fault->point));
	else
		check_there(load, action, fault);
}

static void
check_frame(struct load *load, struct node *frame, const struct fault *fault)
{
	bool to_worker = fault->frame > MESSAGE_WELCOME;
	if (frame == NULL || frame->broken || fault->frame == 0 ||
	    (rules[fault->what].calls & POINT_SENDS) == 0 ||
	    to_worker == (fault->point == POINT_SUPERVISOR_SEND))
		return;
	load_error(load, frame, "no %s frame passes %s; use at: %s", frame->text,
	           point_name(fault->point), to_worker ? "supervisor.send" : "worker.send");
}

static void
check_scale(struct load *load, struct node *action, const struct fault *fault)
{
	const struct scenario *scenario = load->scenario;
	int64_t count = scenario->core.workers;
	if (count + fault->scale > scenario->slots)
		load_error(load, action,
		           "%+" PRId32 " to workers.count (%" PRId64
		           ") is more than limits.workers (%" PRIu32 ")",
		           fault->scale, count, scenario->slots);
	else if (fault->scale < 0 && (int64_t)scenario_slots(scenario) + fault->scale < 1)
		load_error(load, action,
		           "%" PRId32 " leaves nobody to work: workers.count is %" PRId64,
		           fault->scale, count);
}

void
fault_check_rules(struct load *load, struct node *entry, const struct fault *fault)
{
	struct node *action = node_get(entry, action_name(fault)), *at = node_get(entry, "at");
	struct node none = {0};
	if (action == NULL || action->broken)
		return;
	if (!check_place(load, action, at != NULL ? at : &none, fault))
		return;
	check_who(load, action, fault);
	check_frame(load, node_get(entry, "frame"), fault);
	if (fault->what == FAULT_SCALE)
		check_scale(load, action, fault);
	if (fault->what == FAULT_GROW && (scenario_generated(&load->scenario->job) == 0 ||
	                                  load->scenario->job.kind == JOB_STREAM))
		load_error(load, action,
		           "'grow' needs an input of the run's own: job.generate, and a kind that "
		           "reads records from a file");
	if (fault->what == FAULT_MEMORY && load->scenario->memory == 0 && !action->broken)
		load_error(load, action, "'memory' needs limits.memory, such as 256MiB");
}

#define OTHERS (WORKERS & ~SELF)
#define OTHER_WORDS "workers: w0, any, busy, oldest, newest, holder(0) or 2 of any"

/* What a person can do, and to whom; not there: what needs a script. */
static const struct {
	uint32_t who;
	const char *who_words;
} by_hand[FAULT_HEAL + 1] = {
    [FAULT_KILL] = {OTHERS | BIT(WHO_SUPERVISOR) | BIT(WHO_DIRECTOR) | BIT(WHO_ALL),
                    OTHER_WORDS ", supervisor, director or all"},
    [FAULT_PAUSE] = {OTHERS | BIT(WHO_SUPERVISOR), OTHER_WORDS ", or the supervisor"},
    [FAULT_CRASH] = {OTHERS, OTHER_WORDS},
    [FAULT_HANG] = {OTHERS, OTHER_WORDS},
    [FAULT_SPIN] = {OTHERS, OTHER_WORDS},
    [FAULT_SLOW] = {OTHERS, OTHER_WORDS},
    [FAULT_PARTITION] = {OTHERS, OTHER_WORDS},
    [FAULT_DRAIN] = {OTHERS, OTHER_WORDS},
    [FAULT_DROP] = {BIT(WHO_SLOT), "the frames to one worker, such as w0"},
    [FAULT_DELAY] = {BIT(WHO_SLOT), "the frames to one worker, such as w0"},
    [FAULT_DUPLICATE] = {BIT(WHO_SLOT), "the frames to one worker, such as w0"},
    [FAULT_REORDER] = {BIT(WHO_SLOT), "the frames to one worker, such as w0"},
    [FAULT_CORRUPT] = {BIT(WHO_SLOT), "the frames to one worker, such as w0"},
    [FAULT_BAD_CHUNK] = {~UINT32_C(0), ""},
    [FAULT_BOARD] = {BIT(WHO_ALL), ""},
    [FAULT_SCALE] = {BIT(WHO_ALL), ""},
    [FAULT_HEAL] = {BIT(WHO_ALL), ""},
};

static const char *
list_by_hand(char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (int what = 0; what <= FAULT_HEAL && used < size; what++)
		if (by_hand[what].who != 0)
			used +=
			    (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
			                     key_name(key_of_value("faults[]", KEY_ACTION, what)));
	return text;
}

void
fault_check_hand_rules(struct load *load, struct node *entry, struct fault *fault)
{
	struct node *action = node_get(entry, action_name(fault));
	char names[256];
	if (action == NULL || action->broken)
		return;
	if (by_hand[fault->what].who == 0)
		load_error(load, action, "this is not done by hand; what is: %s",
		           list_by_hand(names, sizeof(names)));
	else if ((by_hand[fault->what].who & BIT(fault->who)) == 0)
		load_error(load, action, "'%s' by hand is for %s", action_name(fault),
		           by_hand[fault->what].who_words);
	else
		check_there(load, action, fault);
	if (fault->what == FAULT_SCALE && !action->broken)
		check_scale(load, action, fault);
	/* The next frame to that worker. */
	if (rules[fault->what].calls == POINT_SENDS) {
		fault->point = POINT_SUPERVISOR_SEND;
		check_frame(load, node_get(entry, "frame"), fault);
	}
}
