/* SPDX-License-Identifier: ISC
 *
 * Values that say whom a fault is for, and when: processes, points, progress.
 */
#include <string.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

#define TARGET_WORDS "self|w0|any|busy|supervisor|director|all"

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
