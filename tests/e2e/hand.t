#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Faults by hand in runs that go on: done, proven, refused, remembered by whoever goes on, made a scenario of; and the fault
# script held, stepped and let go.
. "$(dirname "$0")/lib.sh"

# A job of four hundred chunks, checked by the ledger, that takes its time until it is healed.
sales() { # NAME [FAULT...]
	local name=$1 fault

	shift
	{
		cat <<-END
			limits: {wall: 60s}
			job: {kind: aggregate, generate: {sales: ${records:-200000} records}, key: product, sum: [qty, price], chunk: 500 records}
			workers: {count: 3, restart: {max: 50, within: 1s}}
			recovery:
			  retry: {attempts: 6, backoff: 10ms..100ms}
			  lease: {ttl: 2s}
			  heartbeat: {every: 20ms, suspect: 500ms, dead: 5s}
			faults:
			  - {id: calm, at: worker.started, slow: self, by: 200us, for: forever, times: every}
		END
		for fault in "$@"; do
			echo "  - $fault"
		done
		cat <<-END
			expect:
			  - job: done
			  - records: exactly_once
		END
	} | write_scenario "$name"
}

# A job in which nothing happens but the faults, and that takes its time until it gets more workers.
ticking() { # NAME [FAULT...]
	local name=$1 fault

	shift
	{
		cat <<-END
			limits: {wall: 60s, workers: 40}
			job: {kind: noop, tasks: 3000 tasks, work: 20ms}
			workers: {count: 3, restart: {max: 50, within: 1s}}
			expect: [job: done]
			faults:
		END
		for fault in "$@"; do
			echo "  - $fault"
		done
	} | write_scenario "$name"
}

# begin KIND NAME [FAULT...]: such a run in the background, in $run, that has done something.
begin() {
	local kind=$1 name=$2

	shift
	run=$scratch/$name-run
	start "$name" run "$($kind "$@")" --run-dir "$run" --progress lines
	wait_until 10 tasks_done "$run" 3 || fail "$name: begins" "$(cat "$scratch/$name.err")"
}

hurry() { # FAULT: the run is to end soon; by hand as well
	graveshift inject "$run" "$1"
	expect_exit 0 "$1 by hand"
}

end() { # NAME CODE: the run's end, and that nothing is left of it
	await "$1" "$director"
	expect_exit "$2" "$1: the run ends with $2"
	assert_nothing_left "$1" "$run"
}

says() { "$GRAVESHIFT" status "$run" 2>/dev/null | grep -q -e "$1"; } # PATTERN
landed() { "$GRAVESHIFT" log "$run" --kind fault-landed | grep -c " $1 "; } # ID

# --- done, recovered from, and said

begin sales done
victim=$(pid_of 'worker w2' done)
graveshift inject "$run" 'kill: w2'
expect_exit 0 "kill: w2 by hand"
expect_stdout '^hand1: kill w2 (SIGKILL), by hand: it has landed$' "says that it has landed"
check "and that worker is gone" is_gone "$victim"
graveshift inject "$run" 'bad_chunk: 398'
expect_exit 0 "a chunk can be damaged that nobody has read"
graveshift inject "$run" 'corrupt: w1'
expect_exit 0 "so can a frame"
graveshift inject "$run" '{crash: busy, signal: ABRT}'
expect_exit 0 "a worker can be told to crash"
graveshift inject "$run" '{pause: w0, for: 300ms}'
expect_exit 0 "or be stopped"
graveshift inject "$run" 'kill: supervisor'
expect_exit 0 "the supervisor can be killed"
hurry 'heal: all'
check "status names them" says '^fault  *hand4: crash busy (SIGABRT), by hand: landed'
end done 0
expect_stdout '^ok   fault hand1 landed, injected by hand' "the verdict knows the fault"
for number in 2 3 4 5 6 7; do
	expect_stdout "^ok   fault hand$number landed, injected by hand" "so it does hand$number"
done
expect_stdout 'by hand: 7 faults were injected by hand, which the scenario does not have' "and that it is not the scenario's own run"
expect_stdout '^ok   I7' "the ledger finds the same result"
expect_equal "the log has it by its name" 1 "$(landed hand1)"
graveshift replay "$run"
expect_stdout 'fault: hand1: kill w2' "so has a replay"
graveshift report "$run" --html -
expect_stdout 'hand1: kill w2' "and the page"
graveshift inject "$run" 'kill: w2'
expect_exit 3 "nobody can be asked when the run is over"
expect_stderr 'nobody runs' "which is said"

