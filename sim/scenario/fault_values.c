/* SPDX-License-Identifier: ISC
 *
 * Values that only faults have: processes, points, progress, signals.
 */
#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

#define TARGET_WORDS "self|w0|any|busy|supervisor|director|all"
#define SIGNAL_LAST 31 /* with a name */
#define SIGNAL_MAX 64

static const struct {
	const char *name;
	enum fault_who who;
} targets[] = {
    {"self", WHO_SELF},         {"any", WHO_ANY},
    {"busy", WHO_BUSY},         {"supervisor", WHO_SUPERVISOR},
    {"director", WHO_DIRECTOR}, {"all", WHO_ALL},
};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

void
fault_read_target(struct load *load, struct node *node, struct fault *fault)
{
	uint64_t slot;
	for (size_t i = 0; i < TARGETS; i++) {
		if (strcmp(node->text, targets[i].name) == 0) {
			fault->who = targets[i].who;
			return;
		}
	}
	if (node->text[0] == 'w' && unit_parse(unit_none, node->text + 1, &slot) == UNIT_OK &&
	    slot < CORE_SLOTS_MAX) {
		fault->who = WHO_SLOT;
		fault->slot = (uint16_t)slot;
		return;
	}
	value_unknown_word(load, node, TARGET_WORDS);
}

const char *
fault_target_text(const struct fault *fault, char *text, size_t size)
{
	if (fault->who == WHO_SLOT)
		snprintf(text, size, "w%u", fault->slot);
	for (size_t i = 0; i < TARGETS; i++)
		if (targets[i].who == fault->who)
			snprintf(text, size, "%s", targets[i].name);
	return text;
}

void
fault_read_point(struct load *load, struct node *node, struct fault *fault)
{
	char guessed[80];
	struct guess guess;
	int point = point_find(node->text);
	if (point >= 0) {
		fault->point = (enum point)point;
		return;
	}
	guess_init(&guess, node->text);
	for (unsigned i = 0; i < POINTS; i++)
		guess_try(&guess, point_name(i));
	if (guess.best != NULL)
		load_error(load, node, "unknown point '%.40s'%s", node->text,
		           guess_text(&guess, guessed, sizeof(guessed)));
	else
		load_error(load, node, "unknown point '%.40s'; `graveshift points` lists them",
		           node->text);
}

void
fault_read_progress(struct load *load, struct node *node, struct fault *fault)
{
	const char *text = node->text;
	uint64_t share;
	bool good = strncmp(text, "progress", 8) == 0;
	if (good) {
		text += 8;
		text += strspn(text, " ");
		good = strncmp(text, ">=", 2) == 0;
	}
	if (good) {
		text += 2;
		text += strspn(text, " ");
		good = unit_parse(unit_shares, text, &share) == UNIT_OK && share > 0 &&
		       share <= 1000000;
	}
	if (good)
		fault->progress_ppm = (uint32_t)share;
	else
		load_error(load, node,
		           "'%.40s' is no condition; write progress >= N%%, with N up to 100",
		           node->text);
}

/* Number of a signal by name (with or without SIG) or number, or -1. */
static int
find_signal(const char *text)
{
	uint64_t number;
	if (unit_parse(unit_none, text, &number) == UNIT_OK)
		return number >= 1 && number <= SIGNAL_MAX ? (int)number : -1;
	if (strncmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i <= SIGNAL_LAST; i++)
		if (strcmp(sigabbrev_np(i), text) == 0)
			return i;
	return -1;
}

void
fault_read_signal(struct load *load, struct node *node, struct fault *fault)
{
	char guessed[80];
	struct guess guess;
	int number = find_signal(node->text);
	if (number == SIGSTOP) {
		load_error(load, node, "STOP never ends by itself; use pause, with for");
	} else if (number > 0) {
		fault->signal = number;
	} else {
		guess_init(&guess, node->text);
		for (int i = 1; i <= SIGNAL_LAST; i++)
			guess_try(&guess, sigabbrev_np(i));
		load_error(load, node,
		           "unknown signal '%.40s'; give a name such as KILL or TERM, or 1 to %d%s",
		           node->text, SIGNAL_MAX, guess_text(&guess, guessed, sizeof(guessed)));
	}
}

const char *
fault_signal_text(int signal, char *text, size_t size)
{
	const char *name = sigabbrev_np(signal);
	if (name != NULL)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%d", signal);
	return text;
}

static void
read_poison(struct load *load, struct node *node, struct fault *fault)
{
	static const char words[] = "SEGV|KILL|ABRT|memory";
	if (strcmp(node->text, "memory") == 0) {
		fault->poison_memory = true;
		fault->signal = 0;
		return;
	}
	int number = isalpha((unsigned char)node->text[0]) ? find_signal(node->text) : -1;
	if (number == SIGSEGV || number == SIGKILL || number == SIGABRT)
		fault->signal = number;
	else
		value_unknown_word(load, node, words);
}

void
fault_read_by(struct load *load, struct node *node, struct fault *fault)
{
	char message[160];
	uint64_t delay;
	if (fault->what == FAULT_POISON) {
		read_poison(load, node, fault);
		return;
	}
	enum unit_error error = unit_parse(unit_durations, node->text, &delay);
	if (error != UNIT_OK)
		load_error(
		    load, node, "%s",
		    unit_explain(unit_durations, error, node->text, message, sizeof(message)));
	else if (delay == 0 || delay > UINT64_C(3600000000000))
		load_error(load, node, "'%.40s' is out of range: more than 0s, up to 1h",
		           node->text);
	else
		fault->delay_ns = (int64_t)delay;
}
