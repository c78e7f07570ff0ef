#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The gallery of planted bugs, which is the tests' own test: mistakes that real systems make are built in (PLANT=1) and
# switched on one at a time.  Unit tests, sweeps, the fuzzer and real runs look for each; none may escape, and what found it,
# after how many runs and by which broken promise is what the table in tests/README.md says.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/torture.sh"

lanes=3
readme=$project/tests/README.md

# --- the build with the bugs, and the one without

build=${BUILD:-$project/build/gcc}-plant
# As make itself names it: dependencies are by name, and by another one nothing would be out of date.
cd "$project" || exit 5
build=${build#"$project"/}
units=(core_planted virtual channel aggregate)
# What `make check` was told (SAN=, O=) is not for this one.
if ! env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$project" -j2 O="$build" PLANT=1 SAN= CFLAGS=-O1 "$build/graveshift" \
	"${units[@]/#/$build/tests/unit/test_}" >"$scratch/make" 2>&1; then
	fail "a build with the planted bugs" "$(tail -n 20 "$scratch/make")"
	finish
fi
plain=$GRAVESHIFT
GRAVESHIFT=$project/$build/graveshift
unit=$project/$build/tests/unit/test_

# The program itself knows them: name, where, worlds, mistake.
GRAVESHIFT_PLANT='?' "$GRAVESHIFT" 2>&1 | tail -n +2 >"$scratch/bugs"
mapfile -t bugs < <(cut -f 1 "$scratch/bugs")
check "there are planted bugs (${#bugs[@]})" [ ${#bugs[@]} -ge 12 ]
for bug in "${bugs[@]}"; do
	grep -q -a -e "$bug" "$plain" && echo "$bug"
done >"$scratch/in_plain"
expect_equal "a plain build has none of them" "" "$(cat "$scratch/in_plain")"

# --- who looks; each prints what it found, and works in a folder of its own

# row BUG: its cells as the table has them, a line each: where, mistake, unit, sweep, fuzz, real, promise.
row() {
	sed -n "s/^| \`$1\` | *//p" "$readme" | sed 's/ *|$//; s/ *| */\n/g'
}
cell() { # BUG NUMBER
	row "$1" | sed -n "$2p"
}

# The broken promises of a suite, each by its first word.
broken() {
	sed -n "s/^not ok [0-9]* - .*: runs and is judged\$/exit $status/p; s/^not ok [0-9]* - [^:]*: \([A-Za-z0-9_]*\).*/\1/p" \
		"$scratch/out" | paste -s -d /
}

# Those that hunt many bugs say how long it took; others are red with a bug that is in what they test.
by_unit() { # BUG
	local program

	sed -n "/^# $1: /,/^# [a-z]/s/^#   [a-z]*: run \([0-9]*\),.*/core_planted: \1/p" "$scratch/../core_planted" | sort -t : -k 2n | head -n 1
	sed -n "s/^# $1: [A-Za-z0-9]* after \([0-9]*\) runs.*/virtual: \1/p" "$scratch/../virtual"
	case $1 in
	damage-believed) program=channel ;;
	off-by-one-split) program=aggregate ;;
	*) return ;;
	esac
	"$unit$program" >"$scratch/out" 2>&1 && GRAVESHIFT_PLANT=$1 "$unit$program" >"$scratch/out" 2>&1 || echo "$program: 1"
}

by_fuzz() { # BUG
	local first=1 last

	# In pieces: what makes runs last for ever is slow to look for, and found early.
	for last in 8 32 128 1000; do
		GRAVESHIFT_PLANT=$1 graveshift fuzz --seeds $first..$last --jobs 1
		sed -n 's/^not ok [0-9]* - seed \([0-9]*\): \([A-Za-z0-9-]*\).*/\1: \2/p' "$scratch/out" | head -n 1 | grep . && return
		first=$((last + 1))
	done
}

small() {
	write_scenario small <<-END
		limits: {wall: 10s}
		job: {kind: aggregate, generate: {sales: 60 records}, key: product, sum: [qty, price], chunk: 20 records}
		workers: {count: 2, restart: {backoff: 1ms..5ms}}
		recovery: {retry: {backoff: 1ms..5ms}}
		expect: [job: done, records: exactly_once]
	END
}

# What is broken without any kill is found by the run before them.
by_sweep() { # BUG
	GRAVESHIFT_PLANT=$1 graveshift sweep "$(small)" --jobs 2
	if grep -q 'does not hold without a kill' "$scratch/err"; then
		sed -n 's/.*does not hold without a kill: \([A-Z0-9a-z]*\).*/0: \1/p' "$scratch/err"
	else
		sed -n '/^not ok/{s/^not ok \([0-9]*\) .*/\1/;N;s/\n# no verdict.*(exit code \([0-9]*\)).*/: exit \1/;s/\n# \([A-Za-z0-9]*\).*/: \1/;p;q}' \
			"$scratch/out"
	fi
	rm -rf "$TMPDIR"/graveshift-sweep.*
}

# --- real runs that a bug must turn red

# The scenario for the bug and what it is run with; its name is the scenario's, or the bug's own.
real_scenario() { # BUG
	case $1 in
	commit-without-generation | supervisor-not-fenced) echo scenarios/13-split-brain.yaml ;;
	commit-without-sync) echo scenarios/16-power-loss.yaml ;;
	effect-without-done) echo scenarios/06-zombie.yaml ;;
	lease-not-returned) echo scenarios/02-worker-crash.yaml --set limits.wall=4s ;;
	report-before-commit) echo scenarios/02-worker-crash.yaml ;;
	child-too-early) echo scenarios/orders/03-weak-edges.yaml --set limits.wall=2s ;;
	hash-by-count) echo scenarios/orders/02-bad-night.yaml ;;
	dead-taken-for-done) echo scenarios/orders/01-orders.yaml --set limits.wall=2s ;;
	lease-done-twice) one_frame 'at: supervisor.send, frame: assign, nth: 5, duplicate: self' ;;
	hello-said-once) one_frame 'at: worker.send, frame: hello, nth: 1, drop: self' --set limits.wall=4s --set workers.count=1 ;;
	charge-not-stored) forgotten_charge ;;
	sync-tried-again) failed_sync ;;
	ended-run-goes-on) echo scenarios/00-hello.yaml ;;
	cursor-overwritten) echo scenarios/strategies/zombie.yaml ;;
	window-closed-early) echo scenarios/strategies/late-event-dropped.yaml ;;
	held-is-done) held_by_another ;;
	commit-without-fence) late_commit ;;
	checksum-unchecked) read_wrong ;;
	part-without-epoch) late_part ;;
	fence-leaves-twin) late_attempt ;;
	esac
}

