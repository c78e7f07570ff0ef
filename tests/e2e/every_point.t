#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A kill at every point there is: the process that reaches it, the first time it does and, where it comes by often, once
# more later, dies by SIGKILL; somebody resumes what has to be resumed; and the result is what it would have been.  A point
# that no scenario here reaches is a failure: its fault did not land.
. "$(dirname "$0")/lib.sh"

lanes=3
start_redis || skip "points about what Redis keeps" "$reason"

# What has to happen for a point to be reached.
story() { # POINT
	case $1 in
	*_suspect | *_acquit) echo acquit ;;
	*_remade) echo remake ;;
	part.*) echo parts ;;
	*_batch) echo etl ;;
	*_append | *_segment | *_seal) echo stream ;;
	*_swap) echo kappa ;;
	*_payload) echo claims ;;
	*_mark) [ -z "$redis" ] || echo marks ;;
	*_bury) echo poison chunk ;;
	*_kill) echo hang ;;
	*_drain) echo drain ;;
	*_redrive) echo redrive ;;
	*_alert) echo alert ;;
	*_charge | *_reap | *_fence) echo kill hang ;;
	director.*_scenario) echo kill redrive ;;
	*) echo kill ;;
	esac
}

# Which of its hits are tried: points around the beginning and the end are reached once in a life.
hits() { # POINT
	case $1 in
	worker.started | *_suspect | *_acquit | *_swap | *_remade | output.* | supervisor.* | director.*) echo 1 ;;
	*) echo 1 17 ;;
	esac
}

# The trouble that leads to the point, and what must still be true.
trouble() { # STORY
	case $1 in
	remake) echo '{id: first, lose_part: 3}' ;;
	kill | etl | marks | parts) echo '{id: first, at: worker.in_transaction, nth: 5, kill: self}' ;;
	stream | kappa | claims) echo '{id: first, at: worker.before_batch, nth: 3, kill: self}' ;;
	# Twice is a suspicion; then the record is found innocent, unless the probe is killed.
	acquit) echo '{id: first, poison: 1234, times: 2}' ;;
	poison) echo '{id: first, poison: 1234}' ;;
	chunk) echo '{id: first, bad_chunk: 7, times: every}' ;;
	alert) echo '{id: first, flaky: 1234, times: every}' ;;
	hang) echo '{id: first, at: worker.before_commit, nth: 5, hang: self, for: forever}' ;;
	drain) echo '{id: first, at: worker.started, slow: self, by: 100us, for: forever, times: every}' ;;
	esac
}

promise() { # STORY
	case $1 in
	chunk) echo '[job: done, records: exactly_once, dead_letters: 100]' ;;
	poison) echo '[job: done, records: exactly_once, dead_letters: 1]' ;;
	acquit) echo '[job: done, records: exactly_once, dead_letters: <= 1]' ;; # the probe's death counts against it
	alert) echo '[job: failed, dead_letters: 1]' ;;
	redrive) echo '[job: done, records: exactly_once, dead_letters: 1]' ;;
	*) echo '[job: done, records: exactly_once, dead_letters: 0]' ;;
	esac
}

job() { # STORY
	case $1 in
	etl | marks) echo '{kind: etl, generate: {sales: 5000 records}, id: [order_id], effects: log, chunk: 500 records}' ;;
	parts | remake) echo '{kind: mapreduce, function: words, generate: {weblog: 50000 records}, chunk: 5000 records, sort_memory: 4KiB}' ;;
	stream) echo '{kind: stream, pattern: batching, generate: {events: 5000 records}, segment: 8KiB, batch: {size: 50 records}}' ;;
	claims) echo '{kind: stream, pattern: claim_check, generate: {events: 400 records, size: 200B}, claim: {above: 64B}}' ;;
	kappa) echo '{kind: stream, pattern: kappa, generate: {events: 5000 records}, rate: 4000, replay: {every: 5ms}}' ;;
	*) echo '{kind: aggregate, generate: {sales: 5000 records}, key: product, sum: [qty, price], chunk: 100 records}' ;;
	esac
}

# Who is only slow, on a busy machine, is not to be taken for hung where nothing hangs.
heartbeat() { # STORY
	case $1 in
	stream | kappa | claims) echo '{every: 10ms, suspect: 1s, dead: 5s}' ;;
	*) echo '{every: 10ms, suspect: 40ms, dead: 120ms}' ;;
	esac
}

