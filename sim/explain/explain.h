/* SPDX-License-Identifier: ISC
 *
 * What can be explained, gathered from the tables that the rest of the program goes by, and how it
 * is found and printed.
 */
#ifndef SIM_EXPLAIN_EXPLAIN_H
#define SIM_EXPLAIN_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/scenario/keys.h"

enum topic_group {
	TOPIC_CONCEPT,
	TOPIC_KEY,
	TOPIC_FAULT,
	TOPIC_EXPECTATION,
	TOPIC_POINT,
	TOPIC_STRATEGY,
	TOPIC_KIND,
	TOPIC_PATTERN,
	TOPIC_FUNCTION,
	TOPIC_PROMISE,
	TOPIC_LINE,
	TOPIC_ERROR,
	TOPIC_EXIT,
	TOPIC_STATE,
	TOPIC_CAUSE,
	TOPIC_LETTER,
	TOPIC_COMMAND,
	TOPIC_GROUPS
};

/* Lists are texts with | between their entries.  Nothing is owned. */
struct topic {
	enum topic_group group;
	const char *name;
	const char
	    *others; /* names besides; of a line or an error: what it looks like, * is any text */
	const char *meaning;   /* by the table that it comes from, a fragment; or NULL */
	const char *text;      /* more, in sentences; or "" */
	const char *see;       /* names of other topics */
	const char *shown;     /* scenarios, below scenarios/, without .yaml */
	const struct key *key; /* of a key, a fault and an expectation */
	unsigned number;       /* of a point */
};

struct topics {
	struct topic *topic;
	size_t count;
};

/* All there are; 0 or -ENOMEM. */
int topics_init(struct topics *topics);
void topics_fini(struct topics *topics);

/* "key", as in "key durability"; its plural, for headings; what `explain` says of the group. */
const char *topic_group_name(enum topic_group group);
const char *topic_group_plural(enum topic_group group);

/* The last part of a path: "ttl" of recovery.lease.ttl, else the name. */
const char *topic_short_name(const struct topic *topic);

/* How well found[] fits what was asked: from exact to a mere resemblance. */
enum finding_how {
	FOUND_NOTHING,
	FOUND_NAMED,   /* by its name, "GROUP name", another of its names, or the end of its path */
	FOUND_VALUE,   /* the keys of which it is a value */
	FOUND_MESSAGE, /* a message or verdict line */
	FOUND_LIKE     /* names that begin with it or contain it */
};

#define FINDINGS_MAX 64

struct finding {
	enum finding_how how;
	const struct topic *topic[FINDINGS_MAX];
	size_t count;
	char guessed[80]; /* FOUND_NOTHING: "; did you mean 'x'?" or nothing */
};

/* Looks up a topic, key, point, word of a key, message or verdict line. */
void topic_find(const struct topics *topics, const char *asked, struct finding *finding);

/* The topic that a row's `see` names: the idea, if others are called the same; NULL if there is
 * none or nobody knows which. */
const struct topic *topic_named(const struct topics *topics, const char *name, size_t length);

/* Whether the text has the pattern in it somewhere; the number of its characters that are no *, or
 * 0. */
size_t pattern_match(const char *pattern, size_t length, const char *text);

/* Prints one topic with everything that is linked to it, in lines of 80 columns. */
void topic_print(const struct topics *topics, const struct topic *topic, FILE *out);
/* A line for each: name and the beginning of what it means. */
void topic_print_line(const struct topics *topics, const struct topic *topic, FILE *out);
/* All names, by group. */
void topics_print(const struct topics *topics, FILE *out);
/* A line for each of one group ("points", "errors"). */
void topics_print_group(const struct topics *topics, const char *plural, FILE *out);

#endif
