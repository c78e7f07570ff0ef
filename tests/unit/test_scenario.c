/* SPDX-License-Identifier: ISC
 *
 * Scenario files: what is read from them, every kind of error with its place and words, overrides,
 * and that what is printed reads back as the same scenario.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim/channel/message.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"

#define HEAD "scenario: 1\nname: x\nabout: y\n"
#define JOB "job: {kind: noop, tasks: 10 tasks}\n"
#define SALES                                                                                      \
	"job: {kind: aggregate, generate: {sales: 100 records}, key: product, sum: [qty], chunk: " \
	"10 records}\n"
#define EXPECT "expect: [{job: done}]\n"
#define BASE HEAD SALES EXPECT                     /* five lines */
#define FAULT(text) BASE "faults:\n- {" text "}\n" /* the fault is in line 7, from column 4 on */

struct loaded {
	struct scenario *scenario;
	char *errors;
	size_t size;
	int result;
};

static struct loaded
load_set(const char *text, size_t length, const char *const *set, size_t sets)
{
	struct loaded loaded = {.scenario = malloc(sizeof(*loaded.scenario))};
	FILE *errors = open_memstream(&loaded.errors, &loaded.size);
	assert_non_null(loaded.scenario);
	assert_non_null(errors);
	loaded.result =
	    scenario_load_text(loaded.scenario, "t.yaml", text, length, set, sets, errors);
	assert_int_equal(fclose(errors), 0);
	return loaded;
}

static struct loaded
load(const char *text)
{
	return load_set(text, strlen(text), NULL, 0);
}

static struct loaded
load_good(const char *text, const char *const *set, size_t sets)
{
	struct loaded loaded = load_set(text, strlen(text), set, sets);
	assert_string_equal(loaded.errors, "");
	assert_int_equal(loaded.result, 0);
	return loaded;
}

static void
unload(struct loaded *loaded)
{
	scenario_fini(loaded->scenario);
	free(loaded->scenario);
	free(loaded->errors);
}

/* The lines that say "error:" and the last one, without source lines and carets. */
static void
error_lines(const char *output, char *lines, size_t size)
{
	size_t used = 0;
	lines[0] = '\0';
	for (const char *line = output; *line != '\0'; line += strcspn(line, "\n") + 1) {
		size_t length = strcspn(line, "\n") + 1;
		bool wanted = strncmp(line, "t.yaml:", 7) == 0 || strncmp(line, "--set ", 6) == 0;
		if (wanted && used + length < size) {
			memcpy(lines + used, line, length);
			used += length;
			lines[used] = '\0';
		}
	}
}

static void
expect_errors(const char *text, size_t length, const char *const *set, size_t sets,
              const char *expected)
{
	char lines[4096];
	struct loaded loaded = load_set(text, length, set, sets);
	error_lines(loaded.errors, lines, sizeof(lines));
	assert_string_equal(lines, expected);
	assert_int_equal(loaded.result, -EINVAL);
	assert_non_null(strstr(loaded.errors, "; nothing was run\n"));
	unload(&loaded);
}

