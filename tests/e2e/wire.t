#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Whatever happens to a frame, the result is exact and the job ends: each action at each kind of frame, both ways; workers cut
# off from the supervisor; and runs in which every frame may meet anything.
. "$(dirname "$0")/lib.sh"

lanes=4

make_sales 2000 6

# wire_scenario NAME TAKEOVER FAULT...: a fifth of a second of work for two workers, and no room for a third.  credit: so many
# leases that a worker that is refused has some to hand back.
wire_scenario() {
	local name=$1 takeover=$2

	shift 2
	write_scenario "$name" <<-END
		limits: {wall: 20s, workers: 2}
		job:
		  kind: aggregate
		  input: $scratch/sales.csv
		  key: product
		  sum: [qty, price]
		  chunk: ${chunk:-100} records
		workers: {count: 2, credit: ${credit:-2}, restart: {max: 100, within: 10s}}
		recovery:
		  retry: {attempts: 20, backoff: 1ms..10ms}
		  lease: {ttl: 500ms, takeover: $takeover}
		  heartbeat: {every: 20ms, suspect: 100ms, dead: 1s}
		faults:
		$(printf '  - %s\n' "$@")
		expect:
		  - job: done
		  - records: exactly_once
	END
}

# Runs a scenario in the background of a lane; what is wrong with it is left in NAME.wrong, a line each.
run_it() { # NAME [SEED]
	local name=$1 run=$scratch/run-$1 code

	"$GRAVESHIFT" run "$scratch/$name.yaml" --seed "${2:-1}" --run-dir "$run" >"$scratch/$name.out" 2>&1
	code=$?
	{
		[ $code -eq 0 ] || printf 'exit code %s\n%s\n' $code "$(grep -E '^(FAIL|open)' "$scratch/$name.out")"
		cmp "$scratch/wanted.csv" "$run/out/result.csv" 2>&1
		leftovers "$name" "$run"
	} >"$scratch/$name.wrong"
}

# in_lanes COMMAND < lines of arguments: so many at a time.
in_lanes() {
	local running=0 line

	while read -r line; do
		# shellcheck disable=SC2086 # a line is several words
		$1 $line &
		running=$((running + 1))
		if [ $running -ge $lanes ]; then
			wait -n
			running=$((running - 1))
		fi
	done
	wait
}

# judge NAME TEXT
judge() {
	if [ -e "$scratch/$1.wrong" ] && [ ! -s "$scratch/$1.wrong" ]; then
		pass "$2"
	else
		fail "$2" "$(cat "$scratch/$1.wrong" 2>&1)" "run directory: $scratch/run-$1"
	fi
}

# --- each action at each kind of frame

# What makes a frame of this kind occur, where it does not by itself.
occasion_of() { # KIND
	case $1 in
	failed) echo '{id: o1, flaky: 700}' ;;
	survived) echo '{id: o1, poison: 700, times: 2}' ;;
	fenced | returned) echo '{id: o1, at: worker.before_commit, nth: 5, pause: self, for: 800ms}' ;;
	refused) echo '{id: o1, at: worker.record, nth: 300, pause: self, for: 100ms}' ;;
	*) echo '{id: o1, at: worker.before_task, nth: 3, slow: self, by: 1us, for: 1ms}' ;;
	esac
}

# Nothing follows a worker's last word, and none is delayed or overtaken that is followed by the end of the connection.
cannot_happen() { # KIND ACTION
	case $1-$2 in
	survived-reorder | refused-delay | refused-reorder) return 0 ;;
	*) return 1 ;;
	esac
}

joiner() { # RUN
	! "$GRAVESHIFT" worker --join "$1" >"$scratch/joiner-${1##*/}" 2>&1 || echo "a worker was let in though there was no room"
}

expect_both() { # KIND WORDS RUN
	[ "$(events_of "$3" "$1")" -eq 2 ] || echo "not both workers $2"
}

action_at_kind() { # POINT KIND ACTION NTH
	local name="wire-$2-$3-$$" takeover=kill by='' speed=100us guest='' credit=2

	[ "$3" != delay ] || by=', by: 60ms'
	case $2 in
	fenced | returned) takeover=fence speed=400us credit=6 ;;
	refused) speed=400us ;;
	esac
	wire_scenario "$name" $takeover "{id: f1, at: $1, frame: $2, nth: $4, $3: self$by}" "$(occasion_of "$2")" \
		"{id: s1, at: worker.started, slow: self, by: $speed, for: forever, times: every}" >"$scratch/$name.path"
	if [ "$2" = refused ]; then
		(wait_until 10 tasks_done "$scratch/run-$name" 2 && joiner "$scratch/run-$name") >"$scratch/$name.guest" &
		guest=$!
	fi
	run_it "$name"
	[ -z "$guest" ] || wait "$guest"
	{
		[ "$2" != refused ] || cat "$scratch/$name.guest"
		if cannot_happen "$2" "$3"; then
			[ "$(head -n 1 "$scratch/$name.wrong")" = 'exit code 3' ] || echo "it says that a fault landed that cannot"
		else
			grep -q "^ok   fault f1 landed .*$2" "$scratch/$name.out" || echo "the fault did not land on a $2"
			grep -q "\"f1\".*\"$1: $2" "$scratch/run-$name/plan.jsonl" || echo "it was not written ahead"
		fi
		# One frame costs nobody's life, and a lease that comes twice is worked on once.
		case $2 in
		survived | fenced | returned) ;;
		*)
			grep -q ' 0 workers died, 0 hung' "$scratch/$name.out" || echo "somebody died of it"
			expect_both worker-joined came "$scratch/run-$name"
			expect_both worker-exited 'left as they were told' "$scratch/run-$name"
			;;
		esac
		[ "$2-$3" != assign-duplicate ] || [ "$(events_of "$scratch/run-$name" fenced)" -eq 0 ] ||
			echo "a task was done twice"
		# A frame damaged is one that somebody found damaged; and one that was not is not.
		[ "$(grep -c 'arrived damaged' "$scratch/$name.out")" -eq "$([ "$3" = corrupt ] && echo 1 || echo 0)" ] ||
			echo "wrong number of damaged frames"
	} >"$scratch/$name.wrong2"
	! cannot_happen "$2" "$3" || sed -i '1,2d' "$scratch/$name.wrong"
	cat "$scratch/$name.wrong2" >>"$scratch/$name.wrong"
}

