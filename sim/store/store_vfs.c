/* SPDX-License-Identifier: ISC
 *
 * The shim: every method hands on to the default VFS; writing, truncating, syncing, making and
 * removing files do something more.
 *
 * A short write cannot be told to SQLite: its own VFS goes on with the rest until nothing more is
 * taken, and then says that the disk is full.  That is what it hears of FAULT_SHORT here.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/disk/unsynced.h"
#include "sim/fault/fault.h"
#include "sim/store/store_vfs.h"

#define OURS (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)

struct shim {
	sqlite3_file base;
	sqlite3_file *real;
	bool ours; /* the database, its log or its journal: no temporary file of a statement */
	/* Entered in the journal of what is not synced: */
	bool entered;
	bool sync_folder; /* its first sync also syncs its folder, says os_unix.c of logs */
	uint64_t inode, folder;
};

static int last_errno; /* of the last call that was made to fail; 0 = ask the real VFS */

static sqlite3_vfs *
real_vfs(void)
{
	return sqlite3_vfs_find("unix");
}

static struct shim *
shim_of(sqlite3_file *file)
{
	return (struct shim *)file;
}

static int
fail_with(int error, int otherwise)
{
	if (error == ENOSPC || error == EDQUOT)
		return SQLITE_FULL;
	last_errno = error;
	return otherwise;
}

/* --- the journal of what is not synced */

/* What is there now of what a change will replace. */
static int
read_old(struct shim *shim, struct unsynced_entry *entry, void **old)
{
	sqlite3_int64 size, rest;
	int code = shim->real->pMethods->xFileSize(shim->real, &size);

	if (code != SQLITE_OK)
		return code;
	entry->size = (uint64_t)size;
	rest = size - (sqlite3_int64)entry->offset;
	if (rest <= 0) {
		entry->length = 0;
		return SQLITE_OK;
	}
	if ((sqlite3_int64)entry->length > rest)
		entry->length = (uint32_t)rest;
	*old = malloc(entry->length);
	if (*old == NULL)
		return SQLITE_NOMEM;
	return shim->real->pMethods->xRead(shim->real, *old, (int)entry->length,
	                                   (sqlite3_int64)entry->offset);
}

/* Enters a change of the bytes from `offset` on, `length` of them.  The lock, which is held until
 * the change is made, or -1 with *code. */
static int
enter_bytes(struct shim *shim, uint64_t offset, uint64_t length, uint64_t written, int *code)
{
	struct unsynced_entry entry = {.kind = UNSYNCED_BYTES,
	                               .inode = shim->inode,
	                               .offset = offset,
	                               .length = (uint32_t)length,
	                               .written = written};
	void *old = NULL;
	int lock = unsynced_lock();

	*code = lock < 0 ? SQLITE_IOERR : read_old(shim, &entry, &old);
	if (*code == SQLITE_OK && unsynced_add(lock, &entry, old) != 0)
		*code = SQLITE_IOERR;
	free(old);
	if (*code == SQLITE_OK)
		return lock;
	unsynced_unlock(lock);
	return -1;
}

static bool
split_path(const char *path, char folder[PATH_MAX], const char **name)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash - path >= PATH_MAX)
		return false;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	*name = slash + 1;
	return true;
}

/* Is it one of the run's files whose changes are entered?  Then its folder's inode and its name. */
static bool
is_entered(const char *path, uint64_t *folder_inode, const char **name)
{
	char folder[PATH_MAX];
	struct stat status;

	if (unsynced_run() == NULL || path == NULL || !split_path(path, folder, name) ||
	    strcmp(folder, unsynced_run()) != 0 || stat(folder, &status) != 0)
		return false;
	*folder_inode = status.st_ino;
	return true;
}

static uint64_t
inode_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_ino : 0;
}

static int
enter_name(int lock, enum unsynced_kind kind, uint64_t inode, uint64_t folder, const char *name)
{
	struct unsynced_entry entry = {.kind = kind, .inode = inode, .folder = folder};

	strlcpy(entry.name, name, sizeof(entry.name));
	return unsynced_add(lock, &entry, NULL);
}

/* --- methods of files */

static int
shim_close(sqlite3_file *file)
{
	struct shim *shim = shim_of(file);
	int code = shim->real->pMethods->xClose(shim->real);

	free(shim->real);
	shim->real = NULL;
	return code;
}

