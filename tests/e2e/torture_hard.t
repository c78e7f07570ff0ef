#!/bin/bash
# SPDX-License-Identifier: ISC
#
# graveshift torture where something is against it: hosts that refuse what it needs, commands that do not end or cannot be
# traced, kills of its own processes in each of its ways.  It ends, says why, and nothing is left.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/torture.sh"

reason=$(no_torture)
if [ -n "$reason" ]; then
	skip "torture" "$reason"
	finish
fi
make_jobs
jobs=$scratch/jobs
cp "${BUILD:-$project/build/gcc}/tests/e2e/torture_job" "$jobs/special" || exit 5
real=$GRAVESHIFT

# --- what a host may refuse

# Where it is built with a sanitizer, leaks are looked for by ptrace.
for call in ptrace unshare seccomp mount clone3; do
	cat >"$scratch/refused" <<-END
		#!/bin/sh
		export ASAN_OPTIONS=detect_leaks=0
		exec $jobs/special refuse $call $real "\$@"
	END
	chmod +x "$scratch/refused"
	GRAVESHIFT=$scratch/refused torture run -- "$jobs/renamed"
	expect_exit 3 "$call is refused: not judged"
	check "$call is refused: and it is said" grep -q 'refuse\|cannot trace\|seccomp' "$scratch/out" "$scratch/err"
	expect_equal "$call is refused: no point passes by it" "" "$(grep '^ok .*window' "$scratch/out")"
done

# --- commands

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$scratch" "$scratch/jobs" && cp /bin/true "$jobs/raised" && chmod 4755 "$jobs/raised"
	(cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$GRAVESHIFT" torture run -- "$jobs/raised") >"$scratch/out" 2>"$scratch/err"
	status=$?
	expect_exit 2 "a setuid command, for an ordinary user"
	expect_stderr 'runs with the rights of its owner.*run this as root' "and it is said what to do"
	torture run -- "$jobs/raised"
	expect_exit 3 "as root it is traced, and changes nothing"
else
	skip "a setuid command" "the tests are not run as root"
fi
torture run -- sh -c 'nothing-there-42'
expect_exit 3 "a command that is missing further down"
expect_stdout 'it exits with 127: .*nothing-there-42' "is named"
torture run --limit 300ms -- "$jobs/special" defy
expect_exit 3 "a command that takes no signal does not end: not judged"
torture run --limit 300ms -s 'while :; do :; done' -- "$jobs/renamed"
expect_exit 2 "a setup that does not end"
expect_stderr 'the setup does not end' "and it is said"
torture run --limit 300ms -c 'exec '"$jobs/special"' defy' -- "$jobs/renamed"
expect_exit 3 "a check that takes no signal and does not end: not judged"
special_is_gone() { ! pgrep -f "$jobs/special" >/dev/null; }
check "nothing of them is left" wait_until 10 special_is_gone

# --- kills of its own

job long <<-'END'
	for i in $(seq 60); do head -c 4 /dev/urandom >out.new; mv -f out.new out; done
END
nothing_is_left() {
	! pgrep -f "$jobs/long" >/dev/null && ! grep -q "$TMPDIR" /proc/mounts && [ -z "$(ls "$TMPDIR")" ]
}
explores() { grep -q -s '^ok 5' "$scratch/long.out" && pgrep -f "^/bin/sh $jobs/long" >/dev/null; }
work=$(mktemp -d "$scratch/work.XXXXXX") && cd "$work" || exit 5
for way in --again --real-kill --one-process; do
	start long torture run $way -c true\;'[ "$(wc -c <out)" = 4 ]' -- "$jobs/long"
	wait_until 20 explores || fail "$way: it explores"
	slay long "$director"
	check "$way, killed: nothing is left" wait_until 10 nothing_is_left
done
start long torture run --again -c '[ "$(wc -c <out)" = 4 ]' -- "$jobs/long"
wait_until 20 explores || fail "it explores"
for part in $(pgrep -P "$director"); do
	grep -q keeper "/proc/$part/cmdline" 2>/dev/null || kill -KILL "$part" 2>/dev/null
done
await long "$director"
expect_exit 5 "parts of it are killed: it is no verdict"
expect_stderr 'a part of the torture was ended by signal 9' "and it is said"
check "parts of it are killed: nothing is left" wait_until 10 nothing_is_left
cd "$scratch" || exit 5
finish
