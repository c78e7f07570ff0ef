/* SPDX-License-Identifier: ISC
 *
 * A recorded run, taken apart: who made which change, and when it was synced.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "sim/torture/power.h"

#define STEPS_FIRST 1024

static void *
take(struct power *power, size_t size)
{
	void *taken = arena_take(power->record->versions->arena, size);

	if (taken == NULL)
		power->is_full = true;
	return taken;
}

uint32_t
power_version(const struct power *power, uint32_t op)
{
	return op < power->record->ops ? power->record->op[op].version : power->record->end;
}

/* --- steps */

/* Stores into a mapped file are seen before the operation that follows them: they are the last
 * one's. */
static void
find_makers(struct power *power)
{
	const struct record *record = power->record;
	uint32_t op = 0;

	power->maker = take(power, ((size_t)record->end + 1) * sizeof(*power->maker));
	for (uint32_t i = 0; power->maker != NULL && i <= record->end; i++) {
		while (op + 1 < record->ops && record->op[op + 1].version < i)
			op++;
		power->maker[i] = op;
	}
}

static void
add_step(struct power *power, const struct step *step)
{
	uint32_t room = power->step_room == 0 ? STEPS_FIRST : 2 * power->step_room;

	if (power->steps == power->step_room) {
		struct step *more = take(power, room * sizeof(*more));
		if (more == NULL)
			return;
		if (power->steps > 0)
			memcpy(more, power->step, power->steps * sizeof(*more));
		power->step = more;
		power->step_room = room;
	}
	power->step[power->steps++] = *step;
}

static bool
is_ours(const struct power *power, uint32_t version)
{
	return version > power->record->base && power->record->ops > 0;
}

static const struct claim *
claim_at(const struct entry *entry, uint32_t version)
{
	const struct claim *claim = entry->claim;

	while (claim != NULL && claim->version > version)
		claim = claim->before;
	return claim;
}

static bool
cut_last_part(char *path)
{
	char *slash = strrchr(path, '/');

	if (path[0] == '\0')
		return false;
	*(slash != NULL ? slash : path) = '\0';
	return true;
}

/* What came or went with its folder is durable with the folder's own name. */
static const struct node *
folder_of(const struct power *power, const struct entry *entry, uint32_t version)
{
	char path[PATH_MAX];

	strlcpy(path, entry->path, sizeof(path));
	while (cut_last_part(path)) {
		const struct entry *above =
		    versions_entry(power->record->versions, entry->layer, path);
		const struct claim *claim = above == NULL ? NULL : claim_at(above, version);
		if (claim == NULL)
			continue;
		if (claim->version < version || path[0] == '\0')
			return claim->node;
	}
	return NULL;
}

static void
add_names(struct power *power, const struct entry *entry)
{
	for (struct claim *claim = entry->claim; claim != NULL; claim = claim->before) {
		struct step step = {.version = claim->version, .is_name = true};
		if (!is_ours(power, claim->version))
			return;
		claim->folder = folder_of(power, entry, claim->version);
		step.op = power->maker[claim->version];
		step.node = claim->folder;
		step.named = claim->node;
		add_step(power, &step);
	}
}

static bool
is_file(const struct node *node)
{
	return node->meta != NULL && S_ISREG(node->meta->mode);
}

static bool
sets_length(const struct power *power, uint32_t version)
{
	const struct op *op = &power->record->op[power->maker[version]];
	enum call_effect effect = calls[op->call].effect;

	return op->version + 1 == version && (effect == EFFECT_SIZE || effect == EFFECT_OPEN);
}

static void
add_metas(struct power *power, const struct node *node)
{
	for (const struct meta *meta = node->meta; meta != NULL; meta = meta->before) {
		struct step step = {.version = meta->version, .node = node};
		bool grows = meta->before != NULL && meta->before->size != meta->size;
		if (!is_ours(power, meta->version))
			return;
		if (meta->before == NULL || meta->before->sum == meta->sum)
			continue;
		step.op = power->maker[meta->version];
		step.is_set = sets_length(power, meta->version) || !grows;
		add_step(power, &step);
	}
}

static void
add_blocks(struct power *power, const struct node *node)
{
	for (uint32_t i = 0; i < node->block_count; i++)
		for (const struct block *block = node->blocks[i]; block != NULL;
		     block = block->before) {
			struct step step = {.version = block->version, .node = node};
			if (!is_ours(power, block->version))
				break;
			step.op = power->maker[block->version];
			step.is_set = sets_length(power, block->version);
			add_step(power, &step);
		}
}

static int
compare_steps(const void *one, const void *other)
{
	const struct step *a = one, *b = other;

	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	if (a->is_name != b->is_name)
		return a->is_name ? -1 : 1;
	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	return a->is_set - b->is_set;
}