static int
shim_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xRead(real, bytes, length, offset);
}

static int
write_entered(struct shim *shim, const void *bytes, int length, sqlite3_int64 offset)
{
	int lock = -1, code = SQLITE_OK;

	if (shim->entered)
		lock =
		    enter_bytes(shim, (uint64_t)offset, (uint64_t)length, (uint64_t)length, &code);
	if (code == SQLITE_OK)
		code = shim->real->pMethods->xWrite(shim->real, bytes, length, offset);
	unsynced_unlock(lock);
	return code;
}

static int
hurt_write(struct shim *shim, const struct fault *fault, const void *bytes, int length,
           sqlite3_int64 offset)
{
	int code;

	if (fault->what == FAULT_FAIL) {
		fault_call_landed(fault, (uint64_t)offset, (uint64_t)length);
		return fail_with(fault->error, SQLITE_IOERR_WRITE);
	}
	code = write_entered(shim, bytes, length / 2, offset);
	if (fault->what == FAULT_TEAR)
		fault_call_die(fault, (uint64_t)offset, (uint64_t)length);
	if (code != SQLITE_OK)
		return code;
	fault_call_landed(fault, (uint64_t)offset, (uint64_t)length);
	return fail_with(ENOSPC, SQLITE_FULL);
}

static int
shim_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
	struct shim *shim = shim_of(file);
	const struct fault *fault = shim->ours ? point_reach_call(POINT_STORE_WRITE) : NULL;

	return fault == NULL ? write_entered(shim, bytes, length, offset)
	                     : hurt_write(shim, fault, bytes, length, offset);
}

static int
shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct shim *shim = shim_of(file);
	int lock = -1, code = SQLITE_OK;

	if (shim->entered)
		lock = enter_bytes(shim, (uint64_t)size, UINT32_MAX, 0, &code);
	if (code == SQLITE_OK)
		code = shim->real->pMethods->xTruncate(shim->real, size);
	unsynced_unlock(lock);
	return code;
}

static int
sync_entered(struct shim *shim, int flags)
{
	int lock = unsynced_lock(), code;
	uint64_t until;

	if (lock < 0)
		return SQLITE_IOERR_FSYNC;
	until = unsynced_position(lock);
	unsynced_unlock(lock);
	code = shim->real->pMethods->xSync(shim->real, flags);
	if (code == SQLITE_OK && unsynced_synced(shim->inode, until) != 0)
		code = SQLITE_IOERR_FSYNC;
	if (code == SQLITE_OK && shim->sync_folder) {
		shim->sync_folder = false;
		if (unsynced_synced(shim->folder, until) != 0)
			code = SQLITE_IOERR_FSYNC;
	}
	return code;
}

static int
shim_sync(sqlite3_file *file, int flags)
{
	struct shim *shim = shim_of(file);
	const struct fault *fault = shim->ours ? point_reach_call(POINT_STORE_SYNC) : NULL;

	if (fault != NULL && fault->what == FAULT_FAIL) {
		fault_call_landed(fault, 0, 0);
		if (shim->entered)
			unsynced_failed(shim->inode);
		return fail_with(fault->error, SQLITE_IOERR_FSYNC);
	}
	if (shim->entered)
		return sync_entered(shim, flags);
	return shim->real->pMethods->xSync(shim->real, flags);
}

static int
shim_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xFileSize(real, size);
}

static int
shim_lock(sqlite3_file *file, int level)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xLock(real, level);
}

static int
shim_unlock(sqlite3_file *file, int level)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xUnlock(real, level);
}

static int
shim_check_reserved_lock(sqlite3_file *file, int *held)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xCheckReservedLock(real, held);
}

static int
shim_file_control(sqlite3_file *file, int operation, void *argument)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xFileControl(real, operation, argument);
}

static int
shim_sector_size(sqlite3_file *file)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xSectorSize(real);
}

static int
shim_device_characteristics(sqlite3_file *file)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xDeviceCharacteristics(real);
}

static int
shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xShmMap(real, page, size, extend, memory);
}

static int
shim_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xShmLock(real, offset, count, flags);
}

static void
shim_shm_barrier(sqlite3_file *file)
{
	sqlite3_file *real = shim_of(file)->real;

	real->pMethods->xShmBarrier(real);
}

