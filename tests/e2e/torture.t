#!/bin/bash
# SPDX-License-Identifier: ISC
#
# graveshift torture: small jobs whose verdicts are known, jobs of unusual kinds, gates that must stay shut, and that
# nothing is left of it however it ends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/torture.sh"

reason=$(no_torture)
if [ -n "$reason" ]; then
	skip "torture" "$reason"
	finish
fi
make_jobs
jobs=$scratch/jobs
special=${BUILD:-$project/build/gcc}/tests/e2e/torture_job
cp "$special" "$scratch/jobs/special" || exit 5
special=$scratch/jobs/special

# --- jobs with known verdicts

# expect_unsafe NAME WINDOW WHY ARGUMENT...: exit code 1, and these in the report.
expect_unsafe() {
	torture run "${@:4}"
	expect_exit 1 "$1: fails"
	expect_stdout "unsafe window: $2" "$1: the window"
	expect_stdout "$3" "$1: what is wrong there"
}

expect_safe() { # NAME ARGUMENT...
	torture run "${@:2}"
	expect_exit 0 "$1: passes"
	expect_stdout '^ok [0-9]* - no unsafe window in [1-9]' "$1: and was looked at"
}

expect_unsafe "naive append" 'after append/write:out, up to the end, with it: 1 time' 'out: want 3 lines, have 4, doubled or wrong 1' -- "$jobs/append"
expect_stdout 'advice: running it again does it again' "naive append: advice"
expect_unsafe "gap between write and mark" 'after gap/write:out, up to mv/rename:mark.new>mark: 8 times' \
	'first before gap/openat:mark.new@1: out: want 8 lines, have 9, doubled or wrong 1' --save "$scratch/cases" -- "$jobs/gap"
expect_stdout 'advice: a gap between an effect' "gap between write and mark: advice"
expect_stdout '^# explored [0-9]* of 41 points, [0-9]* classes, .*; --all for the rest' "what was explored of what is said"
case=$scratch/cases/1
expect_unsafe "mark before write" 'after mv/rename:mark.new>mark, up to ahead/write:out' 'lost 1' -- "$jobs/ahead"
expect_unsafe "cut in place" 'after in-place/open:data, up to in-place/write:data' 'data: want' -s 'echo abc >data' -- "$jobs/in-place"
expect_stdout 'advice: a file is cut before its new content is there' "cut in place: advice"
expect_unsafe "stale lock" 'after locked/open:job.lock, up to .*/unlink:job.lock' 'the recovery exits with 75: locked by another' -- "$jobs/locked"
expect_stdout 'advice: a stale lock' "stale lock: advice"
expect_safe "temporary file and rename" -- "$jobs/renamed"
expect_safe "leftover temporary file" -- "$jobs/litters"
expect_stdout '^# LITTER: .*: out\.' "leftover temporary file: is litter"
torture run -s 'head -c 32768 /dev/zero >big' -- "$special" torn
expect_exit 1 "torn write: fails"
expect_equal "torn write: at the first page, in the middle and before the last" 3 "$(grep -c '^not ok .*torn write: special/pwrite64:big@1 cut at byte [0-9]*$' "$scratch/out")"
expect_equal "torn write: and nowhere else" "" "$(grep '^not ok' "$scratch/out" | grep -v 'torn write')"
torture run --limit 2s -j 4 -- "$jobs/waits"
expect_exit 1 "stuck: fails"
expect_stdout '^not ok .* stuck window: after waits/open:turn' "stuck: the window"
expect_safe "a file with a pid in it" --same out -- "$jobs/once"
torture run --pid-reuse --same out -- "$jobs/once"
expect_exit 1 "a file with a pid in it, after a reboot: fails"
expect_stdout 'the recovery exits with 1: runs already' "a file with a pid in it, after a reboot: finds itself alive"
check "marks: the state that one path alone tells apart is played" marks_are_summed
if command -v sqlite3 >/dev/null; then
	job sqlite <<-'END'
		sqlite3 db 'create table if not exists t (x primary key); insert or ignore into t values (1), (2); insert or ignore into t values (3);'
	END
	transaction='begin immediate; create table if not exists t (x primary key); insert or ignore into t values (1), (2), (3); commit'
	torture run --again --real-kill -c '[ "$(sqlite3 db "select count(*) from t")" = 3 ]' -- sqlite3 db "$transaction"
	expect_exit 0 "sqlite3, a transaction: passes"
	expect_stdout '^# closed: ' "sqlite3, a transaction: however often it is killed"
	expect_safe "sqlite3" -c '[ "$(sqlite3 db "pragma integrity_check; select count(*) from t" | paste -s)" = "ok	3" ]' -- "$jobs/sqlite"
