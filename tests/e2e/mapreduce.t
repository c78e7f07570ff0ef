#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Jobs of kind mapreduce: page counts equal an independent script's, whoever is killed and whatever part is lost; a map in
# Python and one in awk give the same; the example of two chunks; spilling and merging in passes change nothing.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

sample=$tests/data/access-sample.log
wanted=$scratch/wanted.csv
# The pages of well-formed lines, by another regular expression engine, with a CSV writer of its own.
count_pages() { # LOG
	python3 - "$1" <<-'EOF'
		import collections, csv, re, sys
		line = re.compile(rb'[^ ]+ [^ ]+ [^ ]+ \[[^]]*\] "[A-Z]+ ([^ "]+) HTTP/[0-9.]+" [0-9]{3} ([0-9]+|-)( .*)?$')
		found = (line.match(text.rstrip(b'\n')) for text in open(sys.argv[1], 'rb'))
		pages = collections.Counter(match.group(1) for match in found if match)
		out = csv.writer(sys.stdout, lineterminator='\n')
		out.writerow(['page', 'records'])
		for page in sorted(pages):
		    out.writerow([page.decode('utf-8', 'surrogateescape'), pages[page]])
	EOF
}
PYTHONIOENCODING=utf-8:surrogateescape count_pages "$sample" >"$wanted"

python3 -c 'import csv, sys
for row in list(csv.reader(open(sys.argv[1], encoding="utf-8", errors="surrogateescape")))[1:]:
    sys.stdout.buffer.write("\t".join(row).encode("utf-8", "surrogateescape") + b"\n")' "$wanted" >"$scratch/wanted.tsv"

# pages NAME [JOB [EXPECT]] < faults: pages of the sample, in chunks of 10 lines.
pages() {
	write_scenario "$1" <<-EOF
		limits: {wall: 60s}
		job: {kind: mapreduce, function: pages, input: $sample, chunk: 10 records, partitions: 3${2:+, $2}}
		workers: {count: 2, restart: {max: 50, backoff: 1ms..5ms}}
		recovery: {retry: {backoff: 1ms..5ms}, dead_letters: {max: any}}
		$(cat)
		expect: [{job: done}, {records: exactly_once}${3:+, $3}]
	EOF
}
same() { # RUN
	cmp "$wanted" "$scratch/$1/out/result.csv"
}

# --- the example of two chunks

printf '%s\n' /index.html /about.html /index.html /contact.html /index.html /about.html >"$scratch/source.log"
graveshift run "$(
	write_scenario example <<-'EOF'
		job: {kind: mapreduce, function: words, input: source.log, chunk: 3 records, partitions: 2}
		workers: {count: 2}
		expect: [{job: done}, {records: exactly_once}]
	EOF
)" --run-dir "$scratch/example"
expect_exit 0 "example: two chunks, two partitions"
expect_equal "example: and three pages" $'word,records\n/about.html,2\n/contact.html,1\n/index.html,3' \
	"$(cat "$scratch/example/out/result.csv")"
check "example: nothing that maps handed on is left" [ "$(ls -A "$scratch/example/out")" = result.csv ]

# --- page counts

graveshift run "$(pages plain </dev/null)" --run-dir "$scratch/plain"
expect_exit 0 "plain: pages of a log with malformed lines"
check "plain: equal those of an independent script" same plain
malformed=$(("$(wc -l <"$sample")" - "$(awk -F, 'NR > 1 { n += $NF } END { print n }' "$wanted")"))
expect_stdout " + $malformed dead letters; 0 lost" "plain: malformed lines are dead letters, all $malformed of them"
check "plain: there are some" [ "$malformed" -gt 5 ]