one_frame() { # FAULT [ARGUMENT...]
	echo "$(
		write_scenario one-frame <<-END
			limits: {wall: 20s}
			job: {kind: aggregate, generate: {sales: 4000 records}, key: product, sum: [qty, price], chunk: 100 records}
			workers: {count: 2}
			faults: [{id: f1, $1}]
			expect: [job: done, records: exactly_once, fenced: 0]
		END
	)" "${@:2}"
}

# The supervisor dies between two attempts: the next one must know of the first.
forgotten_charge() {
	write_scenario forgotten-charge <<-END
		limits: {wall: 20s}
		job: {kind: aggregate, generate: {sales: 400 records}, key: product, sum: [qty, price], chunk: 100 records}
		workers: {count: 1}
		recovery: {retry: {attempts: 2, backoff: 1ms..5ms}, dead_letters: {max: any}}
		faults:
		  - {id: f1, bad_chunk: 1, times: every}
		  - {id: s1, at: supervisor.after_fence, nth: 1, kill: supervisor}
		expect: [job: done, records: exactly_once, retries: <= 1]
	END
}

# The kernel says once that a sync failed; asked again, it has nothing to do and says that all is well.
failed_sync() {
	write_scenario failed-sync <<-END
		limits: {wall: 20s}
		durability: power
		job: {kind: aggregate, generate: {sales: 2000 records}, key: product, sum: [qty, price], chunk: 100 records}
		workers: {count: 2}
		faults:
		  - {id: f1, at: output.sync, fail: EIO}
		  - {id: p1, at: supervisor.after_job_done, power: off}
		expect: [job: done, records: exactly_once]
	END
}

# Beside a worker that stands still with its first items, another one takes the rest, of both tasks, and dies; its own task
# is given up, so that nobody but the first one is there to take them back.
held_by_another() {
	write_scenario held-by-another <<-END
		limits: {wall: 20s, workers: 2}
		job: {kind: etl, generate: {sales: 40 records}, id: [order_id], effects: log, chunk: 30 records}
		workers: {count: 1, credit: 1}
		recovery: {strategy: outbox, checkpoint: {every: 20 records}, retry: {attempts: 1}, dead_letters: {max: any}}
		faults:
		  - {id: s1, at: worker.record, nth: 1, scale: +1}
		  - {id: p1, at: worker.record, nth: 2, pause: self, for: 1s}
		  - {id: k1, at: worker.before_batch, nth: 3, kill: self}
		expect: [job: done, records: exactly_once]
	END
}

