/* SPDX-License-Identifier: ISC
 *
 * Recording: what a path is now is compared with what it was, and what differs is kept.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/torture/versions.h"
#include "sim/util/plant.h"

#define ATTRIBUTES_MAX 65536
#define BLOCKS_FIRST 16

struct versions *
versions_new(struct arena *arena, unsigned layers)
{
	struct versions *versions = arena_take(arena, sizeof(*versions));

	if (versions == NULL)
		return NULL;
	versions->arena = arena;
	versions->layers = layers;
	versions->last = &versions->first;
	for (unsigned i = 0; i < VERSION_LAYERS; i++)
		versions->fd[i] = versions->host[i] = -1;
	return versions;
}

static void *
take(struct versions *versions, size_t size)
{
	void *taken = versions->full ? NULL : arena_take(versions->arena, size);

	if (taken == NULL)
		versions->full = true;
	return taken;
}

/* --- sums */

uint64_t
version_mix(uint64_t one, uint64_t other)
{
	uint64_t both[2] = {one, other};

	return XXH3_64bits(both, sizeof(both));
}

static uint64_t
path_key(unsigned layer, const char *path)
{
	return XXH3_64bits_withSeed(path, strlen(path), layer);
}

/* What an entry adds to the sum; a name that nobody has adds nothing. */
static void
retell(struct versions *versions, struct entry *entry)
{
	const struct node *node = entry->claim != NULL ? entry->claim->node : NULL;
	uint64_t term = 0;

	if (node != NULL && node->meta != NULL)
		term = version_mix(entry->key, version_mix(node->sum, node->meta->sum));
	if (planted("torture-path-not-summed") && strstr(entry->path, "mark") != NULL)
		term = 0;
	versions->sum ^= entry->term ^ term;
	entry->term = term;
}

static void
retell_names(struct versions *versions, const struct node *node)
{
	for (struct entry *entry = node->names; entry != NULL; entry = entry->next_name)
		retell(versions, entry);
}

/* --- entries and nodes */

static struct entry *
find_entry(const struct versions *versions, unsigned layer, const char *path, uint64_t key)
{
	struct entry *entry = versions->entry[key % VERSION_BUCKETS];

	while (entry != NULL &&
	       (entry->key != key || entry->layer != layer || strcmp(entry->path, path) != 0))
		entry = entry->next;
	return entry;
}

static struct entry *
entry_at(struct versions *versions, unsigned layer, const char *path)
{
	uint64_t key = path_key(layer, path);
	struct entry *entry = find_entry(versions, layer, path, key);
	size_t size = strlen(path) + 1;

	if (entry != NULL)
		return entry;
	entry = take(versions, sizeof(*entry) + size);
	if (entry == NULL)
		return NULL;
	memcpy(entry->path, path, size);
	entry->layer = layer;
	entry->key = key;
	entry->next = versions->entry[key % VERSION_BUCKETS];
	versions->entry[key % VERSION_BUCKETS] = entry;
	*versions->last = entry;
	versions->last = &entry->after;
	return entry;
}

struct entry *
versions_entry(const struct versions *versions, unsigned layer, const char *path)
{
	return find_entry(versions, layer, path, path_key(layer, path));
}

struct node *
versions_find(const struct versions *versions, unsigned layer, const char *path)
{
	const struct entry *entry = versions_entry(versions, layer, path);

	return entry == NULL || entry->claim == NULL ? NULL : entry->claim->node;
}

static struct node **
bucket_of(struct versions *versions, unsigned layer, uint64_t inode)
{
	return &versions->node[version_mix(layer, inode) % VERSION_BUCKETS];
}

static struct node *
node_at(struct versions *versions, unsigned layer, uint64_t inode)
{
	struct node **bucket = bucket_of(versions, layer, inode), *node = *bucket;

	while (node != NULL && (node->inode != inode || node->layer != layer))
		node = node->next;
	if (node != NULL)
		return node;
	node = take(versions, sizeof(*node));
	if (node == NULL)
		return NULL;
	node->inode = inode;
	node->layer = layer;
	node->number = versions->nodes++;
	node->next = *bucket;
	*bucket = node;
	return node;
}