static int
shim_shm_unmap(sqlite3_file *file, int delete)
{
	sqlite3_file *real = shim_of(file)->real;

	return real->pMethods->xShmUnmap(real, delete);
}

/* Version 2: without xFetch, so that no page is written by way of memory. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_file_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_check_reserved_lock,
    .xFileControl = shim_file_control,
    .xSectorSize = shim_sector_size,
    .xDeviceCharacteristics = shim_device_characteristics,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

/* --- methods of the VFS */

static int
open_real(struct shim *shim, const char *path, int flags, int *out_flags)
{
	sqlite3_vfs *real = real_vfs();
	int code;

	shim->real = calloc(1, (size_t)real->szOsFile);
	if (shim->real == NULL)
		return SQLITE_NOMEM;
	code = real->xOpen(real, path, shim->real, flags, out_flags);
	if (code != SQLITE_OK) {
		free(shim->real);
		shim->real = NULL;
	}
	return code;
}

static int
open_entered(struct shim *shim, const char *path, const char *name, int flags, int *out_flags)
{
	int lock = unsynced_lock(), code;
	bool was_there;

	if (lock < 0)
		return SQLITE_CANTOPEN;
	was_there = inode_of(path) != 0;
	code = open_real(shim, path, flags, out_flags);
	if (code == SQLITE_OK) {
		shim->inode = inode_of(path);
		if (unsynced_keep(AT_FDCWD, path, shim->inode) != 0 ||
		    (!was_there &&
		     enter_name(lock, UNSYNCED_CREATE, shim->inode, shim->folder, name) != 0)) {
			shim_close(&shim->base);
			code = SQLITE_CANTOPEN;
		}
	}
	unsynced_unlock(lock);
	return code;
}

static int
shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
	struct shim *shim = shim_of(file);
	const char *name;
	int code;

	memset(shim, 0, sizeof(*shim));
	shim->ours = (flags & OURS) != 0;
	shim->entered = shim->ours && is_entered(path, &shim->folder, &name);
	shim->sync_folder = (flags & SQLITE_OPEN_CREATE) != 0 &&
	                    (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
	code = shim->entered ? open_entered(shim, path, name, flags, out_flags)
	                     : open_real(shim, path, flags, out_flags);
	if (code == SQLITE_OK)
		shim->base.pMethods = &methods;
	return code;
}

static int
delete_entered(const char *path, const char *name, uint64_t folder, int sync_folder)
{
	sqlite3_vfs *real = real_vfs();
	uint64_t inode, until;
	int lock = unsynced_lock(), code = SQLITE_OK;

	if (lock < 0)
		return SQLITE_IOERR_DELETE;
	inode = inode_of(path);
	if (inode != 0 && (unsynced_keep(AT_FDCWD, path, inode) != 0 ||
	                   enter_name(lock, UNSYNCED_REMOVE, inode, folder, name) != 0))
		code = SQLITE_IOERR_DELETE;
	until = unsynced_position(lock);
	if (code == SQLITE_OK)
		code = real->xDelete(real, path, sync_folder);
	unsynced_unlock(lock);
	if (code == SQLITE_OK && sync_folder && unsynced_synced(folder, until) != 0)
		code = SQLITE_IOERR_DIR_FSYNC;
	return code;
}

static int
shim_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	sqlite3_vfs *real = real_vfs();
	const char *name;
	uint64_t folder;

	if (is_entered(path, &folder, &name))
		return delete_entered(path, name, folder, sync_folder);
	return real->xDelete(real, path, sync_folder);
}

static int
shim_last_error(sqlite3_vfs *vfs, int size, char *text)
{
	sqlite3_vfs *real = real_vfs();
	int error = last_errno;

	last_errno = 0;
	return error != 0 ? error : real->xGetLastError(real, size, text);
}

const char *
store_vfs(void)
{
	static sqlite3_vfs vfs; /* all that is not ours is the default's own */

	if (vfs.zName != NULL)
		return vfs.zName;
	if (sqlite3_initialize() != SQLITE_OK || real_vfs() == NULL)
		return NULL;
	vfs = *real_vfs();
	vfs.pNext = NULL;
	vfs.zName = "graveshift";
	vfs.szOsFile = sizeof(struct shim);
	vfs.xOpen = shim_open;
	vfs.xDelete = shim_delete;
	vfs.xGetLastError = shim_last_error;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		vfs.zName = NULL;
	return vfs.zName;
}