static const struct {
	const char *text, *errors;
} bad[] = {
    {"", "t.yaml: error: is empty\n"},
    {"# nothing but a comment\n", "t.yaml: error: is empty\n"},
    {"just words\n", "t.yaml:1:1: error: a scenario has keys: scenario, name, about, seed, world, "
                     "durability, verdict, exclusive, metrics, on_failure, limits, job, workers, "
                     "recovery, model, faults, expect\n"},
    {"name: x\nscenario: 1\nabout: y\n" SALES EXPECT,
     "t.yaml:2:1: error: 'scenario' must be the first key\n"},
    {"name: x\nabout: y\n" SALES EXPECT, "t.yaml:1:1: error: missing key 'scenario': version of "
                                         "the format; the first key of the file\n"},
    {"scenario: 2\nname: x\nabout: y\n" SALES EXPECT,
     "t.yaml:1:11: error: scenario: unknown value '2'; it is always 1\n"},
    {BASE "name: z\n", "t.yaml:6:1: error: duplicate key 'name'; the first is in line 2\n"},
    {BASE "limits: {wall: 5s, wall: 6s}\n",
     "t.yaml:6:20: error: duplicate key 'wall'; the first is in line 6\n"},
    {BASE "wrokers: {count: 2}\n",
     "t.yaml:6:1: error: unknown key 'wrokers'; did you mean 'workers'?\n"},
    {BASE "credit: 2\n",
     "t.yaml:6:1: error: unknown key 'credit'; it is known as workers.credit\n"},
    {BASE "colour: blue\n",
     "t.yaml:6:1: error: unknown key 'colour'; the keys are scenario, name, about, seed, world, "
     "durability, verdict, exclusive, metrics, on_failure, limits, job, workers, recovery, model, "
     "faults, expect\n"},
    {BASE "workers: {conut: 2}\n",
     "t.yaml:6:11: error: unknown key 'conut' in workers; did you mean 'count'?\n"},
    {BASE "workers: 4\n",
     "t.yaml:6:10: error: workers: takes keys below it: count, credit, placement, restart\n"},
    {BASE "workers: {count: [4]}\n",
     "t.yaml:6:18: error: workers.count: takes one value, not a list\n"},
    {BASE "exclusive: maybe\n",
     "t.yaml:6:12: error: exclusive: unknown value 'maybe'; it is one of false, true\n"},
    {BASE "on_failure: mail\n",
     "t.yaml:6:13: error: on_failure: takes a list, such as [mail, -s, failed, me]\n"},
    {BASE "on_failure: []\n", "t.yaml:6:13: error: on_failure: needs a command\n"},
    {BASE "on_failure: [mail, '']\n",
     "t.yaml:6:20: error: on_failure: an entry is one word or text\n"},
    {HEAD "job: {kind: noop, tasks: 1 task, logical_date: 2026-02-30}\n" EXPECT,
     "t.yaml:4:48: error: job.logical_date: '2026-02-30' is no day; give one such as "
     "2026-11-21\n"},
    {HEAD "job: {kind: noop, tasks: 1 task, logical_date: 2026-2-3}\n" EXPECT,
     "t.yaml:4:48: error: job.logical_date: '2026-2-3' is no day; give one such as "
     "2026-11-21\n"},
    {BASE "workers: {count: }\n", "t.yaml:6:18: error: workers.count: needs a value\n"},
    {BASE "workers: {count: 0}\n",
     "t.yaml:6:18: error: workers.count: '0' is out of range: 1 to 1024\n"},
    {BASE "workers: {count: four}\n", "t.yaml:6:18: error: workers.count: 'four' is no number; "
                                      "give a whole number without a unit\n"},
    {BASE "workers: {count: 4 workers}\n", "t.yaml:6:18: error: workers.count: '4 workers' has an "
                                           "unknown unit; give a whole number without a unit\n"},
    {BASE "workers: {credit: 65}\n",
     "t.yaml:6:19: error: workers.credit: '65' is out of range: 1 to 64\n"},
    {BASE "workers: {count: 99999999999999999999}\n",
     "t.yaml:6:18: error: workers.count: '99999999999999999999' is too large; give a whole number "
     "without a unit\n"},
    {BASE "workers: {count: 9}\nlimits: {workers: 8}\n",
     "t.yaml:6:18: error: workers.count (9) is more than limits.workers (8)\n"},
    {BASE "seed: 1.5\n", "t.yaml:6:7: error: seed: '1.5' has too many digits behind the point; "
                         "give a whole number without a unit\n"},
    {BASE "limits: {wall: 120}\n", "t.yaml:6:16: error: limits.wall: '120' has no unit; give a "
                                   "number and a unit: h, m, s, ms, us\n"},
    {BASE "limits: {wall: 2 min}\n", "t.yaml:6:16: error: limits.wall: '2 min' has an unknown "
                                     "unit; give a number and a unit: h, m, s, ms, us\n"},
    {BASE "limits: {wall: 1.0000000001s}\n",
     "t.yaml:6:16: error: limits.wall: '1.0000000001s' has too many digits behind the point; give "
     "a number and a unit: h, m, s, ms, us\n"},
    {BASE "limits: {memory: 256MB}\n",
     "t.yaml:6:18: error: limits.memory: '256MB' has an unknown unit; give a number and a unit: "
     "GiB, MiB, KiB, B, or 'none'\n"},
    {BASE "limits: {memory: 1KiB}\n",
     "t.yaml:6:18: error: limits.memory: '1KiB' is out of range: 16MiB to 65536GiB, or 'none'\n"},
    {BASE "world: unreal\n", "t.yaml:6:8: error: world: unknown value 'unreal'; it is one of real, "
                             "virtual; did you mean 'real'?\n"},
    {BASE "durability: proces\n", "t.yaml:6:13: error: durability: unknown value 'proces'; it is "
                                  "one of process, power; did you mean 'process'?\n"},
    {BASE "recovery: {retry: {backoff: 30s..100ms}}\n",
     "t.yaml:6:29: error: recovery.retry.backoff: the range '30s..100ms' goes down; give the "
     "shorter duration first\n"},
    {BASE "recovery: {retry: {backoff: 30s}}\n",
     "t.yaml:6:29: error: recovery.retry.backoff: '30s' is no range; give two durations such as "
     "100ms..30s\n"},
    {BASE "recovery: {retry: {backoff: 1..2s}}\n",
     "t.yaml:6:29: error: recovery.retry.backoff: '1' has no unit; give a number and a unit: h, m, "
     "s, ms, us\n"},
    {BASE "recovery: {heartbeat: {every: 600ms}}\n",
     "t.yaml:6:31: error: recovery.heartbeat.every (600ms) must be shorter than "
     "recovery.heartbeat.suspect (500ms)\n"},
    {BASE "recovery:\n  heartbeat:\n    every: 10ms\n    suspect: 2s\n    dead: 2s\n",
     "t.yaml:10:11: error: recovery.heartbeat.suspect (2s) must be shorter than "
     "recovery.heartbeat.dead (2s)\n"},
    {BASE "recovery: {lease: {ttl: 50ms}}\n",
     "t.yaml:6:25: error: recovery.heartbeat.every (100ms) must be shorter than recovery.lease.ttl "
     "(50ms)\n"},
    {BASE "recovery: {lease: {takeover: killl}}\n",
     "t.yaml:6:30: error: recovery.lease.takeover: unknown value 'killl'; it is one of kill, "
     "fence; did you mean 'kill'?\n"},
    {BASE "recovery: {dead_letters: {max: some}}\n",
     "t.yaml:6:32: error: recovery.dead_letters.max: 'some' is no number; give a whole number "
     "without a unit, or 'any'\n"},
    {"scenario: 1\nname: Big Name\nabout: y\n" SALES EXPECT,
     "t.yaml:2:7: error: name: 'Big Name' is no name: 1 to 63 of a-z, 0-9 and -\n"},
    {"scenario: 1\nname: x\nabout: \"\"\n" SALES EXPECT, "t.yaml:3:8: error: about: is empty\n"},
    {HEAD SALES, "t.yaml:1:1: error: missing key 'expect': what must be true afterwards\n"},
    {HEAD SALES "expect: []\n", "t.yaml:5:9: error: expect: a run that expects nothing proves "
                                "nothing: at least 'job: done'\n"},
    {HEAD SALES "expect: {job: done}\n",
     "t.yaml:5:9: error: expect: takes a list: lines that begin with '- ', or []\n"},
    {HEAD SALES "expect: [{job: done, fenced: 1}]\n",
     "t.yaml:5:22: error: expect[0]: one key for each entry; begin 'fenced' with a '-' of its "
     "own\n"},
    {HEAD SALES
     "expect: [{job: dnoe}, {rework: 2}, {fenced: \">= x\"}, {recovery: <= 3}, {losses: 0}]\n",
     "t.yaml:5:16: error: expect[0].job: unknown value 'dnoe'; it is one of failed, done; did you "
     "mean 'done'?\n"
     "t.yaml:5:32: error: expect[1].rework: '2' has no unit; give a number and a unit: %; <=, >=, "
     "<, > or == may stand before it\n"
     "t.yaml:5:45: error: expect[2].fenced: 'x' is no number; give a whole number without a unit; "
     "<=, >=, <, > or == may stand before it\n"
     "t.yaml:5:65: error: expect[3].recovery: '3' has no unit; give a number and a unit: h, m, s, "
     "ms, us; <=, >=, <, > or == may stand before it\n"
     "t.yaml:5:73: error: unknown key 'losses' in expect[4]; the keys are job, records, rework, "
     "recovery, dead_letters, fenced, retries, takeovers, generations, quarantined, restarts, "
     "hangs, skipped, lost, doubled, effects_doubled, late_restated, late_dropped, remade, "
     "speculated, speculation_won, conflicts, stale, taken_back, unsafe, litter, explored, "
     "breaks\n"},
    {HEAD "job: {kind: etl, generate: {sales: 5 records}, id: [order_id], chunk: 1 record}\n"
          "recovery: {speculate: {slower_than: 3x}}\n" EXPECT,
     "t.yaml:5:23: error: recovery.speculate: not for this job of kind etl: two attempts at a task "
     "may be at work only where nothing is seen of them before one commits\n"},
    {HEAD "job: {kind: noop, tasks: 2 tasks, durable: false}\n"
          "recovery: {speculate: {slower_than: 3x}}\n" EXPECT,
     "t.yaml:5:23: error: recovery.speculate: not for this job of kind noop: two attempts at a "
     "task "
     "may be at work only where nothing is seen of them before one commits\n"},
    {HEAD SALES "recovery: {speculate: {}}\n" EXPECT,
     "t.yaml:5:12: error: missing key 'recovery.speculate.slower_than': an attempt is copied when "
     "it "
     "takes that many times as long as a task of its stage did on average, and longer than "
     "heartbeat.every: 3x\n"},
    {HEAD SALES "recovery: {speculate: {slower_than: 1x}}\n" EXPECT,
     "t.yaml:5:37: error: recovery.speculate.slower_than: '1x' is out of range: 1.1x to 1000x\n"},
    {HEAD SALES "expect:\n  - fenced: >= 1\n",
     "t.yaml:6:14: error: did not find expected comment or line break: a value that begins with > "
     "or | must be in quotes, such as \">= 1\"\n"},
    {HEAD SALES "expect: [{fenced: >= 1}]\n",
     "t.yaml:5:19: error: found character that cannot start any token: a value that begins with > "
     "| % @ or ` must be in quotes, such as \">= 1\"; indent with blanks, not tabs\n"},
    {HEAD "job: {kind: agregate}\n" EXPECT, "t.yaml:4:13: error: job.kind: unknown value "
                                            "'agregate'; it is one of aggregate, noop, etl, graph, "
                                            "command, stream, mapreduce, torture; did "
                                            "you mean 'aggregate'?\n"},
    {HEAD "job: {kind: aggregate}\n" EXPECT,
     "t.yaml:4:1: error: missing key 'job.key': column whose values get a line of the result each\n"
     "t.yaml:4:1: error: missing key 'job.sum': columns of decimals to add up; [] = only count "
     "records\n"
     "t.yaml:4:1: error: missing key: give job.input or job.generate\n"
     "t.yaml:4:1: error: missing key: give job.chunk or job.split\n"},
    {HEAD "job: {kind: noop, key: product}\n" EXPECT,
     "t.yaml:4:1: error: missing key 'job.tasks': how many tasks\n"
     "t.yaml:4:19: error: job.key: not for a job of kind noop\n"},
    {HEAD "job: {kind: aggregate, input: a.csv, generate: {bad: 2}, key: k, sum: [], chunk: 1 "
          "record, split: {by: key}}\n" EXPECT,
     "t.yaml:4:38: error: job.generate: excluded by job.input in line 4\n"
     "t.yaml:4:38: error: missing key 'job.generate.sales'\n"
     "t.yaml:4:92: error: job.split: excluded by job.chunk in line 4\n"
     "t.yaml:4:92: error: missing key 'job.split.ranges'\n"},
    {HEAD "job: {kind: aggregate, generate: {sales: 5 records, bad: 6}, key: k, sum: [a, b, a], "
          "chunk: 10}\n" EXPECT,
     "t.yaml:4:58: error: job.generate.bad is more than there are records\n"
     "t.yaml:4:82: error: job.sum: 'a' is named twice\n"
     "t.yaml:4:93: error: job.chunk: '10' has no unit; give a number and a unit: records, "
     "record\n"},
    {HEAD "job: {kind: aggregate, input: a, key: k, sum: a, separator: tab, split: {by: key, "
          "ranges: [A-G, G-K, Z-A, M, a-b-c]}}\n" EXPECT,
     "t.yaml:4:47: error: job.sum: takes a list, such as [qty, price]\n"
     "t.yaml:4:61: error: job.separator: 'tab' is no separator: one ASCII character, no quote and "
     "no line end\n"
     "t.yaml:4:97: error: job.split.ranges: the range 'G-K' overlaps 'A-G'\n"
     "t.yaml:4:102: error: job.split.ranges: the range 'Z-A' goes down; give the lower bound "
     "first\n"
     "t.yaml:4:107: error: job.split.ranges: 'M' is no range of keys: low-high, such as A-G, 1 to "
     "15 bytes each\n"
     "t.yaml:4:110: error: job.split.ranges: 'a-b-c' is no range of keys: low-high, such as A-G, 1 "
     "to 15 bytes each\n"},
    {FAULT("kill: w1"), "t.yaml:7:3: error: faults[0]: no trigger; give one of at, when, after\n"},
    {FAULT("after: 1s"),
     "t.yaml:7:3: error: faults[0]: no action; give one of do, kill, crash, pause, hang, slow, "
     "spin, "
     "memory, fail, short, tear, power, drop, delay, duplicate, reorder, corrupt, partition, "
     "clock, board, split, scale, drain, grow, quiet, heal, bad_chunk, poison, flaky, lose_part, "
     "spoil_part\n"},
    {FAULT("kill: w1, pause: w1, after: 1s, for: 1s"),
     "t.yaml:7:14: error: faults[0]: a second action, 'pause' beside 'kill'; a fault has one\n"},
    {FAULT("kill: w1, after: 1s, when: progress >= 5%"),
     "t.yaml:7:25: error: faults[0]: a second trigger, 'when' beside 'after'; a fault has one\n"},
    {FAULT("kill: w4, after: 1s"),
     "t.yaml:7:10: error: faults[0]: there is no w4: workers.count is 4\n"},
    {FAULT("kill: supervsor, after: 1s"),
     "t.yaml:7:10: error: faults[0].kill: unknown value 'supervsor'; it is one of self, w0, any, "
     "busy, oldest, newest, holder(0), 2 of any, supervisor, director, all; did you mean "
     "'supervisor'?\n"},
    {FAULT("kill: self, after: 1s"),
     "t.yaml:7:10: error: faults[0]: 'self' is the process that reaches a point: use at\n"},
    {FAULT("kill: w1, after: 1s, signal: TERMM"),
     "t.yaml:7:33: error: faults[0].signal: unknown signal 'TERMM'; give a name such as KILL or "
     "TERM, or 1 to 64; did you mean 'TERM'?\n"},
    {FAULT("kill: w1, after: 1s, signal: STOP"),
     "t.yaml:7:33: error: faults[0].signal: STOP never ends by itself; use pause, with for\n"},
    {FAULT("kill: w1, after: 1s, signal: 65"),
     "t.yaml:7:33: error: faults[0].signal: unknown signal '65'; give a name such as KILL or TERM, "
     "or 1 to 64\n"},
    {FAULT("kill: w1, after: 1s, nth: 2, chance: 5%, times: 2, for: 1s, by: 1ms, exit: 3"),
     "t.yaml:7:25: error: faults[0]: 'nth' goes with at only\n"
     "t.yaml:7:33: error: faults[0]: 'chance' goes with at only\n"
     "t.yaml:7:45: error: faults[0]: 'times' goes with at, every, bad_chunk, poison and flaky "
     "only\n"
     "t.yaml:7:55: error: faults[0]: 'for' goes with pause, hang, spin, slow, partition and split "
     "only\n"
     "t.yaml:7:64: error: faults[0]: 'by' goes with slow, delay and poison only\n"
     "t.yaml:7:73: error: faults[0]: 'exit' goes with crash only\n"},
    {FAULT("kill: self, at: worker.before_comit"),
     "t.yaml:7:20: error: faults[0].at: unknown point 'worker.before_comit'; did you mean "
     "'worker.before_commit'?\n"},
    {FAULT("kill: self, at: somewhere"), "t.yaml:7:20: error: faults[0].at: unknown point "
                                         "'somewhere'; `graveshift points` lists them\n"},
    {FAULT("kill: self, at: worker.record, chance: 5%"),
     "t.yaml:7:43: error: faults[0]: how often? add times: a number, or every\n"},
    {FAULT("kill: w1, when: progres >= 90%"),
     "t.yaml:7:20: error: faults[0].when: 'progres' is no condition; there are progress, done, "
     "ready, leased, dead, retries, generation, workers, elapsed, recovery, and w2 holds 17, w2 is "
     "busy, w2 is up; did you mean 'progress'?\n"},
    {FAULT("kill: w1, when: progress >= 90"),
     "t.yaml:7:32: error: faults[0].when: '90' has no unit; give a number and a unit: %\n"},
    {FAULT("kill: w1, when: progress >= 100.1%"),
     "t.yaml:7:32: error: faults[0].when: progress is never more than 100%\n"},
    {FAULT("kill: w1, when: done >= 5 && w4 holds 3"),
     "t.yaml:7:33: error: faults[0].when: there is no w4: workers.count is 4\n"},
    {FAULT("kill: w1, when: done >= 5 && w3 holds 11"),
     "t.yaml:7:42: error: faults[0].when: there is no task 11: the job has 11, from 0\n"},
    {FAULT("kill: w1, when: w3 holds x"), "t.yaml:7:29: error: faults[0].when: 'x' is no number; "
                                          "give a whole number without a unit\n"},
    {FAULT("kill: w1, when: w3 is bussy"),
     "t.yaml:7:26: error: faults[0].when: a worker holds 17 (a task), is busy or is up\n"},
    {FAULT("kill: w1, when: w3"),
     "t.yaml:7:22: error: faults[0].when: a worker holds 17 (a task), is busy or is up\n"},
    {FAULT("kill: w1, when: \"done >= 5 && (w3 is up || recovery\""),
     "t.yaml:7:34: error: faults[0].when: this '(' has no ')'\n"},
    {FAULT("kill: w1, when: done >= 5)"),
     "t.yaml:7:29: error: faults[0].when: this ')' has no '('\n"},
    {FAULT("kill: w1, when: done >= 5 &&"),
     "t.yaml:7:32: error: faults[0].when: a condition is missing here: a number such as done >= 5, "
     "or recovery, w2 holds 17, w2 is busy, w2 is up\n"},
    {FAULT("kill: w1, when: ( )"),
     "t.yaml:7:22: error: faults[0].when: a condition is missing here: a number such as done >= 5, "
     "or recovery, w2 holds 17, w2 is busy, w2 is up\n"},
    {FAULT("kill: w1, when: \"\""),
     "t.yaml:7:21: error: faults[0].when: a condition is missing here: a number such as done >= 5, "
     "or recovery, w2 holds 17, w2 is busy, w2 is up\n"},
    {FAULT("kill: w1, when: done = 5"),
     "t.yaml:7:25: error: faults[0].when: behind done goes ==, <=, >=, < or >, and a value\n"},
    {FAULT("kill: w1, when: done >= 5 & recovery"),
     "t.yaml:7:30: error: faults[0].when: between two conditions goes && or ||, and nothing behind "
     "the last\n"},
    {FAULT("kill: w1, when: recovery and done >= 5"),
     "t.yaml:7:29: error: faults[0].when: between two conditions goes && or ||, and nothing behind "
     "the last\n"},
    {FAULT("kill: w1, when: done >= 12"),
     "t.yaml:7:28: error: faults[0].when: done is never more than 11\n"},
    {FAULT("kill: w1, when: workers >= 17"),
     "t.yaml:7:31: error: faults[0].when: workers is never more than 16\n"},
    {FAULT("kill: w1, when: elapsed > 5"), "t.yaml:7:30: error: faults[0].when: '5' has no unit; "
                                           "give a number and a unit: h, m, s, ms, us\n"},
    {FAULT("kill: w1, when: done >= 1 || elapsed > lese * 2"),
     "t.yaml:7:43: error: faults[0].when: 'lese' is no time; give a duration such as 5s, or a "
     "timer: lease, suspect, dead or beat; did you mean 'lease'?\n"},
    {FAULT("kill: self, at: worker.record, during: recovry"),
     "t.yaml:7:43: error: faults[0].during: 'recovry' is no condition; there are progress, done, "
     "ready, leased, dead, retries, generation, workers, elapsed, recovery, and w2 holds 17, w2 is "
     "busy, w2 is up; did you mean 'recovery'?\n"},
    {FAULT("kill: w1, after: 1s, during: recovery"),
     "t.yaml:7:25: error: faults[0]: 'during' goes with at only\n"},
    {FAULT("kill: w1, when: !recovery"),
     "t.yaml:7:29: error: did not find expected whitespace or line break: a value that begins with "
     "! must be in quotes\n"},
    {BASE "faults:\n- kill: w1\n  when: !(recovery)\n",
     "t.yaml:8:9: error: tags (!) are not taken: the key decides the type; a condition that begins "
     "with ! goes in quotes\n"
     "t.yaml:8:9: error: faults[0].when: needs a value\n"},
    {FAULT("kill: w1, after: 1s, last: 3"),
     "t.yaml:7:25: error: faults[0]: 'last' goes with at only\n"},
    {FAULT("kill: self, at: worker.record, nth: 4, last: 3"),
     "t.yaml:7:49: error: faults[0]: the last hit that counts is before the first, nth\n"},
    {FAULT("kill: w1, after: 1s, every: 500ms"),
     "t.yaml:7:32: error: faults[0]: how often? add times: a number, or every\n"},
    {FAULT("kill: self, at: worker.record, every: 500ms, times: 2"),
     "t.yaml:7:35: error: faults[0]: 'every' goes with after and when only\n"},
    {FAULT("kill: w1, after: 1s, every: 1us, times: 2"),
     "t.yaml:7:32: error: faults[0].every: '1us' is out of range: 1ms to 1000h\n"},
    {FAULT("id: a, kill: w1, after: 1s, follows: b}\n- {id: bb, kill: w2, after: 1s"),
     "t.yaml:7:41: error: faults[0]: there is no fault 'b'; did you mean 'bb'?\n"},
    {FAULT("id: a, kill: w1, after: 1s, follows: a"),
     "t.yaml:7:41: error: faults[0]: a fault cannot follow itself\n"},
    {FAULT("id: a, kill: w1, after: 1s}\n- {id: b, kill: w1, after: 1s, follows: d}\n"
           "- {id: c, kill: w1, after: 1s, follows: b}\n- {id: d, kill: w1, after: 1s, follows: c"),
     "t.yaml:8:41: error: faults[1]: goes round in a circle: 'b' would wait for 'd' and in the end "
     "for itself\n"},
    {FAULT("flaky: 3, follows: f2}\n- {kill: w1, after: 1s"),
     "t.yaml:7:14: error: faults[0]: 'follows' goes with what has a trigger only\n"},
    {FAULT("pause: w1, after: 1s, for: lease * 1.0000001"),
     "t.yaml:7:39: error: faults[0].for: '1.0000001' is no factor; give a number up to 1000, with "
     "at most six digits behind the point, or 'forever'\n"},
    {FAULT("pause: w1, after: 1s, for: lease * 1001"),
     "t.yaml:7:39: error: faults[0].for: '1001' is no factor; give a number up to 1000, with at "
     "most six digits behind the point, or 'forever'\n"},
    {FAULT("pause: w1, after: 1s, for: dead + laese"),
     "t.yaml:7:38: error: faults[0].for: 'laese' is no time; give a duration such as 5s, or a "
     "timer: lease, suspect, dead or beat, or 'forever'; did you mean 'lease'?\n"},
    {FAULT("pause: w1, after: 1s, for: dead + "),
     "t.yaml:7:37: error: faults[0].for: a time is missing here: a duration such as 5s, or a "
     "timer: lease, suspect, dead or beat, or 'forever'\n"},
    {FAULT("pause: w1, after: 1s, for: lease - 1s"),
     "t.yaml:7:37: error: faults[0].for: behind a timer goes * and a factor, + and another time, "
     "or nothing, or 'forever'\n"},
    {FAULT("pause: w1, after: 1s, for: beat*0"),
     "t.yaml:7:31: error: faults[0].for: 'beat*0' is out of range: 1us to 1000h, or 'forever'\n"},
    {FAULT("pause: w1, after: 1s, for: 1s+1s+1s+1s+1s+1s+1s+1s+1s"),
     "t.yaml:7:54: error: faults[0].for: at most 8 times can be added up, or 'forever'\n"},
    {FAULT("kill: 5 of any, after: 1s"),
     "t.yaml:7:10: error: faults[0]: there are not 5: workers.count is 4\n"},
    {FAULT("kill: 2 of supervisor, after: 1s"),
     "t.yaml:7:10: error: faults[0].kill: '2 of supervisor' is no target: so many, and at least 1, "
     "can be of any, busy, oldest and newest\n"},
    {FAULT("kill: 0 of any, after: 1s"),
     "t.yaml:7:10: error: faults[0].kill: '0 of any' is no target: so many, and at least 1, can be "
     "of any, busy, oldest and newest\n"},
    {FAULT("kill: holder(11), after: 1s"),
     "t.yaml:7:10: error: faults[0]: there is no task 11: the job has 11, from 0\n"},
    {FAULT("kill: holder(x), after: 1s"),
     "t.yaml:7:10: error: faults[0].kill: unknown value 'holder(x)'; it is one of self, w0, any, "
     "busy, oldest, newest, holder(0), 2 of any, supervisor, director, all; did you mean "
     "'holder(0)'?\n"},
    {FAULT("do: 3*off -> 1*kill"),
     "t.yaml:7:8: error: faults[0]: a chain counts the hits of a point: use at\n"},
    {FAULT("at: worker.record, do: 3*off -> 1*kil"),
     "t.yaml:7:36: error: faults[0]: 'kil' is nothing a chain can do; a term is [P%] [N*] and off, "
     "kill, crash, pause 200ms, hang 1s, spin 1s, memory, fail EIO, short, tear, drop, delay 50ms, "
     "duplicate, reorder or corrupt; did you mean 'kill'?\n"},
    {FAULT("at: worker.record, do: 3*off -> kill -> 1*kill"),
     "t.yaml:7:36: error: faults[0]: how many hits is it for? write N*; only the last term goes on "
     "without\n"},
    {FAULT("at: worker.record, do: 0*kill"),
     "t.yaml:7:27: error: faults[0]: before * goes how many hits the term is for: 1 to "
     "1000000000\n"},
    {FAULT("at: worker.record, do: 1*pause"),
     "t.yaml:7:27: error: faults[0]: incomplete; write it as pause 200ms\n"},
    {FAULT("at: worker.record, do: 1*kill w1"),
     "t.yaml:7:27: error: faults[0]: nothing goes behind kill\n"},
    {FAULT("at: worker.record, do: 1*off w1 -> 1*kill"),
     "t.yaml:7:27: error: faults[0]: nothing goes behind off\n"},
    {FAULT("at: worker.record, do: 1*kill -> -> 1*kill"),
     "t.yaml:7:37: error: faults[0]: a term is missing here, such as 1*kill\n"},
    {FAULT("at: worker.record, do: 3*off"),
     "t.yaml:7:27: error: faults[0]: a chain of nothing but off does nothing\n"},
    {FAULT("at: worker.record, do: [kill]"),
     "t.yaml:7:27: error: faults[0]: takes terms with -> between them, such as 3*off -> 1*kill\n"},
    {FAULT("at: worker.record, do: 1*kill, nth: 2"),
     "t.yaml:7:35: error: faults[0]: 'nth' does not go with do: the chain's terms say it\n"},
    {FAULT("at: worker.record, do: 1*kill, kill: self"),
     "t.yaml:7:35: error: faults[0]: 'kill' beside 'do': the chain's terms are its actions\n"},
    {FAULT("at: worker.recrd, do: 1*kill -> 1*crash"),
     "t.yaml:7:8: error: faults[0].at: unknown point 'worker.recrd'; did you mean "
     "'worker.record'?\n"},
    {FAULT("at: worker.record, do: 1*kill -> 1*fail EIO -> 200%2*crash -> 1*hang 5"),
     "t.yaml:7:8: error: faults[0]: 'fail' does not go with worker.record; use one of "
     "output.write, "
     "output.sync, output.rename, store.write, store.sync, part.write, part.sync, "
     "part.rename, topic.write, topic.sync\n"
     "t.yaml:7:51: error: faults[0].chance: '200%' is out of range: 0.0001% to 100%\n"
     "t.yaml:7:66: error: faults[0].for: '5' has no unit; give a number and a unit: h, m, s, ms, "
     "us, or 'forever'\n"},
    {FAULT("at: worker.record, do: 1*kill}\n- {kill: w9, after: 1s"),
     "t.yaml:8:10: error: faults[1]: there is no w9: workers.count is 4\n"},
    {FAULT("at: worker.record, doo: 1*kill"),
     "t.yaml:7:23: error: unknown key 'doo' in faults[0]; did you mean 'do'?\n"},
    {FAULT("crash: w1, after: 1s"), "t.yaml:7:11: error: faults[0]: 'crash' happens inside "
                                    "the process that reaches a point: write self, and use at\n"},
    {FAULT("hang: busy, at: worker.record, for: 1s"),
     "t.yaml:7:10: error: faults[0]: 'hang' happens inside the process that reaches a "
     "point: write self, and use at\n"},
    {FAULT("crash: self, at: director.after_store, exit: 0"),
     "t.yaml:7:11: error: faults[0]: the director's exit code would be taken for the verdict's: "
     "use signal\n"},
    {FAULT("crash: self, at: worker.record, signal: KILL"),
     "t.yaml:7:44: error: faults[0]: a crash is one of SEGV, ABRT, BUS, FPE, ILL; for another "
     "signal use kill\n"},
    {FAULT("crash: self, at: worker.record, signal: SEGV, exit: 1"),
     "t.yaml:7:56: error: faults[0]: 'exit' and 'signal' exclude each other\n"},
    {FAULT("crash: self, at: worker.record, exit: 256"),
     "t.yaml:7:42: error: faults[0].exit: '256' is out of range: 0 to 255\n"},
    {FAULT("pause: w1, after: 1s"),
     "t.yaml:7:3: error: faults[0]: how long? add for: a duration such as 5s\n"},
    {FAULT("hang: self, at: worker.record"),
     "t.yaml:7:3: error: faults[0]: how long? add for: a duration such as 5s, or forever\n"},
    {FAULT("pause: w1, after: 1s, for: forever"),
     "t.yaml:7:31: error: faults[0]: a pause ends: give a duration such as 5s; what never ends is "
     "a hang\n"},
    {FAULT("pause: director, after: 1s, for: 1s"),
     "t.yaml:7:11: error: faults[0]: the director cannot be paused: nothing would wake it\n"},
    {FAULT("slow: w1, after: 1s, for: 1s"),
     "t.yaml:7:3: error: faults[0].by: missing; give the delay of each record, such as 1ms\n"},
    {FAULT("slow: supervisor, by: 1ms, after: 1s, for: 1s"),
     "t.yaml:7:10: error: faults[0]: 'slow' is for workers: self, w0, any, busy, oldest, newest, "
     "holder(0) or 2 of any\n"},
    {FAULT("spin: w1, at: worker.record, for: 1s"),
     "t.yaml:7:10: error: faults[0]: 'spin' happens inside the process that reaches a point: write "
     "self, and use at\n"},
    {FAULT("spin: self, at: worker.record"),
     "t.yaml:7:3: error: faults[0]: how long? add for: a duration such as 5s, or forever\n"},
    {FAULT("memory: self, at: worker.record"),
     "t.yaml:7:12: error: faults[0]: 'memory' needs limits.memory, such as 256MiB\n"},
    {FAULT("memory: self, at: supervisor.started"),
     "t.yaml:7:12: error: faults[0]: 'memory' is for workers, and none reaches "
     "supervisor.started\n"},
    {FAULT("fail: ENOSPCE, at: store.write"),
     "t.yaml:7:10: error: faults[0].fail: unknown value 'ENOSPCE'; it is one of EIO, ENOSPC, "
     "EDQUOT, EROFS, EFBIG, EACCES, EPERM, ENOMEM, EINTR; did you mean 'ENOSPC'?\n"},
    {FAULT("fail: EIO, after: 1s"),
     "t.yaml:7:10: error: faults[0]: 'fail' changes a call: use at, with one of output.write, "
     "output.sync, output.rename, store.write, store.sync, part.write, part.sync, "
     "part.rename, topic.write, topic.sync\n"},
    {FAULT("fail: EIO, at: worker.record"),
     "t.yaml:7:19: error: faults[0]: 'fail' does not go with worker.record; use one of "
     "output.write, output.sync, output.rename, store.write, store.sync, part.write, part.sync, "
     "part.rename, topic.write, topic.sync\n"},
    {FAULT("short: self, at: store.sync"),
     "t.yaml:7:21: error: faults[0]: 'short' does not go with store.sync; use one of output.write, "
     "store.write, part.write, topic.write\n"},
    {FAULT("tear: w1, at: store.write"),
     "t.yaml:7:10: error: faults[0]: 'tear' happens inside the process that reaches a point: write "
     "self, and use at: one of output.write, store.write, part.write, topic.write\n"},
    {FAULT("power: on, after: 1s"),
     "t.yaml:7:11: error: faults[0].power: unknown value 'on'; it is always off\n"},
    {FAULT("power: off, after: 1s, for: 1s"),
     "t.yaml:7:27: error: faults[0]: 'for' goes with pause, hang, spin, slow, partition and split "
     "only\n"},
    {FAULT("drop: self, after: 1s"),
     "t.yaml:7:10: error: faults[0]: 'drop' changes a call: use at, with one of worker.send, "
     "supervisor.send\n"},
    {FAULT("drop: any, at: worker.send"),
     "t.yaml:7:10: error: faults[0]: 'drop' is for frames: self or w0\n"},
    {FAULT("drop: self, at: worker.send, frame: dne"),
     "t.yaml:7:40: error: faults[0].frame: unknown value 'dne'; it is one of any, hello, beat, "
     "done, failed, fenced, returned, survived, welcome, refused, assign, dismiss; did you mean "
     "'done'?\n"},
    {FAULT("drop: self, at: worker.send, frame: assign"),
     "t.yaml:7:40: error: faults[0]: no assign frame passes worker.send; use at: "
     "supervisor.send\n"},
    {FAULT("drop: self, at: supervisor.send, frame: hello"),
     "t.yaml:7:44: error: faults[0]: no hello frame passes supervisor.send; use at: worker.send\n"},
    {FAULT("delay: self, at: worker.send"),
     "t.yaml:7:3: error: faults[0].by: missing; give the delay of the frame, such as 1ms\n"},
    {FAULT("delay: self, at: worker.send, by: 5"),
     "t.yaml:7:38: error: faults[0].by: '5' has no unit; give a number and a unit: h, m, s, ms, "
     "us\n"},
    {FAULT("kill: w1, after: 1s, frame: done, way: to"),
     "t.yaml:7:25: error: faults[0]: 'frame' goes with drop, delay, duplicate, reorder and corrupt "
     "only\n"
     "t.yaml:7:38: error: faults[0]: 'way' goes with partition only\n"},
    {FAULT("partition: w1, after: 1s"),
     "t.yaml:7:3: error: faults[0]: how long? add for: a duration such as 5s, or forever\n"},
    {FAULT("partition: director, after: 1s, for: 1s, way: out"),
     "t.yaml:7:15: error: faults[0]: 'partition' is for workers: self, w0, any, busy, oldest, "
     "newest, holder(0) or 2 of any\n"
     "t.yaml:7:50: error: faults[0].way: unknown value 'out'; it is one of both, to, from\n"},
    {FAULT("partition: self, at: supervisor.before_fence, for: 1s"),
     "t.yaml:7:15: error: faults[0]: 'partition' is for workers, and none reaches "
     "supervisor.before_fence\n"},
    {FAULT("clock: 1h, after: 1s"), "t.yaml:7:11: error: faults[0].clock: '1h' is no step of the "
                                    "clock; write +1h, -30s or midnight\n"},
    {FAULT("clock: +0s, after: 1s"), "t.yaml:7:11: error: faults[0].clock: '+0s' is out of range: "
                                     "more than 0s, up to ten years\n"},
    {FAULT("board: flop, after: 1s"), "t.yaml:7:11: error: faults[0].board: unknown value 'flop'; "
                                      "it is always flip; did you mean 'flip'?\n"},
    {FAULT("split: w1, after: 1s, for: 1s"),
     "t.yaml:7:11: error: faults[0]: 'split' is for the supervisor alone\n"},
    {FAULT("split: supervisor, after: 1s, for: forever"),
     "t.yaml:7:39: error: faults[0]: a split ends: give a duration such as 5s\n"},
    {FAULT("split: supervisor, after: 1s"),
     "t.yaml:7:3: error: faults[0]: how long? add for: a duration such as 5s\n"},
    {FAULT("scale: 2, after: 1s"),
     "t.yaml:7:11: error: faults[0].scale: '2' is no change; write +2 for two workers more, -1 for "
     "one fewer\n"},
    {FAULT("scale: +16385, after: 1s"),
     "t.yaml:7:11: error: faults[0].scale: '+16385' is out of range: up to 16384\n"},
    {FAULT("scale: +13, after: 1s"), "t.yaml:7:11: error: faults[0]: +13 to workers.count (4) is "
                                     "more than limits.workers (16)\n"},
    {FAULT("scale: -4, after: 1s"),
     "t.yaml:7:11: error: faults[0]: -4 leaves nobody to work: workers.count is 4\n"},
    {FAULT("drain: supervisor, after: 1s"),
     "t.yaml:7:11: error: faults[0]: 'drain' is for workers: self, w0, any, busy, oldest, newest, "
     "holder(0) or 2 of any\n"},
    {FAULT("quiet: 0s, after: 1s"),
     "t.yaml:7:11: error: faults[0].quiet: '0s' is out of range: 1us to 1000h\n"},
    {FAULT("heal: w1, after: 1s"),
     "t.yaml:7:10: error: faults[0].heal: unknown value 'w1'; it is always all\n"},
    {FAULT("bad_chunk: 10"),
     "t.yaml:7:15: error: faults[0]: there is no chunk 10: the job has 10, from 0\n"},
    {FAULT("bad_chunk: 1, at: worker.record"),
     "t.yaml:7:18: error: faults[0]: 'bad_chunk' goes with no trigger: it happens whenever that "
     "chunk is worked on\n"},
    {FAULT("poison: 100"),
     "t.yaml:7:12: error: faults[0]: there is no record 100: the job has 100, from 0\n"},
    {FAULT("poison: 1, by: HUP"), "t.yaml:7:19: error: faults[0].by: unknown value 'HUP'; it is "
                                  "one of SEGV, KILL, ABRT, memory\n"},
    {FAULT("poison: 1, by: memory"),
     "t.yaml:7:19: error: faults[0].by: 'memory' needs limits.memory, such as 256MiB\n"},
    {FAULT("flaky: 1, optional: yes"),
     "t.yaml:7:24: error: faults[0].optional: unknown value 'yes'; it is one of false, true\n"},
    {FAULT("id: K 1, flaky: 1"),
     "t.yaml:7:8: error: faults[0].id: 'K 1' is no name: 1 to 31 of a-z, 0-9, - and _\n"},
    {BASE "faults: [{id: a, flaky: 1}, {id: a, flaky: 2}]\n",
     "t.yaml:6:34: error: faults[1]: the id 'a' is taken already\n"},
    {BASE "faults: {flaky: 1}\n",
     "t.yaml:6:9: error: faults: takes a list: lines that begin with '- ', or []\n"},
    {HEAD JOB EXPECT "faults: [{flaky: 1}]\n",
     "t.yaml:6:18: error: faults[0]: a noop job reads no records\n"},
    {BASE "faults: [{wen: progress >= 9%, kill: w1}]\n",
     "t.yaml:6:11: error: unknown key 'wen' in faults[0]; did you mean 'when'?\n"},
    {BASE "faults: &a []\n", "t.yaml:6:9: error: anchors (&) are not taken\n"},
    {BASE "faults: *a\n", "t.yaml:6:9: error: aliases (*) are not taken: write the value out\n"},
    {BASE "faults: !!seq []\n",
     "t.yaml:6:9: error: tags (!) are not taken: the key decides the type; a condition that begins "
     "with ! goes in quotes\n"},
    {BASE "---\nmore\n", "t.yaml:6:1: error: a second document begins here; only one is taken\n"},
    {BASE "? [a, b]\n: 1\n", "t.yaml:6:3: error: a key is a word, not a list or map\n"},
    {BASE "workers: {count: \"a\\0b\"}\n", "t.yaml:6:18: error: a NUL character in a value\n"},
    {BASE "  count: 4\n", "t.yaml:6:3: error: did not find expected key: is the indentation right, "
                          "or a ': ' in a value not in quotes?\n"},
    {BASE "workers:\n\tcount: 4\n",
     "t.yaml:7:1: error: found character that cannot start any token: a value that begins with > | "
     "% @ or ` must be in quotes, such as \">= 1\"; indent with blanks, not tabs\n"},
    {BASE "workers: {count: 4\n", "t.yaml:6:10: error: did not find expected ',' or '}': is a "
                                  "comma missing, or the '}' of this map?\n"},
    {BASE "faults: [\n", "t.yaml:7:1: error: did not find expected node content: is there a comma "
                         "or bracket too many?\n"},
    {BASE "about: \"no end\n",
     "t.yaml:6:8: error: found unexpected end of stream: where does this quote end?\n"},
    {"scenario: 1\nname: x\nabout: one: two\n" SALES EXPECT,
     "t.yaml:3:11: error: mapping values are not allowed in this context: is the indentation "
     "right, or a ': ' in a value not in quotes?\n"},
    {BASE "seed: \x01\n",
     "t.yaml:6:7: error: control characters are not allowed: a scenario is plain UTF-8 text\n"},
    {"%\xe2",
     "t.yaml:1:2: error: incomplete UTF-8 octet sequence: a scenario is plain UTF-8 text\n"},
    {"? - a\n  -c:\t- d", "t.yaml:2:3: error: did not find expected '-' indicator: do the entries "
                          "of this list begin in one column?\n"},
    {"\xff\xfe\x61",
     "t.yaml:1:1: error: invalid leading UTF-8 octet: a scenario is plain UTF-8 text\n"},
};

