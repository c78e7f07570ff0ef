#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The JSON Schema is the one that is shipped, takes every scenario that the program takes, and what it refuses the program
# refuses, too.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5
schema=scenarios/scenario-v1.schema.json

graveshift schema
expect_exit 0 "schema"
if cmp -s "$scratch/out" "$schema"; then
	pass "the shipped schema is what the program says"
else
	fail "the shipped schema is what the program says" "graveshift schema >$schema makes it so" "$(diff "$schema" "$scratch/out" | head)"
fi
expect_equal "every shipped scenario tells the editor about it" "" \
	"$(for file in scenarios/*.yaml; do head -n 1 "$file" | grep -q -x -F "# yaml-language-server: \$schema=${schema##*/}" || echo "$file"; done)"

tests/validate_schema.py "$schema" >"$scratch/out" 2>&1
status=$?
if [ $status -eq 77 ]; then
	skip "what it takes and refuses" "$(cat "$scratch/out")"
	finish
fi
expect_exit 0 "it is a schema of draft-07"

mkdir "$scratch/good" "$scratch/bad"
# Each line is one scenario more, whose job, faults or whatever it is come from it.
scenario() { # FOLDER NAME JOB MORE...
	{
		printf 'scenario: 1\nname: x\nabout: a test\njob: %s\n' "$3"
		printf '%s\n' "${@:4}"
	} >"$scratch/$1/$2.yaml"
}
sales='{kind: aggregate, generate: {sales: 1000 records}, key: product, sum: [qty], chunk: 10 records}'
done='expect: [{job: done}]'
number=0
more() { # FOLDER LINE...
	number=$((number + 1))
	scenario "$1" "$number" "$sales" "$done" "${@:2}"
}
faults() { # FOLDER < a fault in each line
	while IFS= read -r line; do
		more "$1" "limits: {memory: 256MiB}" "faults:" "  - {id: k1, at: worker.before_task, kill: self, optional: true}" "  - {$line}"
	done
}
job() { # FOLDER JOB
	number=$((number + 1))
	scenario "$1" "$number" "$2" "$done"
}

faults good <<'FAULTS'
at: worker.before_commit, nth: 5, kill: self
at: worker.before_commit, nth: "5", last: 9, kill: self, signal: 9
at: worker.before_commit, kill: 2 of busy, signal: SIGTERM, times: every, chance: 0.5%
at: worker.send, drop: w1, frame: done, times: 3, chance: 10 %
at: worker.send, delay: self, by: 30ms
at: supervisor.send, corrupt: self, during: recovery || !(done >= 5 && w1 is busy), optional: true
at: output.write, fail: ENOSPC
at: output.write, short: self
at: worker.started, slow: self, by: 50us, for: forever, times: every
at: worker.record, memory: self
at: worker.before_commit, hang: self, for: lease * 1.05 + 100ms
at: worker.before_commit, crash: self, exit: 3
at: worker.before_commit, do: 3*off -> 1*kill -> 2*off -> 5% 10*pause 200ms -> crash
when: progress >= 90%, kill: supervisor
when: done >= 5 && w2 holds 17, kill: holder(17), follows: k1
when: elapsed > dead + 5 ms, power: off
after: 1s, every: 2s, times: 4, kill: any
after: beat, clock: midnight
after: 1s, clock: -30s
after: 1s, scale: +2
after: 1s, scale: "-1"
after: 1s, board: flip
after: 1s, quiet: 1s
after: 1s, heal: all
after: 1s, split: supervisor, for: 1s
after: 1s, partition: w1, for: 1s, way: from
after: 1s, drain: oldest
bad_chunk: 7, times: 1
poison: 12, by: memory
poison: 12, times: every
flaky: 12, times: 2
FAULTS
more good 'seed: 18446744073709551615' 'verdict: counts' 'limits: {wall: 1.5m, workers: 20, memory: 1GiB}'
more good 'workers: {count: 3, restart: {max: 0, backoff: 0s..1h}}' 'recovery: {dead_letters: {max: any}, lease: {takeover: fence}}'
more good 'model: {drop: 0.1%, message: 1us..2us}' 'world: virtual'
more good 'durability: power' 'faults: []'
job good '{kind: noop, tasks: 100 tasks, durable: false}'
job good '{kind: noop, tasks: 1 task, work: 1ms, durable: true}'
job good '{kind: aggregate, input: ../tests/data/lf.csv, key: 1, sum: [], separator: ";", split: {by: key, ranges: [A-G, H-Z]}}'
job good '{kind: etl, generate: {events: 100 records, sources: 2, late: 3}, id: [event_id], event_time: event_time, source: source, chunk: 10 records}'
job_expecting() { # FOLDER EXPECTATIONS JOB MORE...
	number=$((number + 1))
	scenario "$1" "$number" "$3" "expect: $2" "${@:4}"
}
torture='{kind: torture, command: [./job], folder: ..}'
job_expecting good '[{unsafe: 0}, {litter: <= 3}, {explored: 100%}]' "$torture" 'faults: []' 'world: real' 'workers: {count: 2}' 'limits: {wall: 10s}'
job_expecting good '[{unsafe: ">= 1"}]' '{kind: torture, command: [a, b, b], setup: x, check: y, recover: z, budget: 2s, again: true, one_process: true, real_kill: true, pid_reuse: true, power: posix, all: true, limit: 3s, work_in: [a, b]}'
printf '%s\n' 'scenario: "1"' 'name: 7' 'about: 12' "job: $sales" \
	'expect: [{records: exactly_once}, {rework: <= 2%}, {recovery: "<3s"}, {retries: 0}, {fenced: ">= 1"}, {hangs: == 2}]' \
	>"$scratch/good/expect.yaml"

