/* SPDX-License-Identifier: ISC
 *
 * Slots: the folders of a world's layers, and how a process comes to see them.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/torture/world.h"
#include "sim/util/tree.h"

#define PLACE_MAX (PATH_MAX + 32)

static void
place_of(char *out, const char *slot, const char *what, unsigned layer)
{
	snprintf(out, PLACE_MAX, "%s/%s%u", slot, what, layer);
}

/* A layer begins with the owner and mode of what it covers. */
static int
make_layer(const struct world *world, const char *slot, unsigned layer)
{
	char place[PLACE_MAX];
	struct stat covered;

	if (stat(world->layer[layer].at, &covered) != 0)
		return -errno;
	place_of(place, slot, "work", layer);
	if (mkdir(place, 0700) != 0)
		return -errno;
	place_of(place, slot, "up", layer);
	if (mkdir(place, 0700) != 0)
		return -errno;
	if ((covered.st_uid != geteuid() || covered.st_gid != getegid()) &&
	    chown(place, covered.st_uid, covered.st_gid) != 0 && errno != EPERM && errno != EINVAL)
		return -errno;
	return chmod(place, covered.st_mode & 07777) == 0 ? 0 : -errno;
}

int
slot_make(const struct world *world, const char *slot, int fd[VERSION_LAYERS])
{
	char place[PLACE_MAX];
	int error = mkdir(slot, 0700) == 0 ? 0 : -errno;

	for (unsigned i = 0; i < VERSION_LAYERS; i++)
		fd[i] = -1;
	for (unsigned i = 0; error == 0 && i < world->layers; i++) {
		error = make_layer(world, slot, i);
		place_of(place, slot, "up", i);
		fd[i] = error != 0 ? -1 : open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (error == 0 && fd[i] < 0)
			error = -errno;
	}
	snprintf(place, sizeof(place), "%s/root", slot);
	if (error == 0 && mkdir(place, 0700) != 0)
		error = -errno;
	if (error != 0)
		slot_close(world, fd);
	return error;
}

/* A folder of one layer that lies in another has its place there. */
static void
make_place(const struct world *world, const int *fd, const char *path)
{
	char part[PATH_MAX];
	const char *below;
	char up[PATH_MAX];
	int layer;

	strlcpy(up, path, sizeof(up));
	/* Its own layer begins at it: look from the folder above. */
	*strrchr(up, '/') = '\0';
	layer = world_layer_of(world, up[0] == '\0' ? "/" : up, &below);
	if (layer < 0 || world->layer[layer].kind == LAYER_OVERLAY)
		return;
	below = path + strlen(world->layer[layer].at) + 1;
	for (const char *slash = below; slash != NULL; slash = strchr(slash + 1, '/')) {
		if (slash != below) {
			strlcpy(part, below, (size_t)(slash - below) + 1);
			mkdirat(fd[layer], part, 0755);
		}
	}
	mkdirat(fd[layer], below, 0755);
}

void
slot_make_places(const struct world *world, const int fd[VERSION_LAYERS])
{
	if (world->is_overlay)
		return;
	for (unsigned i = 0; i < world->layers; i++)
		make_place(world, fd, world->layer[i].at);
	make_place(world, fd, world->cwd);
}