# One that was given up wants to commit while another one is at its task.
late_commit() {
	write_scenario late-commit <<-END
		limits: {wall: 20s}
		job: {kind: noop, tasks: 4 tasks, work: 800ms}
		workers: {count: 2, credit: 1}
		recovery:
		  lease: {ttl: 5s, takeover: fence}
		  heartbeat: {every: 20ms, suspect: 100ms, dead: 400ms}
		faults: [{id: z1, at: worker.before_commit, nth: 1, pause: self, for: 1s}]
		expect: [job: done, fenced: 1]
	END
}

# One that was given up wants to commit while its copy is at the task still.
late_attempt() {
	write_scenario late-attempt <<-END
		limits: {wall: 20s}
		job: {kind: noop, tasks: 4 tasks, work: 100ms}
		workers: {count: 2, credit: 1}
		recovery:
		  lease: {ttl: 5s, takeover: fence}
		  heartbeat: {every: 20ms, suspect: 100ms, dead: 800ms}
		  speculate: {slower_than: 3x}
		faults:
		  - {id: z1, at: worker.before_commit, nth: 4, pause: self, for: 1200ms}
		  - {id: z2, at: worker.before_commit, nth: 5, pause: self, for: 1200ms}
		expect: [job: done, speculated: 1]
	END
}

read_wrong() {
	write_scenario read-wrong <<-END
		limits: {wall: 20s}
		job: {kind: etl, generate: {sales: 400 records}, id: [order_id], chunk: 100 records}
		workers: {count: 1}
		faults: [{id: b1, bad_chunk: 1}]
		expect: [job: done, records: exactly_once]
	END
}

# A worker that was taken over gives its part a name when its successor's is committed, and the reduce has not begun.  What it
# has written is not the same: the number of its attempt is in it.
late_part() {
	write_scenario late-part <<-'END'
		limits: {wall: 20s}
		job:
		  kind: mapreduce
		  function: command
		  generate: {weblog: 4 records}
		  chunk: 2 records
		  partitions: 1
		  map: [bash, -c, 'while read -r line; do printf "attempt %s\t1\n" "$GRAVESHIFT_ATTEMPT"; done']
		workers: {count: 2}
		recovery: {lease: {ttl: 2s, takeover: fence}, heartbeat: {every: 20ms, suspect: 100ms, dead: 400ms}}
		faults:
		  - {id: z1, at: part.rename, nth: 1, pause: self, for: 800ms}
		  - {id: r1, at: worker.before_task, nth: 4, pause: self, for: 1500ms}
		expect: [job: done, records: exactly_once, remade: 0]
	END
}

# A frame that something happens to: the run must not look as if nothing had.
damage_is_noticed() {
	local scenario

	scenario=$(one_frame 'at: worker.send, frame: done, nth: 5, corrupt: self, times: 3')
	graveshift run "$scenario" --run-dir "$scratch/frame"
	rm -rf "$scratch/frame"
	[ "$status" -eq 0 ] && grep -q 'arrived damaged and were dropped: 3$' "$scratch/out"
}

