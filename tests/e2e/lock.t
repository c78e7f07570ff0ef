#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Who may touch a run: one director at a time, workers that join, and people who stop it.
. "$(dirname "$0")/lib.sh"

make_sales 4000 7

# slow_scenario NAME: about a second of work for two workers.
slow_scenario() {
	write_scenario "$1-$$" <<-END
		limits: {wall: 60s}
		job:
		  kind: aggregate
		  input: $scratch/sales.csv
		  key: product
		  sum: [qty, price]
		  chunk: 40 records
		workers: {count: 2}
		recovery:
		  lease: {ttl: 30s}
		  heartbeat: {every: 100ms, suspect: 10s, dead: 20s}
		faults:
		  - {id: s1, at: worker.started, slow: self, by: 400us, for: forever, times: every, optional: true}
		expect:
		  - job: done
		  - records: exactly_once
	END
}

# start_slow NAME: returns when it is under way.
start_slow() {
	start "$1" run "$(slow_scenario "$1")" --run-dir "$scratch/$1"
	check "$1: the run is under way" wait_until 10 tasks_done "$scratch/$1" 5
}

# --- two directors

start_slow twice
# Time stands still for it while others try: they wait for a holder that may be about to die.
mapfile -t held < <(pids_of '(supervisor|worker)' "twice-$$")
kill -STOP "$director" "${held[@]}"
graveshift resume "$scratch/twice"
expect_exit 2 "twice: a second director is refused"
expect_stderr "held by process $director" "twice: and told who holds the run"
graveshift redrive "$scratch/twice"
expect_exit 2 "twice: so is redrive"
expect_stderr "held by process $director" "twice: and told the same"
graveshift run "$(slow_scenario twice)" --run-dir "$scratch/twice"
expect_exit 2 "twice: and a new run in the same directory"
graveshift status "$scratch/twice"
expect_exit 0 "twice: to look at it is allowed"
expect_stdout ': running ' "twice: it is running"
expect_stdout "^held by process $director" "twice: status says who holds it"
expect_equal "twice: status --json has the director" "$director" "$(status_of "$scratch/twice" director_pid)"
kill -CONT "$director" "${held[@]}"
await twice "$director"
expect_exit 0 "twice: the first is not disturbed"
result_is_right twice
assert_nothing_left "twice-$$" "$scratch/twice"

graveshift resume "$scratch/twice"
expect_exit 0 "twice: to resume a finished run"
expect_stderr 'nothing is run again' "twice: runs nothing"
expect_stdout '^PASSED' "twice: and judges it"
graveshift run "$(slow_scenario twice)" --run-dir "$scratch/twice"
expect_exit 2 "twice: a run directory is not used twice"
expect_stderr 'not empty' "twice: and it says why"
result_is_right twice

# --- a lock whose holder is dead

start_slow stale
slay stale "$director"
check "stale: its processes end with it" wait_until 5 no_process_left "$scratch/stale"
graveshift status "$scratch/stale"
expect_stdout ': interrupted ' "stale: a run whose director was killed is interrupted"
expect_stdout 'to go on: graveshift resume' "stale: and status says how to go on"
check "stale: the lock is still there" test -s "$scratch/stale/lock"
# As after a write that a full disk broke off; the next life writes on behind it.
printf '{"fault": "s1", "num' >>"$scratch/stale/plan.jsonl"
done=$(status_of "$scratch/stale" tasks_done)
start stale resume "$scratch/stale"
check "stale: it is resumed, and under way" wait_until 10 tasks_done "$scratch/stale" $((done + 1))
slay stale "$director"
graveshift resume "$scratch/stale"
expect_exit 0 "stale: and is no obstacle"
result_is_right stale
assert_nothing_left "stale-$$" "$scratch/stale"

# --- what is no run

mkdir "$scratch/empty"
for command in resume status log redrive; do
	graveshift $command "$scratch/empty"
	expect_exit 2 "$command of a folder that is no run"
	expect_stderr 'no run directory' "and it says so"
	graveshift $command "$scratch/missing"
	expect_exit 2 "$command of nothing at all"
done
slow_scenario begun >/dev/null
mkdir -p "$scratch/begun/out"
: >"$scratch/begun/lock"
graveshift resume "$scratch/begun"
expect_exit 2 "resume of a run that was killed before its scenario was in place"
expect_stderr "start it again with .graveshift run FILE --run-dir $scratch/begun" "says what is to be done"
echo 'half a scena' >"$scratch/begun/scenario.yaml.new"
graveshift run -q "$scratch/begun-$$.yaml" --run-dir "$scratch/begun"
expect_exit 0 "begun: and that is possible"
result_is_right begun
assert_nothing_left "begun-$$" "$scratch/begun"

# Of a finished run, what there is when the director was killed before run.db had its name.
forget_store() { # COPY: of begun
	rm -rf "$1"
	mkdir -p "$1/out"
	cp -p "$scratch/begun"/{scenario.yaml,lock,board} "$1"
	head -c 8192 "$scratch/begun/run.db" >"$1/run.db.new"
}
forget_store "$scratch/early"
graveshift status "$scratch/early"
expect_exit 2 "early: there is no status of a run that is not set up"
expect_stderr 'stopped before it was set up: .graveshift resume. does that' "early: and it says so"
graveshift redrive "$scratch/early"
expect_exit 2 "early: nor can it be redriven"
graveshift run "$scratch/begun-$$.yaml" --run-dir "$scratch/early"
expect_exit 2 "early: its directory is not used for another run"
graveshift resume "$scratch/early"
expect_exit 0 "early: resume sets it up"
expect_stderr 'stopped before it was set up: that is done now' "early: and says so"
result_is_right early
assert_nothing_left "begun-$$" "$scratch/early"
forget_store "$scratch/early"
cp "$scratch/begun/events.log" "$scratch/early"
graveshift resume "$scratch/early"
expect_exit 2 "early: a run that had begun is not set up again"
expect_stderr 'had begun, but its run.db is gone' "early: and it says why"
graveshift worker --join "$scratch/empty"
expect_exit 2 "join of a folder that is no run"
graveshift worker
expect_exit 2 "join without a run"

