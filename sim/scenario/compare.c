/* SPDX-License-Identifier: ISC
 *
 * Reads and writes comparisons.
 */
#include <stddef.h>
#include <string.h>

#include "sim/scenario/compare.h"

/* Two characters first: "<=" begins like "<". */
static const struct {
	const char *text;
	enum compare compare;
} comparisons[] = {
    {"==", COMPARE_EQ}, {"<=", COMPARE_LE}, {">=", COMPARE_GE},
    {"<", COMPARE_LT},  {">", COMPARE_GT},
};
#define COMPARISONS (sizeof(comparisons) / sizeof(comparisons[0]))

bool
compare_read(const char **text, enum compare *compare)
{
	for (size_t i = 0; i < COMPARISONS; i++) {
		size_t length = strlen(comparisons[i].text);
		if (strncmp(*text, comparisons[i].text, length) != 0)
			continue;
		*compare = comparisons[i].compare;
		*text += length;
		*text += strspn(*text, " ");
		return true;
	}
	return false;
}

const char *
compare_text(enum compare compare)
{
	for (size_t i = 0; i < COMPARISONS; i++)
		if (comparisons[i].compare == compare)
			return comparisons[i].text;
	return "?";
}

bool
compare_holds(uint64_t value, enum compare how, uint64_t with)
{
	switch (how) {
	case COMPARE_EQ:
		return value == with;
	case COMPARE_LE:
		return value <= with;
	case COMPARE_GE:
		return value >= with;
	case COMPARE_LT:
		return value < with;
	case COMPARE_GT:
		return value > with;
	}
	return false;
}
