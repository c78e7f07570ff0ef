#!/bin/bash
# SPDX-License-Identifier: ISC
#
# graveshift fuzz: twenty thousand runs in the virtual world, the coordinator audited after every step, and no invariant
# broken; the same seeds give the same histories, however many run side by side.
. "$(dirname "$0")/lib.sh"

hash_of() {
	sed -n 's/^# trace hash of all: //p' "$scratch/out"
}

graveshift fuzz --seeds 1..20000
expect_exit 0 "20,000 seeds break no invariant"
expect_stdout '^ok 1 - 20000 seeds from 1 on' "and all of them were played"
expect_stdout '^# never injected: lose_part, spoil_part, memory, fail, short, tear, clock, board, grow, quiet$' "what was not injected is said, and is no more than what has no model"
survivable=$(sed -n 's/^# 20000 runs, \([0-9]*\) of them survivable.*/\1/p' "$scratch/out")
finished=$(sed -n 's/^# 20000 runs,.* \([0-9]*\) ended with everything done/\1/p' "$scratch/out")
check "most are survivable ($survivable), some are not" [ "$survivable" -gt 10000 -a "$survivable" -lt 19000 ]
check "all survivable ones end, with everything done ($finished)" [ "$finished" -ge "$survivable" ]
expect_equal "nothing is kept when nothing fails" "" "$(find "$XDG_STATE_HOME" -name 'seed-*' 2>/dev/null)"

graveshift fuzz --seeds 1..300 --jobs 1
one=$(hash_of)
expect_equal "a hash of all traces" 16 "${#one}"
graveshift fuzz --seeds 1..300 --jobs 4
expect_equal "side by side or one after the other: the same histories" "$one" "$(hash_of)"
graveshift fuzz --seeds 2..301 --jobs 4
check "other seeds, other histories" [ "$one" != "$(hash_of)" ]

base=$(
	write_scenario base <<-END
		job: {kind: aggregate, generate: {sales: 200 records}, key: product, sum: [qty], chunk: 10 records}
		workers: {count: 3, restart: {max: 200, within: 10s}}
		recovery: {retry: {attempts: 60, backoff: 1ms..10ms}, dead_letters: {max: any}}
		expect:
		  - job: done
	END
)
graveshift fuzz "$base" --seeds 1..300
expect_exit 0 "faults drawn for a scenario of one's own"
graveshift fuzz "$project/scenarios/02-worker-crash.yaml" --seeds 1..10
expect_stdout "^# [1-9][0-9]* of the scenario's own faults are left out" "instead of its own, which is said"

graveshift fuzz --seeds 1..100000000 --budget 100ms
expect_exit 0 "a budget that is used up"
expect_stdout 'seeds were not tried: the budget is used up' "what was not tried is said"