/* Of one call and one thing there is one; that which writes stands for that which sets. */
static void
sort_steps(struct power *power)
{
	uint32_t kept = 0;

	if (power->steps > 0)
		qsort(power->step, power->steps, sizeof(*power->step), compare_steps);
	for (uint32_t i = 0; i < power->steps; i++) {
		const struct step *step = &power->step[i];
		struct step *last = kept == 0 ? NULL : &power->step[kept - 1];
		if (last == NULL || last->version != step->version || last->node != step->node ||
		    last->is_name != step->is_name)
			power->step[kept++] = *step;
		else if (last->named == NULL)
			last->named = step->named;
	}
	power->steps = kept;
}

/* --- lengths */

/* Was the page that a file ended in on disk? */
static bool
ended_on_disk(const struct power *power, const struct node *node, const struct meta *before)
{
	int64_t page = before->size / VERSION_PAGE * VERSION_PAGE;
	uint32_t cut = power->maker[before->version] + 1;
	const struct meta *synced = version_meta(node, power_synced(power, node, cut));

	return before->size > page && synced != NULL && synced->size > page;
}

static void
add_resize(const struct power *power, struct power_file *file, const struct node *node,
           const struct meta *meta)
{
	const struct meta *before = meta->before;
	int64_t was = before == NULL ? 0 : before->size;
	struct resize *resize;

	if (was == meta->size)
		return;
	resize = &file->resize[file->resizes++];
	resize->version = meta->version;
	resize->size = meta->size;
	resize->is_set = meta->size < was || sets_length(power, meta->version);
	if (was % VERSION_PAGE != 0 && ended_on_disk(power, node, before)) {
		resize->within = (was / VERSION_PAGE + 1) * VERSION_PAGE;
		if (resize->within > meta->size)
			resize->within = meta->size;
	}
}

static void
find_resizes(struct power *power, const struct node *node)
{
	struct power_file *file = &power->file[node->number];
	uint32_t metas = 0;
	const struct meta **all;

	for (const struct meta *meta = node->meta; meta != NULL; meta = meta->before)
		metas += is_ours(power, meta->version);
	file->resize = take(power, (metas + 1) * sizeof(*file->resize));
	all = calloc(metas + 1, sizeof(*all));
	if (file->resize == NULL || all == NULL) {
		power->is_full = true;
		free(all);
		return;
	}
	metas = 0;
	for (const struct meta *meta = node->meta; meta != NULL; meta = meta->before)
		if (is_ours(power, meta->version))
			all[metas++] = meta;
	while (metas-- > 0)
		add_resize(power, file, node, all[metas]);
	free(all);
}

/* --- syncs */

static void
sync_to(struct power *power, struct synced **list, uint32_t op, uint32_t version)
{
	struct synced *synced = take(power, sizeof(*synced));

	if (synced == NULL)
		return;
	*synced = (struct synced){*list, op, version};
	*list = synced;
}

static uint32_t
synced_at(const struct power *power, const struct synced *synced, uint32_t cut)
{
	while (synced != NULL && synced->op >= cut)
		synced = synced->before;
	return synced == NULL ? power->record->base : synced->version;
}

uint32_t
power_synced(const struct power *power, const struct node *node, uint32_t cut)
{
	return synced_at(power, power->file[node->number].synced, cut);
}

uint32_t
power_committed(const struct power *power, uint32_t cut)
{
	return synced_at(power, power->committed, cut);
}

/* Has it got pages since then that it had not? */
static bool
got_pages(const struct node *node, uint32_t since, uint32_t version)
{
	for (uint32_t i = 0; i < node->block_count; i++) {
		const struct block *block = node->blocks[i];
		while (block != NULL && block->before != NULL)
			block = block->before;
		if (block != NULL && block->version > since && block->version <= version)
			return true;
	}
	return false;
}

/* Writing in place changes the time, too, but only if the clock has ticked since the last time. */
static bool
is_in_journal(const struct power *power, const struct meta *meta, bool only_data)
{
	const struct op *op = &power->record->op[power->maker[meta->version]];
	enum call_effect effect = calls[op->call].effect;

	if (meta->before == NULL || meta->before->size != meta->size)
		return true;
	return !only_data &&
	       (effect == EFFECT_NAME || effect == EFFECT_RENAME || effect == EFFECT_META);
}

/* Does syncing it commit the journal?  What syncs only data does if that is at other places now. */
static bool
needs_commit(const struct power *power, const struct node *node, uint32_t version, bool only_data)
{
	uint32_t since = power_committed(power, UINT32_MAX);
	const struct meta *meta = version_meta(node, version);

	if (meta != NULL && S_ISDIR(meta->mode))
		return meta->version > since;
	for (; meta != NULL && meta->version > since; meta = meta->before)
		if (is_in_journal(power, meta, only_data))
			return true;
	return got_pages(node, since, version);
}

static void
sync_node(struct power *power, const struct node *node, uint32_t op, uint32_t version,
          bool only_data)
{
	if (node == NULL)
		return;
	sync_to(power, &power->file[node->number].synced, op, version);
	if (power->model == POWER_EXT4 && needs_commit(power, node, version, only_data))
		sync_to(power, &power->committed, op, version);
}

