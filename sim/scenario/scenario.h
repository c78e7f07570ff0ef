/* SPDX-License-Identifier: ISC
 *
 * A scenario as plain data, checked once, here and nowhere later: everything the run needs to know,
 * with units resolved (nanoseconds, bytes, records) and defaults filled in.
 */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/core.h"
#include "sim/fault/points.h"
#include "sim/scenario/condition.h"
#include "sim/strategy/strategies.h"

#define SCENARIO_BYTES_MAX (1u << 20)
#define SCENARIO_TEXTS_MAX 16
#define SCENARIO_SUMS_MAX SCENARIO_TEXTS_MAX
#define SCENARIO_RANGES_MAX 64
#define SCENARIO_STEPS_MAX 64 /* of a graph */
#define SCENARIO_FAULTS_MAX 64
#define SCENARIO_EXPECTATIONS_MAX 64
#define SCENARIO_NAME_MAX 64
#define SCENARIO_LINE_MAX 4096    /* a fault in one line */
#define SCENARIO_WORKERS_MAX 1024 /* processes of this machine; the coordinator takes more */
#define SCENARIO_PARTITIONS_MAX 64
#define SCENARIO_FOREVER INT64_MAX

enum job_kind {
	JOB_AGGREGATE,
	JOB_NOOP,
	JOB_ETL,
	JOB_GRAPH,
	JOB_COMMAND,
	JOB_STREAM,
	JOB_MAPREDUCE,
	JOB_TORTURE /* no run: a command killed at each change of a file */
};
/* stream: what is done with the events. */
enum stream_pattern {
	PATTERN_STREAMING,
	PATTERN_BATCHING,
	PATTERN_JOIN,
	PATTERN_KAPPA,
	PATTERN_STATELESS,
	PATTERN_STATEFUL,
	PATTERN_CLAIM_CHECK
};
/* torture: as enum power_model has it. */
enum job_power { JOB_POWER_NONE, JOB_POWER_EXT4, JOB_POWER_POSIX };
/* mapreduce: what maps and reduces do. */
enum job_function { FUNCTION_PAGES, FUNCTION_WORDS, FUNCTION_SALES, FUNCTION_COMMAND };
/* etl: what goes into the sink, a row for each record or one for each batch. */
enum job_rows { JOB_ROWS_RECORD, JOB_ROWS_CHUNK };
/* What becomes of an event that comes after its window was closed. */
enum late { LATE_RESTATE, LATE_DROP };
/* etl: which sink. */
enum job_store { JOB_STORE_SQLITE, JOB_STORE_POSTGRES };
/* etl: where a strategy's progress is kept, and whether there is a lock besides the lease. */
enum checkpoint_store { CHECKPOINT_SINK, CHECKPOINT_REDIS };
enum lock { LOCK_NONE, LOCK_REDIS };
/* command: what its output has to be. */
enum job_prints { PRINTS_BYTES, PRINTS_TEXT, PRINTS_LINES };
/* command: one process for each task, or one for all the tasks of a worker, which speaks lines. */
enum job_process { PROCESS_PER_TASK, PROCESS_PER_WORKER };
enum durability { DURABILITY_PROCESS, DURABILITY_POWER };
enum verdict_kind { VERDICT_FULL, VERDICT_COUNTS };
enum world { WORLD_REAL, WORLD_VIRTUAL };

/* One range of keys, by bytes: low <= key's first strlen(low) bytes, and the first strlen(high)
 * bytes <= high. */
struct key_range {
	char low[16], high[16];
};

/* One step of a graph, and the ids of those that it waits for: see enum core_edge_kind. */
struct job_step {
	char id[32];
	char *after[SCENARIO_TEXTS_MAX]; /* strong */
	size_t afters;
	char *weakly_after[SCENARIO_TEXTS_MAX];
	size_t weakly_afters;
	char *compensates[SCENARIO_TEXTS_MAX]; /* by their death */
	size_t compensated;
};