# --- a worker from another terminal

start_slow guest
host=$director
start visitor worker --join "$scratch/guest"
visitor=$director
done_by_guest() { [ "$("$GRAVESHIFT" log "$scratch/guest" --slot w2 --kind done | wc -l)" -ge "$1" ]; }
check "guest: it joins and does tasks" wait_until 10 done_by_guest 3
slay visitor "$visitor"
await guest "$host"
expect_exit 0 "guest: that it is killed loses nothing"
result_is_right guest
assert_nothing_left "guest-$$" "$scratch/guest"

start_slow stay
host=$director
start visitor worker --join "$scratch/stay"
visitor=$director
await stay "$host"
expect_exit 0 "stay: a guest may stay to the end"
result_is_right stay
check "stay: and leaves with the others" wait_until 10 is_gone "$visitor"
await visitor "$visitor"
expect_exit 0 "stay: of its own accord"
assert_nothing_left "stay-$$" "$scratch/stay"

graveshift worker --join "$scratch/guest"
expect_exit 2 "guest: a run that is over takes no worker"
expect_stderr 'nothing to join' "guest: and it says so"

# --- stopped by a person

for signal in INT TERM; do
	name=drain-${signal,,}
	# Background jobs of a script ignore SIGINT; a terminal's do not.
	(trap - INT && exec env --default-signal=INT "$GRAVESHIFT" run "$(slow_scenario "$name")" --run-dir "$scratch/$name") \
		>"$scratch/$name.out" 2>"$scratch/$name.err" &
	director=$!
	started+=("$director")
	check "$name: the run is under way" wait_until 10 tasks_done "$scratch/$name" 5
	kill -"$signal" "$director"
	await "$name" "$director"
	expect_exit "$([ "$signal" = INT ] && echo 130 || echo 143)" "$name: a first SIG$signal stops it"
	expect_stderr 'what is under way is finished first' "$name: in good order"
	expect_stderr "graveshift resume $scratch/$name" "$name: and says how to go on"
	assert_nothing_left "$name-$$" "$scratch/$name"
	expect_equal "$name: nothing was taken over" 0 "$(events_of "$scratch/$name" taken-over)"
	open=$(status_of "$scratch/$name" tasks_open)
	check "$name: it was not done" test "$open" -gt 0
	graveshift resume "$scratch/$name"
	expect_exit 0 "$name: resume finishes it"
	result_is_right "$name"
	expect_stdout ' redone work: 0 records' "$name: and nothing was done twice"
done

name=twice-int
(trap - INT && exec env --default-signal=INT "$GRAVESHIFT" run "$(slow_scenario "$name")" --run-dir "$scratch/$name") \
	>"$scratch/$name.out" 2>"$scratch/$name.err" &
director=$!
started+=("$director")
check "$name: the run is under way" wait_until 10 tasks_done "$scratch/$name" 5
# One of the workers cannot finish what it has begun.
kill -STOP "$(pid_of 'worker w0' "$name-$$")"
kill -INT "$director"
check "$name: it is asked to stop" wait_until 10 grep -q 'finished first' "$scratch/$name.err"
kill -INT "$director"
await "$name" "$director"
expect_exit 130 "$name: a second one kills it"
expect_stderr 'killed on request' "$name: and it says so"
assert_nothing_left "$name-$$" "$scratch/$name"
graveshift resume "$scratch/$name"
expect_exit 0 "$name: resume finishes it"
result_is_right "$name"

first_is_under_way() { # of a suite
	tasks_done "$(echo "$TMPDIR"/graveshift-test.*/1)" 5
}

# A run whose director is killed by a fault has an operator, and it is that one who is asked to stop; a suite does not go on with the next.
for signal in INT TERM HUP; do
	name=operator-${signal,,}
	file=$(slow_scenario "$name")
	sed -i 's/^faults:/&\n  - {id: k1, at: worker.before_commit, nth: 100000, kill: director, optional: true}/' "$file"
	(trap - INT && exec env --default-signal=INT --default-signal=HUP "$GRAVESHIFT" test "$file" "$project/scenarios/00-hello.yaml") \
		>"$scratch/$name.out" 2>"$scratch/$name.err" &
	director=$!
	started+=("$director")
	check "$name: the run is under way" wait_until 10 first_is_under_way
	kill -"$signal" "$director"
	await "$name" "$director"
	expect_exit $((128 + $(kill -l "$signal"))) "$name: SIG$signal to the operator alone stops all"
	expect_stdout '^Bail out!' "$name: what comes behind is not begun, and that is said"
	rm -rf "$TMPDIR"/graveshift-test.*
done

# Workers whose supervisor is killed while they say hello are not told that there is no room for them.
file=$(write_scenario "early-$$" <<-END
	job: {kind: noop, tasks: 100 tasks}
	workers: {count: 4}
	faults: [{id: k1, at: worker.started, nth: 2, kill: supervisor}]
	expect: [job: done]
END
)
for round in 1 2 3 4 5; do
	graveshift run -q "$file" --run-dir "$scratch/early-$round"
	expect_exit 0 "early: the supervisor is killed while its workers join"
	expect_equal "early: nobody says that it was refused" "" "$(grep 'takes no worker' "$scratch/err")"
done

finish