faults bad <<'FAULTS'
at: worker.before_commit, nth: 5
nth: 5, kill: self
at: worker.before_commit, when: done >= 5, kill: self
at: worker.before_commit, kill: self, crash: self
at: worker.before_comit, kill: self
at: worker.before_commit, kil: self
at: worker.before_commit, kill: nobody
at: worker.before_commit, kill: 2 of self
at: worker.before_commit, kill: self, signal: STOP
at: worker.before_commit, kill: self, signal: 65
at: worker.before_commit, kill: self, nth: 0
at: worker.before_commit, kill: self, nth: 5s
at: worker.before_commit, kill: self, chance: 5, times: 1
at: worker.before_commit, kill: self, for: 1s
at: worker.before_commit, kill: self, exit: 1
at: worker.before_commit, kill: self, every: 1s, times: 3
at: worker.before_commit, pause: self
at: worker.before_commit, hang: self, for: 1
at: worker.before_commit, hang: self, for: lease * x
at: worker.before_commit, hang: self, for: ttl
at: worker.started, slow: self, for: 1s
at: worker.send, delay: self
at: worker.send, drop: self, frame: dunno
at: worker.send, drop: self, way: to
at: output.write, fail: EWHATEVER
at: worker.before_commit, do: 3*off -> 1*kil
at: worker.before_commit, do: 3*off -> pause
when: doen >= 5, kill: any
when: done >= 5%, kill: any
when: done > , kill: any
when: w2 is hungry, kill: any
when: progress >= 90, kill: any
after: 1, kill: any
after: 1s, nth: 3, kill: any
after: 1s, times: 3, kill: any
after: 1s, power: on
after: 1s, clock: 1h
after: 1s, clock: sometimes
after: 1s, scale: two
after: 1s, bad_chunk: 7
bad_chunk: all
poison: 12, by: TERM
poison: 12, follows: k1
flaky: 12, optional: maybe
FAULTS
more bad 'sede: 1'
more bad 'seed: one'
more bad 'seed: -1'
more bad 'world: unreal'
more bad 'limits: {wall: 30}'
more bad 'limits: {wall: 30sec}'
more bad 'limits: {memory: 5s}'
more bad 'limits: {workers: 0}'
more bad 'limits: {workers: 100000}'
more bad 'limits: 5'
more bad 'workers: {count: 2 workers}'
more bad 'workers: {restart: {backoff: 1s}}'
more bad 'recovery: {retry: {attempts: 0}}'
more bad 'recovery: {strategy: hope}'
more bad 'recovery: {dead_letters: {max: some}}'
more bad 'model: {drop: 1}'
more bad 'faults: {}'
more bad 'faults: [[]]'
more bad 'faults:'
job bad '{kind: noop}'
job bad '{kind: noop, tasks: 100}'
job bad '{kind: noop, tasks: 100 tasks, key: product}'
job bad '{tasks: 100 tasks}'
job bad '{kind: sort, key: product}'
job bad '{kind: aggregate, key: product, sum: [qty], chunk: 10 records}'
job bad '{kind: aggregate, input: a.csv, generate: {sales: 5 records}, key: product, sum: [qty], chunk: 10 records}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: qty, chunk: 10 records}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: [qty, qty], chunk: 10 records}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: [qty]}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: [qty], chunk: 10 records, split: {by: key, ranges: [A-G]}}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: [qty], split: {by: key}}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: [qty], split: {by: key, ranges: []}}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: [qty], split: {by: key, ranges: [AG]}}'
job bad '{kind: aggregate, generate: {bad: 5}, key: product, sum: [qty], chunk: 10 records}'
job bad '{kind: aggregate, generate: {events: 5 records}, key: product, sum: [qty], chunk: 10 records}'
job bad '{kind: aggregate, generate: {sales: 5 records, late: 1}, key: product, sum: [qty], chunk: 10 records}'
job bad '{kind: etl, generate: {sales: 5 records, events: 5 records}, id: [event_id], chunk: 10 records}'
job bad '{kind: etl, generate: {late: 5}, id: [event_id], chunk: 10 records}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: [qty], chunk: 10 tasks}'
job bad '{kind: aggregate, input: a.csv, key: "", sum: [qty], chunk: 10 records}'
job bad '{kind: aggregate, input: a.csv, key: product, sum: [qty], chunk: 10 records, separator: ab}'
job bad "$torture"
job_expecting bad '[{unsafe: 0}, {job: done}]' "$torture"
job_expecting bad '[{unsafe: 0}]' "$sales"
job_expecting bad '[{explored: 100}]' "$torture"
job_expecting bad '[{unsafe: 0}]' '{kind: torture}'
job_expecting bad '[{unsafe: 0}]' '{kind: torture, command: [a], chunk: 5 records}'
job_expecting bad '[{unsafe: 0}]' '{kind: torture, command: [a], work: 5s}'
job_expecting bad '[{unsafe: 0}]' '{kind: torture, command: [a], again: maybe}'
job_expecting bad '[{unsafe: 0}]' '{kind: noop, tasks: 5 tasks, again: true}'
for line in 'world: virtual' 'recovery: {retry: {attempts: 2}}' 'limits: {workers: 4}' 'workers: {credit: 2}' 'durability: power' 'on_failure: [a]' \
	'faults: [{after: 1s, kill: any}]' 'model: {drop: 0.1%}'; do
	job_expecting bad '[{unsafe: 0}]' "$torture" "$line"
