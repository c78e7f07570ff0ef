#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The golden rule: a run may be killed with kill -9 at any moment, whoever is hit, and started again, without loss or
# doubling.  A hundred rounds: a run is started, up to four times somebody of it is killed from outside (a worker, the
# supervisor, the director, or all at once), then it is resumed until it is done.  Then its result must be the one of a
# job that nobody disturbed, nothing may be left behind, and one more resume may change nothing.
#
#	kill_anything.t [SEED [ROUNDS]]	repeats with other moments; a round's moments follow from seed and round alone
. "$(dirname "$0")/lib.sh"

seed=${1:-1}
rounds=${2:-100}
lanes=4
tries=30 # a run that is not done after so many lives is stuck

make_sales 3000 5

scenario_of() { # ROUND
	write_scenario "kill-$$-$1" <<-END
		limits: {wall: 60s}
		job:
		  kind: aggregate
		  input: $scratch/sales.csv
		  key: product
		  sum: [qty, price]
		  chunk: 50 records
		workers: {count: 2, restart: {max: 100, within: 10s, backoff: 1ms..5ms}}
		recovery:
		  retry: {attempts: 50, backoff: 1ms..5ms}
		  heartbeat: {every: 20ms, suspect: 2s, dead: 10s}
		faults:
		  - {id: s1, at: worker.started, slow: self, by: 100us, for: forever, times: every, optional: true}
		expect:
		  - job: done
		  - records: exactly_once
	END
}

random() { # BELOW
	echo $((((RANDOM << 15) | RANDOM) % $1))
}

# Kills one of the run's processes, or all; prints which, when there was somebody to kill.
kill_someone() { # SCENARIO DIRECTOR
	local who victims

	case $(random 4) in
	0)
		who=worker
		mapfile -t victims < <(pids_of worker "$1" | shuf -n 1 --random-source=<(yes "$RANDOM"))
		;;
	1)
		who=supervisor
		mapfile -t victims < <(pids_of supervisor "$1")
		;;
	2)
		who=director
		victims=("$2")
		;;
	3)
		who=all
		mapfile -t victims < <(pids_of '(supervisor|worker)' "$1")
		victims+=("$2")
		;;
	esac
	[ ${#victims[@]} -gt 0 ] && kill -KILL "${victims[@]}" 2>/dev/null && echo "$who"
}

# One life of the run: started, as long as there is nothing to resume, or resumed; hurt some time later if any kill is left.
live() { # SCENARIO FILE RUN KILL
	local said=$scratch/$1.said pid who

	if [ -e "$3/scenario.yaml" ]; then
		"$GRAVESHIFT" resume -q "$3" >"$said" 2>&1 &
	else
		"$GRAVESHIFT" run -q "$2" --run-dir "$3" >"$said" 2>&1 &
	fi
	pid=$!
	while [ "$4" -gt 0 ] && ! is_gone "$pid"; do
		read -r -t "0.$(printf '%03d' "$(random 250)")" <&"$never"
		who=$(kill_someone "$1" "$pid")
		echo "$who" >>"$scratch/$1.killed"
		[[ $who == director || $who == all ]] && break
	done
	wait "$pid" 2>/dev/null
}

# Prints what is wrong; nothing when all is well.
play() { # ROUND
	local name=kill-$$-$1 run=$scratch/run-$1 file code life before after

	RANDOM=$((seed * 1000 + $1))
	file=$(scenario_of "$1")
	for ((life = 0; life < tries; life++)); do
		live "$name" "$file" "$run" $((life < 4))
		code=$?
		[ $code -eq 0 ] && break
		[ $code -eq 137 ] && continue
		[ $code -eq 5 ] && grep -q 'dies again and again' "$scratch/$name.said" || break
	done
	if [ $code -ne 0 ]; then
		echo "exit code $code in life $life"
		cat "$scratch/$name.said"
		return
	fi
	cmp "$scratch/wanted.csv" "$run/out/result.csv" 2>&1
	leftovers "$name" "$run"
	before=$(files_of "$run")
	"$GRAVESHIFT" resume -q "$run" >"$scratch/$name.said" 2>&1 || echo "one more resume: exit code $?"
	after=$(files_of "$run")
	[ "$before" = "$after" ] || {
		echo "one more resume changed something"
		diff <(echo "$before") <(echo "$after")
	}
}

lane() { # NUMBER
	local round

	for ((round = $1; round <= rounds; round += lanes)); do
		play "$round" >"$scratch/round-$round" 2>&1
		[ -s "$scratch/round-$round" ] || rm -rf "$scratch/run-$round"
	done
}

echo "# seed $seed"
for ((number = 1; number <= lanes; number++)); do
	# Not ours to clean up in there, and not to be waited for by it.
	(trap - EXIT && lane "$number") &
	lanes_pids[number]=$!
	started+=("$!")
done
wait "${lanes_pids[@]}"
for ((round = 1; round <= rounds; round++)); do
	if [ -s "$scratch/round-$round" ]; then
		fail "round $round of seed $seed" "run directory $scratch/run-$round" "$(cat "$scratch/round-$round")"
	elif [ -e "$scratch/round-$round" ]; then
		pass "round $round"
	else
		fail "round $round of seed $seed" "it was not played"
	fi
done
for who in worker supervisor director all; do
	count=$(cat "$scratch"/*.killed | grep -c "^$who\$")
	expect_equal "$who was hit ($count times)" yes "$([ "$count" -ge $((rounds / 4)) ] && echo yes)"
done
finish
