#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Input that cannot be used, and a disk that takes no more: each with a clear message, the right exit code, and nothing lost
# that was done.
. "$(dirname "$0")/lib.sh"
cd "$project" || exit 5

# scenario NAME INPUT [LINE...]: a small job over it; further lines join the recovery block.
scenario() {
	local name=$1 input=$2

	shift 2
	write_scenario "$name-$$" <<-END
		limits: {wall: 60s}
		job:
		  kind: aggregate
		  input: $input
		  key: product
		  sum: [qty, price]
		  chunk: 2 records
		workers: {count: 2}
		recovery:
		  retry: {attempts: 3, backoff: 1ms..5ms}
		$(printf '  %s\n' "$@")
		expect:
		  - job: done
		  - records: exactly_once
	END
}

# --- nothing runs

nothing_was_made() { # NAME
	check "$1: nothing was made" test ! -e "$scratch/$1" -a ! -e "$XDG_STATE_HOME"
}

graveshift run "$(scenario missing "$scratch/no.csv")" --run-dir "$scratch/missing"
expect_exit 2 "missing: an input that is not there"
expect_stderr "$scratch/no.csv: No such file" "missing: is named"
nothing_was_made missing

graveshift run "$(scenario folder "$scratch")" --run-dir "$scratch/folder"
expect_exit 2 "folder: an input that is a folder"
expect_stderr 'is a directory' "folder: is refused"
nothing_was_made folder

graveshift run "$(scenario column "$tests/data/lf.csv")" --set job.key=produkt --run-dir "$scratch/column"
expect_exit 2 "column: a column that is not there"
expect_stderr "no column 'produkt'.*columns are product, qty, price" "column: and those that are"
nothing_was_made column

graveshift run "$(scenario empty "$tests/data/empty.csv")" --run-dir "$scratch/empty"
expect_exit 2 "empty: an empty file"
expect_stderr 'is empty: a CSV file with a header is needed' "empty: is said to be empty"
nothing_was_made empty

graveshift run "$(scenario header "$tests/data/header-only.csv")" --run-dir "$scratch/header"
expect_exit 0 "header: a header alone is a job without work"
expect_equal "header: and a result without lines" "product,records,sum(qty),sum(price)" "$(cat "$scratch/header/out/result.csv")"
assert_nothing_left "header-$$" "$scratch/header"

graveshift run "$(scenario quote "$tests/data/unbalanced-quote.csv")" --run-dir "$scratch/quote"
expect_exit 2 "quote: one that is never closed"
expect_stderr 'line 4, column 1 .*never closed' "quote: is shown where it opened"
assert_nothing_left "quote-$$" "$scratch/quote"

for what in line quote header; do
	case $what in
	line) printf 'product,qty,price\nLamp,1,2\nDesk,' ;;
	quote) printf 'product,qty,price\nLamp,1,2\n"Desk,' ;;
	header) printf 'product,' ;;
	esac >"$scratch/giant.csv"
	truncate -s 1G "$scratch/giant.csv"
	before=$SECONDS
	graveshift run "$(scenario giant "$scratch/giant.csv")" --run-dir "$scratch/giant-$what"
	expect_exit 2 "giant: a $what of 1 GiB"
	expect_stderr '16 MiB' "giant: is more than is read"
	check "giant: which is known at once" test $((SECONDS - before)) -le 5
	assert_nothing_left "giant-$$" "$scratch/giant-$what"
done
rm "$scratch/giant.csv"

# --- records that cannot be used

graveshift run "$(scenario nul "$tests/data/nul.csv")" --run-dir "$scratch/nul"
expect_exit 1 "nul: a NUL byte fails the job"
expect_stdout 'the job FAILED: more was given up than it can do without (recovery.dead_letters.max)' "nul: and the report says so"
expect_stdout 'dead letter: record 1 .*byte 32.*a NUL byte' "nul: and names the record"
expect_stdout "graveshift redrive $scratch/nul" "nul: and says how to go on"
check "nul: there is no result" test ! -e "$scratch/nul/out/result.csv"
graveshift status "$scratch/nul"
expect_stdout 'dead letter: record 1 .*a NUL byte: De\\0sk,1,15.5' "nul: status shows it, safe to print"

