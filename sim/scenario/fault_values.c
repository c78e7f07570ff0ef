/* SPDX-License-Identifier: ISC
 *
 * Values that say whom a fault is for, and where it is: processes and points.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

#define TARGET_WORDS "self|w0|any|busy|oldest|newest|holder(0)|2 of any|supervisor|director|all"

static const struct {
	const char *name;
	enum fault_who who;
	bool several; /* N of them */
} targets[] = {
    {"self", WHO_SELF, false},         {"any", WHO_ANY, true},
    {"busy", WHO_BUSY, true},          {"oldest", WHO_OLDEST, true},
    {"newest", WHO_NEWEST, true},      {"supervisor", WHO_SUPERVISOR, false},
    {"director", WHO_DIRECTOR, false}, {"all", WHO_ALL, false},
};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

const char *
fault_target_name(size_t index, bool *several)
{
	if (index >= TARGETS)
		return NULL;
	*several = targets[index].several;
	return targets[index].name;
}

/* The number in front of " of ", and what is behind that; false if there is none. */
static bool
read_several(const char **text, uint64_t *number)
{
	char digits[8];
	const char *of = strstr(*text, " of ");
	size_t length = of != NULL ? (size_t)(of - *text) : sizeof(digits);
	if (length >= sizeof(digits))
		return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)length, *text);
	if (unit_parse(unit_none, digits, number) != UNIT_OK)
		return false;
	*text = of + strlen(" of ");
	return true;
}

/* "w2", "holder(17)". */
static bool
read_numbered(const char *text, struct fault *fault)
{
	static const char holder[] = "holder(";
	char digits[24];
	uint64_t number;
	if (text[0] == 'w' && unit_parse(unit_none, text + 1, &number) == UNIT_OK &&
	    number < CORE_SLOTS_MAX) {
		fault->who = WHO_SLOT;
		fault->slot = (uint16_t)number;
		return true;
	}
	size_t length = strlen(text), around = strlen(holder) + 1;
	if (strncmp(text, holder, strlen(holder)) != 0 || text[length - 1] != ')' ||
	    length - around >= sizeof(digits))
		return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)(length - around), text + strlen(holder));
	if (unit_parse(unit_none, digits, &number) != UNIT_OK)
		return false;
	fault->who = WHO_HOLDER;
	fault->task = number;
	return true;
}

void
fault_read_target(struct load *load, struct node *node, struct fault *fault)
{
	const char *text = node->text;
	uint64_t number = 1;
	bool several = read_several(&text, &number);
	for (size_t i = 0; i < TARGETS; i++) {
		if (strcmp(text, targets[i].name) != 0)
			continue;
		if (several && (!targets[i].several || number == 0 || number > CORE_SLOTS_MAX))
			load_error(load, node,
			           "'%.40s' is no target: so many, and at least 1, can be of any, "
			           "busy, oldest and newest",
			           node->text);
		fault->who = targets[i].who;
		fault->victims = (uint16_t)number;
		return;
	}
	if (several || !read_numbered(text, fault))
		value_unknown_word(load, node, TARGET_WORDS);
}

const char *
fault_target_text(const struct fault *fault, char *text, size_t size)
{
	char several[16] = "";
	if (fault->victims > 1)
		snprintf(several, sizeof(several), "%u of ", fault->victims);
	if (fault->who == WHO_SLOT)
		snprintf(text, size, "w%u", fault->slot);
	else if (fault->who == WHO_HOLDER)
		snprintf(text, size, "holder(%" PRIu64 ")", fault->task);
	for (size_t i = 0; i < TARGETS; i++)
		if (targets[i].who == fault->who)
			snprintf(text, size, "%s%s", several, targets[i].name);
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