# --- made a scenario of

again=$scratch/again.yaml
graveshift report "$run" --save-faults "$again"
expect_exit 0 "what was done by hand makes a scenario"
graveshift check "$again"
expect_stdout 'ok, 8 faults' "with all faults in it"
expect_in "$again" 'when: done >= [1-9]' "at as many done tasks as then"
run=$scratch/again
graveshift run "$again" --run-dir "$run" --progress lines
expect_exit 0 "and plays"
expect_stdout '^ok   fault hand1 landed ' "with the fault that was by hand"
expect_stdout '^ok   fault hand7 landed ' "and the last of them"
assert_nothing_left done "$run"
find "$scratch" -maxdepth 1 -name 'again.yaml.*' | grep -q . && fail "no half file is left" || pass "no half file is left"

# --- refused

begin sales refused
graveshift inject "$run" 'kil: w2'
expect_exit 2 "what cannot be read is refused"
expect_stderr "FAULT:1:1: error: unknown key 'kil' in fault; did you mean 'kill'?" "as in a scenario"
expect_stderr '^kil: w2$' "with the place"
graveshift inject "$run" 'power: off'
expect_exit 2 "so is what needs a script"
first_done() { "$GRAVESHIFT" log "$run" --task 0 --kind done | grep -q done; }
wait_until 10 first_done
graveshift inject "$run" 'bad_chunk: 0'
expect_exit 3 "a chunk that is done"
expect_stderr 'this task is over' "with the reason"
expect_equal "is not written" "" "$(grep hand "$run/plan.jsonl")"
graveshift inject "$run" '{pause: w1, for: 50s}'
expect_exit 0 "a worker is stopped"
graveshift inject "$run" 'kill: w1'
expect_exit 3 "one that is stopped is no victim"
expect_stderr '^graveshift: hand2: .*refused: there is no such worker' "which is said at once"
graveshift inject "$run" '{pause: supervisor, for: 5s}'
expect_exit 0 "the supervisor is stopped"
graveshift inject "$run" 'kill: w2'
expect_exit 3 "nothing waits for it for long"
expect_stderr 'the supervisor does not answer; nothing was done' "which is said"
before=$(status_of "$run" tasks_done)
check "when it goes on" wait_until 10 tasks_done "$run" $((before + 3))
expect_equal "nobody is killed after all" 0 "$(landed hand4)"
graveshift script "$run" halt
expect_exit 2 "the script takes no other word"
python3 - "$run" >"$scratch/answers" <<'END'
import re, socket, sys

name = re.search(rb"graveshift/[0-9a-f]{16}", open(sys.argv[1] + "/board", "rb").read()).group() + b".desk"


def connect():
    desk = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    desk.settimeout(10)
    desk.connect(b"\0" + name)
    return desk


for request in b"inject", b"inject " + b"x" * 1000, b"inject kill:\0 w2", b"\xff\xfe", b"inject \x1b[2J: w2", b"scale +2", b"script", b"-":
    desk = connect()
    desk.send(request)
    print(desk.recv(4096).decode().split()[0])
# Some say nothing, some go, and one waits for its turn.
idle = [connect() for _ in range(8)]
for desk in idle[:3]:
    desk.close()
desk = connect()
desk.send(b"script go")
print(desk.recv(4096).decode().split()[0])
END
expect_equal "whatever is sent is answered" "bad bad bad bad bad bad bad bad done" "$(tr '\n' ' ' <"$scratch/answers" | sed 's/ $//')"
hurry 'heal: all'
end refused 0
expect_equal "a fault that found nobody is not in the verdict" "" "$(grep 'hand[24]' "$scratch/out")"

# --- whoever goes on knows

records=30000
begin sales director
graveshift inject "$run" 'kill: w0'
expect_exit 0 "a fault by hand"
slay director "$director"
check "the director is killed right behind it" says 'interrupted'
graveshift inject "$run" 'kill: w0'
expect_exit 3 "nobody can be asked now"
graveshift resume "$run"
expect_exit 0 "resume goes on"
expect_stdout '^ok   fault hand1 landed, injected by hand' "and knows it"
begin sales itself
graveshift inject "$run" 'kill: director'
expect_exit 0 "the director can be killed by hand"
{ await itself "$director"; } 2>/dev/null # the shell's own words about it
expect_exit 137 "which ends it"
graveshift status "$run"
expect_stdout 'hand1: kill director (SIGKILL), by hand' "status knows why"
graveshift resume "$run"
expect_exit 0 "resume goes on"
expect_stdout '^ok   fault hand1 landed, injected by hand  -- 1 times; last: the director was gone and was resumed' "and proves it"
assert_nothing_left itself "$run"
rm -f "$run/board"
graveshift resume "$run"
expect_exit 0 "without the board as well"
expect_stdout '^ok   fault hand1 landed, injected by hand' "it is known"

