/* SPDX-License-Identifier: ISC
 *
 * Documents that are written whole or not at all.
 */
#ifndef SIM_UTIL_SAVE_H
#define SIM_UTIL_SAVE_H

#include <stdio.h>

/* Writes a document; 0 or -errno.  Whether it got into the file is in the FILE. */
typedef int save_write(const void *document, FILE *out);

/* Has write() write the file at path, whole or not at all; "-" is standard output.  0 or -errno. */
int save_file(const char *path, save_write *write, const void *document);
/* The same by way of a file that the caller names: one that is killed leaves at most this, and it
 * is used again. */
int save_file_beside(const char *path, const char *beside, save_write *write, const void *document);

#endif
