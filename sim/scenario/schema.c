/* SPDX-License-Identifier: ISC
 *
 * The schema's structure: maps and lists by the table of keys, and what must hold between the keys
 * of a job, a fault and an expectation.
 */
#include <string.h>

#include "sim/scenario/load.h"
#include "sim/scenario/schema.h"

static json_t *map_schema(const char *path);

/* {"required": [name]} */
static json_t *
has(const char *name)
{
	return json_pack("{s:[s]}", "required", name);
}

/* The fallback, as YAML would read it. */
static json_t *
fallback_of(const struct key *key)
{
	uint64_t number;

	if (key->units == unit_none && unit_parse(unit_none, key->fallback, &number) == UNIT_OK)
		return json_integer((json_int_t)number);
	if (strcmp(key->fallback, "true") == 0 || strcmp(key->fallback, "false") == 0)
		return json_boolean(key->fallback[0] == 't');
	return json_string(key->fallback);
}

static json_t *
list_schema(const struct key *key)
{
	bool faults = strcmp(key->path, "faults") == 0;
	int max = SCENARIO_EXPECTATIONS_MAX;
	char below[32];

	if (faults)
		max = SCENARIO_FAULTS_MAX;
	else if (strcmp(key->path, "job.steps") == 0)
		max = SCENARIO_STEPS_MAX;
	snprintf(below, sizeof(below), "%s[]", key->path);
	return json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", faults ? 0 : 1,
	                 "maxItems", max, "items", map_schema(below));
}

static json_t *
key_schema(const struct key *key)
{
	json_t *schema = key->type == KEY_MAP    ? map_schema(key->path)
	                 : key->type == KEY_LIST ? list_schema(key)
	                                         : schema_value(key);

	json_object_set_new(schema, "description", json_string(key->meaning));
	if (key->fallback != NULL)
		json_object_set_new(schema, "default", fallback_of(key));
	return schema;
}

/* Keys that are only for one kind of job are required in its rules, where they are directly below
 * the job. */
static bool
is_required(const struct key *key, const char *path)
{
	bool of_kind = (key->flags & KEY_KINDS) != 0;

	return (key->flags & KEY_REQUIRED) != 0 && !(of_kind && strcmp(path, "job") == 0);
}

/* What a kind of job may have made up for it. */
static json_t *
made_rules(unsigned own)
{
	json_t *refused = json_object();
	json_t *one = json_pack("[o]", has(own == KEY_STREAM ? "events" : "sales"));

	if (own == KEY_ETL)
		json_array_append_new(one, has("events"));
	if (own == KEY_RUNS || own == KEY_MAPREDUCE)
		json_array_append_new(one, has("weblog"));

	for (size_t i = 0; i < keys_count; i++)
		if (key_below(&keys[i], "job.generate") && (keys[i].flags & own) == 0)
			json_object_set_new(refused, key_name(&keys[i]), json_false());
	return json_pack("{s:o, s:o}", "properties", refused, "oneOf", one);
}

/* Tasks by number, or chunks of an input. */
static json_t *
command_input(void)
{
	return json_pack("{s:[o, {s:[s], s:[o,o], s:{s:b}}]}", "oneOf", has("tasks"), "required",
	                 "chunk", "oneOf", has("input"), has("generate"), "properties", "tasks",
	                 false);
}

static json_t *
kind_rules(enum job_kind kind)
{
	json_t *required = json_array(), *refused = json_object(), *choices = json_array();
	unsigned own = key_kind_flag(kind);
	bool reads = (own & (KEY_AGGREGATE | KEY_ETL | KEY_STREAM | KEY_MAPREDUCE)) != 0;

	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		if (!key_below(key, "job"))
			continue;
		if ((key->flags & own) != 0 && key_is_required(key, kind))
			json_array_append_new(required, json_string(key_name(key)));
		if ((key->flags & KEY_KINDS) != 0 && (key->flags & own) == 0)
			json_object_set_new(refused, key_name(key), json_false());
	}
	if (reads || kind == JOB_COMMAND)
		json_object_set_new(refused, "generate", made_rules(own));
	for (const struct key_choice *choice = job_choices; choice->first != NULL; choice++)
		if (reads && key_choice_is_of(choice, own))
			json_array_append_new(choices,
			                      json_pack("{s:[o,o]}", "oneOf", has(choice->first),
			                                has(choice->second)));
		else if (reads && (key_find("job", choice->first)->flags & own) != 0)
			json_array_append_new(required, json_string(choice->first));
	if (!reads && kind != JOB_COMMAND)
		json_array_append_new(choices, json_true());
	if (kind == JOB_NOOP)
		json_array_append_new(required, json_string("tasks"));
	if (kind == JOB_COMMAND)
		json_array_append_new(choices, command_input());
	return json_pack("{s:o, s:o, s:o}", "required", required, "properties", refused, "allOf",
	                 choices);
}

static json_t *
kind_is(enum job_kind kind)
{
	return json_pack("{s:{s:{s:{s:s}}, s:[s]}, s:o}", "if", "properties", "kind", "const",
	                 key_kind_name(kind), "required", "kind", "then", kind_rules(kind));
}

static void
add_job_rules(json_t *job)
{
	json_object_set_new(job, "allOf",
	                    json_pack("[o,o,o,o,o,o,o,o]", kind_is(JOB_AGGREGATE),
	                              kind_is(JOB_NOOP), kind_is(JOB_ETL), kind_is(JOB_GRAPH),
	                              kind_is(JOB_COMMAND), kind_is(JOB_STREAM),
	                              kind_is(JOB_MAPREDUCE), kind_is(JOB_TORTURE)));
}

