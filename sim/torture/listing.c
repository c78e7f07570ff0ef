/* SPDX-License-Identifier: ISC
 *
 * Reading and comparing trees.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/torture/listing.h"
#include "sim/torture/op.h"

#define KEPT_MAX (INT64_C(1) << 20)
#define ROOM_FIRST 64
#define PART 65536

static bool
read_file(struct listed *item, const char *path, struct arena *arena)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	XXH3_state_t *state = XXH3_createState();
	char part[PART], *keep = NULL;
	int64_t used = 0;
	ssize_t got = -1;

	if (fd >= 0 && item->size <= KEPT_MAX)
		keep = arena_take(arena, (size_t)item->size + 1);
	if (state != NULL)
		XXH3_64bits_reset(state);
	while (fd >= 0 && state != NULL && (got = read(fd, part, sizeof(part))) > 0) {
		XXH3_64bits_update(state, part, (size_t)got);
		if (keep != NULL && used + got <= item->size)
			memcpy(keep + used, part, (size_t)got);
		used += got;
	}
	if (state != NULL)
		item->sum = XXH3_64bits_digest(state);
	item->bytes = used == item->size ? keep : NULL;
	XXH3_freeState(state);
	if (fd >= 0)
		close(fd);
	return got == 0;
}

static struct listed *
add(struct listing *listing, struct arena *arena)
{
	uint32_t room = listing->room == 0 ? ROOM_FIRST : 2 * listing->room;
	struct listed *item;

	if (listing->count < listing->room)
		return &listing->item[listing->count++];
	item = arena_take(arena, room * sizeof(*item));
	if (item == NULL)
		return NULL;
	if (listing->count > 0)
		memcpy(item, listing->item, listing->count * sizeof(*item));
	listing->item = item;
	listing->room = room;
	return &listing->item[listing->count++];
}

static bool
list_entry(struct listing *listing, const FTSENT *entry, struct arena *arena)
{
	struct listed *item = add(listing, arena);
	char target[PATH_MAX];
	ssize_t length;

	if (item == NULL)
		return false;
	*item = (struct listed){.path = arena_text(arena, entry->fts_path),
	                        .mode = entry->fts_statp->st_mode,
	                        .size = entry->fts_statp->st_size};
	if (S_ISREG(item->mode)) {
		read_file(item, entry->fts_path, arena);
	} else if (S_ISLNK(item->mode)) {
		length = readlink(entry->fts_path, target, sizeof(target));
		item->sum = XXH3_64bits(target, length > 0 ? (size_t)length : 0);
	}
	if (!S_ISREG(item->mode))
		item->size = 0;
	return item->path != NULL;
}

static int
by_path(const void *one, const void *other)
{
	const struct listed *a = one, *b = other;

	return strcmp(a->path, b->path);
}

struct listing *
listing_read(const struct world *world, struct arena *arena)
{
	struct listing *listing = arena_take(arena, sizeof(*listing));
	char *paths[WORLD_WORKS + 1] = {NULL};
	bool good = listing != NULL;
	FTSENT *entry;
	FTS *tree;

	for (unsigned i = 0; i < world->works; i++)
		paths[i] = (char *)world->work[i];
	tree = good ? fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
	while (tree != NULL && good && (entry = fts_read(tree)) != NULL) {
		bool is_work = entry->fts_level == FTS_ROOTLEVEL;
		if (!is_work && entry->fts_info != FTS_DP && entry->fts_info != FTS_ERR &&
		    entry->fts_info != FTS_NS)
			good = list_entry(listing, entry, arena);
	}
	if (tree != NULL)
		fts_close(tree);
	if (!good || tree == NULL)
		return NULL;
	if (listing->count > 1)
		qsort(listing->item, listing->count, sizeof(*listing->item), by_path);
	return listing;
}

struct listed *
listing_find(const struct listing *listing, const char *path)
{
	struct listed wanted = {.path = path};

	if (listing->count == 0)
		return NULL;
	return bsearch(&wanted, listing->item, listing->count, sizeof(wanted), by_path);
}

bool
listed_equal(const struct listed *one, const struct listed *other)
{
	return one->mode == other->mode && one->size == other->size && one->sum == other->sum;
}

/* --- what is wrong with a file, in lines, as far as it has any */

struct lines {
	uint64_t *sum;
	size_t count;
};

static int
by_sum(const void *one, const void *other)
{
	const uint64_t *a = one, *b = other;

	return (*a > *b) - (*a < *b);
}

