#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The scenarios that come with the project hold what they promise; and the commands that only read them.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5

# --- what needs no run

graveshift version
expect_exit 0 "version"
expect_stdout '^graveshift [0-9.]*$' "version is one line"
graveshift --version
expect_exit 0 "--version"

graveshift help
expect_exit 0 "help"
for command in run resume redrive test check plan status log worker generate points; do
	expect_stdout "^  $command " "help lists $command"
done
graveshift help run
expect_stdout '^usage: graveshift run FILE' "help of a command is its usage"
graveshift help nonsense
expect_exit 2 "help of an unknown command"
graveshift
expect_exit 2 "no command at all"
graveshift nonsense
expect_exit 2 "an unknown command"
expect_stderr 'no command nonsense' "and it is named"
graveshift run --nonsense scenarios/00-hello.yaml
expect_exit 2 "an unknown option"
expect_stderr '^usage: graveshift run' "and the usage is said"
graveshift run
expect_exit 2 "run without a scenario"

graveshift points
expect_exit 0 "points"
expect_stdout '^worker.after_commit_before_report  *worker  *the commit is durable' "points says name, process and meaning"
expect_stdout '^output.before_rename  *worker ' "also where they differ"
listed=$(wc -l <"$scratch/out")
graveshift points --json
expect_equal "points --json has them all" "$listed" "$(grep -c '"process": "[adsw]' "$scratch/out")"

graveshift check scenarios/*.yaml
expect_exit 0 "check accepts every scenario"
expect_equal "check says a line for each" "$(ls scenarios/*.yaml | wc -l)" "$(grep -c ': ok, ' "$scratch/out")"

sed 's/^seed: 1$/sede: 1/' scenarios/00-hello.yaml >"$scratch/bad.yaml"
graveshift check "$scratch/bad.yaml"
expect_exit 2 "check refuses an unknown key"
expect_stderr 'bad.yaml:[0-9]*:1: error: .*sede' "and says file, line, column"
expect_stderr 'seed' "and what was meant"
graveshift run "$scratch/bad.yaml"
expect_exit 2 "and it is not run"
check "and nothing was made" test ! -e "$XDG_STATE_HOME"

graveshift plan scenarios/09-supervisor-killed.yaml --seed 77
expect_exit 0 "plan"
expect_stdout 'seed 77' "plan takes --seed"
expect_stdout '^fault k1: kill supervisor' "plan lists the faults"
expect_stdout '^nothing was started$' "plan says that nothing was started"
check "plan made nothing" test ! -e "$XDG_STATE_HOME"

# --- test

mkdir "$scratch/none"
graveshift test "$scratch/none"
expect_exit 4 "test of a folder without scenarios"
graveshift test "$scratch/missing"
expect_exit 2 "test of a path that is not there"
graveshift test "$scratch/bad.yaml"
expect_exit 2 "test of a broken scenario"
expect_stdout '^not ok 1 - ' "is a point that failed"
check "no run directory is named that is not there" test -z "$(grep '^# run directory' "$scratch/out")"
expect_equal "and nothing is left of it" "" "$(ls "$TMPDIR")"

ordinary=()
for file in scenarios/*.yaml; do
	[ "$file" = scenarios/11-nightly.yaml ] || ordinary+=("$file")
done
graveshift test "${ordinary[@]}"
expect_exit 0 "every scenario holds what it promises"
expect_equal "as TAP 13" "TAP version 13" "$(head -n 1 "$scratch/out")"
expect_equal "whose plan is right" "1..$(grep -c '^ok' "$scratch/out")" "$(tail -n 1 "$scratch/out")"
expect_equal "and no run directory of a success is left" "" "$(ls "$TMPDIR")"

# A smaller night, with chunks that are smaller by as much.
graveshift test scenarios/11-nightly.yaml --set job.generate.sales='400000 records' --set job.chunk='400 records' \
	--set heartbeat.dead=1s
expect_exit 2 "an override of an unknown key"
graveshift test scenarios/11-nightly.yaml --set job.generate.sales='400000 records' --set job.chunk='400 records'
expect_exit 0 "the nightly job with 400,000 records"

# --- what makes a verdict inconclusive, or fail

small='
limits: {wall: 20s}
job:
  kind: aggregate
  generate: {sales: 2000 records}
  key: product
  sum: [qty, price]
  chunk: 100 records
workers: {count: 2}'

file=$(write_scenario unfired <<<"$small
faults:
  - {id: k1, at: worker.before_commit, nth: 100000, kill: self}
expect:
  - job: done")
graveshift run "$file"
expect_exit 3 "a fault that never fires makes the verdict inconclusive"
expect_stdout '^open fault k1 landed .*its moment never came' "and is named"
graveshift test "$file"
expect_exit 3 "also under test"
expect_stdout '^not ok .*fault k1 landed' "where it is a point that failed"
rm -rf "$TMPDIR"/*

# Stopped again and again, at any moment: it must never look like a promise that was broken.
file=$(write_scenario wall <<<"${small/20s/200ms}
faults:
  - {id: s1, at: worker.started, slow: self, by: 2ms, for: forever, times: every}
expect:
  - job: done
  - records: exactly_once")
for try in 1 2 3; do
	graveshift run "$file" --run-dir "$scratch/wall-$try"
	expect_exit 3 "a job that takes longer than limits.wall is inconclusive"
	expect_stdout '^open I9 the job ends within its bound' "and that is said"
done
assert_nothing_left wall "$scratch/wall-1"
sed -i 's/wall: 200ms/wall: 20s/' "$scratch/wall-1/scenario.yaml"
graveshift resume "$scratch/wall-1"
expect_exit 0 "and can be resumed with more time"

sed 's/kill: self}/kill: self, optional: true}/; s/^name: .*/name: optional/' "$scratch/unfired.yaml" >"$scratch/optional.yaml"
graveshift run "$scratch/optional.yaml"
expect_exit 0 "unless it is optional"

