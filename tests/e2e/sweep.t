#!/bin/bash
# SPDX-License-Identifier: ISC
#
# graveshift sweep: every crash point of a small scenario, proven; what it says, how it ends, what it leaves.
. "$(dirname "$0")/lib.sh"

small=$(
	write_scenario "small-$$" <<-END
		limits: {wall: 30s}
		job: {kind: aggregate, generate: {sales: 60 records}, key: product, sum: [qty, price], chunk: 20 records}
		workers: {count: 2, restart: {backoff: 1ms..5ms}}
		recovery: {retry: {backoff: 1ms..5ms}}
		expect:
		  - job: done
		  - records: exactly_once
		  - restarts: 0
	END
)

graveshift sweep "$small"
expect_exit 0 "every crash point of a small job"
cp "$scratch/out" "$scratch/sweep.tap"
check "prove reads it" prove -Q -e cat "$scratch/sweep.tap"
sum=$(grep -E '^# [0-9]+ of [0-9]+ crash points proven' "$scratch/out")
read -r _ proven _ chosen _ <<<"$sum"
expect_equal "all of them are proven" "# $chosen of $chosen crash points proven, 0 lost, 0 doubled" "$sum"
check "there are many ($chosen)" [ "$chosen" -gt 50 ]
expect_equal "each has a line of its own" "$chosen" "$(grep -c '^ok ' "$scratch/out")"
expect_stdout 'and [0-9]* like it' "hits that are alike are said to be"
expect_stdout '^# longest recovery: [0-9.]* ms, killed at ' "the longest recovery is named"
expect_equal "nothing is left in TMPDIR" "" "$(ls -A "$TMPDIR")"

graveshift sweep "$small" --points 'output.*' --jobs 1
expect_exit 0 "points by name"
sum=$(grep -E '^# [0-9]+ of [0-9]+ crash points proven' "$scratch/out")
read -r _ proven _ chosen _ <<<"$sum"
expect_equal "one at a time, to the last" "$chosen" "$proven"
expect_equal "only those" "" "$(grep '^ok ' "$scratch/out" | grep -v 'at output\.')"

graveshift sweep "$small" --points 'nowhere.*'
expect_exit 4 "no such point"
graveshift sweep "$small" --budget soon
expect_exit 2 "a budget is a duration"
graveshift sweep "$small" --jobs 0
expect_exit 2 "jobs is a number"

graveshift sweep "$small" --budget 1us
expect_exit 3 "a budget that is used up at once proves nothing"
expect_stdout 'were not tried: the budget is used up' "what was not tried is said"
expect_stdout '^not ok 1 - each point' "and is no success in TAP"

# A job that fails by its scenario must fail the same way whatever is killed.
failing=$(
	write_scenario failing <<-END
		limits: {wall: 30s}
		job: {kind: aggregate, generate: {sales: 60 records, bad: 2}, key: product, sum: [qty], chunk: 20 records}
		workers: {count: 2, restart: {backoff: 1ms..5ms}}
		recovery: {retry: {attempts: 2, backoff: 1ms..5ms}}
		expect:
		  - job: failed
	END
)
graveshift sweep "$failing" --points 'worker.*'
expect_exit 0 "a job that fails"

broken=$(
	write_scenario broken <<-END
		limits: {wall: 30s}
		job: {kind: aggregate, generate: {sales: 60 records}, key: product, sum: [qty], chunk: 20 records}
		faults:
		  - {id: k, at: worker.before_task, nth: 1, kill: self, times: 50}
		workers: {count: 2, restart: {max: 1, backoff: 1ms..5ms}}
		expect:
		  - job: done
	END
)
graveshift sweep "$broken" --points 'worker.before_commit'
check "a scenario that fails without us is no proof" [ "$status" -ne 0 ]

# A second kill while the first is recovered from: as many as the budget allows, of a tiny job.
tiny=$(
	write_scenario tiny <<-END
		limits: {wall: 30s}
		job: {kind: noop, tasks: 4 tasks}
		workers: {count: 1, restart: {max: 20, backoff: 1ms..5ms}}
		recovery: {retry: {attempts: 8, backoff: 1ms..5ms}}
		expect:
		  - job: done
	END
)
graveshift sweep "$tiny" --pairs --points 'worker.[abi]*' --budget 10s
expect_exit 0 "pairs of kills"
check "there are pairs" [ "$(grep -c '^ok .* then at ' "$scratch/out")" -gt 50 ]
expect_stdout '^ok .* killed at worker.before_commit, hit 1, then at supervisor.before_fence' "the takeover is killed"

# Stopped from outside it takes everything with it.
start stopped sweep "$small" --pairs
wait_until 10 grep -q '^ok 5 ' "$scratch/stopped.out"
kill -TERM "$director"
await stopped "$director"
expect_exit 143 "stopped by SIGTERM"
prove -Q -e cat "$scratch/out" >"$scratch/proved" 2>&1
check "prove does not take what there is for all" [ $? -ne 0 ]
expect_equal "nothing of it is left in TMPDIR" "" "$(ls -A "$TMPDIR")"
check "no process of it is left" wait_until 5 no_process_left "small-$$" "$TMPDIR"

# So does a reader that has seen enough.
"$GRAVESHIFT" sweep "$small" 2>"$scratch/err" | head -n 1 >"$scratch/out"
expect_stdout '^TAP version 13' "a reader that goes away"
check "leaves no process" wait_until 5 no_process_left "small-$$" "$TMPDIR"
expect_equal "and nothing in TMPDIR" "" "$(ls -A "$TMPDIR")"

# Killed, it cannot clean up: somebody else does.
nothing_in_tmpdir() { [ -z "$(ls -A "$TMPDIR")" ]; }
for command in "sweep $small --pairs" "test $small $small $small $small $small $small $small $small"; do
	# shellcheck disable=SC2086 # its words
	start killed $command
	wait_until 10 grep -q '^ok 5 ' "$scratch/killed.out"
	check "${command%% *} has a folder" [ -n "$(ls -A "$TMPDIR")" ]
	kill -KILL "$director"
	await killed "$director"
	expect_exit 137 "kill -9 of ${command%% *}"
	check "leaves nothing in TMPDIR" wait_until 10 nothing_in_tmpdir
	check "and no process" wait_until 10 no_process_left "$TMPDIR"
done

# What somebody was told of stays.
fails=$(sed '/^expect:/,$d' "$small" | cat - <(printf 'expect: [{job: failed}]\n') >"$scratch/fails.yaml" && echo "$scratch/fails.yaml")
start kept test "$fails" "$small" "$small" "$small" "$small" "$small" "$small" "$small"
wait_until 10 grep -q '^# run directory: ' "$scratch/kept.out"
kill -KILL "$director"
await kept "$director"
kept=$(sed -n 's/^# run directory: //p' "$scratch/out")
check "no process of it is left" wait_until 10 no_process_left "$TMPDIR"
check "a failed run that was shown stays" test -e "$kept/run.db"
rm -rf "${TMPDIR:?}"/*

finish
