/* SPDX-License-Identifier: ISC
 *
 * Small scripts of file operations, for tests of the power model: played in a folder, with or
 * without a record of it.
 */
#ifndef TESTS_UNIT_POWER_SCRIPT_H
#define TESTS_UNIT_POWER_SCRIPT_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/torture/power.h"
#include "sim/torture/release.h"

#define SCRIPT_FILES 8

enum action_kind {
	ACT_OPEN,   /* NAME: for writing, made if it is not there */
	ACT_CUT,    /* NAME: the same, and cut to nothing */
	ACT_WRITE,  /* NAME AT LENGTH LETTER */
	ACT_LENGTH, /* NAME LENGTH: set to it */
	ACT_CLOSE,  /* NAME: is no operation */
	ACT_FSYNC,  /* NAME, of a folder, too */
	ACT_FDATASYNC,
	ACT_RENAME, /* NAME OTHER */
	ACT_LINK,
	ACT_UNLINK,
	ACT_MKDIR,
	ACT_SYNC,
	ACTIONS
};

/* What a script says, and the call that is recorded for it. */
static const struct {
	const char *word, *call;
} action_words[ACTIONS] = {[ACT_OPEN] = {"open", "openat"},
                           [ACT_CUT] = {"cut", "openat"},
                           [ACT_WRITE] = {"write", "pwrite64"},
                           [ACT_LENGTH] = {"length", "ftruncate"},
                           [ACT_CLOSE] = {"close", ""},
                           [ACT_FSYNC] = {"fsync", "fsync"},
                           [ACT_FDATASYNC] = {"fdatasync", "fdatasync"},
                           [ACT_RENAME] = {"rename", "renameat2"},
                           [ACT_LINK] = {"link", "linkat"},
                           [ACT_UNLINK] = {"unlink", "unlinkat"},
                           [ACT_MKDIR] = {"mkdir", "mkdirat"},
                           [ACT_SYNC] = {"sync", "sync"}};

struct action {
	int kind;
	char name[16], other[16];
	int64_t at, length;
	char fill;
};

/* Reads one of "open a, write a 0 3 x, ..."; what is behind it, or NULL: there is none. */
static inline const char *
action_read(const char *text, struct action *action)
{
	char word[16] = "";
	int used = 0;

	memset(action, 0, sizeof(*action));
	text += strspn(text, ", \n\t");
	if (sscanf(text, "%15[a-z]%n", word, &used) != 1)
		return NULL;
	for (int i = 0; i < ACTIONS; i++)
		if (strcmp(word, action_words[i].word) == 0)
			action->kind = i;
	sscanf(text + used, " %15[a-z./]", action->name);
	if (action->kind == ACT_RENAME || action->kind == ACT_LINK)
		sscanf(text + used, " %*s %15[a-z./]", action->other);
	if (action->kind == ACT_WRITE || action->kind == ACT_LENGTH)
		sscanf(text + used, " %*s %ld %ld %c", &action->at, &action->length, &action->fill);
	return text + strcspn(text, ",");
}

/* Where a script is played; record NULL: nothing is recorded. */
struct stage {
	int folder;
	struct record *record;
	struct {
		char name[16];
		int fd;
	} file[SCRIPT_FILES];
	unsigned files;
};

static inline unsigned
stage_call(int kind)
{
	unsigned i = 0;

	while (i < call_count && strcmp(calls[i].name, action_words[kind].call) != 0)
		i++;
	return i;
}

static inline int
stage_open(struct stage *stage, const char *name, int flags)
{
	int fd = openat(stage->folder, name, flags | O_CLOEXEC, 0644);

	if (fd < 0 || stage->files == SCRIPT_FILES)
		return -1;
	strlcpy(stage->file[stage->files].name, name, sizeof(stage->file[0].name));
	stage->file[stage->files++].fd = fd;
	return 0;
}

/* The descriptor last opened under the name; of a folder, a new one. */
static inline int
stage_fd(struct stage *stage, const char *name)
{
	for (unsigned i = stage->files; i-- > 0;)
		if (strcmp(stage->file[i].name, name) == 0)
			return stage->file[i].fd;
	return stage_open(stage, name, O_RDONLY) == 0 ? stage->file[stage->files - 1].fd : -1;
}