bad=$tests/data/bad-decimal.csv
graveshift run "$(scenario decimal "$bad")" --run-dir "$scratch/decimal"
expect_exit 1 "decimal: a sum column that is no number fails the job"
graveshift status "$scratch/decimal"
expect_stdout ': failed ' "decimal: status says failed"
expect_stdout 'dead letter: record 1 .*not a decimal number: Desk,one,15.5' "decimal: and names one record"
expect_stdout 'dead letter: record 3 .*not a decimal number: Rope,2,1e3' "decimal: and the other"
expect_stdout '^done: *3 records' "decimal: and counts what is done"
graveshift resume "$scratch/decimal"
expect_exit 1 "decimal: to resume does not change it"
assert_nothing_left "decimal-$$" "$scratch/decimal"

wanted='product,records,sum(qty),sum(price)
Lamp,2,4,130
Rope,1,2,8'
graveshift run "$(scenario allowed "$bad" 'dead_letters: {max: 2}')" --run-dir "$scratch/allowed"
expect_exit 0 "allowed: two dead letters are allowed"
expect_equal "allowed: the rest is in the result" "$wanted" "$(cat "$scratch/allowed/out/result.csv")"
graveshift status "$scratch/allowed"
expect_stdout '^dead letters: 2 records' "allowed: status still has them"
graveshift run "$(scenario allowed "$bad" 'dead_letters: {max: 1}')" --run-dir "$scratch/one"
expect_exit 1 "one: one of two is not enough"

# --- redrive

graveshift redrive "$scratch/allowed"
expect_exit 2 "redrive: of a job that has not failed"
expect_stderr 'has not failed' "redrive: is refused"
graveshift redrive "$scratch/decimal"
expect_exit 1 "redrive: without a fix it fails again"
expect_stderr '2 tasks are open' "redrive: only what was given up is done again"
graveshift redrive "$scratch/decimal" --set recovery.dead_letters.max=2
expect_exit 0 "redrive: dead letters can be accepted"
expect_equal "redrive: and the rest is in the result" "$wanted" "$(cat "$scratch/decimal/out/result.csv")"
graveshift status "$scratch/decimal"
expect_stdout '^done: *3 records' "redrive: what is done is counted once"
expect_stdout '^dead letters: 2 records' "redrive: and so are the dead letters"
graveshift redrive "$scratch/decimal" --set job.key=qty
expect_exit 2 "redrive: does not change the job"

poison=$(write_scenario "poison-$$" <<-END
	limits: {wall: 60s}
	job:
	  kind: aggregate
	  generate: {sales: 2000 records}
	  key: product
	  sum: [qty, price]
	  chunk: 100 records
	workers: {count: 2}
	recovery:
	  retry: {attempts: 4, backoff: 1ms..5ms}
	faults:
	  - {id: p1, poison: 1234, by: SEGV}
	expect:
	  - job: done
	  - records: exactly_once
END
)
graveshift run "$poison" --run-dir "$scratch/poison"
expect_exit 1 "poison: a record that kills its worker fails the job"
graveshift status "$scratch/poison"
expect_stdout 'dead letter: record 1234 .*the record ends its worker' "poison: and is named"
graveshift redrive "$scratch/poison" --set 'faults=[]'
expect_exit 0 "poison: after the fix its redrive succeeds"
expect_stderr '1 tasks are open' "poison: and does that record alone"
"$tests/aggregate_reference.py" "$scratch/poison/input.csv" product qty price >"$scratch/wanted.csv"
check "poison: which is in the result" cmp "$scratch/wanted.csv" "$scratch/poison/out/result.csv"
graveshift status "$scratch/poison"
expect_stdout '^done: *2000 records' "poison: every record is done"
assert_nothing_left "poison-$$" "$scratch/poison"

# Nothing was given up there, only nobody was left to do it.
graveshift run scenarios/08-crash-loop.yaml --run-dir "$scratch/loop"
expect_exit 0 "loop: a job fails because its workers crash, as promised"
graveshift redrive "$scratch/loop" --set 'faults=[]'
expect_stderr '20 tasks are open' "loop: after the fix redrive goes on with what is not done"
graveshift status "$scratch/loop"
expect_stdout '^done: *20000 records in 20 tasks' "loop: and does it"

# --- run directories

# Root may read everything, so somebody else has to try.
plainly() { # ARGUMENT...: as `graveshift`
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$GRAVESHIFT" "$@"
	else
		"$GRAVESHIFT" "$@"
	fi >"$scratch/out" 2>"$scratch/err"
	status=$?
}

