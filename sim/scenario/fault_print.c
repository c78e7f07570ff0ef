/* SPDX-License-Identifier: ISC
 *
 * Faults as text: for scenario files, and in a line for people.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/line.h"
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
	if ((strcmp(name, "optional") == 0 && !fault->optional) ||
	    (strcmp(name, "last") == 0 && fault->last == 0) ||
	    (strcmp(name, "during") == 0 && fault->condition.terms == 0) ||
	    (strcmp(name, "every") == 0 && fault->every_ns == 0) ||
	    (strcmp(name, "follows") == 0 && fault->follows < 0))
		return false;
	return fault_takes(fault, name);
}

static bool
has_key(const struct fault *fault, const struct key *key)
{
	if (key->flags & KEY_ACTION)
		return key->value == (int)fault->what;
	if (key->flags & KEY_TRIGGER) /* `when` is two of them */
		return key->value == (int)fault->when ||
		       (key->value == WHEN_PROGRESS && fault->when == WHEN_STATE);
	return has_modifier(fault, key_name(key));
}

void
fault_print(const struct scenario *scenario, size_t index, FILE *out)
{
	const struct fault *fault = &scenario->fault[index];
	const char *lead = "  - ";
	char text[80];
	for (size_t i = 0; i < keys_count; i++) {
		if (!key_below(&keys[i], "faults[]") || !has_key(fault, &keys[i]))
			continue;
		fprintf(out, "%s%s: ", lead, key_name(&keys[i]));
		if (keys[i].type == KEY_FAULT)
			value_print_text(scenario->fault[fault->follows].id, out);
		else if (keys[i].type == KEY_RECORD)
			fputs(
			    scenario_record_text(&scenario->job, fault->record, text, sizeof(text)),
			    out);
		else
			value_print(&keys[i], fault, out);
		fputc('\n', out);
		lead = "    ";
	}
}

static void
say_signal(struct line *line, int signal)
{
	char text[16];
	fault_signal_text(signal, text, sizeof(text));
	line_say(line, " (%s%s)", sigabbrev_np(signal) != NULL ? "SIG" : "signal ", text);
}

static void
say_record(struct line *line, const struct scenario_job *job, const struct fault *fault)
{
	char record[80];
	const char *what = job->kind == JOB_GRAPH ? "" : "record ";
	scenario_record_text(job, fault->record, record, sizeof(record));
	if (fault->what == FAULT_BAD_CHUNK)
		line_say(line, "chunk %" PRIu64 " read with flipped bytes", fault->task);
	else if (fault->what == FAULT_LOSE_PART)
		line_say(line, "part of map %" PRIu64 " lost", fault->task);
	else if (fault->what == FAULT_SPOIL_PART)
		line_say(line, "part of map %" PRIu64 " damaged", fault->task);
	else if (fault->what == FAULT_FLAKY)
		line_say(line, "%s%s cannot be %s", what, record,
		         job->kind == JOB_GRAPH ? "done" : "used");
	else
		line_say(line, "%s%s ends its worker", what, record);
	if (fault->what == FAULT_POISON && fault->poison_memory)
		line_say(line, " (out of memory)");
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
		line_say(line, "take all memory of %s", target);
		break;
	case FAULT_FAIL:
		line_say(line, "fail with %s", strerrorname_np(fault->error));
		break;
	case FAULT_SHORT:
		line_say(line, "cut a write of %s short", target);
		break;
	case FAULT_TEAR:
		line_say(line, "tear a write of %s", target);
		break;
	case FAULT_POWER:
		line_say(line, "power off");
		break;
	case FAULT_PARTITION:
		line_say(line, "partition %s%s", target, ways[fault->way]);
		break;
	case FAULT_CLOCK:
		line_say(line, fault->step_ns == INT64_MAX ? "clock to %s" : "clock %s",
		         fault_step_text(fault->step_ns, text, sizeof(text)));
		break;
	case FAULT_BOARD:
		line_say(line, "flip bytes of the board");
		break;
	case FAULT_SCALE:
		line_say(line, "scale by %+" PRId32, fault->scale);
		break;
	case FAULT_GROW:
		line_say(line, "grow the input by %" PRIu64 " records", fault->record);
		break;
	case FAULT_QUIET:
		line_say(line, "quiet");
		break;
	default:
		line_say(line, "%s ",
		         key_name(key_of_value("faults[]", KEY_ACTION, (int)fault->what)));
		if (fault->frame != 0)
			line_say(line, "a frame (%s) of ",
			         fault_frame_text(fault->frame, text, sizeof(text)));
		else if (fault_takes(fault, "frame"))
			line_say(line, "a frame of ");
		line_say(line, "%s", target);
	}
}