static void
test_every_error_says_where_and_what(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_errors(bad[i].text, strlen(bad[i].text), NULL, 0, bad[i].errors);
}

/* Bytes, not text: what YAML must not choke on. */
static void
test_texts_that_are_none(void **state)
{
	static char large[SCENARIO_BYTES_MAX + 1];
	char deep[200];
	expect_errors(BASE "seed: \0", strlen(BASE) + 7, NULL, 0,
	              "t.yaml:6:7: error: a NUL byte: a scenario is plain UTF-8 text\n");
	memset(large, '#', sizeof(large));
	expect_errors(large, sizeof(large), NULL, 0, "t.yaml: error: larger than 1048576 bytes\n");
	expect_errors(large, sizeof(large) - 1, NULL, 0, "t.yaml: error: is empty\n");
	memset(deep, '[', sizeof(deep));
	expect_errors(deep, sizeof(deep), NULL, 0,
	              "t.yaml:1:33: error: nested deeper than 32 levels\n");
}

static void
test_endless_texts_end(void **state)
{
	size_t size = SCENARIO_BYTES_MAX;
	char *text = malloc(size);
	assert_non_null(text);
	text[0] = '[';
	for (size_t i = 1; i < size; i++)
		text[i] = i % 2 != 0 ? 'a' : ',';
	expect_errors(text, size, NULL, 0, "t.yaml:1:131072: error: more than 65536 values\n");
	text[0] = '{';
	for (size_t i = 1; i + 8 < size; i += 8)
		snprintf(text + i, 9, "%06zu, ", i / 8);
	size = strlen(text);
	expect_errors(text, size, NULL, 0, "t.yaml:1:2050: error: more than 256 keys in one map\n");
	free(text);
}

