/* SPDX-License-Identifier: ISC
 *
 * What a kind of job is to the rest of graveshift: a table of functions.  The processes around it
 * lease, fence and commit tasks without knowing what is in them; the kind splits its input into
 * tasks and does one task, and knows nothing of leases.
 */
#ifndef SIM_JOB_JOB_H
#define SIM_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/job/csv.h"
#include "sim/scenario/scenario.h"

#define TASK_STAGE_WORK 0
#define TASK_STAGE_OUTPUT 1

/* A task as the sealed plan has it. */
struct task_plan {
	uint32_t task;
	uint8_t stage;
	uint64_t first; /* number of its first record in the input, from 0 */
	uint64_t records;
	uint64_t offset;   /* of its first byte in the input */
	uint64_t length;   /* bytes, up to the end of its last record */
	uint64_t checksum; /* XXH3 64 of those bytes; 0 when the kind has none */
	uint32_t range;    /* split by key: which range (ranges = the open rest); else 0 */
};

/* What the plan phase found out about the input as a whole. */
struct plan_summary {
	uint32_t tasks;
	uint64_t records;
	uint64_t bytes;
	uint64_t fingerprint; /* XXH3 64 of the whole input, chunk by chunk: of the chunks'
	                         checksums in order and the header's */
};

/* A record given up on. */
struct dead_record {
	uint64_t record, offset, length; /* without the empty lines before it and its line end */
	const char *bytes; /* the first min(length, DEAD_BYTES_MAX) of it; valid until the call it
	                      is passed to returns */
	uint32_t reason;   /* enum record_reason */
	uint32_t column;   /* of the bad field from 0, or UINT32_MAX */
};
#define DEAD_BYTES_MAX 4096

struct sink;
struct shepherd;
struct effects_reader;

/* The world as one attempt sees it.  Filled in by the worker process; the job calls the functions.
 */
struct work {
	void *context;
	volatile uint64_t
	    *record; /* the board's cell: write a record's number here before touching the record */
	volatile uint64_t
	    *progress; /* records finished in this attempt: grows, never faster than the work */
	/* Called at least every 1,024 records and before anything slow: sends a beat when one is
	 * due.  False: stop at once, return -EINTR (the worker is told to leave). */
	bool (*beat)(struct work *work);
	/* There is nothing to do before another worker has got further: lets a moment pass, and
	 * sees to it that nobody takes that for a hang.  False: as beat(). */
	bool (*wait)(struct work *work);
	/* The next record >= record at which the world wants to be called (a fault is armed there,
	 * or it is skipped as a dead letter), or UINT64_MAX. */
	uint64_t (*next_stop)(struct work *work, uint64_t record);
	/* Called for that record before it is touched.  0: go on; 1: leave it out (a dead letter
	 * already, and *record is CORE_NO_RECORD); -EBADMSG: it fails with REASON_FLAKY. */
	int (*at_record)(struct work *work, uint64_t record);
	/* Gives the job the bytes to read instead of the mapped ones when a fault flips some;
	 * returns bytes otherwise.  The result is valid until the attempt ends; NULL: no memory
	 * (the attempt ends with -ENOMEM). */
	const char *(*filter_bytes)(struct work *work, const char *bytes, size_t length);
	/* isolate: hand over one bad record.  probe: hand over the record under suspicion, with
	 * REASON_CRASHED, before it is touched.  Returns 0 or -errno. */
	int (*dead)(struct work *work, const struct dead_record *dead);
	/* Of a job that commits on its way: where to.  NULL: it does not.  kept(): what was worked
	 * on up to now will not be done again, whatever becomes of the attempt.  busy(): to be
	 * called now and then in a long transaction, which is progress although no record is
	 * finished; false: stop, as beat(). */
	struct sink *sink;
	void (*kept)(struct work *work);
	bool (*busy)(struct work *work);
	/* Of jobs whose tasks write files of their own: where to, under which token, and whether
	 * they have to survive a loss of power.  effects(): what the tasks of a stage have
	 * committed, in the order of their records; it ends with the next call of any of these. */
	int out;
	uint32_t epoch, generation;
	bool power;
	int (*effects)(struct work *work, unsigned stage, struct effects_reader *reader);
	/* plan(): what the plan says of another task.  is_dead(): was that one given up?  1, 0 or
	 * -errno.  given_up(): the records of it that are dead letters, as store_dead_records().
	 *  replace(): puts another effect in the place of a
	 * task's, if that is still `old`, under the fence of this attempt: 1; 0: it is not; -ESTALE
	 * or -errno. */
	int (*plan)(struct work *work, uint32_t task, struct task_plan *plan);
	int (*is_dead)(struct work *work, uint32_t task);
	int (*given_up)(struct work *work, uint32_t task, uint64_t *records, size_t max);
	int (*replace)(struct work *work, uint32_t task, const void *old, size_t old_length,
	               const void *effect, size_t length);
	/* Where commands are run; NULL: the job has none.  failed(): keeps what is known of one
	 * that did not do its work, for people. */
	struct shepherd *shepherd;
	void (*failed)(struct work *work, const char *how, const char *errors, size_t length);
	int folder;            /* the run directory, for jobs with files of their own in it */
	bool isolate;          /* do not fail on a bad record: hand it to dead() and go on */
	uint64_t probe_record; /* CORE_NO_RECORD, or: work on this one record only */
};

