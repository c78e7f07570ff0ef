#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Two worlds, one truth: what is played in the real and in the virtual world must come to the same (compare_worlds.py says
# what that is).  First every shipped scenario that both can play, then scenarios of the fuzzer's drawing.
#
# What may differ, and why:
#
#   scenario                  field            why
#   11-nightly                charged.crash    the worker that k1 kills may have committed, and not said so yet: then it died
#                                              in no task (it is found done)
#   11-nightly                charged.hang     z1's worker is killed as hung only if the job still runs after heartbeat.dead
#   22-crash-while-recovering charged.crash    k1 and k4 kill whoever is there: in a task, between two, or after a commit
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5

may_differ() { # SCENARIO
	case $1 in
	11-nightly) echo charged.crash charged.hang ;;
	22-crash-while-recovering) echo charged.crash ;;
	esac
}

# Half the night is enough.  The chunks stay what they are: what a death costs is a few of them, and must be 2% at most.
smaller() { # SCENARIO
	case $1 in
	11-nightly) printf '%s\n' --set job.generate.sales='5000000 records' ;;
	esac
}

play() { # WORLD FILE
	local name arguments

	name=$(basename "$2" .yaml)
	mapfile -t arguments < <(smaller "$name")
	[ "$1" = virtual ] || arguments+=(--run-dir "$scratch/runs/$name")
	"$GRAVESHIFT" run "$2" --world "$1" --json "${arguments[@]}" \
		>"$scratch/$1/$name" 2>"$scratch/$1/$name.err"
	echo $? >"$scratch/$1/$name.exit"
	rm -rf "$scratch/runs/$name"
}

# In both worlds, real ones side by side: most of them wait.
play_all() { # FILE...
	local file

	mkdir -p "$scratch/real" "$scratch/virtual" "$scratch/runs"
	for file in "$@"; do
		while [ "$(jobs -r | wc -l)" -ge 3 ]; do
			wait -n
		done
		{
			play virtual "$file"
			play real "$file"
		} &
	done
	wait
}

compare() { # [--counts] NAME
	local counts=() name

	[ "$1" = --counts ] && counts=(--counts) && shift
	name=$1
	# shellcheck disable=SC2046 # words
	"$tests/compare_worlds.py" "${counts[@]}" "$scratch/real/$name" "$scratch/virtual/$name" $(may_differ "$name") 2>&1
}

# --- the shipped scenarios

shipped=(scenarios/*.yaml scenarios/orders/{01,03,04}-*.yaml)
play_all "${shipped[@]}"
both=()
real_only=()
for file in "${shipped[@]}"; do
	name=$(basename "$file" .yaml)
	why=$(sed -n 's/^graveshift: .* cannot be played in the virtual world: //p' "$scratch/virtual/$name.err")
	if [ -n "$why" ] && [ "$(<"$scratch/virtual/$name.exit")" -eq 3 ]; then
		skip "$name comes to the same in both worlds" "the virtual world cannot play it: $why"
		real_only+=("$name")
		continue
	fi
	both+=("$name")
	expect_equal "$name comes to the same in both worlds" "" "$(compare "$name")"
	expect_equal "$name: both end with what they report" \
		"$(<"$scratch/real/$name.exit") $(<"$scratch/virtual/$name.exit")" \
		"$(sed -n 's/^  "exit": \([0-9]*\),$/\1/p' "$scratch/real/$name" "$scratch/virtual/$name" | paste -s -d ' ')"
done
expect_equal "only these cannot be played in both" "14-midnight 18-full-disk 19-torn-write 24-your-command 25-mapreduce 27-your-process" "${real_only[*]}"

# One name for one thing: what only one world can see is all that only one report names.
names() { # WORLD
	for name in "${both[@]}"; do
		sed -n 's/^      "name": "\(.*\)",$/\1/p' "$scratch/$1/$name"
	done | sort -u
}
expect_equal "what only the real world sees" "I7 the sink equals a sequential run's, byte for byte
I8 no process, socket or temporary file is left" "$(comm -23 <(names real) <(names virtual))"
expect_equal "what only the virtual world sees" "I7 the sink is made of the effects of all tasks
every death is seen
no lease is begun twice
nobody is given up who gets on
the coordinator does not contradict itself
the job ends as its tasks did" "$(comm -13 <(names real) <(names virtual))"

# --- two that differed once, and that the drawn ones need not meet

mkdir "$scratch/written"
write() { # NAME WORKERS; faults on stdin
	cat >"$scratch/written/$1.yaml" <<-END
	scenario: 1
	name: $1
	about: Two worlds, one truth.
	job: {kind: aggregate, generate: {sales: 2000 records}, key: product, sum: [qty], chunk: 100 records}
	workers: {$2}
	recovery: {retry: {attempts: 8, backoff: 1ms..10ms}}
	faults:
	$(cat)
	expect: [job: done, records: exactly_once]
	END
}
write lost-once 'count: 2, restart: {max: 0, within: 10s}' <<'END'
  - {id: k1, at: worker.before_commit, kill: self}
  - {id: k2, at: supervisor.before_job_done, kill: self}
END
write not-charged 'count: 1, credit: 1' <<'END'
  - {id: k1, at: worker.after_commit_before_report, kill: self}
  - {id: k2, at: supervisor.after_charge, kill: self, optional: true}
END
play_all "$scratch/written"/*.yaml
expect_equal "what a dead worker lost is counted once, also when its supervisor dies later" "" "$(compare --counts lost-once)"
expect_equal "a death after the commit reaches no charge" "" "$(compare --counts not-charged)"

# --- the fuzzer's

# One worker with one lease at a time, deaths at points, bad chunks and records, frames lost or doubled: chance and time
# decide nothing, so that they must agree in the counts, too.
mkdir "$scratch/drawn"
"${BUILD:-$(dirname "$(readlink -f "$GRAVESHIFT")")}/tests/e2e/draw_worlds" "$scratch/drawn" 60
expect_equal "60 scenarios are drawn" 60 "$(find "$scratch/drawn" -name '*.yaml' | wc -l)"
play_all "$scratch/drawn"/*.yaml
differ=
for file in "$scratch/drawn"/*.yaml; do
	name=$(basename "$file" .yaml)
	found=$(compare --counts "$name")
	[ -z "$found" ] || differ+="$name: $found"$'\n'
done
expect_equal "and come to the same in both worlds, to the last count" "" "$differ"
check "in not a few of them something was charged or given up" test \
	"$(grep -l -E '"(crash|data|dead_records)": [1-9]' "$scratch/real"/seed-* | wc -l)" -ge 40

expect_equal "nothing is left of them" "" "$(find "$TMPDIR" "$scratch/runs" -mindepth 1)"
finish