typedef void node_work(struct power *power, const struct node *node, const struct synced *by);

/* `by` is for the work. */
static void
for_each_node(struct power *power, node_work *work, const struct synced *by)
{
	const struct versions *versions = power->record->versions;
	uint8_t *seen = calloc(versions->nodes + 1, 1);

	if (seen == NULL)
		power->is_full = true;
	for (const struct entry *entry = versions->first; seen != NULL && entry != NULL;
	     entry = entry->after)
		for (const struct claim *claim = entry->claim; claim != NULL; claim = claim->before)
			if (claim->node != NULL && seen[claim->node->number]++ == 0)
				work(power, claim->node, by);
	free(seen);
}

static void
sync_this(struct power *power, const struct node *node, const struct synced *by)
{
	sync_to(power, &power->file[node->number].synced, by->op, by->version);
}

static void
sync_if_mapped(struct power *power, const struct node *node, const struct synced *by)
{
	if (node->mapped)
		sync_node(power, node, by->op, by->version, false);
}

static void
note_sync(struct power *power, uint32_t number)
{
	const struct op *op = &power->record->op[number];
	struct synced by = {.op = number, .version = op->version};
	long call = calls[op->call].number;

	if (call == __NR_fsync || call == __NR_fdatasync)
		sync_node(power, op->node, number, op->version, call == __NR_fdatasync);
	if (call == __NR_sync || call == __NR_syncfs) {
		for_each_node(power, sync_this, &by);
		sync_to(power, &power->committed, number, op->version);
	}
	by.version = op->version + 1;
	if (call == __NR_msync && (op->argument[2] & MS_SYNC) != 0)
		for_each_node(power, sync_if_mapped, &by);
	if (op->is_synced)
		sync_node(power, op->node, number, op->version + 1, true);
}

/* --- what ext4 writes by itself */

static void
flush(struct power *power, const struct node *node, uint32_t names, uint32_t data)
{
	struct power_file *file = &power->file[node->number];
	struct flushed *flushed = take(power, sizeof(*flushed));

	if (flushed == NULL)
		return;
	*flushed = (struct flushed){file->flushed, names, data};
	file->flushed = flushed;
}

static bool
exchanges(const struct op *op)
{
	return calls[op->call].number == __NR_renameat2 && (op->argument[4] & RENAME_EXCHANGE) != 0;
}

/* A rename over a file. */
static void
flush_renamed(struct power *power, const struct entry *entry)
{
	for (const struct claim *claim = entry->claim; claim != NULL; claim = claim->before) {
		const struct op *op;
		if (!is_ours(power, claim->version))
			return;
		op = &power->record->op[power->maker[claim->version]];
		if (calls[op->call].effect == EFFECT_RENAME && !exchanges(op) &&
		    claim->node != NULL && is_file(claim->node) && claim->before != NULL &&
		    claim->before->node != NULL)
			flush(power, claim->node, claim->version, claim->version - 1);
	}
}

static void
find_flushes(struct power *power)
{
	const struct record *record = power->record;

	for (const struct entry *entry = record->versions->first; entry != NULL;
	     entry = entry->after)
		flush_renamed(power, entry);
	for (const struct release *release = record->release; release != NULL;
	     release = release->before)
		if (release->version != 0)
			flush(power, release->node, release->version, release->version);
}

/* --- all of it */

static void
take_apart(struct power *power)
{
	const struct record *record = power->record;

	for (const struct entry *entry = record->versions->first; entry != NULL;
	     entry = entry->after)
		if (power->fate[entry->layer] == FATE_MODEL)
			add_names(power, entry);
	for (uint32_t i = 0; i < record->ops; i++)
		note_sync(power, i);
}

static void
add_file(struct power *power, const struct node *node, const struct synced *by)
{
	if (power->fate[node->layer] != FATE_MODEL || node->meta == NULL)
		return;
	add_metas(power, node);
	if (!is_file(node))
		return;
	add_blocks(power, node);
	find_resizes(power, node);
}

struct power *
power_new(const struct record *record, enum power_model model,
          const enum power_fate fate[VERSION_LAYERS])
{
	struct power *power = arena_take(record->versions->arena, sizeof(*power));

	if (power == NULL)
		return NULL;
	power->record = record;
	power->model = model;
	memcpy(power->fate, fate, sizeof(power->fate));
	power->file = take(power, ((size_t)record->versions->nodes + 1) * sizeof(*power->file));
	find_makers(power);
	if (!power->is_full)
		take_apart(power);
	if (!power->is_full)
		for_each_node(power, add_file, NULL);
	if (!power->is_full && model == POWER_EXT4)
		find_flushes(power);
	sort_steps(power);
	return power->is_full ? NULL : power;
}

bool
power_is_durable(const struct power *power, const struct step *step, uint32_t cut)
{
	if (power->model == POWER_EXT4 && (step->is_name || step->is_set))
		return step->version <= power_committed(power, cut);
	return step->node != NULL && step->version <= power_synced(power, step->node, cut);
}
