#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Faults that once broke a run, hid themselves or blamed the wrong one.  Each scenario is short; what its verdict must be
# stands beside it.
. "$(dirname "$0")/lib.sh"

# judge CODE NAME: runs the scenario on standard input, a job of 20,000 records unless it brings its own.
judge() {
	local code=$1 name=$2 file=$scratch/$2.yaml

	{
		echo "scenario: 1"
		echo "name: $name"
		echo "about: See the test that made this."
		cat
	} >"$file"
	graveshift run -q "$file" --run-dir "$scratch/$name"
	expect_exit "$code" "$name"
}
sales='job: {kind: aggregate, generate: {sales: 20000 records}, key: product, sum: [qty, price], chunk: 200 records}'
done_once='expect: [job: done, records: exactly_once]'

# A fault whose victim cannot be had yet is asked for once, not again and again until the run breaks.
judge 0 nobody-to-kill-yet <<-EOF
	limits: {wall: 30s}
	job: {kind: noop, tasks: 1000 tasks, work: 1ms}
	workers: {count: 2}
	faults:
	  - {id: p1, after: 50ms, pause: supervisor, for: 500ms}
	  - {id: k1, after: 100ms, kill: w0}
	expect: [job: done, restarts: ">= 1"]
EOF

# A worker that hangs for ever does not keep a finished job from ending, nor does one that sleeps past its end.
judge 0 long-sleepers <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 3}
	recovery: {lease: {takeover: fence, ttl: 3s}, heartbeat: {every: 20ms, suspect: 100ms, dead: 300ms}}
	faults:
	  - {id: h1, at: worker.before_task, nth: 20, hang: self, for: forever}
	  - {id: p1, at: worker.before_commit, nth: 10, pause: self, for: 1500ms}
	$done_once
EOF

# Three attempts lost to one bad record and one to a kill: the record is given up, not its chunk.
judge 0 bad-record-and-kill <<-EOF
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 100 records, bad: 1}, key: product, sum: [qty, price], chunk: 100 records}
	workers: {count: 1}
	recovery: {retry: {attempts: 4, backoff: 1ms..5ms}, dead_letters: {max: 1}}
	faults: [{id: k1, at: worker.before_task, nth: 4, kill: self}]
	expect: [job: done, records: exactly_once, dead_letters: 1]
EOF

# A worker that crashes just as its supervisor is killed: its own death is the evidence, not its successor's leaving.
judge 0 crash-beside-kill <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2, credit: 4}
	faults:
	  - {id: k1, at: worker.before_commit, kill: supervisor}
	  - {id: k0, at: worker.before_commit, nth: 7, crash: self, exit: 3}
	expect: [job: done]
EOF
expect_stdout '^ok   fault k0 landed.*exit code 3' "the crash is proven by its own exit code"

# A signal that ends nobody has not landed, whatever its victim dies of later.
judge 3 signal-without-effect <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2}
	faults: [{id: k1, at: worker.before_commit, nth: 5, kill: self, signal: WINCH}]
	$done_once
EOF
expect_stdout '^open fault k1 landed' "and that is said"

# A supervisor that a fault pauses at one of its own points is woken again.
judge 0 sleeping-supervisor <<-EOF
	limits: {wall: 20s}
	$sales
	workers: {count: 2}
	faults: [{id: p1, at: supervisor.after_plan_sealed, pause: supervisor, for: 300ms}]
	$done_once
EOF

# An exit code that a fault chose for the supervisor is no message of the supervisor's.
for exit in 0 1 2 5 6; do
	judge 0 "supervisor-exits-$exit" <<-EOF
		limits: {wall: 20s}
		$sales
		workers: {count: 2}
		faults: [{id: c1, at: supervisor.before_job_done, crash: self, exit: $exit}]
		expect: [job: done, records: exactly_once, generations: 2]
	EOF
done

# Everything that waited for one commit was worked on in vain.
judge 1 rework-of-a-group <<-EOF
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 20000 records}, key: product, sum: [qty, price], chunk: 10 records}
	workers: {count: 1, credit: 32}
	faults: [{id: k1, at: worker.before_commit, nth: 500, kill: self}]
	expect: [job: done, rework: <= 0.1%]
EOF
expect_stdout '^FAIL rework: <= 0.1%' "rework counts the whole group"

# Bad data is no takeover: nobody was lost.
judge 1 no-takeover <<-EOF
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 1000 records}, key: product, sum: [qty, price], chunk: 100 records}
	workers: {count: 1}
	recovery: {retry: {attempts: 4, backoff: 1ms..5ms}}
	faults: [{id: f1, flaky: 150, times: 2}]
	expect: [job: done, takeovers: ">= 1"]
EOF
expect_stdout '^FAIL takeovers: >= 1' "two flaky attempts are no takeovers"

# A worker that may not have the memory its task needs ends the job in bounded time, and says so.
if grep -q __asan_init "$GRAVESHIFT"; then
	skip "too-little-memory" "the sanitizer itself needs more than that"
else
	judge 1 too-little-memory <<-EOF
		limits: {wall: 60s, memory: 16MiB}
		job: {kind: aggregate, generate: {sales: 500000 records}, key: order_id, sum: [qty, price], chunk: 400000 records}
		workers: {count: 2}
		recovery: {retry: {attempts: 2, backoff: 1ms..5ms}}
		expect: [job: done]
	EOF
	expect_stderr 'out of memory in task' "too little memory is said"