if [ -e "$shared/data/access.log" ]; then
	count_pages "$shared/data/access.log" >"$scratch/real.csv"
	graveshift run "$(
		write_scenario real <<-EOF
			job: {kind: mapreduce, function: pages, input: $shared/data/access.log, chunk: 1000 records}
			workers: {count: 2}
			faults: [{id: k, at: part.after_rename, nth: 9, kill: self}, {id: s, when: progress >= 40%, kill: supervisor}]
			expect: [{job: done}, {records: exactly_once}, {dead_letters: 0}]
		EOF
	)" --run-dir "$scratch/real"
	expect_exit 0 "real: pages of a real log, with kills"
	check "real: equal those of an independent script" cmp "$scratch/real.csv" "$scratch/real/out/result.csv"
else
	skip "real: pages of a real log" "no $shared/data/access.log"
	skip "real: equal those of an independent script" "no $shared/data/access.log"
fi

# --- little memory, many maps

graveshift generate weblog --records 5000 -o "$scratch/generated.log"
large=(--set job.function=words --set "job.input=$scratch/generated.log" --set job.chunk='2500 records')
graveshift run "$(pages roomy </dev/null)" "${large[@]}" --run-dir "$scratch/roomy"
expect_exit 0 "spill: maps that have room for all"
# What was not spilled could not be the place of a death.
graveshift run "$(pages spill 'sort_memory: 4KiB' <<<'faults: [{id: k, at: part.spilled, nth: 2, kill: self}]')" \
	"${large[@]}" --run-dir "$scratch/spill"
expect_exit 0 "spill: maps that have room for a few words only, and one that dies behind a run of them"
check "spill: same bytes" cmp "$scratch/roomy/out/result.csv" "$scratch/spill/out/result.csv"
seq 1000 | paste -d ' ' - - - - - - - - - - | paste -d ' ' - - - - - - - - - - - - - - - - - - - - >"$scratch/long.log"
long=(--set job.function=words --set "job.input=$scratch/long.log" --set job.chunk='5 records')
graveshift run "$(pages long-roomy </dev/null)" "${long[@]}" --run-dir "$scratch/long-roomy"
graveshift run "$(pages long 'sort_memory: 4KiB' <<<'faults: [{id: k, at: part.spilled, nth: 5, kill: self}]')" "${long[@]}" --run-dir "$scratch/long"
expect_exit 0 "spill: a few long records are as much as many short ones"
check "spill: same bytes of those" cmp "$scratch/long-roomy/out/result.csv" "$scratch/long/out/result.csv"
graveshift run "$(pages many </dev/null)" --set job.chunk='1 record' --set job.partitions=1 --run-dir "$scratch/many"
expect_exit 0 "many: more maps than are merged at once"
check "many: there are" [ "$(wc -l <"$sample")" -gt 256 ]
check "many: same bytes" same many

# --- the director dies between the job's end and its own clearing up

graveshift run "$(pages cleared <<<'faults: [{id: k, at: supervisor.after_job_done, kill: director}]')" --run-dir "$scratch/cleared"
expect_exit 0 "cleared: its successor removes what maps have handed on"
check "cleared: nothing of it is left" [ "$(ls -A "$scratch/cleared/out")" = result.csv ]

# --- what is lost, damaged, or written by who came too late

graveshift run "$(pages lost '' 'remade: 2' <<<'faults: [{id: l, lose_part: 3}, {id: s, spoil_part: 7}]')" --run-dir "$scratch/lost"
expect_exit 0 "lost: one part is removed, one damaged: two maps are done again, and no other"
check "lost: same bytes" same lost
graveshift run "$(pages again '' 'remade: ">= 1"' <<-'EOF'
	faults:
	  - {id: l, lose_part: 5}
	  - {id: b, at: part.before_remade, kill: self}
	  - {id: c, lose_part: 6}
	  - {id: a, at: part.after_remade, nth: 2, kill: self}
EOF
)" --run-dir "$scratch/again"
expect_exit 0 "again: whoever makes a lost part again is killed before, and behind its commit"
check "again: same bytes" same again

# Its attempt is in what it prints: a late worker's file has other bytes than its successor's.
cat >"$scratch/late.sh" <<-'EOF'
	while read -r word; do printf '%s.%s\t1\n' "$word" "$GRAVESHIFT_ATTEMPT"; done
