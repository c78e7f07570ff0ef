/* SPDX-License-Identifier: ISC
 *
 * The table of keys, in the order in which they are printed.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/check.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"

#define FIELD(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define S(member) FIELD(struct scenario, member)
#define F(member) FIELD(struct fault, member)
#define E(member) FIELD(struct expectation, member)
#define P(member) FIELD(struct job_step, member)

#define NUMBER(low, high) .type = KEY_NUMBER, .units = unit_none, .min = (low), .max = (high)
#define RECORDS(low, high) .type = KEY_NUMBER, .units = unit_records, .min = (low), .max = (high)
#define DURATION(low, high) .type = KEY_NUMBER, .units = unit_durations, .min = (low), .max = (high)
#define SHARE .type = KEY_NUMBER, .units = unit_shares, .min = 0, .max = 1000000
#define TIME(low, high) .type = KEY_TIME, .units = unit_durations, .min = (low), .max = (high)
#define SPAN(low, high) .type = KEY_SPAN, .units = unit_durations, .min = (low), .max = (high)
#define COMPARE_NUMBER(unit_list) .type = KEY_COMPARISON, .units = (unit_list), .max = INT64_MAX

#define US UINT64_C(1000)
#define MS (1000 * US)
#define HOUR (3600 * 1000 * MS)
#define RECORDS_MAX UINT64_C(1000000000000)
#define TASKS_MAX UINT64_C(100000000)

/* "|checkpoint|idempotent|...": the first bar is not part of the words. */
static const char strategy_list[] = ""
#define STRATEGY(id, symbol, name, flags, meaning) "|" name
#include "sim/strategy/strategies.def"
#undef STRATEGY
    ;

