/* SPDX-License-Identifier: ISC
 *
 * Makes one list of topics out of the tables: keys, points, strategies and commands as they are,
 * all else from the rows of this folder.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check.h"
#include "sim/cli/cli.h"
#include "sim/explain/explain.h"
#include "sim/fault/points.h"
#include "sim/strategy/strategies.h"

/* What this folder says itself; of a strategy, what there is beside its table. */
static const struct topic rows[] = {
#define TOPIC(id, topic_name, topic_others, topic_text, topic_see, topic_shown) \
	{.group = TOPIC_##id,                                                   \
	 .name = (topic_name),                                                  \
	 .others = (topic_others),                                              \
	 .text = (topic_text),                                                  \
	 .see = (topic_see),                                                    \
	 .shown = (topic_shown)},
#include "sim/explain/concepts.def"
#include "sim/explain/errors.def"
#include "sim/explain/kinds.def"
#include "sim/explain/promises.def"
#undef TOPIC
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *name, *plural;
} groups[TOPIC_GROUPS] = {
    [TOPIC_CONCEPT] = {"concept", "concepts"},
    [TOPIC_KEY] = {"key", "keys"},
    [TOPIC_FAULT] = {"fault", "faults"},
    [TOPIC_EXPECTATION] = {"expectation", "expectations"},
    [TOPIC_POINT] = {"point", "points"},
    [TOPIC_STRATEGY] = {"strategy", "strategies"},
    [TOPIC_KIND] = {"kind", "kinds"},
    [TOPIC_PATTERN] = {"pattern", "patterns"},
    [TOPIC_FUNCTION] = {"function", "functions"},
    [TOPIC_PROMISE] = {"promise", "promises"},
    [TOPIC_LINE] = {"line", "lines"},
    [TOPIC_ERROR] = {"error", "errors"},
    [TOPIC_EXIT] = {"exit", "exits"},
    [TOPIC_STATE] = {"state", "states"},
    [TOPIC_CAUSE] = {"cause", "causes"},
    [TOPIC_LETTER] = {"letter", "letters"},
    [TOPIC_COMMAND] = {"command", "commands"},
};

const char *
topic_group_name(enum topic_group group)
{
	return groups[group].name;
}

const char *
topic_group_plural(enum topic_group group)
{
	return groups[group].plural;
}

const char *
topic_short_name(const struct topic *topic)
{
	const char *dot = strrchr(topic->name, '.');
	bool path = topic->key != NULL || topic->group == TOPIC_POINT;

	return path && dot != NULL ? dot + 1 : topic->name;
}

static struct topic *
add(struct topics *topics, enum topic_group group, const char *name, const char *meaning)
{
	struct topic *topic = &topics->topic[topics->count++];

	*topic = (struct topic){.group = group,
	                        .name = name,
	                        .others = "",
	                        .meaning = meaning,
	                        .text = "",
	                        .see = "",
	                        .shown = ""};
	return topic;
}

static void
add_keys(struct topics *topics)
{
	for (size_t i = 0; i < keys_count; i++) {
		enum topic_group group = TOPIC_KEY;
		if ((keys[i].flags & KEY_ACTION) != 0)
			group = TOPIC_FAULT;
		else if (key_below(&keys[i], "expect[]"))
			group = TOPIC_EXPECTATION;
		add(topics, group, keys[i].path, keys[i].meaning)->key = &keys[i];
	}
}

static void
add_strategy(struct topics *topics, unsigned id)
{
	struct topic *topic = add(topics, TOPIC_STRATEGY, strategy_name(id), strategy_meaning(id));

	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].group != TOPIC_STRATEGY || strcmp(rows[i].name, topic->name) != 0)
			continue;
		topic->others = rows[i].others;
		topic->text = rows[i].text;
		topic->see = rows[i].see;
		topic->shown = rows[i].shown;
	}
}

int
topics_init(struct topics *topics)
{
	size_t most = ROWS + keys_count + POINTS + STRATEGY_IDS + command_count;

	topics->count = 0;
	topics->topic = calloc(most, sizeof(*topics->topic));
	if (topics->topic == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].group != TOPIC_STRATEGY)
			topics->topic[topics->count++] = rows[i];
	add_keys(topics);
	for (unsigned i = 0; i < POINTS; i++)
		add(topics, TOPIC_POINT, point_name(i), point_meaning(i))->number = i;
	for (unsigned i = 0; i < STRATEGY_IDS; i++)
		add_strategy(topics, i);
	for (size_t i = 0; i < command_count; i++)
		add(topics, TOPIC_COMMAND, commands[i].name, commands[i].summary);
	CHECK(topics->count <= most);
	return 0;
}

void
topics_fini(struct topics *topics)
{
	free(topics->topic);
	*topics = (struct topics){0};
}