# --- the script

begin ticking script '{id: k1, when: progress >= 15%, kill: w0}' '{id: k2, when: progress >= 18%, kill: w1}' \
	'{id: t1, after: 10ms, follows: k2, kill: w2}' '{id: p1, at: worker.before_commit, nth: 600, kill: self}'
graveshift script "$run" hold
expect_exit 0 "the script can be held"
check "what comes due is said" wait_until 20 says '^fault script: held; due: k1, k2, p1$'
expect_equal "and none of it begins" "0 0 0" "$(landed k1) $(landed k2) $(landed p1)"
graveshift inject "$run" 'kill: w2'
expect_exit 0 "a fault by hand does"
graveshift script "$run" step
expect_stdout 'the next fault of the scenario may begin, and no other; due: k1, k2, p1' "a step"
one_landed() { [ $(($(landed k1) + $(landed k2) + $(landed p1))) -eq "$1" ]; }
check "lets one begin" wait_until 10 one_landed 1
before=$(status_of "$run" tasks_done)
wait_until 10 tasks_done "$run" $((before + 20))
check "and no other" one_landed 1
graveshift script "$run" go
expect_exit 0 "then it goes on"
all_landed() { one_landed 3 && [ "$(landed t1)" -eq 1 ]; }
check "and all of them begin" wait_until 10 all_landed
hurry 'scale: +30'
end script 0
for fault in k1 k2 t1 p1; do
	expect_stdout "^ok   fault $fault landed " "$fault has happened"
done
expect_stdout 'by hand: the fault script was held for some time' "the verdict says that it was held"
expect_equal "the log has each change" "hold step go" \
	"$("$GRAVESHIFT" log "$run" --kind script | sed 's/.* //' | tr '\n' ' ' | sed 's/ $//')"

begin ticking held '{id: t1, after: 3s, kill: w0}'
graveshift script "$run" hold
check "a fault that goes by time comes due" wait_until 20 says 'held; due: t1'
ticks() { # of the processor, that the director has used
	local fields

	read -r -a fields < <(sed 's/.*) //' "/proc/$director/stat")
	echo $((fields[11] + fields[12]))
}
before=$(ticks)
done=$(status_of "$run" tasks_done)
wait_until 10 tasks_done "$run" $((done + 50))
check "waiting for it costs nothing" [ $(($(ticks) - before)) -lt 10 ]
hurry 'scale: +30'
end held 3
expect_stdout '^open fault t1 landed .*: the fault script was held when its moment came' "what was held to the end is open"
expect_stdout 'the fault script was held, and still was at the end' "and why"

# --- on the screen

. "$tests/e2e/terminal.sh"
need_terminal "faults by hand on the screen"

begin ticking screen '{id: k2, when: progress >= 20%, kill: w1}'
terminal 110 30
keys "$GRAVESHIFT watch $run" Enter
expect_screen 'LIVE' "a run is watched"
keys S
expect_screen 'the fault script is held' "S holds the script"
expect_screen 'SCRIPT HELD' "which stays on the screen"
keys / w2 Enter
keys K
expect_screen "kill -9 w2 (pid $(pid_of 'worker w2' screen)).*? y/N" "K asks, and names whom"
keys n
expect_screen 'nothing was done' "n does nothing"
expect_equal "and nothing was asked for" "" "$(grep hand "$run/plan.jsonl")"
keys K
expect_screen 'kill -9 w2 .*y/N' "K again"
keys y
expect_screen 'hand1: kill w2 (SIGKILL), by hand: it has landed' "y kills it"
expect_screen '^FAULTS .*hand1' "the axis has it by its name"
expect_screen 'SCRIPT HELD: k2 due' "a fault of the script comes due"
keys s
expect_screen '^FAULTS .*k2' "s lets it begin"
keys S
expect_screen 'the fault script goes on' "and S lets all go on"
terminal 110 30
keys "$GRAVESHIFT watch $run --readonly" Enter
expect_screen 'LIVE\|OVER' "--readonly"
keys K
expect_screen 'readonly: nothing is done\|nobody runs' "refuses"
tmux_here kill-server
hurry 'scale: +30'
end screen 0
expect_stdout '^ok   fault hand1 landed, injected by hand' "the verdict has it"

finish
