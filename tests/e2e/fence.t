#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Whoever lost its lease cannot commit: workers and supervisors that are stopped, taken for dead and wake up again.
. "$(dirname "$0")/lib.sh"

make_sales 4000 6

# slow_scenario NAME TAKEOVER [FAULT]: about a second of work for two workers.
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
		  retry: {attempts: 4, backoff: 1ms..10ms}
		  lease: {ttl: 5s, takeover: $2}
		  heartbeat: {every: 20ms, suspect: 150ms, dead: 500ms}
		faults:
		  - {id: s1, at: worker.started, slow: self, by: 400us, for: forever, times: every, optional: true}
		  ${3:-}
		expect:
		  - job: done
		  - records: exactly_once
	END
}

holds_the_store() { grep -q "WRITE $1 " /proc/locks; }

# Stops a worker at a moment at which it does not keep everybody else from the store.
stop_worker() { # PID
	for _ in {1..100}; do
		kill -STOP "$1" && wait_until 5 is_stopped "$1" || return 1
		holds_the_store "$1" || return 0
		kill -CONT "$1"
	done
	return 1
}

worked_on_by() { [ -n "$("$GRAVESHIFT" log "$2" --slot "$1" --kind leased)" ]; }
has_event() { [ "$(events_of "$1" "$2")" -ge 1 ]; }

# --- takeover: kill.  The worker is gone for good before its lease goes to another.

file=$(slow_scenario kill kill)
start kill run -q "$file" --run-dir "$scratch/kill"
check "kill: the run is under way" wait_until 10 tasks_done "$scratch/kill" 5
worker=$(pid_of 'worker w0' "kill-$$")
check "kill: a worker is stopped from outside" stop_worker "$worker"
check "kill: it is killed, though stopped" wait_until 10 is_gone "$worker"
check "kill: another takes its place" wait_until 10 has_process 'worker w0' "kill-$$"
await kill "$director"
expect_exit 0 "kill: all promises hold"
result_is_right kill
"$GRAVESHIFT" log "$scratch/kill" --slot w0 >"$scratch/out"
expect_stdout ' suspect  *w0 ' "kill: the log has the suspicion"
expect_stdout ' kill  *w0 .*HANG\| kill  *w0 .*hang' "kill: the log has the kill, with its cause"
order=$("$GRAVESHIFT" log "$scratch/kill" |
	awk '$3 == "kill" { n = 1 } n == 1 && $3 == "worker-exited" && $4 == "w0" { n = 2 }
		n == 2 && $3 == "taken-over" { n = 3; task = $5 } n == 3 && $3 == "leased" && $6 == task { n = 4 } END { print n }')
expect_equal "kill: killed, confirmed, fenced, leased again, in this order" 4 "$order"
assert_nothing_left "kill-$$" "$scratch/kill"

# --- takeover: fence.  Nobody kills it: it wakes up and is refused.

file=$(slow_scenario fence fence)
start fence run -q "$file" --run-dir "$scratch/fence"
check "fence: the run is under way" wait_until 10 tasks_done "$scratch/fence" 5
worker=$(pid_of 'worker w0' "fence-$$")
check "fence: a worker is stopped from outside" stop_worker "$worker"
check "fence: its lease is taken over" wait_until 10 has_event "$scratch/fence" taken-over
check "fence: and it is still there, stopped" is_stopped "$worker"
kill -CONT "$worker"
check "fence: it wakes up and its commit is refused" wait_until 10 has_event "$scratch/fence" fenced
await fence "$director"
expect_exit 0 "fence: all promises hold"
result_is_right fence
"$GRAVESHIFT" log "$scratch/fence" >"$scratch/out"
expect_stdout ' fenced  *w0 task ' "fence: the log says who was refused with what"
expect_equal "fence: nobody was killed" 0 "$(events_of "$scratch/fence" kill)"
assert_nothing_left "fence-$$" "$scratch/fence"

# The same on script, at the worst moment.
file=$(slow_scenario script fence '- {id: z1, at: worker.before_commit, nth: 10, pause: self, for: 900ms}')
graveshift run "$file" --run-dir "$scratch/script"
expect_exit 0 "script: a worker that is paused before its commit"
expect_stdout '[1-9][0-9]* fenced' "script: is refused"
result_is_right script
assert_nothing_left "script-$$" "$scratch/script"

# --- takeover: kill, but the worker is not ours to kill: it joined from another terminal.

file=$(slow_scenario joined kill)
start joined run -q "$file" --run-dir "$scratch/joined"
host=$director
check "joined: the run is under way" wait_until 10 tasks_done "$scratch/joined" 5
start guest worker --join "$scratch/joined"
guest=$director
check "joined: the guest is given work" wait_until 10 worked_on_by w2 "$scratch/joined"
check "joined: the guest is stopped" stop_worker "$guest"
check "joined: its lease is taken over" wait_until 10 has_event "$scratch/joined" taken-over
kill -CONT "$guest"
await guest "$guest"
expect_exit 0 "joined: it is alone when it wakes up, and leaves"
await joined "$host"
expect_exit 0 "joined: all promises hold"
result_is_right joined
assert_nothing_left "joined-$$" "$scratch/joined"

# --- a worker that stops while it has the store to itself

file=$(slow_scenario inside kill '- {id: z1, at: worker.in_transaction, nth: 10, pause: self, for: 30s}')
graveshift run -q "$file" --run-dir "$scratch/inside"
expect_exit 0 "inside: a worker that stops inside its transaction does not stop the others for good"
result_is_right inside
assert_nothing_left "inside-$$" "$scratch/inside"

# --- the supervisor itself is stopped, for longer than any worker may be silent

file=$(slow_scenario sleeper kill '- {id: p1, when: progress >= 30%, pause: supervisor, for: 1500ms}')
graveshift run -q "$file" --run-dir "$scratch/sleeper"
expect_exit 0 "sleeper: a supervisor that was stopped goes on where it was"
result_is_right sleeper
expect_equal "sleeper: it is the same one" 1 "$(events_of "$scratch/sleeper" generation)"
expect_equal "sleeper: no worker is killed for what the supervisor missed" 0 "$(events_of "$scratch/sleeper" kill)"
assert_nothing_left "sleeper-$$" "$scratch/sleeper"

finish
