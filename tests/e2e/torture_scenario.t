#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Jobs of kind torture: each shipped strategy, naive and mended; how a scenario is judged; where a torture makes no sense.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/torture.sh"

cd "$project" || exit 5
file=scenarios/torture/checkpoint-naive.yaml

# --- where there is no run

for command in sweep shrink "fuzz --budget 1s" "run --world virtual" "run --control" "run --json" "run --again"; do
	# shellcheck disable=SC2086
	graveshift $command "$file"
	expect_exit 2 "$command: refused"
	expect_stderr 'torture' "$command: and it is said why"
done
graveshift compare "$file"
expect_exit 2 "compare: refused"
graveshift check "$file" --set recovery.retry.attempts=2
expect_exit 2 "check: recovery is for runs"
expect_stderr 'recovery: not for a job of kind torture' "check: and it is said"
graveshift check "$file" --set job.check=true
expect_stderr 'job.check.*excluded\|job.same: excluded by job.check' "check: check and same"
graveshift plan "$file"
expect_exit 0 "plan"
expect_stdout 'torture of python3 jobs/checkpoint_naive.py, in its folder; some states of each class' "plan: what is killed"
expect_equal "nothing was made" "" "$(ls "$TMPDIR")$(ls "$XDG_STATE_HOME" 2>/dev/null)"

reason=$(no_torture)
if [ -n "$reason" ]; then
	skip "scenarios" "$reason"
	finish
fi

# --- the shipped ones

graveshift test scenarios/torture
expect_exit 0 "each strategy, naive and mended"
expect_equal "whose plan is right" "1..$(grep -c '^ok' "$scratch/out")" "$(tail -n 1 "$scratch/out")"
expect_stdout '^# .*/programs: left out, as it takes programs; name it to run it' "whose programs need not be there"
expect_equal "windows, by the scenario that they were found in" "checkpoint idempotent manifest outbox watermark" \
	"$(sed -n 's/^# torture: .*jobs\/\([a-z]*\)_naive.py.*/\1/p; s/^# torture: .*/mended/p; s/^# found: unsafe window.*/found/p' "$scratch/out" |
		awk '$1 != "found" { job = $1 } $1 == "found" { seen[job] = 1 } END { for (job in seen) print job }' | sort | paste -sd' ')"
expect_stdout 'found: unsafe window: after .*/write:out.csv, up to .*/rename:checkpoint.new>checkpoint: 12 times' "the gap behind a write"
expect_stdout 'found: unsafe window: after .*/rename:watermark.new>watermark, up to .*/rename:window' "a watermark ahead of its result"
expect_equal "nothing is left in TMPDIR" "" "$(ls "$TMPDIR")"

# --- how it is judged

graveshift run "$file" --set expect[0].unsafe=0 --run-dir "$scratch/kept"
expect_exit 1 "a window that is not expected: fails"
expect_stdout '^not ok [0-9]* - unsafe: 0' "and is a point"
expect_stdout '^#   measured: 1' "with what was found"
check "its cases are kept" test -f "$scratch/kept/cases/1/case.json" -a -f "$scratch/kept/scenario.yaml" -a -s "$scratch/kept/report.html"
graveshift torture replay "$scratch/kept/cases/1"
expect_exit 1 "and can be played again"
graveshift check "$scratch/kept/scenario.yaml"
expect_exit 0 "the scenario as it was played is one"
for command in resume status "run $file --run-dir"; do
	# shellcheck disable=SC2086
	graveshift $command "$scratch/kept"
	expect_exit 2 "$command of what was kept: refused"
done
graveshift test "$file" --set 'expect[0].unsafe=0'
expect_exit 1 "the same under test"
expect_stdout '^not ok [0-9]* - torture-checkpoint-naive: unsafe: 0' "where the scenario has a name"
expect_stdout "^# saved: .*graveshift torture replay $TMPDIR/" "and the case can be played again"
rm -rf "$TMPDIR"/*
graveshift run "$file" --set 'job.command=[python3, jobs/nothing.py]'
expect_exit 3 "a command that fails by itself: not judged"
graveshift run "$file" --set 'job.command=[./nothing]'
expect_exit 2 "no such command"
graveshift run "$file" --set job.folder=nowhere
expect_exit 2 "no such folder"
graveshift run "$file" --set limits.wall=100ms --set job.all=true
expect_exit 3 "a wall that is too near: not judged"
expect_stdout '^not ok' "and a point says so"
graveshift run "$file" --set 'expect[0].unsafe=' --set 'expect[0].explored=100%'
expect_exit 1 "less explored than expected"
graveshift run "$file" --set 'expect[0].unsafe=' --set 'expect[0].explored=100%' --set job.all=true
expect_exit 0 "and all of it"

# --- stopped, and killed

sed "s|^  command:.*|  command: [sleep, 300]|; s|^  folder:.*||" "$file" >"$scratch/long.yaml"
start long run "$scratch/long.yaml"
wait_until 10 grep -q -s '^TAP' "$scratch/long.out"
kill -TERM "$director"
await long "$director"
expect_exit 143 "stopped by SIGTERM"
expect_equal "nothing is left in TMPDIR" "" "$(ls "$TMPDIR")"
start long run "$scratch/long.yaml"
wait_until 10 grep -q -s '^TAP' "$scratch/long.out"
slay long "$director"
check "killed: nothing is left" wait_until 10 sh -c "[ -z \"\$(ls '$TMPDIR')\" ]"
finish