EOF
late=$(
	write_scenario late <<-'EOF'
		limits: {wall: 60s}
		job: {kind: mapreduce, function: command, input: source.log, chunk: 3 records, partitions: 1, map: [bash, late.sh]}
		workers: {count: 2}
		recovery: {lease: {ttl: 2s, takeover: fence}, heartbeat: {every: 20ms, suspect: 100ms, dead: 400ms}}
		faults:
		  - {id: z, at: part.rename, nth: 1, pause: self, for: 800ms}
		  - {id: s, at: output.before_temp, hang: self, for: 300ms, optional: true}
		  - {id: r, at: worker.before_task, nth: 4, pause: self, for: 1500ms, optional: true}
		expect: [{job: done}, {records: exactly_once}, {fenced: ">= 1"}, {remade: 0}]
	EOF
)
graveshift run "$late" --run-dir "$scratch/late"
expect_exit 0 "late: who was taken over changes nothing of what its successor has handed on"

# --- every crash point

sweep=$(
	write_scenario crashes <<-EOF
		limits: {wall: 30s}
		job: {kind: mapreduce, function: words, input: $scratch/source.log, chunk: 3 records, partitions: 2}
		workers: {count: 2, restart: {backoff: 1ms..5ms}}
		recovery: {retry: {backoff: 1ms..5ms}}
		expect: [{job: done}, {records: exactly_once}]
	EOF
)
graveshift sweep "$sweep" --points 'part.*'
expect_exit 0 "crashes: at every point around a part"
check "crashes: there are some" [ "$(grep -c '^ok .*part' "$scratch/out")" -ge 3 ]

# --- commands

cat >"$scratch/map.py" <<-'EOF'
	import re, sys
	line = re.compile(rb'[^ ]+ [^ ]+ [^ ]+ \[[^]]*\] "[A-Z]+ ([^ "]+) HTTP/[0-9.]+" [0-9]{3} ([0-9]+|-)( .*)?$')
	for text in sys.stdin.buffer:
	    match = line.match(text.rstrip(b'\n'))
	    if match:
	        sys.stdout.buffer.write(match.group(1) + b'\t1\n')
EOF
cat >"$scratch/map.awk" <<-'EOF'
	/^[^ ]+ [^ ]+ [^ ]+ \[[^]]*\] "[A-Z]+ [^ "]+ HTTP\/[0-9.]+" [0-9][0-9][0-9] ([0-9]+|-)( .*)?$/ {
		sub(/^[^"]*"[A-Z]+ /, ""); sub(/ .*/, ""); print $0 "\t1"
	}
EOF
cat >"$scratch/sum.awk" <<-'EOF'
	BEGIN { FS = "\t" }
	NR > 1 && $1 != last { print last "\t" n; n = 0 }
	{ last = $1; n += $2 }
	END { if (NR) print last "\t" n }
EOF
commands() { # NAME WORDS
	write_scenario "$1" <<-EOF
		job: {kind: mapreduce, function: command, input: $sample, chunk: 100 records, partitions: 2, $2}
		workers: {count: 2}
		faults: [{id: k, at: part.after_rename, nth: 2, kill: self}]
		expect: [{job: done}, {records: exactly_once}]
	EOF
}
graveshift run "$(commands python 'map: [python3, map.py]')" --run-dir "$scratch/python"
expect_exit 0 "python: a map in Python, its numbers added up"
check "python: same counts" cmp <(tail -n +2 "$wanted") <(tail -n +2 "$scratch/python/out/result.csv")
graveshift run "$(commands awk 'map: [awk, -f, map.awk], reduce: [awk, -f, sum.awk], sort_memory: 4KiB')" --run-dir "$scratch/awk"
expect_exit 0 "awk: a map and a reduce in awk, sorted in little memory"
check "awk: same counts" cmp "$scratch/wanted.tsv" "$scratch/awk/out/result.csv"
expect_stdout 'I7 the sink equals what its commands printed.*0 lines differ' "awk: and the ledger says so"

