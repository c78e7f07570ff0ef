/* SPDX-License-Identifier: ISC
 *
 * The file: {"version": 1, "current": NAME, "lessons": {NAME: {"folder":, "passed":, "hints":}}}.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "sim/learn/study.h"
#include "sim/rundir/rundir.h"
#include "sim/util/fail.h"
#include "sim/util/save.h"

#define STUDY_VERSION 1

struct study {
	char path[PATH_MAX + 32];
	int lock_fd; /* of the folder */
	json_t *root;
};

static void
study_close(struct study *study)
{
	json_decref(study->root);
	if (study->lock_fd >= 0)
		close(study->lock_fd);
}

static bool
is_ours(const json_t *root)
{
	return json_is_object(root) && json_is_object(json_object_get(root, "lessons")) &&
	       json_integer_value(json_object_get(root, "version")) == STUDY_VERSION;
}

static int
read_file(struct study *study)
{
	json_error_t error;

	if (access(study->path, F_OK) != 0 && errno == ENOENT) {
		study->root = json_pack("{s:i, s:s, s:{}}", "version", STUDY_VERSION, "current", "",
		                        "lessons");
		return study->root != NULL ? 0 : -ENOMEM;
	}
	study->root = json_load_file(study->path, 0, &error);
	if (is_ours(study->root))
		return 0;
	complain("%s is not a progress file of this version%s%s; put it aside and begin again",
	         study->path, study->root == NULL ? ": " : "",
	         study->root == NULL ? error.text : "");
	return -EINVAL;
}

/* Nobody else reads or writes it until it is closed. */
static int
study_open(struct study *study)
{
	char folder[PATH_MAX];
	int error = rundir_state_folder("learn", folder);

	*study = (struct study){.lock_fd = -1};
	if (error == 0) {
		snprintf(study->path, sizeof(study->path), "%s/progress.json", folder);
		study->lock_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (study->lock_fd < 0 || flock(study->lock_fd, LOCK_EX) != 0)
			error = -errno;
	}
	if (error != 0)
		complain("cannot keep the progress in the state directory: %s", strerror(-error));
	return error != 0 ? error : read_file(study);
}

static int
write_json(const void *document, FILE *out)
{
	int failed = json_dumpf(document, out, JSON_INDENT(2) | JSON_SORT_KEYS);

	fputc('\n', out);
	return failed == 0 ? 0 : -EIO;
}

static int
study_save(const struct study *study)
{
	char beside[sizeof(study->path) + 4];
	int error;

	/* One name is enough under the lock: whoever is killed leaves no more than this behind. */
	snprintf(beside, sizeof(beside), "%s.new", study->path);
	error = save_file_beside(study->path, beside, write_json, study->root);

	if (error != 0)
		complain("cannot write %s: %s", study->path, strerror(-error));
	return error;
}

/* The lesson's own part; NULL: there is none and cannot be one. */
static json_t *
part_of(const struct study *study, const char *lesson)
{
	json_t *lessons = json_object_get(study->root, "lessons");
	json_t *part = json_object_get(lessons, lesson);

	if (part != NULL)
		return part;
	json_object_set_new(lessons, lesson,
	                    json_pack("{s:s, s:b, s:i}", "folder", "", "passed", 0, "hints", 0));
	return json_object_get(lessons, lesson);
}

int
study_read(const char *lesson, struct study_lesson *state)
{
	struct study study;
	const char *folder;
	json_t *part;
	int error = study_open(&study);

	*state = (struct study_lesson){0};
	if (error == 0 && (part = part_of(&study, lesson)) != NULL) {
		folder = json_string_value(json_object_get(part, "folder"));
		strlcpy(state->folder, folder != NULL ? folder : "", sizeof(state->folder));
		state->passed = json_is_true(json_object_get(part, "passed"));
		state->hints = (unsigned)json_integer_value(json_object_get(part, "hints"));
	}
	study_close(&study);
	return error;
}

int
study_current(char lesson[LESSON_NAME_MAX])
{
	struct study study;
	const char *name = NULL;
	int error = study_open(&study);

	if (error == 0)
		name = json_string_value(json_object_get(study.root, "current"));
	strlcpy(lesson, name != NULL ? name : "", LESSON_NAME_MAX);
	study_close(&study);
	return error;
}

/* Takes over value. */
static int
study_change(const char *lesson, const char *key, json_t *value, bool current)
{
	struct study study;
	json_t *part;
	int error = study_open(&study);

	if (error == 0) {
		part = part_of(&study, lesson);
		if (json_object_set(part, key, value) != 0 ||
		    (current &&
		     json_object_set_new(study.root, "current", json_string(lesson)) != 0))
			error = -ENOMEM;
		else
			error = study_save(&study);
	}
	json_decref(value);
	study_close(&study);
	return error;
}

int
study_begin(const char *lesson, const char *folder)
{
	return study_change(lesson, "folder", json_string(folder), true);
}

int
study_pass(const char *lesson)
{
	return study_change(lesson, "passed", json_true(), false);
}

int
study_hint(const char *lesson, unsigned hints)
{
	return study_change(lesson, "hints", json_integer(hints), false);
}
