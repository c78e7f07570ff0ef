#!/bin/bash
# SPDX-License-Identifier: ISC
#
# graveshift runbook: what it says of runs in every state, and that the command it prints, pasted into a shell, finishes the
# job, whatever it died of.
. "$(dirname "$0")/lib.sh"

# scenario_of NAME [LINE...]: a job with records and a result, and what the lines add.
scenario_of() {
	local name=$1

	shift
	{
		cat <<-END
			job:
			  kind: aggregate
			  generate: {sales: 20000 records}
			  key: product
			  sum: [qty]
			  chunk: 100 records
			workers: {count: 2}
			expect:
			  - job: done
			  - records: exactly_once
		END
		printf '%s\n' "$@"
	} | write_scenario "$name"
}

# One that takes two seconds, for kills from outside.
long_scenario_of() {
	write_scenario "$1" <<-END
		job: {kind: noop, tasks: 400 tasks, work: 5ms}
		workers: {count: 1}
		expect:
		  - job: done
	END
}

book() { # RUN
	graveshift runbook "$1"
	cp "$scratch/out" "$scratch/book"
}
expect_book() { expect_in "$scratch/book" "$1" "$2"; } # PATTERN NAME
# The first command below TO GO ON.
next_command() { sed -n '/^TO GO ON/,/^$/s/^    //p' "$scratch/book" | head -n 1; }
pasted() { # NAME
	sh -c "$(next_command)" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
	expect_exit 0 "$1: the command, pasted, finishes the job"
	expect_stdout '^PASSED' "$1: every promise is kept"
}

# --- 1: the director is killed
run=$scratch/one
start one run -q "$(long_scenario_of "rb-director-$$")" --run-dir "$run"
wait_until 20 tasks_done "$run" 20
signal_supervisor "$run" STOP
book "$run"
expect_exit 0 "a live run has a runbook"
expect_book '^RUNBOOK .*: running$' "which says that it runs"
expect_equal "and asks for nothing" "" "$(next_command)"
slay one "$director" # with it, its supervisor
wait_until 5 no_process_left "$run"
before=$(cd "$run" && sha256sum events.log scenario.yaml)
book "$run"
expect_book ': interrupted$' "director killed: interrupted"
expect_book 'died without a word: it was killed' "director killed: says so"
expect_book '^  [0-9,]* of 400 records, in [0-9,]* of 400 tasks, are committed' "director killed: what is done"
expect_book '^    records [0-9]*\.\.399$' "director killed: what is not"
expect_equal "the numbers add up" 400 "$(($(graveshift runbook --json "$run"
	sed -n 's/^  "records_\(done\|open\)": \([0-9]*\),/\2/p' "$scratch/out" | paste -sd + -)))"
expect_equal "nothing was touched" "$before" "$(cd "$run" && sha256sum events.log scenario.yaml)"
pasted "director killed"
book "$run"
expect_book ': done$' "then it is done"
expect_equal "and nothing has to be done" "" "$(next_command)"

# --- 2: the supervisor dies again and again
run="$scratch/it's two"
start two run -q "$(long_scenario_of "rb-supervisor-$$")" --run-dir "$run"
kill_supervisor() {
	signal_supervisor "$run" KILL
	is_gone "$director"
}
wait_until 20 tasks_done "$run" 1
wait_until 30 kill_supervisor
await two "$director"
expect_exit 5 "a supervisor that dies again and again stops the run"
book "$run"
expect_book 'died again and again' "supervisor killed: says so"
expect_book 'A supervisor .*SIGKILL\|supervisor .*killed by SIGKILL' "supervisor killed: by what"
expect_book "/it'\\\\''s two'\$" "supervisor killed: the path is quoted"
pasted "supervisor killed"

# --- 3: the power
run=$scratch/three
start three run -q "$(scenario_of "rb-power-$$" "durability: power" 'faults: [{id: p, when: progress >= 60%, power: off}]')" \
	--run-dir "$run" --set job.chunk='20 records' --set workers.count=1
wait_until 20 tasks_done "$run" 5
slay three "$director" # and with it whoever would have resumed the run
wait_until 5 no_process_left "$run"
graveshift resume -q "$run" 2>/dev/null
check "the power goes ($status)" test "$status" -ge 128
wait_until 5 no_process_left "$run"
book "$run"
expect_book ': power lost$' "power: lost"
expect_book 'not synced' "power: what that means"
pasted "power lost"

# --- 4: dead letters that another try mends
run=$scratch/four
graveshift run -q "$(scenario_of "rb-flaky-$$" 'recovery: {retry: {attempts: 1}}' 'faults: [{id: f, flaky: 777, times: 2}]')" \
	--run-dir "$run"
expect_exit 1 "a record that fails too often fails the job"
book "$run"
expect_book ': failed$' "flaky: failed"
expect_book '^dead letter: record 777 ' "flaky: which record"
expect_book 'redrive' "flaky: tried again"
pasted "flaky record"

# --- 5: dead letters that nothing mends
run=$scratch/five
graveshift run -q "$(scenario_of "rb-bad-$$")" --set job.generate.bad=3 --run-dir "$run"
expect_exit 1 "bad records fail the job"
book "$run"
expect_book 'trying again will not change that' "bad records: says so"
expect_book '--set recovery.dead_letters.max=3$' "bad records: how to do without them"
pasted "bad records"

