/* SPDX-License-Identifier: ISC
 *
 * After a power loss: the journal of what was not synced, walked backwards.  A sync makes a prefix
 * of its file's or folder's entries durable, so what is taken back of each is a suffix, and comes
 * out as it was when the last sync of it began.  Only a sync that failed leaves older bytes that
 * are gone below newer ones that are durable.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/disk/unsynced.h"
#include "sim/disk/unsynced_file.h"
#include "sim/rundir/rundir.h"

/* Up to where a file or folder is durable. */
struct durable {
	uint64_t inode, until;
};

/* Bytes of a file that stay, and names of a folder that do. */
struct stays {
	uint64_t inode, offset, end;
};
struct name_stays {
	uint64_t folder;
	char name[UNSYNCED_NAME_MAX];
};

struct undo {
	const char *run;
	int root, out; /* the folders that names are in */
	uint64_t root_inode, out_inode;
	const char *journal;
	uint64_t end;
	size_t size;     /* of the map */
	uint64_t *place; /* of each entry */
	size_t count;
	struct durable *durable;
	size_t durables;
	struct stays *stay;
	size_t stays;
	struct name_stays *name_stay;
	size_t name_stays;
	struct unsynced_loss *loss;
};

static int
open_folder(const char *run, const char *name, uint64_t *inode)
{
	char path[PATH_MAX];
	struct stat status;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", run, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) != 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	*inode = status.st_ino;
	return fd;
}

static int
map_journal(struct undo *undo)
{
	const struct unsynced_head *head;
	char path[PATH_MAX];
	struct stat status;
	void *memory = MAP_FAILED;
	int fd = open(unsynced_path(undo->run, UNSYNCED_JOURNAL, path), O_RDONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) == 0 && status.st_size >= (off_t)sizeof(*head))
		memory = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	error = memory == MAP_FAILED ? -EBADMSG : 0;
	close(fd);
	if (error != 0)
		return error;
	head = memory;
	undo->journal = memory;
	undo->size = (size_t)status.st_size;
	undo->end = head->end;
	if (memcmp(head->magic, UNSYNCED_MAGIC, sizeof(head->magic)) != 0 ||
	    head->end > (uint64_t)status.st_size)
		return -EBADMSG;
	return 0;
}

static struct unsynced_entry
entry_at(const struct undo *undo, uint64_t place)
{
	struct unsynced_entry entry;

	memcpy(&entry, undo->journal + place, sizeof(entry)); /* not aligned */
	return entry;
}

static int
find_entries(struct undo *undo)
{
	uint64_t place = sizeof(struct unsynced_head);
	size_t room = (undo->end - place) / sizeof(struct unsynced_entry) + 1;

	undo->place = reallocarray(NULL, room, sizeof(*undo->place));
	undo->durable = reallocarray(NULL, room, sizeof(*undo->durable));
	undo->stay = reallocarray(NULL, room, sizeof(*undo->stay));
	undo->name_stay = reallocarray(NULL, 2 * room, sizeof(*undo->name_stay));
	if (undo->place == NULL || undo->durable == NULL || undo->stay == NULL ||
	    undo->name_stay == NULL)
		return -ENOMEM;
	while (place < undo->end) {
		struct unsynced_entry entry;
		if (place + sizeof(entry) > undo->end)
			return -EBADMSG;
		entry = entry_at(undo, place);
		if (place + sizeof(entry) + entry.length > undo->end)
			return -EBADMSG;
		undo->place[undo->count++] = place;
		place += sizeof(entry) + entry.length;
	}
	return 0;
}

static void
note_sync(struct undo *undo, uint64_t inode, uint64_t until)
{
	size_t i = 0;

	while (i < undo->durables && undo->durable[i].inode != inode)
		i++;
	if (i == undo->durables)
		undo->durable[undo->durables++] = (struct durable){.inode = inode};
	if (until > undo->durable[i].until)
		undo->durable[i].until = until;
}

/* Of what was entered before, no sync that came later says anything. */
static void
note_failed(struct undo *undo, uint64_t inode)
{
	for (size_t i = 0; i < undo->durables; i++)
		if (undo->durable[i].inode == inode)
			undo->durable[i].until = 0;
}

static bool
is_durable(const struct undo *undo, uint64_t inode, uint64_t place)
{
	for (size_t i = 0; i < undo->durables; i++)
		if (undo->durable[i].inode == inode)
			return place < undo->durable[i].until;
	return false;
}

/* Puts into old[length] what stays of the bytes there; *size: how long the file must remain. */
static int
keep_what_stays(const struct undo *undo, int fd, const struct unsynced_entry *entry, char *old,
                uint64_t length, uint64_t *size)
{
	for (size_t i = 0; i < undo->stays; i++) {
		uint64_t from = undo->stay[i].offset, to = undo->stay[i].end;
		if (undo->stay[i].inode != entry->inode)
			continue;
		*size = to > *size ? to : *size;
		from = from > entry->offset ? from : entry->offset;
		to = to < entry->offset + length ? to : entry->offset + length;
		if (from < to && pread(fd, old + (from - entry->offset), to - from, (off_t)from) !=
		                     (ssize_t)(to - from))
			return -EIO;
	}
	return 0;
}

