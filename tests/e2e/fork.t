#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Virtual runs leave a run directory: log, status, replay and report read it like a real one's.  And a run is forked: the
# same up to a moment, another fault at it.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5
run=$scratch/run

graveshift run scenarios/02-worker-crash.yaml --world virtual --run-dir "$run"
expect_equal "a virtual run" 0 "$status"
check "says where it is kept" grep -qx "run directory: $run" "$scratch/out"
check "its log leads to its end" grep -q '^ok   I10 replaying the event log gives the final state' "$scratch/out"
expect_equal "it leaves what a real run leaves, but for store and board" "events.log lock out plan.jsonl scenario.yaml" \
	"$(cd "$run" && echo *)"
expect_equal "its faults are in plan.jsonl" "c1 k1" "$(sed -n 's/^{"fault": "\(.*\)", "number": 1, "run_ns": [0-9]*}$/\1/p' "$run/plan.jsonl" | paste -s -d ' ')"
promises() {
	grep '^ok \|^FAIL \|^open ' "$scratch/out"
}
before=$(promises)

graveshift report "$run"
expect_equal "the verdict again" 0 "$status"
expect_equal "it is the same" "$before" "$(promises)"
graveshift log "$run" --kind fault-landed
expect_equal "log knows both faults" 2 "$(wc -l <"$scratch/out")"
graveshift log "$run" --kind run-ended --json
check "and its end, in the model's time" grep -q '^{"t": 0\.50[0-9]*, "generation": 1, "kind": "run-ended"' "$scratch/out"
graveshift status "$run" --json
check "status counts" grep -q '"records_done": 100000' "$scratch/out"
check "and knows the end" grep -q '"state": "done"' "$scratch/out"
graveshift replay "$run" --print text --at 200ms
check "replay shows the crash" grep -q '^w1 .*K22*' "$scratch/out"
graveshift report "$run" --html "$scratch/page" --trace "$scratch/trace" --junit "$scratch/junit" --prom "$scratch/prom" \
	--svg "$scratch/svg" --task 3
expect_equal "every report can be made" 0 "$status"
check "the page has the verdict" grep -q 'replaying the event log gives the final state' "$scratch/page"
for command in resume redrive; do
	graveshift $command "$run"
	expect_equal "$command refuses" 2 "$status"
	check "and says that there is nothing to $command" grep -q "virtual run.*there is nothing to $command" "$scratch/err"
done
graveshift run "$run/scenario.yaml" --run-dir "$scratch/again"
check "what is kept plays again, byte for byte" cmp "$run/events.log" "$scratch/again/events.log"
graveshift run scenarios/02-worker-crash.yaml --world virtual --run-dir "$run"
expect_equal "a directory is not used twice" 2 "$status"

# Of a job that fails, and of one whose input is a file.
graveshift run scenarios/02-worker-crash.yaml --world virtual --set expect='[{job: failed}]' --run-dir "$scratch/unmet"
expect_equal "an expectation that is not met" 1 "$status"
graveshift report "$scratch/unmet"
expect_equal "is not met in the report either" 1 "$status"

# Another seed's log under this scenario is not this run's.
graveshift run scenarios/02-worker-crash.yaml --world virtual --seed 99 --run-dir "$scratch/other"
cp "$scratch/other/events.log" "$scratch/again/events.log"
graveshift report "$scratch/again"
expect_equal "a log that is another run's is noticed" 5 "$status"
check "and where" grep -q 'is not what its scenario comes to, from record [0-9]* on' "$scratch/err"

# --- forks

records() { # RUN [UNTIL-SECONDS]
	graveshift log "$1" --json
	awk -v until="${2:-1e9}" '{ t = $2; sub(",", "", t); if (t + 0 <= until) print }' "$scratch/out"
}
graveshift fork "$run" --at 250ms 'kill: w1' --run-dir "$scratch/fork"
expect_equal "a fork" 0 "$status"
cp "$scratch/out" "$scratch/told"
check "says from where on it differs" grep -q '^the first that differs is record 123$' "$scratch/told"
check "and what comes there instead" grep -q '^  now:    0\.25[0-9]* s: fork1: kill w1' "$scratch/told"
check "and puts the ends side by side" grep -q '^  deaths  *2  *3$' "$scratch/told"
records "$run" 0.25 >"$scratch/one"
records "$scratch/fork" 0.25 >"$scratch/two"
check "up to its moment nothing differs" cmp "$scratch/one" "$scratch/two"
expect_equal "that is as much as was said" "$(wc -l <"$scratch/one")" "$(sed -n 's/^the same up to 0.250000 s: \([0-9]*\) records$/\1/p' "$scratch/told")"
records "$run" >"$scratch/one"
records "$scratch/fork" >"$scratch/two"
check "behind it something does" test "$(cmp "$scratch/one" "$scratch/two" | wc -l)" -eq 1
check "the branch is a scenario of its own" graveshift check "$scratch/fork/scenario.yaml"