else
	skip "sqlite3" "sqlite3 is not installed"
fi

# --- every state, and what the check is told

torture run --all -j 2 -- "$jobs/gap"
expect_exit 1 "all of them: the same verdict"
expect_stdout 'unsafe window: after gap/write:out, up to mv/rename:mark.new>mark: 8 times' "all of them: the same window"
expect_stdout '^# explored 41 of 41 points' "all of them"
torture run --budget 1ms -j 1 -- "$jobs/gap"
expect_stdout '; the budget was used up$' "a budget ends it, and that is said"
torture run --budget 1ms -j 1 --one-process -- "$jobs/gap"
expect_stdout '^# NOT tested: one-process kills, ' "what the budget was too small for is not tested"

# --- the page

torture run --html "$scratch/gap.html" --save "$scratch/page-cases" -- "$jobs/gap"
expect_exit 1 "page: the verdict stays what it is"
expect_equal "page: HTML, needs nothing else, and has each point" "" "$("$tests/e2e/check_page.py" torture "$scratch/gap.html" 41)"
expect_in "$scratch/gap.html" 'unsafe window: after gap/write:out, up to mv/rename:mark.new&gt;mark: 8 times' "page: the window"
expect_in "$scratch/gap.html" "before gap/openat:mark.new@1: graveshift torture replay $scratch/page-cases/1" "page: what replays it"
expect_in "$scratch/gap.html" 'class="unsafe" x=' "page: the points of the window"
torture run --html "$scratch/shut.html" -c true -- "$jobs/renamed"
expect_equal "page of a gate that stayed shut: HTML, and no points" "" "$("$tests/e2e/check_page.py" torture "$scratch/shut.html" 0)"
expect_in "$scratch/shut.html" 'INCONCLUSIVE' "page of a gate that stayed shut: says so"
torture run --html /nowhere/page.html -- "$jobs/renamed"
expect_exit 5 "a page that cannot be written"
job talks <<-'END'
	for i in 1 2 3; do echo $i >out.new; mv -f out.new out; echo "told $i"; done
END
torture run -c 'test "$(cat out)" = 3 && echo "$TORTURE_POINT $TORTURE_STATE $(wc -l <"$TORTURE_STDOUT")" >>'"$scratch/nowhere"'; test "$(cat out)" = 3' -- "$jobs/talks"
expect_exit 0 "a check that writes: passes"
check "what it writes stays in there" [ ! -e "$scratch/nowhere" ]
torture run -c '[ "$TORTURE_POINT" = end ] || [ "$(cat out)" = 3 -a "$(wc -l <"$TORTURE_STDOUT")" -lt 3 ]; [ "$(cat out)" = 3 ]' -- "$jobs/talks"
expect_exit 0 "what the command had said by then"

# --- the command run again and killed

torture run --real-kill -- "$jobs/gap"
expect_exit 1 "real kills: the same verdict"
expect_stdout '^ok [0-9]* - real kills at [1-9][0-9]* points agree with the saved states' "real kills: and agree"
job parts <<-'END'
	for i in 1 2; do (echo "part $i" >part.$i.new; mv -f part.$i.new part.$i) & done
	wait
	cat part.1 part.2 >out.new; mv -f out.new out; exit 0
END
expect_safe "parts" --same out -- "$jobs/parts"
torture run --one-process --same out -- "$jobs/parts"
expect_exit 1 "a command that does not look at how its processes end: fails"
expect_stdout '^not ok [0-9]* - one process killed before mv/rename:part.\\#.new>part.\\#: 2 of 2 fail' "and it is said where"
job dated <<-'END'
	new=out.$(date +%N); seq 5 >"$new" && mv -f "$new" out
END
torture run --real-kill --same out -- "$jobs/dated"
expect_exit 0 "names that are others each time: pass"
expect_stdout '^ok [0-9]* - real kills at [1-9]' "names that are others each time: are found by their class"

# --- recoveries that are killed, too

torture run --again -- "$jobs/renamed"
expect_exit 0 "killed any number of times: passes"
expect_stdout '^ok [0-9]* - recoveries that are killed, too: [0-9]* new states' "killed any number of times: and it is said"
expect_stdout '^# closed: ' "killed any number of times: nothing new comes"
job twice <<-'END'
	[ ! -e out ] || exit 0
	if [ -e out.new ]; then
		seq 5 >out && rm out.new
	else
		seq 5 >out.new && mv -f out.new out
	fi