static void
test_source_line_and_caret(void **state)
{
	struct loaded loaded =
	    load(HEAD SALES EXPECT "faults:\n  - {id: k1, wen: progress >= 90%, kill: w1}\n");
	assert_string_equal(
	    loaded.errors,
	    "t.yaml:7:14: error: unknown key 'wen' in faults[0]; did you mean 'when'?\n"
	    "  - {id: k1, wen: progress >= 90%, kill: w1}\n"
	    "             ^~~\n"
	    "1 error; nothing was run\n");
	unload(&loaded);
}

static void
test_caret_stands_below_what_cannot_be_shown(void **state)
{
	struct loaded loaded =
	    load(HEAD SALES EXPECT "limits: {\twall:\t\"\xc3\xa4\\e\", mem\xc3\xb6ry: 1}\n");
	assert_string_equal(
	    loaded.errors,
	    "t.yaml:6:17: error: limits.wall: '\\303\\244\\033' is no number; give a number and a "
	    "unit: h, m, "
	    "s, ms, us\n"
	    "limits: {\twall:\t\"\\303\\244\\e\", mem\\303\\266ry: 1}\n"
	    "         \t     \t^~~~~~~~~~~~\n"
	    "t.yaml:6:24: error: unknown key 'mem\\303\\266ry' in limits; did you mean 'memory'?\n"
	    "limits: {\twall:\t\"\\303\\244\\e\", mem\\303\\266ry: 1}\n"
	    "         \t     \t              ^~~~~~~~~~~~~\n"
	    "2 errors; nothing was run\n");
	unload(&loaded);
}

