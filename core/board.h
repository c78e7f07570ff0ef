/* SPDX-License-Identifier: ISC
 *
 * The board: the layout of the task table that all processes of a run map shared.  Pure memory
 * code; who maps which file is not its business.  Every row has one writer, nobody takes a lock,
 * and no reader ever waits for a writer that was killed.  It is a cache: all of it can be rebuilt.
 *
 * The plan comes after the board, so there is a cell for every task that a plan may have; the file
 * is sparse, and cells that no task uses cost nothing.
 */
#ifndef CORE_BOARD_H
#define CORE_BOARD_H

#include <stdalign.h>
#include <stdatomic.h>

#include "core.h"

#define BOARD_FAULT_BYTES 65536
#define BOARD_RUN_ID_SIZE 24
#define BOARD_SOCKET_NAME_SIZE 96
#define BOARD_TASKS_MAX (1u << 24)
#define BOARD_EVENTS_MAX (1u << 24)

enum board_slot_state { BOARD_SLOT_EMPTY, BOARD_SLOT_STARTING, BOARD_SLOT_UP };
enum board_phase { BOARD_IDLE, BOARD_WORKING, BOARD_COMMITTING, BOARD_REPORTING };

/* A seqlock: odd while its one writer writes. */
struct board_seq {
	_Atomic uint32_t count;
};

/* What the supervisor says of a slot.  Size a multiple of 8. */
struct board_slot_row {
	int32_t pid; /* 0: nobody there */
	uint32_t incarnation;
	uint32_t state; /* enum board_slot_state */
	uint32_t unused;
};

struct board_slot {
	alignas(64) struct board_seq seq;
	alignas(8) struct board_slot_row row;
};

/* What a worker says of itself, before it does it; written by that worker only, with plain stores,
 * so that what it was about to touch is known whatever kills it. */
struct board_work {
	alignas(64) volatile uint64_t record; /* about to be touched; CORE_NO_RECORD: none */
	volatile uint64_t progress;           /* records finished in this attempt */
	volatile uint64_t
	    kept; /* records finished in earlier attempts that are not committed yet */
	volatile uint32_t task; /* CORE_NO_TASK: none */
	volatile uint32_t epoch;
	volatile uint32_t phase; /* enum board_phase */
};

struct board_event {
	struct core_step step;
	uint32_t generation;
	uint32_t sequence; /* low half of the entry's number + 1; 0 while it is being written */
};

struct board {
	_Atomic uint64_t magic; /* written last */
	uint32_t version;
	uint32_t slots; /* the probe's included */
	uint64_t size;
	uint32_t events; /* entries of the ring, a power of two */
	uint32_t unused;
	uint64_t slots_at, work_at, events_at, faults_at, cells_at; /* offsets from the start */
	char run_id[BOARD_RUN_ID_SIZE];
	char socket_name[BOARD_SOCKET_NAME_SIZE];
	int64_t started_at_ns;

	alignas(64) _Atomic int32_t director_pid;
	_Atomic int32_t supervisor_pid;
	_Atomic uint32_t generation;
	_Atomic uint32_t job_state; /* the job's own numbering */
	_Atomic uint32_t tasks;     /* 0 until it is planned */
	_Atomic uint64_t records;   /* of the whole input */
	_Atomic int64_t supervisor_beat_ns;

	alignas(64) struct board_seq stats_seq;
	alignas(8) struct core_stats stats;

	alignas(64) _Atomic uint64_t head;    /* number of the next event */
	alignas(64) _Atomic uint64_t flushed; /* events before it are in the log file */
};

/* Bytes of a board; slots includes the probe's.  0 if the numbers are impossible: no slot or more
 * than CORE_SLOTS_MAX + 1, events no power of two or above BOARD_EVENTS_MAX. */
size_t board_size(uint32_t slots, uint32_t events);

/* Makes an empty board in zeroed memory of that size, aligned to 64.  Texts that are too long are
 * cut.  NULL if it does not fit. */
struct board *board_init(void *memory, size_t size, uint32_t slots, uint32_t events,
                         const char *run_id, const char *socket_name, int64_t started_at_ns);

/* The board in memory that somebody else has written, or NULL if those size bytes are none: every
 * number in it that is used as a bound or offset is verified first. */
struct board *board_attach(void *memory, size_t size);

const char *board_run_id(const struct board *board);

/* The plan is known: tasks (at most BOARD_TASKS_MAX) with empty cells, and records of input. */
void board_plan_set(struct board *board, uint32_t tasks, uint64_t records);
/* How many; never more than BOARD_TASKS_MAX. */
uint32_t board_tasks(const struct board *board);