/* Its number may soon be another file's. */
static void
forget_node(struct versions *versions, struct node *node)
{
	struct node **place = bucket_of(versions, node->layer, node->inode);

	while (*place != node)
		place = &(*place)->next;
	*place = node->next;
}

static void
drop_name(struct versions *versions, struct entry *entry)
{
	struct node *node = entry->claim->node;
	struct entry **place = &node->names;

	while (*place != entry)
		place = &(*place)->next_name;
	*place = entry->next_name;
	if (--node->links == 0)
		forget_node(versions, node);
}

/* From now on it is the name of that node, or of nobody. */
static void
claim(struct versions *versions, struct entry *entry, struct node *node)
{
	struct claim *claim;

	if ((entry->claim != NULL ? entry->claim->node : NULL) == node)
		return;
	claim = take(versions, sizeof(*claim));
	if (claim == NULL)
		return;
	if (entry->claim != NULL && entry->claim->node != NULL)
		drop_name(versions, entry);
	*claim = (struct claim){entry->claim, node, versions->version, NULL};
	entry->claim = claim;
	if (node != NULL) {
		entry->next_name = node->names;
		node->names = entry;
		node->links++;
	}
	versions->changes++;
	retell(versions, entry);
}

/* --- what a file has besides its bytes */

/* The overlay's own notes, which say nothing about what is seen. */
static bool
is_bookkeeping(const char *name)
{
	return strcmp(name, "trusted.overlay.origin") == 0 ||
	       strcmp(name, "trusted.overlay.impure") == 0 ||
	       strcmp(name, "trusted.overlay.uuid") == 0;
}

/* The attributes of what is at the path, as struct meta has them. */
static uint32_t
read_attributes(const char *path, char *out, uint64_t *sum)
{
	char names[4096];
	ssize_t size = llistxattr(path, names, sizeof(names));
	uint32_t used = 0;

	*sum = 0;
	for (char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
		uint32_t head = (uint32_t)strlen(name) + 1, length;
		char *place = out + used;
		ssize_t got;
		if (used + head + sizeof(length) >= ATTRIBUTES_MAX)
			break;
		memcpy(place, name, head);
		got = lgetxattr(path, name, place + head + sizeof(length),
		                ATTRIBUTES_MAX - used - head - sizeof(length));
		if (got < 0)
			continue;
		length = (uint32_t)got;
		memcpy(place + head, &length, sizeof(length));
		used += head + (uint32_t)sizeof(length) + length;
		if (!is_bookkeeping(name))
			*sum ^= XXH3_64bits(place, head + sizeof(length) + length);
	}
	return used;
}

/* The fields that make a difference, in one piece. */
uint64_t
version_meta_sum(const struct meta *meta)
{
	int64_t fields[9] = {meta->mode, meta->uid, meta->gid, (int64_t)meta->device};

	if (S_ISREG(meta->mode))
		fields[4] = meta->size;
	if (meta->stamped) {
		fields[5] = meta->modified.tv_sec;
		fields[6] = meta->modified.tv_nsec;
	}
	if (meta->target != NULL)
		fields[7] = (int64_t)XXH3_64bits(meta->target, strlen(meta->target));
	fields[8] = (int64_t)meta->attributes_sum;
	return XXH3_64bits(fields, sizeof(fields));
}

static const char *
read_target(struct versions *versions, const char *path)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length <= 0 || versions->full)
		return NULL;
	target[length] = '\0';
	return arena_text(versions->arena, target);
}

/* A copy to be changed; within one version there is one. */
static struct meta *
next_meta(struct versions *versions, struct node *node)
{
	struct meta *before = node->meta, *meta;

	if (before != NULL && before->version == versions->version)
		return before;
	meta = take(versions, sizeof(*meta));
	if (meta == NULL)
		return NULL;
	if (before != NULL)
		*meta = *before;
	meta->before = before;
	meta->version = versions->version;
	node->meta = meta;
	return meta;
}