chmod 711 "$scratch"
plainly version
if [ "$status" -eq 0 ]; then
	mkdir -m 000 "$scratch/closed"
	for command in resume status log; do
		plainly $command "$scratch/closed"
		expect_exit 2 "closed: $command of a run directory that cannot be read"
		expect_stderr 'Permission denied' "closed: and it says why"
	done
	mkdir -m 555 "$scratch/fixed"
	# The project itself may be out of the sight of others.
	cp "$tests/data/lf.csv" "$scratch/sales.csv"
	file=$(scenario closed "$scratch/sales.csv")
	plainly check "$file"
	if [ "$status" -eq 0 ]; then
		plainly run "$file" --run-dir "$scratch/fixed/run"
		expect_exit 2 "closed: a run directory that cannot be made"
		expect_stderr "cannot make run directory $scratch/fixed/run: Permission denied" "closed: and it says why"
	fi
	chmod 700 "$scratch/closed" "$scratch/fixed"
else
	skip "closed: a run directory that cannot be read" "nobody but root may run $GRAVESHIFT"
fi
chmod 700 "$scratch"
: >"$scratch/file"
graveshift run "$(scenario closed "$tests/data/lf.csv")" --run-dir "$scratch/file/run"
expect_exit 2 "closed: a run directory below a file"
expect_stderr 'cannot make run directory' "closed: is refused"

for file in run.db board events.log scenario.yaml; do
	cp -r "$scratch/nul" "$scratch/garbled"
	head -c 5000 /dev/urandom >"$scratch/garbled/$file"
	rm -f "$scratch/garbled/run.db-wal" "$scratch/garbled/run.db-shm"
	graveshift resume "$scratch/garbled"
	case $file in
	board)
		expect_exit 1 "garbled: the board is made again"
		;;
	*)
		check "garbled: a $file that is none is an error" test "$status" -eq 2 -o "$status" -eq 5
		expect_stderr "$file" "garbled: which is named"
		;;
	esac
	rm -rf "$scratch/garbled"
done

# --- an input that changes under a run

make_sales 4000 8
slow='faults: [{id: s1, at: worker.started, slow: self, by: 10ms, for: forever, times: every, optional: true}]'
file=$(scenario changed "$scratch/sales.csv")
sed -i "s/chunk: 2/chunk: 40/; s/^expect:/$slow\nexpect:/" "$file"
start changed run "$file" --run-dir "$scratch/changed"
check "changed: the run is under way" wait_until 10 tasks_done "$scratch/changed" 1
slay changed "$director"
cp "$scratch/sales.csv" "$scratch/kept.csv"
sed -i '17s/,[0-9]*,/,77777,/' "$scratch/sales.csv"
graveshift resume "$scratch/changed"
expect_exit 2 "changed: an input that changed between kill and resume"
expect_stderr 'sales.csv is not what it was when the plan was sealed' "changed: is an error that says so"
rm "$scratch/sales.csv"
graveshift resume "$scratch/changed"
expect_exit 2 "changed: an input that is gone"
expect_stderr 'sales.csv' "changed: is named"
cp "$scratch/kept.csv" "$scratch/sales.csv"
sed -i 's/by: 10ms/by: 1us/' "$scratch/changed/scenario.yaml"
graveshift resume "$scratch/changed"
expect_exit 0 "changed: when it is put back, the run goes on"
check "changed: and the result is right" cmp "$scratch/wanted.csv" "$scratch/changed/out/result.csv"
assert_nothing_left "changed-$$" "$scratch/changed"

# --- standard descriptors that are closed

file=$(scenario mute "$scratch/sales.csv")
"$GRAVESHIFT" run "$file" --run-dir "$scratch/mute" <&- >&- 2>&-
expect_equal "mute: a verdict that nobody can read is an error" 5 $?
expect_equal "mute: and is not written into the run's own files" "" "$(grep -l -r 'I1 every record' "$scratch/mute")"
"$GRAVESHIFT" run "$file" --run-dir "$scratch/deaf" <&- >"$scratch/out" 2>&-
expect_equal "mute: standard output alone will do" 0 $?

# --- fewer descriptors than it takes, at each place where they run out

file=$(scenario few "$scratch/sales.csv")
for descriptors in 6 8 9 10 14; do
	run=$scratch/few-$descriptors
	(ulimit -n $descriptors && exec "$GRAVESHIFT" run "$file" --run-dir "$run") >"$scratch/out" 2>"$scratch/err"
	status=$?
	expect_exit 5 "few: $descriptors descriptors are not enough"
	expect_stderr 'Too many open files' "few: and that is said"
	graveshift resume "$run"
	expect_exit 0 "few: with more of them the run goes on"
done

finish
