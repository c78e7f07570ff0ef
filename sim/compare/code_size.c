/* SPDX-License-Identifier: ISC
 *
 * What tools/count_code has found, by strategy.
 */
#include <stddef.h>
#include <string.h>

#include "sim/compare/code_size.h"

static const struct {
	const char *file;
	struct code_size size;
} files[] = {
#define CODE_SIZE(file, lines, statements) {file, {lines, statements}},
#include "strategy_sizes.def"
#undef CODE_SIZE
};

static const char *const symbols[] = {
#define STRATEGY(id, symbol, name, flags, meaning) #symbol,
#include "sim/strategy/strategies.def"
#undef STRATEGY
};

struct code_size
code_size_of(enum strategy_id id)
{
	size_t length = strlen(symbols[id]);
	struct code_size sum = {0};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *rest = files[i].file + length;
		if (strncmp(files[i].file, symbols[id], length) != 0 ||
		    (rest[0] != '\0' && rest[0] != '_'))
			continue;
		sum.lines += files[i].size.lines;
		sum.statements += files[i].size.statements;
	}
	return sum;
}
