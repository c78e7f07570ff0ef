/* SPDX-License-Identifier: ISC
 *
 * Finds what was asked for: by name, by one of its values, as a message, or by what it resembles.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "sim/explain/explain.h"
#include "sim/scenario/guess.h"

#define ASKED_MAX 1024
#define MARK_MAX 5    /* bytes of "FAIL " */
#define MESSAGE_MIN 5 /* characters of a pattern below which nothing is told from anything */

/* Whether one entry of a list is the word, in any case of letters. */
static bool
list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list != '\0') {
		size_t part = strcspn(list, "|");
		if (part == length && strncasecmp(list, word, length) == 0)
			return true;
		list += part + (list[part] == '|');
	}
	return false;
}

static void
found(struct finding *finding, enum finding_how how, const struct topic *topic)
{
	for (size_t i = 0; i < finding->count; i++)
		if (finding->topic[i] == topic)
			return;
	finding->how = how;
	if (finding->count < FINDINGS_MAX)
		finding->topic[finding->count++] = topic;
}

/* Patterns are no names. */
static bool
has_other_names(const struct topic *topic)
{
	return topic->group != TOPIC_ERROR && topic->group != TOPIC_LINE;
}

/* "faults[2].kill" and "faults.kill" as the table has it: "faults[].kill". */
static void
normalise(const char *asked, char *text, size_t size)
{
	size_t used = 0;
	bool inside = false;

	for (; *asked != '\0' && used + 3 < size; asked++) {
		inside = inside ? *asked != ']' : *asked == '[';
		if (!inside || *asked == '[')
			text[used++] = *asked;
		if (used > 1 && *asked == '.' && text[used - 2] != ']' &&
		    (strncmp(text, "faults.", used) == 0 || strncmp(text, "expect.", used) == 0)) {
			memcpy(text + used - 1, "[].", 3);
			used += 2;
		}
	}
	text[used] = '\0';
}

static bool
is_called(const struct topic *topic, const char *asked)
{
	const char *group = topic_group_name(topic->group);
	size_t length = strlen(group);

	if (strcasecmp(topic->name, asked) == 0)
		return true;
	return strncasecmp(asked, group, length) == 0 && asked[length] == ' ' &&
	       (strcasecmp(topic->name, asked + length + 1) == 0 ||
	        strcasecmp(topic_short_name(topic), asked + length + 1) == 0);
}

/* The end of a path is a name only where nothing is called just so. */
static void
find_names(const struct topics *topics, const char *asked, struct finding *finding)
{
	bool alone;

	for (size_t i = 0; i < topics->count; i++)
		if (is_called(&topics->topic[i], asked))
			found(finding, FOUND_NAMED, &topics->topic[i]);
	alone = finding->count == 0;
	for (size_t i = 0; i < topics->count; i++)
		if (has_other_names(&topics->topic[i]) && list_has(topics->topic[i].others, asked))
			found(finding, FOUND_NAMED, &topics->topic[i]);
	for (size_t i = 0; alone && i < topics->count; i++)
		if (strcasecmp(topic_short_name(&topics->topic[i]), asked) == 0)
			found(finding, FOUND_NAMED, &topics->topic[i]);
}

static void
find_values(const struct topics *topics, const char *asked, struct finding *finding)
{
	for (size_t i = 0; i < topics->count; i++) {
		const struct key *key = topics->topic[i].key;
		if (key != NULL && key->words != NULL && list_has(key->words, asked))
			found(finding, FOUND_VALUE, &topics->topic[i]);
	}
}

/* How much of the message one of the patterns says. */
static size_t
match_any(const char *patterns, const char *text)
{
	size_t best = 0;

	while (*patterns != '\0') {
		size_t part = strcspn(patterns, "|");
		size_t matched = pattern_match(patterns, part, text);
		if (matched > best)
			best = matched;
		patterns += part + (patterns[part] == '|');
	}
	return best;
}

/* Whether a line of a verdict can begin there: behind its mark, or in TAP behind the scenario. */
static bool
may_begin(const char *text, const char *at)
{
	return at - text <= MARK_MAX || at[-2] == '-' || at[-2] == ':';
}

