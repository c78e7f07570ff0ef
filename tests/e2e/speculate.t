#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Copies of attempts that take too long: whoever commits first counts, the other is stopped and nothing is charged; whichever
# of both is killed, refused or late, and whatever kind of job it is.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

kinds() { # RUN KIND: how many records of that kind are in its log
	"$GRAVESHIFT" log "$1" --kind "$2" | wc -l
}

# --- one worker is slow

scenario=$project/scenarios/26-straggler.yaml
for world in real virtual; do
	graveshift run -q "$scenario" --world $world --run-dir "$scratch/$world"
	expect_exit 0 "$world: a copy overtakes the straggler"
	# On a busy machine others may seem slow, too.
	check "$world: one is overtaken" [ "$(kinds "$scratch/$world" overtaken)" -ge 1 ]
	expect_stdout '^ok   I5 ' "$world: nothing is charged that is not to be"
done
"$GRAVESHIFT" log "$scratch/real" --kind kill >"$scratch/kills"
expect_in "$scratch/kills" ' speculative$' "and the log says why"
graveshift status "$scratch/real"
expect_stdout '^copies: *[1-9][0-9]* of slow attempts, [1-9][0-9]* of them were quicker' "status counts it"

# --- commands that wait for ever at their first try: nobody else may

# What is at its first epoch and in one of these tasks (of reduces: partitions) sleeps; a copy has an epoch of its own.
first_sleeps='if [ "$GRAVESHIFT_ATTEMPT" = 1 ] && [[ " $SLEEPERS " = *" $GRAVESHIFT_TASK "* ]]; then exec sleep 50; fi; exec cat'
commands() { # NAME JOB
	write_scenario "$1" <<-EOF
		limits: {wall: 40s}
		$2
		workers: {count: 3, credit: 1}
		recovery:
		  heartbeat: {every: 20ms, suspect: 30s, dead: 60s}
		  lease: {ttl: 60s}
		  speculate: {slower_than: 2x}
		expect: [{job: done}, {records: exactly_once}, {speculation_won: ">= 1"}, {retries: 0}]
	EOF
}
seq 1 60 >"$scratch/lines"
graveshift run -q "$(commands command "job: {kind: command, input: lines, chunk: 10 records, command: [bash, -c, '${first_sleeps/\$SLEEPERS/4}']}")" \
	--run-dir "$scratch/command"
expect_exit 0 "command: the one that sleeps is not waited for"
check "command: and its output is there once" cmp "$scratch/lines" "$scratch/command/out/result.csv"

sed 's/$/\t1/' "$scratch/lines" >"$scratch/pairs"
graveshift run -q "$(commands shuffle "job:
  kind: mapreduce
  function: command
  input: pairs
  chunk: 10 records
  partitions: 3
  map: [bash, -c, '${first_sleeps/\$SLEEPERS/2}']
  reduce: [bash, -c, '${first_sleeps/\$SLEEPERS/1}']")" --run-dir "$scratch/shuffle"
expect_exit 0 "mapreduce: neither a map nor a reduce that sleeps is waited for"
check "mapreduce: both were overtaken" [ "$(kinds "$scratch/shuffle" overtaken)" -ge 2 ]
check "mapreduce: and each pair is there once" cmp <(sort "$scratch/pairs") <(sort "$scratch/shuffle/out/result.csv")
check "mapreduce: nothing of those who lost is left" [ "$(ls -A "$scratch/shuffle/out")" = result.csv ]

# --- both are given up alive: neither may commit afterwards

graveshift run -q "$(
	write_scenario late <<-'EOF'
		limits: {wall: 30s}
		job: {kind: noop, tasks: 4 tasks, work: 100ms}
		workers: {count: 2, credit: 1}
		recovery:
		  lease: {ttl: 9s, takeover: fence}
		  heartbeat: {every: 20ms, suspect: 100ms, dead: 800ms}
		  speculate: {slower_than: 3x}
		faults:
		  - {id: z1, at: worker.before_commit, nth: 4, pause: self, for: 1500ms}
		  - {id: z2, at: worker.before_commit, nth: 5, pause: self, for: 1500ms}
		expect: [{job: done}, {records: exactly_once}, {fenced: 2}, {speculated: 1}, {speculation_won: 0}]
	EOF
)" --run-dir "$scratch/late"
expect_exit 0 "fenced: an attempt and its copy that come too late are both refused"

# --- the copy dies: uncharged, and its task goes on as if there had been none

graveshift run -q "$(
	write_scenario dead <<-'EOF'
		limits: {wall: 30s}
		job: {kind: noop, tasks: 4 tasks, work: 200ms}
		workers: {count: 2, credit: 1}
		recovery:
		  retry: {attempts: 1}
		  heartbeat: {every: 20ms, suspect: 20s, dead: 30s}
		  lease: {ttl: 30s}
		  speculate: {slower_than: 3x}
		faults:
		  - {id: z1, at: worker.before_commit, nth: 4, pause: self, for: 2s}
		  - {id: k1, at: worker.before_commit, nth: 5, kill: self}
		expect: [{job: done}, {records: exactly_once}, {retries: 0}, {speculated: 1}, {speculation_won: 0}]
	EOF
)" --run-dir "$scratch/dead"
expect_exit 0 "dead: with one attempt to have, a copy may die"
expect_equal "dead: it came to nothing" 1 "$(kinds "$scratch/dead" copy-ended)"

# --- without it, nothing of all that

sed '/speculat/d; s/by: 10ms/by: 1ms/' "$scenario" >"$scratch/without.yaml"
graveshift run -q "$scratch/without.yaml" --run-dir "$scratch/without"
expect_exit 0 "without: all wait for the slow one"
expect_equal "without: and nothing is copied" 0 "$(kinds "$scratch/without" copy-wanted)"

finish
