/* SPDX-License-Identifier: ISC
 *
 * What a topic is linked to: what it names, and what names it, so that each link is written once.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/explain/links.h"

static bool
has(const struct links *links, const struct topic *topic)
{
	for (size_t i = 0; i < links->count; i++)
		if (links->topic[i] == topic)
			return true;
	return false;
}

static void
add(struct links *links, const struct topic *from, const struct topic *topic)
{
	if (topic != NULL && topic != from && !has(links, topic) && links->count < LINKS_MAX)
		links->topic[links->count++] = topic;
}

static bool
names(const struct topics *topics, const struct topic *from, const struct topic *topic)
{
	size_t length = strlen(topic->name);

	for (const char *see = from->see; *see != '\0';) {
		size_t part = strcspn(see, "|");
		/* Looked up only if it can be: there are many. */
		if (part >= length && memcmp(see + part - length, topic->name, length) == 0 &&
		    topic_named(topics, see, part) == topic)
			return true;
		see += part + (see[part] == '|');
	}
	return false;
}

/* What all of a group are about. */
static const char *
common_link(const struct topic *topic)
{
	static const char *const links[TOPIC_GROUPS] = {
	    [TOPIC_FAULT] = "concept fault",   [TOPIC_EXPECTATION] = "expect",
	    [TOPIC_POINT] = "concept point",   [TOPIC_STRATEGY] = "recovery.strategy",
	    [TOPIC_KIND] = "job.kind",         [TOPIC_PATTERN] = "job.pattern",
	    [TOPIC_FUNCTION] = "job.function", [TOPIC_PROMISE] = "concept verdict",
	    [TOPIC_LINE] = "concept verdict",  [TOPIC_ERROR] = "command check",
	    [TOPIC_EXIT] = "concept verdict",  [TOPIC_LETTER] = "command watch",
	    [TOPIC_STATE] = "concept task",    [TOPIC_CAUSE] = "concept attempt",
	};

	return links[topic->group] != NULL ? links[topic->group] : "";
}

/* The block that a key stands in. */
static size_t
parent_length(const struct topic *topic)
{
	const char *dot = strrchr(topic->name, '.');
	size_t length = topic->group == TOPIC_KEY && dot != NULL ? (size_t)(dot - topic->name) : 0;

	return length > 2 && topic->name[length - 1] == ']' ? length - 2 : length;
}

void
links_of(const struct topics *topics, const struct topic *topic, struct links *links)
{
	links->count = 0;
	for (const char *see = topic->see; *see != '\0';) {
		size_t part = strcspn(see, "|");
		add(links, topic, topic_named(topics, see, part));
		see += part + (see[part] == '|');
	}
	for (size_t i = 0; i < topics->count; i++)
		if (topics->topic[i].see[0] != '\0' && names(topics, &topics->topic[i], topic))
			add(links, topic, &topics->topic[i]);
	add(links, topic, topic_named(topics, topic->name, parent_length(topic)));
	add(links, topic, topic_named(topics, common_link(topic), strlen(common_link(topic))));
}

const char *
link_text(const struct topics *topics, const struct topic *topic, char *text, size_t size)
{
	bool alone = topic_named(topics, topic->name, strlen(topic->name)) == topic;

	/* Words that say little by themselves. */
	alone = alone && topic->group != TOPIC_COMMAND && topic->group != TOPIC_STRATEGY &&
	        topic->group != TOPIC_KIND && topic->group != TOPIC_PATTERN &&
	        topic->group != TOPIC_FUNCTION && topic->group != TOPIC_STATE &&
	        topic->group != TOPIC_CAUSE && topic->group != TOPIC_LETTER;
	snprintf(text, size, "%s%s%s", alone ? "" : topic_group_name(topic->group),
	         alone ? "" : " ", topic->name);
	return text;
}