struct scenario_job {
	enum job_kind kind;
	char logical_date[16]; /* 2026-11-21; "" = the day of the submission */
	char *input; /* as written; resolved against the scenario's folder; NULL if generated or
	                noop */
	uint64_t input_bytes; /* of a run that has a plan: so much of its input is in it, and what
	                         came behind that is not the run's; 0 = all that is there */
	uint64_t generate_sales;  /* records to generate into the run directory instead of reading
	                             input; 0 = none */
	uint64_t generate_events; /* the same, events instead of sales */
	uint64_t generate_weblog; /* the same, lines of a web server's log */
	uint64_t generate_sources, generate_late; /* of events: so many sources; come too late */
	uint64_t generate_bad;                    /* of them broken on purpose */
	uint64_t tasks;                           /* noop: number of tasks */
	int64_t task_ns; /* how long each one takes at least; 0 = as long as it has to */
	bool durable;    /* each task's done is committed before it is reported; noop can say false,
	                    and some strategies of etl are so */
	char *key;       /* aggregate: column name */
	char *id[SCENARIO_SUMS_MAX]; /* etl: columns that tell one record from all others */
	size_t ids;
	char *sum[SCENARIO_SUMS_MAX]; /* aggregate: to be added up; etl: must be decimals */
	size_t sums;
	char *event_time, *source; /* etl, by event time: columns */
	enum job_rows rows;        /* etl */
	enum job_store store;
	char *dsn;    /* of PostgreSQL; NULL: as the environment says */
	bool effects; /* etl: each row has an effect that cannot be taken back */
	char *command[SCENARIO_TEXTS_MAX]; /* command: with its arguments */
	size_t commands;
	enum job_function function;    /* mapreduce */
	char *map[SCENARIO_TEXTS_MAX]; /* of that function: commands */
	size_t maps;
	char *reduce[SCENARIO_TEXTS_MAX]; /* none: values are whole numbers, and added up */
	size_t reduces;
	char
	    *combine[SCENARIO_TEXTS_MAX]; /* of a map's output, before it is handed on; none: not */
	size_t combines;
	uint64_t sort_memory;
	char *folder;        /* where commands start, once scenario_resolve_input has been called */
	int64_t limit_ns;    /* a command may take so long */
	uint64_t output_max; /* ... and write so many bytes */
	enum job_prints prints;
	enum job_process process;
	char *fatal[SCENARIO_TEXTS_MAX]; /* exit codes, in decimal */
	size_t fatals;
	char *infra[SCENARIO_TEXTS_MAX];
	size_t infras;
	/* torture, like all up to the pattern: see struct torture_options */
	char *setup, *check, *recover;
	char *same[SCENARIO_TEXTS_MAX];
	size_t sames;
	char *work_in[SCENARIO_TEXTS_MAX]; /* none: the folder */
	size_t works_in;
	int64_t budget_ns; /* 0 = none was said */
	bool all, again, one_process, real_kill, pid_reuse;
	enum job_power power;
	enum stream_pattern pattern; /* stream, like all up to the separator */
	uint64_t generate_keys;      /* of made-up events: so many products or users */
	uint32_t partitions;         /* of mapreduce likewise */
	uint64_t rate; /* events a second into each partition; 0 = as fast as it goes */
	uint64_t segment_bytes;
	uint64_t batch_size;
	int64_t batch_age_ns;
	int64_t join_within_ns;
	int64_t replay_every_ns;
	int64_t service_latency_ns, service_timeout_ns;
	int64_t users_lag_ns;
	uint64_t snapshot_every;
	uint64_t generate_size; /* of a document */
	uint64_t claim_above;   /* documents with more bytes are not in the log */
	uint64_t generate_lost, generate_doubled;
	char separator;
	uint64_t chunk;                              /* records per chunk; 0 when split by key */
	struct key_range range[SCENARIO_RANGES_MAX]; /* split by key; an open rest is always added
	                                                behind the last */
	size_t ranges;
	struct job_step step[SCENARIO_STEPS_MAX]; /* graph: gone through once for each order */
	size_t steps;
	uint64_t orders;
};

/* How many records are made up instead of read; 0: the job has an input, or needs none. */
static inline uint64_t
scenario_generated(const struct scenario_job *job)
{
	return job->generate_sales + job->generate_events + job->generate_weblog;
}

/* Does it run commands of the user's? */
static inline bool
scenario_has_commands(const struct scenario_job *job)
{
	return job->commands > 0 || job->maps > 0;
}

/* The pattern's word in a scenario. */
const char *job_pattern_name(enum stream_pattern pattern);

/* Does it commit rows of its own on its way, and marks? */
static inline bool
job_has_sink(enum job_kind kind)
{
	return kind == JOB_ETL || kind == JOB_STREAM;
}

/* How the virtual world's models behave. */
struct model {
	int64_t record_ns;     /* work on one record: mean */
	int64_t commit_ns;     /* one transaction */
	int64_t message_ns[2]; /* a frame on its way: least and most */
	int64_t spawn_ns;      /* from a fork to the worker's hello */
	int64_t supervisor_ns; /* from a supervisor's death to the next one */
	int64_t resume_ns;     /* from the director's death to its resume */
	uint32_t drop_ppm;     /* of every frame, besides the faults */
	uint32_t duplicate_ppm, reorder_ppm;
	uint32_t busy_ppm; /* transactions that have to wait for another's once more */
};

