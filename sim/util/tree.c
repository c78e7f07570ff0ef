/* SPDX-License-Identifier: ISC
 *
 * Folders with all that is in them.
 */
#include <fts.h>
#include <stddef.h>
#include <unistd.h>

#include "sim/util/tree.h"

void
tree_remove(char *path)
{
	char *paths[] = {path, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	while (tree != NULL && (entry = fts_read(tree)) != NULL) {
		if (entry->fts_info == FTS_DP)
			rmdir(entry->fts_path);
		else if (entry->fts_info != FTS_D)
			unlink(entry->fts_path);
	}
	if (tree != NULL)
		fts_close(tree);
}