static bool
read_lines(struct lines *lines, const struct listed *item)
{
	const char *at = item->bytes, *end = at + item->size;

	lines->count = 0;
	lines->sum = calloc((size_t)item->size + 1, sizeof(*lines->sum));
	while (lines->sum != NULL && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((stop == NULL ? end : stop) - at);
		if (memchr(at, '\0', length) != NULL)
			return false;
		lines->sum[lines->count++] = XXH3_64bits(at, length);
		at += length + 1;
	}
	if (lines->count > 1)
		qsort(lines->sum, lines->count, sizeof(*lines->sum), by_sum);
	return lines->sum != NULL;
}

/* How many lines there are more, and fewer, than there should be. */
static void
compare_lines(const struct lines *wanted, const struct lines *now, size_t *lost, size_t *more)
{
	size_t i = 0, j = 0;

	*lost = *more = 0;
	while (i < wanted->count || j < now->count) {
		if (j == now->count || (i < wanted->count && wanted->sum[i] < now->sum[j])) {
			++*lost;
			i++;
		} else if (i == wanted->count || now->sum[j] < wanted->sum[i]) {
			++*more;
			j++;
		} else {
			i++;
			j++;
		}
	}
}

static bool
tell_lines(const struct listed *wanted, const struct listed *now, char *out, size_t size)
{
	struct lines want = {NULL, 0}, have = {NULL, 0};
	size_t lost, more;
	bool told = wanted->bytes != NULL && now->bytes != NULL && read_lines(&want, wanted) &&
	            read_lines(&have, now) && want.count > 1;

	if (told) {
		compare_lines(&want, &have, &lost, &more);
		snprintf(out, size, "want %zu lines, have %zu", want.count, have.count);
		if (lost > 0)
			snprintf(out + strlen(out), size - strlen(out), ", lost %zu", lost);
		if (more > 0)
			snprintf(out + strlen(out), size - strlen(out), ", doubled or wrong %zu",
			         more);
		if (lost + more == 0)
			strlcat(out, ", in another order", size);
	}
	free(want.sum);
	free(have.sum);
	return told;
}

static void
tell_wrong(const struct world *world, const struct listed *wanted, const struct listed *now,
           char *out, size_t size)
{
	char lines[128];
	const char *shown = world_shown(world, wanted->path);

	if (now == NULL)
		snprintf(out, size, "%s is missing", shown);
	else if (S_ISREG(now->mode) && S_ISREG(wanted->mode) && now->sum != wanted->sum &&
	         tell_lines(wanted, now, lines, sizeof(lines)))
		snprintf(out, size, "%s: %s", shown, lines);
	else if (now->size != wanted->size)
		snprintf(out, size, "%s: want %lld bytes, have %lld", shown,
		         (long long)wanted->size, (long long)now->size);
	else if (now->sum != wanted->sum)
		snprintf(out, size, "%s: other bytes", shown);
	else
		snprintf(out, size, "%s: want mode %o, have %o", shown, wanted->mode, now->mode);
}

static bool
is_among(const struct world *world, const char *const *same, const char *path)
{
	char whole[2 * PATH_MAX];

	for (; same != NULL && *same != NULL; same++) {
		snprintf(whole, sizeof(whole), "%s/%s", world->cwd, *same);
		if (strcmp(**same == '/' ? *same : whole, path) == 0)
			return true;
	}
	return false;
}

/* Is it named like one whose name is another each time? */
static bool
is_loose_kind(const struct listing *wanted, const char *path)
{
	char class[OP_NAME_SIZE], other[OP_NAME_SIZE];

	op_class(class, path);
	for (uint32_t i = 0; i < wanted->count; i++) {
		if (!wanted->item[i].is_loose)
			continue;
		op_class(other, wanted->item[i].path);
		if (strcmp(class, other) == 0)
			return true;
	}
	return false;
}

static void
tell_extra(const struct world *world, const struct listed *item, struct difference *difference)
{
	size_t used = strlen(difference->litter);

	if (difference->extra++ < 3)
		snprintf(difference->litter + used, DIFFERENCE_SIZE - used, "%s%s",
		         used > 0 ? ", " : "", world_shown(world, item->path));
}

void
listing_compare(const struct world *world, const struct listing *wanted, const struct listing *now,
                const char *const *same, struct difference *difference)
{
	bool few = same != NULL && *same != NULL;

	memset(difference, 0, sizeof(*difference));
	for (uint32_t i = 0; i < wanted->count; i++) {
		const struct listed *want = &wanted->item[i], *have = listing_find(now, want->path);
		if (want->is_loose || (few && !is_among(world, same, want->path)) ||
		    (have != NULL && listed_equal(want, have)))
			continue;
		if (difference->wrong++ == 0)
			tell_wrong(world, want, have, difference->what, DIFFERENCE_SIZE);
	}
	for (uint32_t i = 0; !few && i < now->count; i++)
		if (listing_find(wanted, now->item[i].path) == NULL &&
		    !is_loose_kind(wanted, now->item[i].path))
			tell_extra(world, &now->item[i], difference);
}