/* A new incarnation of the supervisor: also ends the writes in which its predecessor died. */
void board_generation_set(struct board *board, uint32_t generation, int pid);

/* Copies the statistics out for everybody and shows that the supervisor is alive. */
void board_stats_set(struct board *board, const struct core_stats *stats, int64_t now_ns);
/* 0, or -EAGAIN as board_read. */
int board_stats_get(const struct board *board, struct core_stats *stats);
/* Tasks done, or not needed any more, as core_stats_over(); neither number is ever torn. */
uint64_t board_done(const struct board *board);

/* Slots must be below board->slots in all of these. */
void board_slot_set(struct board *board, uint32_t slot, int pid, uint32_t incarnation,
                    enum board_slot_state state);
/* 0, or -EAGAIN as board_read. */
int board_slot_get(const struct board *board, uint32_t slot, struct board_slot_row *row);

/* For the worker: its row, and what it is in. */
struct board_work *board_work_row(struct board *board, uint32_t slot);
void board_work_begin(struct board_work *row, uint32_t task, uint32_t epoch);
void board_work_end(struct board_work *row);
void board_work_phase(struct board_work *row, enum board_phase phase);
volatile uint64_t *board_work_record(struct board_work *row);
volatile uint64_t *board_work_progress(struct board_work *row);

/* For everybody else: what the worker in the slot is, or was when it died, in. */
void board_work_read(const struct board *board, uint32_t slot, uint32_t *task, uint32_t *epoch,
                     uint64_t *record);
bool board_work_is_busy(const struct board *board, uint32_t slot);
/* Records worked on and not committed; 0 if it were more than the whole input, once planned. */
uint64_t board_work_done(const struct board *board, uint32_t slot);
/* For the worker: the attempt is finished and waits for its commit; all that waited was committed.
 */
void board_work_keep(struct board_work *row);
void board_work_committed(struct board_work *row);
/* Before a new worker: nothing. */
void board_work_reset(struct board *board, uint32_t slot);

/* Parts that a run survives the damage of, because they are only a cache, or are verified by
 * whoever reads them. */
enum board_part {
	BOARD_PART_MAGIC,
	BOARD_PART_SLOTS,
	BOARD_PART_WORK,
	BOARD_PART_STATS,
	BOARD_PART_CELLS,
	BOARD_PARTS
};
/* Where in the board it is, in bytes from the start; length is never 0. */
void board_part(const struct board *board, enum board_part part, size_t *at, size_t *length);

/* BOARD_FAULT_BYTES, aligned to 64, zero at first; their layout is the fault plan's business. */
void *board_faults(struct board *board);

/* One byte per task: its state and attempt, which stops at 15.  task below BOARD_TASKS_MAX. */
void board_cell_set(struct board *board, uint32_t task, enum task_state state, unsigned attempt);
enum task_state board_cell_state(const struct board *board, uint32_t task);
unsigned board_cell_attempt(const struct board *board, uint32_t task);

/* The two halves of a write, and a whole one: size is a multiple of 8, memory aligned to 8. */
void board_write_begin(struct board_seq *seq);
void board_write_end(struct board_seq *seq);
void board_write(struct board_seq *seq, void *to, const void *from, size_t size);
/* Copies out what one write has left: 0.  After a bounded number of tries, because the writer is
 * busy or dead in the middle: -EAGAIN, with a copy that may mix two writes. */
int board_read(const struct board_seq *seq, void *to, const void *from, size_t size);

/* The ring of recent events, in the order of the run.  One process at a time appends. */
uint64_t board_events_head(const struct board *board);
uint64_t board_events_flushed(const struct board *board);
uint64_t board_events_capacity(const struct board *board);
/* Events below number are in the log file now. */
void board_events_set_flushed(struct board *board, uint64_t number);
/* The log file holds count events: what the ring has beyond them is still to be flushed, what it
 * does not have any more is lost, and numbering goes on behind the file's end. */
void board_events_resume(struct board *board, uint64_t count);
/* Appends an event, with the present generation: 0; -ENOBUFS while nobody has flushed the oldest;
 * -ESTALE when somebody else has appended meanwhile, and nothing was. */
int board_event_push(struct board *board, const struct core_step *step);
/* Copies event number out: 0; -EAGAIN if it is not written yet; -ENOENT if it was overwritten. */
int board_event_read(const struct board *board, uint64_t number, struct core_step *step,
                     uint32_t *generation);

#endif
