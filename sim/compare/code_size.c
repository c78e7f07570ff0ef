/* SPDX-License-Identifier: ISC
 *
 * What tools/count_code has found, by strategy.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "sim/compare/code_size.h"

static const struct {
	const char *file;
	struct code_size size;
} files[] = {
#define CODE_SIZE(file, lines, statements) {file, {lines, statements}},
#define CODE_USES(file, used)
#include "strategy_sizes.def"
#undef CODE_SIZE
#undef CODE_USES
};

static const struct {
	const char *file, *used;
} uses[] = {
#define CODE_SIZE(file, lines, statements)
#define CODE_USES(file, used) {file, used},
#include "strategy_sizes.def"
#undef CODE_SIZE
#undef CODE_USES
};

static const char *const symbols[] = {
#define STRATEGY(id, symbol, name, flags, meaning) #symbol,
#include "sim/strategy/strategies.def"
#undef STRATEGY
};

static bool
is_used(const char *symbol, const char *file)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (strcmp(uses[i].file, symbol) == 0 && strcmp(uses[i].used, file) == 0)
			return true;
	return false;
}

struct code_size
code_size_of(enum strategy_id id)
{
	struct code_size sum = {0};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (strcmp(files[i].file, symbols[id]) != 0 && !is_used(symbols[id], files[i].file))
			continue;
		sum.lines += files[i].size.lines;
		sum.statements += files[i].size.statements;
	}
	return sum;
}