graveshift fork "$scratch/fork" --at 0.4s 'pause: w0, for: 50ms' --run-dir "$scratch/grandchild"
check "a branch can be forked" grep -q '^fork2: pause w0 for 50ms' "$scratch/out"
expect_equal "and has both faults" 2 "$(grep -c 'id: fork[12]$' "$scratch/grandchild/scenario.yaml")"
end=$(records "$run" | tail -n 1 | sed 's/^{"t": \([0-9.]*\),.*/\1/')
graveshift fork "$run" --at "${end}s" 'kill: supervisor' --run-dir "$scratch/late"
expect_equal "a fault that comes too late is not taken for one that did no harm" 3 "$status"
check "as is said" grep -q '^open fault fork1 landed  -- injected 0 times' "$scratch/out"

refused() { # NAME PATTERN ARGUMENT...
	local name=$1 pattern=$2

	shift 2
	graveshift fork "$@" --run-dir "$scratch/refused"
	expect_equal "$name is refused" 2 "$status"
	check "$name: with the reason" grep -q "$pattern" "$scratch/err"
}
refused "a mistyped fault" "did you mean 'kill'" "$run" --at 250ms 'kil: w1'
check "with a caret" grep -qx ' ^~~' "$scratch/err"
refused "a worker that is not there" 'there is no w9' "$run" --at 250ms 'kill: w9'
refused "a moment behind the end" 'the run ended after 0.505' "$run" --at 2s 'kill: w1'
refused "a time without unit" "'2' has no unit" "$run" --at 2 'kill: w1'
refused "a trigger" "'when' cannot be said here" "$run" --at 1ms 'kill: w1, when: progress >= 50%'
refused "a fault without a moment" 'has no moment' "$run" --at 1ms 'bad_chunk: 3'
graveshift run scenarios/00-hello.yaml --run-dir "$scratch/real"
refused "a real run" 'was played with real processes.*--world virtual' "$scratch/real" --at 1ms 'kill: w0'
check "nothing is left of what was refused" test ! -e "$scratch/refused"

# --- on a screen

. "$tests/e2e/terminal.sh"
need_terminal "a fork on the screen"

terminal 120 40
keys "$GRAVESHIFT replay $run" Enter
expect_screen 'REPLAY .* t 0.000 s' "replay of a virtual run"
keys t 0.25 Enter
expect_screen 't 0.250 s / 0.505 s' "goes to a moment"
state() { screen | grep '^\[\|^done\|^BOOKS\|^STAGES\|^w[0-9]'; }
here=$(state)
keys F
expect_screen '^a fault now' "F asks for a fault"
keys 'kil: w1' Enter
expect_screen "^unknown key 'kil' in fault; did you mean 'kill'" "a mistyped one is refused in a line"
keys F 'kill: w1' Enter
expect_screen 'BRANCH .* t 0.250 s / 0.517 s' "another one makes a branch, at the same moment"
expect_equal "which is the same there" "$here" "$(state)"
keys ']'
expect_screen 'FAULT .*fork1: kill w1' "its next fault is the new one"
keys F 'pause: w0, for: 20ms' Enter
expect_screen 'BRANCH .* t 0.250 s' "a branch of the branch"
keys ']'
expect_screen 'FAULT .*fork2: pause w0' "has its own fault"
keys b
wait_until 10 not shows 'fork2'
expect_screen 'BRANCH .* t 0.250 s / 0.517 s' "b leads back to the first"
keys Escape
expect_screen 'REPLAY .* t 0.250 s / 0.505 s' "Esc to the run"
keys b
expect_screen '^this is no branch' "which is none"
keys q
expect_screen '^ready>' "q quits"
expect_equal "the branches are kept" 2 "$(find "$scratch/state/graveshift/runs" -maxdepth 1 -name 'worker-crash-fork*' | wc -l)"
type_afresh "$GRAVESHIFT replay $scratch/real"
expect_screen 'REPLAY' "replay of a real run"
keys F
expect_screen '^only the virtual world goes back' "cannot be forked"
keys q

finish