# Two workers die while the supervisor looks away: one SIGCHLD stands for both.
is_dead() { grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
deaths_are_noticed() {
	local name=deaths-$BASHPID run=$scratch/deaths director supervisor workers

	rm -rf "$run"
	write_scenario "$name" >"$scratch/path" <<-END
		limits: {wall: 4s}
		job: {kind: aggregate, generate: {sales: 4000 records}, key: product, sum: [qty, price], chunk: 40 records}
		workers: {count: 2}
		recovery:
		  lease: {ttl: 30s}
		  heartbeat: {every: 100ms, suspect: 10s, dead: 20s}
		faults:
		  - {id: s1, at: worker.started, slow: self, by: 200us, for: forever, times: every, optional: true}
		expect: [job: done, records: exactly_once]
	END
	start deaths run -q "$(cat "$scratch/path")" --run-dir "$run"
	wait_until 10 tasks_done "$run" 5 || return 1
	supervisor=$(pid_of supervisor "$name")
	mapfile -t workers < <(pids_of worker "$name")
	[ ${#workers[@]} -eq 2 ] && kill -STOP "$supervisor" && wait_until 10 is_stopped "$supervisor" || return 1
	kill -KILL "${workers[@]}"
	wait_until 10 is_dead "${workers[0]}" && wait_until 10 is_dead "${workers[1]}" || return 1
	kill -CONT "$supervisor"
	await deaths "$director"
	[ -n "$(leftovers "$name" "$run")" ] && return 1
	[ "$status" -eq 0 ]
}

# What was given up is tried again, and what was skipped for it is done then.
redrive_holds() {
	local run=$scratch/redriven

	rm -rf "$run"
	graveshift run -q scenarios/orders/04-redrive.yaml --run-dir "$run"
	graveshift redrive -q "$run" --set recovery.dead_letters.max=1 --set 'expect=[{job: done}]'
	[ "$status" -eq 0 ]
}

# A record of the input becomes another one between two lives: that has to be noticed, as it would be lost.
stands_still() { "$GRAVESHIFT" log "$1" --kind fault-landed 2>/dev/null | grep -q .; }
change_is_noticed() {
	local run=$scratch/changed

	rm -rf "$run"
	"$GRAVESHIFT" generate sales --records 400 --seed 3 -o "$scratch/changed.csv" || return 1
	write_scenario changed >"$scratch/path" <<-END
		limits: {wall: 20s}
		job: {kind: etl, input: $scratch/changed.csv, id: [order_id], chunk: 150 records}
		workers: {count: 1}
		recovery: {checkpoint: {every: 20 records}}
		faults: [{id: p1, at: worker.after_commit_before_report, nth: 2, pause: self, for: 60s}]
		expect: [job: done, records: exactly_once]
	END
	start changed run -q "$(cat "$scratch/path")" --run-dir "$run"
	wait_until 20 stands_still "$run" || return 1
	slay changed "$director"
	sed -i '2s/^[^,]*/99999999/' "$scratch/changed.csv"
	graveshift resume -q "$run"
	[ "$status" -ne 1 ] || ! grep -q '^FAIL I1 .* 1 lost' "$scratch/out"
}

# red_with BUG NAME COMMAND...: green without the bug, and red with it; says the promise that is broken.
red_with() {
	local bug=$1 name=$2

	shift 2
	"$@" || {
		echo "$name: red without it"
		return
	}
	GRAVESHIFT_PLANT=$bug "$@" || echo "$name: $(broken)"
	rm -rf "$TMPDIR"/graveshift-test.* # what failed is kept
}

holds() { # SCENARIO [ARGUMENT...]
	graveshift test "$@"
	[ "$status" -eq 0 ]
}

# The fuzzer finds it, what is left of the seed has three faults at most, and breaks the same promise with real processes;
# without the bug nothing is wrong with it, in either world.
by_shrinking() { # BUG
	local bug=$1 small=$scratch/shrunk.yaml found faults

	export GRAVESHIFT_PLANT=$bug
	by_fuzz "$bug" >"$scratch/fuzz"
	graveshift shrink "$(sed -n 's/^# kept as //p' "$scratch/out" | head -n 1)" -o "$small" --budget 20s
	unset GRAVESHIFT_PLANT
	found=$(sed 's/.*: //' "$scratch/fuzz")
	faults=$(grep -c '^  - id: ' "$small")
	[ "$faults" -le 3 ] || echo "shrunk: $faults faults"
	for world in virtual real; do
		graveshift run "$small" --world $world
		[ "$status" -eq 0 ] || echo "shrunk: red without it, $world"
		GRAVESHIFT_PLANT=$bug graveshift run "$small" --world $world
		[ "$status" -eq 1 ] && grep -q "^FAIL $found " "$scratch/out" || echo "shrunk: not $found, $world"
	done
	echo "shrunk: $found"
}

# What torture gets wrong, as tests of its own have it.
by_torture() { # BUG
	local bug=$1 promise

	case $bug in
	torture-rename-unseen) promise=renames_are_seen ;;
	torture-path-not-summed) promise=marks_are_summed ;;
	torture-same-pids) promise=pids_are_shifted ;;
	torture-same-chance) promise=names_are_drawn_anew ;;
	torture-no-damage-gate) promise=checks_are_checked ;;
	esac
	if [ -n "$(no_torture)" ]; then
		cell "$bug" 6 # nobody can look here
	else
		red_with "$bug" torture $promise | sed "/red without/!s/: .*/: $promise/"
	fi
}

