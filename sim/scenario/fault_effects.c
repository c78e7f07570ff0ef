/* SPDX-License-Identifier: ISC
 *
 * Values that say what a fault does: signals, errors, frames, steps of the clock and of the number
 * of workers.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "sim/channel/message.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

#define STEP_MAX_NS (INT64_C(10) * 366 * 24 * 3600 * 1000000000)

/* Number of a signal by name (with or without SIG) or number, or -1. */
static int
find_signal(const char *text)
{
	uint64_t number;
	if (unit_parse(unit_none, text, &number) == UNIT_OK)
		return number >= 1 && number <= KEY_SIGNAL_MAX ? (int)number : -1;
	if (strncmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i <= KEY_SIGNAL_NAMED; i++)
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
		for (int i = 1; i <= KEY_SIGNAL_NAMED; i++)
			guess_try(&guess, sigabbrev_np(i));
		load_error(load, node,
		           "unknown signal '%.40s'; give a name such as KILL or TERM, or 1 to %d%s",
		           node->text, KEY_SIGNAL_MAX,
		           guess_text(&guess, guessed, sizeof(guessed)));
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
	if (strcmp(node->text, "memory") == 0) {
		fault->poison_memory = true;
		fault->signal = 0;
		return;
	}
	int number = isalpha((unsigned char)node->text[0]) ? find_signal(node->text) : -1;
	if (number == SIGSEGV || number == SIGKILL || number == SIGABRT)
		fault->signal = number;
	else
		value_unknown_word(load, node, KEY_POISON_WORDS);
}

void
fault_read_by(struct load *load, struct node *node, struct fault *fault)
{
	static const struct key delay = {.path = "faults[].by",
	                                 .type = KEY_TIME,
	                                 .offset = offsetof(struct fault, delay_ns),
	                                 .size = sizeof(fault->delay_ns),
	                                 .units = unit_durations,
	                                 .min = 1,
	                                 .max = UINT64_C(3600000000000)};
	if (fault->what == FAULT_POISON)
		read_poison(load, node, fault);
	else
		fault_read_time(load, &delay, node, fault);
}

/* Number of the word in "a|b|c", or -1. */
static int
find_word(const char *words, const char *text)
{
	size_t length = strlen(text);
	for (int i = 0; *words != '\0'; i++) {
		size_t word = strcspn(words, "|");
		if (word == length && memcmp(words, text, length) == 0)
			return i;
		words += word + (words[word] == '|');
	}
	return -1;
}

static const int errors[] = {EIO, ENOSPC, EDQUOT, EROFS, EFBIG, EACCES, EPERM, ENOMEM, EINTR};

void
fault_read_error(struct load *load, struct node *node, struct fault *fault)
{
	int number = find_word(KEY_ERROR_WORDS, node->text);
	if (number < 0)
		value_unknown_word(load, node, KEY_ERROR_WORDS);
	else
		fault->error = errors[number];
}

void
fault_read_frame(struct load *load, struct node *node, struct fault *fault)
{
	int number = find_word(KEY_FRAME_WORDS, node->text);
	if (number < 0)
		value_unknown_word(load, node, KEY_FRAME_WORDS);
	else
		fault->frame = (uint8_t)number;
}

const char *
fault_frame_text(uint8_t frame, char *text, size_t size)
{
	const char *word = KEY_FRAME_WORDS;
	for (; frame > 0; frame--)
		word += strcspn(word, "|") + 1;
	snprintf(text, size, "%.*s", (int)strcspn(word, "|"), word);
	return text;
}

void
fault_read_step(struct load *load, struct node *node, struct fault *fault)
{
	const char *text = node->text;
	uint64_t step;
	if (strcmp(text, "midnight") == 0) {
		fault->step_ns = INT64_MAX;
		return;
	}
	bool is_signed = *text == '+' || *text == '-';
	if (!is_signed || unit_parse(unit_durations, text + 1, &step) != UNIT_OK)
		load_error(load, node,
		           "'%.40s' is no step of the clock; write +1h, -30s or midnight", text);
	else if (step == 0 || step > (uint64_t)STEP_MAX_NS)
		load_error(load, node, "'%.40s' is out of range: more than 0s, up to ten years",
		           text);
	else
		fault->step_ns = *text == '-' ? -(int64_t)step : (int64_t)step;
}

const char *
fault_step_text(int64_t step_ns, char *text, size_t size)
{
	char step[48];
	unit_format(unit_durations, (uint64_t)(step_ns < 0 ? -step_ns : step_ns), step,
	            sizeof(step));
	if (step_ns == INT64_MAX)
		snprintf(text, size, "midnight");
	else
		snprintf(text, size, "%c%s", step_ns < 0 ? '-' : '+', step);
	return text;
}

void
fault_read_scale(struct load *load, struct node *node, struct fault *fault)
{
	const char *text = node->text;
	uint64_t count;
	bool is_signed = *text == '+' || *text == '-';
	if (!is_signed || unit_parse(unit_none, text + 1, &count) != UNIT_OK || count == 0)
		load_error(load, node,
		           "'%.40s' is no change; write +2 for two workers more, -1 for one fewer",
		           text);
	else if (count > CORE_SLOTS_MAX)
		load_error(load, node, "'%.40s' is out of range: up to %d", text, CORE_SLOTS_MAX);
	else
		fault->scale = *text == '-' ? -(int32_t)count : (int32_t)count;
}