/* fault.what */
enum fault_what {
	FAULT_KILL,  /* send a signal (signal) */
	FAULT_CRASH, /* end itself: by SEGV/ABRT/BUS/... (signal) or exit code (exit_code >= 0) */
	FAULT_PAUSE, /* SIGSTOP, and SIGCONT after for_ns */
	FAULT_HANG,  /* stop making progress, without dying, for for_ns */
	FAULT_SLOW,  /* add delay_ns to every record or task for for_ns */
	FAULT_BAD_CHUNK,  /* flip bytes of a chunk as an attempt reads it */
	FAULT_POISON,     /* a record that ends its worker (signal, or memory = runs into its memory
	                     limit) */
	FAULT_FLAKY,      /* a record that fails with DATA the first `times` times */
	FAULT_LOSE_PART,  /* what a map has handed on is removed before a reduce reads it */
	FAULT_SPOIL_PART, /* ... has a flipped bit */
	FAULT_SPIN,       /* as hang, but burning the processor */
	FAULT_MEMORY,     /* take memory until limits.memory refuses more, and die of it */
	FAULT_FAIL,       /* the call that this point stands before fails with `error` */
	FAULT_SHORT,      /* the write that this point stands before takes half, and says so */
	FAULT_TEAR,       /* half of that write happens, then its process is killed */
	FAULT_POWER,      /* everybody is killed at once, and what was not synced is gone */
	FAULT_DROP,       /* a frame is lost, between sending and arriving */
	FAULT_DELAY,      /* ... arrives delay_ns later, after those sent behind it */
	FAULT_DUPLICATE,  /* ... arrives twice */
	FAULT_REORDER,    /* ... changes places with the next one the same way */
	FAULT_CORRUPT,    /* ... arrives with flipped bits */
	FAULT_PARTITION,  /* nothing passes between a worker and the supervisor for for_ns (way) */
	FAULT_CLOCK,      /* the wall clock steps by step_ns, or to the next midnight */
	FAULT_BOARD,      /* bytes of the shared board are flipped */
	FAULT_SPLIT,      /* the supervisor is paused for for_ns and taken for dead: another one is
	                     started beside it */
	FAULT_SCALE,      /* so many (scale) workers more, or fewer */
	FAULT_DRAIN,      /* a worker finishes what it has begun and leaves */
	FAULT_GROW,       /* so many (record) records come in at the end of the made-up input */
	FAULT_QUIET,      /* no other fault begins for for_ns */
	FAULT_HEAL        /* pauses, hangs, slowness and partitions end now */
	/* Power, clock, board, scale, grow, quiet and heal are done to nobody in particular: their
	 * who is WHO_ALL. */
};

/* fault.who */
enum fault_who {
	WHO_SELF, /* whoever reached the point */
	WHO_SLOT,
	WHO_ANY,  /* drawn by the seed; so many (victims) of them */
	WHO_BUSY, /* likewise, of those that work on a task */
	WHO_SUPERVISOR,
	WHO_DIRECTOR,
	WHO_ALL,    /* director, supervisor and workers */
	WHO_HOLDER, /* the worker that holds a task (task) */
	WHO_OLDEST, /* the worker that has been up longest; so many (victims) of them */
	WHO_NEWEST
};

/* fault.when */
enum fault_when {
	WHEN_POINT, /* at a point's nth hit in the run; with chance, each hit from nth on is drawn
	             */
	WHEN_PROGRESS, /* when the share of done tasks reaches progress_ppm */
	WHEN_TIME,     /* after_ns from the start of the run */
	WHEN_RECORD,   /* bad chunk, poison, flaky: whenever that task or record is worked on */
	WHEN_STATE,    /* as soon as a condition over the run's state is true */
	WHEN_HAND      /* when a person asked for it, while the run went on; never in a file */
};

/* fault.way, seen from the worker */
enum fault_way { WAY_BOTH, WAY_TO, WAY_FROM };