static void
note_attributes(struct versions *versions, struct meta *meta, const char *path)
{
	char attributes[ATTRIBUTES_MAX], *copy = NULL;
	uint32_t size = read_attributes(path, attributes, &meta->attributes_sum);

	if (size == meta->attributes_size &&
	    (size == 0 || memcmp(attributes, meta->attributes, size) == 0))
		return;
	if (size > 0)
		copy = take(versions, size);
	meta->attributes = copy == NULL ? NULL : memcpy(copy, attributes, size);
	meta->attributes_size = copy == NULL ? 0 : size;
}

/* May others have been set?  A new name leaves them as they were, but for what an overlay notes of
 * a folder that has moved. */
static bool
may_have_attributes(const struct meta *meta, enum note note)
{
	return note == NOTE_META || note == NOTE_STAMP ||
	       (note == NOTE_NAME && S_ISDIR(meta->mode));
}

static void
note_meta(struct versions *versions, struct node *node, const struct stat *status, enum note note,
          const char *path)
{
	uint64_t before = node->meta == NULL ? 0 : node->meta->sum;
	bool is_new = node->meta == NULL;
	struct meta *meta = next_meta(versions, node);

	if (meta == NULL)
		return;
	meta->mode = status->st_mode;
	meta->uid = status->st_uid;
	meta->gid = status->st_gid;
	meta->device = status->st_rdev;
	meta->size = status->st_size;
	meta->modified = status->st_mtim;
	if (note == NOTE_STAMP || note == NOTE_BYTES)
		meta->stamped = note == NOTE_STAMP;
	if (is_new && S_ISLNK(meta->mode))
		meta->target = read_target(versions, path);
	if ((S_ISREG(meta->mode) || S_ISDIR(meta->mode)) &&
	    (is_new || may_have_attributes(meta, note)))
		note_attributes(versions, meta, path);
	meta->sum = version_meta_sum(meta);
	if (meta->sum == before)
		return;
	versions->changes++;
	retell_names(versions, node);
}

/* --- bytes */

static bool
has_room(struct versions *versions, struct node *node, uint32_t count)
{
	uint32_t room = node->block_room == 0 ? BLOCKS_FIRST : node->block_room;
	struct block **blocks;

	if (count <= node->block_room)
		return true;
	while (room < count)
		room *= 2;
	blocks = take(versions, room * sizeof(struct block *));
	if (blocks == NULL)
		return false;
	if (node->block_count > 0)
		memcpy(blocks, node->blocks, node->block_count * sizeof(struct block *));
	node->blocks = blocks;
	node->block_room = room;
	return true;
}

static bool
is_zero(const char *bytes, uint32_t length)
{
	return length == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0);
}

/* Where a node's length says that its last page is zero, the page needs no bytes. */
static void
note_block(struct versions *versions, struct node *node, uint32_t index, const char *bytes,
           uint32_t length)
{
	struct block *before = index < node->block_count ? node->blocks[index] : NULL, *block;

	if (is_zero(bytes, length))
		length = 0;
	if (before == NULL ? length == 0
	                   : before->length == length && memcmp(before->bytes, bytes, length) == 0)
		return;
	if (!has_room(versions, node, index + 1))
		return;
	block = take(versions, sizeof(*block) + length);
	if (block == NULL)
		return;
	block->before = before;
	block->version = versions->version;
	block->length = length;
	memcpy(block->bytes, bytes, length);
	block->sum = length == 0 ? 0 : XXH3_64bits_withSeed(bytes, length, index);
	node->sum ^= block->sum ^ (before == NULL ? 0 : before->sum);
	node->blocks[index] = block;
	if (index >= node->block_count)
		node->block_count = index + 1;
	versions->changes++;
}

static void
note_bytes(struct versions *versions, struct node *node, int fd, int64_t size, int64_t from,
           int64_t length)
{
	char pages[16 * VERSION_PAGE];
	int64_t at = from / VERSION_PAGE * VERSION_PAGE, end = from + length;
	int64_t last = node->block_count;
	uint64_t before = node->sum;

	end = end > size ? size : end;
	while (at < end) {
		int64_t want = (end - at + VERSION_PAGE - 1) / VERSION_PAGE * VERSION_PAGE;
		ssize_t got = pread(
		    fd, pages, want < (int64_t)sizeof(pages) ? (size_t)want : sizeof(pages), at);
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got && at + i < end; i += VERSION_PAGE)
			note_block(versions, node, (uint32_t)((at + i) / VERSION_PAGE), pages + i,
			           (uint32_t)(got - i < VERSION_PAGE ? got - i : VERSION_PAGE));
		at += got;
	}
	/* What the file is too short for is gone. */
	for (int64_t index = (size + VERSION_PAGE - 1) / VERSION_PAGE; index < last; index++)
		note_block(versions, node, (uint32_t)index, "", 0);
	if (node->sum != before)
		retell_names(versions, node);
}