static void
test_long_lines_are_cut(void **state)
{
	char text[4096];
	snprintf(text, sizeof(text), BASE "recovery: {%1000s lease: {ttl: 5}%1000s}\n", "", "");
	struct loaded loaded = load(text);
	assert_non_null(
	    strstr(loaded.errors, "t.yaml:6:1026: error: recovery.lease.ttl: '5' has no unit"));
	assert_true(strlen(loaded.errors) < 600);
	const char *caret = strchr(loaded.errors, '^'), *source = strstr(loaded.errors, "lease: {");
	const char *caret_line = memrchr(loaded.errors, '\n', (size_t)(caret - loaded.errors));
	const char *source_line = memrchr(loaded.errors, '\n', (size_t)(source - loaded.errors));
	assert_int_equal(caret - caret_line, source + strlen("lease: {ttl: ") - source_line);
	unload(&loaded);
}

static void
test_too_many_errors_are_counted(void **state)
{
	char text[8192] = BASE;
	for (int i = 0; i < 150; i++)
		snprintf(strchr(text, '\0'), 32, "wrong%d: 1\n", i);
	struct loaded loaded = load(text);
	assert_non_null(strstr(loaded.errors, "unknown key 'wrong99'"));
	assert_null(strstr(loaded.errors, "unknown key 'wrong100'"));
	assert_non_null(
	    strstr(loaded.errors, "the first 100 errors are shown\n150 errors; nothing was run\n"));
	unload(&loaded);
}

static void
test_missing_files(void **state)
{
	struct scenario scenario;
	char *text;
	size_t size;
	FILE *errors = open_memstream(&text, &size);
	assert_int_equal(scenario_load(&scenario, "no/such.yaml", NULL, 0, errors), -EINVAL);
	assert_int_equal(scenario_load(&scenario, "scenarios", NULL, 0, errors), -EINVAL);
	fclose(errors);
	assert_string_equal(
	    text, "no/such.yaml: error: No such file or directory\n1 error; nothing was run\n"
		  "scenarios: error: Is a directory\n1 error; nothing was run\n");
	free(text);
}

/* The fields of all keys that are numbers, as they are in memory. */
static void
assert_same_numbers(const struct scenario *a, const struct scenario *b)
{
	for (size_t i = 0; i < keys_count; i++) {
		struct key key = keys[i];
		if (strchr(key.path, '[') != NULL ||
		    (key.type != KEY_WORD && key.type != KEY_NUMBER && key.type != KEY_SPAN))
			continue;
		assert_true(key_load(&key, a) == key_load(&key, b));
		key.offset += key.type == KEY_SPAN ? key.size : 0;
		assert_true(key_load(&key, a) == key_load(&key, b));
	}
}

static void
test_defaults(void **state)
{
	struct loaded loaded = load_good(BASE, NULL, 0);
	const struct scenario *scenario = loaded.scenario;
	struct scenario *expected = malloc(sizeof(*expected));
	assert_non_null(expected);
	*expected = *scenario;
	core_config_defaults(&expected->core);
	expected->core.slots = 16;
	expected->core.workers = 4;
	assert_same_numbers(scenario, expected);
	assert_int_equal(scenario->core.kill_confirm_ns, expected->core.kill_confirm_ns);
	free(expected);
	assert_int_equal(scenario->core.slots, 16);
	assert_int_equal(scenario->slots, 16);
	assert_int_equal(scenario->seed, 1);
	assert_int_equal(scenario->wall_ns, INT64_C(600000000000));
	assert_int_equal(scenario->beat_ns, 100000000);
	assert_int_equal(scenario->memory, 0);
	assert_int_equal(scenario->durability, DURABILITY_PROCESS);
	assert_int_equal(scenario->verdict, VERDICT_FULL);
	assert_int_equal(scenario->job.separator, ',');
	assert_true(scenario->job.durable);
	assert_int_equal(scenario->faults, 0);
	assert_int_equal(scenario->expectations, 1);
	assert_string_equal(scenario->path, "t.yaml");
	unload(&loaded);
}

static void
test_values_in_their_units(void **state)
{
	struct loaded loaded = load_good(
	    "\xef\xbb\xbf" HEAD
	    "job: {kind: noop, tasks: 1000000 tasks, work: 250us, durable: false}\r\n"
	    "seed: 18446744073709551615\ndurability: power\nverdict: counts\n"
	    "limits: {wall: 1.5h, workers: 64, memory: 256 MiB}\n"
	    "workers: {count: 8, credit: 16, restart: {max: 7, within: 2m, backoff: 5ms..2s}}\n"
	    "recovery: {retry: {attempts: 9, backoff: 1ms..2ms}, lease: {ttl: 3s, takeover: "
	    "fence},\n"
	    "  heartbeat: {every: 10ms, suspect: 20ms, dead: 30ms}, dead_letters: {max: any}}\n"
	    "expect: [{job: failed}, {rework: < 2.5%}, {recovery: 3s}, {hangs: \"> 1\"}]\n",
	    NULL, 0);
	const struct scenario *scenario = loaded.scenario;
	assert_int_equal(scenario->job.kind, JOB_NOOP);
	assert_int_equal(scenario->job.tasks, 1000000);
	assert_int_equal(scenario->job.task_ns, 250000);
	assert_false(scenario->job.durable);
	assert_true(scenario->seed == UINT64_MAX);
	assert_int_equal(scenario->durability, DURABILITY_POWER);
	assert_int_equal(scenario->verdict, VERDICT_COUNTS);
	assert_int_equal(scenario->wall_ns, INT64_C(5400000000000));
	assert_int_equal(scenario->memory, 256 << 20);
	assert_int_equal(scenario->slots, 64);
	assert_int_equal(scenario->core.slots, 64);
	assert_int_equal(scenario->core.workers, 8);
	assert_int_equal(scenario->core.credit, 16);
	assert_int_equal(scenario->core.restart_max, 7);
	assert_int_equal(scenario->core.restart_within_ns, INT64_C(120000000000));
	assert_int_equal(scenario->core.restart_base_ns, 5000000);
	assert_int_equal(scenario->core.restart_cap_ns, 2000000000);
	assert_int_equal(scenario->core.attempts, 9);
	assert_int_equal(scenario->core.backoff_base_ns, 1000000);
	assert_int_equal(scenario->core.backoff_cap_ns, 2000000);
	assert_int_equal(scenario->core.lease_ttl_ns, 3000000000);
	assert_int_equal(scenario->core.takeover, TAKEOVER_FENCE);
	assert_int_equal(scenario->beat_ns, 10000000);
	assert_int_equal(scenario->core.suspect_ns, 20000000);
	assert_int_equal(scenario->core.dead_ns, 30000000);
	assert_true(scenario->core.dead_letters_max == UINT64_MAX);
	assert_int_equal(scenario->expect[0].value, 0);
	assert_string_equal(scenario->expect[1].text, "rework: < 2.5%");
	assert_int_equal(scenario->expect[1].what, EXPECT_REWORK);
	assert_int_equal(scenario->expect[1].compare, COMPARE_LT);
	assert_int_equal(scenario->expect[1].value, 25000);
	assert_int_equal(scenario->expect[2].compare, COMPARE_EQ);
	assert_int_equal(scenario->expect[2].value, 3000000000);
	assert_string_equal(scenario->expect[3].text, "hangs: > 1");
	unload(&loaded);
}

static void
test_comparisons(void **state)
{
	static const struct {
		const char *set;
		enum compare compare;
		const char *text;
	} sets[] = {
	    {"expect[0].fenced=7", COMPARE_EQ, "fenced: 7"},
	    {"expect[0].fenced===7", COMPARE_EQ, "fenced: 7"},
	    {"expect[0].fenced=<=7", COMPARE_LE, "fenced: <= 7"},
	    {"expect[0].fenced='>=7'", COMPARE_GE, "fenced: >= 7"},
	    {"expect[0].fenced=<  7", COMPARE_LT, "fenced: < 7"},
	    {"expect[0].fenced='> 7'", COMPARE_GT, "fenced: > 7"},
	};
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct loaded loaded =
		    load_good(HEAD SALES "expect: [{fenced: 1}]\n", &sets[i].set, 1);
		assert_int_equal(loaded.scenario->expect[0].what, EXPECT_FENCED);
		assert_int_equal(loaded.scenario->expect[0].compare, sets[i].compare);
		assert_int_equal(loaded.scenario->expect[0].value, 7);
		assert_string_equal(loaded.scenario->expect[0].text, sets[i].text);
		unload(&loaded);
	}
}

static void
test_job_of_key_ranges(void **state)
{
	struct loaded loaded =
	    load_good(HEAD "job:\n  kind: aggregate\n  input: data/a.csv\n  key: Product Name\n"
	                   "  sum: [a, \"b,c\"]\n  separator: \"\\t\"\n"
	                   "  split: {by: key, ranges: [H-N, A-G, GA-GZ-]}\n" EXPECT,
	              (const char *const[]){"job.split.ranges=[H-N, A-FZ, GA-G]"}, 1);
	struct scenario_job *job = &loaded.scenario->job;
	assert_int_equal(job->sums, 2);
	assert_string_equal(job->sum[1], "b,c");
	assert_int_equal(job->separator, '\t');
	assert_int_equal(job->chunk, 0);
	assert_int_equal(job->ranges, 3);
	assert_string_equal(job->range[0].low, "H");
	assert_string_equal(job->range[1].high, "FZ");
	assert_string_equal(job->range[2].low, "GA");
	unload(&loaded);
}

static void check_round_trip(struct scenario *first);

