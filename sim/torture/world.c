/* SPDX-License-Identifier: ISC
 *
 * Which parts of the file system a job gets for its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/torture/world.h"
#include "sim/util/fail.h"

static bool
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* Whoever we are stays who it is. */
static const char *
map_ourselves(uid_t uid, gid_t gid)
{
	char map[64];

	if (!write_file("/proc/self/setgroups", "deny"))
		return "to write /proc/self/setgroups";
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (!write_file("/proc/self/uid_map", map))
		return "to write /proc/self/uid_map";
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", map) ? NULL : "to write /proc/self/gid_map";
}

const char *
world_separate(struct world *world)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	const char *problem = NULL;

	world->is_root = uid == 0 && unshare(CLONE_NEWNS) == 0;
	if (!world->is_root) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			return "user and mount namespaces";
		problem = map_ourselves(uid, gid);
	}
	if (problem == NULL && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		problem = "to make mounts private";
	return problem;
}

static bool
is_below(const char *path, const char *folder)
{
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static void
add_layer(struct world *world, enum layer_kind kind, const char *at)
{
	for (unsigned i = 0; i < world->layers; i++)
		if (strcmp(world->layer[i].at, at) == 0)
			return;
	if (world->layers == VERSION_LAYERS)
		return;
	world->layer[world->layers].kind = kind;
	strlcpy(world->layer[world->layers].at, at, PATH_MAX);
	world->layers++;
}

/* Does the mount hold something that the job may write? */
static bool
is_wanted(const struct world *world, const char *at)
{
	static const char *const temporary[] = {"/tmp", "/var/tmp"};

	for (unsigned i = 0; i < world->works; i++)
		if (is_below(world->work[i], at) || is_below(at, world->work[i]))
			return true;
	for (size_t i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
		if (strcmp(at, temporary[i]) == 0)
			return true;
	return false;
}

/* Blanks and the like stand as \040. */
static void
unescape(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3') {
			*out++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

/* One behind the other, as they were mounted: what is below a mount stands behind it. */
static void
take_mount(struct world *world, const char *at)
{
	struct stat status;

	if (strcmp(at, "/") == 0 || strcmp(at, "/proc") == 0 || is_below(at, "/proc") ||
	    strcmp(at, "/dev/shm") == 0 || stat(at, &status) != 0)
		return;
	if (is_wanted(world, at) && S_ISDIR(status.st_mode)) {
		add_layer(world, LAYER_OVERLAY, at);
		return;
	}
	for (unsigned i = 0; i < world->helds; i++)
		if (is_below(at, world->held[i]))
			return;
	if (world->helds < WORLD_HELD)
		strlcpy(world->held[world->helds++], at, PATH_MAX);
}

static int
plan_overlays(struct world *world)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, at[PATH_MAX];
	size_t room = 0;

	if (mounts == NULL)
		return -errno;
	add_layer(world, LAYER_OVERLAY, "/");
	while (getline(&line, &room, mounts) > 0) {
		if (sscanf(line, "%*s %*s %*s %*s %4095s", at) != 1)
			continue;
		unescape(at);
		take_mount(world, at);
	}
	free(line);
	fclose(mounts);
	add_layer(world, LAYER_FRESH, "/dev/shm");
	return 0;
}

static void
plan_binds(struct world *world)
{
	add_layer(world, LAYER_FRESH, "/tmp");
	add_layer(world, LAYER_FRESH, "/dev/shm");
	for (unsigned i = 0; i < world->works; i++)
		add_layer(world, LAYER_BIND, world->work[i]);
	strlcpy(world->held[world->helds++], "/", PATH_MAX);
}

/* A folder that an overlay begins with is seen as it is changed only. */
static void
plan_works(struct world *world)
{
	for (unsigned i = 0; i < world->works; i++) {
		add_layer(world, LAYER_BIND, world->work[i]);
		for (unsigned j = 0; j < world->layers; j++)
			if (strcmp(world->layer[j].at, world->work[i]) == 0)
				world->layer[j].kind = LAYER_BIND;
	}
}

static int
add_work(struct world *world, const char *path)
{
	struct stat status;

	if (world->works == WORLD_WORKS) {
		complain("more than %d work folders", WORLD_WORKS);
		return -E2BIG;
	}
	if (realpath(path, world->work[world->works]) == NULL || stat(path, &status) != 0) {
		complain("the work folder %s: %s", path, strerror(errno));
		return -ENOENT;
	}
	if (!S_ISDIR(status.st_mode) || strcmp(world->work[world->works], "/") == 0) {
		complain("the work folder %s: give a folder that is not the whole file system",
		         path);
		return -EINVAL;
	}
	world->works++;
	return 0;
}

int
world_plan(struct world *world, const char *const *work, unsigned works, bool overlay)
{
	int error = 0;

	world->is_overlay = overlay;
	world->layers = world->helds = world->works = 0;
	if (getcwd(world->cwd, sizeof(world->cwd)) == NULL) {
		complain("the current folder: %s", strerror(errno));
		return -errno;
	}
	for (unsigned i = 0; error == 0 && i < works; i++)
		error = add_work(world, work[i]);
	if (error == 0 && works == 0)
		error = add_work(world, ".");
	if (error != 0)
		return error;
	if (overlay)
		error = plan_overlays(world);
	else
		plan_binds(world);
	if (error == 0 && overlay && world->has_works)
		plan_works(world);
	if (world->layers == VERSION_LAYERS) {
		complain("more than %d work folders and mounts of their own", VERSION_LAYERS - 1);
		return -E2BIG;
	}
	return error;
}

int
world_layer_of(const struct world *world, const char *path, const char **below)
{
	size_t longest = 0;
	int found = -1;

	for (unsigned i = 0; i < world->layers; i++) {
		size_t length = strlen(world->layer[i].at);
		if (length < longest || !is_below(path, world->layer[i].at))
			continue;
		longest = length;
		found = (int)i;
	}
	for (unsigned i = 0; i < world->helds; i++)
		if (strlen(world->held[i]) > longest && is_below(path, world->held[i]))
			return -1;
	if (is_below(path, "/proc") || found < 0)
		return -1;
	*below = path + strlen(world->layer[found].at);
	*below += **below == '/';
	return found;
}

const char *
world_shown(const struct world *world, const char *path)
{
	for (unsigned i = 0; i < world->works; i++) {
		size_t length = strlen(world->work[i]);
		if (is_below(path, world->work[i]) && is_below(world->cwd, world->work[i]))
			return path[length] == '/' ? path + length + 1 : ".";
	}
	return path;
}

int
world_source(const struct world *world, unsigned layer)
{
	if (world->layer[layer].kind != LAYER_BIND)
		return -1;
	return open(world->layer[layer].at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}
