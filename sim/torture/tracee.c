/* SPDX-License-Identifier: ISC
 *
 * Reading a stopped thread: registers by way of the kernel's own account of the call, so that there
 * is nothing here of any machine; paths as the kernel resolves them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim/torture/tracee.h"

#define FIRST_BYTES 16 /* that AT_RANDOM points to */
#define DELETED " (deleted)"

int
tracee_read_call(struct tracee *tracee)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(info), &info) <= 0)
		return -errno;
	if (info.op != PTRACE_SYSCALL_INFO_SECCOMP || info.seccomp.ret_data >= call_count)
		return -EPROTO;
	tracee->call = &calls[info.seccomp.ret_data];
	memcpy(tracee->argument, info.seccomp.args, sizeof(tracee->argument));
	return 0;
}

int
tracee_read_result(const struct tracee *tracee, int64_t *result)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(info), &info) <= 0)
		return -errno;
	if (info.op != PTRACE_SYSCALL_INFO_EXIT)
		return -EPROTO;
	*result = info.exit.rval;
	return 0;
}

bool
tracee_reaches_out(const struct tracee *tracee)
{
	sa_family_t family = AF_UNSPEC;
	struct iovec to = {&family, sizeof(family)},
		     from = {(void *)(uintptr_t)tracee->argument[1], sizeof(family)};

	if (strcmp(tracee->call->name, "connect") != 0 ||
	    process_vm_readv(tracee->tid, &to, 1, &from, 1, 0) != sizeof(family))
		return false;
	return family == AF_INET || family == AF_INET6;
}

static void
draw_at(struct tracee *tracee, enum chance chance, uint64_t address, size_t size)
{
	char bytes[256];

	while (size > 0) {
		size_t part = size < sizeof(bytes) ? size : sizeof(bytes);
		struct iovec from = {bytes, part}, to = {(void *)(uintptr_t)address, part};
		chance_fill(chance, (uint64_t)tracee->tid, tracee->drawn++, bytes, part);
		if (process_vm_writev(tracee->tid, &from, 1, &to, 1, 0) != (ssize_t)part)
			return;
		address += part;
		size -= part;
	}
}

void
tracee_draw(struct tracee *tracee, enum chance chance)
{
	int64_t result = 0;

	if (tracee_read_result(tracee, &result) == 0 && result > 0)
		draw_at(tracee, chance, tracee->argument[0], (size_t)result);
}

void
tracee_draw_first(struct tracee *tracee, enum chance chance)
{
	unsigned long auxiliary[2 * 64];
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", tracee->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	got = read(fd, auxiliary, sizeof(auxiliary));
	close(fd);
	for (ssize_t i = 0; i + 1 < got / (ssize_t)sizeof(auxiliary[0]); i += 2)
		if (auxiliary[i] == AT_RANDOM)
			draw_at(tracee, chance, auxiliary[i + 1], FIRST_BYTES);
}

const char *
tracee_comm(struct tracee *tracee)
{
	char path[64];
	ssize_t got;
	int fd;

	if (tracee->comm[0] != '\0')
		return tracee->comm;
	snprintf(path, sizeof(path), "/proc/%d/comm", tracee->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, tracee->comm, COMM_SIZE - 1);
	if (fd >= 0)
		close(fd);
	tracee->comm[got > 0 ? got - 1 : 0] = '\0';
	/* What parts names from paths and calls stays for that. */
	for (char *c = tracee->comm; *c != '\0'; c++)
		if (*c == '/' || *c == ':' || *c == ' ')
			*c = '_';
	if (tracee->comm[0] == '\0')
		strlcpy(tracee->comm, "?", COMM_SIZE);
	return tracee->comm;
}