static const struct {
	const char *text, *description;
} faults[] = {
    {"kill: supervisor, when: progress >= 90%",
     "f1: kill supervisor (SIGKILL) when progress >= 90%"},
    {"id: k, kill: w3, signal: 40, after: 1500ms", "k: kill w3 (signal 40) after 1500ms"},
    {"kill: all, signal: SIGTERM, at: worker.record, nth: 5, optional: true",
     "f1: kill all (SIGTERM) at worker.record, hit 5 (optional)"},
    {"kill: self, at: worker.record, chance: 0.5%, times: 3",
     "f1: kill self (SIGKILL) at worker.record, chance 0.5%, 3 times"},
    {"crash: self, at: worker.started", "f1: crash self (SIGSEGV) at worker.started, hit 1"},
    {"crash: self, exit: 0, at: worker.started, nth: 2, times: every",
     "f1: crash self (exit code 0) at worker.started, from hit 2 on, every time"},
    {"pause: busy, for: 6s, after: 0s", "f1: pause busy for 6s after 0us"},
    {"hang: self, for: forever, at: worker.before_commit",
     "f1: hang self forever at worker.before_commit, hit 1"},
    {"slow: any, by: 1ms, for: 2s, when: progress>=12.5%",
     "f1: slow any by 1ms for 2s when progress >= 12.5%"},
    {"bad_chunk: 9, times: every", "f1: chunk 9 read with flipped bytes, every time"},
    {"poison: 99", "f1: record 99 ends its worker (SIGSEGV), every time"},
    {"poison: 0, by: memory, times: 2", "f1: record 0 ends its worker (out of memory), 2 times"},
    {"flaky: 17, times: 2", "f1: record 17 cannot be used, 2 times"},
    {"spin: self, for: 1s, at: worker.record", "f1: spin self for 1s at worker.record, hit 1"},
    {"memory: self, at: worker.record, nth: 3",
     "f1: take all memory of self at worker.record, hit 3"},
    {"at: store.write, nth: 7, fail: ENOSPC", "f1: fail with ENOSPC at store.write, hit 7"},
    {"at: output.rename, fail: EIO, times: every",
     "f1: fail with EIO at output.rename, every time"},
    {"at: output.write, short: self", "f1: cut a write of self short at output.write, hit 1"},
    {"at: store.write, nth: 9, tear: self", "f1: tear a write of self at store.write, hit 9"},
    {"when: progress >= 50%, power: off", "f1: power off when progress >= 50%"},
    {"at: worker.send, frame: done, nth: 3, drop: self",
     "f1: drop a frame (done) of self at worker.send, hit 3"},
    {"at: worker.send, delay: w2, by: 50ms",
     "f1: delay a frame of w2 by 50ms at worker.send, hit 1"},
    {"at: supervisor.send, frame: assign, duplicate: w0, times: 2",
     "f1: duplicate a frame (assign) of w0 at supervisor.send, 2 times"},
    {"at: worker.send, reorder: self, chance: 1%, times: every",
     "f1: reorder a frame of self at worker.send, chance 1%, every time"},
    {"at: worker.send, corrupt: self", "f1: corrupt a frame of self at worker.send, hit 1"},
    {"after: 1s, partition: w2, for: 2s", "f1: partition w2 for 2s after 1s"},
    {"after: 1s, partition: busy, way: to, for: forever",
     "f1: partition busy, to it forever after 1s"},
    {"at: worker.before_commit, partition: self, way: from, for: 5s",
     "f1: partition self, from it for 5s at worker.before_commit, hit 1"},
    {"after: 1s, clock: +1h", "f1: clock +1h after 1s"},
    {"after: 1s, clock: -30s", "f1: clock -30s after 1s"},
    {"after: 1s, clock: midnight", "f1: clock to midnight after 1s"},
    {"after: 1s, board: flip", "f1: flip bytes of the board after 1s"},
    {"when: progress >= 1%, split: supervisor, for: 300ms",
     "f1: split supervisor for 300ms when progress >= 1%"},
    {"after: 1s, scale: +2", "f1: scale by +2 after 1s"},
    {"after: 1s, scale: -1", "f1: scale by -1 after 1s"},
    {"after: 1s, drain: w3", "f1: drain w3 after 1s"},
    {"after: 1s, quiet: 2s", "f1: quiet for 2s after 1s"},
    {"after: 1s, heal: all", "f1: heal all after 1s"},
    {"kill: 2 of any, after: 1s", "f1: kill 2 of any (SIGKILL) after 1s"},
    {"pause: 3 of busy, after: 1s, for: 1s", "f1: pause 3 of busy for 1s after 1s"},
    {"kill: 2 of oldest, after: 1s", "f1: kill 2 of oldest (SIGKILL) after 1s"},
    {"kill: newest, after: 1s", "f1: kill newest (SIGKILL) after 1s"},
    {"kill: holder(7), when: done >= 3", "f1: kill holder(7) (SIGKILL) when done >= 3"},
    {"kill: w0, when: \"done>=5&&w2 holds 7\"",
     "f1: kill w0 (SIGKILL) when done >= 5 && w2 holds 7"},
    {"kill: w0, when: \"!(recovery) || (w1 is busy && !w2 is up)\"",
     "f1: kill w0 (SIGKILL) when !recovery || w1 is busy && !(w2 is up)"},
    {"kill: w0, when: (done < 3 || ready == 0) && leased <= 2 && dead > 0",
     "f1: kill w0 (SIGKILL) when (done < 3 || ready == 0) && leased <= 2 && dead > 0"},
    {"kill: w0, when: done < 3 || (ready == 0 || (leased <= 2 && (dead > 0 && recovery)))",
     "f1: kill w0 (SIGKILL) when done < 3 || (ready == 0 || leased <= 2 && (dead > 0 && "
     "recovery))"},
    {"kill: w0, when: \"!!(!(recovery && generation == 2))\"",
     "f1: kill w0 (SIGKILL) when !!!(recovery && generation == 2)"},
    {"kill: w0, when: retries >= 3 && workers < 4 && elapsed > dead + 100ms",
     "f1: kill w0 (SIGKILL) when retries >= 3 && workers < 4 && elapsed > 2100ms"},
    {"kill: w0, when: progress < 50%", "f1: kill w0 (SIGKILL) when progress < 50%"},
    {"kill: w0, when: progress >= 0%", "f1: kill w0 (SIGKILL) when progress >= 0%"},
    {"kill: busy, when: progress >= 10%, every: 500ms, times: 3",
     "f1: kill busy (SIGKILL) when progress >= 10%, again every 500ms, 3 times"},
    {"kill: any, after: 1s, every: lease, times: every",
     "f1: kill any (SIGKILL) after 1s, again every 5s, every time"},
    {"kill: self, at: worker.before_commit, during: recovery",
     "f1: kill self (SIGKILL) at worker.before_commit during recovery, hit 1"},
    {"kill: self, at: worker.record, nth: 3, last: 9, during: done >= 1 || generation > 1",
     "f1: kill self (SIGKILL) at worker.record during done >= 1 || generation > 1, hits 3 to 9, 7 "
     "times"},
    {"kill: self, at: worker.record, last: 9, times: every",
     "f1: kill self (SIGKILL) at worker.record, hits 1 to 9, every time"},
    {"pause: w1, after: suspect, for: lease * 1.05", "f1: pause w1 for 5250ms after 500ms"},
    {"pause: w1, after: beat*3, for: dead * 0.9 + 100ms+ 1us",
     "f1: pause w1 for 1900001us after 300ms"},
    {"slow: any, by: beat * 0.5, for: 2s, after: 1s", "f1: slow any by 50ms for 2s after 1s"},
    {"after: 1s, quiet: lease", "f1: quiet for 5s after 1s"},
};

static void
test_faults(void **state)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		char text[512], described[200], cut[10];
		snprintf(text, sizeof(text), BASE "limits: {memory: 64MiB}\nfaults: [{%s}]\n",
		         faults[i].text);
		struct loaded loaded = load_good(text, NULL, 0);
		fault_describe(loaded.scenario, 0, described, sizeof(described));
		assert_string_equal(described, faults[i].description);
		fault_describe(loaded.scenario, 0, cut, sizeof(cut));
		assert_int_equal(strlen(cut), sizeof(cut) - 1);
		unload(&loaded);
	}
}

static void
test_fault_fields(void **state)
{
	struct loaded loaded =
	    load_good(BASE "faults:\n"
	                   "  - {kill: w3, after: 2s}\n"
	                   "  - {id: f1, pause: self, at: worker.before_commit, nth: 40, for: 6s}\n"
	                   "  - {poison: 7, by: ABRT}\n",
	              NULL, 0);
	const struct fault *fault = loaded.scenario->fault;
	assert_string_equal(fault[0].id, "f2");
	assert_string_equal(fault[1].id, "f1");
	assert_string_equal(fault[2].id, "f3");
	assert_int_equal(fault[0].line, 7);
	assert_int_equal(fault[0].who, WHO_SLOT);
	assert_int_equal(fault[0].slot, 3);
	assert_int_equal(fault[0].signal, SIGKILL);
	assert_int_equal(fault[0].exit_code, -1);
	assert_int_equal(fault[0].when, WHEN_TIME);
	assert_int_equal(fault[0].after_ns, 2000000000);
	assert_int_equal(fault[0].times, 1);
	assert_int_equal(fault[1].what, FAULT_PAUSE);
	assert_int_equal(fault[1].point, POINT_WORKER_BEFORE_COMMIT);
	assert_int_equal(fault[1].nth, 40);
	assert_int_equal(fault[1].chance_ppm, 1000000);
	assert_int_equal(fault[1].for_ns, 6000000000);
	assert_int_equal(fault[2].when, WHEN_RECORD);
	assert_int_equal(fault[2].record, 7);
	assert_int_equal(fault[2].signal, SIGABRT);
	assert_true(fault[2].times == UINT32_MAX);
	unload(&loaded);
}

static void
test_fields_of_the_larger_set(void **state)
{
	struct loaded loaded =
	    load_good(BASE "faults:\n"
	                   "  - {at: store.write, nth: 7, fail: EDQUOT}\n"
	                   "  - {at: worker.send, frame: done, delay: w2, by: 50ms}\n"
	                   "  - {after: 1s, partition: w5, way: from, for: 2s}\n"
	                   "  - {after: 1s, clock: -30s}\n"
	                   "  - {after: 1s, clock: midnight}\n"
	                   "  - {after: 1s, scale: +2}\n"
	                   "  - {after: 1s, scale: -3}\n"
	                   "  - {after: 1s, quiet: 2s}\n"
	                   "  - {after: 1s, power: off}\n"
	                   "world: virtual\n",
	              NULL, 0);
	const struct fault *fault = loaded.scenario->fault;
	assert_int_equal(fault[0].what, FAULT_FAIL);
	assert_int_equal(fault[0].who, WHO_SELF);
	assert_int_equal(fault[0].error, EDQUOT);
	assert_int_equal(fault[0].point, POINT_STORE_WRITE);
	assert_int_equal(fault[0].frame, 0);
	assert_int_equal(fault[1].what, FAULT_DELAY);
	assert_int_equal(fault[1].frame, 1 + MESSAGE_DONE);
	assert_int_equal(fault[1].delay_ns, 50000000);
	assert_int_equal(fault[1].slot, 2);
	assert_int_equal(fault[2].way, WAY_FROM);
	assert_int_equal(fault[2].slot, 5); /* there once the scale up has happened */
	assert_int_equal(fault[2].for_ns, 2000000000);
	assert_int_equal(fault[3].step_ns, -30000000000);
	assert_true(fault[4].step_ns == INT64_MAX);
	assert_int_equal(fault[5].scale, 2);
	assert_int_equal(fault[6].scale, -3);
	assert_int_equal(fault[7].for_ns, 2000000000);
	assert_int_equal(fault[8].who, WHO_ALL);
	assert_int_equal(loaded.scenario->world, WORLD_VIRTUAL);
	unload(&loaded);
}

static uint64_t
ask_done_and_slots(void *context, const struct condition_term *term)
{
	const uint64_t *done = context;
	return term->what == CONDITION_DONE ? *done : term->slot == 2;
}

static void
test_conditions_mean_what_they_say(void **state)
{
	static const struct {
		const char *text;
		uint64_t done;
		bool holds;
	} cases[] = {
	    {"done >= 5 && w2 is up", 5, true},
	    {"done >= 5 && w2 is up", 4, false},
	    {"done >= 5 && w1 is up", 5, false},
	    {"done > 5 || w2 is up && w1 is up", 5, false}, /* && binds closer */
	    {"(done > 5 || w2 is up) && w2 is up", 5, true},
	    {"\"!done == 5\"", 5, false},
	    {"\"!w1 is up && done == 5\"", 5, true},
	    {"\"!(w1 is up && done == 5)\"", 5, true},
	    {"\"!w1 is up || done == 5\"", 4, true},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		uint64_t done = cases[i].done;
		snprintf(text, sizeof(text), FAULT("kill: w1, when: %s"), cases[i].text);
		struct loaded loaded = load_good(text, NULL, 0);
		assert_int_equal(loaded.scenario->fault[0].when, WHEN_STATE);
		assert_int_equal(condition_holds(&loaded.scenario->fault[0].condition,
		                                 ask_done_and_slots, &done),
		                 cases[i].holds);
		unload(&loaded);
	}
}