/* The keys of an entry that have the flag, each as {"required": [name]}. */
static json_t *
each_with(unsigned flag)
{
	json_t *list = json_array();

	for (size_t i = 0; i < keys_count; i++)
		if (key_below(&keys[i], "faults[]") && (keys[i].flags & flag) != 0)
			json_array_append_new(list, has(key_name(&keys[i])));
	return list;
}

static bool
happens_by_itself(int what)
{
	return what == FAULT_BAD_CHUNK || what == FAULT_POISON || what == FAULT_FLAKY ||
	       what == FAULT_LOSE_PART || what == FAULT_SPOIL_PART;
}

/* Whether a trigger ever takes the key. */
static bool
trigger_takes(int when, const char *name)
{
	struct fault fault = {.when = (enum fault_when)when};

	for (fault.what = FAULT_KILL; fault.what <= FAULT_HEAL; fault.what++)
		if (fault_takes(&fault, name))
			return true;
	/* As is `when`, which is over progress or over the rest of the state. */
	return when == WHEN_PROGRESS && trigger_takes(WHEN_STATE, name);
}

/* Any of the actions that the key goes with; NULL: all of them. */
static json_t *
with_actions(const char *name)
{
	json_t *list = json_array();
	bool all = true;

	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		if (!key_below(key, "faults[]") || (key->flags & KEY_ACTION) == 0)
			continue;
		if (key_action_takes(key, name))
			json_array_append_new(list, has(key_name(key)));
		else
			all = false;
	}
	if (!all)
		return json_pack("{s:o}", "anyOf", list);
	json_decref(list);
	return NULL;
}

/* Any of the triggers, and what has none. */
static json_t *
with_triggers(const char *name)
{
	const struct fault once = {.when = WHEN_TIME},
			   repeated = {.when = WHEN_TIME, .every_ns = 1};
	json_t *list = json_array();
	bool all = true;

	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		bool takes;
		if (!key_below(key, "faults[]") || (key->flags & (KEY_TRIGGER | KEY_ACTION)) == 0)
			continue;
		if ((key->flags & KEY_ACTION) != 0 && !happens_by_itself(key->value))
			continue;
		takes =
		    trigger_takes((key->flags & KEY_TRIGGER) != 0 ? key->value : WHEN_RECORD, name);
		if (takes)
			json_array_append_new(list, has(key_name(key)));
		all = all && takes;
	}
	if (!all && fault_takes(&repeated, name) && !fault_takes(&once, name))
		json_array_append_new(list, has("every"));
	if (!all)
		return json_pack("{s:o}", "anyOf", list);
	json_decref(list);
	return NULL;
}

/* What each key of an entry needs beside it. */
static json_t *
fault_dependencies(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		const char *name = key_name(key);
		json_t *needs = json_array(), *actions, *triggers;
		if (key_below(key, "faults[]") && (key->flags & KEY_ACTION) != 0) {
			if (key->value >= 0 && fault_needs((enum fault_what)key->value, "for"))
				json_array_append_new(needs, has("for"));
			if (key->value >= 0 && fault_needs((enum fault_what)key->value, "by"))
				json_array_append_new(needs, has("by"));
		} else if (key_below(key, "faults[]") && (key->flags & KEY_TRIGGER) == 0) {
			actions = with_actions(name);
			triggers = with_triggers(name);
			if (actions != NULL)
				json_array_append_new(needs, actions);
			if (triggers != NULL)
				json_array_append_new(needs, triggers);
		}
		if (json_array_size(needs) > 0)
			json_object_set_new(all, name, json_pack("{s:O}", "allOf", needs));
		json_decref(needs);
	}
	return all;
}

/* One action; one trigger, unless it happens whenever its record is worked on. */
static void
add_fault_rules(json_t *fault)
{
	json_t *by_itself = json_array();

	for (size_t i = 0; i < keys_count; i++)
		if (key_below(&keys[i], "faults[]") && (keys[i].flags & KEY_ACTION) != 0 &&
		    happens_by_itself(keys[i].value))
			json_array_append_new(by_itself, has(key_name(&keys[i])));
	json_object_set_new(fault, "allOf",
	                    json_pack("[{s:o}, {s:{s:o}, s:{s:{s:o}}, s:{s:o}}]", "oneOf",
	                              each_with(KEY_ACTION), "if", "anyOf", by_itself, "then",
	                              "not", "anyOf", each_with(KEY_TRIGGER), "else", "oneOf",
	                              each_with(KEY_TRIGGER)));
	json_object_set_new(fault, "dependencies", fault_dependencies());
}

static json_t *
map_schema(const char *path)
{
	json_t *properties = json_object(), *required = json_array(), *schema;

	for (size_t i = 0; i < keys_count; i++) {
		if (!key_below(&keys[i], path))
			continue;
		json_object_set_new(properties, key_name(&keys[i]), key_schema(&keys[i]));
		if (is_required(&keys[i], path))
			json_array_append_new(required, json_string(key_name(&keys[i])));
	}
	schema = json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0,
	                   "required", required, "properties", properties);
	if (strcmp(path, "job") == 0)
		add_job_rules(schema);
	if (strcmp(path, "faults[]") == 0)
		add_fault_rules(schema);
	if (strcmp(path, "expect[]") == 0)
		json_object_update_new(
		    schema, json_pack("{s:i, s:i}", "minProperties", 1, "maxProperties", 1));
	return schema;
}

json_t *
schema_build(void)
{
	json_t *schema =
	    json_pack("{s:s, s:s}", "$schema", "http://json-schema.org/draft-07/schema#", "title",
	              "a scenario of graveshift");

	json_object_update_new(schema, map_schema(""));
	json_object_set_new(schema, "allOf", json_pack("[o]", schema_torture()));
	return schema;
}
