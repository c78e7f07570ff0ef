/* SPDX-License-Identifier: ISC
 *
 * Faults as text: for scenario files, and in a line for people.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "sim/scenario/load.h"

static bool
has_modifier(const struct fault *fault, const char *name)
{
	bool lasts =
	    fault->what == FAULT_PAUSE || fault->what == FAULT_HANG || fault->what == FAULT_SLOW;
	if (strcmp(name, "nth") == 0)
		return fault->when == WHEN_POINT;
	if (strcmp(name, "chance") == 0)
		return fault->when == WHEN_POINT && fault->chance_ppm < 1000000;
	if (strcmp(name, "signal") == 0)
		return fault->what == FAULT_KILL ||
		       (fault->what == FAULT_CRASH && fault->exit_code < 0);
	if (strcmp(name, "exit") == 0)
		return fault->what == FAULT_CRASH && fault->exit_code >= 0;
	if (strcmp(name, "by") == 0)
		return fault->what == FAULT_SLOW || fault->what == FAULT_POISON;
	if (strcmp(name, "for") == 0)
		return lasts;
	if (strcmp(name, "times") == 0)
		return fault->when == WHEN_POINT || fault->when == WHEN_RECORD;
	return strcmp(name, "optional") != 0 || fault->optional;
}

static bool
has_key(const struct fault *fault, const struct key *key)
{
	if (key->flags & KEY_ACTION)
		return key->value == (int)fault->what;
	if (key->flags & KEY_TRIGGER)
		return key->value == (int)fault->when;
	return has_modifier(fault, key_name(key));
}

void
fault_print(const struct fault *fault, FILE *out)
{
	const char *lead = "  - ";
	for (size_t i = 0; i < keys_count; i++) {
		if (!key_below(&keys[i], "faults[]") || !has_key(fault, &keys[i]))
			continue;
		fprintf(out, "%s%s: ", lead, key_name(&keys[i]));
		value_print(&keys[i], fault, out);
		fputc('\n', out);
		lead = "    ";
	}
}

struct line {
	char *text;
	size_t size, used;
};

static void __attribute__((format(printf, 2, 3))) say(struct line *line, const char *format, ...)
{
	va_list arguments;
	if (line->used >= line->size)
		return;
	va_start(arguments, format);
	int length = vsnprintf(line->text + line->used, line->size - line->used, format, arguments);
	va_end(arguments);
	line->used += length > 0 ? (size_t)length : 0;
}

static void
say_signal(struct line *line, int signal)
{
	char text[16];
	fault_signal_text(signal, text, sizeof(text));
	say(line, " (%s%s)", sigabbrev_np(signal) != NULL ? "SIG" : "signal ", text);
}

static void
say_record(struct line *line, const struct fault *fault)
{
	if (fault->what == FAULT_BAD_CHUNK)
		say(line, "chunk %" PRIu64 " read with flipped bytes", fault->task);
	else if (fault->what == FAULT_FLAKY)
		say(line, "record %" PRIu64 " cannot be used", fault->record);
	else
		say(line, "record %" PRIu64 " ends its worker", fault->record);
	if (fault->what == FAULT_POISON && fault->poison_memory)
		say(line, " (out of memory)");
	else if (fault->what == FAULT_POISON)
		say_signal(line, fault->signal);
}

static void
say_action(struct line *line, const struct fault *fault)
{
	char text[48];
	if (fault->when == WHEN_RECORD) {
		say_record(line, fault);
		return;
	}
	say(line, "%s %s", key_name(key_of_value("faults[]", KEY_ACTION, (int)fault->what)),
	    fault_target_text(fault, text, sizeof(text)));
	if (fault->what == FAULT_CRASH && fault->exit_code >= 0)
		say(line, " (exit code %d)", fault->exit_code);
	else if (fault->what == FAULT_KILL || fault->what == FAULT_CRASH)
		say_signal(line, fault->signal);
	if (fault->what == FAULT_SLOW)
		say(line, " by %s",
		    unit_format(unit_durations, (uint64_t)fault->delay_ns, text, sizeof(text)));
	if (fault->for_ns == SCENARIO_FOREVER)
		say(line, " forever");
	else if (fault->for_ns > 0)
		say(line, " for %s",
		    unit_format(unit_durations, (uint64_t)fault->for_ns, text, sizeof(text)));
}

static void
say_hits(struct line *line, const struct fault *fault)
{
	char text[48];
	bool drawn = fault->when == WHEN_POINT && fault->chance_ppm < 1000000;
	if (fault->when == WHEN_POINT && fault->times == 1 && !drawn) {
		say(line, ", hit %" PRIu64, fault->nth);
		return;
	}
	if (fault->when == WHEN_POINT && fault->nth > 1)
		say(line, ", from hit %" PRIu64 " on", fault->nth);
	if (drawn)
		say(line, ", chance %s",
		    unit_format(unit_shares, fault->chance_ppm, text, sizeof(text)));
	if (fault->times == UINT32_MAX)
		say(line, ", every time");
	else
		say(line, fault->times == 1 ? ", once" : ", %" PRIu32 " times", fault->times);
}

static void
say_trigger(struct line *line, const struct fault *fault)
{
	char text[48];
	if (fault->when == WHEN_PROGRESS)
		say(line, " when progress >= %s",
		    unit_format(unit_shares, fault->progress_ppm, text, sizeof(text)));
	if (fault->when == WHEN_TIME)
		say(line, " after %s",
		    unit_format(unit_durations, (uint64_t)fault->after_ns, text, sizeof(text)));
	if (fault->when == WHEN_POINT)
		say(line, " at %s", point_name(fault->point));
	if (fault->when == WHEN_POINT || fault->when == WHEN_RECORD)
		say_hits(line, fault);
}

void
fault_describe(const struct fault *fault, char *text, size_t size)
{
	struct line line = {.text = text, .size = size};
	say(&line, "%s: ", fault->id);
	say_action(&line, fault);
	say_trigger(&line, fault);
	if (fault->optional)
		say(&line, " (optional)");
}