static void
say_action(struct line *line, const struct scenario_job *job, const struct fault *fault)
{
	char text[48];
	if (fault->when == WHEN_RECORD || fault->what == FAULT_BAD_CHUNK) {
		say_record(line, job, fault);
		return;
	}
	say_deed(line, fault);
	if (fault->what == FAULT_CRASH && fault->exit_code >= 0)
		line_say(line, " (exit code %d)", fault->exit_code);
	else if (fault->what == FAULT_KILL || fault->what == FAULT_CRASH)
		say_signal(line, fault->signal);
	if (fault->what == FAULT_SLOW || fault->what == FAULT_DELAY)
		line_say(
		    line, " by %s",
		    unit_format(unit_durations, (uint64_t)fault->delay_ns, text, sizeof(text)));
	if (fault->for_ns == SCENARIO_FOREVER)
		line_say(line, " forever");
	else if (fault->for_ns > 0)
		line_say(line, " for %s",
		         unit_format(unit_durations, (uint64_t)fault->for_ns, text, sizeof(text)));
}

static void
say_hits(struct line *line, const struct fault *fault)
{
	char text[48];
	bool drawn = fault->when == WHEN_POINT && fault->chance_ppm < 1000000;
	bool range = fault->when == WHEN_POINT && fault->last > fault->nth;
	if (fault->when == WHEN_POINT && fault->times == 1 && !drawn && !range) {
		line_say(line, ", hit %" PRIu64, fault->nth);
		return;
	}
	if (range)
		line_say(line, ", hits %" PRIu64 " to %" PRIu64, fault->nth, fault->last);
	else if (fault->when == WHEN_POINT && fault->nth > 1)
		line_say(line, ", from hit %" PRIu64 " on", fault->nth);
	if (drawn)
		line_say(line, ", chance %s",
		         unit_format(unit_shares, fault->chance_ppm, text, sizeof(text)));
	if (fault->times == UINT32_MAX)
		line_say(line, ", every time");
	else
		line_say(line, fault->times == 1 ? ", once" : ", %" PRIu32 " times", fault->times);
}

static void
say_trigger(struct line *line, const struct fault *fault)
{
	char text[48];
	char condition[CONDITION_TEXT_MAX];
	fault_condition_text(fault, condition, sizeof(condition));
	if (fault->when == WHEN_PROGRESS || fault->when == WHEN_STATE)
		line_say(line, " when %s", condition);
	if (fault->when == WHEN_TIME)
		line_say(
		    line, " after %s",
		    unit_format(unit_durations, (uint64_t)fault->after_ns, text, sizeof(text)));
	if (fault->when == WHEN_POINT)
		line_say(line, " at %s", point_name(fault->point));
	if (fault->when == WHEN_POINT && fault->condition.terms > 0)
		line_say(line, " during %s", condition);
	if (fault->every_ns > 0)
		line_say(
		    line, ", again every %s",
		    unit_format(unit_durations, (uint64_t)fault->every_ns, text, sizeof(text)));
	if (fault_takes(fault, "times"))
		say_hits(line, fault);
}

void
fault_describe(const struct scenario *scenario, size_t index, char *text, size_t size)
{
	const struct fault *fault = &scenario->fault[index];
	struct line line = {.text = text, .size = size};
	line_say(&line, "%s: ", fault->id);
	say_action(&line, &scenario->job, fault);
	say_trigger(&line, fault);
	if (fault->follows >= 0)
		line_say(&line, ", following %s", scenario->fault[fault->follows].id);
	if (fault->when == WHEN_HAND)
		line_say(&line, ", by hand");
	else if (fault->optional)
		line_say(&line, " (optional)");
}

void
fault_ids(const struct scenario *scenario, uint64_t faults, char *text, size_t size)
{
	struct line line = {.text = text, .size = size};

	text[0] = '\0';
	for (size_t i = 0; i < scenario->faults; i++)
		if (((faults >> i) & 1) != 0)
			line_say(&line, "%s%s", text[0] != '\0' ? ", " : "", scenario->fault[i].id);
}
