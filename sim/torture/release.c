/* SPDX-License-Identifier: ISC
 *
 * The kernel gives a read lease on a file only while nobody has it open for writing: one that it
 * gives is given back at once.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/torture/release.h"

static bool
is_new(const struct versions *versions, const struct node *node)
{
	const struct meta *meta = node->meta;

	while (meta->before != NULL)
		meta = meta->before;
	return meta->version == versions->version;
}

void
release_begin(struct record *record, const struct node *node)
{
	struct release *release;

	if (node == NULL || node->meta == NULL || !S_ISREG(node->meta->mode) ||
	    node->meta->size != 0 || is_new(record->versions, node))
		return;
	release = arena_take(record->versions->arena, sizeof(*release));
	if (release == NULL)
		return;
	release->node = node;
	release->before = record->release;
	record->release = release;
}

static bool
is_open(const struct versions *versions, const struct node *node)
{
	bool refused;
	int fd;

	if (node->names == NULL)
		return false;
	fd = openat(versions->fd[node->layer], node->names->path,
	            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return true;
	refused = fcntl(fd, F_SETLEASE, F_RDLCK) != 0;
	if (!refused)
		fcntl(fd, F_SETLEASE, F_UNLCK);
	close(fd);
	return refused;
}

void
release_look(struct record *record)
{
	for (struct release *release = record->release; release != NULL; release = release->before)
		if (release->version == 0 && !is_open(record->versions, release->node))
			release->version = record->versions->version;
}
