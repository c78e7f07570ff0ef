/* SPDX-License-Identifier: ISC
 *
 * case.json.
 */
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "sim/torture/case_file.h"
#include "sim/util/fail.h"

/* Bytes that are no UTF-8 cannot be kept: such a command has no case. */
static json_t *
list_of(const char *const *texts)
{
	json_t *list = json_array();

	for (; texts != NULL && *texts != NULL; texts++)
		if (json_array_append_new(list, json_string(*texts)) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *
works_of(const struct world *world)
{
	const char *works[WORLD_WORKS + 1] = {NULL};

	for (unsigned i = 0; i < world->works; i++)
		works[i] = world->work[i];
	return list_of(works);
}

static json_t *
loose_of(const struct listing *golden)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < golden->count; i++)
		if (golden->item[i].is_loose)
			json_array_append_new(list, json_string(golden->item[i].path));
	return list;
}

int
case_write(const struct session *session, const char *folder, uint32_t candidate, const char *point,
           const char *event)
{
	const struct torture_options *options = session->options;
	char path[PATH_MAX + 64];
	json_t *document;
	int failed = -1;

	document = json_pack(
	    "{s:i, s:o, s:s, s:o, s:b, s:s*, s:s*, s:o, s:o, s:b, s:I, s:s, s:s, s:i, s:b, s:s}",
	    "torture_case", 1, "command", list_of((const char *const *)options->command), "cwd",
	    session->world.cwd, "work", works_of(&session->world), "whole_root",
	    session->world.is_overlay, "check", options->check, "recover", options->recover, "same",
	    list_of(options->same), "loose", loose_of(session->golden), "pid_reuse",
	    options->pid_reuse, "limit_ns", (json_int_t)options->limit_ns, "point", point, "event",
	    event, "power", (int)options->power, "acknowledged",
	    session->candidate[candidate].is_acknowledged, "why", session->outcome[candidate].why);
	snprintf(path, sizeof(path), "%s/case.json", folder);
	if (document != NULL)
		failed = json_dump_file(document, path, JSON_INDENT(2));
	json_decref(document);
	if (failed == 0)
		return 0;
	complain("cannot write %s", path);
	return -EIO;
}

static bool
take_list(const json_t *list, const char **out, size_t max)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count && i < max; i++) {
		out[i] = json_string_value(json_array_get(list, i));
		if (out[i] == NULL)
			return false;
	}
	return json_is_array(list) && count <= max;
}

static bool
take_all(struct case_file *file)
{
	json_t *command, *work, *same;
	json_int_t limit_ns;
	int version, whole_root, pid_reuse, power, acknowledged;

	if (json_unpack(file->document,
	                "{s:i, s:o, s:s, s:o, s:b, s?s, s?s, s:o, s:b, s:I, s:s, s:s, s:i, s:b, "
	                "s:s}",
	                "torture_case", &version, "command", &command, "cwd", &file->cwd, "work",
	                &work, "whole_root", &whole_root, "check", &file->options.check, "recover",
	                &file->options.recover, "same", &same, "pid_reuse", &pid_reuse, "limit_ns",
	                &limit_ns, "point", &file->point, "event", &file->event, "power", &power,
	                "acknowledged", &acknowledged, "why", &file->why) != 0 ||
	    version != 1 || limit_ns <= 0 || power < POWER_NONE || power > POWER_POSIX ||
	    !take_list(command, (const char **)file->words, CASE_WORDS_MAX) ||
	    !take_list(work, file->work, WORLD_WORKS) ||
	    !take_list(same, file->same, CASE_WORDS_MAX) || file->words[0] == NULL ||
	    file->work[0] == NULL)
		return false;
	file->is_overlay = whole_root != 0;
	file->options.pid_reuse = pid_reuse != 0;
	file->options.power = (enum power_model)power;
	file->is_acknowledged = acknowledged != 0;
	file->options.limit_ns = limit_ns;
	file->options.command = file->words;
	file->options.work = file->work;
	while (file->work[file->options.works] != NULL)
		file->options.works++;
	file->options.same = file->same;
	file->options.jobs = 1;
	return true;
}

int
case_read(struct case_file *file, const char *folder)
{
	char path[PATH_MAX + 64];
	json_error_t error;

	memset(file, 0, sizeof(*file));
	snprintf(path, sizeof(path), "%s/case.json", folder);
	file->document = json_load_file(path, 0, &error);
	if (file->document == NULL) {
		complain("%s is no case: %s", folder, error.text);
		return -EINVAL;
	}
	if (take_all(file))
		return 0;
	complain("%s is no case: case.json lacks something", folder);
	case_fini(file);
	return -EINVAL;
}

void
case_fini(struct case_file *file)
{
	json_decref(file->document);
	file->document = NULL;
}

void
case_mark_loose(const struct case_file *file, const struct listing *golden)
{
	const json_t *list = json_object_get(file->document, "loose");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *path = json_string_value(json_array_get(list, i));
		struct listed *item = path == NULL ? NULL : listing_find(golden, path);
		if (item != NULL)
			item->is_loose = true;
	}
}