/* What was there before; zeros where the file only was as long because of it. */
static int
put_back(const struct undo *undo, int fd, const struct unsynced_entry *entry, const char *bytes)
{
	uint64_t length = entry->length > entry->written ? entry->length : entry->written;
	uint64_t size = entry->size;
	char *old = calloc(1, length + 1);
	int error;

	if (old == NULL)
		return -ENOMEM;
	memcpy(old, bytes, entry->length);
	error = keep_what_stays(undo, fd, entry, old, length, &size);
	if (error == 0 && pwrite(fd, old, length, (off_t)entry->offset) != (ssize_t)length)
		error = -EIO;
	if (error == 0 && ftruncate(fd, (off_t)size) != 0)
		error = -errno;
	free(old);
	return error;
}

static int
undo_bytes(struct undo *undo, const struct unsynced_entry *entry, const char *bytes)
{
	char path[PATH_MAX];
	int fd = open(unsynced_kept(undo->run, entry->inode, path), O_RDWR | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = put_back(undo, fd, entry, bytes);
	close(fd);
	undo->loss->bytes += entry->written;
	return error;
}

static int
remove_name(int folder, const char *name)
{
	return unlinkat(folder, name, 0) == 0 || errno == ENOENT ? 0 : -errno;
}

static int
give_name(const struct undo *undo, int folder, const char *name, uint64_t inode)
{
	char path[PATH_MAX];

	if (linkat(AT_FDCWD, unsynced_kept(undo->run, inode, path), folder, name, 0) == 0 ||
	    errno == EEXIST)
		return 0;
	return -errno;
}

static void
name_stays(struct undo *undo, uint64_t folder, const char *name)
{
	struct name_stays *stay = &undo->name_stay[undo->name_stays++];

	stay->folder = folder;
	strlcpy(stay->name, name, sizeof(stay->name));
}

static bool
does_stay(const struct undo *undo, uint64_t folder, const char *name)
{
	for (size_t i = 0; i < undo->name_stays; i++)
		if (undo->name_stay[i].folder == folder &&
		    strcmp(undo->name_stay[i].name, name) == 0)
			return true;
	return false;
}

/* The name is again that of this file, or, inode 0, of none. */
static int
put_name_back(const struct undo *undo, const struct unsynced_entry *entry, const char *name,
              uint64_t inode)
{
	int folder = entry->folder == undo->out_inode ? undo->out : undo->root;
	int error;

	if (does_stay(undo, entry->folder, name))
		return 0;
	error = remove_name(folder, name);
	return error == 0 && inode != 0 ? give_name(undo, folder, name, inode) : error;
}

static int
undo_name(struct undo *undo, const struct unsynced_entry *entry)
{
	int error;

	undo->loss->names++;
	switch ((enum unsynced_kind)entry->kind) {
	case UNSYNCED_REMOVE:
		return put_name_back(undo, entry, entry->name, entry->inode);
	case UNSYNCED_RENAME:
		error = put_name_back(undo, entry, entry->name, entry->replaced);
		return error != 0 ? error : put_name_back(undo, entry, entry->from, entry->inode);
	default:
		return put_name_back(undo, entry, entry->name, 0);
	}
}

/* 0 with the name's entry undone, or noted as one that stays. */
static int
undo_name_unless_durable(struct undo *undo, const struct unsynced_entry *entry, uint64_t place)
{
	if (!is_durable(undo, entry->folder, place))
		return undo_name(undo, entry);
	name_stays(undo, entry->folder, entry->name);
	if (entry->kind == UNSYNCED_RENAME)
		name_stays(undo, entry->folder, entry->from);
	return 0;
}

static int
undo_entry(struct undo *undo, uint64_t place)
{
	struct unsynced_entry entry = entry_at(undo, place);

	switch ((enum unsynced_kind)entry.kind) {
	case UNSYNCED_SYNC:
		note_sync(undo, entry.inode, entry.until);
		return 0;
	case UNSYNCED_FAILED:
		note_failed(undo, entry.inode);
		return 0;
	case UNSYNCED_BYTES:
		if (is_durable(undo, entry.inode, place)) {
			undo->stay[undo->stays++] =
			    (struct stays){entry.inode, entry.offset, entry.offset + entry.written};
			return 0;
		}
		return undo_bytes(undo, &entry, undo->journal + place + sizeof(entry));
	case UNSYNCED_CREATE:
	case UNSYNCED_REMOVE:
	case UNSYNCED_RENAME:
		return undo_name_unless_durable(undo, &entry, place);
	}
	return -EBADMSG;
}

static int
undo_all(struct undo *undo)
{
	int error = map_journal(undo);

	if (error == 0)
		error = find_entries(undo);
	for (size_t i = undo->count; error == 0 && i > 0; i--)
		error = undo_entry(undo, undo->place[i - 1]);
	/* The index of SQLite's log is memory that has the form of a file. */
	if (error == 0)
		error = remove_name(undo->root, RUN_DB "-shm");
	return error;
}

int
unsynced_undo(const char *run, struct unsynced_loss *loss)
{
	struct undo undo = {.run = run, .loss = loss, .out = -1};
	int error = 0;

	memset(loss, 0, sizeof(*loss));
	undo.root = open_folder(run, "", &undo.root_inode);
	if (undo.root >= 0)
		undo.out = open_folder(run, RUN_OUT, &undo.out_inode);
	if (undo.root < 0 || undo.out < 0)
		error = undo.root < 0 ? undo.root : undo.out;
	if (error == 0)
		error = undo_all(&undo);
	if (undo.root >= 0)
		close(undo.root);
	if (undo.out >= 0)
		close(undo.out);
	if (undo.journal != NULL)
		munmap((void *)undo.journal, undo.size);
	free(undo.place);
	free(undo.durable);
	free(undo.stay);
	free(undo.name_stay);
	return error;
}
