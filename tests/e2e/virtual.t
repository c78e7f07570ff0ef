#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The virtual world from the command line: shipped scenarios in it, one seed and one history whatever the compiler, and
# what it refuses.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5

# Every shipped scenario that it can play keeps its promises there, too.
played=0
for scenario in scenarios/*.yaml; do
	graveshift test --world virtual "$scenario"
	if grep -q 'cannot be played in the virtual world' "$scratch/err"; then
		expect_equal "$scenario cannot be played and is not passed over" 3 "$status"
	else
		expect_equal "$scenario holds in the virtual world" 0 "$status"
		played=$((played + 1))
	fi
done
check "it plays most of them" test $played -ge 15
check "nothing is left of it" test -z "$(ls -A "$scratch/state" 2>/dev/null)"

# The same history twice, with and without --audit, and another one for another seed.
history() { # SCENARIO [ARGUMENT...]
	graveshift run "$@" --world virtual
	sed -n 's/^  history: //p' "$scratch/out"
}
first=$(history scenarios/20-lossy-messages.yaml)
expect_equal "a history has 16 digits" 16 "${#first}"
expect_equal "the same seed, the same history" "$first" "$(history scenarios/20-lossy-messages.yaml --audit)"
check "another seed, another history" test "$first" != "$(history scenarios/20-lossy-messages.yaml --seed 99)"

graveshift run scenarios/06-zombie.yaml --world virtual --trace "$scratch/one" --audit
graveshift run scenarios/06-zombie.yaml --set world=virtual --trace "$scratch/two"
check "the trace is the history, event by event" cmp "$scratch/one" "$scratch/two"
check "it names what happened" grep -q ' leased w0\.1 task ' "$scratch/one"

# Compilers and their options decide nothing.
histories() {
	for scenario in scenarios/*.yaml; do
		for seed in 1 2 3; do
			history "$scenario" --seed $seed
		done
	done
}
fuzzed() {
	graveshift fuzz --seeds 1..2000
	sed -n 's/^# trace hash of all: //p' "$scratch/out"
}
other=clang
case $(basename "${BUILD:-gcc}") in clang*) other=gcc ;; esac
if command -v "$other" >/dev/null; then
	build=$project/build/$other-plain
	if env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$project" -j2 O="$build" CC="$other" SAN= CFLAGS=-O0 \
		"$build/graveshift" >"$scratch/make" 2>&1; then
		histories >"$scratch/ours"
		GRAVESHIFT=$build/graveshift histories >"$scratch/theirs"
		check "$other -O0 gives the same histories" cmp "$scratch/ours" "$scratch/theirs"
		ours=$(fuzzed)
		expect_equal "a hash of 2,000 seeds has 16 digits" 16 "${#ours}"
		expect_equal "$other -O0 gives 2,000 seeds the same" "$ours" "$(GRAVESHIFT=$build/graveshift fuzzed)"
	else
		fail "a build by $other" "$(tail -n 20 "$scratch/make")"
	fi
else
	skip "$other -O0 gives the same histories" "there is no $other"
fi

# What it has no model for is never silently left out.
odd=$(write_scenario odd <<-END
	job: {kind: noop, tasks: 10 tasks}
	faults:
	  - {id: f1, when: progress >= 10%, board: flip}
	expect:
	  - job: done
END
)
graveshift run "$odd" --world virtual
expect_equal "a fault without a model is inconclusive" 3 "$status"
check "and named" grep -q 'fault f1 cannot be played in the virtual world' "$scratch/err"
never=$(write_scenario never <<-END
	job: {kind: noop, tasks: 10 tasks}
	faults:
	  - {id: f1, at: worker.before_commit, nth: 9999, kill: self}
	expect:
	  - job: done
END
)
graveshift test "$never" --world virtual
expect_equal "a fault that never comes is inconclusive" 3 "$status"
check "and can be seen again in that world" grep -q "^# reproduce: graveshift run $never --world virtual" "$scratch/out"
graveshift run scenarios/00-hello.yaml --trace -
expect_equal "--trace in the real world is bad usage" 2 "$status"
graveshift run scenarios/00-hello.yaml --world virtual --control
expect_equal "--control in the virtual world is bad usage" 2 "$status"
graveshift run scenarios/00-hello.yaml --world imaginary
expect_equal "another world is bad usage" 2 "$status"

# A power cut: with durability power nothing acknowledged is gone; with process the report says what is.
power() { # DURABILITY
	graveshift run "$(write_scenario "power-$1" <<-END
		durability: $1
		job: {kind: noop, tasks: 200 tasks}
		workers: {count: 2}
		faults:
		  - {id: p1, when: progress >= 50%, power: off}
		expect:
		  - job: done
		  - records: exactly_once
	END
	)" --world virtual
}
power power
expect_equal "durability power survives a power cut" 0 "$status"
check "and lost nothing" test "$(grep -c 'gone with it' "$scratch/out")" -eq 0
power process
expect_equal "durability process does it all again" 0 "$status"
check "and says what was gone" grep -q 'promises nothing for a power cut; 1[0-9][0-9] commits' "$scratch/out"

finish
