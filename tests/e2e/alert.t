#!/bin/bash
# SPDX-License-Identifier: ISC
#
# on_failure: an alarm for each failure, raised once, by somebody who is alive, also when whoever should raise it is killed
# before, while or after it is raised; and none for what is no failure.
. "$(dirname "$0")/lib.sh"

cat >"$scratch/page" <<-'END'
	#!/bin/sh
	# Adds a line for each alarm; then whatever the test wants.
	{
		echo "$GRAVESHIFT_REASON try $GRAVESHIFT_TRY done $GRAVESHIFT_DONE of $GRAVESHIFT_RECORDS dead $GRAVESHIFT_DEAD_LETTERS"
		[ $# -eq 0 ] || printf ' [%s]' "$@"
		[ $# -eq 0 ] || echo
	} >>"$GRAVESHIFT_RUN/pages"
	printf '%s\n' "$GRAVESHIFT_COMMAND" >"$GRAVESHIFT_RUN/command"
	env | sed -n 's/^GRAVESHIFT_\([A-Z_]*\)=.*/\1/p' | LC_ALL=C sort | paste -sd ' ' - >"$GRAVESHIFT_RUN/variables"
	echo "paged about $GRAVESHIFT_JOB of $GRAVESHIFT_DATE: $GRAVESHIFT_HAPPENED"
	[ ! -e "$GRAVESHIFT_RUN/../then" ] || . "$GRAVESHIFT_RUN/../then"
END
chmod +x "$scratch/page"

long=$(write_scenario "alert-long-$$" <<-END
	on_failure: [$scratch/page]
	job: {kind: noop, tasks: 400 tasks, work: 5ms}
	workers: {count: 1}
	expect:
	  - job: done
END
)
short=$(write_scenario "alert-$$" <<-END
	on_failure: [$scratch/page]
	job: {kind: aggregate, generate: {sales: 1000 records}, key: product, sum: [qty], chunk: 100 records}
	workers: {count: 2}
	expect:
	  - job: done
END
)
pages() { cut -d ' ' -f 1-3 "$1/pages" 2>/dev/null | paste -sd , -; } # RUN

# --- what is no failure
run=$scratch/fine
graveshift run -q "$short" --run-dir "$run" --set 'faults=[{id: k1, when: progress >= 30%, kill: supervisor},
	{id: k2, at: worker.before_commit, nth: 3, kill: self}, {id: k3, when: progress >= 60%, kill: director}]'
expect_exit 0 "worker, supervisor and director are killed, and recovered at once"
expect_equal "that is no failure" "" "$(pages "$run")"
graveshift run -q "$short" --run-dir "$scratch/disk" --set 'faults=[{id: d, at: store.write, nth: 40, fail: ENOSPC}]'
expect_exit 0 "the disk is full, as scripted, and somebody makes room"
expect_equal "no failure either" "" "$(pages "$scratch/disk")"
run=$scratch/stopped
start stopped run -q "$long" --run-dir "$run"
wait_until 20 tasks_done "$run" 5
kill -TERM "$director"
await stopped "$director"
graveshift resume -q "$run"
expect_exit 0 "stopped on request and resumed"
expect_equal "who stops it is not paged" "" "$(pages "$run")"

# --- what is one
run=$scratch/failed
graveshift run -q "$short" --run-dir "$run" --set job.generate.bad=2
expect_exit 1 "a job fails"
expect_equal "one alarm" "job-failed try 1" "$(pages "$run")"
check "with the facts" grep -q -x 'job-failed try 1 done 998 of 1000 dead 2' "$run/pages"
expect_equal "all of them" "COMMAND DATE DEAD_LETTERS DONE HAPPENED JOB REASON RECORDS RUN TRY" "$(cat "$run/variables")"
check "what it printed is kept" grep -q "^paged about alert-$$ of $(date +%F): The job failed at .* 2 records were given up" \
	"$run/alert.log"
graveshift resume -q "$run"
expect_exit 1 "looking at it again"
expect_equal "still one alarm" "job-failed try 1" "$(pages "$run")"
graveshift redrive -q "$run" --set recovery.dead_letters.max=1
expect_exit 1 "it fails once more"
expect_equal "that is another failure" "job-failed try 1,job-failed try 1" "$(pages "$run")"
sh -c "$(cat "$run/command")" >"$scratch/out" 2>"$scratch/err"
status=$?
expect_exit 0 "the command that the alarm names finishes the job"
expect_equal "and raises none" 2 "$(wc -l <"$run/pages")"

run=$scratch/wall
graveshift run -q "$long" --run-dir "$run" --set limits.wall=200ms
expect_exit 3 "the time limit"
expect_equal "one alarm for it" "time-limit try 1" "$(pages "$run")"
graveshift resume -q "$run"
expect_equal "each life that it ends has one" "time-limit try 1,time-limit try 1" "$(pages "$run")"

run=$scratch/supervisors
start supervisors run -q "$long" --run-dir "$run"
kill_supervisor() {
	signal_supervisor "$run" KILL
	is_gone "$director"
}
wait_until 20 tasks_done "$run" 1
wait_until 30 kill_supervisor
await supervisors "$director"
expect_exit 5 "the supervisor dies again and again"
expect_equal "the director raises the alarm" "broken try 1" "$(pages "$run")"

run=$scratch/promise
graveshift run -q "$short" --run-dir "$run" --set 'expect=[{job: done}, {retries: 5}]'
expect_exit 1 "a promise is broken"
expect_equal "one alarm for it" "promise-broken try 1" "$(pages "$run")"

# --- the director dies
run=$scratch/director
start director run -q "$long" --run-dir "$run"
wait_until 20 tasks_done "$run" 5
slay director "$director"
wait_until 5 no_process_left "$run"
expect_equal "the dead raise no alarm" "" "$(pages "$run")"
graveshift resume -q "$run"
expect_exit 0 "resumed"
expect_equal "who takes the run up does" "director-died try 1" "$(pages "$run")"

# --- killed while the alarm is raised: at least once, and told when it may be twice
for point in director.before_alert director.after_alert; do
	run=$scratch/$point
	graveshift run -q "$short" --run-dir "$run" --set job.generate.bad=2 \
		--set "faults=[{id: d, at: $point, kill: director}]"
	expect_exit 1 "killed at $point"
	if [ "$point" = director.before_alert ]; then
		expect_equal "$point: raised once, and it may be the second time" "job-failed try 2" "$(pages "$run")"
	else
		expect_equal "$point: raised twice, and it says so" "job-failed try 1,job-failed try 2" "$(pages "$run")"
	fi
	assert_nothing_left "$point" "$run"
done
# Between the end of the life and the mark: nothing is written down yet but the end itself.
run=$scratch/unmarked
graveshift run -q "$long" --run-dir "$run" --set limits.wall=200ms
rm "$run/alerts.jsonl" "$run/pages"
graveshift resume -q "$run" --progress none
expect_equal "an end without its alarm: the next life raises it" "time-limit try 1" "$(pages "$run" | cut -d , -f 1)"
# A torn line.
run=$scratch/torn
graveshift run -q "$short" --run-dir "$run" --set job.generate.bad=2
truncate -s -5 "$run/alerts.jsonl"
graveshift resume -q "$run"
graveshift resume -q "$run"
expect_equal "a torn mark: once more, and then no more" "job-failed try 1,job-failed try 2" "$(pages "$run")"
# Killed in it, by hand.
run=$scratch/within
echo 'touch "$GRAVESHIFT_RUN/in-it"; exec sleep 60.25' >"$scratch/then"
start within run -q "$short" --run-dir "$run" --set job.generate.bad=2
check "the alarm is under way" wait_until 20 test -e "$run/in-it"
slay within "$director"
rm "$scratch/then"
check "it dies with the director" wait_until 5 eval '! pgrep -f "^sleep 60.25" >/dev/null'
graveshift resume -q "$run"
expect_equal "and is raised again" "job-failed try 1,job-failed try 2" "$(pages "$run")"

# --- commands that are no good
run=$scratch/bad-command
for command in '[/nowhere/at/all]:ended with exit code 127' "[$scratch/page, 'a \$b', \"c'd\"]:" '[sh, -c, "kill -SEGV $$"]:was ended by signal 11' \
	'[sh, -c, "exit 3"]:ended with exit code 3'; do
	rm -rf "$run"
	graveshift run -q "$short" --run-dir "$run" --set job.generate.bad=2 --set "on_failure=${command%:*}"
	expect_exit 1 "${command%:*}: the exit code is the run's"
	if [ -n "${command##*:}" ]; then
		expect_stderr "on_failure: .*${command##*:}" "and it is said that it ${command##*:}"
	else
		check "arguments go as they are, past no shell" grep -q -x -F " [a \$b] [c'd]" "$run/pages"
	fi
done
rm -rf "$run"
SECONDS=0
graveshift run -q "$short" --run-dir "$run" --set job.generate.bad=2 \
	--set 'on_failure=[sh, -c, "trap : TERM; (sleep 77.25) & yes"]'
expect_exit 1 "one that does not end"
check "is ended in time ($SECONDS s)" test $SECONDS -le 15
expect_stderr 'took longer than 10 s' "and it is said"
check "what is kept of its output is bounded" test "$(stat -c %s "$run/alert.log")" -le 65536
check "nothing of it is left" eval '! pgrep -f "^sleep 77.25\$" >/dev/null'
graveshift test "$short" --set job.generate.bad=2 --set "on_failure=[touch, $scratch/touched]"
check "who only tries something raises none" test ! -e "$scratch/touched"
finish