file=$(write_scenario broken-promise <<<"$small
expect:
  - job: failed")
graveshift run "$file"
expect_exit 1 "a promise that is not kept"
expect_stdout '^FAILED: 1 of ' "is counted"

graveshift run scenarios/02-worker-crash.yaml --control --run-dir "$scratch/crash"
expect_exit 0 "--control of faults that do something"
expect_stdout '^control: workers that died: 2, 1 without c1' "says what differed"
assert_nothing_left worker-crash "$scratch/crash"

file=$(write_scenario nothing-to-see <<<"$small
faults:
  - {id: s1, at: worker.before_task, slow: self, by: 1us, for: 1ms}
expect:
  - job: done")
graveshift run "$file" --control
expect_exit 3 "--control of a fault that changes nothing that could be seen is inconclusive"
expect_stderr 'it proves nothing' "and says why"
graveshift run scenarios/00-hello.yaml --control
expect_exit 3 "--control without faults"

# --- what programs read

graveshift run scenarios/00-hello.yaml --json --run-dir "$scratch/json"
expect_exit 0 "run --json"
check "prints JSON and nothing else" python3 -c '
import json, sys
report = json.load(open(sys.argv[1]))
assert report["exit"] == 0 and report["records"] == 1500 and all(line["result"] == "ok" for line in report["lines"])
' "$scratch/out"
graveshift status --json "$scratch/json"
check "status --json is JSON" python3 -c '
import json, sys
status = json.load(open(sys.argv[1]))
assert status["state"] == "done" and status["records_open"] == 0 and not status["live"]
' "$scratch/out"
graveshift log --json "$scratch/json"
check "log --json is a JSON object a line" python3 -c '
import json, sys
kinds = [json.loads(line)["kind"] for line in open(sys.argv[1])]
assert kinds[0] == "run-started" and "done" in kinds, kinds[:3]
' "$scratch/out"
graveshift log "$scratch/json" --kind nonsense
expect_exit 2 "log --kind of no kind"
graveshift log "$scratch/json" --task 3 --kind done
expect_equal "log shows the one commit of a task" 1 "$(wc -l <"$scratch/out")"

graveshift run scenarios/00-hello.yaml
graveshift status latest
expect_exit 0 "status of the latest run"
expect_stdout '^done: *1500 records in 15 tasks' "says what is done"

# A verdict without the ledger still counts: books that are cooked afterwards do not balance.
if python3 -c 'import sqlite3' 2>/dev/null; then
	graveshift run scenarios/00-hello.yaml --set verdict=counts --run-dir "$scratch/books"
	expect_exit 0 "verdict: counts"
	python3 -c 'import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute("UPDATE effect SET records = records + 1 WHERE task = 3")
store.commit()' "$scratch/books/run.db"
	graveshift resume "$scratch/books"
	expect_exit 1 "a record too many in the store's books is noticed"
	expect_stdout '^FAIL I1 .* 1501 in effects' "and counted"
else
	skip "verdict: counts" "python3 has no sqlite3"
fi

"$GRAVESHIFT" run scenarios/00-hello.yaml >/dev/full 2>"$scratch/err"
status=$?
: >"$scratch/out"
expect_exit 5 "a report that cannot be written is an error"

finish