/* Text of the job's; what it does not reach is not touched.  False: it is no path. */
static bool
read_text(int tid, uint64_t address, char *out, size_t size)
{
	size_t used = 0;

	while (used < size) {
		size_t part = VERSION_PAGE - (address + used) % VERSION_PAGE;
		struct iovec to, from;
		ssize_t got;
		if (part > size - used)
			part = size - used;
		to = (struct iovec){out + used, part};
		from = (struct iovec){(void *)(uintptr_t)(address + used), part};
		got = process_vm_readv(tid, &to, 1, &from, 1, 0);
		if (got <= 0)
			return false;
		if (memchr(out + used, '\0', (size_t)got) != NULL)
			return true;
		used += (size_t)got;
	}
	return false;
}

static bool
read_link(const char *path, char *out)
{
	ssize_t length = readlink(path, out, PATH_MAX - 1);

	out[length > 0 ? length : 0] = '\0';
	return length > 0;
}

/* Where a folder's descriptor leads, or the working directory. */
static bool
read_place(int tid, int fd, char *out)
{
	char path[64];

	if (fd == AT_FDCWD)
		snprintf(path, sizeof(path), "/proc/%d/cwd", tid);
	else
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, fd);
	return read_link(path, out);
}

/* The path without links on the way, if it leads anywhere. */
static bool
resolve(const char *path, bool follow, char *out)
{
	char self[64];
	int fd = open(path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
	bool found;

	if (fd < 0)
		return false;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	found = read_link(self, out);
	close(fd);
	return found;
}

/* Of a path that leads nowhere yet, its folder's. */
static bool
resolve_new(const char *path, char *out)
{
	char folder[PATH_MAX];
	const char *last;
	char *slash;

	strlcpy(folder, path, sizeof(folder));
	slash = folder + strlen(folder);
	while (slash > folder + 1 && slash[-1] == '/')
		*--slash = '\0';
	slash = strrchr(folder, '/');
	if (slash == NULL)
		return false;
	last = path + (slash - folder) + 1;
	slash[slash == folder] = '\0';
	if (!resolve(folder, true, out))
		return false;
	if (strcmp(out, "/") != 0)
		strlcat(out, "/", PATH_MAX);
	strlcat(out, last, PATH_MAX);
	for (size_t end = strlen(out); end > 1 && out[end - 1] == '/'; end--)
		out[end - 1] = '\0';
	return true;
}

/* Most calls do not say whether the last part may be a link; those that make or remove names never
 * follow one. */
static bool
follows(const struct call *call)
{
	return call->effect == EFFECT_OPEN || call->effect == EFFECT_SIZE ||
	       (call->effect == EFFECT_META && call->name[0] != 'l');
}

static bool
read_path(const struct tracee *tracee, int dir, uint64_t address, char *out)
{
	char text[PATH_MAX], whole[2 * PATH_MAX], place[PATH_MAX];
	int fd = dir == CALL_CWD ? AT_FDCWD : (int)tracee->argument[dir];

	if (address == 0 || !read_text(tracee->tid, address, text, sizeof(text)))
		return false;
	if (text[0] == '\0')
		return fd != AT_FDCWD && read_place(tracee->tid, fd, out);
	if (text[0] != '/') {
		if (!read_place(tracee->tid, fd, place))
			return false;
		snprintf(whole, sizeof(whole), "%s/%s", strcmp(place, "/") == 0 ? "" : place, text);
	} else {
		strlcpy(whole, text, sizeof(whole));
	}
	if (follows(tracee->call) && resolve(whole, true, out))
		return true;
	/* The usual case is that of a name in a folder that is already resolved. */
	if (text[0] != '/' && strchr(text, '/') == NULL && strcmp(text, ".") != 0 &&
	    strcmp(text, "..") != 0) {
		strlcpy(out, whole, PATH_MAX);
		return true;
	}
	return resolve_new(whole, out);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* A descriptor's file; what has lost its name is nobody's state. */
static bool
read_descriptor(const struct tracee *tracee, int number, char *out)
{
	return read_place(tracee->tid, (int)tracee->argument[number], out) && out[0] == '/' &&
	       !ends_with(out, DELETED);
}

static bool
aim(struct target *target, const struct world *world)
{
	target->layer = world_layer_of(world, target->path, &target->below);
	return target->layer >= 0;
}

bool
tracee_read_targets(struct tracee *tracee, const struct world *world)
{
	const struct call *call = tracee->call;
	bool ours = false;

	for (int i = 0; i < 2; i++) {
		struct target *target = &tracee->target[i];
		int path = call->at[i].path;
		bool found = path != CALL_NO && read_path(tracee, call->at[i].dir,
		                                          tracee->argument[path], target->path);
		if (!found && i == 0 && call->fd != CALL_NO)
			found = read_descriptor(tracee, call->fd, target->path);
		target->layer = -1;
		if (found)
			ours = aim(target, world) || ours;
		else
			target->path[0] = '\0';
	}
	return ours;
}

/* The number of a thread's process. */
static int
process_of(int tid)
{
	char path[64], line[64];
	int group = tid;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	status = fopen(path, "re");
	while (status != NULL && fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "Tgid: %d", &group) == 1)
			break;
	if (status != NULL)
		fclose(status);
	return group;
}

/* A descriptor of the job's as our own. */
static int
borrow(struct tracee *tracee, int fd)
{
	if (tracee->pidfd == 0)
		tracee->pidfd = pidfd_open(tracee->tid, 0);
	if (tracee->pidfd < 0)
		tracee->pidfd = pidfd_open(process_of(tracee->tid), 0);
	return tracee->pidfd < 0 ? -1 : pidfd_getfd(tracee->pidfd, fd, 0);
}

void
tracee_free(struct tracee *tracee)
{
	if (tracee->pidfd > 0)
		close(tracee->pidfd);
	free(tracee);
}

/* At the file's position, or behind its end: what has just been written ends there. */
static bool
written_at_position(struct tracee *tracee, int64_t result, bool has_offset, int64_t *from)
{
	int fd = borrow(tracee, (int)tracee->argument[tracee->call->fd]);
	struct stat status;
	int64_t end = -1;
	int flags;

	if (fd < 0)
		return false;
	flags = fcntl(fd, F_GETFL);
	if (flags >= 0 && (flags & O_APPEND) != 0 && fstat(fd, &status) == 0)
		end = status.st_size;
	else if (!has_offset)
		end = lseek(fd, 0, SEEK_CUR);
	close(fd);
	*from = end - result;
	return end >= result;
}

/* Where a call has moved its own offset on to. */
static bool
written_at_pointer(const struct tracee *tracee, uint64_t address, int64_t result, int64_t *from)
{
	struct iovec to = {from, sizeof(*from)},
		     there = {(void *)(uintptr_t)address, sizeof(*from)};

	if (process_vm_readv(tracee->tid, &to, 1, &there, 1, 0) != sizeof(*from))
		return false;
	*from -= result;
	return *from >= 0;
}

bool
tracee_written(struct tracee *tracee, int64_t result, int64_t *from)
{
	const struct call *call = tracee->call;
	uint64_t given = tracee->argument[call->offset.argument];

	if (call->offset.is_pointed && given != 0)
		return written_at_pointer(tracee, given, result, from);
	if (written_at_position(tracee, result, call->offset.is_given, from))
		return true;
	*from = (int64_t)given;
	return call->offset.is_given && *from >= 0;
}

bool
tracee_is_synced(struct tracee *tracee)
{
	const struct call *call = tracee->call;
	int fd, flags;

	if (strcmp(call->name, "pwritev2") == 0 &&
	    (tracee->argument[5] & (RWF_DSYNC | RWF_SYNC)) != 0)
		return true;
	fd = borrow(tracee, (int)tracee->argument[call->fd]);
	if (fd < 0)
		return false;
	flags = fcntl(fd, F_GETFL);
	close(fd);
	return flags >= 0 && (flags & O_DSYNC) != 0;
}

bool
tracee_is_running(const struct tracee *tracee)
{
	char path[64], text[256];
	const char *state;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", tracee->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	state = strrchr(text, ')');
	return state != NULL && state[1] == ' ' && state[2] == 'R';
}
