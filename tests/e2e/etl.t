#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Jobs of kind etl: what each strategy of recovery promises holds, and what its naive twin breaks is found and named.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/etl.sh"

cd "$project" || exit 5

# --- each strategy beside its naive twin

graveshift test scenarios/strategies
expect_exit 0 "every shipped scenario holds, and every naive one breaks what it says that it breaks"
for file in scenarios/strategies/*-naive.yaml; do
	name=$(basename "$file" .yaml)
	sed '/breaks:/d; s|input: |&'"$PWD"'/scenarios/strategies/|' "$file" >"$scratch/$name.yaml"
	graveshift run -q "$scratch/$name.yaml" --run-dir "$scratch/$name"
	expect_exit 1 "$name fails where nobody expects that"
	expect_stdout '^FAIL I1 .*record [0-9]*' "$name: and the record is named"
done

# The same with the right strategy: nothing is broken, so that the file that expects it fails.
graveshift check scenarios/strategies/checkpoint-naive.yaml --set recovery.strategy=checkpoint
expect_exit 2 "no promise of a right strategy may be expected to break"
expect_stderr 'only an etl job with a naive strategy' "and that is said"
graveshift run -q scenarios/strategies/checkpoint-naive.yaml --set faults=[] --run-dir "$scratch/unbroken"
expect_exit 1 "a naive strategy that breaks nothing fails the file that expects it"
expect_stdout '^FAIL breaks: I1 .*not broken' "and says so"

# --- a kill at every point

for strategy in checkpoint idempotent manifest; do
	for kind in record chunk; do
		file=$(rows=$kind every=100 etl "sweep-$strategy-$kind" $strategy <<<"$fine")
		points_of=$([ $kind = record ] && echo 'worker.[!s]*' || echo 'worker.*_batch')
		graveshift sweep "$file" --points "$points_of"
		expect_exit 0 "$strategy, a row for each $kind: killed at every $points_of"
		expect_stdout '0 lost, 0 doubled$' "$strategy, a row for each $kind: nothing lost or doubled"
	done
done
for strategy in checkpoint idempotent manifest; do
	file=$(workers=1 records=60 chunk=30 every=15 etl "pairs-$strategy" $strategy <<<"$fine")
	graveshift sweep "$file" --points 'worker.*_batch' --pairs
	expect_exit 0 "$strategy: killed a second time while it recovers"
	expect_stdout '0 lost, 0 doubled$' "$strategy: and nothing is lost or doubled"
done
for strategy in none naive-idempotent naive-checkpoint naive-manifest; do
	file=$(workers=1 etl "sweep-$strategy" $strategy <<<"$fine")
	graveshift sweep "$file" --points 'worker.after_batch'
	expect_exit 1 "$strategy: killed behind a commit, it breaks"
	expect_stdout '^not ok .*killed at worker.after_batch' "$strategy: and the point is named"
	rm -rf "$TMPDIR"/graveshift-sweep.*
done

# --- dead letters

for strategy in checkpoint idempotent manifest; do
	file=$(bad=7 max=7 etl "bad-$strategy" $strategy <<<"expect: [job: done, records: exactly_once, dead_letters: 7]")
	graveshift run -q "$file" --run-dir "$scratch/bad-$strategy"
	expect_exit 0 "$strategy: bad records are dead letters, without row or effect"
	file=$(bad=7 max=6 etl "few-$strategy" $strategy <<<"expect: [job: failed]")
	graveshift run -q "$file" --run-dir "$scratch/few-$strategy"
	expect_exit 0 "$strategy: one more than there may be fails the job"
	graveshift redrive -q "$scratch/few-$strategy" --set recovery.dead_letters.max=7 --set 'expect=[{job: done}, {records: exactly_once}]'
	expect_exit 0 "$strategy: and a redrive that allows it finishes it"
	# Whoever comes after a death is told of those of its predecessor once, whether the supervisor lives or not.
	file=$(bad=7 max=7 attempts=12 etl "killed-$strategy" $strategy <<-END
		faults:
		  - {id: k1, at: worker.after_batch, nth: 2, last: 30, times: 4, kill: self}
		  - {id: k2, at: worker.after_batch, nth: 9, kill: supervisor}
		expect: [job: done, records: exactly_once, dead_letters: 7]
	END
	)
	graveshift run -q "$file" --run-dir "$scratch/killed-$strategy"
	expect_exit 0 "$strategy: dead letters are counted once, through deaths of workers and supervisor"
done

# A task that is given up in the middle: what it has got behind it stays, the rest is a dead letter, and a redrive does it.
file=$(workers=1 max=0 chunk=1000 etl buried checkpoint <<-END
	faults:
	  - {id: h1, at: worker.in_batch, nth: 3, last: 5, times: 3, crash: self}
	expect: [job: failed]
END
)
graveshift run -q "$file" --run-dir "$scratch/buried"
expect_exit 0 "a task that crashes three times behind its second batch is given up"
expect_stdout 'records 100\.\.999 ' "and only what was left of it is a dead letter"
graveshift redrive -q "$scratch/buried" --set "expect=[{job: done}, {records: exactly_once}]"
expect_exit 0 "a redrive does the rest of it, and nothing twice"

# Whoever dies right behind the commit of a batch has not worked in vain.
for strategy in checkpoint manifest; do
	file=$(workers=1 etl "kept-$strategy" $strategy <<-END
		faults: [{id: k1, at: worker.after_batch, nth: 3, kill: self}]
		expect: [job: done, records: exactly_once, rework: <= 0%]
	END
	)
	graveshift run -q "$file" --run-dir "$scratch/kept-$strategy"
	expect_exit 0 "$strategy: killed behind a commit, nothing is done again"
done

# With dead letters allowed the job is done: what a task has got behind it is not given up with the rest, marks or no marks.
for job in checkpoint:record checkpoint:chunk idempotent:record idempotent:chunk manifest:record; do
	name=half-${job/:/-}
	file=$(workers=1 max=any chunk=1000 rows=${job#*:} etl "$name" "${job%:*}" <<-END
		faults:
		  - {id: h1, at: worker.in_batch, nth: 3, last: 5, times: 3, crash: self}
		expect: [job: done, records: exactly_once, dead_letters: 900]
	END
	)
	graveshift run -q "$file" --run-dir "$scratch/$name"
	expect_exit 0 "${job%:*}, a row for each ${job#*:}: a task given up in its middle, and each record is there once"
done

# --- power

for strategy in checkpoint idempotent manifest; do
	file=$(etl "power-$strategy" $strategy <<-END
		durability: power
		faults: [{id: p1, at: worker.after_batch, nth: 7, power: off}, {id: p2, at: worker.in_batch, nth: 12, power: off}]
		$fine
	END
	)
	graveshift run -q "$file" --run-dir "$scratch/power-$strategy"
	expect_exit 0 "$strategy: power lost behind a commit and inside one"
done

# --- a transaction that takes longer than a worker may stand still

graveshift run -q "$(write_scenario long <<-END
	limits: {wall: 60s}
	job: {kind: etl, generate: {sales: 100000 records}, id: [order_id], effects: log, chunk: 100000 records}
	workers: {count: 1}
	recovery:
	  strategy: idempotent
	  checkpoint: {every: 100000 records}
	  heartbeat: {every: 10ms, suspect: 100ms, dead: 400ms}
	expect: [job: done, records: exactly_once, hangs: 0]
END
)" --run-dir "$scratch/long"
expect_exit 0 "whoever is in a long transaction is not taken for hung"

# --- which records?

for strategy in checkpoint manifest; do
	file=$(workers=1 etl "which-$strategy" $strategy <<<"faults: [$slowly, {id: k1, at: worker.after_batch, nth: 7, pause: self, for: 60s}]
$fine")
	start which run -q "$file" --run-dir "$scratch/which-$strategy"
	kept() { "$GRAVESHIFT" status "$scratch/which-$strategy" --records 2>/dev/null | grep -q '^done  *records 0\.\.349$'; }
	check "$strategy: seven batches of fifty are done, and status says which records that is" wait_until 20 kept
	slay which "$director"
	graveshift status "$scratch/which-$strategy" --records --json
	expect_stdout '"unknown": 0' "$strategy: of none it cannot tell"
done
for strategy in idempotent none; do
	file=$(workers=1 etl "which-$strategy" $strategy <<<"faults: [$slowly]
expect: [job: done]")
	start which run -q "$file" --run-dir "$scratch/which-$strategy"
	has_rows() { "$GRAVESHIFT" log "$scratch/which-$strategy" --kind leased 2>/dev/null | grep -q .; }
	wait_until 20 has_rows
	slay which "$director"
	graveshift status "$scratch/which-$strategy" --records
	expect_stdout '^cannot tell  *records 0\.\.999$' "$strategy: nobody can tell"
done

# --- keys

cat >"$scratch/twice.csv" <<-END
	id,amount
	1,10
	2,20
	1,11
	2,20
END
twice() { # STRATEGY EXPECTATIONS
	write_scenario "twice-$1" <<-END
		job: {kind: etl, input: $scratch/twice.csv, id: [id], effects: log, chunk: 2 records}
		workers: {count: 1}
		recovery: {strategy: $1}
		expect: [$2]
	END
}
graveshift run -q "$(twice idempotent 'job: done')" --run-dir "$scratch/twice"
expect_exit 1 "a key that comes with two payloads fails the run"
expect_stdout '^FAIL I2 .* 1 keys that came with two payloads; first record 2' "and the record is named"
expect_stdout '^FAIL I1 .* 1 lost' "the first payload stays, the other is lost; the same one twice is one row"

# --- a finished job again, and another strategy

before=$(fingerprint_of "$scratch/bad-checkpoint")
graveshift resume -q "$scratch/bad-checkpoint"
expect_exit 0 "I12 a finished job can be resumed"
expect_equal "I12 and nothing changes" "$before" "$(fingerprint_of "$scratch/bad-checkpoint")"
file=$(workers=1 etl other checkpoint <<<"faults: [$slowly]
$fine")
start other run -q "$file" --run-dir "$scratch/other"
begun() { "$GRAVESHIFT" log "$scratch/other" --kind leased 2>/dev/null | grep -q .; }
wait_until 20 begun
slay other "$director"
sed -i 's/strategy: checkpoint/strategy: manifest/' "$scratch/other/scenario.yaml"
graveshift resume -q "$scratch/other"
expect_exit 2 "what one strategy has kept, another one does not go on with"

# --- what there is not

graveshift run "$file" --world virtual
expect_exit 3 "the virtual world has no sink"
expect_stderr 'kind etl' "and says so"
graveshift check "$(write_scenario wrong <<-END
	job: {kind: aggregate, generate: {sales: 10 records}, key: product, sum: [], chunk: 5 records}
	recovery: {strategy: manifest, checkpoint: {every: 5 records}}
	expect: [job: done]
END
)"
expect_exit 2 "strategies are for etl"
expect_stderr 'recovery.strategy\|manifest is for jobs of kind etl' "and that is said"

expect_equal "nothing is left of all this" "" "$(find "$TMPDIR" -mindepth 1)"
finish
