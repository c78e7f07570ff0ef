#!/bin/bash
# SPDX-License-Identifier: ISC
#
# graveshift compare: the table, the stars, the grid of kills, CSV and page; what passes, what fails, what is open.
. "$(dirname "$0")/lib.sh"

small=$(
	write_scenario "small-$$" <<-END
		limits: {wall: 30s}
		job:
		  {kind: etl, generate: {events: 200 records, sources: 2, late: 10}, id: [event_id], decimals: [value],
		   event_time: event_time, source: source, effects: log, chunk: 20 records}
		workers: {count: 1, restart: {backoff: 1ms..5ms}}
		recovery: {strategy: checkpoint, retry: {backoff: 1ms..5ms}, checkpoint: {every: 5 records}}
		faults:
		  - {id: k1, at: worker.after_batch, nth: 9, kill: self}
		  - {id: k2, when: progress >= 60%, kill: supervisor}
		expect:
		  - job: done
		  - records: exactly_once
	END
)

# The verdict of a strategy, or a column of its line, in the CSV; of the whole run, not of a point.
column_of() { # CSV STRATEGY COLUMN
	python3 -c '
import csv, sys
for row in csv.DictReader(open(sys.argv[1], newline="")):
    if row["strategy"] == sys.argv[2] and row["point"] == "":
        print(row[sys.argv[3]])
' "$@"
}

letter_of() { # CSV STRATEGY POINT
	python3 -c '
import csv, sys
for row in csv.DictReader(open(sys.argv[1], newline="")):
    if row["strategy"] == sys.argv[2] and row["point"] == sys.argv[3]:
        print(row["verdict"])
' "$@"
}

graveshift compare "$small" --csv "$scratch/all.csv" --html "$scratch/all.html"
expect_exit 0 "all strategies: the correct ones are clean, each naive one is caught"
expect_stdout '^PASSED: ' "and says so"
expect_equal "nothing is wider than a terminal" "" "$(grep -E '.{81}' "$scratch/out")"
expect_stdout '^checkpoint  *0  *0  *0 .* clean$' "a correct strategy is in the table"
expect_stdout '^naive-checkpoint  *0  *[1-9][0-9]*  *[1-9].* caught$' "so is a naive one"
expect_stdout '^naive-checkpoint: doubled under the scenario.s faults (I1 ' "with what it did"
expect_stdout '^  k1: kill self (SIGKILL) at worker.after_batch, hit 9$' "the faults are named"
expect_stdout '^Checkpointing    \*\*\*\*  \*' "the stars are there, said and seen"
expect_stdout '^recovery: 5 for at most 1% ' "and their limits"
expect_stdout '^Idempotent, recovery: said 5, seen [1-4]: [0-9]* of 200 records ' "and where they differ, with the figure"
expect_equal "the terminal has the verdicts of the CSV" "" "$(
	python3 -c '
import csv, re, sys
shown = dict(re.findall(r"^([a-z-]+) .* (\w+)$", open(sys.argv[2]).read().split("\n\n")[1], re.M))
shown.pop("strategy")
for row in csv.DictReader(open(sys.argv[1], newline="")):
    if None in row or None in row.values():
        print("a line with other columns than the first:", row)
    if shown.pop(row["strategy"], None) != row["verdict"]:
        print(row["strategy"], row["verdict"])
print("".join(shown))
' "$scratch/all.csv" "$scratch/out"
)"
expect_equal "nothing is left in TMPDIR" "" "$(ls -A "$TMPDIR")"
for strategy in checkpoint manifest idempotent outbox watermark; do
	expect_equal "$strategy: nothing lost or doubled" "0 0 0 0" \
		"$(echo $(for column in rows_lost rows_doubled effects_lost effects_doubled; do
			column_of "$scratch/all.csv" $strategy $column
		done))"
	# Who knows what it has committed loses nothing when it dies behind that.
	[ $strategy != idempotent ] ||
		check "$strategy: something was done again" [ "$(column_of "$scratch/all.csv" $strategy records_redone)" -gt 0 ]
	check "$strategy: it took time" [ "$(column_of "$scratch/all.csv" $strategy time_ns)" -gt 0 ]
	check "$strategy: bytes were written" [ "$(column_of "$scratch/all.csv" $strategy written_bytes)" -gt 1000 ]
	check "$strategy: its code was counted" [ "$(column_of "$scratch/all.csv" $strategy code_statements)" -gt 0 ]
done
check "starting over writes more than checkpoints do" [ "$(column_of "$scratch/all.csv" none written_faults_bytes)" -gt \
	"$(column_of "$scratch/all.csv" checkpoint written_bytes)" ]

# --- what is not as it should be

graveshift compare "$small" --strategies naive-checkpoint --set faults=[]
expect_exit 1 "a naive strategy that nothing hurts is missed"
expect_stdout '^naive-checkpoint: naive, and none of these faults has shown it$' "and named"
expect_stdout '^FAILED: ' "and that is a failure"
graveshift compare "$small" --strategies checkpoint --set faults.k1.nth=5000
expect_exit 3 "a fault that never happens"
expect_stdout '^checkpoint .* open$' "leaves it open"
expect_stdout '^checkpoint: fault k1 did not land$' "and is named"

graveshift compare "$small" --strategies checkpoint,hope
expect_exit 2 "a strategy that there is none of"
expect_stderr "there is no strategy 'hope'" "is named"
sales="--set job.generate.events= --set job.generate.sources= --set job.generate.late= --set job.generate.sales=60records
	--set job.id=[order_id] --set job.decimals=[qty] --set job.event_time= --set job.source="