END
expect_safe "safe under one kill" -- "$jobs/twice"
torture run --again -- "$jobs/twice"
expect_exit 1 "but not under two: fails"
expect_stdout '^not ok [0-9]* - killed 2 times, the last before seq/write:out@1 in a recovery' "but not under two: and it is said where"

# --- chance: the same again, but not for who goes on

job drawn <<-'END'
	rm -f out.*
	new=out.$(od -An -N4 -tx4 /dev/urandom | tr -d ' ') && head -c 8 /dev/urandom >"$new" && mv -f "$new" out
END
torture run --real-kill --again -c '[ "$(wc -c <out)" = 8 ]' -- "$jobs/drawn"
expect_exit 0 "random names and bytes: pass"
expect_stdout '^# closed: ' "random names and bytes: states come again"
expect_stdout '^ok [0-9]* - real kills at [1-9]' "random names and bytes: points come again"
expect_equal "random names and bytes: each of them" "" "$(grep 'not reached' "$scratch/out")"
check "names drawn anew double what is there" names_are_drawn_anew

# --- processes of all kinds

for kind in raw threads daemon vfork uring mapped; do
	same=(--same out)
	[ $kind != threads ] || same=(--same out.0 --same out.1 --same out.2 --same out.3)
	expect_safe "$kind" "${same[@]}" -- "$special" $kind
done
if [ "$(uname -m)" = x86_64 ]; then
	torture run -- "$special" foreign
	expect_exit 3 "calls of another machine: not judged"
	expect_stdout 'it runs a program for another machine (32 bits), which cannot be traced' "calls of another machine: why"
fi
if ${CC:-cc} -static -o "$jobs/static" "$project/tests/e2e/torture_job.c" -pthread 2>/dev/null; then
	expect_safe "a static program" -- "$jobs/static" raw
else
	skip "a static program" "no static C library"
fi

# --- gates

check "a check that cannot fail is no check" checks_are_checked
expect_stdout '^not ok [0-9]* - the check fails on damaged files' "and it is said"
torture run -c false -- "$jobs/renamed"
expect_exit 3 "a check that fails on the clean end: not judged"
expect_stdout '^not ok [0-9]* - the check passes on the clean end' "and it is said"
torture run -c 'cmp -s out <(seq 5) 2>/dev/null; exit 77' -- "$jobs/renamed"
expect_exit 3 "a check that skips: not judged"
torture run -- sh -c 'exit 7'
expect_exit 3 "a command that fails by itself: not judged"
expect_stdout 'it exits with 7' "and it is said how"
torture run -- true
expect_exit 3 "a command that changes nothing: not judged"
job dates <<-'END'
	date +%N >when && seq 5 >out.new && mv -f out.new out
END
expect_safe "what differs between clean runs is left out" -- "$jobs/dates"
expect_stdout 'differs from one clean run to the next, and is not compared: when' "and named"
check "renames are seen" renames_are_seen

# --- bounds

torture run --limit 300ms -- "$special" hang
expect_exit 3 "a command that hangs: not judged"
expect_stdout 'it does not end within --limit' "a command that hangs: why"
torture run --limit 1s -j 4 -c '[ -e out ] && [ "$TORTURE_POINT" != end ] && while :; do :; done; [ -e out ]' -- "$jobs/renamed"
expect_exit 3 "a check that hangs: not judged"
expect_stdout '^not ok .*not judged window' "a check that hangs: is no pass"
torture run -- ./nothing-there
expect_exit 2 "no such command"
expect_stderr './nothing-there: no such command' "and it is said"
torture run -- "$scratch"
expect_exit 2 "a folder is no command"
torture run -w "$scratch/nowhere" -- true
expect_exit 2 "no such work folder"
torture run -s 'exit 3' -- "$jobs/renamed"
expect_exit 2 "a setup that fails"
torture run --jobs 0 -- true
expect_exit 2 "no jobs"
graveshift torture run
expect_exit 2 "no command"
graveshift torture play x
expect_exit 2 "another word"

# --- the host is left alone

job spreads <<-'END'
	echo x >/var/tmp/graveshift-torture-test; echo y >/dev/shm/graveshift-torture-test; seq 5 >out
