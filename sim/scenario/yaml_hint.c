/* SPDX-License-Identifier: ISC
 *
 * libyaml's messages and the mistakes that usually lead to them.
 */
#include <stddef.h>
#include <string.h>

#include "sim/scenario/yaml_hint.h"

static const struct yaml_hint hints[] = {
    {"did not find expected key", "is the indentation right, or a ': ' in a value not in quotes?",
     false},
    {"did not find expected '-' indicator", "do the entries of this list begin in one column?",
     false},
    {"did not find expected ',' or ']'", "is a comma missing, or the ']' of this list?", true},
    {"did not find expected ',' or '}'", "is a comma missing, or the '}' of this map?", true},
    {"did not find expected node content", "is there a comma or bracket too many?", false},
    {"did not find expected <document start>", "is the indentation right?", false},
    {"did not find expected comment or line break",
     "a value that begins with > or | must be in quotes, such as \">= 1\"", false},
    {"did not find expected whitespace or line break",
     "a value that begins with ! must be in quotes", false},
    {"did not find expected alphabetic or numeric character",
     "a value that begins with & or * must be in quotes", false},
    {"found unexpected end of stream", "where does this quote end?", true},
    {"found unexpected document indicator", "where does this quote end?", true},
    {"found character that cannot start any token",
     "a value that begins with > | % @ or ` must be in quotes, such as \">= 1\"; indent with "
     "blanks, not tabs",
     false},
    {"found a tab character", "indent with blanks, not tabs", false},
    {"found unknown escape character",
     "in double quotes \\ begins an escape; single quotes take it as it is", false},
    {"mapping values are not allowed in this context",
     "is the indentation right, or a ': ' in a value not in quotes?", false},
    {"block sequence entries are not allowed in this context",
     "a list begins in the line below its key", false},
    {"could not find expected ':'", "a key is followed by ': ' with a blank", true},
    {"control characters are not allowed", "a scenario is plain UTF-8 text", false},
    {"invalid leading UTF-8 octet", "a scenario is plain UTF-8 text", false},
    {"invalid trailing UTF-8 octet", "a scenario is plain UTF-8 text", false},
    {"incomplete UTF-8 octet sequence", "a scenario is plain UTF-8 text", false},
};

struct yaml_hint
yaml_hint(const char *problem)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strncmp(problem, hints[i].problem, strlen(hints[i].problem)) == 0)
			return hints[i];
	return (struct yaml_hint){.problem = problem};
}
