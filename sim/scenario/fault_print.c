/* SPDX-License-Identifier: ISC
 *
 * Faults as text: for scenario files, and in a line for people.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "sim/scenario/load.h"

/* Whether the key says something that leaving it out would not. */
static bool
has_modifier(const struct fault *fault, const char *name)
{
	if (strcmp(name, "chance") == 0 && fault->chance_ppm >= 1000000)
		return false;
	if (strcmp(name, "signal") == 0 && fault->what == FAULT_CRASH && fault->exit_code >= 0)
		return false;
	if (strcmp(name, "exit") == 0 && fault->exit_code < 0)
		return false;
	if (strcmp(name, "optional") == 0 && !fault->optional)
		return false;
	return fault_takes(fault, name);
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

/* The action and whom it is done to. */
static void
say_deed(struct line *line, const struct fault *fault)
{
	static const char *const ways[] = {"", ", to it", ", from it"};
	char target[48], text[48];
	fault_target_text(fault, target, sizeof(target));
	switch (fault->what) {
	case FAULT_MEMORY:
		say(line, "take all memory of %s", target);
		break;
	case FAULT_FAIL:
		say(line, "fail with %s", strerrorname_np(fault->error));
		break;
	case FAULT_SHORT:
		say(line, "cut a write of %s short", target);
		break;
	case FAULT_TEAR:
		say(line, "tear a write of %s", target);
		break;
	case FAULT_POWER:
		say(line, "power off");
		break;
	case FAULT_PARTITION:
		say(line, "partition %s%s", target, ways[fault->way]);
		break;
	case FAULT_CLOCK:
		say(line, fault->step_ns == INT64_MAX ? "clock to %s" : "clock %s",
		    fault_step_text(fault->step_ns, text, sizeof(text)));
		break;
	case FAULT_BOARD:
		say(line, "flip bytes of the board");
		break;
	case FAULT_SCALE:
		say(line, "scale by %+" PRId32, fault->scale);
		break;
	case FAULT_QUIET:
		say(line, "quiet");
		break;
	default:
		say(line, "%s ", key_name(key_of_value("faults[]", KEY_ACTION, (int)fault->what)));
		if (fault->frame != 0)
			say(line, "a frame (%s) of ",
			    fault_frame_text(fault->frame, text, sizeof(text)));
		else if (fault_takes(fault, "frame"))
			say(line, "a frame of ");
		say(line, "%s", target);
	}
}

static void
say_action(struct line *line, const struct fault *fault)
{
	char text[48];
	if (fault->when == WHEN_RECORD) {
		say_record(line, fault);
		return;
	}
	say_deed(line, fault);
	if (fault->what == FAULT_CRASH && fault->exit_code >= 0)
		say(line, " (exit code %d)", fault->exit_code);
	else if (fault->what == FAULT_KILL || fault->what == FAULT_CRASH)
		say_signal(line, fault->signal);
	if (fault->what == FAULT_SLOW || fault->what == FAULT_DELAY)
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