struct fault {
	char id[32];
	int line; /* in the file, for messages */
	enum fault_what what;
	enum fault_who who;
	uint16_t slot;    /* WHO_SLOT */
	uint16_t victims; /* any, busy, oldest, newest: so many at once */
	int signal;       /* kill, crash, poison */
	int exit_code;    /* crash; -1 = by signal */
	bool poison_memory;
	int64_t for_ns; /* what lasts; SCENARIO_FOREVER if said so, but not with pause and split */
	int64_t delay_ns;   /* slow, delay */
	int error;          /* fail: an errno */
	uint8_t frame;      /* frames: 1 + enum message_kind; 0 = any kind */
	enum fault_way way; /* partition */
	int64_t step_ns;    /* clock; INT64_MAX = to the next midnight */
	int32_t scale;      /* scale: more (+) or fewer (-) workers */
	enum fault_when when;
	enum point point;
	uint64_t nth;        /* point: first hit that counts, from 1 */
	uint64_t last;       /* point: last hit that counts; 0 = none is */
	uint32_t chance_ppm; /* point: drawn with the run's seed; 1000000 = always */
	uint32_t progress_ppm;
	int64_t after_ns;
	int64_t every_ns; /* time, state: again after this, up to `times`; 0 = not by time */
	struct condition condition; /* state; at a point: only hits count while it is true */
	int16_t follows; /* number of a fault: nothing of this one counts before that one was
	                    injected; -1 = none */
	uint64_t task;   /* bad chunk: number of the chunk; holder */
	uint64_t record; /* poison, flaky: number of the record, from 0; grow: how many */
	uint32_t times;  /* how often at most it may be injected; UINT32_MAX = every time */
	bool optional;   /* need not land */
};

enum expect_what {
	EXPECT_JOB,      /* value = 1 done, 0 failed */
	EXPECT_RECORDS,  /* exactly_once, its only value (0) */
	EXPECT_REWORK,   /* value in ppm of the records */
	EXPECT_RECOVERY, /* value in ns: longest time from a death to leased again */
	EXPECT_DEAD_LETTERS,
	EXPECT_FENCED,
	EXPECT_RETRIES,
	EXPECT_TAKEOVERS,
	EXPECT_GENERATIONS,
	EXPECT_QUARANTINED,
	EXPECT_RESTARTS,
	EXPECT_HANGS,
	EXPECT_SKIPPED,
	EXPECT_LOST, /* by the ledger: records */
	EXPECT_DOUBLED,
	EXPECT_EFFECTS_DOUBLED,
	EXPECT_LATE_RESTATED,
	EXPECT_LATE_DROPPED,
	EXPECT_REMADE, /* maps whose parts were lost, and made again */
	EXPECT_SPECULATED,
	EXPECT_SPECULATION_WON,
	EXPECT_CONFLICTS,  /* keys that came with two payloads */
	EXPECT_STALE,      /* by the ledger: mails that went to an old address */
	EXPECT_TAKEN_BACK, /* tasks that were done before a loss of power, and not behind it */
	EXPECT_BREAKS,     /* value = enum expect_promise: the promise is broken */
	/* Of a torture, and of nothing else: */
	EXPECT_UNSAFE,  /* findings: what a kill leaves and the recovery does not put right */
	EXPECT_LITTER,  /* states after which something is left that a clean run does not leave */
	EXPECT_EXPLORED /* value in ppm of the points */
};
/* Promises of the verdict that a naive strategy may be expected to break. */
enum expect_promise { PROMISE_I1, PROMISE_I2, PROMISE_I6, PROMISE_I7 };
struct expectation {
	enum expect_what what;
	enum compare compare;
	uint64_t value;
	char text[96]; /* for reports, the same however it was written: "rework: <= 2%" */
};

struct scenario {
	char *path; /* where it was read from */
	char name[SCENARIO_NAME_MAX];
	char *about;
	uint64_t seed;
	enum world world;
	int64_t wall_ns; /* limits.wall: the run is stopped and inconclusive after this; default 10
	                    min */
	uint32_t slots;  /* limits.workers: places for workers */
	uint64_t memory; /* limits.memory: address space of a worker in bytes; 0 = no limit */
	struct scenario_job job;
	enum durability durability;
	enum verdict_kind verdict;
	bool exclusive;                       /* one run for a name and logical date */
	char *metrics;                        /* file for numbers, as written; NULL = none */
	char *on_failure[SCENARIO_TEXTS_MAX]; /* command and arguments */
	size_t on_failures;                   /* 0 = none */
	struct core_config core; /* workers and recovery blocks; tasks and seed are filled in by the
	                            run; graph is the scenario's own */
	int64_t beat_ns;         /* heartbeat.every */
	enum strategy_id strategy; /* etl; other kinds have checkpoint */
	uint64_t batch_records;    /* recovery.checkpoint.every */
	int64_t batch_ns;          /* recovery.checkpoint.within */
	struct {                   /* recovery.watermark */
		int64_t window_ns, lateness_ns, idle_ns;
		enum late late;
	} watermark;
	enum checkpoint_store checkpoint_store;
	enum lock lock; /* on each task of etl, beside its lease */
	int64_t lock_ttl_ns;
	char *redis;        /* its address; NULL: this host's usual port */
	struct model model; /* virtual world */
	struct fault fault[SCENARIO_FAULTS_MAX];
	size_t faults;
	struct expectation expect[SCENARIO_EXPECTATIONS_MAX];
	size_t expectations;
};

