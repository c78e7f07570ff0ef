/* SPDX-License-Identifier: ISC
 *
 * What of each thing is on disk after a crash.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/torture/power.h"

/* What is known of a node: its bytes are those of the version `data`, those from `keep` on cut off
 * since. */
struct power_seen {
	bool is_known, is_there;
	uint32_t floor, data, names;
	int64_t keep;
	struct meta meta;
};

static uint32_t
least(uint32_t one, uint32_t other)
{
	return one < other ? one : other;
}

static uint32_t
most(uint32_t one, uint32_t other)
{
	return one > other ? one : other;
}

static const struct power_view *
power_view_of(const struct view *view)
{
	return (const struct power_view *)view;
}

/* --- names */

static bool
has_names(const struct power_view *view, uint32_t version, const struct node *folder)
{
	const struct power *power = view->power;
	const struct crash *crash = &view->crash;
	bool odd = version == crash->odd_version && folder == crash->odd_node;

	if (version > view->cut_version)
		return false;
	if (power->model == POWER_EXT4)
		return version <= view->names;
	if (folder != NULL && version <= power_synced(power, folder, crash->cut))
		return true;
	if (odd && (crash->odd == CRASH_WITHOUT || crash->odd == CRASH_ONLY))
		return crash->odd == CRASH_ONLY;
	return version <= crash->names;
}

static bool
has_claim(const struct power_view *view, const struct entry *entry, const struct claim *claim)
{
	if (claim->version <= view->power->record->base)
		return true;
	switch (view->power->fate[entry->layer]) {
	case FATE_KEPT:
		return claim->version <= view->cut_version;
	case FATE_LOST:
		return false;
	case FATE_MODEL:
		break;
	}
	return has_names(view, claim->version, claim->folder);
}

static const struct node *
named(const struct power_view *view, const struct entry *entry)
{
	const struct claim *claim = entry->claim;

	while (claim != NULL && !has_claim(view, entry, claim))
		claim = claim->before;
	return claim == NULL ? NULL : claim->node;
}

/* All folders on the way to it have to be there, too. */
static const struct node *
power_node(const struct view *view, const struct entry *entry)
{
	const struct power_view *here = power_view_of(view);
	const struct versions *versions = here->power->record->versions;
	const struct node *node = named(here, entry);
	char path[PATH_MAX];
	char *slash;

	strlcpy(path, entry->path, sizeof(path));
	while (node != NULL && (slash = strrchr(path, '/')) != NULL) {
		const struct node *folder;
		const struct entry *above;
		*slash = '\0';
		above = versions_entry(versions, entry->layer, path);
		folder = above == NULL ? NULL : named(here, above);
		if (folder == NULL || folder->meta == NULL || !S_ISDIR(folder->meta->mode))
			return NULL;
	}
	return node;
}

/* --- bytes */

static uint32_t
flushed_with(const struct power_view *view, const struct node *node, uint32_t names)
{
	const struct flushed *flushed = view->power->file[node->number].flushed;
	uint32_t data = 0;

	for (; flushed != NULL; flushed = flushed->before)
		if (flushed->names <= names)
			data = most(data, flushed->data);
	return data;
}

static uint32_t
floor_of(const struct power_view *view, const struct node *node)
{
	uint32_t synced = power_synced(view->power, node, view->crash.cut);

	if (view->power->model == POWER_POSIX)
		return synced;
	return least(most(synced, flushed_with(view, node, view->names)), view->cut_version);
}

/* ext4: where a page was cut off, and the journal does not know it yet, the old one is still in its
 * place; what was written since went elsewhere. */
static uint32_t
before_cut(const struct power_file *file, uint32_t names, uint32_t data, uint32_t index)
{
	for (uint32_t i = 0; i < file->resizes && file->resize[i].version <= data; i++) {
		const struct resize *resize = &file->resize[i];
		if (resize->is_set && resize->version > names &&
		    resize->size <= (int64_t)index * VERSION_PAGE)
			return resize->version - 1;
	}
	return data;
}

