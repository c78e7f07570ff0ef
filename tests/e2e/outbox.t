#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The strategy outbox: items are claimed by one, wherever they are, and settled with their effects; its naive twin breaks.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/etl.sh"

cd "$project" || exit 5

# --- a kill at every point

file=$(every=100 etl sweep outbox <<<"$fine")
graveshift sweep "$file" --points 'worker.[!s]*'
expect_exit 0 "killed at every point of a worker"
expect_stdout '0 lost, 0 doubled$' "nothing lost or doubled"
file=$(records=80 chunk=40 every=20 etl pairs outbox <<<"$fine")
graveshift sweep "$file" --points 'worker.*_batch' --pairs
expect_exit 0 "killed a second time while it recovers"
expect_stdout '0 lost, 0 doubled$' "nothing lost or doubled by two"
file=$(workers=1 etl naive naive-outbox <<<"$fine")
graveshift sweep "$file" --points 'worker.after_batch'
expect_exit 1 "naive-outbox: killed behind a commit, it breaks"
expect_stdout '^not ok .*killed at worker.after_batch' "naive-outbox: and the point is named"
expect_stdout '[1-9][0-9]* lost, [1-9][0-9]* doubled$' "naive-outbox: it loses what was not listed, and doubles what was not settled"
rm -rf "$TMPDIR"/graveshift-sweep.*

# --- dead letters

file=$(bad=7 max=7 etl bad outbox <<<"expect: [job: done, records: exactly_once, dead_letters: 7]")
graveshift run -q "$file" --run-dir "$scratch/bad"
expect_exit 0 "bad records are dead letters, without row or effect"
file=$(bad=7 max=6 etl few outbox <<<"expect: [job: failed]")
graveshift run -q "$file" --run-dir "$scratch/few"
expect_exit 0 "one more than there may be fails the job"
graveshift redrive -q "$scratch/few" --set recovery.dead_letters.max=7 --set 'expect=[{job: done}, {records: exactly_once}]'
expect_exit 0 "a redrive that allows it finishes it"
file=$(bad=7 max=7 attempts=12 etl killed outbox <<-END
	faults:
	  - {id: k1, at: worker.after_batch, nth: 2, last: 30, times: 4, kill: self}
	  - {id: k2, at: worker.after_batch, nth: 9, kill: supervisor}
	  - {id: f1, flaky: 333, times: 2}
	expect: [job: done, records: exactly_once, dead_letters: 7]
END
)
graveshift run -q "$file" --run-dir "$scratch/killed"
expect_exit 0 "dead letters are counted once, through deaths of workers and supervisor"
file=$(max=1 etl poison outbox <<<"faults: [{id: p1, poison: 700}]
expect: [job: done, records: exactly_once, dead_letters: 1]")
graveshift run -q "$file" --run-dir "$scratch/poison"
expect_exit 0 "a record that kills whoever touches it is found, though others had claimed it"

# A chunk whose bytes are not those of the plan is given up; what others had claimed of it before is settled and stays so.
file=$(max=0 etl buried outbox <<<"faults: [{id: b1, bad_chunk: 2, times: 4}]
expect: [job: failed]")
graveshift run -q "$file" --run-dir "$scratch/buried"
expect_exit 0 "a chunk that cannot be read is given up"
graveshift redrive -q "$scratch/buried" --set 'expect=[{job: done}, {records: exactly_once}]'
expect_exit 0 "a redrive does the rest of it, and nothing twice"

# --- power

file=$(etl power outbox <<-END
	durability: power
	faults: [{id: p1, at: worker.after_batch, nth: 7, power: off}, {id: p2, at: worker.in_batch, nth: 12, power: off}]
	$fine
END
)
graveshift run -q "$file" --run-dir "$scratch/power"
expect_exit 0 "power lost behind a commit and inside one"

# --- which records?

# Of one worker each batch is two transactions, the claim and its end.
file=$(workers=1 etl which outbox <<<"faults: [$slowly, {id: k1, at: worker.after_batch, nth: 9, pause: self, for: 60s}]
$fine")
start which run -q "$file" --run-dir "$scratch/which"
kept() { "$GRAVESHIFT" status "$scratch/which" --records 2>/dev/null | grep -q '^done  *records 0\.\.199$'; }
check "four batches of fifty are settled, and status says which records that is" wait_until 20 kept
slay which "$director"
graveshift status "$scratch/which" --records --json
expect_stdout '"unknown": 0' "of none it cannot tell"
graveshift resume -q "$scratch/which" --quiet
expect_exit 0 "and a resume does the others"

# --- what there is not

graveshift check "$(write_scenario chunk <<-END
	job: {kind: etl, generate: {sales: 10 records}, id: [order_id], rows: chunk, chunk: 5 records}
	recovery: {strategy: outbox}
	expect: [job: done]
END
)"
expect_exit 2 "items that are taken as they come have no row in common"
expect_stderr 'job.rows: chunk does not go with strategy outbox' "and that is said"

expect_equal "nothing is left of all this" "" "$(find "$TMPDIR" -mindepth 1)"
finish