static inline int
stage_close(struct stage *stage, const char *name)
{
	for (unsigned i = stage->files; i-- > 0;)
		if (strcmp(stage->file[i].name, name) == 0) {
			close(stage->file[i].fd);
			stage->file[i] = stage->file[--stage->files];
			return 0;
		}
	return -1;
}

static inline void
stage_close_all(struct stage *stage)
{
	while (stage->files > 0)
		close(stage->file[--stage->files].fd);
}

static inline int
stage_write(struct stage *stage, const struct action *action)
{
	char bytes[4 * VERSION_PAGE];

	memset(bytes, action->fill, sizeof(bytes));
	return pwrite(stage_fd(stage, action->name), bytes, (size_t)action->length, action->at) ==
	               action->length
	           ? 0
	           : -1;
}

static inline int
stage_do(struct stage *stage, const struct action *action)
{
	const char *name = action->name, *other = action->other;

	switch (action->kind) {
	case ACT_OPEN:
		return stage_open(stage, name, O_RDWR | O_CREAT);
	case ACT_CUT:
		return stage_open(stage, name, O_RDWR | O_CREAT | O_TRUNC);
	case ACT_WRITE:
		return stage_write(stage, action);
	case ACT_LENGTH:
		return ftruncate(stage_fd(stage, name), action->at);
	case ACT_CLOSE:
		return stage_close(stage, name);
	case ACT_FSYNC:
		return fsync(stage_fd(stage, name));
	case ACT_FDATASYNC:
		return fdatasync(stage_fd(stage, name));
	case ACT_RENAME:
		return renameat(stage->folder, name, stage->folder, other);
	case ACT_LINK:
		return linkat(stage->folder, name, stage->folder, other, 0);
	case ACT_UNLINK:
		return unlinkat(stage->folder, name, 0);
	case ACT_MKDIR:
		return mkdirat(stage->folder, name, 0755);
	case ACT_SYNC:
		sync();
		return 0;
	default:
		break;
	}
	return -1;
}

static inline const char *
stage_path(const char *name)
{
	return strcmp(name, ".") == 0 ? "" : name;
}

/* As the tracer does it behind the call. */
static inline void
stage_note(struct stage *stage, const struct action *action, struct op *op)
{
	struct versions *versions = stage->record->versions;

	versions->version++;
	switch (action->kind) {
	case ACT_OPEN:
	case ACT_CUT:
		versions_note(versions, 0, action->name, NOTE_NAME, 0, 0);
		versions_note(versions, 0, action->name, NOTE_BYTES, 0, 0);
		release_begin(stage->record, versions_find(versions, 0, action->name));
		break;
	case ACT_WRITE:
		versions_note(versions, 0, action->name, NOTE_BYTES, action->at, action->length);
		op->node = versions_find(versions, 0, action->name);
		op->from = action->at;
		op->length = action->length;
		break;
	case ACT_LENGTH:
		versions_note(versions, 0, action->name, NOTE_BYTES, 0, 0);
		release_begin(stage->record, versions_find(versions, 0, action->name));
		break;
	case ACT_FSYNC:
	case ACT_FDATASYNC:
		op->node = versions_find(versions, 0, stage_path(action->name));
		break;
	case ACT_RENAME:
	case ACT_LINK:
		versions_note(versions, 0, action->other, NOTE_NAME, 0, 0);
		versions_note(versions, 0, action->name, NOTE_NAME, 0, 0);
		break;
	case ACT_UNLINK:
	case ACT_MKDIR:
		versions_note(versions, 0, action->name, NOTE_NAME, 0, 0);
		break;
	default:
		break;
	}
}