scenario() { # POINT NTH STORY
	cat <<-END
		scenario: 1
		name: at-${1//[._]/-}-$2-$3
		about: Whoever reaches $1 for the $2. time is killed there.
		limits: {wall: 60s}
		job: $(job "$3")
		workers: {count: 2, restart: {max: 100, backoff: 1ms..10ms}}
		recovery:
		  $([ "$3" != etl ] || echo 'checkpoint: {every: 100 records}')
		  $([ "$3" != marks ] || printf 'checkpoint: {every: 100 records}\n  checkpoint_store: redis\n  redis: %s' "$redis")
		  retry: {attempts: 4, backoff: 1ms..10ms}
		  heartbeat: $(heartbeat "$3")
		  dead_letters: {max: 100}
		faults:
		  - $(trouble "$3")
		  - {id: here, at: $1, nth: $2, kill: self}
		expect: $(promise "$3")
	END
}

# Stopped on request, the supervisor is killed when all is finished; the run goes on later.
play_drain() { # FILE RUN
	local pid code

	"$GRAVESHIFT" run -q "$1" --run-dir "$2" >/dev/null &
	pid=$!
	wait_until 10 tasks_done "$2" 5
	kill -TERM $pid
	wait $pid
	code=$?
	[ $code -eq 143 ] || echo "drained with exit code $code"
	"$GRAVESHIFT" resume -q "$2" >"$2.verdict"
}

# A run fails of one bad record; the redrive that allows it is killed, and asked for again.
play_redrive() { # FILE RUN
	local code

	sed 's/5000 records/500 records, bad: 1/; s/max: 100}$/max: 0}/; /- {id: here/d; s/faults:/faults: []/; /^ *- $/d' \
		"$1" >"$1.failing"
	"$GRAVESHIFT" run -q "$1.failing" --run-dir "$2" >/dev/null
	"$GRAVESHIFT" redrive -q "$2" --set recovery.dead_letters.max=1 --set "faults=[$(sed -n 's/^ *- \({id: here.*\)/\1/p' "$1")]"
	code=$?
	[ $code -eq 137 ] || echo "redriven with exit code $code"
	"$GRAVESHIFT" resume -q "$2" >"$2.verdict"
	code=$?
	find "$2" -name '*.new'
	# What is in place is that of the redrive already, or not yet.
	[ $code -ne 0 ] || return 0
	"$GRAVESHIFT" redrive -q "$2" --set recovery.dead_letters.max=1 >"$2.verdict"
}

# The job fails, and the alarm is raised until that is written down.
play_alert() { # FILE RUN
	"$GRAVESHIFT" run -q "$1" --run-dir "$2" --set recovery.dead_letters.max=0 --set 'on_failure=["true"]' >"$2.verdict"
	local code=$?

	tail -n 1 "$2/alerts.jsonl" | grep -q '"result": 0' || echo "no alarm was raised to its end"
	return $code
}

# What a suite says must fit how it ends: only the last life's verdict counts.
play_suite() { # FILE
	"$GRAVESHIFT" test "$1" >"$1.tap"
	local code=$?

	grep '^not ok' "$1.tap"
	return $code
}

# Prints what is wrong; the exit code is the verdict's.
play() { # POINT NTH STORY
	local name=$1-$2-$3
	local file=$scratch/$name.yaml run=$scratch/$name

	scenario "$@" >"$file"
	case $3 in
	drain | redrive | alert) "play_$3" "$file" "$run" ;;
	*) play_suite "$file" ;;
	esac
}

lane() { # NUMBER
	local number=0 point nth story

	while read -r point nth story; do
		[ $((number++ % lanes)) -eq "$1" ] || continue
		play "$point" "$nth" "$story" >"$scratch/$point-$nth-$story.wrong" 2>"$scratch/$point-$nth-$story.said"
		echo $? >"$scratch/$point-$nth-$story.code"
	done <"$scratch/plays"
}

# Points that stand before a single call are for faults of that call.
before_a_call() { # POINT
	case $1 in
	*.write | *.sync | *.rename) true ;;
	*) false ;;
	esac
}

while read -r point _; do
	before_a_call "$point" && continue
	for story in $(story "$point"); do
		for nth in $(hits "$point"); do
			echo "$point $nth $story"
		done
	done
done < <("$GRAVESHIFT" points) >"$scratch/plays"
check "there are points to be killed at" [ "$(wc -l <"$scratch/plays")" -gt 60 ]

for ((number = 0; number < lanes; number++)); do
	# Not ours to clean up in there, and not to be waited for by it.
	(trap - EXIT && lane "$number") &
	lanes_pids[number]=$!
	started+=("$!")
done
wait "${lanes_pids[@]}"
while read -r point nth story; do
	name=$point-$nth-$story
	if [ "$(cat "$scratch/$name.code" 2>/dev/null)" = 0 ] && [ ! -s "$scratch/$name.wrong" ]; then
		pass "killed at $point, hit $nth ($story)"
	else
		fail "killed at $point, hit $nth ($story)" "exit code $(cat "$scratch/$name.code")" \
			"$(cat "$scratch/$name.wrong" "$scratch/$name.said")"
	fi
done <"$scratch/plays"
expect_equal "no temporary file is left" "" "$(find "$TMPDIR" -mindepth 1)"
finish
