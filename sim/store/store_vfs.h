/* SPDX-License-Identifier: ISC
 *
 * The store's way to the disk: SQLite's own (its default VFS), with the points store.write and
 * store.sync before the calls, the faults that may happen to them, and the journal of what is not
 * synced while a run has one.
 */
#ifndef SIM_STORE_STORE_VFS_H
#define SIM_STORE_STORE_VFS_H

/* Registers it, once in a process.  Its name for sqlite3_open_v2, or NULL without memory. */
const char *store_vfs(void);

#endif