/* 0, or -1 when the action failed. */
static inline int
stage_play(struct stage *stage, const struct action *action)
{
	struct record *record = stage->record;
	struct op *op = NULL;
	char name[256];

	if (action->kind == ACT_CLOSE || record == NULL)
		return stage_do(stage, action);
	release_look(record);
	snprintf(name, sizeof(name), "t/%s:%s%s%s", action_words[action->kind].call, action->name,
	         action->other[0] == '\0' ? "" : ">", action->other);
	op = record_add(record, name);
	if (op == NULL)
		return -1;
	op->call = stage_call(action->kind);
	op->version = record->versions->version;
	op->sum = record->versions->sum;
	op->is_kept = true;
	if (stage_do(stage, action) != 0)
		return -1;
	stage_note(stage, action, op);
	return 0;
}

/* The first so many actions of a script, or all; how many they were, or -1. */
static inline int
stage_script(struct stage *stage, const char *script, int most)
{
	struct action action;
	int played = 0;

	while (played < most && (script = action_read(script, &action)) != NULL) {
		if (stage_play(stage, &action) != 0)
			return -1;
		played++;
	}
	return played;
}

/* Reads the folder as it is, and begins to record. */
static inline void
stage_begin(struct stage *stage, struct arena *arena)
{
	stage->record = record_new(arena, 1);
	if (stage->record == NULL)
		return;
	stage->record->versions->fd[0] = stage->folder;
	versions_scan(stage->record->versions, NULL, 0);
	stage->record->base = stage->record->versions->version;
}

static inline void
stage_end(struct stage *stage)
{
	struct record *record = stage->record;

	release_look(record);
	record->end = record->versions->version;
	record->end_sum = record->versions->sum;
	stage_close_all(stage);
}

/* --- what is there, as a text: a file as its length and its bytes, each run of them once */

static inline void
tell_bytes(char *out, size_t size, const char *bytes, int64_t length)
{
	char part[64];

	for (int64_t i = 0, run; i < length; i += run) {
		for (run = 1; i + run < length && bytes[i + run] == bytes[i]; run++)
			;
		snprintf(part, sizeof(part), " %lld*%c", (long long)run,
		         bytes[i] == 0 ? '0' : bytes[i]);
		strlcat(out, part, size);
	}
}

static inline void
tell_view_file(char *out, size_t size, const struct view *view, const struct node *node,
               int64_t length)
{
	static char bytes[16 * VERSION_PAGE];

	memset(bytes, 0, sizeof(bytes));
	for (uint32_t i = 0; i < node->block_count && (int64_t)i * VERSION_PAGE < length; i++) {
		uint32_t here;
		const struct block *block = view->block(view, node, i, &here);
		if (block != NULL)
			memcpy(bytes + (size_t)i * VERSION_PAGE, block->bytes, here);
	}
	tell_bytes(out, size, bytes, length);
}

static const char *const script_names[] = {"a", "b", "c", "d", "d/a", "e", "e/a"};
#define SCRIPT_NAMES (sizeof(script_names) / sizeof(script_names[0]))

/* "a: 3*x; d/" */
static inline const char *
tell_view(const struct versions *versions, const struct view *view, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < SCRIPT_NAMES; i++) {
		const struct entry *entry = versions_entry(versions, 0, script_names[i]);
		const struct node *node = entry == NULL ? NULL : view->node(view, entry);
		struct meta meta;
		if (node == NULL || !view->meta(view, node, &meta))
			continue;
		strlcat(out, script_names[i], size);
		strlcat(out, S_ISDIR(meta.mode) ? "/" : ":", size);
		if (S_ISREG(meta.mode))
			tell_view_file(out, size, view, node, meta.size);
		strlcat(out, "; ", size);
	}
	return out;
}

static inline const char *
tell_folder(int folder, char *out, size_t size)
{
	static char bytes[16 * VERSION_PAGE];

	out[0] = '\0';
	for (size_t i = 0; i < SCRIPT_NAMES; i++) {
		int fd = openat(folder, script_names[i], O_RDONLY | O_CLOEXEC);
		ssize_t got;
		if (fd < 0)
			continue;
		got = read(fd, bytes, sizeof(bytes));
		strlcat(out, script_names[i], size);
		strlcat(out, got < 0 ? "/" : ":", size);
		tell_bytes(out, size, bytes, got);
		strlcat(out, "; ", size);
		close(fd);
	}
	return out;
}

#endif