fi

# A probe that cannot reach the store proves nothing against its record.
if python3 -c 'import sqlite3' 2>/dev/null; then
	cat >"$scratch/hold.py" <<-'EOF'
		import os, sqlite3, sys, time
		end = time.time() + 3
		while not os.path.exists(sys.argv[1]) and time.time() < end:
		    time.sleep(0.001)
		store = sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None)
		while time.time() < end:
		    try:
		        store.execute("BEGIN IMMEDIATE"); time.sleep(0.08)
		        store.execute("ROLLBACK"); time.sleep(0.003)
		    except sqlite3.OperationalError:
		        time.sleep(0.002)
	EOF
	python3 "$scratch/hold.py" "$scratch/probe-without-store/run.db" &
	started+=($!)
	judge 0 probe-without-store <<-EOF
		limits: {wall: 60s}
		job: {kind: aggregate, generate: {sales: 5000 records}, key: product, sum: [qty, price], chunk: 200 records}
		workers: {count: 2}
		recovery: {retry: {attempts: 4, backoff: 1ms..5ms}, dead_letters: {max: 5}}
		faults:
		  - {id: s1, at: worker.started, slow: self, by: 200us, for: forever, times: every}
		  - {id: q1, poison: 3000, times: 2}
		expect: [job: done, records: exactly_once, dead_letters: 0]
	EOF
else
	skip "probe-without-store" "python3 has no sqlite3"
fi
# An output task that is given up is no dead letter: there is no result.  Nothing of its attempts is left, and after the
# fix the run is finished.
judge 0 output-given-up <<-EOF
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 100 records}, key: product, sum: [qty, price], chunk: 50 records}
	workers: {count: 1, restart: {max: 10, backoff: 1ms..5ms}}
	recovery: {retry: {attempts: 3, backoff: 1ms..5ms}, dead_letters: {max: any}}
	faults: [{id: k1, at: output.before_fsync, kill: self, times: 3}]
	expect: [job: failed, dead_letters: 0]
EOF
expect_equal "no file of its attempts is left" "" "$(ls -A "$scratch/output-given-up/out")"
graveshift redrive -q "$scratch/output-given-up" --set 'faults=[]' --set 'expect=[{job: done}, {records: exactly_once}]'
expect_exit 0 "after the fix it is done"

# A chunk that is given up within the maximum is left out of the result, and the result is written.
judge 0 chunk-given-up <<-EOF
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 1000 records}, key: product, sum: [qty, price], chunk: 100 records}
	workers: {count: 2}
	recovery: {retry: {attempts: 2, backoff: 1ms..5ms}, dead_letters: {max: 100}}
	faults: [{id: b1, bad_chunk: 7, times: every}]
	expect: [job: done, records: exactly_once, dead_letters: 100]
EOF

# What a commit gave up counts although its worker died before it could say so.
judge 0 unreported-dead-letter <<-EOF
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 10 records, bad: 1}, key: product, sum: [qty, price], chunk: 10 records}
	workers: {count: 1}
	recovery: {retry: {attempts: 1, backoff: 1ms..5ms}, dead_letters: {max: 0}}
	faults: [{id: k1, at: worker.after_commit_before_report, kill: self}]
	expect: [job: failed, dead_letters: 1]
EOF

# A probe that is killed after its suspicion is durable has a successor that can prove it.
judge 0 probe-killed <<-EOF
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 1000 records}, key: product, sum: [qty, price], chunk: 100 records}
	workers: {count: 2}
	recovery: {retry: {attempts: 4, backoff: 1ms..5ms}, dead_letters: {max: 1}}
	faults:
	  - {id: p1, poison: 345}
	  - {id: k1, at: worker.after_suspect, kill: self}
	expect: [job: done, records: exactly_once, dead_letters: 1]
EOF

# A suspicion that no probe could prove or disprove is still there when the record is given up as bad data: it is a dead
# letter then, once.
for kind in 'aggregate, key: product, sum: [qty]' 'etl, id: [order_id]'; do
	judge 0 "suspect-given-up-${kind%%,*}" <<-EOF
		limits: {wall: 20s}
		job: {kind: $kind, generate: {sales: 1 records}, chunk: 1 records}
		workers: {count: 2, credit: 1, restart: {max: 100, backoff: 1ms..5ms}}
		recovery: {retry: {attempts: 4, backoff: 1ms..5ms}, dead_letters: {max: any}}
		faults:
		  - {id: f1, flaky: 0}
		  - {id: p1, poison: 0, times: 3}
		  - {id: f2, flaky: 0}
		  - {id: k1, at: worker.after_suspect, nth: 1, crash: self, times: 4}
		expect: [job: done, records: exactly_once, dead_letters: 1]
	EOF
done

# Its task is tried again without it.  Who is killed in that dies of something else: nobody touches the record any more.
judge 0 dead-letter-not-blamed <<-EOF
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 1 records}, key: product, sum: [qty], chunk: 1 records, work: 300ms}
	workers: {count: 1, credit: 1, restart: {max: 100, backoff: 1ms..5ms}}
	recovery: {retry: {attempts: 20, backoff: 1ms..5ms}, dead_letters: {max: any}}
	faults:
	  - {id: p1, poison: 0}
	  - {id: k1, after: 100ms, every: 100ms, kill: busy, times: 4}
	expect: [job: done, records: exactly_once, dead_letters: 1]
EOF

finish
