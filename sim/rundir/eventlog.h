/* SPDX-License-Identifier: ISC
 *
 * events.log: what happened in a run, in order.  Records of one fixed size, each with a checksum
 * that also covers its position, behind a small header with magic and version.
 *
 * Events are first put into the ring in the board, which outlives any of our processes that is
 * killed, and reach the file from there: record n of the run is at one fixed place in the file, so
 * writing it twice does no harm.  There is one writer at a time: the supervisor while it lives, the
 * director before, between and after its supervisors.
 */
#ifndef SIM_RUNDIR_EVENTLOG_H
#define SIM_RUNDIR_EVENTLOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/board.h"
#include "core/core.h"

struct logged {
	struct core_step step;
	uint32_t generation;
	uint32_t checksum; /* XXH32 of the bytes before it, seeded with the record's number */
};
_Static_assert(sizeof(struct logged) == 48, "the record's layout is the file's format");

/* Gives the record the checksum of this place in the log; does it carry that one? */
void eventlog_seal(struct logged *record, uint64_t number);
bool eventlog_is_whole(const struct logged *record, uint64_t number);

/* Opens the log for writing, creates it when it does not exist.  A torn or damaged tail is cut off:
 * *repaired = how many bytes.  *count = whole records.  The descriptor or -errno (-EBADMSG: not an
 * event log of our version). */
int eventlog_open(const char *path, uint64_t *count, uint64_t *repaired);

/* Writes what the board's ring holds beyond what was flushed; 0 or -errno (-ESTALE: another process
 * writes the log by now). */
int eventlog_flush(int fd, struct board *board);

/* Writes record `number` straight to the file; for when there is no board.  0 or -errno. */
int eventlog_append(int fd, uint64_t number, const struct core_step *step, uint32_t generation);

/* Puts one event into the ring; when the ring is full it is flushed first.  0, or -ESTALE as above.
 */
int eventlog_put(int fd, struct board *board, const struct core_step *step);

#define EVENTLOG_BLOCK 256

/* Writing a whole log where there is neither board nor anybody else.  An error is kept until the
 * end. */
struct eventlog_writer {
	int fd;
	int error;
	uint64_t first; /* number of block[0] */
	size_t count;   /* records in block[] */
	struct logged block[EVENTLOG_BLOCK];
};
/* The file is made anew.  0 or -errno. */
int eventlog_writer_open(struct eventlog_writer *writer, const char *path);
void eventlog_write(struct eventlog_writer *writer, const struct core_step *step,
                    uint32_t generation);
/* 0, or -errno: the log is not whole. */
int eventlog_writer_close(struct eventlog_writer *writer);

/* Reading, while somebody else writes. */
struct eventlog_reader {
	int fd;
	uint64_t next;  /* number of the next record */
	uint64_t first; /* number of block[0] */
	size_t count;   /* records in block[] */
	struct logged block[EVENTLOG_BLOCK];
};
int eventlog_reader_open(struct eventlog_reader *reader, const char *path);
/* 1 with the next record, 0 when there is none yet (or only a torn one), -errno. */
int eventlog_next(struct eventlog_reader *reader, struct logged *record);
void eventlog_reader_close(struct eventlog_reader *reader);

/* All records at once, in memory of the page cache. */
struct eventlog_map {
	int fd;
	const char *file; /* NULL: nothing mapped yet */
	size_t size;      /* of the mapping */
	uint64_t count;   /* whole records, each verified once */
};
/* 0 or -errno, as eventlog_reader_open. */
int eventlog_map_open(struct eventlog_map *map, const char *path);
/* Takes in the whole records that were written since.  How many, or -errno. */
int64_t eventlog_map_grow(struct eventlog_map *map);
/* Record i, i < count; valid until the map grows or is closed. */
const struct logged *eventlog_map_record(const struct eventlog_map *map, uint64_t i);
void eventlog_map_close(struct eventlog_map *map);

#endif