graveshift run "$(commands garbage 'map: [cat]')" --run-dir "$scratch/garbage" --set recovery.retry.attempts=1 --set 'faults=[]' \
	--set 'expect=[{job: failed}]'
expect_exit 0 "garbage: a map that prints no numbers fails the job"
expect_stdout 'line 1 of its output has no whole number behind a TAB' "garbage: and the job says so"

graveshift run "$(
	write_scenario sales <<-'EOF'
		job: {kind: mapreduce, function: sales, generate: {sales: 3000 records, bad: 9}, key: product, sum: [qty, price], chunk: 500 records}
		workers: {count: 2}
		recovery: {dead_letters: {max: any}}
		expect: [{job: done}, {records: exactly_once}, {dead_letters: 9}]
	EOF
)" --run-dir "$scratch/sales"
expect_exit 0 "sales: sums per key of CSV"
python3 "$tests/aggregate_reference.py" "$scratch/sales/input.csv" product qty price >"$scratch/sums.csv" 2>/dev/null
if [ -s "$scratch/sums.csv" ]; then
	check "sales: as by Python's decimals" cmp "$scratch/sums.csv" "$scratch/sales/out/result.csv"
fi

# --- a combiner

cat >"$scratch/sum.awk" <<-'EOF'
	BEGIN { FS = OFS = "\t" }
	$1 != key { if (NR > 1) print key, sum; key = $1; sum = 0 }
	{ sum += $2 }
	END { if (NR > 0) print key, sum }
EOF
# combine NAME [JOB]: pages of the generated log, counted by commands alone.
combine() {
	write_scenario "$1" <<-EOF
		limits: {wall: 60s}
		job:
		  kind: mapreduce
		  function: command
		  input: $scratch/generated.log
		  chunk: 1000 records
		  partitions: 2
		  map: [awk, '{ print \$7 "\t1" }']
		  reduce: [awk, -f, sum.awk]
		  ${2:-}
		workers: {count: 2, restart: {max: 50, backoff: 1ms..5ms}}
		recovery: {retry: {attempts: 2, backoff: 1ms..5ms}}
		$(cat)
		expect: [{job: done}, {records: exactly_once}]
	EOF
}
graveshift run "$(combine separate </dev/null)" --run-dir "$scratch/separate"
expect_exit 0 "combine: pages counted without"
graveshift run "$(combine combined 'combine: [awk, -f, sum.awk]' <<<'faults: [{id: k, at: part.after_rename, nth: 3, kill: self}, {id: l, lose_part: 1}]')" --run-dir "$scratch/combined"
expect_exit 0 "combine: and with, though a worker dies behind what is combined, and a part is lost"
check "combine: same bytes" cmp "$scratch/separate/out/result.csv" "$scratch/combined/out/result.csv"
graveshift run "$(combine small 'combine: [awk, -f, sum.awk]' </dev/null)" --set job.sort_memory=4KiB --run-dir "$scratch/small"
expect_exit 0 "combine: with little memory"
check "combine: same bytes again" cmp "$scratch/separate/out/result.csv" "$scratch/small/out/result.csv"
# The classic: it counts what it gets, where it should add it up. A map's key is counted once for all.
graveshift run "$(combine miscounted 'combine: [awk, "{ if (!($1 in seen)) print $1 \"\\t1\"; seen[$1] }"]' </dev/null)" --run-dir "$scratch/miscounted"
expect_exit 0 "combine: a wrong one is obeyed"
check "combine: and seen by comparing" [ "$(cmp -s "$scratch/separate/out/result.csv" "$scratch/miscounted/out/result.csv"; echo $?)" = 1 ]
graveshift run "$(combine broken 'combine: [sh, -c, "echo no such thing >&2; exit 3"]' </dev/null)" --run-dir "$scratch/broken"
expect_exit 1 "combine: one that fails fails its maps"
graveshift status "$scratch/broken"
expect_stdout '^command of task 0: job.combine: it exited with 3: no such thing$' "combine: and it is said that it was the combiner"

finish