/* clang-format off */
const struct key keys[] = {
    {.path = "scenario", .type = KEY_WORD, .words = "1", .flags = KEY_REQUIRED,
     .meaning = "version of the format; the first key of the file"},
    {.path = "name", .type = KEY_NAME, S(name), .flags = KEY_REQUIRED,
     .meaning = "short name: a-z, 0-9 and -, at most 63"},
    {.path = "about", .type = KEY_TEXT, S(about), .flags = KEY_REQUIRED,
     .meaning = "what it shows, in a sentence or two"},
    {.path = "seed", NUMBER(0, UINT64_MAX), S(seed), .fallback = "1",
     .meaning = "of everything that is left to chance: jitter, chance, generated input"},
    {.path = "world", .type = KEY_WORD, .words = "real|virtual", S(world), .fallback = "real",
     .meaning = "real: processes, sockets and a database of this machine; virtual: models of them,"
                " in time that jumps"},
    {.path = "durability", .type = KEY_WORD, .words = "process|power", S(durability),
     .fallback = "process",
     .meaning = "what a commit survives: process = kill -9 of everything; power = a power cut too"},
    {.path = "verdict", .type = KEY_WORD, .words = "full|counts", S(verdict), .fallback = "full",
     .meaning = "full: the result is compared with a sequential pass over the input; counts: it"
                " is not"},
    {.path = "exclusive", .type = KEY_WORD, .words = "false|true", S(exclusive),
     .flags = KEY_SPARE, .fallback = "false",
     .meaning = "true: one run for this name and logical date; another one is refused while it"
                " lives or is unfinished, and does nothing once it is done"},
    {.path = "metrics", .type = KEY_TEXT, S(metrics), .flags = KEY_SPARE,
     .meaning = "file in Prometheus' text format that is kept current while the run lives; a"
                " relative path begins in the run directory"},
    {.path = "on_failure", .type = KEY_TEXTS, S(on_failure), .flags = KEY_SPARE | KEY_COMMAND,
     .meaning = "command and arguments to run when the run comes to a stop without its job done;"
                " no shell; the facts are in its environment"},

    {.path = "limits", .type = KEY_MAP, .meaning = "what the run may use"},
    {.path = "limits.wall", DURATION(100 * MS, 1000 * HOUR), S(wall_ns), .fallback = "10m",
     .meaning = "the run is stopped, and inconclusive, after this"},
    {.path = "limits.workers", NUMBER(1, SCENARIO_WORKERS_MAX), S(slots), .fallback = "16",
     .meaning = "places for workers, joined ones included"},
    {.path = "limits.memory", .type = KEY_NUMBER, .units = unit_sizes, .min = 16 << 20,
     .max = UINT64_C(1) << 46,
     .word = "none", .word_value = 0, S(memory), .fallback = "none",
     .meaning = "address space of one worker"},

    {.path = "job", .type = KEY_MAP, .flags = KEY_REQUIRED, .meaning = "what is to be done"},
    {.path = "job.kind", .type = KEY_WORD,
     .words = "aggregate|noop|etl|graph|command|stream|mapreduce|torture",
     S(job.kind), .flags = KEY_REQUIRED,
     .meaning = "aggregate: sums per key over a CSV file; noop: tasks that do nothing;"
                " etl: each record into a table of its own; graph: steps that wait for each other,"
                " for each of so many orders; command: each task runs a command; stream: events"
                " that are appended to logs and consumed from them at the same time; mapreduce:"
                " maps, a shuffle by key, reduces; torture: a command, killed at each point at"
                " which it changes files"},
    {.path = "job.pattern", .type = KEY_WORD,
     .words = "streaming|batching|join|kappa|stateless|stateful|claim_check", S(job.pattern),
     .flags = KEY_STREAM | KEY_REQUIRED,
     .meaning = "streaming: each event has its effect as soon as it is there; batching: events are"
                " gathered into batches, each with one result; join: a product is created when"
                " all three events about it have come; kappa: one view is kept current, another"
                " one is made anew from the same logs by schedule, and both agree in the end;"
                " stateless: mails, whose addresses are asked of a user service; stateful: the"
                " same with addresses of the worker's own, from a log of updates; claim_check:"
                " documents, of which large ones are in files of their own"},
    {.path = "job.logical_date", .type = KEY_DATE, S(job.logical_date), .flags = KEY_SPARE,
     .meaning = "day that the job is for, such as 2026-11-21; the day of the submission if it is"
                " not given"},
    {.path = "job.input", .type = KEY_TEXT, S(job.input),
     .flags = KEY_AGGREGATE | KEY_ETL | KEY_STREAM | KEY_RUNS | KEY_MAPREDUCE | KEY_SPARE,
     .meaning = "CSV file with a header; of command and mapreduce any text; a relative path begins"
                " at the scenario's folder"},
    {.path = "job.generate", .type = KEY_MAP,
     .flags = KEY_AGGREGATE | KEY_ETL | KEY_STREAM | KEY_RUNS | KEY_MAPREDUCE,
     .meaning = "made-up input instead of a file: sales, events or a web server's log"},
    {.path = "job.generate.sales", RECORDS(1, RECORDS_MAX), S(job.generate_sales),
     .flags = KEY_AGGREGATE | KEY_ETL | KEY_RUNS | KEY_MAPREDUCE | KEY_SPARE,
     .meaning = "how many to make: order_id, date, store, product, qty, price"},
    {.path = "job.generate.events", RECORDS(1, RECORDS_MAX), S(job.generate_events),
     .flags = KEY_ETL | KEY_STREAM | KEY_SPARE,
     .meaning = "how many to make: event_id, event_time, source, value; of a stream: id, time_ms,"
                " kind, key, value"},
    {.path = "job.generate.weblog", RECORDS(1, RECORDS_MAX), S(job.generate_weblog),
     .flags = KEY_RUNS | KEY_MAPREDUCE | KEY_SPARE,
     .meaning = "how many lines of a web server's log to make, in combined format"},
    {.path = "job.generate.keys", NUMBER(1, 100000000), S(job.generate_keys), .flags = KEY_STREAM,
     .fallback = "100",
     .meaning = "of a stream's events: how many products or users they are about"},
    {.path = "job.generate.size", .type = KEY_NUMBER, .units = unit_sizes, .min = 1,
     .max = 1000000, S(job.generate_size), .flags = KEY_STREAM, .fallback = "1KiB",
     .meaning = "pattern claim_check: of a document"},
    {.path = "job.generate.lost", NUMBER(0, RECORDS_MAX), S(job.generate_lost),
     .flags = KEY_STREAM | KEY_SPARE, .fallback = "0",
     .meaning = "pattern join: how many events never come"},
    {.path = "job.generate.doubled", NUMBER(0, RECORDS_MAX), S(job.generate_doubled),
     .flags = KEY_STREAM | KEY_SPARE, .fallback = "0",
     .meaning = "pattern join: how many events come twice"},
    {.path = "job.generate.sources", NUMBER(1, 1000), S(job.generate_sources), .flags = KEY_ETL,
     .fallback = "4", .meaning = "of events: how many sources they come from"},
    {.path = "job.generate.late", NUMBER(0, RECORDS_MAX), S(job.generate_late),
     .flags = KEY_ETL | KEY_STREAM | KEY_SPARE, .fallback = "0",
     .meaning = "of events: how many come one to five minutes late, where others come in seconds"},
    {.path = "job.generate.bad", NUMBER(0, RECORDS_MAX), S(job.generate_bad),
     .flags = KEY_AGGREGATE | KEY_ETL | KEY_RUNS | KEY_MAPREDUCE | KEY_SPARE,
     .fallback = "0", .meaning = "how many of them cannot be used"},
    {.path = "job.key", .type = KEY_TEXT, S(job.key),
     .flags = KEY_AGGREGATE | KEY_MAPREDUCE | KEY_SPARE | KEY_REQUIRED,
     .meaning = "column whose values get a line of the result each"},
    {.path = "job.sum", .type = KEY_TEXTS, S(job.sum),
     .flags = KEY_AGGREGATE | KEY_MAPREDUCE | KEY_REQUIRED,
     .meaning = "columns of decimals to add up; [] = only count records"},
    {.path = "job.id", .type = KEY_TEXTS, S(job.id), .flags = KEY_ETL | KEY_REQUIRED,
     .meaning = "columns that together tell a record from all others: its key in the sink is made"
                " of them"},
    {.path = "job.decimals", .type = KEY_TEXTS, S(job.sum), .flags = KEY_ETL | KEY_SPARE,
     .meaning = "columns that must hold decimals: a record without is a bad one"},
    {.path = "job.event_time", .type = KEY_TEXT, S(job.event_time), .flags = KEY_ETL | KEY_SPARE,
     .meaning = "column with the time at which it happened, in UTC: 2026-01-31T23:59:59.5Z; for"
                " strategies that go by windows of it"},
    {.path = "job.source", .type = KEY_TEXT, S(job.source), .flags = KEY_ETL | KEY_SPARE,
     .meaning = "column with what sent the event: its times grow, but for disorder, where others'"
                " may lag"},
    {.path = "job.rows", .type = KEY_WORD, .words = "record|chunk", S(job.rows), .flags = KEY_ETL,
     .fallback = "record",
     .meaning = "what goes into the sink: a row for each record, or one for each batch"},
    {.path = "job.effects", .type = KEY_WORD, .words = "none|log", S(job.effects),
     .flags = KEY_ETL, .fallback = "none",
     .meaning = "log: each row has an effect, too, that cannot be taken back, such as a payment"},
    {.path = "job.store", .type = KEY_WORD, .words = "sqlite|postgres", S(job.store),
     .flags = KEY_ETL, .fallback = "sqlite",
     .meaning = "where rows, effects and progress go: sqlite = the run's own run.db; postgres = a"
                " schema of the run's own on a PostgreSQL server"},
    {.path = "job.dsn", .type = KEY_TEXT, S(job.dsn), .flags = KEY_ETL | KEY_SPARE,
     .meaning = "which PostgreSQL server, such as \"host=/run/postgresql dbname=lab\"; without it,"
                " what the variables PGHOST, PGDATABASE and so on say"},
    {.path = "job.partitions", NUMBER(1, SCENARIO_PARTITIONS_MAX), S(job.partitions),
     .flags = KEY_STREAM | KEY_MAPREDUCE, .fallback = "2",
     .meaning = "logs that the events are spread over by their keys; each has one task that appends"
                " to it and one that consumes it; of mapreduce: reduces, each with the keys that"
                " hash to it"},
    {.path = "job.rate", NUMBER(1, 1000000000), .word = "any", .word_value = 0, S(job.rate),
     .flags = KEY_STREAM, .fallback = "any",
     .meaning = "so many events a second are appended to each log; any: as fast as it goes"},
    {.path = "job.segment", .type = KEY_NUMBER, .units = unit_sizes, .min = 4096, .max = 1 << 30,
     S(job.segment_bytes), .flags = KEY_STREAM, .fallback = "64MiB",
     .meaning = "a log's file has at most so much"},
    {.path = "job.batch", .type = KEY_MAP, .flags = KEY_STREAM,
     .meaning = "pattern batching: when a batch is complete"},
    {.path = "job.batch.size", RECORDS(1, 1000000), S(job.batch_size), .flags = KEY_STREAM,
     .fallback = "1000 records", .meaning = "when it has so many events"},
    {.path = "job.batch.age", DURATION(MS, 24 * HOUR), S(job.batch_age_ns), .flags = KEY_STREAM,
     .fallback = "1s", .meaning = "or when its first event was appended so long ago"},
    {.path = "job.join", .type = KEY_MAP, .flags = KEY_STREAM,
     .meaning = "pattern join: how long a product is waited for"},
    {.path = "job.join.within", DURATION(MS, 1000 * HOUR), S(job.join_within_ns),
     .flags = KEY_STREAM, .fallback = "1m",
     .meaning = "by the events' own times, from its first one; what is incomplete then is a dead"
                " letter that names what is missing, and what comes later is left out"},
    {.path = "job.replay", .type = KEY_MAP, .flags = KEY_STREAM,
     .meaning = "pattern kappa: when the logs are replayed"},
    {.path = "job.replay.every", DURATION(MS, 1000 * HOUR), S(job.replay_every_ns),
     .flags = KEY_STREAM, .fallback = "1s",
     .meaning = "so long behind the last replay; and once more in the end"},
    {.path = "job.service", .type = KEY_MAP, .flags = KEY_STREAM,
     .meaning = "pattern stateless: the user service"},
    {.path = "job.service.latency", DURATION(0, HOUR), S(job.service_latency_ns),
     .flags = KEY_STREAM, .fallback = "0us", .meaning = "a call takes at least so long"},
    {.path = "job.service.timeout", DURATION(MS, HOUR), S(job.service_timeout_ns),
     .flags = KEY_STREAM, .fallback = "50ms",
     .meaning = "an answer that has not come by then is not waited for"},
    {.path = "job.users", .type = KEY_MAP, .flags = KEY_STREAM,
     .meaning = "pattern stateful: the worker's own store of addresses"},
    {.path = "job.users.lag", DURATION(0, HOUR), S(job.users_lag_ns), .flags = KEY_STREAM,
     .fallback = "0us",
     .meaning = "updates are taken in so long after they were appended: mails go to old addresses"},
    {.path = "job.users.snapshot", RECORDS(1, RECORDS_MAX), S(job.snapshot_every),
     .flags = KEY_STREAM, .fallback = "1000 records",
     .meaning = "the store is made durable whenever so many updates more are in it"},
    {.path = "job.claim", .type = KEY_MAP, .flags = KEY_STREAM,
     .meaning = "pattern claim_check: what is not in the log"},
    {.path = "job.claim.above", .type = KEY_NUMBER, .units = unit_sizes, .min = 0,
     .max = 1 << 30, .word = "never", .word_value = UINT64_MAX, S(job.claim_above),
     .flags = KEY_STREAM, .fallback = "16KiB",
     .meaning = "documents with more bytes: the log has their token, which is their hash"},
    {.path = "job.separator", .type = KEY_CHARACTER, S(job.separator),
     .flags = KEY_AGGREGATE | KEY_ETL | KEY_MAPREDUCE,
     .fallback = ",",
     .meaning = "character between two fields"},
    {.path = "job.chunk", RECORDS(1, RECORDS_MAX), S(job.chunk),
     .flags = KEY_AGGREGATE | KEY_ETL | KEY_RUNS | KEY_MAPREDUCE | KEY_SPARE,
     .meaning = "records in one task; or say split"},
    {.path = "job.split", .type = KEY_MAP, .flags = KEY_AGGREGATE,
     .meaning = "tasks by something else than the order of the input; instead of chunk"},
    {.path = "job.split.by", .type = KEY_WORD, .words = "key",
     .flags = KEY_AGGREGATE | KEY_SPARE | KEY_REQUIRED,
     .meaning = "what decides which task a record belongs to"},
    {.path = "job.split.ranges", .type = KEY_RANGES, S(job.ranges),
     .flags = KEY_AGGREGATE | KEY_SPARE | KEY_REQUIRED,
     .meaning = "ranges of keys by their first bytes, such as A-G; all other keys are one more"
                " task"},
    {.path = "job.tasks", .type = KEY_NUMBER, .units = unit_tasks, .min = 1, .max = TASKS_MAX,
     S(job.tasks),
     .flags = KEY_NOOP | KEY_RUNS | KEY_SPARE,
     .meaning = "how many tasks; of command: instead of input"},
    {.path = "job.command", .type = KEY_TEXTS, S(job.command),
     .flags = KEY_RUNS | KEY_TORTURE | KEY_COMMAND | KEY_SPARE | KEY_REQUIRED,
     .meaning = "command and arguments, no shell; gets the lines of its chunk on standard input,"
                " and what it prints is its part of the result; {task}, {attempt}, {from}, {to}"
                " (records, from 1), {input} and {output} are replaced; of torture: what is"
                " killed"},
    {.path = "job.function", .type = KEY_WORD, .words = "pages|words|sales|command",
     S(job.function), .flags = KEY_MAPREDUCE | KEY_REQUIRED,
     .meaning = "pages: hits per page of a web log in combined format; words: how often each"
                " comes; sales: sums per key of CSV; command: of the user's own"},
    {.path = "job.map", .type = KEY_TEXTS, S(job.map),
     .flags = KEY_MAPREDUCE | KEY_COMMAND | KEY_SPARE,
     .meaning = "of function command: gets the lines of a chunk on standard input, prints key, TAB"
                " and value"},
    {.path = "job.reduce", .type = KEY_TEXTS, S(job.reduce),
     .flags = KEY_MAPREDUCE | KEY_COMMAND | KEY_SPARE,
     .meaning = "of function command: gets them in the order of the keys, prints lines of the"
                " result; without it values must be whole numbers, and are added up"},
    {.path = "job.combine", .type = KEY_TEXTS, S(job.combine),
     .flags = KEY_MAPREDUCE | KEY_COMMAND | KEY_SPARE,
     .meaning = "of function command: gets what one map has printed in the order of the keys,"
                " prints less of the same kind; whether it does so or not must make no difference"
                " to what reduces print"},
    {.path = "job.sort_memory", .type = KEY_NUMBER, .units = unit_sizes, .min = 4096,
     .max = UINT64_C(1) << 40, S(job.sort_memory), .flags = KEY_MAPREDUCE, .fallback = "64MiB",
     .meaning = "what a task has gathered is sorted and spilled when it is more than this"},
    {.path = "job.folder", .type = KEY_TEXT, S(job.folder),
     .flags = KEY_RUNS | KEY_MAPREDUCE | KEY_TORTURE | KEY_SPARE,
     .meaning = "where commands start; the scenario's folder if it is not given"},
    {.path = "job.limit", DURATION(10 * MS, 24 * HOUR), S(job.limit_ns),
     .flags = KEY_RUNS | KEY_MAPREDUCE | KEY_TORTURE,
     .fallback = "1m", .meaning = "a command that takes longer is killed, with all it has started"},
    {.path = "job.output_max", .type = KEY_NUMBER, .units = unit_sizes, .min = 1,
     .max = UINT64_C(1) << 46, S(job.output_max), .flags = KEY_RUNS | KEY_MAPREDUCE,
     .fallback = "1GiB",
     .meaning = "a command that prints more, or writes a larger file, is ended and its task given"
                " up"},
    {.path = "job.prints", .type = KEY_WORD, .words = "bytes|text|lines", S(job.prints),
     .flags = KEY_RUNS, .fallback = "bytes",
     .meaning = "what a command's output must be: bytes = anything; text = lines of UTF-8; lines ="
                " one for each record"},
    {.path = "job.process", .type = KEY_WORD, .words = "per_task|per_worker", S(job.process),
     .flags = KEY_RUNS, .fallback = "per_task",
     .meaning = "per_worker: a worker's command is started once and does one task after the other:"
                " it reads 'task TASK ATTEMPT FROM TO LINES MARK' and so many lines, and prints"
                " 'begin MARK', its output and then 'done MARK', or 'failed MARK CODE'"},
    {.path = "job.exits", .type = KEY_MAP, .flags = KEY_RUNS | KEY_MAPREDUCE,
     .meaning = "exit codes; 0 is done, and those not listed are tried again as often as"
                " recovery.retry says"},
    {.path = "job.exits.fatal", .type = KEY_TEXTS, S(job.fatal),
     .flags = KEY_RUNS | KEY_MAPREDUCE | KEY_SPARE | KEY_CODES,
     .meaning = "the task is given up at once; 64, 126 and 127 if nothing is said"},
    {.path = "job.exits.infra", .type = KEY_TEXTS, S(job.infra),
     .flags = KEY_RUNS | KEY_MAPREDUCE | KEY_SPARE | KEY_CODES,
     .meaning = "it is tried again later, uncharged, for as long as it takes; 69 and 75 if nothing"
                " is said"},
    {.path = "job.setup", .type = KEY_TEXT, S(job.setup), .flags = KEY_TORTURE | KEY_SPARE,
     .meaning = "for a shell: prepares the folders before the command is run"},
    {.path = "job.check", .type = KEY_TEXT, S(job.check), .flags = KEY_TORTURE | KEY_SPARE,
     .meaning = "for a shell: passes with 0 if the outcome is right, fails with 1, cannot say with"
                " 77; without it, files are compared with those of a clean run"},
    {.path = "job.same", .type = KEY_TEXTS, S(job.same), .flags = KEY_TORTURE | KEY_SPARE,
     .meaning = "files that alone are compared"},
    {.path = "job.recover", .type = KEY_TEXT, S(job.recover), .flags = KEY_TORTURE | KEY_SPARE,
     .meaning = "for a shell: what is done after a kill; the command again, if not given"},
    {.path = "job.work_in", .type = KEY_TEXTS, S(job.work_in), .flags = KEY_TORTURE | KEY_SPARE,
     .meaning = "folders that the command works in, which are compared; job.folder if not given"},
    {.path = "job.budget", DURATION(10 * MS, 24 * HOUR), S(job.budget_ns),
     .flags = KEY_TORTURE | KEY_SPARE,
     .meaning = "states are played for so long, by worth; some of each class if not given"},
    {.path = "job.all", .type = KEY_WORD, .words = "false|true", S(job.all),
     .flags = KEY_TORTURE, .fallback = "false",
     .meaning = "true: every state is played, not only some of each class"},
    {.path = "job.again", .type = KEY_WORD, .words = "false|true", S(job.again),
     .flags = KEY_TORTURE, .fallback = "false",
     .meaning = "true: recoveries are killed, too, and theirs, until no new state appears"},
    {.path = "job.one_process", .type = KEY_WORD, .words = "false|true", S(job.one_process),
     .flags = KEY_TORTURE, .fallback = "false",
     .meaning = "true: also, only the process at the point is killed, as for want of memory"},
    {.path = "job.real_kill", .type = KEY_WORD, .words = "false|true", S(job.real_kill),
     .flags = KEY_TORTURE, .fallback = "false",
     .meaning = "true: the command is also run again and killed at each point, and what comes of it"
                " held against the saved states"},
    {.path = "job.pid_reuse", .type = KEY_WORD, .words = "false|true", S(job.pid_reuse),
     .flags = KEY_TORTURE, .fallback = "false",
     .meaning = "true: the recovery's processes have the numbers of those that were killed, as"
                " after a reboot"},
    {.path = "job.power", .type = KEY_WORD, .words = "none|ext4|posix", S(job.power),
     .flags = KEY_TORTURE, .fallback = "none",
     .meaning = "the power fails, too: by what ext4 with its usual options loses, or by what posix"
                " allows a file system to lose"},
    {.path = "job.orders", NUMBER(1, TASKS_MAX), S(job.orders), .flags = KEY_GRAPH,
     .fallback = "1", .meaning = "the graph is gone through once for each of so many orders"},
    {.path = "job.steps", .type = KEY_LIST, .flags = KEY_GRAPH | KEY_REQUIRED,
     .meaning = "what is to be done for each order: a task each, with what it waits for"},
    {.path = "job.steps[].id", .type = KEY_NAME, P(id), .flags = KEY_REQUIRED,
     .meaning = "name of the step: a-z, 0-9, - and _, at most 31"},
    {.path = "job.steps[].after", .type = KEY_TEXTS, P(after), .flags = KEY_STEPS,
     .meaning = "steps that must be done before: if one of them is given up, this one is skipped"},
    {.path = "job.steps[].weakly_after", .type = KEY_TEXTS, P(weakly_after), .flags = KEY_STEPS,
     .meaning = "steps that must have ended before, however they ended"},
    {.path = "job.steps[].compensates", .type = KEY_TEXTS, P(compensates), .flags = KEY_STEPS,
     .meaning = "this one runs only if one of these steps is given up: to make up for it, such as"
                " a refund"},
    {.path = "job.work", DURATION(0, HOUR), S(job.task_ns), .fallback = "0us",
     .meaning = "how long each task takes at least; 0us: as long as it has to"},
    {.path = "job.durable", .type = KEY_WORD, .words = "false|true", S(job.durable),
     .flags = KEY_NOOP,
     .fallback = "true",
     .meaning = "false: a task is done when its worker says so, and nothing is committed"},

    {.path = "workers", .type = KEY_MAP, .meaning = "who does it"},
    {.path = "workers.count", NUMBER(1, SCENARIO_WORKERS_MAX), S(core.workers), .fallback = "4",
     .meaning = "workers to start; of a torture: states that are played side by side"},
    {.path = "workers.credit", NUMBER(1, CORE_CREDIT_MAX), S(core.credit), .fallback = "2",
     .meaning = "leases one worker may hold, the one it works on included; a stream job's hold 1 if"
                " it is not given"},
    {.path = "workers.placement", .type = KEY_WORD, .words = "hash|least|round_robin",
     S(core.placement), .fallback = "hash",
     .meaning = "who gets which task: hash = each worker has its share, by consistent hashing, and"
                " takes from the longest queue when it has nothing left; least = who holds the"
                " fewest; round_robin = each in turn"},
    {.path = "workers.restart", .type = KEY_MAP,
     .meaning = "how often a worker that died is started again"},
    {.path = "workers.restart.max", NUMBER(0, CORE_RESTARTS_MAX), S(core.restart_max),
     .fallback = "5",
     .meaning = "a place whose workers die more often than this is closed"},
    {.path = "workers.restart.within", DURATION(MS, 24 * HOUR), S(core.restart_within_ns),
     .fallback = "10s",
     .meaning = "the time in which they are counted"},
    {.path = "workers.restart.backoff", SPAN(0, HOUR), S(core.restart_base_ns),
     .fallback = "10ms..1s",
     .meaning = "pause before the second restart in that time, doubling up to the last"},

    {.path = "recovery", .type = KEY_MAP, .meaning = "what is done about faults"},
    {.path = "recovery.strategy", .type = KEY_WORD, .words = strategy_list + 1, S(strategy),
     .fallback = "checkpoint",
     .meaning = "what is kept so that somebody else can go on; of jobs of another kind than etl"
                " checkpoint: a task that is committed is never done again"},
    {.path = "recovery.checkpoint", .type = KEY_MAP, .flags = KEY_ETL | KEY_STREAM,
     .meaning = "how often it is kept; of etl and stream jobs"},
    {.path = "recovery.checkpoint.every", RECORDS(1, 1000000), S(batch_records),
     .flags = KEY_ETL | KEY_STREAM,
     .fallback = "10000 records",
     .meaning = "a batch, which is one transaction, has at most so many"},
    {.path = "recovery.checkpoint.within", DURATION(MS, HOUR), S(batch_ns), .flags = KEY_ETL,
     .fallback = "1s", .meaning = "and takes not much longer than this"},
    {.path = "recovery.watermark", .type = KEY_MAP, .flags = KEY_ETL,
     .meaning = "windows of event time; of etl jobs that go by them"},
    {.path = "recovery.watermark.window", DURATION(MS, 1000 * HOUR), S(watermark.window_ns),
     .flags = KEY_ETL, .fallback = "1m",
     .meaning = "length of a window; its end belongs to the next one"},
    {.path = "recovery.watermark.lateness", DURATION(0, 1000 * HOUR), S(watermark.lateness_ns),
     .flags = KEY_ETL, .fallback = "10s",
     .meaning = "a window stays open until every source is so far beyond it"},
    {.path = "recovery.watermark.idle", DURATION(MS, 1000 * HOUR), S(watermark.idle_ns),
     .flags = KEY_ETL, .fallback = "10m",
     .meaning = "a source that is so far behind the newest event is not waited for"},
    {.path = "recovery.watermark.late", .type = KEY_WORD, .words = "restate|drop",
     S(watermark.late), .flags = KEY_ETL, .fallback = "restate",
     .meaning = "an event whose window is closed: restate = the window's rows are made anew with"
                " it; drop = it is counted and left out"},
    {.path = "recovery.checkpoint_store", .type = KEY_WORD, .words = "sink|redis",
     S(checkpoint_store), .flags = KEY_ETL, .fallback = "sink",
     .meaning = "where progress is kept: sink = in the transaction of the rows; redis = behind it,"
                " so that it may lag"},
    {.path = "recovery.lock", .type = KEY_WORD, .words = "none|redis", S(lock), .flags = KEY_ETL,
     .fallback = "none",
     .meaning = "redis: who works on a task holds a lock on it, too, renewed at a third of its"
                " TTL"},
    {.path = "recovery.lock_ttl", DURATION(10 * MS, HOUR), S(lock_ttl_ns), .flags = KEY_ETL,
     .fallback = "3s", .meaning = "a lock that is not renewed ends after this, whoever holds it"},
    {.path = "recovery.redis", .type = KEY_TEXT, S(redis), .flags = KEY_ETL | KEY_SPARE,
     .meaning = "the Redis server: path of its socket, or host:port; without it, 127.0.0.1:6379"},
    {.path = "recovery.retry", .type = KEY_MAP, .meaning = "attempts of a task"},
    {.path = "recovery.retry.attempts", NUMBER(1, 100), S(core.attempts), .fallback = "4",
     .meaning = "charged attempts a task may use; 4 = retry up to three times"},
    {.path = "recovery.retry.backoff", SPAN(0, HOUR), S(core.backoff_base_ns),
     .fallback = "100ms..30s",
     .meaning = "longest pause before the second attempt, doubling up to the last; drawn from"
                " nothing to that"},
    {.path = "recovery.lease", .type = KEY_MAP, .meaning = "the right to do a task"},
    {.path = "recovery.lease.ttl", DURATION(MS, 24 * HOUR), S(core.lease_ttl_ns), .fallback = "5s",
     .meaning = "a worker that sends nothing at all for this long loses its leases"},
    {.path = "recovery.lease.takeover", .type = KEY_WORD, .words = "kill|fence", S(core.takeover),
     .fallback = "kill",
     .meaning = "kill: the old holder is killed first; fence: it is not, only its commits are"
                " refused"},
    {.path = "recovery.speculate", .type = KEY_MAP,
     .meaning = "second attempts beside slow ones, when a worker is idle: whoever commits first"
                " counts; for jobs whose tasks are seen only once they commit: aggregate,"
                " mapreduce, command, noop"},
    {.path = "recovery.speculate.slower_than", .type = KEY_NUMBER, .units = unit_times, .min = 110,
     .max = 100000, S(core.copy_percent), .flags = KEY_REQUIRED | KEY_SPARE,
     .meaning = "an attempt is copied when it takes that many times as long as a task of its stage"
                " did on average, and longer than heartbeat.every: 3x"},
    {.path = "recovery.heartbeat", .type = KEY_MAP, .meaning = "how a hang is noticed"},
    {.path = "recovery.heartbeat.every", DURATION(MS, HOUR), S(beat_ns), .fallback = "100ms",
     .meaning = "a worker says how far it is"},
    {.path = "recovery.heartbeat.suspect", DURATION(MS, 24 * HOUR), S(core.suspect_ns),
     .fallback = "500ms",
     .meaning = "progress that stands still for this long is noted"},
    {.path = "recovery.heartbeat.dead", DURATION(MS, 24 * HOUR), S(core.dead_ns), .fallback = "2s",
     .meaning = "and after this the worker is given up"},
    {.path = "recovery.dead_letters", .type = KEY_MAP, .meaning = "records given up on"},
    {.path = "recovery.dead_letters.max", NUMBER(0, RECORDS_MAX), .word = "any",
     .word_value = UINT64_MAX,
     S(core.dead_letters_max), .fallback = "0", .meaning = "with more of them the job has failed"},

    {.path = "model", .type = KEY_MAP, .meaning = "how the virtual world's models behave"},
    {.path = "model.record", DURATION(0, HOUR), S(model.record_ns), .fallback = "10us",
     .meaning = "work on one record, on average"},
    {.path = "model.commit", DURATION(0, HOUR), S(model.commit_ns), .fallback = "50us",
     .meaning = "one transaction"},
    {.path = "model.message", SPAN(0, HOUR), S(model.message_ns[0]), .fallback = "10us..100us",
     .meaning = "a message on its way: least and most"},
    {.path = "model.spawn", DURATION(0, HOUR), S(model.spawn_ns), .fallback = "1ms",
     .meaning = "from starting a worker to its hello"},
    {.path = "model.supervisor", DURATION(0, HOUR), S(model.supervisor_ns), .fallback = "5ms",
     .meaning = "from a supervisor's death to the next one"},
    {.path = "model.resume", DURATION(0, HOUR), S(model.resume_ns), .fallback = "10ms",
     .meaning = "from the director's death until somebody resumes the run"},
    {.path = "model.drop", SHARE, S(model.drop_ppm), .fallback = "0%",
     .meaning = "messages lost, besides the faults"},
    {.path = "model.duplicate", SHARE, S(model.duplicate_ppm), .fallback = "0%",
     .meaning = "messages that arrive twice"},
    {.path = "model.reorder", SHARE, S(model.reorder_ppm), .fallback = "0%",
     .meaning = "messages that overtake the one before"},
    {.path = "model.busy", SHARE, S(model.busy_ppm), .fallback = "0%",
     .meaning = "transactions that have to wait for another's once more"},

    {.path = "faults", .type = KEY_LIST,
     .meaning = "what goes wrong: one action and one trigger each"},
    {.path = "faults[].id", .type = KEY_NAME, F(id),
     .meaning = "name in messages and reports: a-z, 0-9, - and _, at most 31; without one:"
                " f1, f2, ..."},
    {.path = "faults[].at", .type = KEY_POINT, F(point), .flags = KEY_TRIGGER, .value = WHEN_POINT,
     .meaning = "when a process reaches this point; `graveshift points` lists them"},
    {.path = "faults[].nth", NUMBER(1, INT64_MAX), F(nth), .fallback = "1",
     .meaning = "with at: the first time in the run that counts"},
    {.path = "faults[].last", NUMBER(1, INT64_MAX), F(last),
     .meaning = "with at: the last time in the run that counts; from nth to it unless times says"
                " fewer"},
    {.path = "faults[].during", .type = KEY_CONDITION,
     .meaning = "with at: only what happens while this is true counts: recovery, or any other"
                " condition"},
    {.path = "faults[].chance", .type = KEY_NUMBER, .units = unit_shares, .min = 1,
     .max = 1000000, F(chance_ppm),
     .fallback = "100%", .meaning = "with at: drawn each time, by the seed; say times with it"},
    {.path = "faults[].when", .type = KEY_CONDITION, .flags = KEY_TRIGGER,
     .value = WHEN_PROGRESS,
     .meaning = "as soon as this is true: progress >= 90%, done >= 5 && w2 holds 17"},
    {.path = "faults[].after", TIME(0, 1000 * HOUR), F(after_ns), .flags = KEY_TRIGGER,
     .value = WHEN_TIME,
     .meaning = "that long after the start of the run"},
    {.path = "faults[].every", TIME(MS, 1000 * HOUR), F(every_ns),
     .meaning = "with when and after: again after this; say times with it"},
    {.path = "faults[].follows", .type = KEY_FAULT, F(follows),
     .meaning = "id of a fault: nothing of this one counts before that one was injected"},
    {.path = "faults[].do", .type = KEY_CHAIN, .flags = KEY_ACTION, .value = -1,
     .meaning = "with at: a chain of terms [P%] [N*] action, each for the N hits behind those of"
                " the one before: 3*off -> 1*kill -> 2*off -> 1*crash"},
    {.path = "faults[].kill", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_KILL,
     .meaning = "send a signal, KILL unless signal says otherwise"},
    {.path = "faults[].crash", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_CRASH,
     .meaning = "the process ends itself, by a signal or an exit code; SEGV if neither is said"},
    {.path = "faults[].pause", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_PAUSE,
     .meaning = "stop the process, and let it go on after the time in for"},
    {.path = "faults[].hang", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_HANG,
     .meaning = "the process gets nowhere, without dying, for the time in for"},
    {.path = "faults[].slow", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_SLOW,
     .meaning = "every record, or task of a noop job, takes longer by the time in by, for the"
                " time in for"},
    {.path = "faults[].spin", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_SPIN,
     .meaning = "as hang, but burning the processor"},
    {.path = "faults[].memory", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_MEMORY,
     .meaning = "a worker takes memory until limits.memory refuses more, and dies of it"},
    {.path = "faults[].fail", .type = KEY_ERROR, .words = KEY_ERROR_WORDS, F(error),
     .flags = KEY_ACTION, .value = FAULT_FAIL,
     .meaning = "the call that the point stands before fails with this error, such as ENOSPC"},
    {.path = "faults[].short", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_SHORT,
     .meaning = "the write that the point stands before takes half, and says so"},
    {.path = "faults[].tear", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_TEAR,
     .meaning = "half of that write happens, then its process is killed"},
    {.path = "faults[].power", .type = KEY_WORD, .words = "off", .flags = KEY_ACTION,
     .value = FAULT_POWER,
     .meaning = "everybody is killed at once, and what was not synced is gone"},
    {.path = "faults[].drop", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_DROP,
     .meaning = "a frame that is about to be sent is lost; at a send point, from or to that"
                " worker"},
    {.path = "faults[].delay", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_DELAY,
     .meaning = "it arrives later by the time in by, after those sent behind it"},
    {.path = "faults[].duplicate", .type = KEY_TARGET, .flags = KEY_ACTION,
     .value = FAULT_DUPLICATE,
     .meaning = "it arrives twice"},
    {.path = "faults[].reorder", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_REORDER,
     .meaning = "it changes places with the next one the same way"},
    {.path = "faults[].corrupt", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_CORRUPT,
     .meaning = "it arrives with flipped bits"},
    {.path = "faults[].partition", .type = KEY_TARGET, .flags = KEY_ACTION,
     .value = FAULT_PARTITION,
     .meaning = "nothing passes between that worker and the supervisor for the time in for;"
                " see way"},
    {.path = "faults[].clock", .type = KEY_STEP, F(step_ns), .flags = KEY_ACTION,
     .value = FAULT_CLOCK,
     .meaning = "the wall clock steps: +1h, -30s, or to the next midnight"},
    {.path = "faults[].board", .type = KEY_WORD, .words = "flip", .flags = KEY_ACTION,
     .value = FAULT_BOARD,
     .meaning = "bytes of the shared board are flipped"},
    {.path = "faults[].split", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_SPLIT,
     .meaning = "the supervisor is paused for the time in for and taken for dead: another one is"
                " started beside it"},
    {.path = "faults[].scale", .type = KEY_SCALE, F(scale), .flags = KEY_ACTION,
     .value = FAULT_SCALE,
     .meaning = "so many workers more, +2, or fewer, -1"},
    {.path = "faults[].drain", .type = KEY_TARGET, .flags = KEY_ACTION, .value = FAULT_DRAIN,
     .meaning = "a worker finishes what it has begun and leaves"},
    {.path = "faults[].grow", RECORDS(1, RECORDS_MAX), F(record), .flags = KEY_ACTION,
     .value = FAULT_GROW,
     .meaning = "so many records more come in behind the input, which job.generate makes up"},
    {.path = "faults[].quiet", TIME(US, 1000 * HOUR), F(for_ns), .flags = KEY_ACTION,
     .value = FAULT_QUIET,
     .meaning = "no other fault begins for this long"},
    {.path = "faults[].heal", .type = KEY_WORD, .words = "all", .flags = KEY_ACTION,
     .value = FAULT_HEAL,
     .meaning = "pauses, hangs, slowness and partitions end now"},
    {.path = "faults[].bad_chunk", NUMBER(0, TASKS_MAX), F(task), .flags = KEY_ACTION,
     .value = FAULT_BAD_CHUNK,
     .meaning = "the bytes of the chunk of that number, from 0, are flipped as an attempt reads"
                " them"},
    {.path = "faults[].poison", .type = KEY_RECORD, .max = RECORDS_MAX, F(record),
     .flags = KEY_ACTION, .value = FAULT_POISON,
     .meaning = "the record of that number, from 0, ends whoever touches it; every time unless"
                " times says otherwise; of a graph: packing of order 17"},
    {.path = "faults[].flaky", .type = KEY_RECORD, .max = RECORDS_MAX, F(record),
     .flags = KEY_ACTION, .value = FAULT_FLAKY,
     .meaning = "the record of that number, from 0, cannot be used the first times it is tried; of"
                " a graph: packing of order 17"},
    {.path = "faults[].lose_part", NUMBER(0, TASKS_MAX), F(task), .flags = KEY_ACTION,
     .value = FAULT_LOSE_PART,
     .meaning = "what the map of that number, from 0, has handed on is removed before a reduce"
                " reads it"},
    {.path = "faults[].spoil_part", NUMBER(0, TASKS_MAX), F(task), .flags = KEY_ACTION,
     .value = FAULT_SPOIL_PART,
     .meaning = "it has a flipped bit when a reduce reads it"},
    {.path = "faults[].signal", .type = KEY_SIGNAL, F(signal),
     .meaning = "with kill and crash: name or number"},
    {.path = "faults[].exit", NUMBER(0, 255), F(exit_code),
     .meaning = "with crash: exit code instead of a signal"},
    {.path = "faults[].by", .type = KEY_BY, .words = KEY_POISON_WORDS,
     .meaning = "with slow and delay: how much; with poison: SEGV, KILL, ABRT or memory, SEGV if"
                " not said"},
    {.path = "faults[].frame", .type = KEY_FRAME, .words = KEY_FRAME_WORDS, F(frame),
     .fallback = "any",
     .meaning = "with drop, delay, duplicate, reorder and corrupt: only frames of this kind count"},
    {.path = "faults[].way", .type = KEY_WORD, .words = "both|to|from", F(way), .fallback = "both",
     .meaning = "with partition: what is lost: frames to the worker, from it, or both"},
    {.path = "faults[].for", TIME(US, 1000 * HOUR), .word = "forever",
     .word_value = SCENARIO_FOREVER, F(for_ns),
     .meaning = "with pause, hang, spin, slow, partition and split: how long; a pause and a split"
                " must end"},
    {.path = "faults[].times", NUMBER(1, UINT32_MAX - 1), .word = "every",
     .word_value = UINT32_MAX, F(times),
     .fallback = "1", .meaning = "how often at most"},
    {.path = "faults[].optional", .type = KEY_WORD, .words = "false|true", F(optional),
     .fallback = "false",
     .meaning = "true: the verdict does not need it to have happened"},

    {.path = "expect", .type = KEY_LIST, .flags = KEY_REQUIRED,
     .meaning = "what must be true afterwards"},
    {.path = "expect[].job", .type = KEY_WORD, .words = "failed|done", E(value),
     .value = EXPECT_JOB,
     .meaning = "how the job ended"},
    {.path = "expect[].records", .type = KEY_WORD, .words = "exactly_once", E(value),
     .value = EXPECT_RECORDS,
     .meaning = "each record is in the result or in dead letters, once"},
    {.path = "expect[].rework", COMPARE_NUMBER(unit_shares), .value = EXPECT_REWORK,
     .meaning = "records worked on again, of all records"},
    {.path = "expect[].recovery", COMPARE_NUMBER(unit_durations), .value = EXPECT_RECOVERY,
     .meaning = "longest time from a death until its tasks were leased again"},
    {.path = "expect[].dead_letters", COMPARE_NUMBER(unit_none), .value = EXPECT_DEAD_LETTERS,
     .meaning = "records given up on"},
    {.path = "expect[].fenced", COMPARE_NUMBER(unit_none), .value = EXPECT_FENCED,
     .meaning = "late commits that were refused"},
    {.path = "expect[].retries", COMPARE_NUMBER(unit_none), .value = EXPECT_RETRIES,
     .meaning = "charged attempts that were followed by another"},
    {.path = "expect[].takeovers", COMPARE_NUMBER(unit_none), .value = EXPECT_TAKEOVERS,
     .meaning = "tasks leased again after their holder was lost"},
    {.path = "expect[].generations", COMPARE_NUMBER(unit_none), .value = EXPECT_GENERATIONS,
     .meaning = "supervisors that were started"},
    {.path = "expect[].quarantined", COMPARE_NUMBER(unit_none), .value = EXPECT_QUARANTINED,
     .meaning = "places for workers that were closed"},
    {.path = "expect[].restarts", COMPARE_NUMBER(unit_none), .value = EXPECT_RESTARTS,
     .meaning = "workers started again after a death"},
    {.path = "expect[].hangs", COMPARE_NUMBER(unit_none), .value = EXPECT_HANGS,
     .meaning = "workers given up because they got nowhere"},
    {.path = "expect[].skipped", COMPARE_NUMBER(unit_none), .value = EXPECT_SKIPPED,
     .meaning = "tasks that never ran because one that they need was given up"},
    {.path = "expect[].lost", COMPARE_NUMBER(unit_none), .value = EXPECT_LOST,
     .meaning = "records that are neither in the sink nor in dead letters"},
    {.path = "expect[].doubled", COMPARE_NUMBER(unit_none), .value = EXPECT_DOUBLED,
     .meaning = "rows of the sink that are there once too often"},
    {.path = "expect[].effects_doubled", COMPARE_NUMBER(unit_none),
     .value = EXPECT_EFFECTS_DOUBLED, .meaning = "effects that happened once too often"},
    {.path = "expect[].late_restated", COMPARE_NUMBER(unit_none),
     .value = EXPECT_LATE_RESTATED,
     .meaning = "events that came after their window was closed, for which it was made anew"},
    {.path = "expect[].late_dropped", COMPARE_NUMBER(unit_none), .value = EXPECT_LATE_DROPPED,
     .meaning = "events that came after their window was closed and were left out"},
    {.path = "expect[].remade", COMPARE_NUMBER(unit_none), .value = EXPECT_REMADE,
     .meaning = "how often what a map had handed on was lost, and made again"},
    {.path = "expect[].speculated", COMPARE_NUMBER(unit_none), .value = EXPECT_SPECULATED,
     .meaning = "attempts that took too long and were copied"},
    {.path = "expect[].speculation_won", COMPARE_NUMBER(unit_none),
     .value = EXPECT_SPECULATION_WON, .meaning = "of those, how many their copy overtook"},
    {.path = "expect[].conflicts", COMPARE_NUMBER(unit_none), .value = EXPECT_CONFLICTS,
     .meaning = "records refused because their key is there with another payload"},
    {.path = "expect[].stale", COMPARE_NUMBER(unit_none), .value = EXPECT_STALE,
     .meaning = "mails that went to an address that was not the newest any more"},
    {.path = "expect[].taken_back", COMPARE_NUMBER(unit_none), .value = EXPECT_TAKEN_BACK,
     .meaning = "tasks that were reported as done, and were not any more when the power was back"},
    {.path = "expect[].unsafe", COMPARE_NUMBER(unit_none), .value = EXPECT_UNSAFE,
     .flags = KEY_TORTURE,
     .meaning = "what was found that a kill leaves and that is not put right: windows, torn writes"
                " and the like"},
    {.path = "expect[].litter", COMPARE_NUMBER(unit_none), .value = EXPECT_LITTER,
     .flags = KEY_TORTURE,
     .meaning = "states after which something is left that a clean run does not leave"},
    {.path = "expect[].explored", COMPARE_NUMBER(unit_shares), .value = EXPECT_EXPLORED,
     .flags = KEY_TORTURE, .meaning = "points whose state was played, of all points"},
    {.path = "expect[].breaks", .type = KEY_WORD, .words = "I1|I2|I6|I7", E(value),
     .value = EXPECT_BREAKS,
     .meaning = "the promise that a naive strategy breaks here: that it holds is the failure"},
};
/* clang-format on */
const size_t keys_count = sizeof(keys) / sizeof(keys[0]);

