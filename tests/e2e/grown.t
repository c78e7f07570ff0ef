#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The input that changed between two lives: the plan was sealed with what it held.  What came behind that is for another
# run; nobody goes on with other bytes than those that were planned, and nothing of the run changes by asking.
. "$(dirname "$0")/lib.sh"

# Of 400 records the first few dozen are done when everybody is killed.
grown() { # STRATEGY
	local made=sales columns='id: [order_id], decimals: [qty, price]'

	[ "$1" != watermark ] || made=events columns='id: [event_id], decimals: [value], event_time: event_time, source: source'
	"$GRAVESHIFT" generate $made --records 400 --seed 3 -o "$scratch/$1.csv" || exit 5
	write_scenario "grown-$1" <<-END
		limits: {wall: 60s}
		job: {kind: etl, input: $scratch/$1.csv, $columns, effects: log, chunk: 150 records}
		workers: {count: 1}
		recovery: {strategy: $1, checkpoint: {every: 20 records}}
		faults: [{id: p1, at: worker.before_batch, nth: 6, pause: self, for: 60s}]
		expect: [job: done, records: exactly_once]
	END
}
stands_still() { "$GRAVESHIFT" log "$scratch/run-$1" --kind fault-landed 2>/dev/null | grep -q .; }

for strategy in checkpoint idempotent manifest outbox watermark; do
	file=$(grown $strategy)
	input=$scratch/$strategy.csv
	start grown run -q "$file" --run-dir "$scratch/run-$strategy"
	check "$strategy: its worker stands still in the middle" wait_until 20 stands_still $strategy
	slay grown "$director"
	cp -p "$input" "$scratch/before.csv"
	rows=$("$GRAVESHIFT" status "$scratch/run-$strategy" --records)

	sed -i '2s/^[^,]*/999999/' "$input"
	graveshift resume -q "$scratch/run-$strategy"
	expect_exit 2 "$strategy: another record is noticed before anything is done"
	expect_stderr "$input is not what it was when the plan was sealed (400 records then)" "$strategy: and it is said what is wrong"
	expect_stderr 'Put it back and resume, or start a new run' "$strategy: and what to do"
	expect_equal "$strategy: nothing more is done" "$rows" "$("$GRAVESHIFT" status "$scratch/run-$strategy" --records)"
	graveshift runbook "$scratch/run-$strategy"
	expect_stdout 'INPUT CHANGED' "$strategy: the runbook knows"

	cp "$scratch/before.csv" "$input" # the same bytes, but not the same times
	sed -n '2s/^[^,]*/999999/p' "$scratch/before.csv" >>"$input"
	graveshift runbook "$scratch/run-$strategy"
	expect_stdout ' has grown since the run began' "$strategy: one line more is seen"
	graveshift resume "$scratch/run-$strategy"
	expect_exit 0 "$strategy: put back but for what came in later, it is finished"
	expect_stderr 'has grown by [0-9]* bytes since the plan was sealed' "$strategy: that is said"
	expect_stdout '400 in = 400 in the sink' "$strategy: and it is the records of then"
	graveshift report "$scratch/run-$strategy"
	expect_exit 0 "$strategy: as they are in each later look"
done

# --- other kinds read no further either

"$GRAVESHIFT" generate sales --records 3000 --seed 3 -o "$scratch/more.csv"
for kind in aggregate mapreduce command; do
	input=$scratch/$kind.csv
	head -n 2001 "$scratch/more.csv" >"$input"
	case $kind in
	aggregate) job="kind: aggregate, input: $input, key: product, sum: [qty], chunk: 100 records" ;;
	mapreduce) job="kind: mapreduce, function: words, input: $input, partitions: 2, chunk: 100 records" ;;
	command) job="kind: command, command: [wc, -l], input: $input, chunk: 100 records" ;;
	esac
	file=$(write_scenario "grown-$kind" <<-END
		job: {$job}
		workers: {count: 1}
		faults: [{id: p1, at: worker.after_commit_before_report, nth: 5, pause: self, for: 60s}]
		expect: [job: done, records: exactly_once]
	END
	)
	start grown run -q "$file" --run-dir "$scratch/run-$kind"
	check "$kind: its worker stands still in the middle" wait_until 20 stands_still $kind
	slay grown "$director"
	tail -n 999 "$scratch/more.csv" >>"$input"
	graveshift resume "$scratch/run-$kind"
	expect_exit 0 "$kind: it is finished with what was planned"
	expect_stderr 'has grown by' "$kind: and that is said"
done

# --- a last line that was still being written

input=$scratch/torn.csv
head -c -5 "$scratch/more.csv" >"$input"
file=$(write_scenario grown-torn <<-END
	job: {kind: aggregate, input: $input, key: product, sum: [qty], chunk: 100 records}
	workers: {count: 1}
	faults: [{id: p1, at: worker.after_commit_before_report, nth: 5, pause: self, for: 60s}]
	expect: [job: done]
END
)
start grown run -q "$file" --run-dir "$scratch/run-torn"
check "torn: its worker stands still in the middle" wait_until 20 stands_still torn
slay grown "$director"
cp "$scratch/more.csv" "$input"
graveshift resume -q "$scratch/run-torn"
expect_exit 2 "half a record that became a whole one is another input"
expect_stderr 'its last line went on' "and that is said"

# --- the fault that does it is for made-up input

graveshift check "$(write_scenario grown-of-another <<-END
	job: {kind: aggregate, input: $scratch/more.csv, key: product, sum: [qty]}
	faults: [{id: g, after: 1s, grow: 3 records}]
	expect: [job: done]
END
)"
expect_exit 2 "somebody's own file is not touched"
expect_stderr "'grow' needs an input of the run's own" "and that is said"

expect_equal "nothing is left of all this" "" "$(find "$TMPDIR" -mindepth 1)"
finish
