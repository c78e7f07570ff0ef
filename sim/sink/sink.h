/* SPDX-License-Identifier: ISC
 *
 * Where an etl job's rows, its effects and what its strategy keeps about progress go: together,
 * because only what is in one transaction happens together.  A sink belongs to one worker.
 *
 * Functions return 0 or -errno unless they say otherwise; -ESTALE: the lease is not in force any
 * more, nothing may be written for it.  Whatever writes stands between sink_begin and sink_commit.
 * Implementations: sink_store.c (tables of run.db), sink_postgres.c; sink_open.h chooses.
 */
#ifndef SIM_SINK_SINK_H
#define SIM_SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/job/job.h"

#define SINK_KEY_BYTES 16

/* One record as it goes into the sink.  Its payload must last until the commit. */
struct sink_row {
	unsigned char key[SINK_KEY_BYTES];
	uint64_t record; /* its number in the input */
	const char *payload;
	size_t length;
	bool fresh; /* set by those who write rows: it was not there before */
	/* Of a job with event times: when it happened, and at whom; else 0 and NULL. */
	int64_t time_ns;
	const char *source;
	size_t source_length;
};

/* Several records in one row: those of [first, end) that were not given up. */
struct sink_chunk {
	unsigned char key[SINK_KEY_BYTES];
	uint64_t first, end;
	uint64_t records;
	uint64_t digest; /* sum of XXH3 64 of their payloads */
};

/* What a strategy remembers: one line, found by task and item; what the numbers mean is its own.
 * SINK_NO_TASK: it is about the stream of all records. */
#define SINK_NO_TASK UINT32_MAX
struct sink_mark {
	uint64_t a; /* the trigger of I6 watches that it never goes back */
	uint64_t b;
	const void *blob; /* NULL: none; of a mark that was read: until the next call */
	size_t length;
};

struct sink;

/* Opens a transaction.  fenced: -ESTALE unless (task, epoch, generation) is in force, and stays so
 * until the transaction ends; naive strategies do without. */
int sink_begin(struct sink *sink, bool fenced);
int sink_commit(struct sink *sink);
void sink_rollback(struct sink *sink);

/* Adds the rows at the end, whatever is there already. */
int sink_append(struct sink *sink, struct sink_row *row, size_t rows);
/* Adds those whose key is not there.  A key that is there with the same payload is left alone; with
 * another one, it stays as it was and the record is entered as a conflict. */
int sink_insert(struct sink *sink, struct sink_row *row, size_t rows);
/* Adds them or takes the place of what has their key: the last writer is right. */
int sink_replace(struct sink *sink, struct sink_row *row, size_t rows);
int sink_append_chunk(struct sink *sink, const struct sink_chunk *chunk);
/* The same by its key, as sink_insert; *fresh: it was not there before. */
int sink_insert_chunk(struct sink *sink, const struct sink_chunk *chunk, bool *fresh);
/* An effect each that cannot be taken back: an entry in a log that only grows. */
int sink_effect(struct sink *sink, const unsigned char key[SINK_KEY_BYTES], uint64_t record);
/* A record given up on; one that is a dead letter already stays so. */
int sink_dead(struct sink *sink, const struct dead_record *dead);

/* Marks.  find: 1 found, 0 not. */
int sink_mark_find(struct sink *sink, uint32_t task, int64_t item, struct sink_mark *mark);
/* All of a task whose item is at least `from`, in order; each() returns 0 to go on, else it ends
 * with that. */
int sink_mark_each(struct sink *sink, uint32_t task, int64_t from,
                   int (*each)(void *context, int64_t item, const struct sink_mark *mark),
                   void *context);
/* A new one: -EEXIST if there is one. */
int sink_mark_add(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark);
/* Changes one if its a is still `was`: 1 done, 0 it is not. */
int sink_mark_move(struct sink *sink, uint32_t task, int64_t item, uint64_t was,
                   const struct sink_mark *mark);
/* Writes it whatever was there, as naive strategies do. */
int sink_mark_put(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark);

/* Makes a place for what tasks will have, when the plan is made: what is written from here to
 * sink_prepared is one transaction, which ends before the plan is sealed. */
int sink_prepare(struct sink *sink);
int sink_prepared(struct sink *sink);
/* The lease that is worked under from here on: whoever had the task before cannot commit any more.
 */
int sink_lease(struct sink *sink, uint32_t task, uint32_t epoch);
/* The run's logical date, fixed at its submission. */
const char *sink_logical_date(const struct sink *sink);
/* The work goes on: whatever must be renewed is.  Called often. */
void sink_beat(struct sink *sink);
/* The attempt is over, however it ended. */
void sink_release(struct sink *sink);
/* Marks are kept elsewhere and may lag behind the rows: these need keys. */
bool sink_marks_apart(const struct sink *sink);
/* All batches of the task are committed: what run.db must know of them before it is done. */
int sink_finish(struct sink *sink);
/* The task is about to be given up, in the caller's transaction of run.db, under this epoch: nobody
 * can commit for it any more, and run.db learns how far it got. */
int sink_give_up(struct sink *sink, uint32_t task, uint32_t epoch);

/* What there is of all that, for the verdict. */
struct sink_counts {
	uint64_t records; /* in rows of any kind */
	uint64_t effects, conflicts, chunks;
	uint64_t marks_moved, marks_back;
	uint64_t first_conflict;                /* its record */
	uint64_t back_task, back_from, back_to; /* the first mark that went back */
};
int sink_counts_read(struct sink *sink, struct sink_counts *counts);
/* All rows, in no order; each() returns 0 to go on. */
int sink_rows_read(struct sink *sink, int (*each)(void *context, const struct sink_row *row),
                   void *context);
/* All rows of whole batches, by their first record. */
int sink_chunks_read(struct sink *sink, int (*each)(void *context, const struct sink_chunk *chunk),
                     void *context);
int sink_effects_read(struct sink *sink, int (*each)(void *context, uint64_t record),
                      void *context);

/* Where it is, and whether it can be reached now, in words for people. */
void sink_describe(struct sink *sink, char *words, size_t size);
/* The implementation's words about the last error. */
const char *sink_error(const struct sink *sink);
void sink_close(struct sink *sink);

#endif
