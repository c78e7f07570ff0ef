/* SPDX-License-Identifier: ISC
 *
 * Folders with all that is in them.
 */
#ifndef SIM_UTIL_TREE_H
#define SIM_UTIL_TREE_H

/* Removes a folder and everything below it, as far as it can; links are not followed. */
void tree_remove(char *path);

#endif
