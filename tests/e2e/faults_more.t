#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The larger fault set, for real: each must land with evidence of its own, the run must survive it, and what cannot land
# must not look like success.
. "$(dirname "$0")/lib.sh"

# judge CODE NAME [ARGUMENT...]: runs the scenario on standard input.
judge() {
	local code=$1 name=$2 file=$scratch/$2.yaml

	shift 2
	{
		echo "scenario: 1"
		echo "name: $name"
		echo "about: See the test that made this."
		cat
	} >"$file"
	graveshift run -q "$file" --run-dir "$scratch/$name" "$@"
	expect_exit "$code" "$name"
}
sales='job: {kind: aggregate, generate: {sales: 20000 records}, key: product, sum: [qty, price], chunk: 200 records}'
slow='{id: s1, at: worker.started, slow: self, by: 50us, for: forever, times: every}'
done_once='expect: [job: done, records: exactly_once]'

# --- inside a process

judge 0 spin <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2}
	faults: [{id: x1, at: worker.before_task, nth: 5, spin: self, for: 300ms}]
	$done_once
EOF
expect_stdout '^ok   fault x1 landed .* ms of the processor burnt' "a spin is proven by the processor time it burnt"

judge 0 spin-for-ever <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2}
	recovery: {heartbeat: {every: 20ms, suspect: 100ms, dead: 300ms}}
	faults: [{id: x1, at: worker.before_task, nth: 5, spin: self, for: forever}]
	expect: [job: done, records: exactly_once, hangs: 1]
EOF
expect_stdout '^ok   fault x1 landed .* given up and ended by signal 9' "or by the end that the watcher made of it"

if grep -q __asan_init "$GRAVESHIFT"; then
	skip "memory" "the sanitizer itself needs more than any limit"
else
	judge 0 memory <<-EOF
		limits: {wall: 20s, memory: 64MiB}
		$sales
		workers: {count: 2}
		faults: [{id: m1, at: worker.before_task, nth: 5, memory: self}]
		$done_once
	EOF
	expect_stdout '^ok   fault m1 landed .* ended by signal 6' "the limit ended who took all memory"
fi

judge 0 respawn-storm <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2, restart: {max: 5, within: 10s}}
	faults: [$slow, {id: r1, at: worker.started, nth: 3, crash: self, times: 4}, {id: k1, at: worker.before_commit, nth: 5, kill: self}]
	expect: [job: done, records: exactly_once, restarts: ">= 5"]
EOF
expect_stdout '^ok   fault r1 landed  -- 4 times' "each crash of the storm is proven"

# --- the board

judge 0 board <<-EOF
	limits: {wall: 30s}
	$sales
	workers: {count: 2}
	faults:
	  - $slow
	  - {id: b1, at: worker.before_commit, nth: 5, board: flip, times: 40}
	  - {id: k1, at: worker.before_commit, nth: 60, kill: self}
	  - {id: k2, when: progress >= 50%, kill: supervisor}
	  - {id: k3, when: progress >= 70%, kill: all}
	$done_once
EOF
expect_stdout '^ok   fault b1 landed  -- 40 times' "flipped bytes are counted"
check "and stand in plan.jsonl, before and after" test \
	"$(grep -c '"fault": "b1".*"flips": \[\[0*[0-7], [0-9]*, [0-9]*\], ' "$scratch/board/plan.jsonl")" -eq 40

# An odd number of flips leaves the header damaged: the resume needs a new board, and proves all the same.
judge 0 board-header <<-EOF
	limits: {wall: 30s}
	$sales
	workers: {count: 2}
	faults: [$slow, {id: b1, when: progress >= 30%, board: flip}, {id: k1, when: progress >= 50%, kill: all}]
	$done_once
EOF
check "a damaged board is replaced at the resume" test "$(head -c 8 "$scratch/board-header/board")" = gvsbord1

# --- the calendar

judge 0 midnight <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2}
	faults: [$slow, {id: c1, when: progress >= 30%, clock: midnight}, {id: c2, when: progress >= 60%, clock: -30s}]
	$done_once
EOF
expect_stdout '^ok   fault c1 landed .* a process read the clock' "a step of the clock is proven by who reads it"
expect_stdout "^ok   the run's logical date is that of its submission" "the logical date stays"
if python3 -c 'import sqlite3' 2>/dev/null; then
	python3 -c 'import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute("UPDATE run SET logical_date = date(logical_date, \"+1 day\")".replace("\"", "\x27"))
store.commit()' "$scratch/midnight/run.db"
	graveshift resume -q "$scratch/midnight"
	expect_exit 1 "a logical date that moved with the clock is noticed"
	expect_stdout "^FAIL the run's logical date" "and said"