/* The least length that bytes of a version have been cut to since. */
static int64_t
keep_of(const struct power_file *file, uint32_t names, uint32_t data)
{
	int64_t keep = INT64_MAX;

	for (uint32_t i = 0; i < file->resizes; i++) {
		const struct resize *resize = &file->resize[i];
		if (resize->is_set && resize->version > data && resize->version <= names &&
		    resize->size < keep)
			keep = resize->size;
	}
	return keep;
}

static int64_t
length_of(const struct power_view *view, const struct node *node, const struct power_seen *seen)
{
	const struct power_file *file = &view->power->file[node->number];
	const struct meta *base = version_meta(node, view->power->record->base);
	int64_t size = base == NULL ? 0 : base->size;

	for (uint32_t i = 0; i < file->resizes; i++) {
		const struct resize *resize = &file->resize[i];
		bool in_names = resize->version <= seen->names;
		bool in_data = in_names && resize->version <= seen->data;
		int64_t grown = in_data ? resize->size : in_names ? resize->within : 0;
		if (resize->is_set && in_names)
			size = resize->size;
		else if (!resize->is_set && grown > size)
			size = grown;
	}
	return size;
}

static void
see_all(const struct power_view *view, const struct node *node, uint32_t version,
        struct power_seen *seen)
{
	const struct meta *meta = version_meta(node, version);

	seen->is_there = meta != NULL;
	seen->floor = seen->data = seen->names = version;
	seen->keep = INT64_MAX;
	if (meta != NULL)
		seen->meta = *meta;
}

static const struct meta *
first_meta(const struct node *node)
{
	const struct meta *meta = node->meta;

	while (meta != NULL && meta->before != NULL)
		meta = meta->before;
	return meta;
}

static void
see_model(const struct power_view *view, const struct node *node, struct power_seen *seen)
{
	const struct power_file *file = &view->power->file[node->number];
	const struct crash *crash = &view->crash;
	bool odd = crash->odd == CRASH_FILE && crash->odd_node == node;
	uint32_t wanted = odd ? crash->odd_version : crash->data;
	const struct meta *meta;

	seen->floor = floor_of(view, node);
	seen->data = most(seen->floor, least(wanted, view->cut_version));
	seen->names = view->power->model == POWER_EXT4 ? view->names : seen->data;
	seen->keep = keep_of(file, seen->names, seen->data);
	meta = version_meta(node, seen->names);
	if (meta == NULL)
		meta = first_meta(node);
	seen->is_there = meta != NULL;
	if (meta == NULL)
		return;
	seen->meta = *meta;
	if (S_ISREG(meta->mode))
		seen->meta.size = length_of(view, node, seen);
}

static const struct power_seen *
see(const struct power_view *view, const struct node *node)
{
	struct power_seen *seen = &view->seen[node->number];

	if (seen->is_known)
		return seen;
	seen->is_known = true;
	switch (view->power->fate[node->layer]) {
	case FATE_KEPT:
		see_all(view, node, view->cut_version, seen);
		break;
	case FATE_LOST:
		see_all(view, node, view->power->record->base, seen);
		break;
	case FATE_MODEL:
		see_model(view, node, seen);
		break;
	}
	return seen;
}

static bool
power_meta(const struct view *view, const struct node *node, struct meta *meta)
{
	const struct power_seen *seen = see(power_view_of(view), node);

	if (seen->is_there)
		*meta = seen->meta;
	return seen->is_there;
}

static bool
is_odd_page(const struct crash *crash, const struct node *node, uint32_t index)
{
	return crash->odd == CRASH_PAGES && crash->odd_node == node && index >= crash->odd_page &&
	       index - crash->odd_page < crash->odd_pages;
}

/* ext4: a page that is new in the file is written before the file has it. */
static bool
was_there(const struct power_view *view, const struct node *node, uint32_t index, uint32_t version,
          uint32_t names)
{
	const struct block *block = index < node->block_count ? node->blocks[index] : NULL;

	while (block != NULL && block->before != NULL)
		block = block->before;
	return block != NULL && block->version <= version &&
	       keep_of(&view->power->file[node->number], names, version) >
	           (int64_t)index * VERSION_PAGE;
}

