#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The input that grew between two lives: the plan was sealed with what it held, so nobody goes on with another one, and
# nothing of the run changes by asking.  Put back, it is finished as if nothing had been.
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

for strategy in checkpoint idempotent manifest outbox watermark naive-manifest; do
	file=$(grown $strategy)
	input=$scratch/$strategy.csv
	start grown run -q "$file" --run-dir "$scratch/run-$strategy"
	check "$strategy: its worker stands still in the middle" wait_until 20 stands_still $strategy
	slay grown "$director"
	cp -p "$input" "$scratch/before.csv"
	sed -n '2s/^[^,]*/999999/p' "$input" >>"$input"
	rows=$("$GRAVESHIFT" status "$scratch/run-$strategy" --records)

	graveshift resume -q "$scratch/run-$strategy"
	expect_exit 2 "$strategy: another line is noticed before anything is done"
	expect_stderr "$input is not what it was when the plan was sealed (400 records then)" "$strategy: and it is said what is wrong"
	expect_stderr 'Put it back and resume, or start a new run' "$strategy: and what to do"
	expect_equal "$strategy: nothing more is done" "$rows" "$("$GRAVESHIFT" status "$scratch/run-$strategy" --records)"

	cp "$scratch/before.csv" "$input" # the same bytes, but not the same times
	graveshift resume -q "$scratch/run-$strategy"
	if [ $strategy = naive-manifest ]; then
		check "$strategy: put back, it goes on" [ "$status" -le 1 ]
	else
		expect_exit 0 "$strategy: put back, it is finished, each record once"
	fi
done

expect_equal "nothing is left of all this" "" "$(find "$TMPDIR" -mindepth 1)"
finish