unsigned
key_kind_flag(unsigned kind)
{
	static const unsigned flags[] = {
	    [JOB_AGGREGATE] = KEY_AGGREGATE, [JOB_NOOP] = KEY_NOOP,      [JOB_ETL] = KEY_ETL,
	    [JOB_GRAPH] = KEY_GRAPH,         [JOB_COMMAND] = KEY_RUNS,   [JOB_STREAM] = KEY_STREAM,
	    [JOB_MAPREDUCE] = KEY_MAPREDUCE, [JOB_TORTURE] = KEY_TORTURE};

	return flags[kind];
}

const char *
key_kind_name(unsigned kind)
{
	static const char *const names[] = {
	    [JOB_AGGREGATE] = "aggregate", [JOB_NOOP] = "noop",       [JOB_ETL] = "etl",
	    [JOB_GRAPH] = "graph",         [JOB_COMMAND] = "command", [JOB_STREAM] = "stream",
	    [JOB_MAPREDUCE] = "mapreduce", [JOB_TORTURE] = "torture"};

	return names[kind];
}

bool
key_below(const struct key *key, const char *parent)
{
	size_t length = strlen(parent);
	if (length == 0)
		return strpbrk(key->path, ".[") == NULL;
	return strncmp(key->path, parent, length) == 0 && key->path[length] == '.' &&
	       strpbrk(key->path + length + 1, ".[") == NULL;
}