END
torture run --same out -- "$jobs/spreads"
expect_equal "what is written elsewhere stays in there" "" "$(ls /var/tmp/graveshift-torture-test /dev/shm/graveshift-torture-test 2>/dev/null)"
if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
	mkdir -m 777 "$scratch/tmp/nobody" && cp "$jobs/gap" "$scratch/tmp/nobody" && chmod 755 "$scratch" "$scratch/tmp"
	(cd "$scratch/tmp/nobody" && TMPDIR=/tmp setpriv --reuid=65534 --regid=65534 --clear-groups "$GRAVESHIFT" torture run -- ./gap) >"$scratch/out" 2>"$scratch/err"
	status=$?
	if [ $status -eq 3 ]; then
		skip "an ordinary user" "$(head -n 1 "$scratch/err")"
	else
		expect_exit 1 "an ordinary user: the same verdict"
		expect_stdout 'unsafe window: after gap/write:out, up to mv/rename:mark.new>mark: 8 times' "an ordinary user: the same window"
	fi
	rm -rf "$scratch/tmp/nobody"
else
	skip "an ordinary user" "the tests are not run as root"
fi

# --- points and cases

graveshift torture list -- "$jobs/gap"
expect_exit 0 "list"
expect_stdout '^ *8  gap/write:out$' "list: a class and how often it came"
expect_stdout '^41 points, [0-9]* classes; [0-9]* states to play' "list: what it would cost"
graveshift torture replay "$case"
expect_exit 1 "replay: the case fails again"
expect_stdout 'out: want 8 lines, have 9, doubled or wrong 1' "replay: in the same way"
echo 'cat out; exit 3' | SHELL=/bin/sh "$GRAVESHIFT" torture replay "$case" --shell >"$scratch/out" 2>"$scratch/err"
expect_stdout '^line 1$' "replay --shell: the state as the kill has left it"
sed -i 's/>>out$/>out/; s/echo "line $n" >out/seq -f "line %g" $n >out/' "$jobs/gap"
graveshift torture replay "$case"
expect_exit 0 "replay: passes when the job is mended"
graveshift torture keep "$case" "$scratch/kept"
expect_exit 0 "keep"
check "keep: a test that passes with the mended job" sh "$scratch/kept/test.sh"
cp "$jobs/append" "$jobs/gap"
sh "$scratch/kept/test.sh" >"$scratch/out" 2>&1
expect_equal "keep: and fails with a bad one" 1 $?
graveshift torture replay "$scratch/jobs"
expect_exit 2 "replay: no case"

# --- killed itself at any moment, nothing is left

job long <<-'END'
	for i in $(seq 200); do echo $i >out.new; mv -f out.new out; done
END
nothing_is_left() { # PID
	! pgrep -f "$jobs/long" >/dev/null && ! pgrep -f "graveshift torture run -- $jobs/long" >/dev/null &&
		! grep -q "$TMPDIR" /proc/mounts && [ -z "$(find "$TMPDIR" -mindepth 1 -maxdepth 1)" ]
}
work=$(mktemp -d "$scratch/work.XXXXXX") && cd "$work" || exit 5
job_runs() { pgrep -f "$jobs/long" -P "$(pgrep -d, -f "torture run -- $jobs/long")" >/dev/null; }
for moment in scratch record 'ok 3' 'ok 5' explore; do
	start long torture run -- "$jobs/long"
	case $moment in
	scratch) wait_until 10 sh -c "ls -d '$TMPDIR'/graveshift-torture.* >/dev/null 2>&1" ;;
	record) wait_until 10 grep -q -s '^TAP' "$scratch/long.out" ;;
	explore) wait_until 10 grep -q -s '^ok 5' "$scratch/long.out" && wait_until 10 pgrep -f "$jobs/long" >/dev/null ;;
	*) wait_until 10 grep -q -s "^$moment" "$scratch/long.out" ;;
	esac || fail "the moment $moment comes"
	slay long "$director"
	check "killed at $moment: nothing is left" wait_until 10 nothing_is_left
done
start long torture run -- "$jobs/long"
wait_until 10 grep -q -s '^ok 5' "$scratch/long.out"
kill -TERM "$director"
await long "$director"
expect_exit 143 "stopped by SIGTERM"
check "stopped by SIGTERM: nothing is left" wait_until 10 nothing_is_left
cd "$scratch" || exit 5
expect_equal "nothing is left in TMPDIR" "" "$(find "$TMPDIR" -mindepth 1 -maxdepth 1)"
finish
