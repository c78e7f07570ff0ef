#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The strategy watermark: windows of event time, late events, and marks that never go back; its naive twin breaks.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/etl.sh"

cd "$project" || exit 5

# watermark NAME STRATEGY < more of it: a small job.
watermark() {
	{
		cat <<-END
			limits: {wall: 60s}
			job:
			  kind: etl
			  generate: {events: ${records:-1000} records, sources: 3, late: ${late:-10}, bad: ${bad:-0}}
			  id: [event_id]
			  decimals: [value]
			  event_time: event_time
			  source: source
			  effects: log
			  chunk: ${chunk:-250} records
			workers: {count: ${workers:-2}, restart: {max: 100, backoff: 1ms..10ms}}
			recovery:
			  strategy: $2
			  checkpoint: {every: ${every:-50} records}
			  watermark: {window: ${window:-10s}, lateness: 2s, late: ${policy:-restate}}
			  retry: {attempts: ${attempts:-3}, backoff: 1ms..5ms}
			  dead_letters: {max: ${max:-10}}
		END
		cat
	} | write_scenario "$1"
}

# --- a kill at every point

file=$(records=300 late=3 chunk=100 every=50 watermark sweep watermark <<<"$fine")
graveshift sweep "$file" --points 'worker.[!rs]*'
expect_exit 0 "killed at every point of a worker"
expect_stdout '0 lost, 0 doubled$' "nothing lost or doubled"
file=$(workers=1 records=80 late=2 chunk=40 every=40 window=30s watermark pairs watermark <<<"$fine")
graveshift sweep "$file" --points 'worker.*_batch' --pairs
expect_exit 0 "killed a second time while it recovers"
expect_stdout '0 lost, 0 doubled$' "nothing lost or doubled by two"
file=$(cat <<-END | write_scenario naive
	job:
	  kind: etl
	  input: $scratch/ordered.csv
	  id: [event_id]
	  event_time: event_time
	  source: source
	  chunk: 50 records
	workers: {count: 1, restart: {max: 100, backoff: 1ms..10ms}}
	recovery: {strategy: naive-watermark, checkpoint: {every: 10 records}}
	$fine
END
)
{
	echo event_id,event_time,source
	for i in {10..59} {60..99}; do echo "$i,2026-01-01T00:$((i / 60 + 10)):$(printf %02d $((i % 60)))Z,s"; done
} >"$scratch/ordered.csv"
graveshift sweep "$file" --points 'worker.after_batch'
expect_exit 1 "naive-watermark: even of events in order, killed behind a commit, it breaks"
expect_stdout '^not ok .*killed at worker.after_batch' "naive-watermark: and the point is named"
rm -rf "$TMPDIR"/graveshift-sweep.*

# --- late events

# The ledger has its own account of what is late; the number of workers and deaths change nothing about it.
for workers in 1 2 4; do
	file=$(late=20 bad=3 policy=drop attempts=12 watermark "drop-$workers" watermark <<-END
		faults:
		  - {id: k1, at: worker.after_batch, nth: $((workers + 2)), last: 40, times: 3, kill: self}
		  - {id: k2, at: worker.after_batch, nth: 12, kill: supervisor}
		expect: [job: done, records: exactly_once, late_restated: 0, late_dropped: "> 5", dead_letters: 3]
	END
	)
	graveshift run -q "$file" --run-dir "$scratch/drop-$workers"
	expect_exit 0 "$workers workers: late events are dropped and counted, dead letters are not"
	dropped[workers]=$(sed -n 's/.*restatements, \([0-9]*\) dropped, 0 left open; late by the input: \([0-9]*\)$/\1 \2/p' "$scratch/out")
done
expect_equal "the same events are late with two workers as with one" "${dropped[1]}" "${dropped[2]}"
expect_equal "and with four" "${dropped[1]}" "${dropped[4]}"
file=$(late=20 watermark restate watermark <<<"expect: [job: done, records: exactly_once, late_restated: \"> 5\", late_dropped: 0]")
graveshift run -q "$file" --run-dir "$scratch/restate"
expect_exit 0 "restated, all of them are in their windows' rows"
graveshift status "$scratch/restate" --records
expect_stdout '^1000 done, 0 not done, 0 unknown' "and status says that all records came out"

# A source that has stopped is waited for as long as it may be idle, and no longer.
{
	echo event_id,event_time,source
	echo 1,2026-01-01T00:00:00Z,quiet
	for i in {0..59}; do echo "$((i + 2)),2026-01-01T00:$(printf %02d $i):00Z,loud"; done
	echo 99,2026-01-01T00:00:30Z,quiet
} >"$scratch/idle.csv"
idle() { # IDLE EXPECTATION
	write_scenario "idle-$1" <<-END
		job: {kind: etl, input: $scratch/idle.csv, id: [event_id], event_time: event_time, source: source, chunk: 10 records}
		recovery:
		  strategy: watermark
		  watermark: {window: 1m, lateness: 0s, idle: $1, late: drop}
		expect: [job: done, records: exactly_once, late_dropped: $2]
	END
}
graveshift run -q "$(idle 10m 1)" --run-dir "$scratch/idle-short"
expect_exit 0 "what comes from a source that was idle is late"
graveshift run -q "$(idle 2h 0)" --run-dir "$scratch/idle-long"
expect_exit 0 "unless it may be idle for longer"