/* How an attempt ended, when it ended by itself. */
struct work_result {
	const void *effects; /* to be stored with the task's done, in the same transaction; the
	                        job's, until the next run() */
	size_t effects_length;
	bool logged;      /* besides, the task is an effect that cannot be taken back */
	uint64_t records; /* effective records: counted into the result */
	uint32_t reason;  /* -EBADMSG, -EREMOTE: enum record_reason */
	uint64_t
	    bad_record; /* ... number, position and column of the first bad record; REASON_CHECKSUM
	                 * is about the chunk as a whole: CORE_NO_RECORD and the chunk's position */
	uint64_t bad_offset;
	uint32_t bad_column;
};

/* Reading back what tasks committed, for the output task.  Returns 1 and fills in the next blob
 * (valid until the next call), 0 at the end, or -errno. */
struct effects_reader {
	void *context;
	int (*next)(struct effects_reader *reader, const void **blob, size_t *length);
	uint32_t task; /* of that blob, when the tasks of a stage are read */
};

struct job;

struct job_kind_ops {
	const char *name;
	/* run() commits what it does itself, in as many transactions as it likes; what it has given
	 * up is in the store when it ends.  prepare() makes durable what must be before: for each
	 * task, in the transaction that seals the plan. */
	bool commits;
	int (*prepare)(struct job *job, struct sink *sink, const struct task_plan *task);
	/* Tasks hand on files in out/, each named for its task and token (part.h). */
	bool parts;
	/* The stage whose one task writes the result, by combine(). */
	uint8_t output_stage;
	/* A task is nothing but its number: no row of the plan to read, no effects to store. */
	bool tokens_only;
	/* Opens the input and checks it against the scenario (exists, has the columns, is not
	 * empty).  Errors are written into error[size] as one line that names thing, value and what
	 * to do.  The scenario must outlive the job.  Returns 0 or -errno. */
	int (*open)(struct job **job, const struct scenario *scenario, const char *input,
	            char *error, size_t size);
	void (*close)(struct job *job);
	/* Splits the input in one pass; put() is called for each task in order, the output task
	 * last.  Returns 0, put's error, or -errno with error[] filled in (an unbalanced quote, a
	 * record too long). */
	int (*plan)(struct job *job, struct plan_summary *summary,
	            int (*put)(void *context, const struct task_plan *task), void *context,
	            char *error, size_t size);
	/* Does one task of another stage.  0: result has the effects.  -EBADMSG: a bad record or
	 * chunk, result says which.  -EINTR: told to stop.  -EREMOTE: what it needs is away, result
	 * says why, and it may be back later.  Other -errno: the system failed.  With
	 * a probe_record nothing but that record is worked on (dead() and at_record() are called
	 * for it whatever next_stop() says), and there are no effects. */
	int (*run)(struct job *job, const struct task_plan *task, struct work *work,
	           struct work_result *result);
	/* Combines all effects and writes the output to fd (buffered by itself); lines and bytes
	 * written are returned through the pointers.  work->beat is called now and then.  0 or
	 * -errno.  NULL for a kind that plans no output task. */
	int (*combine)(struct job *job, struct effects_reader *effects, struct work *work, int fd,
	               uint64_t *lines, uint64_t *bytes);
};

extern const struct job_kind_ops job_aggregate, job_noop, job_etl, job_graph, job_command,
    job_stream, job_mapreduce;
const struct job_kind_ops *job_kind_find(enum job_kind kind);
/* Is there a file with the result when such a job is done? */
bool job_kind_has_result(enum job_kind kind);

/* The input's identity: what an unchanged file must match. */
struct input_identity {
	uint64_t device, inode, size;
	int64_t mtime_ns, ctime_ns;
};

/* The identity of the file at path as of now.  0 or -errno. */
int input_identify(const char *path, struct input_identity *identity);

#endif