# --- 6, 7: the time limit, Ctrl-C
run=$scratch/six
# The limit is each life's: what is left is less every time.
graveshift run -q "$(long_scenario_of "rb-wall-$$")" --set limits.wall=700ms --run-dir "$run"
expect_exit 3 "a run that takes too long is stopped"
book "$run"
expect_book 'time limit (limits.wall: 700ms) was over' "time limit: says so"
for i in {1..60}; do
	sh -c "$(next_command)" >"$scratch/out" 2>"$scratch/err"
	status=$?
	[ "$status" -eq 3 ] || break
	book "$run"
done
expect_exit 0 "time limit: the command, pasted $i times, finishes the job"
run=$scratch/seven
start seven run -q "$(long_scenario_of "rb-stopped-$$")" --run-dir "$run"
wait_until 20 tasks_done "$run" 5
kill -INT "$director"
await seven "$director"
expect_exit 130 "Ctrl-C stops a run"
book "$run"
expect_book 'asked it to stop' "Ctrl-C: says so"
expect_book '^  Nothing: no task was under way' "Ctrl-C: nothing is done again"
pasted "Ctrl-C"

# --- 8: workers that die too often
run=$scratch/eight
graveshift run -q "$(scenario_of "rb-crash-$$" 'faults: [{id: c, at: worker.started, crash: self, exit: 1, times: 3}]')" \
	--set workers.count=1 --set workers.restart.max=2 --run-dir "$run"
expect_exit 1 "workers that die too often fail the job"
book "$run"
expect_book 'workers died so often' "crash loop: says so"
pasted "crash loop"

# --- 9: killed before anything was set up
run=$scratch/nine
mkdir "$run"
"$GRAVESHIFT" run -q "$(scenario_of "rb-early-$$")" --run-dir "$scratch/nine-whole" >"$scratch/out" 2>&1
touch "$run/lock"
book "$run"
expect_book 'killed before its scenario was in place' "before its scenario: says so"
expect_equal "before its scenario: no command can be pasted" "" "$(next_command)"
cp "$scratch/nine-whole/scenario.yaml" "$run/"
mkdir "$run/out"
book "$run"
expect_book '^RUNBOOK .*: not begun$' "before its store: not begun"
pasted "before its store"

# --- an input that changed
cp "$tests/data/superstore-sample.csv" "$scratch/sales.csv"
run=$scratch/ten
start ten run -q "$(write_scenario "rb-input-$$" <<-END
	exclusive: true
	job: {kind: aggregate, input: $scratch/sales.csv, key: Category, sum: [], chunk: 1 records}
	workers: {count: 1}
	expect:
	  - job: done
	  - records: exactly_once
END
)" --run-dir "$run" --set durability=power
wait_until 20 tasks_done "$run" 5
slay ten "$director"
wait_until 5 no_process_left "$run"
tail -n 1 "$tests/data/superstore-sample.csv" >>"$scratch/sales.csv"
book "$run"
expect_book 'sales.csv has grown since the run began' "more input: says so"
sed -i '2d' "$scratch/sales.csv"
book "$run"
expect_book 'INPUT CHANGED: .*sales.csv' "changed input: says so"
expect_book 'Put the input back' "changed input: what to do"
expect_book 'scenario.yaml --again$' "changed input: or begin afresh"
sh -c "$(next_command)" >"$scratch/out" 2>"$scratch/err"
status=$?
expect_exit 2 "changed input: nothing is done on it"
cp "$tests/data/superstore-sample.csv" "$scratch/sales.csv"
book "$run"
expect_book 'sales.csv, unchanged' "an input that was put back is the same"
pasted "input put back"

# --- what this version cannot read
run=$scratch/one
for damage in 'sed -i s/^about:/abuot:/ scenario.yaml' \
	'python3 -c "import sqlite3; c = sqlite3.connect(\"run.db\"); c.execute(\"UPDATE run SET format = 99\"); c.commit()"' \
	'printf "graveshift-log9" | dd of=events.log conv=notrunc status=none'; do
	rm -rf "$scratch/foreign"
	cp -R "$run" "$scratch/foreign"
	(cd "$scratch/foreign" && eval "$damage")
	book "$scratch/foreign"
	expect_exit 0 "another version: there is a runbook"
	expect_book ': unreadable$' "another version (${damage%% *}): says so"
done
graveshift runbook "$scratch"
expect_exit 2 "no run: no runbook"
graveshift run -q "$project/scenarios/00-hello.yaml" --world virtual --run-dir "$scratch/virtual"
graveshift runbook "$scratch/virtual"
expect_exit 2 "a virtual run has none: nothing can be left undone"
rm -rf "$scratch/foreign"
cp -R "$run" "$scratch/foreign"
rm "$scratch/foreign/run.db"
book "$scratch/foreign"
expect_book 'its run.db is gone' "a run whose store is gone: says so"

# --- where graveshift is on the PATH, its name will do
mkdir "$scratch/bin"
ln -s "$(readlink -f "$GRAVESHIFT")" "$scratch/bin/graveshift"
start last run -q "$(long_scenario_of "rb-path-$$")" --run-dir "$scratch/last"
wait_until 20 tasks_done "$scratch/last" 5
slay last "$director"
wait_until 5 no_process_left "$scratch/last"
PATH=$scratch/bin:$PATH
export PATH
book "$scratch/last"
expect_equal "on the PATH: its name will do" "graveshift resume $scratch/last" "$(next_command)"
pasted "on the PATH"
finish