else
	skip "a logical date that moved" "python3 has no sqlite3"
fi

# --- two supervisors

judge 0 split <<-EOF
	limits: {wall: 30s}
	$sales
	workers: {count: 3, credit: 4}
	faults:
	  - $slow
	  - {id: b1, at: worker.in_transaction, nth: 7, split: supervisor, for: 100ms}
	  - {id: b2, at: worker.after_report, nth: 30, split: supervisor, for: 30ms, times: 5}
	expect: [job: done, records: exactly_once, generations: 7]
EOF
expect_stdout '^ok   fault b1 landed .* superseded (exit code 7)' "the old supervisor says that it was superseded"
expect_stdout '^ok   fault b2 landed  -- 5 times' "every time"
assert_nothing_left split "$scratch/split"

# The job ends before the old one goes on: it is woken, so that it can be asked.
judge 0 split-till-the-end <<-EOF
	limits: {wall: 30s}
	$sales
	workers: {count: 2}
	faults: [{id: b1, at: worker.before_commit, nth: 30, split: supervisor, for: 60s}]
	$done_once
EOF
assert_nothing_left split-till-the-end "$scratch/split-till-the-end"

# --- workers come and go

judge 0 scale <<-EOF
	limits: {wall: 20s, workers: 6}
	$sales
	workers: {count: 2}
	faults:
	  - $slow
	  - {id: u1, when: progress >= 20%, scale: +3}
	  - {id: u2, when: progress >= 40%, scale: -2}
	  - {id: d1, when: progress >= 60%, drain: w0}
	  - {id: k1, when: progress >= 70%, kill: w1}
	$done_once
EOF
expect_stdout '^ok   fault u1 landed  -- 3 times; last: 5 workers then' "three more are counted"
expect_stdout '^ok   fault u2 landed  -- 2 times; last: 3 workers then' "two fewer are counted"
expect_stdout '^ok   fault d1 landed .* left by itself' "and one is sent home"

# --- quiet, heal

judge 0 quiet-and-heal <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2}
	recovery: {heartbeat: {every: 20ms, suspect: 8s, dead: 15s}}
	faults:
	  - $slow
	  - {id: q1, at: worker.before_commit, nth: 2, quiet: 300ms}
	  - {id: k1, at: worker.before_commit, nth: 3, kill: self}
	  - {id: p1, at: worker.before_commit, nth: 15, pause: self, for: 15s}
	  - {id: h1, at: worker.before_commit, nth: 17, hang: self, for: 15s}
	  - {id: e1, after: 2s, heal: all}
	$done_once
EOF
expect_stdout '^ok   fault q1 landed' "quiet is kept"
check "and nothing else began before it was over" python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
at = {line["fault"]: line["boottime_ns"] for line in reversed(lines)}
assert at["k1"] - at["q1"] >= 300e6, at
' "$scratch/quiet-and-heal/plan.jsonl"
expect_stdout '^ok   fault e1 landed  -- 1 times; last: 1 pauses ended' "and what was healed is counted"
check "a pause of 15 s and a hang of 15 s were over early" \
	awk '/^  time: / { early = $2 < 10 } END { exit !early }' "$scratch/out"

# --- triggers over the run's state, and who is meant

judge 0 state <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 4, restart: {max: 20, within: 1s}}
	recovery: {retry: {attempts: 8, backoff: 1ms..10ms}}
	faults:
	  - $slow
	  - {id: a1, when: done >= 5 && w2 is busy, kill: w2}
	  - {id: a2, when: done >= 20 && workers == 4, kill: 3 of any}
	  - {id: a3, when: done >= 30, pause: oldest, for: 50ms}
	  - {id: a4, when: done >= 40, kill: newest}
	  - {id: a5, when: done >= 20, kill: holder(70)}
	  - {id: a6, when: done >= 60, kill: supervisor}
	  - {id: a7, when: recovery && done >= 60, kill: busy}
	  - {id: a8, when: done >= 50, slow: busy, by: 1ms, for: 20ms}
	$done_once
EOF
expect_stdout '^ok   fault a2 landed  -- 3 times' "three of four at once are proven one by one"
check "and were written ahead as one injection" test \
	"$(grep -c '"fault": "a2", "number": 1.*"victims": 3, "slots": \[' "$scratch/state/plan.jsonl")" -eq 1
