/* SPDX-License-Identifier: ISC
 *
 * Whether a message looks like a pattern in which * stands for any text.
 */
#include <string.h>

#include "sim/explain/explain.h"

size_t
pattern_match(const char *pattern, size_t length, const char *text)
{
	const char *end = pattern + length;
	size_t matched = 0;

	while (pattern < end) {
		size_t part = 0;
		const char *at;
		while (pattern + part < end && pattern[part] != '*')
			part++;
		at = part > 0 ? memmem(text, strlen(text), pattern, part) : text;
		if (at == NULL)
			return 0;
		matched += part;
		text = at + part;
		pattern += part + (pattern + part < end);
	}
	return matched;
}