# --- dead letters

file=$(bad=7 max=6 watermark few watermark <<<"expect: [job: failed]")
graveshift run -q "$file" --run-dir "$scratch/few"
expect_exit 0 "times that cannot be read are bad records"
graveshift redrive -q "$scratch/few" --set recovery.dead_letters.max=7 --set 'expect=[{job: done}, {records: exactly_once}]'
expect_exit 0 "a redrive that allows them finishes the job"
file=$(max=0 late=0 watermark buried watermark <<<"faults: [{id: b1, bad_chunk: 1, times: 4}]
expect: [job: failed]")
graveshift run -q "$file" --run-dir "$scratch/buried"
expect_exit 0 "a chunk that cannot be read is given up"
graveshift redrive -q "$scratch/buried" --set 'expect=[{job: done}, {records: exactly_once}]'
expect_exit 0 "tried again, its events come after all others, and their windows are made anew"

# Which events are late then depends on when they were tried again; none is lost, doubled or uncounted for that.
file=$(max=0 late=20 policy=drop chunk=100 attempts=2 watermark redriven watermark <<<"faults: [{id: b1, bad_chunk: 2, times: 3}]
expect: [job: failed]")
graveshift run -q "$file" --run-dir "$scratch/redriven"
graveshift redrive -q "$scratch/redriven" --set faults=[] --set 'expect=[{job: done}, {records: exactly_once}, {late_dropped: ">= 1"}]'
expect_exit 0 "late events are dropped, and what had failed is tried again: the books balance"
expect_stdout '^ok   I1 late events .*redriven: which ones are late is the run.s own account' "and whose account that is is said"

# --- a zombie

file=$(late=5 chunk=100 watermark zombie watermark <<-END
	faults:
	  - {id: s1, at: worker.started, slow: self, by: 2ms, for: forever, times: every}
	  - {id: z1, at: worker.before_batch, nth: 6, pause: self, for: 1500ms}
	expect: [job: done, records: exactly_once, fenced: ">= 1"]
END
)
graveshift run -q "$file" --run-dir "$scratch/zombie" --set recovery.lease='{ttl: 2s, takeover: fence}' \
	--set recovery.heartbeat='{every: 20ms, suspect: 100ms, dead: 400ms}'
expect_exit 0 "one who wakes up after its lease moves no mark"

# --- power

file=$(watermark power watermark <<-END
	durability: power
	faults: [{id: p1, at: worker.after_batch, nth: 7, power: off}, {id: p2, at: worker.in_batch, nth: 12, power: off}]
	$fine
END
)
graveshift run -q "$file" --run-dir "$scratch/power"
expect_exit 0 "power lost behind a commit and inside one"

# --- which records?

file=$(workers=1 late=0 chunk=1000 watermark which watermark <<<"faults: [$slowly, {id: k1, at: worker.after_batch, nth: 4, pause: self, for: 60s}]
$fine")
start which run -q "$file" --run-dir "$scratch/which"
stored() { "$GRAVESHIFT" log "$scratch/which" --kind fault-landed 2>/dev/null | grep -q .; }
check "a worker is stopped behind its fourth batch" wait_until 20 stored
slay which "$director"
graveshift status "$scratch/which" --records
expect_stdout '^not done  *records 0\.\.999$' "what is stored has not come out, and status says so"
graveshift resume -q "$scratch/which"
expect_exit 0 "and a resume lets it out"

# --- made-up events, and what is refused

graveshift generate events --records 500 --sources 2 --late 5 --bad 2 --seed 9 -o "$scratch/a.csv"
expect_exit 0 "events can be made up"
graveshift generate events --records 500 --sources 2 --late 5 --bad 2 --seed 9 -o "$scratch/b.csv"
check "the same for the same seed" cmp "$scratch/a.csv" "$scratch/b.csv"
expect_equal "as many as asked for, of so many sources" "500 2" \
	"$(($(wc -l <"$scratch/a.csv") - 1)) $(grep -o ',s[0-9][0-9]*' "$scratch/a.csv" | sort -u | wc -l)"
graveshift check "$(write_scenario no-time <<-END
	job: {kind: etl, generate: {events: 10 records}, id: [event_id], chunk: 5 records}
	recovery: {strategy: watermark}
	expect: [job: done]
END
)"
expect_exit 2 "windows of event time need an event time"
expect_stderr 'strategy watermark needs job.event_time and job.source' "and that is said"
graveshift check "$(write_scenario both <<-END
	job: {kind: etl, generate: {events: 10 records, sales: 10 records}, id: [event_id], chunk: 5 records}
	expect: [job: done]
END
)"
expect_exit 2 "sales or events"
expect_stderr 'job.generate.events: excluded by job.generate.sales' "and that is said"

expect_equal "nothing is left of all this" "" "$(find "$TMPDIR" -mindepth 1)"
finish