check "each fault acted when its condition had become true" python3 -c '
import json, subprocess, sys
graveshift, run = sys.argv[1:]
events = [json.loads(line) for line in subprocess.check_output([graveshift, "log", "--json", run]).splitlines()]
begins = next(e for e in events if e["kind"] == "run-started")
held = {e["slot"] for e in events if e["kind"] == "leased" and e.get("task") == 70}
plan = {line["fault"]: line for line in map(json.loads, open(run + "/plan.jsonl"))}
assert plan["a5"]["slot"] in {int(str(slot).lstrip("w")) for slot in held}, (plan["a5"], held)
assert plan["a1"]["slot"] == 2
' "$GRAVESHIFT" "$scratch/state"

judge 0 recovering <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 3, restart: {max: 20, within: 1s}}
	recovery: {retry: {attempts: 8, backoff: 1ms..10ms}}
	faults:
	  - ${slow/50us/150us}
	  - {id: k1, when: done >= 10, kill: busy}
	  - {id: k2, at: supervisor.before_fence, during: recovery, kill: self}
	  - {id: k3, at: supervisor.after_generation, follows: k2, during: recovery, kill: self}
	  - {id: k4, after: 50ms, kill: oldest, every: 80ms, times: 3, follows: k3}
	expect: [job: done, records: exactly_once, generations: ">= 2"]
EOF
check "what follows begins after what it follows, and again after its time" python3 -c '
import json, sys
at = {}
for line in map(json.loads, open(sys.argv[1])):
    at.setdefault(line["fault"], []).append(line["boottime_ns"])
assert at["k1"] < at["k2"] < at["k3"], at
k4 = at["k4"]
assert len(k4) == 3 and k4[0] - at["k3"][0] >= 50e6, at
assert all(later - earlier >= 80e6 for earlier, later in zip(k4, k4[1:])), k4
' "$scratch/recovering/plan.jsonl"

judge 3 nobody-recovers <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2}
	faults: [{id: k1, at: worker.before_commit, during: recovery, kill: self}, {id: k2, when: w0 holds 5 && done < 1, kill: w0}]
	$done_once
EOF
expect_stdout '^open fault k1 landed .* its moment never came' "hits outside of any recovery do not count"

# --- what cannot land

judge 3 nobody-to-drain <<-EOF
	limits: {wall: 20s, workers: 4}
	$sales
	workers: {count: 2}
	faults: [$slow, {id: d1, when: progress >= 20%, drain: w0}, {id: d2, when: progress >= 60%, drain: w0}]
	$done_once
EOF
expect_stdout '^open fault d2 landed .* its target was never there' "a fault whose target is gone is named"

judge 3 no-room-to-scale <<-EOF
	limits: {wall: 20s, workers: 4}
	$sales
	workers: {count: 2}
	faults: [$slow, {id: u1, when: progress >= 20%, scale: +2}, {id: u2, when: progress >= 50%, scale: +1}]
	$done_once
EOF
expect_stdout '^open fault u2 landed .* its target was never there' "and one for which there is no place"

judge 3 too-short-to-spin <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2}
	faults: [{id: x1, at: worker.before_task, nth: 5, spin: self, for: 1us}]
	$done_once
EOF
expect_stdout '^open fault x1 landed .*proven 0 times' "a spin that burns nothing is not proven"

if grep -q __asan_init "$GRAVESHIFT"; then
	skip "a limit that this host refuses" "the sanitizer itself needs more than that"
else
	file=$scratch/memory.yaml
	run_with_hard_limit() {
		(ulimit -d 262144 && "$GRAVESHIFT" "$@" >"$scratch/out" 2>"$scratch/err")
		status=$?
	}
	run_with_hard_limit run -q "$file" --set limits.memory=512MiB --run-dir "$scratch/refused"
	expect_exit 3 "a fault that the host cannot do makes the verdict inconclusive"
	expect_stdout '^skip fault m1 landed  -- this host cannot: the limit is above the hard one' "and says why"
	run_with_hard_limit test "$file" --set limits.memory=512MiB
	expect_exit 3 "also under test"
	expect_stdout '^ok .*fault m1 landed # SKIP this host cannot' "where it is skipped"
	rm -rf "${TMPDIR:?}"/*
fi

# --- the table

graveshift doctor
expect_exit 0 "doctor"
for kind in $(sed -n 's/^\tFAULT_\([A-Z_]*\).*/\1/p' "$project/sim/scenario/scenario.h" | tr 'A-Z' 'a-z'); do
	expect_stdout "^$kind  *\(available\|missing\) " "doctor knows $kind"
done
graveshift doctor --json
check "doctor --json is JSON" python3 -c '
import json, sys
table = json.load(open(sys.argv[1]))
assert all(set(row) == {"fault", "mechanism", "needs", "available", "reason"} for row in table) and len(table) > 20
' "$scratch/out"

finish
