#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Jobs of kind stream: events that are appended to logs and consumed from them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stream.sh"

cd "$project" || exit 5

# --- one worker does it all, and too many find nothing to do

for workers in 1 9; do
	for pattern in streaming kappa; do
		graveshift run -q "$(workers=$workers partitions=3 stream "workers-$workers" $pattern <<<"$fine")" --run-dir "$scratch/$pattern$workers"
		expect_exit 0 "$pattern: three logs and $workers workers"
	done
done

# --- records that cannot be used

for pattern in streaming batching kappa; do
	file=$(max=1 attempts=2 stream "flaky-$pattern" "$pattern" <<-END
		faults: [{id: f1, flaky: 333, times: 50, optional: true}]
		expect: [job: done, records: exactly_once, dead_letters: 1]
	END
	)
	graveshift run -q "$file" --run-dir "$scratch/flaky-$pattern"
	expect_exit 0 "$pattern: an event that cannot be used is a dead letter, all others are there"
done
file=$(max=1 attempts=3 stream poison streaming <<-END
	faults: [{id: p1, poison: 700}]
	expect: [job: done, records: exactly_once, dead_letters: 1]
END
)
graveshift run -q "$file" --run-dir "$scratch/poison"
expect_exit 0 "an event that ends whoever touches it is probed alone and given up"
file=$(every=4000 partitions=1 stream blameless streaming <<-END
	faults: [{id: k1, at: worker.in_batch, nth: 1, kill: self}]
	$fine
END
)
graveshift run -q "$file" --run-dir "$scratch/blameless"
expect_exit 0 "a worker is killed in its transaction, when it has touched its last event"
graveshift log "$scratch/blameless" --kind worker-exited
expect_stdout ' task 1 epoch 1 value 9$' "and no event is to blame"

# --- many products

file=$(events=300000 segment=1MiB every=4000 more='lost: 1000, late: 500, doubled: 3000' max=3000 stream products join <<-END
	faults:
	  - {id: k1, at: worker.in_batch, nth: 9, kill: self}
	  - {id: k2, at: worker.after_batch, nth: 25, kill: self}
	  - {id: k3, at: worker.before_batch, nth: 40, kill: supervisor}
	$fine
END
)
graveshift run "$file" --run-dir "$scratch/products"
expect_exit 0 "of 100,000 products each is created once or given up"
expect_stdout ' events about 100000 products: 98[0-9]* created, 1[0-9]* dead letters that name what is missing; 29[0-9]* events doubled' \
	"with the kinds that it lacks"

file=$(more='lost: 3' stream refused join <<<"expect: [job: failed]")
graveshift run -q "$file" --run-dir "$scratch/refused"
expect_exit 0 "more dead letters than there may be"
graveshift redrive -q "$scratch/refused" --set recovery.dead_letters.max=9
expect_exit 2 "cannot be done later"
expect_stderr 'start a new run' "and it is said what can be done"
graveshift status "$scratch/refused"
expect_stdout '^to do it all anew after a fix: graveshift run ' "status names the command that does it"
graveshift runbook "$scratch/refused"
expect_stdout ' run .*scenario.yaml --set recovery.dead_letters.max=4$' "and so does the runbook"

# --- payloads that are gone, or damaged

file=$(events=60 partitions=1 attempts=2 max=2 more='size: 100B' stream payloads claim_check <<-END
	faults: [{id: h1, at: worker.before_batch, hang: self, for: forever, optional: true}]
	expect: [job: done, records: exactly_once, dead_letters: 2]
END
)
start payloads run -q "$file" --run-dir "$scratch/payloads" --set recovery.heartbeat='{every: 20ms, suspect: 30s, dead: 60s}'
check "all is appended, and nothing consumed" wait_until 20 tasks_done "$scratch/payloads" 1
slay payloads "$director"
mapfile -t payloads < <(find "$scratch/payloads" -name 'claim.*' ! -name '*.new' | sort -t . -k 4n)
expect_equal "every payload is there" 60 ${#payloads[@]}
rm "${payloads[0]}"
printf x >>"${payloads[3]}"
graveshift resume -q "$scratch/payloads"
expect_exit 0 "a token that leads to nothing, or to other bytes, is a dead letter"
graveshift status "$scratch/payloads"
expect_stdout 'its payload is missing or damaged' "with its reason"

# --- a zombie

file=$(rate=2000 stream zombie streaming <<-END
	faults: [{id: z1, at: worker.before_batch, nth: 6, pause: self, for: 1500ms}]
	expect: [job: done, records: exactly_once, fenced: ">= 1"]
END
)
graveshift run -q "$file" --run-dir "$scratch/zombie" --set recovery.lease='{ttl: 2s, takeover: fence}' \
	--set recovery.heartbeat='{every: 20ms, suspect: 100ms, dead: 400ms}'
expect_exit 0 "one who wakes up after its lease commits nothing"

# --- the disk

file=$(stream full streaming <<-END
	faults: [{id: d1, at: topic.write, nth: 3, fail: ENOSPC}, {id: d2, at: topic.write, nth: 6, short: self}]
	$fine
END
)
graveshift run -q "$file" --run-dir "$scratch/full"
expect_exit 0 "an append that fails and one that is cut short cost nothing"
for pattern in streaming batching; do
	file=$(rate=3000 stream "power-$pattern" "$pattern" <<-END
		durability: power
		faults: [{id: p1, at: worker.in_append, nth: 5, power: off}, {id: p2, at: worker.after_batch, nth: 12, power: off}]
		$fine
	END
	)
	graveshift run -q "$file" --run-dir "$scratch/power-$pattern"
	expect_exit 0 "$pattern: power lost behind an append that was not synced, and behind a commit"
done
file=$(rate=3000 stream unpromised streaming <<<"faults: [{id: p1, at: worker.after_batch, nth: 12, power: off}]
$fine")
graveshift run -q "$file" --run-dir "$scratch/unpromised"
expect_exit 0 "without syncs the power takes log and cursor alike"

# --- input of one's own

printf 'id,time_ms,kind,key,value\n1,0,Sold,a,1\n2,5,Sold,b,2,and more\n3,9,Sold,a,"\n' >"$scratch/own.csv"
own() { # INPUT
	write_scenario own <<-END
		job: {kind: stream, pattern: streaming, input: $1}
		$fine
	END
}
graveshift run -q "$(own "$scratch/own.csv")" --run-dir "$scratch/own"
expect_exit 0 "events from a file"
printf 'id,time_ms,kind,key,value\n1,0,Sold,a,1\n2,soon,Sold,b,2\n' >"$scratch/wrong.csv"
graveshift run -q "$(own "$scratch/wrong.csv")" --run-dir "$scratch/wrong"
expect_exit 2 "an event without a time"
expect_stderr 'input line 3 cannot be used: its time' "is named by its line"
graveshift run -q "$(own "$tests/data/lf.csv")" --run-dir "$scratch/other"
expect_exit 2 "an input that is something else"
expect_stderr 'does not begin with the line id,time_ms' "and that is said"
graveshift check "$(write_scenario foreign <<-END
	job: {kind: stream, pattern: streaming, generate: {events: 10 records}, chunk: 5 records}
	expect: [job: done]
END
)"
expect_exit 2 "keys of another kind"
expect_stderr 'job.chunk: not for a job of kind stream' "are named"
graveshift run --world virtual "$(stream nowhere streaming <<<"$fine")"
expect_exit 3 "the virtual world has no log"

expect_equal "nothing is left of all this" "" "$(find "$TMPDIR" -mindepth 1)"
finish
