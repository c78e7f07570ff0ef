#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Jobs of kind graph: orders are paid, packed and shipped once each and in that order whatever dies, what is given up takes
# with it what needs it and nothing else, and a redrive does just that again.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5
orders=scenarios/orders

for world in real virtual; do
	graveshift test $orders --world $world
	expect_exit 0 "every shipped scenario of orders holds in the $world world"
done

# --- what is said of orders

graveshift run -q $orders/01-orders.yaml --run-dir "$scratch/run"
expect_exit 0 "a run of orders"
graveshift status "$scratch/run"
expect_stdout '^orders: *999 complete, 1 failed, 0 begun, 0 not begun$' "status says how far orders are"
expect_stdout '^  packing *999 done, 1 given up$' "and how far each step is"
expect_stdout '^dead letter: packing of order 17 ' "and names what was given up"
graveshift status "$scratch/run" --json
expect_equal "and in JSON" "999 1 0" "$(sed -n 's/^    "\(complete\|failed\|begun\)": \([0-9]*\),$/\2/p' "$scratch/out" | paste -s -d ' ')"
graveshift status "$scratch/run" --order 17
expect_stdout '^  packing *given up: .*: 4 (task 69)$' "one order's story: what was given up, after how many attempts"
expect_stdout '^  shipping *skipped, because packing was given up ' "what was skipped, and why"
expect_stdout '^  refund *done ' "and what made up for it"
graveshift status "$scratch/run" --order 18
expect_stdout '^  refund *not needed ' "a refund that nobody needs is not made"
graveshift status "$scratch/run" --order 1000
expect_exit 2 "an order that there is not"
expect_stderr 'takes 0 to 999' "and that is said"
graveshift log "$scratch/run" --order 17 --kind retry
expect_equal "the log of one order's retries" 3 "$(grep -c 'packing of order 17' "$scratch/out")"
graveshift log "$scratch/run" --order 17
expect_equal "and of nothing but that order" "" "$(grep -v 'of order 17)' "$scratch/out")"
graveshift status "$scratch/run" --order x
expect_exit 2 "an order is a number"

# --- redrive

graveshift run -q $orders/04-redrive.yaml --run-dir "$scratch/redrive"
expect_exit 0 "a job that fails because of three orders"
before=$(status_of "$scratch/redrive" tasks_done)
graveshift redrive -q "$scratch/redrive" --set recovery.dead_letters.max=1 \
	--set 'expect=[{job: done}, {records: exactly_once}, {dead_letters: 1}, {skipped: 1}]'
expect_exit 0 "is redriven"
expect_stderr '5 tasks are open' "with exactly what was given up, or skipped for that"
expect_equal "and nothing else is done" 4 "$(($(status_of "$scratch/redrive" tasks_done) - before))"
graveshift replay "$scratch/redrive" --print text --size 120x40
expect_stdout '^BOOKS 2000 records in = 1499 committed .* 1 dead letters + 500 skipped ' "and the books balance, with what the store has as skipped"
graveshift log "$scratch/redrive" --order 0 --kind task-restored
expect_stdout '(refund of order 0) not needed' "the log says of what was restored why it was skipped"
graveshift status "$scratch/redrive" --order 8
expect_stdout '^  packing *given up' "an order that was refunded is not packed after all"

# --- killed anywhere

file=$(write_scenario sweep <<-END
	limits: {wall: 20s}
	job:
	  kind: graph
	  orders: 6
	  steps:
	    - {id: payment}
	    - {id: packing, after: [payment]}
	    - {id: shipping, after: [packing]}
	    - {id: refund, compensates: [packing, shipping]}
	workers: {count: 2, restart: {max: 100, backoff: 1ms..5ms}}
	recovery: {retry: {attempts: 2, backoff: 1ms..5ms}, dead_letters: {max: any}}
	faults: [{id: f1, flaky: packing of order 3, times: every}]
	expect: [job: done, records: exactly_once, dead_letters: 1, skipped: 1]
END
)
for where in 'worker.*_commit*' 'supervisor.*_[bcf]*'; do
	graveshift sweep "$file" --points "$where"
	expect_exit 0 "killed at every $where"
	expect_stdout ' 0 lost, 0 doubled$' "nothing is lost, nothing happens twice"
done

# --- workers come and go by hand

file=$(write_scenario scaled <<-END
	limits: {wall: 60s, workers: 8}
	job:
	  kind: graph
	  orders: 100000
	  work: 1ms
	  steps: [{id: payment}, {id: packing, after: [payment]}]
	workers: {count: 2}
	expect: [job: done]
END
)
start scaled run -q "$file" --run-dir "$scratch/scaled"
wait_until 10 tasks_done "$scratch/scaled" 5 || fail "the run begins"
graveshift scale "$scratch/scaled" +2
expect_exit 0 "two workers more"
graveshift scale "$scratch/scaled" -1
expect_exit 0 "and one less"
graveshift scale "$scratch/scaled" 3
expect_exit 2 "a change has a sign"
graveshift status "$scratch/scaled"
expect_stdout '^orders: *[0-9]* complete, 0 failed, [0-9]* begun, [0-9]* not begun$' "status of a run that goes on"
kill -TERM "$director"
await scaled "$director"
expect_exit 143 "stopped in the middle of it all"
assert_nothing_left scaled "$scratch/scaled"

finish