/* Reads and checks a scenario file.  Every error found, not only the first, is printed to `errors`:
 *     file:line:column: error: what is wrong and what is expected
 * with the source line and a caret below it; the last line is the count and "nothing was run".
 * set[] holds "key.path=value" overrides, checked like the file itself (messages name
 * "--set key.path").  Returns 0, or -EINVAL when anything was printed; out is only filled on 0 and
 * freed with scenario_fini. */
int scenario_load(struct scenario *out, const char *path, const char *const *set, size_t sets,
                  FILE *errors);
void scenario_fini(struct scenario *scenario);

/* The same from memory; `name` stands for the path.  scenario_load ends here. */
int scenario_load_text(struct scenario *out, const char *name, const char *text, size_t length,
                       const char *const *set, size_t sets, FILE *errors);

/* Makes the paths of the input and of the folder of commands absolute, so that the scenario can be
 * written into another folder.  0, or -errno after saying what is wrong; nothing to do for a job
 * without them. */
int scenario_resolve_input(struct scenario *scenario);

/* A torture is no run: nothing is planned, leased or resumed.  True after saying so, and that this
 * cannot be done with it: "be swept". */
bool scenario_refuses_torture(const struct scenario *scenario, const char *what);

/* Takes out what reaches beyond the run itself: exclusive, metrics, on_failure.  For runs that are
 * made to try something. */
void scenario_make_private(struct scenario *scenario);

/* Writes the scenario as it will be run, defaults and overrides included, without faults by hand,
 * as a scenario file that loads to the same struct.  Returns 0 or -errno. */
int scenario_print(const struct scenario *scenario, FILE *out);

/* Adds one fault, said in one line without id and trigger, to a scenario that was loaded:
 *     kill: w2    pause: w1, for: 2s    {slow: any, by: 1ms, for: 5s}
 * It gets that id, and happens after_ns after the run's start; faults of a chunk or record
 * (bad_chunk, poison, flaky) have no time.  Checked and explained like an entry of the file, `name`
 * standing for the file's name.  0; -EINVAL or -ENOMEM after printing why to `errors`, and the
 * scenario is as it was. */
int scenario_fault_parse(struct scenario *scenario, const char *name, const char *text,
                         const char *id, int64_t after_ns, FILE *errors);

/* Adds one more fault, written as in a file without id and trigger ("kill: w2"), that a person
 * injects by hand: its `when` is WHEN_HAND, and it is optional.  text needs not outlive the call.
 * 0, or -EINVAL after printing what is wrong to `errors`; NULL: nothing is printed, and what can be
 * read of it is added all the same. */
int scenario_fault_add(struct scenario *scenario, const char *id, const char *text, FILE *errors);

/* How many of the faults are the scenario's own; those by hand stand behind them. */
size_t scenario_scripted(const struct scenario *scenario);

/* Takes out `count` faults from number `first` on.  What was to follow one of them waits for
 * nothing any more. */
void scenario_faults_drop(struct scenario *scenario, size_t first, size_t count);

/* xxh64 over what decides the job's result: the run's config hash.  That is the job block (and an
 * etl job's strategy) without the input's path, as the input has a fingerprint of its own, and may
 * be reached by another path at resume.  0 without memory. */
uint64_t scenario_hash(const struct scenario *scenario);

/* A record as people say it: its number, or the step of an order that it is.  Returns text. */
const char *scenario_record_text(const struct scenario_job *job, uint64_t record, char *text,
                                 size_t size);

/* Fault number `index` in one line without a line end, cut to size:
 * "k1: kill supervisor (SIGKILL) when progress >= 90%". */
void fault_describe(const struct scenario *scenario, size_t index, char *text, size_t size);

/* Ids of the faults whose bit is set, by their numbers, cut to size: "k1, k2"; "": none is. */
void fault_ids(const struct scenario *scenario, uint64_t faults, char *text, size_t size);

#endif
