/* SPDX-License-Identifier: ISC
 *
 * Files of a learner's folder.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/learn/exercise.h"
#include "sim/learn/shipped.h"
#include "sim/scenario/scenario.h"
#include "sim/util/fail.h"
#include "sim/util/save.h"

struct bytes {
	const char *text;
	size_t length;
};

static int
write_bytes(const void *document, FILE *out)
{
	const struct bytes *bytes = document;

	return fwrite(bytes->text, 1, bytes->length, out) == bytes->length ? 0 : -errno;
}

static int
write_answer(const void *document, FILE *out)
{
	const struct exercise *exercise = document;

	fprintf(out,
	        "# Written by graveshift learn: which variant of the question it is, and your "
	        "answer.\nseed: %" PRIu64 "\nanswer: \"%s\"\n",
	        exercise->seed, exercise->answer);
	return 0;
}

static int
save(const char *folder, const char *name, save_write *write, const void *document)
{
	char path[PATH_MAX];
	int error = -ENAMETOOLONG;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path))
		error = save_file(path, write, document);
	if (error != 0)
		complain("cannot write %s/%s: %s", folder, name, strerror(-error));
	return error;
}

int
exercise_write(const char *folder, const char *name, const char *text, size_t length)
{
	struct bytes bytes = {text, length};

	return save(folder, name, write_bytes, &bytes);
}

int
exercise_answer(const struct exercise *exercise)
{
	return save(exercise->folder, EXERCISE_ANSWER, write_answer, exercise);
}

/* Hints and solutions stay where they are. */
static bool
is_handed_out(const struct shipped *file)
{
	return strchr(file->name, '/') == NULL && strncmp(file->name, "hint", 4) != 0 &&
	       strcmp(file->name, LESSON_FILE_NAME) != 0;
}

static int
lay_file(const char *folder, const struct shipped *file, bool again)
{
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), "%.3000s/%.64s", folder, file->name);
	if (!again && access(path, F_OK) == 0)
		return 0;
	error = exercise_write(folder, file->name, file->text, shipped_length(file));
	/* Whoever starts it by its name can. */
	if (error == 0 && strncmp(file->text, "#!", 2) == 0 && chmod(path, 0755) != 0)
		error = -errno;
	return error;
}

static int
make_folder(const char *folder)
{
	char path[PATH_MAX];
	char *slash = path;

	strlcpy(path, folder, sizeof(path));
	while (slash != NULL) {
		slash = strchr(slash + 1, '/');
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST) {
			complain("cannot make the folder %s: %s", path, strerror(errno));
			return -errno;
		}
		if (slash != NULL)
			*slash = '/';
	}
	return 0;
}

int
exercise_lay(const struct lesson *lesson, const char *folder, uint64_t seed, bool again)
{
	struct exercise exercise = {.seed = seed};
	int error = make_folder(folder);

	for (size_t i = 0; i < shipped_count && error == 0; i++)
		if (strcmp(shipped_files[i].lesson, lesson->name) == 0 &&
		    is_handed_out(&shipped_files[i]))
			error = lay_file(folder, &shipped_files[i], again);
	strlcpy(exercise.folder, folder, sizeof(exercise.folder));
	return error == 0 ? exercise_answer(&exercise) : error;
}

char *
exercise_read(const char *folder, const char *name, size_t *length)
{
	char path[PATH_MAX], *text = malloc(SCENARIO_BYTES_MAX + 1);
	FILE *file = NULL;

	if (text != NULL &&
	    (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path))
		file = fopen(path, "re");
	if (file == NULL) {
		complain("cannot read %s/%s: %s", folder, name, strerror(errno));
		free(text);
		return NULL;
	}
	*length = fread(text, 1, SCENARIO_BYTES_MAX, file);
	if (ferror(file)) {
		complain("cannot read %s: %s", path, strerror(EIO));
		free(text);
		text = NULL;
	} else {
		text[*length] = '\0';
	}
	fclose(file);
	return text;
}

/* Both keys, as exercise_answer() writes them. */
static int
take_answer(struct exercise *exercise, const struct source *source)
{
	const struct node *root, *seed, *answer;
	struct problems *problems = calloc(1, sizeof(*problems));
	struct tree tree;
	const char *problem = "";

	if (problems == NULL)
		return -ENOMEM;
	tree_init(&tree);
	root = tree_parse(&tree, source, 0, problems);
	seed = node_get(root, "seed");
	answer = node_get(root, "answer");
	if (seed != NULL && seed->kind == NODE_SCALAR)
		exercise->seed = (uint64_t)strtonum(seed->text, 0, INT64_MAX, &problem);
	if (answer != NULL && answer->kind == NODE_SCALAR)
		strlcpy(exercise->answer, answer->text, sizeof(exercise->answer));
	if (problem != NULL || answer == NULL)
		complain("%s: `graveshift learn start` writes it, with the keys seed and answer",
		         source->name);
	problems_fini(problems);
	free(problems);
	tree_fini(&tree);
	return problem == NULL && answer != NULL ? 0 : -EINVAL;
}

const char *
exercise_path(const struct exercise *exercise, const char *name, char path[PATH_MAX])
{
	char here[PATH_MAX];
	const char *folder = exercise->folder;
	size_t length = getcwd(here, sizeof(here)) != NULL ? strlen(here) : 0;

	if (length > 1 && strncmp(folder, here, length) == 0 && folder[length] == '/')
		folder += length + 1;
	snprintf(path, PATH_MAX, "%.3000s/%.1000s", folder, name);
	return path;
}

int
exercise_open(struct exercise *exercise, const char *folder)
{
	char name[PATH_MAX], *text;
	struct source source = {.name = name, .numbered = true};
	int error;

	*exercise = (struct exercise){0};
	strlcpy(exercise->folder, folder, sizeof(exercise->folder));
	snprintf(name, sizeof(name), "%.3000s/%s", folder, EXERCISE_ANSWER);
	text = exercise_read(folder, EXERCISE_ANSWER, &source.length);
	if (text == NULL)
		return -ENOENT;
	source.text = text;
	error = take_answer(exercise, &source);
	free(text);
	return error;
}