/* As deep and as long as the text may be: what is taken is bounded, and read back. */
static void
test_conditions_are_bounded(void **state)
{
	char text[8192], condition[4096] = "";
	struct loaded loaded;
	for (int i = 0; i < 24; i++)
		strlcat(condition, "(", sizeof(condition));
	strlcat(condition, "recovery", sizeof(condition));
	for (int i = 0; i < 24; i++)
		strlcat(condition, ")", sizeof(condition));
	snprintf(text, sizeof(text), FAULT("kill: w1, when: %s"), condition);
	loaded = load_good(text, NULL, 0);
	assert_int_equal(loaded.scenario->fault[0].condition.terms, 1);
	unload(&loaded);
	snprintf(text, sizeof(text), FAULT("kill: w1, when: (%s)"), condition);
	expect_errors(text, strlen(text), NULL, 0,
	              "t.yaml:7:44: error: faults[0].when: nested deeper than 24 levels\n");
	strlcpy(condition, "recovery", sizeof(condition));
	for (int i = 0; i < 11; i++)
		strlcat(condition, " || recovery", sizeof(condition));
	snprintf(text, sizeof(text), FAULT("kill: w1, when: %s"), condition);
	loaded = load_good(text, NULL, 0);
	assert_int_equal(loaded.scenario->fault[0].condition.terms, 23);
	unload(&loaded);
	snprintf(text, sizeof(text), FAULT("kill: w1, when: %s || recovery"), condition);
	expect_errors(text, strlen(text), NULL, 0,
	              "t.yaml:7:161: error: faults[0].when: the condition is too long: at most 24 "
	              "terms and operators\n");
}

static void
test_chains(void **state)
{
	struct loaded loaded = load_good(
	    BASE
	    "faults:\n"
	    "- {id: k1, at: worker.record, do: 3*off -> 1*kill -> 2*off -> 5% 10*pause 200ms -> "
	    "crash, during: recovery, optional: true}\n"
	    "- {at: store.write, do: 6*off->2*fail ENOSPC}\n"
	    "- {at: worker.send, frame: done, do: \"1*off -> 50% delay lease\"}\n"
	    "- {kill: w1, after: 1s, follows: k1}\n",
	    NULL, 0);
	const struct scenario *scenario = loaded.scenario;
	static const char *const described[] = {
	    "k1-1: kill self (SIGKILL) at worker.record during recovery, hit 4 (optional)",
	    "k1-2: pause self for 200ms at worker.record during recovery, hits 7 to 16, chance 5%, "
	    "10 "
	    "times (optional)",
	    "k1-3: crash self (SIGSEGV) at worker.record during recovery, from hit 17 on, every "
	    "time "
	    "(optional)",
	    "f2-1: fail with ENOSPC at store.write, hits 7 to 8, 2 times",
	    "f3-1: delay a frame (done) of self by 5s at worker.send, from hit 2 on, chance 50%, "
	    "every "
	    "time",
	    "f4: kill w1 (SIGKILL) after 1s, following k1-3",
	};
	assert_int_equal(scenario->faults, 6);
	for (size_t i = 0; i < 6; i++) {
		char text[200];
		fault_describe(scenario, i, text, sizeof(text));
		assert_string_equal(text, described[i]);
	}
	assert_int_equal(scenario->fault[0].nth, 4);
	assert_int_equal(scenario->fault[0].last, 4);
	assert_int_equal(scenario->fault[0].times, 1);
	assert_int_equal(scenario->fault[1].nth, 7);
	assert_int_equal(scenario->fault[1].last, 16);
	assert_int_equal(scenario->fault[1].chance_ppm, 50000);
	assert_int_equal(scenario->fault[2].nth, 17);
	assert_int_equal(scenario->fault[2].last, 0);
	assert_int_equal(scenario->fault[3].error, ENOSPC);
	assert_int_equal(scenario->fault[5].follows, 2);
	assert_int_equal(scenario->fault[4].follows, -1);
	check_round_trip(loaded.scenario);
	unload(&loaded);
}

static void
test_chains_are_bounded(void **state)
{
	size_t size = 65536;
	char *text = malloc(size);
	assert_non_null(text);
	snprintf(text, size, BASE "faults:\n- {at: worker.record, do: 1*kill");
	for (int i = 0; i < 32; i++)
		strlcat(text, "->1*kill", size);
	strlcat(text, "}\n", size);
	expect_errors(text, strlen(text), NULL, 0,
	              "t.yaml:7:283: error: faults[0]: at most 32 terms make a chain\n");
	snprintf(text, size, BASE "faults:\n");
	for (int i = 0; i < 65; i++)
		strlcat(text, "- {at: worker.record, do: 1*kill}\n", size);
	expect_errors(text, strlen(text), NULL, 0,
	              "t.yaml:71:3: error: faults[64]: too many; at most 64 are taken\n");
	free(text);
}

static void
test_follows_goes_either_way(void **state)
{
	struct loaded loaded = load_good(BASE "faults:\n"
	                                      "- {id: a, kill: w1, after: 1s, follows: c}\n"
	                                      "- {id: b, kill: w1, after: 1s}\n"
	                                      "- {id: c, kill: w1, after: 1s, follows: b}\n",
	                                 NULL, 0);
	assert_int_equal(loaded.scenario->fault[0].follows, 2);
	assert_int_equal(loaded.scenario->fault[1].follows, -1);
	assert_int_equal(loaded.scenario->fault[2].follows, 1);
	check_round_trip(loaded.scenario);
	unload(&loaded);
}

/* Times of faults follow the timers wherever those stand, and are cut off, not rounded. */
static void
test_times_go_by_the_timers(void **state)
{
	struct loaded loaded = load_good(
	    BASE "faults: [{pause: oldest, after: lease * 1.000001, for: suspect * 0.333333},\n"
		 "  {kill: 3 of newest, when: recovery, every: dead * 2, times: 2}]\n"
		 "recovery: {lease: {ttl: 1.000007ms}, heartbeat: {every: 1ms, suspect: 1s}}\n",
	    (const char *const[]){"recovery.lease.ttl=1.000009s"}, 1);
	const struct fault *fault = loaded.scenario->fault;
	assert_int_equal(fault[0].who, WHO_OLDEST);
	assert_int_equal(fault[0].after_ns, 1000010000);
	assert_int_equal(fault[0].for_ns, 333333000);
	assert_int_equal(fault[1].who, WHO_NEWEST);
	assert_int_equal(fault[1].victims, 3);
	assert_int_equal(fault[1].every_ns, 4000000000);
	assert_int_equal(fault[1].condition.term[0].what, CONDITION_RECOVERY);
	unload(&loaded);
}

/* What the checks and `graveshift doctor` ask of a point. */
static void
test_points_before_calls(void **state)
{
	assert_int_equal(point_calls(POINT_STORE_WRITE), POINT_FAILS | POINT_WRITES);
	assert_int_equal(point_calls(POINT_OUTPUT_RENAME), POINT_FAILS);
	assert_int_equal(point_calls(POINT_WORKER_SEND), POINT_SENDS);
	assert_int_equal(point_calls(POINT_WORKER_RECORD), 0);
	assert_int_equal(point_calls(POINTS), 0);
}

static void
test_overrides(void **state)
{
	static const char *const set[] = {"recovery.lease.ttl=7s",
	                                  "workers.count=2",
	                                  "faults.k1.nth=9",
	                                  "faults[1].times=2",
	                                  "expect[0].job=failed",
	                                  "job.sum=[price, qty]",
	                                  "job.generate.sales=500 records",
	                                  "seed=5",
	                                  "seed=6",
	                                  "about="};
	const char *text = BASE "workers: {count: 3}\n"
				"faults: [{id: k1, kill: self, at: worker.record}, {flaky: 3}]\n";
	struct loaded loaded = load_good(text, set, sizeof(set) / sizeof(set[0]) - 1);
	const struct scenario *scenario = loaded.scenario;
	assert_int_equal(scenario->core.lease_ttl_ns, 7000000000);
	assert_int_equal(scenario->core.workers, 2);
	assert_int_equal(scenario->fault[0].nth, 9);
	assert_int_equal(scenario->fault[1].times, 2);
	assert_int_equal(scenario->expect[0].value, 0);
	assert_string_equal(scenario->job.sum[0], "price");
	assert_int_equal(scenario->job.generate_sales, 500);
	assert_int_equal(scenario->seed, 6);
	unload(&loaded);
	loaded = load_good(text, (const char *const[]){"faults=[]"}, 1);
	assert_int_equal(loaded.scenario->faults, 0);
	unload(&loaded);
	loaded = load_good(text, (const char *const[]){"faults.k1=", "faults[0].flaky=4"}, 2);
	assert_int_equal(loaded.scenario->faults, 1);
	assert_int_equal(loaded.scenario->fault[0].record, 4);
	unload(&loaded);
	expect_errors(
	    text, strlen(text), set, sizeof(set) / sizeof(set[0]),
	    "t.yaml:1:1: error: missing key 'about': what it shows, in a sentence or two\n");
}

static void
test_override_errors(void **state)
{
	static const struct {
		const char *set, *errors;
	} sets[] = {
	    {"seed", "--set seed: error: no value; write key.path=value\n"},
	    {"=5", "--set : error: a key is missing here\n"},
	    {"workers..count=5", "--set workers..count: error: a key is missing here\n"},
	    {"recovery.lese.ttl=5s", "--set recovery.lese.ttl: error: unknown key 'lese' in "
	                             "recovery; did you mean 'lease'?\n"},
	    {"recovery.lease.ttl=5", "--set recovery.lease.ttl: error: recovery.lease.ttl: '5' has "
	                             "no unit; give a number and a unit: h, m, s, ms, us\n"},
	    {"seed.x=1",
	     "--set seed.x: error: what is before this is a single value, without keys below it\n"},
	    {"seed=[", "--set seed: error: did not find expected node content: is there a comma or "
	               "bracket too many?\n"},
	    {"expect[1].job=done", "--set expect[1].job: error: the list has no entry of that "
	                           "number; the first is [0]\n"},
	    {"expect[x].job=done", "--set expect[x].job: error: the list has no entry of that "
	                           "number; the first is [0]\n"},
	    {"expect[0.job=done", "--set expect[0.job: error: this '[' has no ']'\n"},
	    {"expect.a.job=done", "--set expect.a.job: error: no entry of this list has that id; a "
	                          "number goes in brackets, such as faults[0]\n"},
	    {"expect[0].fenced=1", "--set expect[0].fenced: error: expect[0]: one key for each "
	                           "entry; begin 'fenced' with a '-' of its own\n"},
	    {"seed=&a 5", "--set seed: error: anchors (&) are not taken\n"},
	};
	const char *text = HEAD "seed: 3\n" JOB EXPECT;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		expect_errors(text, strlen(text), &sets[i].set, 1, sets[i].errors);
	struct loaded loaded = load_set(text, strlen(text), (const char *const[]){"seed=x"}, 1);
	assert_string_equal(
	    loaded.errors,
	    "--set seed: error: seed: 'x' is no number; give a whole number without a unit\n"
	    "seed=x\n     ^\n1 error; nothing was run\n");
	unload(&loaded);
}

static char *
print(const struct scenario *scenario)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(scenario_print(scenario, out), 0);
	fclose(out);
	return text;
}

static void
assert_same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

/* All but the path, and the lines that faults stand in. */
static void
assert_same(struct scenario *a, struct scenario *b)
{
	assert_string_equal(a->name, b->name);
	assert_same_text(a->about, b->about);
	assert_same_text(a->job.input, b->job.input);
	assert_same_text(a->job.key, b->job.key);
	assert_int_equal(a->job.sums, b->job.sums);
	for (size_t i = 0; i < a->job.sums; i++)
		assert_same_text(a->job.sum[i], b->job.sum[i]);
	assert_same_text(a->metrics, b->metrics);
	assert_int_equal(a->on_failures, b->on_failures);
	for (size_t i = 0; i < a->on_failures; i++)
		assert_same_text(a->on_failure[i], b->on_failure[i]);
	assert_string_equal(a->job.logical_date, b->job.logical_date);
	assert_int_equal(a->job.ranges, b->job.ranges);
	assert_memory_equal(a->job.range, b->job.range, sizeof(a->job.range));
	assert_same_numbers(a, b);
	assert_int_equal(a->core.slots, b->core.slots);
	assert_int_equal(a->faults, b->faults);
	for (size_t i = 0; i < a->faults; i++)
		a->fault[i].line = b->fault[i].line = 0;
	assert_memory_equal(a->fault, b->fault, sizeof(a->fault));
	assert_int_equal(a->expectations, b->expectations);
	assert_memory_equal(a->expect, b->expect, sizeof(a->expect));
	assert_true(scenario_hash(a) == scenario_hash(b));
}