/* "ok   rework: <= 2%  -- ..." is about expect[].rework. */
static size_t
match_expectation(const struct topic *topic, const char *text)
{
	const char *name = topic_short_name(topic);
	size_t length = strlen(name);

	for (const char *at = text; (at = strstr(at, name)) != NULL; at += length)
		if ((at == text || at[-1] == ' ') && may_begin(text, at) &&
		    strncmp(at + length, ": ", 2) == 0)
			return length + 2;
	return 0;
}

static size_t
match(const struct topic *topic, const char *text)
{
	size_t named;

	switch (topic->group) {
	case TOPIC_LINE:
		named = pattern_match(topic->name, strlen(topic->name), text);
		return named > 0 ? named : match_any(topic->others, text);
	case TOPIC_ERROR:
		return match_any(topic->others, text);
	case TOPIC_EXPECTATION:
		return match_expectation(topic, text);
	default:
		return 0;
	}
}

static void
find_message(const struct topics *topics, const char *text, struct finding *finding)
{
	const struct topic *best = NULL;
	size_t most = MESSAGE_MIN - 1;

	for (size_t i = 0; i < topics->count; i++) {
		size_t matched = match(&topics->topic[i], text);
		if (matched > most) {
			most = matched;
			best = &topics->topic[i];
		}
	}
	if (best != NULL)
		found(finding, FOUND_MESSAGE, best);
}

static bool
resembles(const struct topic *topic, const char *asked, bool begins)
{
	const char *at = strcasestr(topic->name, asked);

	if (at == NULL && has_other_names(topic) && !begins)
		at = strcasestr(topic->others, asked);
	return begins ? at == topic->name ||
	                    strcasestr(topic_short_name(topic), asked) == topic_short_name(topic)
	              : at != NULL;
}

static void
find_like(const struct topics *topics, const char *asked, struct finding *finding)
{
	for (int begins = 1; begins >= 0 && finding->count == 0; begins--)
		for (size_t i = 0; i < topics->count; i++)
			if (resembles(&topics->topic[i], asked, begins))
				found(finding, FOUND_LIKE, &topics->topic[i]);
}

static void
guess_list(struct guess *guess, const char *list, char *words, size_t size)
{
	char *rest = words;

	strlcpy(words, list, size);
	while (rest != NULL)
		guess_try(guess, strsep(&rest, "|"));
}

static void
find_meant(const struct topics *topics, const char *asked, struct finding *finding)
{
	struct guess guess;
	char words[512];

	guess_init(&guess, asked);
	for (size_t i = 0; i < topics->count; i++) {
		const struct topic *topic = &topics->topic[i];
		const char *before = guess.best;
		guess_try(&guess, topic->name);
		guess_try(&guess, topic_short_name(topic));
		if (has_other_names(topic))
			guess_list(&guess, topic->others, words, sizeof(words));
		/* The words do not live on, the topic's name does. */
		if (guess.best != before && guess.best >= words &&
		    guess.best < words + sizeof(words))
			guess.best = topic->name;
	}
	guess_text(&guess, finding->guessed, sizeof(finding->guessed));
}

void
topic_find(const struct topics *topics, const char *asked, struct finding *finding)
{
	char path[ASKED_MAX];

	memset(finding, 0, sizeof(*finding));
	asked += strspn(asked, " \t");
	if (*asked == '\0')
		return;
	normalise(asked, path, sizeof(path));
	find_names(topics, asked, finding);
	if (finding->count == 0)
		find_names(topics, path, finding);
	if (finding->count == 0)
		find_values(topics, asked, finding);
	if (finding->count == 0)
		find_message(topics, asked, finding);
	if (finding->count == 0)
		find_like(topics, path, finding);
	if (finding->count == 0)
		find_meant(topics, asked, finding);
}

const struct topic *
topic_named(const struct topics *topics, const char *name, size_t length)
{
	const struct topic *named = NULL;
	size_t count = 0;
	char text[128];

	snprintf(text, sizeof(text), "%.*s", (int)length, name);
	for (size_t i = 0; i < topics->count; i++) {
		if (!is_called(&topics->topic[i], text))
			continue;
		count++;
		if (named == NULL || topics->topic[i].group == TOPIC_CONCEPT)
			named = &topics->topic[i];
	}
	return count == 1 || (named != NULL && named->group == TOPIC_CONCEPT) ? named : NULL;
}