by_real() { # BUG
	local scenario

	case $1 in
	checkpoint-ahead | rename-without-fsync | off-by-one-split) by_shrinking "$1" ;;
	damage-believed) red_with "$1" one-frame damage_is_noticed | sed 's/ $/ unseen/' ;;
	torture-*) by_torture "$1" ;;
	redrive-forgets-skipped) red_with "$1" 04-redrive redrive_holds | sed 's/ $/ I1/' ;;
	input-not-asked) red_with "$1" changed change_is_noticed | sed 's/ $/ I1/' ;;
	lost-sigchld) red_with "$1" deaths deaths_are_noticed | sed 's/ $/ I9/' ;;
	*)
		read -ra scenario <<<"$(real_scenario "$1")"
		[ ${#scenario[@]} -eq 0 ] || red_with "$1" "$(basename "${scenario[0]}" .yaml)" holds "${scenario[@]}"
		;;
	esac
}

# --- everybody looks, side by side

look() { # FINDER BUG
	scratch=$scratch/$1-$2
	TMPDIR=$scratch/tmp XDG_STATE_HOME=$scratch/state
	mkdir -p "$TMPDIR"
	"by_$1" "$2" >"$scratch/found" 2>"$scratch/said"
	find "$TMPDIR" -mindepth 1 -name '*graveshift*' >"$scratch/left"
}

one_less() {
	[ "$(jobs -rp | wc -l)" -lt "$lanes" ] || wait -n
}

"${unit}core_planted" >"$scratch/core_planted" 2>&1
expect_equal "the coordinator's unit test finds the coordinator's" 0 $?
"${unit}virtual" >"$scratch/virtual" 2>&1
expect_equal "the virtual world's unit test finds its own" 0 $?
for finder in real sweep fuzz unit; do
	for bug in "${bugs[@]}"; do
		# A sweep of what it does not find takes long: only where the table says that it does.
		[ $finder != sweep ] || [ "$(cell "$bug" 4)" != – ] || continue
		one_less
		# Not ours to clean up in there, and not to be waited for by it.
		(trap - EXIT && look $finder "$bug") &
		started+=("$!")
	done
done
wait
expect_equal "nothing is left in their TMPDIRs" "" "$(cat "$scratch"/*/left)"

# --- what the table says

found_by() { # FINDER BUG
	cat "$scratch/$1-$2/found" 2>/dev/null | head -n 1 | grep . || echo –
}

# What real processes do is not the same every time: the table may have a bound, and several promises of which one is broken.
# Says what the table says if what was found fits it.
fitting() { # SAID FOUND
	local said=${1#≤ } found=$2 promise promises

	if [ "$1" != "$said" ] && [ "$found" != – ] && [ "${found%%: *}" -le "${said%%: *}" ]; then
		found="${said%%: *}: ${found#*: }"
	fi
	IFS=/ read -ra promises <<<"${found#*: }"
	for promise in "${promises[@]}"; do
		if [ "${found%%: *}" = "${said%%: *}" ] && [[ "/${said#*: }/" == *"/$promise/"* ]]; then
			echo "$1"
			return
		fi
	done
	echo "$2"
}

# A promise in the table is one that was seen to be broken; what a CHECK or a unit test alone finds is the coordinator's own.
is_promise() { # PROMISE FOUND...
	local promise=${1%%[: ]*} found

	shift
	for found; do
		[[ "/${found##*: }/" != *"/$promise/"* ]] || return 0
	done
	[[ $promise =~ ^A[0-9]+$ ]] && [[ "$*" != *": "[IA][0-9]* ]]
}

classes=('ack before write' 'rename without fsync' 'no fence' 'slow taken for dead' 'pid reuse' 'lost SIGCHLD' 'double reassign'
	'poison loop' 'retry not charged' 'charge of an innocent' 'lock without generation' 'checkpoint ahead of effects')
for class in "${classes[@]}"; do
	check "$class is planted" grep -q -P "\t$class: " "$scratch/bugs"
done
expect_equal "the table has a row for each" "$(printf '%s\n' "${bugs[@]}")" "$(sed -n 's/^| `\([a-z-]*\)` | [a-z]* |.*/\1/p' "$readme")"
while IFS=$'\t' read -r bug where _ mistake; do
	found=("$(found_by unit "$bug")" "$(fitting "$(cell "$bug" 4)" "$(found_by sweep "$bug")")" "$(found_by fuzz "$bug")"
		"$(fitting "$(cell "$bug" 6)" "$(found_by real "$bug")")")
	check "$bug does not escape" [ "${found[*]}" != "– – – –" ]
	promise=$(cell "$bug" 7)
	expect_equal "$bug: what found it is what the table says" "$(row "$bug" | xargs -d '\n' printf '| %s ')|" \
		"$(printf '| %s ' "$where" "$mistake" "${found[@]}" "$promise")|"
	check "$bug: the promise that it breaks" is_promise "$promise" "${found[@]:1}"
done <"$scratch/bugs"

finish
