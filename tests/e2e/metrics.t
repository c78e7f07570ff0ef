#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The file of metrics that a scenario asks for: in the format, current while the run lives, true at every end, and seen to
# be stale when the director is killed.
. "$(dirname "$0")/lib.sh"

prom=$scratch/job.prom
job=$(write_scenario "metrics-$$" <<-END
	metrics: $prom
	job: {kind: noop, tasks: 300 tasks, work: 10ms}
	workers: {count: 1}
	expect:
	  - job: done
END
)

value() { sed -n "s/^$1{[^}]*${2-}[^}]*} //p" "$prom" 2>/dev/null; } # METRIC [LABEL]
state() { sed -n 's/^batch_job_status{.*state="\([a-z]*\)"} 1$/\1/p' "$prom" 2>/dev/null; }
expect_format() { # NAME
	expect_equal "$1: the format" "" "$("$tests/e2e/prom_check.py" "$prom")"
	if command -v promtool >/dev/null; then
		check "$1: promtool agrees" promtool check metrics <"$prom"
	fi
}
is_at_least() { [ "$(value "$1")" -ge "$2" ] 2>/dev/null; }
updated() { value batch_job_last_update_timestamp_seconds; }
is_newer_than() { [ "$(updated)" -gt "$1" ] 2>/dev/null; }

# --- while it lives
start one run -q "$job" --run-dir "$scratch/one"
check "it is written while the run lives" wait_until 20 is_at_least batch_records_processed_total 1
expect_format "running"
expect_equal "running: the state" running "$(state)"
expect_equal "running: the records" 300 "$(value batch_job_records)"
expect_equal "running: no success yet" "" "$(value batch_job_last_success_timestamp_seconds)"
at=$(updated)
check "running: it is kept current" wait_until 10 is_newer_than "$at"
check "running: not more than some seconds old" test $(($(date +%s) - $(updated))) -le 5
signal_supervisor "$scratch/one" KILL
check "the supervisor's death is in it soon" wait_until 10 is_at_least graveshift_generations_total 2

# --- the director is killed
slay one "$director"
wait_until 5 no_process_left "$scratch/one"
at=$(updated)
passed() { [ "$(date +%s)" -gt $((at + 3)) ]; }
wait_until 10 passed
expect_equal "killed: it still says running" running "$(state)"
expect_equal "killed: but its time stands still" "$at" "$(updated)"
graveshift resume -q "$scratch/one"
expect_exit 0 "resumed"
expect_format "done"
expect_equal "done: the state" done "$(state)"
expect_equal "done: the records" 300 "$(value batch_records_processed_total)"
success=$(value batch_job_last_success_timestamp_seconds)
check "done: when" test "$success" -gt "$at"
check "done: how long recoveries took" test "$(value graveshift_recovery_seconds_count)" -ge 1
expect_equal "done: the verdict" 0 "$(value graveshift_verdict_exit_code)"
expect_equal "nothing is left beside it" "" "$(find "$scratch" -maxdepth 1 -name 'job.prom?*')"

# --- other ends
graveshift run -q "$job" --set limits.wall=300ms --run-dir "$scratch/two"
expect_exit 3 "a run that takes too long"
expect_equal "time limit: interrupted" interrupted "$(state)"
expect_equal "time limit: the last success is that of the run before" "$success" \
	"$(value batch_job_last_success_timestamp_seconds)"
expect_format "interrupted"
bad=$(write_scenario "metrics-bad-$$" <<-END
	metrics: own.prom
	job: {kind: aggregate, generate: {sales: 1000 records, bad: 2}, key: product, sum: [qty], chunk: 100 records}
	expect:
	  - job: done
END
)
graveshift run -q "$bad" --run-dir "$scratch/three"
prom=$scratch/three/own.prom
expect_exit 1 "a job that fails"
expect_equal "failed: the state, in a file in the run directory" failed "$(state)"
expect_equal "failed: records given up" 2 "$(value batch_records_failed_total)"
expect_equal "failed: records processed" 998 "$(value batch_records_processed_total)"
expect_equal "failed: attempts by cause" 1 "$(($(value graveshift_attempts_lost_total 'cause="data"') > 0))"
expect_format "failed"
graveshift redrive -q "$scratch/three" --set recovery.dead_letters.max=2
expect_exit 0 "redriven"
expect_equal "redriven: done" done "$(state)"
graveshift report "$scratch/three" --prom "$scratch/again.prom"
expect_equal "report --prom says the same" "" \
	"$(diff <(grep -v last_update "$prom") <(grep -v last_update "$scratch/again.prom"))"

# --- a file that cannot be written stops nothing
graveshift run -q "$job" --set job.work=1ms --set metrics="$scratch/nowhere/x.prom" --run-dir "$scratch/four"
expect_exit 0 "no place for the metrics: the job is done all the same"
expect_equal "it is said when it begins and when it ends" 2 "$(grep -c 'cannot write the metrics' "$scratch/err")"
graveshift test "$job" --set job.work=0us --set metrics="$scratch/test.prom"
check "who only tries something writes none" test ! -e "$scratch/test.prom"

# --- what the check of the format is worth
while read -r name damage; do
	sed "$damage" "$prom" >"$scratch/damaged"
	check "found: $name" eval "! '$tests/e2e/prom_check.py' '$scratch/damaged' >/dev/null"
done <<-'END'
	help-missing /^# HELP batch_job_records/d
	type-missing /^# TYPE batch_job_records/d
	bad-value s/^\(batch_job_records{.*}\) .*/\1 many/
	bad-label s/^batch_job_records{scenario/batch_job_records{1scenario/
	taken-label s/^batch_job_records{scenario/batch_job_records{job/
	twice s/^batch_job_records.*/&\n&/
	torn-apart /^graveshift_records{.*leased/{h;d};$G
	counter-name s/batch_records_processed_total/batch_records_processed/
	bucket-down s/^\(graveshift_recovery_seconds_bucket{.*le="1"}\) .*/\1 -1/
	count-differs s/^\(graveshift_recovery_seconds_count{.*}\) .*/\1 77/
	two-states s/^\(batch_job_status{.*}\) .*/\1 1/
	open-quote s/^batch_job_records{scenario="\(.*\)"/batch_job_records{scenario="\1/
END
finish
