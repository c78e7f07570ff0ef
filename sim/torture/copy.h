/* SPDX-License-Identifier: ISC
 *
 * Copies of folders, as plain files.
 */
#ifndef SIM_TORTURE_COPY_H
#define SIM_TORTURE_COPY_H

/* Copies what is in one folder, all the way down, into another, which is empty: files, folders,
 * links, their modes and times.  0 or -errno. */
int copy_tree(int from, int to);

#endif