static void
check_round_trip(struct scenario *first)
{
	char *text = print(first);
	struct loaded second = load_good(text, NULL, 0);
	char *again = print(second.scenario);
	assert_string_equal(text, again);
	assert_same(first, second.scenario);
	unload(&second);
	free(again);
	free(text);
}

static void
test_shipped_scenarios_round_trip(void **state)
{
	glob_t files;
	assert_int_equal(glob("scenarios/*.yaml", 0, NULL, &files), 0);
	assert_int_equal(glob("scenarios/torture/*.yaml", GLOB_APPEND, NULL, &files), 0);
	assert_true(files.gl_pathc >= 23);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct scenario *scenario = malloc(sizeof(*scenario));
		assert_non_null(scenario);
		assert_int_equal(scenario_load(scenario, files.gl_pathv[i], NULL, 0, stderr), 0);
		check_round_trip(scenario);
		scenario_fini(scenario);
		free(scenario);
	}
	globfree(&files);
}

static void
test_odd_values_round_trip(void **state)
{
	/* clang-format off */
	static const char about[] = "about=\"a \\\" \\\\ \\n\\t\\x01 \\u2028\\u2029 \\ufeff "
				    "caf\xc3\xa9 \xf0\x9f\x90\x94 : # \"";
	/* clang-format on */
	const char *const set[] = {about,
	                           "job.key=\" # \"",
	                           "job.sum=['- a', '', \"[x]\"]",
	                           "job.separator=\"\\t\"",
	                           "limits.wall=100.001ms",
	                           "job.sum[1]=~",
	                           "recovery.heartbeat.every=1.234567ms",
	                           "exclusive=true",
	                           "metrics=x.prom",
	                           "on_failure=[mail, -s, '- a', '- a', ~]",
	                           "job.logical_date=2028-02-29",
	                           "seed=18446744073709551615"};
	struct loaded loaded = load_good(BASE, set, sizeof(set) / sizeof(set[0]));
	assert_string_equal(loaded.scenario->job.sum[1], "~");
	assert_int_equal(loaded.scenario->beat_ns, 1234567);
	check_round_trip(loaded.scenario);
	unload(&loaded);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text), BASE "limits: {memory: 64MiB}\nfaults: [{%s}]\n",
		         faults[i].text);
		loaded = load_good(text, NULL, 0);
		check_round_trip(loaded.scenario);
		unload(&loaded);
	}
}

static void
test_hash_is_of_the_result(void **state)
{
	static const struct {
		const char *set;
		bool same;
	} sets[] = {
	    {"seed=9", true},
	    {"workers.count=2", true},
	    {"name=other", true},
	    {"job.chunk=11 records", false},
	    {"job.sum=[price]", false},
	    {"job.generate.bad=1", false},
	    {"job.separator=;", false},
	    {"job.logical_date=2026-11-21", false},
	    {"exclusive=true", true},
	    {"metrics=x", true},
	    {"on_failure=[true]", true},
	};
	struct loaded base = load_good(BASE, NULL, 0);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct loaded other = load_good(BASE, &sets[i].set, 1);
		assert_int_equal(scenario_hash(base.scenario) == scenario_hash(other.scenario),
		                 sets[i].same);
		unload(&other);
	}
	unload(&base);
}

static void
test_private_has_nothing_beyond_the_run(void **state)
{
	const char *const set[] = {"exclusive=true", "metrics=x.prom", "on_failure=[mail, me]"};
	struct loaded loaded = load_good(BASE, set, 3);
	char *text;
	assert_int_equal(loaded.scenario->on_failures, 2);
	assert_true(loaded.scenario->exclusive);
	scenario_make_private(loaded.scenario);
	check_round_trip(loaded.scenario);
	text = print(loaded.scenario);
	assert_null(strstr(text, "exclusive"));
	assert_null(strstr(text, "metrics"));
	assert_null(strstr(text, "on_failure"));
	free(text);
	unload(&loaded);
}

/* The table is what descriptions of the format are made from: it must be whole. */
static void
test_table_of_keys(void **state)
{
	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys[i];
		assert_non_null(key->meaning);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(key->path, keys[j].path);
		if (key->type == KEY_WORD)
			assert_non_null(key->words);
		if (key->type == KEY_NUMBER || key->type == KEY_SPAN ||
		    key->type == KEY_COMPARISON) {
			assert_non_null(key->units);
			assert_true(key->min < key->max);
		}
	}
}

static void
test_units_read_what_they_write(void **state)
{
	static const uint64_t values[] = {
	    0, 1, 999, 1000, 1500, 25000, 60000000000, 3600000000000, 90000000001, UINT64_MAX};
	const struct unit *lists[] = {unit_none,    unit_durations, unit_shares, unit_sizes,
	                              unit_records, unit_tasks,     unit_times};
	for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			char text[64];
			uint64_t value = 1;
			unit_format(lists[list], values[i], text, sizeof(text));
			assert_int_equal(unit_parse(lists[list], text, &value), UNIT_OK);
			assert_true(value == values[i]);
		}
	}
}

static void
test_guesses(void **state)
{
	static const struct {
		const char *typed, *best;
	} words[] = {
	    {"wen", "when"}, {"WHEN", "when"},   {"hwen", "when"}, {"then", "when"},
	    {"ta", "at"},    {"whenever", NULL}, {"", NULL},       {"x", NULL},
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct guess guess;
		guess_init(&guess, words[i].typed);
		guess_try(&guess, "supervisor");
		guess_try(&guess, "when");
		guess_try(&guess, "at");
		assert_same_text(guess.best, words[i].best);
	}
}

/* Adds the fault to a scenario of three workers; what was said about it, to be freed. */
static char *
add_fault(struct scenario *scenario, const char *text, const char *id, int *result)
{
	char *errors;
	size_t size;
	FILE *out = open_memstream(&errors, &size);
	assert_non_null(out);
	*result = scenario_fault_parse(scenario, "fault", text, id, 2500000001, out);
	assert_int_equal(fclose(out), 0);
	return errors;
}

static void
test_a_fault_in_one_line(void **state)
{
	static const char *const good[][2] = {
	    {"kill: w2", "x: kill w2 (SIGKILL) after 2500000.001us"},
	    {"  {kill: w2, signal: TERM}", "x: kill w2 (SIGTERM) after 2500000.001us"},
	    {"pause: w1, for: 2s", "x: pause w1 for 2s after 2500000.001us"},
	    {"kill: any, every: 1s, times: 3",
	     "x: kill any (SIGKILL) after 2500000.001us, again every 1s, 3 times"},
	    {"bad_chunk: 3", "x: chunk 3 read with flipped bytes, once"},
	};
	struct loaded loaded =
	    load_good(FAULT("kill: w0, after: 1s") "workers: {count: 3}\n", NULL, 0);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[200];
		int result;
		char *errors = add_fault(loaded.scenario, good[i][0], "x", &result);
		assert_string_equal(errors, "");
		assert_int_equal(result, 0);
		assert_int_equal(loaded.scenario->faults, 2);
		fault_describe(loaded.scenario, 1, text, sizeof(text));
		assert_string_equal(text, good[i][1]);
		scenario_faults_drop(loaded.scenario, 1, 1);
		free(errors);
	}
	unload(&loaded);
}

static void
test_a_fault_in_one_line_is_checked(void **state)
{
	static const char *const wrong[][3] = {
	    {"kil: w2", "x", "unknown key 'kil' in fault; did you mean 'kill'?\n{kil: w2}\n ^~~\n"},
	    {"kill: w9", "x", "fault: there is no w9: workers.count is 3\n{kill: w9}\n       ^~\n"},
	    {"kill: w2, after: 3s", "x", "'after' cannot be said here"},
	    {"{id: k, kill: w2}", "x", "'id' cannot be said here"},
	    {"kill: w2, follows: f1", "x", "'follows' cannot be said here"},
	    {"do: 3*off -> 1*kill", "x", "'do' cannot be said here"},
	    {"kill: w2", "f1", "the id 'f1' is taken already"},
	    {"pause: w1", "x", "fault: how long? add for: a duration such as 5s"},
	    {"hang: self, for: 1s", "x", "happens inside the process that reaches a point"},
	    {"", "x", "fault: no action; give one of do, kill"},
	    {"{{kill", "x", "nothing was run"},
	    {"{kill: w2} x", "x", "nothing was run"},
	    {"{}\n---\n{}", "x", "nothing was run"},
	};
	struct loaded loaded =
	    load_good(FAULT("kill: w0, after: 1s") "workers: {count: 3}\n", NULL, 0);
	char *longest = malloc(SCENARIO_LINE_MAX + 2), *errors;
	int result;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		errors = add_fault(loaded.scenario, wrong[i][0], wrong[i][1], &result);
		if (strstr(errors, wrong[i][2]) == NULL)
			assert_string_equal(errors, wrong[i][2]);
		assert_int_equal(result, -EINVAL);
		assert_int_equal(loaded.scenario->faults, 1);
		free(errors);
	}
	memset(longest, 'k', SCENARIO_LINE_MAX + 1);
	longest[SCENARIO_LINE_MAX + 1] = '\0';
	errors = add_fault(loaded.scenario, longest, "x", &result);
	assert_non_null(strstr(errors, "longer than 4096 bytes"));
	free(errors);
	free(longest);
	unload(&loaded);
}

static void
test_no_fault_too_many(void **state)
{
	struct loaded loaded = load_good(BASE, NULL, 0);
	char id[16], *errors = NULL;
	int result = 0;
	for (size_t i = 0; i <= SCENARIO_FAULTS_MAX; i++) {
		free(errors);
		snprintf(id, sizeof(id), "x%zu", i);
		errors = add_fault(loaded.scenario, "kill: any", id, &result);
		assert_int_equal(result, i < SCENARIO_FAULTS_MAX ? 0 : -EINVAL);
	}
	assert_non_null(strstr(errors, "fault: too many; at most 64 are taken"));
	assert_int_equal(loaded.scenario->faults, SCENARIO_FAULTS_MAX);
	free(errors);
	unload(&loaded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_error_says_where_and_what),
	    cmocka_unit_test(test_texts_that_are_none),
	    cmocka_unit_test(test_endless_texts_end),
	    cmocka_unit_test(test_source_line_and_caret),
	    cmocka_unit_test(test_caret_stands_below_what_cannot_be_shown),
	    cmocka_unit_test(test_long_lines_are_cut),
	    cmocka_unit_test(test_too_many_errors_are_counted),
	    cmocka_unit_test(test_missing_files),
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_values_in_their_units),
	    cmocka_unit_test(test_comparisons),
	    cmocka_unit_test(test_job_of_key_ranges),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_fault_fields),
	    cmocka_unit_test(test_fields_of_the_larger_set),
	    cmocka_unit_test(test_points_before_calls),
	    cmocka_unit_test(test_conditions_mean_what_they_say),
	    cmocka_unit_test(test_conditions_are_bounded),
	    cmocka_unit_test(test_chains),
	    cmocka_unit_test(test_chains_are_bounded),
	    cmocka_unit_test(test_follows_goes_either_way),
	    cmocka_unit_test(test_times_go_by_the_timers),
	    cmocka_unit_test(test_overrides),
	    cmocka_unit_test(test_override_errors),
	    cmocka_unit_test(test_shipped_scenarios_round_trip),
	    cmocka_unit_test(test_odd_values_round_trip),
	    cmocka_unit_test(test_hash_is_of_the_result),
	    cmocka_unit_test(test_private_has_nothing_beyond_the_run),
	    cmocka_unit_test(test_table_of_keys),
	    cmocka_unit_test(test_a_fault_in_one_line),
	    cmocka_unit_test(test_a_fault_in_one_line_is_checked),
	    cmocka_unit_test(test_no_fault_too_many),
	    cmocka_unit_test(test_units_read_what_they_write),
	    cmocka_unit_test(test_guesses),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}
