#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A disk that fails: every kind of fault, for real, at the first, second, some and the last of the calls that it can happen
# to, with both durabilities.  Whatever happens, the run is resumed to its end and its verdict is right.
. "$(dirname "$0")/lib.sh"

awk 'BEGIN { print "product,qty,price"; for (i = 0; i < 3000; i++) printf "thing %d,%d,%d.%02d\n", i % 997, i % 7, i, i % 100 }' \
	>"$scratch/sales.csv"
sum_sales

# One worker and one lease at a time: the calls are the same in every run.
scenario_of() { # NAME DURABILITY FAULT
	write_scenario "$1" <<-END
		limits: {wall: 60s}
		durability: $2
		job: {kind: aggregate, input: $scratch/sales.csv, key: product, sum: [qty, price], chunk: 100 records}
		workers: {count: 1, credit: 1, restart: {max: 100, backoff: 1ms..5ms}}
		recovery: {retry: {backoff: 1ms..5ms}}
		faults: [$3]
		expect: [job: done, records: exactly_once]
	END
}

# hits_of POINT DURABILITY: how often such a run comes to the point; each time is written ahead.
hits_of() {
	local run=$scratch/hits-$1-$2

	"$GRAVESHIFT" run -q "$(scenario_of "hits-${1/./-}-$2" "$2" "{id: s1, at: $1, kill: self, signal: CONT, times: every}")" \
		--run-dir "$run" >/dev/null 2>&1
	grep -c "\"at\": \"$1\"" "$run/plan.jsonl" 2>/dev/null || [ -e "$run/plan.jsonl" ] || echo 0
	rm -rf "$run"
}

# play NAME DURABILITY FAULT: prints what is wrong.
play() {
	local run=$scratch/$1 code

	"$GRAVESHIFT" run -q "$(scenario_of "$1" "$2" "$3")" --run-dir "$run" >"$scratch/$1.out" 2>"$scratch/$1.err"
	code=$?
	if [ $code -ne 0 ]; then
		echo "exit code $code"
		cat "$scratch/$1.err" "$scratch/$1.out"
		return
	fi
	grep -q '^ok   fault here landed' "$scratch/$1.out" || echo "it has not landed"
	cmp "$scratch/wanted.csv" "$run/out/result.csv" 2>&1
	leftovers "$1" "$run"
	rm -rf "$run"
}

some_of() { # COUNT: first, second, some, last
	printf '%s\n' 1 2 $(($1 / 3)) $(($1 / 2)) $(($1 - 1)) "$1" | awk -v most="$1" '$1 > 0 && $1 <= most' | sort -n -u
}

# try DURABILITY POINT NTH WHAT OF
try() {
	local name=$1-$2-$3-${4//[: ]/}

	name=${name//./-}
	name=${name//_/-}
	expect_equal "$1: $4 at $2, hit $3${5-}" "" "$(play "${name,,}" "$1" "{id: here, at: $2, nth: $3, $4}")"
}

for durability in process power; do
	for point in store.write store.sync output.write output.sync output.rename; do
		hits=$(hits_of $point $durability)
		case $point in
		*.write) whats='fail: ENOSPC;fail: EIO;short: self;tear: self;power: off;' ;;
		*) whats='fail: EIO;power: off;' ;;
		esac
		for nth in $(some_of "$hits"); do
			while read -r -d ';' what; do
				try $durability $point "$nth" "$what" " of $hits"
			done <<<"$whats"
		done
		case $durability-$point in
		process-store.sync) expect_equal "process: the store is never synced" 0 "$hits" ;;
		*) check "$durability: $point is reached" [ "$hits" -gt 0 ] ;;
		esac
	done
	# Between the calls, from the first to the last thing that is done, also when the job is done already.
	for point in director.after_directory director.after_scenario director.after_input director.before_store \
		director.after_store supervisor.started supervisor.before_plan_sealed supervisor.after_plan_sealed worker.started \
		worker.in_transaction output.before_fsync output.before_rename output.after_rename output.after_folder_fsync \
		supervisor.before_job_done supervisor.after_job_done director.before_checkpoint director.before_verdict \
		director.after_verdict; do
		try $durability $point 1 'power: off'
	done
	try $durability worker.after_commit_before_report 7 'power: off'
done

# --- again and again

expect_equal "a disk that stays full for three lives" "" \
	"$(play full process '{id: here, at: store.write, nth: 100, fail: ENOSPC, times: 3}')"
expect_equal "the power is lost three times" "" \
	"$(play flicker power '{id: here, at: worker.before_commit, nth: 9, power: off, times: 3}')"
# What a sync that failed should have covered is not durable, whatever a later one says.
for nth in 1 2; do
	expect_equal "sync $nth of the output fails, and then the power is lost" "" \
		"$(play "unsynced-$nth" power "{id: here, at: output.sync, nth: $nth, fail: EIO}, {id: p1, at: supervisor.after_job_done, power: off}")"
done
for nth in 2 4 5 6 7 20 38; do
	expect_equal "sync $nth of the store fails, and then the power is lost" "" \
		"$(play "unsynced-store-$nth" power "{id: here, at: store.sync, nth: $nth, fail: EIO}, {id: p1, at: worker.before_commit, nth: 31, power: off}")"
done

# --- what is said to whom

file=$(scenario_of said process '{id: here, at: store.write, nth: 100, fail: ENOSPC}')
sed -i 's/^limits: .*/limits: {wall: 60s}/' "$file"
graveshift run "$file" --run-dir "$scratch/said"
expect_exit 0 "a full disk is survived"
expect_stderr 'No space left on device' "and said"
expect_stderr 'stopped by a fault of the disk; going on with: graveshift resume' "and who went on"
expect_stdout 'fault here landed .* store.write of [0-9]* bytes at [0-9]* failed: No space left' "with the call as evidence"

# Resumed by hand, a run that loses its power stays as it is until it is resumed again; nobody looks into it before.
file=$(scenario_of by-hand power '{id: s1, at: worker.started, slow: self, by: 300us, for: forever, times: every, optional: true},
    {id: here, at: worker.before_commit, nth: 20, power: off}')
start by-hand run -q "$file" --run-dir "$scratch/by-hand"
check "a run to stop" wait_until 10 tasks_done "$scratch/by-hand" 3
kill -TERM "$director"
await by-hand "$director"
expect_exit 143 "it was stopped"
graveshift resume -q "$scratch/by-hand"
expect_exit 137 "the power takes everybody, with nobody there to resume"
wait_until 5 no_process_left by-hand "$scratch/by-hand"
graveshift status "$scratch/by-hand"
expect_exit 2 "status does not look at what was lost"
expect_stderr 'the power was lost in the run' "and says why"
graveshift resume -q "$scratch/by-hand"
expect_exit 0 "resume takes back what was not synced, and goes on"
expect_stdout '^ok   fault here landed .*everybody was killed' "and the loss is proven"
cmp "$scratch/wanted.csv" "$scratch/by-hand/out/result.csv" 2>&1
assert_nothing_left by-hand "$scratch/by-hand"
before=$(fingerprint_of "$scratch/by-hand")
graveshift resume -q "$scratch/by-hand"
expect_exit 0 "a finished run is judged again"
expect_equal "and is not changed" "$before" "$(fingerprint_of "$scratch/by-hand")"
finish
