#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The tests' own test: mistakes that real systems make are built in (PLANT=1) and switched on one at a time.  Each must turn
# the test that is there for it red, which must be green without it.
. "$(dirname "$0")/lib.sh"

build=${BUILD:-$project/build/gcc}-plant
# As make itself names it: dependencies are by name, and by another one nothing would be out of date.
cd "$project" || exit 5
build=${build#"$project"/}
# What `make check` was told (SAN=, O=) is not for this one.
if ! env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$project" -j2 O="$build" PLANT=1 SAN= CFLAGS=-O1 "$build/graveshift" \
	"$build/tests/unit/test_core_planted" "$build/tests/unit/test_virtual" \
	>"$scratch/make" 2>&1; then
	fail "a build with the planted bugs" "$(tail -n 20 "$scratch/make")"
	finish
fi
plain=$GRAVESHIFT
GRAVESHIFT=$project/$build/graveshift

# Every planted bug has its test here, and a plain build has none of them.
known='charge-not-stored commit-without-fence commit-without-generation commit-without-sync damage-believed
effect-without-done fence-opens-done lease-done-twice lease-not-returned lost-sigchld off-by-one-split
rename-without-fsync report-before-commit supervisor-not-fenced sync-tried-again'
expect_equal "every planted bug is tried" "$(xargs <<<"$known")" \
	"$(grep -rhoE 'planted\("[a-z-]+"\)' "$project/core" "$project/sim" | cut -d '"' -f 2 | sort -u | xargs)"
for bug in $known; do
	check "$bug is not in a plain build" test "$(grep -c -a -e "$bug" "$plain")" -eq 0
done

# The coordinator's own are chosen by its configuration; its unit test lets them loose one by one.
mapfile -t core_bugs < <(sed -n 's/^PLANTED([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$project/core/planted.def")
check "the coordinator has planted bugs" test ${#core_bugs[@]} -ge 11
for bug in "${core_bugs[@]}"; do
	check "$bug is not in a plain build" test "$(grep -c -a -e "$bug" "$plain")" -eq 0
done
"$build/tests/unit/test_core_planted" >"$scratch/core" 2>&1
expect_equal "all of them are found" 0 $?
check "all of them were tried" test "$(grep -c '^# [a-z-]*: ' "$scratch/core")" -ge ${#core_bugs[@]}

# Those of the virtual world's models are let loose by its unit test.
"$build/tests/unit/test_virtual" >"$scratch/virtual" 2>&1
expect_equal "the virtual world's are found" 0 $?
check "all of them were tried" test "$(grep -c '^# [a-z-]*: [A-Za-z0-9]* after ' "$scratch/virtual")" -eq 8

# red_with BUG COMMAND...: the command must be green without the bug, and red with it.
red_with() {
	local bug=$1

	shift
	check "$bug: green without it" "$@"
	export GRAVESHIFT_PLANT=$bug
	if "$@"; then
		fail "$bug: red with it" "$(said)"
	else
		pass "$bug: red with it"
	fi
	unset GRAVESHIFT_PLANT
	rm -rf "${TMPDIR:?}"/*
}

holds() { # SCENARIO [ARGUMENT...]
	graveshift test "$@"
	[ "$status" -eq 0 ]
}

cd "$project" || exit 5
red_with commit-without-fence holds scenarios/06-zombie.yaml
red_with report-before-commit holds scenarios/02-worker-crash.yaml
red_with off-by-one-split holds scenarios/00-hello.yaml
red_with commit-without-sync holds scenarios/16-power-loss.yaml
red_with rename-without-fsync holds scenarios/16-power-loss.yaml
# The kernel says once that a sync failed; asked again, it has nothing to do and says that all is well.
failed_sync=$(write_scenario "failed-sync-$$" <<-END
	limits: {wall: 20s}
	durability: power
	job: {kind: aggregate, generate: {sales: 2000 records}, key: product, sum: [qty, price], chunk: 100 records}
	workers: {count: 2}
	faults:
	  - {id: f1, at: output.sync, fail: EIO}
	  - {id: p1, at: supervisor.after_job_done, power: off}
	expect: [job: done, records: exactly_once]
END
)
red_with sync-tried-again holds "$failed_sync"
red_with supervisor-not-fenced holds scenarios/13-split-brain.yaml
red_with lease-not-returned holds scenarios/02-worker-crash.yaml --set limits.wall=4s

# A frame that something happens to: the run must not look as if nothing had.
one_frame() { # FAULT
	write_scenario one-frame <<-END
		job: {kind: aggregate, generate: {sales: 4000 records}, key: product, sum: [qty, price], chunk: 100 records}
		workers: {count: 2}
		faults:
		  - {id: f1, $1}
		expect:
		  - job: done
		  - records: exactly_once
		  - fenced: 0
	END
}
damage_is_noticed() {
	graveshift run "$(one_frame 'at: worker.send, frame: done, nth: 5, corrupt: self, times: 3')" --run-dir "$scratch/frame"
	rm -rf "$scratch/frame"
	[ "$status" -eq 0 ] && grep -q 'arrived damaged and were dropped: 3$' "$scratch/out"
}
red_with damage-believed damage_is_noticed
red_with lease-done-twice holds "$(one_frame 'at: supervisor.send, frame: assign, nth: 5, duplicate: self')"

# Two workers die while the supervisor looks away: one SIGCHLD stands for both.
deaths=$(write_scenario "deaths-$$" <<-END
	limits: {wall: 4s}
	job:
	  kind: aggregate
	  generate: {sales: 4000 records}
	  key: product
	  sum: [qty, price]
	  chunk: 40 records
	workers: {count: 2}
	recovery:
	  lease: {ttl: 30s}
	  heartbeat: {every: 100ms, suspect: 10s, dead: 20s}
	faults:
	  - {id: s1, at: worker.started, slow: self, by: 200us, for: forever, times: every, optional: true}
	expect:
	  - job: done
	  - records: exactly_once
END
)
is_dead() { grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
two_deaths_at_once() {
	local run=$scratch/deaths supervisor workers

	rm -rf "$run"
	start deaths run -q "$deaths" --run-dir "$run"
	wait_until 10 tasks_done "$run" 5 || return 1
	supervisor=$(pid_of supervisor "deaths-$$")
	mapfile -t workers < <(pids_of worker "deaths-$$")
	[ ${#workers[@]} -eq 2 ] && kill -STOP "$supervisor" && wait_until 10 is_stopped "$supervisor" || return 1
	kill -KILL "${workers[@]}"
	wait_until 10 is_dead "${workers[0]}" && wait_until 10 is_dead "${workers[1]}" || return 1
	kill -CONT "$supervisor"
	await deaths "$director"
	[ "$status" -eq 0 ]
}
red_with lost-sigchld two_deaths_at_once
assert_nothing_left "deaths-$$" "$scratch/deaths"

finish