const char *
key_name(const struct key *key)
{
	const char *dot = strrchr(key->path, '.');
	return dot != NULL ? dot + 1 : key->path;
}

const struct key *
key_find(const char *parent, const char *name)
{
	for (size_t i = 0; i < keys_count; i++)
		if (key_below(&keys[i], parent) && strcmp(key_name(&keys[i]), name) == 0)
			return &keys[i];
	return NULL;
}

const struct key *
key_of_value(const char *parent, unsigned flags, int value)
{
	for (size_t i = 0; i < keys_count; i++)
		if (keys[i].value == value && key_below(&keys[i], parent) &&
		    (flags == 0 || (keys[i].flags & flags) != 0))
			return &keys[i];
	return NULL;
}

const char *
key_names(const char *parent, unsigned flags, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < keys_count && used < size; i++)
		if (key_below(&keys[i], parent) && (flags == 0 || (keys[i].flags & flags) != 0))
			used += (size_t)snprintf(text + used, size - used, "%s%s",
			                         used > 0 ? ", " : "", key_name(&keys[i]));
	return text;
}

uint64_t
key_load(const struct key *key, const void *base)
{
	const char *field = (const char *)base + key->offset;
	uint8_t one;
	uint16_t two;
	uint32_t four;
	uint64_t eight;
	switch (key->size) {
	case 0:
		return 0;
	case sizeof(one):
		memcpy(&one, field, sizeof(one));
		return one;
	case sizeof(two):
		memcpy(&two, field, sizeof(two));
		return two;
	case sizeof(four):
		memcpy(&four, field, sizeof(four));
		return four;
	default:
		CHECK(key->size == sizeof(eight));
		memcpy(&eight, field, sizeof(eight));
		return eight;
	}
}

void
key_store(const struct key *key, void *base, uint64_t value)
{
	char *field = (char *)base + key->offset;
	uint8_t one = (uint8_t)value;
	uint16_t two = (uint16_t)value;
	uint32_t four = (uint32_t)value;
	switch (key->size) {
	case 0:
		return;
	case sizeof(one):
		memcpy(field, &one, sizeof(one));
		return;
	case sizeof(two):
		memcpy(field, &two, sizeof(two));
		return;
	case sizeof(four):
		memcpy(field, &four, sizeof(four));
		return;
	default:
		CHECK(key->size == sizeof(value));
		memcpy(field, &value, sizeof(value));
	}
}