worker_kinds='hello:2 beat:2 done:2 failed:1 fenced:1 returned:1 survived:1'
supervisor_kinds='welcome:2 refused:1 assign:3 dismiss:2'
actions='drop delay duplicate reorder corrupt'

kinds_of_source=$(sed -n '/^enum message_kind {/,/MESSAGE_KINDS/s/^\tMESSAGE_\([A-Z]*\),.*/\L\1/p' "$project/sim/channel/message.h" | sort)
expect_equal "every kind of frame is tried" "$(echo $kinds_of_source)" \
	"$(echo $(tr ' ' '\n' <<<"$worker_kinds $supervisor_kinds" | cut -d : -f 1 | sort))"

combinations() {
	local kind action

	for action in $actions; do
		for kind in $worker_kinds; do echo "worker.send ${kind%:*} $action ${kind#*:}"; done
		for kind in $supervisor_kinds; do echo "supervisor.send ${kind%:*} $action ${kind#*:}"; done
	done
}

in_lanes action_at_kind < <(combinations)
while read -r _ kind action _; do
	if cannot_happen "$kind" "$action"; then
		judge "wire-$kind-$action-$$" "$action of a $kind cannot be, and the run says so"
	else
		judge "wire-$kind-$action-$$" "$action of a $kind: it lands, and the result is exact"
	fi
done < <(combinations)

# --- partitions

cut_off() { # WAY TAKEOVER
	local name="cut-$1-$2-$$"

	wire_scenario "$name" "$2" "{id: p1, when: progress >= 20%, partition: w0, way: $1, for: 800ms}" \
		"{id: s1, at: worker.started, slow: self, by: 1ms, for: forever, times: every}" >"$scratch/$name.path"
	run_it "$name"
	{
		grep -q '^ok   fault p1 landed .*: lost' "$scratch/$name.out" || echo "no frame was lost"
		[ "$2" = kill ] || [ "$(events_of "$scratch/run-$name" kill)" -eq 0 ] || echo "somebody was killed"
		# One that is heard and does nothing is not hung; one that is not heard is given up.
		if [ "$1" = to ]; then
			[ "$(events_of "$scratch/run-$name" kill)" -eq 0 ] || echo "a worker that says it is idle was killed"
		elif [ "$2" = kill ]; then
			[ "$(events_of "$scratch/run-$name" kill)" -ge 1 ] || echo "it was not given up"
		fi
		# It is of use again: what it did last it was given after it was cut off.
		if [ "$2" = fence ] && [ "$1" != to ]; then
			"$GRAVESHIFT" log "$scratch/run-$name" | awk '
				$3 == "taken-over" { lost = 1 }
				lost && $3 == "leased" && $4 == "w0" { again = 1 }
				again && $3 == "done" && $4 == "w0" { good = 1 }
				END { if (!good) print "it was of no use again" }'
		fi
	} >>"$scratch/$name.wrong"
}

ways='both to from'
in_lanes cut_off < <(for way in $ways; do echo "$way kill"; echo "$way fence"; done)
for way in $ways; do
	for takeover in kill fence; do
		judge "cut-$way-$takeover-$$" "a worker cut off, way: $way, takeover: $takeover"
	done
done

# One that is in the middle of a long task goes on, and brings its work when it may not any more.
chunk=1000
name=late-$$
wire_scenario "$name" fence "{id: p1, at: worker.before_task, partition: self, way: both, for: 800ms}" \
	"{id: s1, at: worker.started, slow: self, by: 1ms, for: forever, times: every}" >"$scratch/$name.path"
unset chunk
run_it "$name"
[ "$(events_of "$scratch/run-$name" fenced)" -ge 1 ] || echo "no commit was refused" >>"$scratch/$name.wrong"
judge "$name" "a worker cut off in a task that outlasts its lease: its commit is refused"

# --- everything at once

soak() { # SEED
	local name="soak-$1-$$" point action faults=()

	for point in worker supervisor; do
		for action in $actions; do
			faults+=("{id: $point-$action, at: $point.send, $action: self, chance: 5%, times: every, optional: true$(
				[ $action != delay ] || echo ', by: 40ms')}")
		done
	done
	wire_scenario "$name" "$([ $(($1 % 2)) -eq 0 ] && echo kill || echo fence)" "${faults[@]}" \
		"{id: s1, at: worker.started, slow: self, by: 100us, for: forever, times: every}" >"$scratch/$name.path"
	run_it "$name" "$1"
}

in_lanes soak < <(seq 1 30)
for seed in {1..30}; do
	judge "soak-$seed-$$" "soak, seed $seed: every frame may be lost, late, doubled, overtaken, damaged"
done
for point in worker supervisor; do
	for action in $actions; do
		check "soak: $action met frames of the $point" \
			grep -q "^ok   fault $point-$action landed" "$scratch"/soak-*-$$.out
	done
done

finish
