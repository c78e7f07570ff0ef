/* SPDX-License-Identifier: ISC
 *
 * What a run's files hold, before and after it was taken up once more.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/cli/life.h"
#include "sim/cli/repeat.h"
#include "sim/fault/fault.h"
#include "sim/util/fail.h"

struct content {
	char *name; /* below the run directory */
	XXH128_hash_t hash;
};

struct contents {
	struct content *file;
	size_t files;
};

static void
contents_fini(struct contents *contents)
{
	for (size_t i = 0; i < contents->files; i++)
		free(contents->file[i].name);
	free(contents->file);
}

static int
hash_file(const char *path, size_t length, XXH128_hash_t *hash)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	void *bytes;

	if (fd < 0)
		return -errno;
	*hash = XXH3_128bits("", 0);
	if (length > 0) {
		bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
		error = bytes == MAP_FAILED ? -errno : 0;
		if (error == 0) {
			*hash = XXH3_128bits(bytes, length);
			munmap(bytes, length);
		}
	}
	close(fd);
	return error;
}

/* Who holds the lock is written into it, and the board can be rebuilt from the rest. */
static bool
may_change(const char *name)
{
	return strcmp(name, RUN_LOCK) == 0 || strcmp(name, RUN_BOARD) == 0;
}

static int
add(struct contents *contents, const FTSENT *entry, const char *name)
{
	struct content *larger =
	    reallocarray(contents->file, contents->files + 1, sizeof(*contents->file));
	struct content *file;

	if (larger == NULL)
		return -ENOMEM;
	contents->file = larger;
	file = &larger[contents->files];
	file->name = strdup(name);
	if (file->name == NULL)
		return -ENOMEM;
	contents->files++;
	return hash_file(entry->fts_path, (size_t)entry->fts_statp->st_size, &file->hash);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int
contents_read(struct contents *contents, const char *path)
{
	char *paths[] = {(char *)path, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	size_t above = strlen(path) + 1;
	FTSENT *entry;
	int error = tree == NULL ? -errno : 0;

	*contents = (struct contents){0};
	while (error == 0 && (entry = fts_read(tree)) != NULL) {
		if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS ||
		    entry->fts_info == FTS_DNR)
			error = -entry->fts_errno;
		else if (entry->fts_info == FTS_F && !may_change(entry->fts_path + above))
			error = add(contents, entry, entry->fts_path + above);
	}
	if (tree != NULL)
		fts_close(tree);
	return error;
}

/* Both are in the order of their names. */
static bool
are_same(const struct contents *before, const struct contents *after, char *finding, size_t size)
{
	for (size_t i = 0; i < before->files || i < after->files; i++) {
		const struct content *was = i < before->files ? &before->file[i] : NULL;
		const struct content *is = i < after->files ? &after->file[i] : NULL;
		int order = was == NULL ? 1 : (is == NULL ? -1 : strcmp(was->name, is->name));

		if (order == 0 && XXH128_isEqual(was->hash, is->hash))
			continue;
		snprintf(finding, size, "%s %s", order > 0 ? is->name : was->name,
		         order > 0 ? "was not there before"
		                   : (order < 0 ? "is gone" : "holds something else"));
		return false;
	}
	return true;
}

static int
live(void *context)
{
	const struct life life = {.output = OUTPUT_NONE, .quiet = true};

	fault_self.hits = NULL; /* a sweep asks how the job was done */
	return life_next(context, &life);
}

static int
play(const char *path, int code, char *finding, size_t size)
{
	struct contents before, after = {0};
	unsigned lives;
	int error = contents_read(&before, path), again = EXIT_INTERNAL;

	if (error == 0) {
		again = life_play(live, NULL, (char *)path, path, true, &lives);
		error = contents_read(&after, path);
	}
	if (error != 0) {
		complain("cannot compare what is in %s: %s", path, strerror(-error));
		again = EXIT_INTERNAL;
	} else if (again < 128 && again != code) {
		snprintf(finding, size, "its exit code was %d, and then %d", code, again);
		again = EXIT_UNMET;
	} else if (again < 128) {
		again = are_same(&before, &after, finding, size) ? EXIT_MET : EXIT_UNMET;
	}
	contents_fini(&before);
	contents_fini(&after);
	return again;
}

static bool
has_ended(const char *path)
{
	struct store_run run = {0};
	struct store *store;
	char db[PATH_MAX];
	int error;

	snprintf(db, sizeof(db), "%.*s/%s", PATH_MAX - 16, path, RUN_DB);
	error = store_open_reader(&store, db);
	if (error != 0)
		return false;
	error = store_run_read(store, &run);
	store_close(store);
	return error == 0 && (run.state == RUN_DONE || run.state == RUN_FAILED);
}

int
repeat_play(const char *path, int code, char *finding, size_t size)
{
	finding[0] = '\0';
	return has_ended(path) ? play(path, code, finding, size) : EXIT_INCONCLUSIVE;
}