# A process of the fuzzer that dies takes no seed with it unseen.
kill_a_lane() {
	local pid

	pid=$(pgrep -P "$director" | head -n 1)
	[ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null
}
start died fuzz --seeds 1..20000 --jobs 1
for _ in 1 2 3; do
	wait_until 10 kill_a_lane
done
await died "$director"
expect_exit 5 "a fuzzer that died under a seed"
expect_stdout '^not ok 1 - seed [0-9]*: a fault in graveshift' "names the seed"
expect_stdout '^# the process ended with 137' "and how it ended"
expect_stdout '^# again: graveshift run .*/seed-[0-9]*.yaml' "and keeps it"
check "but does not ask for it to be tried again and again" [ "$(grep -c '^# smaller' "$scratch/out")" = 0 ]

graveshift fuzz --seeds 1..100 --budget 0s
expect_exit 3 "no seed tried"
expect_stdout '^not ok 1 - no seed was tried' "is no success"
graveshift fuzz --seeds 0..18446744073709551614
expect_exit 2 "more seeds than can be counted"

graveshift fuzz --seeds 5
expect_exit 2 "seeds are a range"
graveshift fuzz --seeds 9..1
expect_exit 2 "in order"
graveshift fuzz --set workers.count=2
expect_exit 2 "--set without a scenario"

graveshift shrink 1
expect_exit 3 "what does not fail cannot be made smaller"
expect_stderr 'does not fail: there is nothing to shrink' "and is not"
graveshift shrink 1 --set workers.count=1
expect_exit 2 "--set does not change what a seed draws"
graveshift shrink "$scratch/nowhere.yaml"
expect_exit 2 "nothing to shrink"

# A scenario that fails for one of its faults, in either world: the others go, and what is left still fails.
for world in virtual real; do
	failing=$(
		write_scenario "failing-$world" <<-END
			world: $world
			limits: {wall: 20s}
			job: {kind: aggregate, generate: {sales: 400 records}, key: product, sum: [qty], chunk: 10 records}
			workers: {count: 3, restart: {max: 50, within: 10s, backoff: 1ms..5ms}}
			recovery: {retry: {attempts: 3, backoff: 1ms..5ms}, dead_letters: {max: 0}}
			faults:
			  - {id: a, at: worker.before_commit, nth: 3, kill: self}
			  - {id: b, flaky: 7, times: 2}
			  - {id: c, poison: 250}
			  - {id: d, at: worker.after_report, nth: 9, kill: self, optional: true}
			expect:
			  - job: done
		END
	)
	graveshift shrink "$failing" -o "$scratch/small-$world.yaml" --budget 30s
	expect_exit 0 "$world: shrinks"
	expect_equal "$world: one fault is left" 1 "$(grep -c '^  - id: ' "$scratch/small-$world.yaml")"
	check "$world: the one that matters" grep -q 'poison: ' "$scratch/small-$world.yaml"
	check "$world: it says what fails" grep -q '^# job: done fails' "$scratch/small-$world.yaml"
	graveshift run -q "$scratch/small-$world.yaml"
	expect_exit 1 "$world: what is left still fails"
done
# Stopped in the middle it says nothing about what can be left out.
start stopped shrink "$failing" -o "$scratch/stopped.yaml"
third_run() {
	compgen -G "$TMPDIR/graveshift-shrink.*/[3-9]" >"$scratch/runs"
}
check "shrinking is under way" wait_until 10 third_run
kill -TERM "$director"
await stopped "$director"
expect_exit 143 "shrinking is stopped by SIGTERM"
check "and nothing is written" [ ! -e "$scratch/stopped.yaml" ]
# A run without a verdict is no run that holds.
(ulimit -f 8 && exec "$GRAVESHIFT" shrink "$failing") >"$scratch/out" 2>"$scratch/err"
expect_equal "what cannot be played cannot be shrunk" 5 $?
expect_stderr 'no verdict was given' "and that is said"

# The input is beside the scenario; the result is not.
"$GRAVESHIFT" generate sales --records 100 --seed 3 -o "$scratch/input.csv" || exit 5
beside=$(
	write_scenario beside <<-END
		job: {kind: aggregate, input: input.csv, key: product, sum: [qty], chunk: 10 records}
		expect:
		  - takeovers: ">= 5"
	END
)
mkdir "$scratch/elsewhere"
for world in virtual real; do
	graveshift shrink "$beside" --world $world -o "$scratch/elsewhere/small.yaml"
	expect_exit 0 "$world: a job with an input file shrinks"
	check "$world: to the end" grep -q 'nothing left in it can be left out' "$scratch/elsewhere/small.yaml"
	graveshift run -q "$scratch/elsewhere/small.yaml"
	expect_exit 1 "$world: and fails from another folder"
done
graveshift shrink "$beside" --world virtual --budget 0s
expect_exit 0 "no time to shrink"
expect_stdout 'the time was up: it may still be made smaller' "is said"
rm "$scratch/input.csv"
graveshift fuzz "$beside"
expect_exit 2 "an input that is gone"
expect_stderr 'input.csv: No such file' "is named, once"
expect_equal "nothing is left in TMPDIR" "" "$(ls -A "$TMPDIR")"

finish
