#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Exclusive jobs: one run has a job and its logical date.  A second one is refused while it lives and while it is
# unfinished, does nothing once it is complete, and no kill leaves a lock behind.
. "$(dirname "$0")/lib.sh"

runs=$XDG_STATE_HOME/graveshift/runs
name=exclusive-$$
job=$(write_scenario "$name" <<-END
	exclusive: true
	job: {kind: noop, tasks: 400 tasks, work: 10ms}
	workers: {count: 2}
	expect:
	  - job: done
END
)
quick="--set job.work=0us"

run_count() { find "$runs" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | wc -l; }
newest() { readlink -f "$runs/latest"; }
has_started() { [ -e "$runs/latest" ] && tasks_done "$runs/latest" 1; }

# --- while one lives
start first run -q "$job"
first=$director
check "the first run begins" wait_until 20 has_started
one=$(newest)
graveshift run -q "$job"
expect_exit 2 "a second run of the same job and day is refused"
expect_stderr "is running: $one\." "and told which one runs"
expect_equal "nothing was made for it" 1 "$(run_count)"
graveshift run -q --again "$job"
expect_exit 2 "--again does not help while one lives"
# shellcheck disable=SC2086 # two words
graveshift run -q $quick --set job.logical_date=2026-01-31 "$job"
expect_exit 0 "another day is another job"
sed -i "s/^name: .*/name: $name-b/" "$job"
# shellcheck disable=SC2086
graveshift run -q $quick "$job"
expect_exit 0 "another name, too"
sed -i "s/^name: .*/name: $name/" "$job"
graveshift test "$job" --set job.work=0us
expect_exit 0 "who only tries something is not in its way"

# --- after it died
slay first "$first"
wait_until 5 no_process_left "$one"
before=$(run_count)
graveshift run -q "$job"
expect_exit 2 "an unfinished job is not begun anew"
expect_stderr "not finished: $one\..*graveshift resume $one. goes on" "and told how to go on"
expect_equal "again nothing was made" "$before" "$(run_count)"
check "its day is written down" grep -q "^  logical_date: $(date +%F)$" "$one/scenario.yaml"
graveshift resume -q "$one"
expect_exit 0 "kill -9 left no lock: resume goes on"

# --- when it is complete
before=$(fingerprint_of "$one")
graveshift run -q "$job"
expect_exit 0 "a complete job is complete"
expect_stderr "already complete: $one\." "and told by which run"
expect_equal "nothing of that run changed" "$before" "$(fingerprint_of "$one")"

# --- afresh
# shellcheck disable=SC2086
graveshift run -q --again $quick "$job"
expect_exit 0 "--again runs it afresh"
two=$(newest)
check "in a directory of its own" test "$one" != "$two"
graveshift resume -q "$one"
expect_exit 2 "the run before no longer has the job"
expect_stderr "was begun afresh in $two" "and told which one has it"
graveshift run -q "$job"
expect_stderr "already complete: $two\." "the fresh one counts"
rm -r "$two"
graveshift run -q "$job"
expect_exit 2 "a job whose run is gone is not taken for complete, nor for undone"
expect_stderr "cannot be told" "and says so"
mv "$one" "$one-moved"
# shellcheck disable=SC2086
graveshift run -q --again $quick "$job"
three=$(newest)
python3 - "$three/run.db" <<-END
	import sqlite3, sys
	store = sqlite3.connect(sys.argv[1])
	store.execute("UPDATE task SET state = 1 WHERE id = 7")
	store.commit()
END
graveshift run -q "$job"
expect_exit 2 "a run that says it is done while its books do not balance is not believed"
expect_stderr "books do not balance: $three" "and says so"
graveshift run -q --again --set exclusive=false "$job"
expect_exit 2 "--again without an exclusive job means nothing"

# --- killed before it had begun, and at its very end
day=2026-02-01
for point in director.after_lock director.before_scenario director.after_scenario director.before_unlock; do
	day=2026-02-0$((${day#2026-02-0} + 1))
	# The operator within `run` takes it up again.
	# shellcheck disable=SC2086
	graveshift run -q $quick --set job.logical_date="$day" \
		--set "faults=[{id: d, at: $point, kill: director}]" "${job}"
	expect_exit 0 "killed at $point: its next life has the job"
done

# --- at the same instant
# Both may have asked before one of them has the job: seen when both have made a directory, and one ends as complete.
tries=0
wins=0
seen=0
while [ $tries -lt 60 ] && { [ $tries -lt 12 ] || [ $seen -lt 3 ]; }; do
	tries=$((tries + 1))
	day=$(date -d "2025-03-01 + $tries days" +%F)
	for side in a b; do
		# shellcheck disable=SC2086
		"$GRAVESHIFT" run -q $quick --set job.tasks='40 tasks' --set job.logical_date="$day" \
			--run-dir "$scratch/$tries$side" "$job" >/dev/null 2>"$scratch/$side.err" &
		eval "$side=$!"
	done
	wait "$a"
	codes=$?
	wait "$b"
	codes=$codes$?
	[ "$codes" != 00 ] || [ ! -d "$scratch/${tries}a" ] || [ ! -d "$scratch/${tries}b" ] || seen=$((seen + 1))
	case $codes in
	02 | 20 | 00) # 00: the other one was over before it asked, or before it could have the job
		[ "$(find "$scratch/$tries"[ab] -name run.db | wc -l)" -ne 1 ] || wins=$((wins + 1)) ;;
	esac
done
expect_equal "of two at the same instant, one runs ($seen times, the other was told only then)" "$tries" "$wins"
expect_equal "no process is left" "" "$(processes_of "$runs")"
finish