void
slot_close(const struct world *world, int fd[VERSION_LAYERS])
{
	for (unsigned i = 0; i < world->layers; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

int
slot_fix_chance(const char *slot)
{
	char place[PLACE_MAX];

	snprintf(place, sizeof(place), "%s/random", slot);
	return mkfifo(place, 0600) == 0 && chmod(place, 0666) == 0 ? 0 : -errno;
}

void
slot_remove(const char *slot)
{
	char path[PATH_MAX];

	strlcpy(path, slot, sizeof(path));
	tree_remove(path);
}

/* --- entering */

static const char *
mount_overlay(const struct world *world, const char *slot, const char *root, unsigned layer)
{
	static char options[4 * PLACE_MAX];
	char target[2 * PLACE_MAX];
	const char *at = world->layer[layer].at;

	snprintf(options, sizeof(options),
	         "lowerdir=%s,upperdir=%s/up%u,workdir=%s/work%u,redirect_dir=on,index=off", at,
	         slot, layer, slot, layer);
	snprintf(target, sizeof(target), "%s%s", root, at);
	return mount("overlay", target, "overlay", 0, options) == 0 ? NULL : "an overlay mount";
}

static const char *
mount_bind(const struct world *world, const char *slot, const char *root, unsigned layer)
{
	char place[PLACE_MAX], target[2 * PLACE_MAX];

	place_of(place, slot, "up", layer);
	snprintf(target, sizeof(target), "%s%s", root, world->layer[layer].at);
	return mount(place, target, NULL, MS_BIND, NULL) == 0 ? NULL : "a bind mount";
}

/* Devices stay writable in a mount that is not. */
static const char *
hold(const char *root, const char *at)
{
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
	char target[2 * PLACE_MAX];

	snprintf(target, sizeof(target), "%s%s", root, at);
	if (access(target, F_OK) != 0)
		return NULL;
	if (mount(at, target, NULL, MS_BIND | MS_REC, NULL) != 0)
		return "a bind mount of the host's";
	return mount_setattr(AT_FDCWD, target, AT_RECURSIVE, &attributes, sizeof(attributes)) == 0
	           ? NULL
	           : "a mount that cannot be written";
}

static const char *const devices[] = {"/dev/urandom", "/dev/random"};

/* Over the devices, before the slot is out of reach. */
static const char *
mount_chance(const char *slot, const char *root)
{
	char place[PLACE_MAX], target[2 * PLACE_MAX];

	snprintf(place, sizeof(place), "%s/random", slot);
	if (access(place, F_OK) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		snprintf(target, sizeof(target), "%s%s", root, devices[i]);
		if (access(target, F_OK) == 0 && mount(place, target, NULL, MS_BIND, NULL) != 0)
			return "a bind mount over a device";
	}
	return NULL;
}

static const char *
enter_overlay(const struct world *world, const char *slot)
{
	char root[PLACE_MAX];
	const char *problem = NULL;

	snprintf(root, sizeof(root), "%s/root", slot);
	problem = mount_overlay(world, slot, root, 0);
	for (unsigned i = 0; problem == NULL && i < world->helds; i++)
		problem = hold(root, world->held[i]);
	for (unsigned i = 1; problem == NULL && i < world->layers; i++)
		problem = world->layer[i].kind == LAYER_OVERLAY
		              ? mount_overlay(world, slot, root, i)
		              : mount_bind(world, slot, root, i);
	if (problem == NULL)
		problem = mount_chance(slot, root);
	if (problem != NULL)
		return problem;
	if (chdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
	    umount2(".", MNT_DETACH) != 0)
		return "to change the root";
	return NULL;
}

/* The layers are taken out of the tree before it is made unwritable, and put over it. */
static const char *
enter_binds(const struct world *world, const char *slot)
{
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
	const char *problem = mount_chance(slot, "");
	char place[PLACE_MAX];
	int tree[VERSION_LAYERS];

	if (problem != NULL)
		return problem;
	for (unsigned i = 0; i < world->layers; i++) {
		place_of(place, slot, "up", i);
		tree[i] = open_tree(AT_FDCWD, place, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		if (tree[i] < 0)
			return "a bind mount";
	}
	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof(attributes)) != 0)
		return "mounts that cannot be written";
	for (unsigned i = 0; i < world->layers; i++) {
		if (move_mount(tree[i], "", AT_FDCWD, world->layer[i].at,
		               MOVE_MOUNT_F_EMPTY_PATH) != 0)
			return "a bind mount";
		close(tree[i]);
	}
	return setenv("TMPDIR", "/tmp", 1) == 0 ? NULL : "an environment variable";
}

const char *
world_enter(const struct world *world, const char *slot)
{
	const char *problem = NULL;

	if (unshare(CLONE_NEWNS | CLONE_NEWIPC) != 0)
		problem = "a mount namespace";
	else
		problem = world->is_overlay ? enter_overlay(world, slot) : enter_binds(world, slot);
	if (problem == NULL && chdir(world->cwd) != 0)
		problem = "the current folder in it";
	return problem;
}

const char *
world_leave_network(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd, error;

	if (unshare(CLONE_NEWNET) != 0)
		return "a network of its own";
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	error = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &lo);
	if (fd >= 0)
		close(fd);
	return error == 0 ? NULL : "lo of a network of its own";
}

void
world_free_chance(void)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		umount2(devices[i], MNT_DETACH);
}