/* --- paths */

static void
path_below(const struct versions *versions, unsigned layer, const char *path, char *out,
           size_t size)
{
	snprintf(out, size, "/proc/self/fd/%d/%s", versions->fd[layer], path);
}

static void
note_file(struct versions *versions, struct node *node, unsigned layer, const char *path,
          int64_t from, int64_t length)
{
	int64_t was =
	    node->meta == NULL || node->meta->before == NULL ? 0 : node->meta->before->size;
	int fd = openat(versions->fd[layer], path,
	                O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int64_t size = node->meta->size;

	if (fd < 0)
		return;
	/* Where it was cut, or grew behind its end, its last page is another one. */
	if (size < was)
		note_bytes(versions, node, fd, size, size > 0 ? size - 1 : 0, 1);
	note_bytes(versions, node, fd, size, from, length);
	close(fd);
}

static void
note_path(struct versions *versions, unsigned layer, const char *path, enum note note, int64_t from,
          int64_t length)
{
	char place[PATH_MAX + 32];
	struct entry *entry = entry_at(versions, layer, path);
	struct stat status;
	struct node *node;

	if (entry == NULL)
		return;
	entry->seen = true;
	path_below(versions, layer, path, place, sizeof(place));
	if (fstatat(versions->fd[layer], path, &status, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) {
		claim(versions, entry, NULL);
		return;
	}
	node = node_at(versions, layer, status.st_ino);
	if (node == NULL)
		return;
	if (node->meta == NULL) {
		from = 0;
		length = INT64_MAX;
	}
	/* Another file under a number that was forgotten too late. */
	claim(versions, entry, node);
	note_meta(versions, node, &status, note, place);
	if (S_ISREG(status.st_mode) && node->meta != NULL && (note == NOTE_BYTES || length > 0))
		note_file(versions, node, layer, path, from, length);
}

/* The folders on the way to it, which an overlay makes when they are needed.  What is known to be
 * there is only read again if it is the one that holds the name; that is its content. */
static void
note_folders(struct versions *versions, unsigned layer, const char *path, bool name)
{
	char folder[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		strlcpy(folder, path, (size_t)(slash - path) + 1);
		if (versions_find(versions, layer, folder) == NULL)
			note_path(versions, layer, folder, NOTE_META, 0, 0);
		else if (name && strchr(slash + 1, '/') == NULL)
			note_path(versions, layer, folder, NOTE_BYTES, 0, 0);
	}
	if (name && strchr(path, '/') == NULL)
		note_path(versions, layer, "", NOTE_BYTES, 0, 0);
}

static void
note_tree(struct versions *versions, unsigned layer, const char *path)
{
	char below[PATH_MAX];
	int fd = openat(versions->fd[layer], path[0] == '\0' ? "." : path,
	                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;

	if (folder == NULL && fd >= 0)
		close(fd);
	while (folder != NULL && (found = readdir(folder)) != NULL) {
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%s%s%s", path, path[0] == '\0' ? "" : "/",
		         found->d_name);
		note_path(versions, layer, below, NOTE_NAME, 0, INT64_MAX);
		if (found->d_type == DT_DIR)
			note_tree(versions, layer, below);
	}
	if (folder != NULL)
		closedir(folder);
}

/* What was in a folder that has moved. */
static void
note_moved(struct versions *versions, unsigned layer, const char *path)
{
	size_t length = strlen(path);

	for (struct entry *entry = versions->first; entry != NULL; entry = entry->after)
		if (entry->layer == layer && entry->claim != NULL && entry->claim->node != NULL &&
		    strncmp(entry->path, path, length) == 0 && entry->path[length] == '/')
			note_path(versions, layer, entry->path, NOTE_NAME, 0, 0);
}

static bool
is_folder(const struct node *node)
{
	return node != NULL && node->meta != NULL && S_ISDIR(node->meta->mode);
}

void
versions_note(struct versions *versions, unsigned layer, const char *path, enum note note,
              int64_t from, int64_t length)
{
	const struct node *before = versions_find(versions, layer, path), *node;

	note_folders(versions, layer, path, note == NOTE_NAME);
	/* A file that is only named anew has the bytes that it had. */
	note_path(versions, layer, path, note, from, note == NOTE_BYTES ? length : 0);
	node = versions_find(versions, layer, path);
	if (note != NOTE_NAME || node == before)
		return;
	if (is_folder(before))
		note_moved(versions, layer, path);
	if (is_folder(node))
		note_tree(versions, layer, path);
}

void
versions_note_mapped(struct versions *versions, int64_t largest)
{
	for (struct entry *entry = versions->first; entry != NULL; entry = entry->after) {
		const struct node *node = entry->claim == NULL ? NULL : entry->claim->node;
		if (node != NULL && node->mapped && node->meta != NULL &&
		    node->meta->size <= largest)
			note_path(versions, entry->layer, entry->path, NOTE_BYTES, 0, INT64_MAX);
	}
}

bool
versions_map(struct versions *versions, unsigned layer, const char *path)
{
	struct node *node;

	versions_note(versions, layer, path, NOTE_META, 0, 0);
	node = versions_find(versions, layer, path);
	if (node == NULL || node->mapped)
		return false;
	node->mapped = true;
	versions->mapped++;
	return true;
}

static void
scan_layer(struct versions *versions, unsigned layer)
{
	for (struct entry *entry = versions->first; entry != NULL; entry = entry->after)
		entry->seen = false;
	note_path(versions, layer, "", NOTE_META, 0, 0);
	note_tree(versions, layer, "");
	for (struct entry *entry = versions->first; entry != NULL; entry = entry->after)
		if (entry->layer == layer && !entry->seen)
			note_path(versions, layer, entry->path, NOTE_NAME, 0, 0);
}

/* A file that was opened for writing and not written to, or a folder on the way to one. */
static bool
is_copy(const struct versions *versions, const struct entry *entry)
{
	int host_fd = versions->host[entry->layer];
	const struct node *node = entry->claim == NULL ? NULL : entry->claim->node;
	const struct meta *meta = node == NULL ? NULL : node->meta;
	struct stat host;

	if (meta == NULL || entry->before != 0 || host_fd < 0 ||
	    fstatat(host_fd, entry->path, &host, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (S_ISDIR(meta->mode))
		return S_ISDIR(host.st_mode);
	return meta->mode == host.st_mode && meta->size == host.st_size &&
	       meta->modified.tv_sec == host.st_mtim.tv_sec &&
	       meta->modified.tv_nsec == host.st_mtim.tv_nsec;
}

uint64_t
versions_scan(struct versions *versions, char *stray, size_t size)
{
	uint64_t strays = 0;

	for (struct entry *entry = versions->first; entry != NULL; entry = entry->after)
		entry->before = entry->term;
	for (unsigned layer = 0; layer < versions->layers; layer++)
		scan_layer(versions, layer);
	for (const struct entry *entry = versions->first; entry != NULL; entry = entry->after) {
		if (entry->before == entry->term || is_copy(versions, entry))
			continue;
		if (strays++ == 0 && stray != NULL)
			strlcpy(stray, entry->path, size);
	}
	return strays;
}

void
versions_adopt(struct versions *versions)
{
	struct node *all = NULL, *next;
	struct stat status;

	for (size_t i = 0; i < VERSION_BUCKETS; i++) {
		for (struct node *node = versions->node[i]; node != NULL; node = next) {
			next = node->next;
			node->next = all;
			all = node;
		}
		versions->node[i] = NULL;
	}
	for (struct node *node = all; node != NULL; node = next) {
		struct node **bucket;
		next = node->next;
		if (fstatat(versions->fd[node->layer], node->names->path, &status,
		            AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
			continue;
		node->inode = status.st_ino;
		bucket = bucket_of(versions, node->layer, node->inode);
		node->next = *bucket;
		*bucket = node;
	}
}