done
for line in 'scenario: 2' 'name: Big Name' 'about: ""' 'job: []' 'expect: []'; do
	# Without the key, and with that instead of it.
	sed "/^${line%%:*}:/d" "$scratch/good/expect.yaml" >"$scratch/bad/no-${line%%:*}.yaml"
	sed "s/^${line%%:*}:.*/$line/" "$scratch/good/expect.yaml" >"$scratch/bad/${line%%:*}.yaml"
done
for line in '{job: done}' '[{job: done, retries: 0}]' '[{job: maybe}]' '[{rework: 2}]' '[{recovery: "=> 3s"}]' '[{retrys: 0}]' '[{}]'; do
	number=$((number + 1))
	sed "s/^expect:.*/expect: $line/" "$scratch/good/expect.yaml" >"$scratch/bad/$number.yaml"
done

# --- held against each other

refused_by_program() { # FILE...
	for file; do
		"$GRAVESHIFT" check "$file" >/dev/null 2>"$scratch/said" || sed -n 's/ error: /: /p' "$scratch/said" | head -n 1
	done
}
refused_by_schema() { tests/validate_schema.py "$schema" "$@" 2>&1; }

expect_equal "the schema takes every shipped scenario" "" "$(refused_by_schema scenarios/*.yaml)"
good=$(cd "$scratch/good" && printf '%s\n' * | wc -l)
expect_equal "the program takes each of the $good good ones" "" "$(refused_by_program "$scratch"/good/*)"
expect_equal "and so does the schema" "" "$(refused_by_schema "$scratch"/good/*)"
(cd "$scratch/bad" && printf '%s\n' * | sort) >"$scratch/bad.list"
for refuse in refused_by_program refused_by_schema; do
	$refuse "$scratch"/bad/* | sed 's/.*\/bad\/\([^.]*\.yaml\):.*/\1/' | sort >"$scratch/refused"
	expect_equal "$refuse: each of $(wc -l <"$scratch/bad.list") bad ones" "" \
		"$(comm -23 "$scratch/bad.list" "$scratch/refused" | while read -r name; do tail -n 1 "$scratch/bad/$name"; done)"
done

# What is printed with all its defaults.
"$GRAVESHIFT" run scenarios/00-hello.yaml --run-dir "$scratch/run" -q >/dev/null 2>&1
expect_equal "the schema takes a scenario as it was run" "" "$(refused_by_schema "$scratch/run/scenario.yaml")"
finish