# shellcheck disable=SC2086
graveshift compare "$small" --strategies watermark $sales
expect_exit 2 "a strategy that cannot play the job"
expect_stderr 'watermark: strategy watermark needs job.event_time' "says why"
# shellcheck disable=SC2086
graveshift compare "$small" $sales --csv "$scratch/sales.csv"
expect_equal "among all it is left out" "refused" "$(column_of "$scratch/sales.csv" watermark verdict)"
expect_stdout '^watermark: cannot play this scenario: strategy watermark needs' "and that is said"
graveshift compare "$small" --strategies ,
expect_exit 2 "no strategy at all"
graveshift compare "$small" --faults all
expect_exit 2 "faults are a grid or nothing"
graveshift compare "$small" --csv - --html -
expect_exit 2 "one document on standard output"
graveshift compare "$project/scenarios/00-hello.yaml"
expect_exit 2 "only etl has strategies"
expect_stderr 'only jobs of kind etl' "and says so"
graveshift compare "$small" --set verdict=counts
expect_exit 2 "without a ledger there is nothing to compare"
graveshift compare "$small" --strategies checkpoint --html "$scratch/nowhere/x.html"
expect_exit 5 "a folder that is not there"
expect_stderr "cannot write $scratch/nowhere/x.html" "is named"

# --- the grid

graveshift compare "$small" --strategies checkpoint,naive-checkpoint --faults grid --set job.generate.events=60records \
	--csv "$scratch/grid.csv" --html "$scratch/grid.html"
expect_exit 0 "the grid"
expect_stdout '^worker.after_batch   *\.  D$' "behind a batch: one is clean, and does nothing again, the other doubles"
expect_stdout '^worker.in_batch   *[1-9]  [1-9D]$' "inside of one: it is done again"
expect_stdout '^director.after_unlock   *\.  \.$' "when all is over neither does"
expect_equal "each cell has a letter in the CSV, too" ". D" "$(
	echo $(for strategy in checkpoint naive-checkpoint; do
		letter_of "$scratch/grid.csv" $strategy worker.after_batch
	done)
)"
expect_equal "a point that a run does not reach is blank" "" "$(letter_of "$scratch/grid.csv" checkpoint supervisor.after_bury)"
expect_equal "nothing wider than a terminal" "" "$(grep -E '.{81}' "$scratch/out")"
expect_equal "nothing is left in TMPDIR" "" "$(ls -A "$TMPDIR")"

graveshift compare "$small" --strategies checkpoint --csv -
expect_stdout '^strategy,naive,point,verdict,fate,' "CSV on standard output"
expect_equal "and nothing else" "2" "$(wc -l <"$scratch/out")"

has_run() { [ -n "$(find "$TMPDIR" -name events.log 2>/dev/null)" ]; }
is_empty() { [ -z "$(ls -A "$TMPDIR")" ]; }
start killed compare "$small"
check "a comparison that is killed was at work" wait_until 20 has_run
slay killed "$director"
check "and leaves nothing in TMPDIR" wait_until 20 is_empty

# --- the page

cells=$(($(wc -l <"$scratch/grid.csv") - 1 - 2))
check "the grid has cells ($cells)" [ "$cells" -gt 60 ]
expect_equal "the page is HTML, needs nothing else, and has them all" "" "$("$tests/e2e/check_page.py" comparison "$scratch/grid.html" $cells)"
expect_equal "the page without a grid, too" "" "$("$tests/e2e/check_page.py" comparison "$scratch/all.html" 0)"
if command -v chromium >/dev/null; then
	HOME=$scratch timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --window-size=1300,2400 \
		--enable-logging=stderr --user-data-dir="$scratch/chromium" --screenshot="$scratch/grid.png" \
		--dump-dom "file://$scratch/grid.html" >"$scratch/grid.dom" 2>"$scratch/grid.console"
	expect_equal "the console stays silent in Chromium" "" "$(grep CONSOLE "$scratch/grid.console")"
	check "Chromium has the cells and their tooltips" grep -q '<td class="c doubled" title="naive-checkpoint killed at ' "$scratch/grid.dom"
else
	skip "the page in Chromium" "chromium is not installed (Debian package chromium)"
fi
# --- the choices of a stream

graveshift compare "$project/scenarios/streams/stateful.yaml" --set 'job.generate.events=200 records' --csv "$scratch/state.csv" \
	--html "$scratch/state.html"
expect_exit 0 "stream: stateless against stateful, nothing lost or doubled"
expect_equal "stream: nothing is wider than a terminal" "" "$(grep -E '.{81}' "$scratch/out")"
expect_stdout '^stateless  *[0-9].* 1\.[0-9][0-9]  *0  *0\.00$' "stream: stateless: a call for each mail, none stale, nothing to rebuild"
expect_stdout '^stateful  *[0-9].* 0\.00  *0  *[0-9]*\.[0-9][0-9]$' "stream: stateful: no calls"
expect_stdout '^so: said: a store of one.s own needs no calls' "stream: what is said is held against what is seen"
expect_equal "stream: three choices and five claims in the CSV" "3 5" "$(
	python3 -c 'import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print(sum(row["choice"] != "" and int(row["rounds"]) > 0 for row in rows), sum(row["answer"] in ("so", "the same", "otherwise") for row in rows))' "$scratch/state.csv"
)"
expect_in "$scratch/state.html" '<h1>stateful: stateless against stateful</h1>' "stream: and a page"
graveshift compare "$project/scenarios/streams/kappa.yaml"
expect_exit 2 "stream: kappa is no choice between two"
expect_stderr 'pattern kappa is no choice' "stream: and it is said so"

finish
