#!/bin/bash
# SPDX-License-Identifier: ISC
#
# What stands in a record cannot steer the terminal of whoever looks at it: not in a report, a status, a log, under test,
# or in an error.  Only the result has the bytes as they were.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5
escape=$'<script>alert(1)<b>\033]0;owned\007\033[2J\033[31m\r\b\177\xc2\x9b1m\xff'

# no_controls NAME: likewise, where there may be letters beyond ASCII.
no_controls() {
	local found

	found=$(cat "$scratch/out" "$scratch/err" | LC_ALL=C grep -n -a -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' | cat -v | head -n 5)
	expect_equal "$1" "" "$found"
}

# harmless NAME: what graveshift said last has line ends and printable text only.
harmless() {
	local found

	found=$(cat "$scratch/out" "$scratch/err" | LC_ALL=C grep -n -a -v '^[ -~]*$' | cat -v)
	expect_equal "$1" "" "$found"
}

not_in_output() { ! grep -q -a -F "$1" "$scratch/out"; }

{
	printf 'product,qty,price\nLamp,1,2.5\n'
	printf '"%s",2,3\n' "$escape"  # a key
	printf 'Desk,1,%s\n' "$escape" # a field that is no decimal
} >"$scratch/input.csv"
scenario() { # NAME INPUT KEY
	write_scenario "$1-$$" <<-END
		limits: {wall: 30s}
		job:
		  kind: aggregate
		  input: "$2"
		  key: $3
		  sum: [qty, price]
		  chunk: 10 records
		workers: {count: 1}
		recovery:
		  retry: {attempts: 2, backoff: 1ms..2ms}
		expect:
		  - job: done
		  - records: exactly_once
	END
}

file=$(scenario escape "$scratch/input.csv" product)
graveshift run "$file" --run-dir "$scratch/failed"
expect_exit 1 "a record that cannot be used fails the job"
expect_stdout 'dead letter: record 2 ' "and is shown in the report"
harmless "which is harmless"
graveshift run --json "$file" --run-dir "$scratch/json"
harmless "so is the report in JSON"
graveshift status "$scratch/failed"
expect_stdout 'dead letter: record 2 .*Desk,1,' "status shows it"
harmless "status is harmless"
graveshift status --json "$scratch/failed"
expect_stdout 'Desk,1,' "status --json has it"
harmless "status --json is harmless"
graveshift log "$scratch/failed"
harmless "the log is harmless"
graveshift log --json "$scratch/failed"
harmless "so is the log in JSON"
graveshift replay "$scratch/failed" --print text --ascii --size 120x40
harmless "the screen is harmless"
graveshift replay "$scratch/failed" --print svg
no_controls "so is a picture of it"
graveshift watch "$scratch/failed" --accessible
harmless "what is told of it"
for form in html junit prom trace; do
	graveshift report "$scratch/failed" "--$form" -
	expect_exit 0 "the report as $form"
	no_controls "is harmless"
	check "and runs nothing" not_in_output '<script>alert'
done
graveshift report "$scratch/failed" --svg - --task 0
no_controls "so is a task's diagram"
graveshift test "$file"
harmless "TAP is harmless"
rm -rf "${TMPDIR:?}"/*

graveshift redrive "$scratch/failed" --set recovery.dead_letters.max=1
expect_exit 0 "redrive accepts it"
harmless "the report is harmless"
check "the result has the key as it was" grep -q -a -F "${escape%$'\r'*}" "$scratch/failed/out/result.csv"

# A result that is not what it should be is quoted by the ledger.
printf '"%s",1,1\n' "$escape" >>"$scratch/failed/out/result.csv"
graveshift resume "$scratch/failed"
expect_exit 1 "a result that was tampered with"
expect_stdout 'I7 .*lines differ: ' "is found by the ledger, with an example"
harmless "which is harmless"

# Names of columns.
printf '%s,qty,price\nLamp,1,2\n' "${escape%$'\r'*}" >"$scratch/names.csv"
graveshift run "$(scenario names "$scratch/names.csv" product)"
expect_exit 2 "names of columns"
expect_stderr 'columns are' "are listed"
harmless "harmlessly"

# Scenarios: a key, a name, a value, an override.
printf 'scenario: 1\nname: "%s"\nabout: x\n"%s": 1\n' "${escape%$'\r'*}" "${escape%$'\r'*}" >"$scratch/bad.yaml"
graveshift check "$scratch/bad.yaml"
expect_exit 2 "a scenario with escapes in it"
harmless "is described harmlessly"
graveshift run "$file" --set "job.key=$escape"
expect_exit 2 "an override with escapes in it"
harmless "is described harmlessly"

# Names of files, and words of the command line.
mkdir "$scratch/$escape"
cp "$scratch/input.csv" "$scratch/$escape/input.csv"
graveshift run "$(scenario path "$scratch/x" product)" --set "job.input=$scratch/$escape/missing.csv"
expect_exit 2 "an input whose path has escapes in it"
harmless "is named harmlessly"
graveshift run "$file" --run-dir "$scratch/$escape/run"
expect_exit 2 "a run directory whose path has escapes in it"
expect_stderr 'control characters' "is refused"
harmless "harmlessly"
mkdir "$scratch/Grüße"
graveshift run scenarios/00-hello.yaml --run-dir "$scratch/Grüße/run"
expect_exit 0 "one with letters beyond ASCII is not"
(cd "$scratch/$escape" && "$GRAVESHIFT" run "$file" --run-dir run) >"$scratch/out" 2>"$scratch/err"
status=$?
expect_exit 2 "a run directory below a folder with escapes in it"
harmless "is refused harmlessly"
graveshift "$escape"
expect_exit 2 "a command with escapes in it"
harmless "is named harmlessly"
graveshift run "--$escape" "$file"
expect_exit 2 "an option with escapes in it"
harmless "is named harmlessly"

finish
