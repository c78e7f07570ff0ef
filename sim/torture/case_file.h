/* SPDX-License-Identifier: ISC
 *
 * What is written beside the files of a case: how it was run, and what was wrong.
 */
#ifndef SIM_TORTURE_CASE_FILE_H
#define SIM_TORTURE_CASE_FILE_H

#include "sim/torture/session.h"

#define CASE_WORDS_MAX 256
#define EVENT_SIZE (2 * OP_NAME_SIZE)

/* A case that was read.  What the options point to belongs to it. */
struct case_file {
	struct torture_options options;
	char *words[CASE_WORDS_MAX + 1];
	const char *work[WORLD_WORKS + 1], *same[CASE_WORDS_MAX + 1];
	const char *cwd, *point, *event, *why;
	bool is_overlay, is_acknowledged;
	void *document; /* all of that is in it */
};

/* Writes case.json of a candidate into the folder: before which point, and what has happened there.
 * 0, or -errno after saying what is wrong. */
int case_write(const struct session *session, const char *folder, uint32_t candidate,
               const char *point, const char *event);
/* Reads it.  0, or -errno after saying what is wrong. */
int case_read(struct case_file *file, const char *folder);
void case_fini(struct case_file *file);
/* Marks what the case says is loose. */
void case_mark_loose(const struct case_file *file, const struct listing *golden);

#endif
