/* SPDX-License-Identifier: ISC
 *
 * The schema's rules between a job of kind torture and the rest of the file.
 */
#include <string.h>

#include "sim/scenario/load.h"
#include "sim/scenario/schema.h"

/* Each key directly below the path that a torture has no use for, as false; maps that hold such
 * keys, with those. */
static json_t *
without_foreign(const char *path)
{
	json_t *properties = json_object(), *below;

	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		if (!key_below(key, path))
			continue;
		if (torture_has_no(key->path)) {
			json_object_set_new(properties, key_name(key), json_false());
			continue;
		}
		below = key->type == KEY_MAP ? without_foreign(key->path) : NULL;
		if (below != NULL && json_object_size(below) > 0)
			json_object_set_new(properties, key_name(key),
			                    json_pack("{s:O}", "properties", below));
		json_decref(below);
	}
	return properties;
}

/* Expectations that belong to a torture, or those that do not, as {"required": [name]} each. */
static json_t *
expected(bool torture)
{
	json_t *list = json_array();

	for (size_t i = 0; i < keys_count; i++)
		if (key_below(&keys[i], "expect[]") &&
		    ((keys[i].flags & KEY_TORTURE) != 0) == torture)
			json_array_append_new(list,
			                      json_pack("{s:[s]}", "required", key_name(&keys[i])));
	return json_pack("{s:{s:{s:o}}}", "expect", "items", "anyOf", list);
}

json_t *
schema_torture(void)
{
	json_t *torture = without_foreign("");

	json_object_update_new(torture, expected(true));
	json_object_set_new(torture, "faults", json_pack("{s:i}", "maxItems", 0));
	json_object_set_new(torture, "world", json_pack("{s:s}", "const", "real"));
	return json_pack("{s:{s:{s:{s:{s:{s:s}}, s:[s]}}, s:[s]}, s:{s:o}, s:{s:o}}", "if",
	                 "properties", "job", "properties", "kind", "const", "torture", "required",
	                 "kind", "required", "job", "then", "properties", torture, "else",
	                 "properties", expected(false));
}