static uint32_t
version_of_page(const struct power_view *view, const struct node *node,
                const struct power_seen *seen, uint32_t index)
{
	const struct power_file *file = &view->power->file[node->number];
	bool is_ext4 = view->power->model == POWER_EXT4;
	uint32_t version = seen->data, odd;

	if (is_odd_page(&view->crash, node, index)) {
		odd = most(seen->floor, least(view->crash.odd_version, view->cut_version));
		if (!is_ext4 || was_there(view, node, index, odd, seen->names))
			version = odd;
	}
	return is_ext4 ? before_cut(file, seen->names, version, index) : version;
}

static const struct block *
power_block(const struct view *view, const struct node *node, uint32_t index, uint32_t *length)
{
	const struct power_view *here = power_view_of(view);
	const struct power_seen *seen = see(here, node);
	uint32_t version = version_of_page(here, node, seen, index);
	const struct block *block = version_block(node, index, version);
	int64_t keep = seen->keep, at = (int64_t)index * VERSION_PAGE;

	if (version != seen->data)
		keep = keep_of(&here->power->file[node->number], seen->names, version);
	*length = block == NULL || keep <= at ? 0 : block->length;
	if (*length > keep - at)
		*length = (uint32_t)(keep - at);
	return block;
}

/* --- views */

int
power_view_init(struct power_view *view, const struct power *power, const struct crash *crash)
{
	uint32_t cut_version = power_version(power, crash->cut);

	*view = (struct power_view){.view = {power_node, power_meta, power_block},
	                            .power = power,
	                            .crash = *crash,
	                            .cut_version = cut_version};
	view->names = most(power_committed(power, crash->cut), least(crash->names, cut_version));
	view->seen = calloc((size_t)power->record->versions->nodes + 1, sizeof(*view->seen));
	return view->seen != NULL ? 0 : -ENOMEM;
}

void
power_view_fini(struct power_view *view)
{
	free(view->seen);
}

static bool
has_odd_pages(const struct power_view *view, const struct step *step)
{
	const struct crash *crash = &view->crash;
	const struct op *op = &view->power->record->op[step->op];

	if (crash->odd != CRASH_PAGES || crash->odd_node != step->node || op->node != step->node ||
	    op->length == 0)
		return false;
	return op->from / VERSION_PAGE < (int64_t)crash->odd_page + crash->odd_pages &&
	       (op->from + op->length - 1) / VERSION_PAGE >= crash->odd_page;
}

bool
power_view_has(struct power_view *view, const struct step *step)
{
	const struct power_seen *seen;

	if (step->is_name)
		return has_names(view, step->version, step->node);
	seen = see(view, step->node);
	if (step->is_set)
		return step->version <= seen->names;
	if (has_odd_pages(view, step))
		return step->version <= most(seen->floor, view->crash.odd_version);
	return step->version <= seen->data && step->version <= view->cut_version;
}

int
power_sum(const struct power *power, const struct crash *crash, uint64_t *sum)
{
	struct power_view view;
	int error = power_view_init(&view, power, crash);

	if (error == 0)
		*sum = view_sum(power->record->versions, &view.view);
	power_view_fini(&view);
	return error;
}

/* --- is it the recorded run? */

int
power_replay(const struct power *power, uint32_t *op)
{
	const struct record *record = power->record;
	struct power whole = *power;
	int error = 0;

	for (unsigned i = 0; i < VERSION_LAYERS; i++)
		if (whole.fate[i] == FATE_LOST)
			whole.fate[i] = FATE_KEPT;
	for (uint32_t i = 0; error == 0 && i <= record->ops; i++) {
		const struct crash crash = {.cut = i, .names = UINT32_MAX, .data = UINT32_MAX};
		uint64_t wanted = i == record->ops ? record->end_sum : record->op[i].sum, sum;
		*op = i;
		error = power_sum(&whole, &crash, &sum);
		if (error == 0 && sum != wanted)
			error = -EIO;
	}
	return error;
}
