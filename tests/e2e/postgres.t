#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Etl jobs whose sink is on a PostgreSQL server, which is killed, restarted, away, and cut off in mid-COMMIT.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

reason=$("$tests/cluster" why-not)
if [ -n "$reason" ]; then
	skip "etl jobs on PostgreSQL" "$reason"
	finish
fi

chmod 711 "$scratch" # the server's owner must get to its folder
cluster=$scratch/cluster
mkdir "$cluster"
stop_cluster() {
	"$tests/cluster" crash "$cluster" 2>/dev/null
	clean_up
}
trap 'stop_cluster' EXIT
dsn=$("$tests/cluster" make "$cluster") || {
	fail "a private cluster"
	finish
}

sql() { "$tests/cluster" sql "$cluster" "$1"; }

# write_job NAME STRATEGY [DSN] < faults and expect: one worker, ten batches a task, patient unless RECOVERY says otherwise.
patient='lease: {ttl: 60s}, heartbeat: {suspect: 20s, dead: 50s}'
write_job() {
	{
		cat <<-END
			job:
			  kind: etl
			  generate: {sales: 20000 records, bad: 3}
			  id: [order_id]
			  decimals: [qty, price]
			  effects: log
			  store: postgres
			  dsn: ${3:-$dsn}
			  chunk: 5000 records
			workers: {count: ${WORKERS:-1}}
			recovery:
			  {strategy: $2, checkpoint: {every: 500 records}, retry: {backoff: 10ms..100ms}, dead_letters: {max: 3}, ${RECOVERY:-$patient}}
		END
		cat
	} | write_scenario "$1"
}

# The last run, whole: exactly once, by the ledger.
expect_whole() { # NAME
	expect_exit 0 "$1: all expectations are met"
	expect_stdout '^ok   I1 every record .* 20000 in = 19997 in the sink + 3 dead letters; 0 lost, 0 doubled' \
		"$1: each record once"
	expect_stdout '^ok   I2 .* of 19997 effects 0 too many, 0 missing' "$1: each effect once"
}
expect_uncharged() { # NAME
	expect_stdout 'lost to data [0-9]*, crash 0, hang 0; to infrastructure (not charged) [1-9]' \
		"$1: put down to infrastructure, and nobody is charged"
}

once='expect: [{job: done}, {records: exactly_once}, {lost: 0}, {doubled: 0}, {effects_doubled: 0}]'

# --- without faults, and that it is there

for strategy in checkpoint idempotent manifest outbox; do
	graveshift run "$(write_job "plain-$strategy" $strategy <<<"$once")" --run-dir "$scratch/$strategy"
	expect_whole "$strategy"
done
schema=$("$GRAVESHIFT" status --json "$scratch/checkpoint" | sed -n 's/.*"sink": "schema \([a-z0-9_]*\) of PostgreSQL".*/\1/p')
expect_equal "the rows are in the schema that status names" 19997 "$(sql "SELECT count(*) FROM $schema.sink_log")"
expect_equal "as what they are in the input" "$(sed -n 2p "$scratch/checkpoint/input.csv")" \
	"$(sql "SELECT convert_from(payload, 'UTF8') FROM $schema.sink_log ORDER BY record LIMIT 1")"
graveshift resume "$scratch/checkpoint"
expect_exit 0 "resuming what is done changes nothing"
expect_equal "no row more" 19997 "$(sql "SELECT count(*) FROM $schema.sink_log")"
graveshift run "$(write_job twin naive-checkpoint <<-END
	faults: [{id: k, at: worker.after_batch, nth: 3, kill: self}]
	expect: [{job: done}, {doubled: ">= 1"}, {breaks: I2}, {breaks: I1}, {breaks: I7}]
END
)"
expect_stdout '^ok   doubled: ' "the naive twin doubles rows here, too"

graveshift run "$(write_job nowhere checkpoint "host=$scratch/nowhere" <<<"$once")" --run-dir "$scratch/nowhere"
expect_exit 2 "a server that is not there at the start: nothing is run"
expect_stderr 'the sink cannot be prepared: .*nowhere' "and it is said where it was looked for"

# --- kill -9 in mid-transaction

is_asleep() { is_stopped "$(pid_of 'worker w0' "$1")"; }
backend_in_transaction() {
	sql "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'" 2>/dev/null | grep .
}
scenario=$(write_job backend checkpoint <<-END
	faults: [{id: z, at: worker.in_batch, nth: 7, pause: self, for: 600ms}]
	$once
END
)
start backend run "$scenario" --run-dir "$scratch/backend"
if wait_until 20 is_asleep backend && backend_in_transaction >/dev/null; then
	kill -KILL "$(backend_in_transaction)"
	pass "a server process is killed in mid-transaction"
else
	fail "a server process is killed in mid-transaction" "none was in one"
fi
await backend "$director"
expect_whole "backend killed"
expect_uncharged "backend killed"
expect_stderr 'the sink of task [0-9]*: .*; tried again until it works' "backend killed: the worker says what is the matter"

# --- the server goes away for a while

failed_often() { [ "$(events_of "$1" failed)" -ge 6 ]; }
scenario=$(write_job restart checkpoint <<-END
	faults: [{id: z, at: worker.in_batch, nth: 12, pause: self, for: 600ms}]
	$once
END
)
start restart run "$scenario" --run-dir "$scratch/restart"
wait_until 20 is_asleep restart
check "the server is stopped" "$tests/cluster" stop "$cluster"
check "the job tries again and again" wait_until 20 failed_often "$scratch/restart"
"$GRAVESHIFT" status "$scratch/restart" >"$scratch/out"
expect_stdout 'running (' "the job waits"
expect_stdout '^sink: .*cannot be reached' "status says for what"
expect_stdout 'crash 0, hang 0, infrastructure [1-9]' "and that nobody is charged"
"$GRAVESHIFT" log "$scratch/restart" --kind failed >"$scratch/out"
expect_stdout 'infra .*the sink.s server is away' "so does the event log"
check "the server is started again" "$tests/cluster" start "$cluster"
await restart "$director"
expect_whole "server restarted"
expect_uncharged "server restarted"
expect_stdout 'redone work: [0-9]\{1,3\} records' "server restarted: no more than the open batch is done again"

# --- a COMMIT whose answer never comes

for when in before after; do
	mkdir "$scratch/$when"
	python3 "$tests/e2e/cut_proxy.py" "$cluster" "$scratch/$when" 2 $when &
	proxy=$!
	started+=("$proxy")
	wait_until 5 test -S "$scratch/$when/.s.PGSQL.5432"
	graveshift run "$(write_job "cut-$when" checkpoint "host=$scratch/$when dbname=postgres user=graveshift" <<<"$once")"
	expect_whole "cut off $when the COMMIT"
	expect_uncharged "cut off $when the COMMIT"
	expect_stderr 'PostgreSQL was lost in COMMIT' "cut off $when the COMMIT: the worker does not guess"
	# Of the first batch, what was committed is found, what was not is done.
	expect_stdout "36 moves, 0 back" "cut off $when the COMMIT: 40 batches, each counted once"
	kill "$proxy"
done

# --- who comes too late is refused by the server

RECOVERY='lease: {ttl: 300ms, takeover: fence}, heartbeat: {every: 50ms, suspect: 100ms, dead: 300ms}'
for place in before_batch in_batch; do
	graveshift run "$(WORKERS=2 write_job "zombie-${place%_batch}" checkpoint <<-END
		faults: [{id: z, at: worker.$place, nth: 5, pause: self, for: 2s}]
		$once
	END
	)"
	expect_whole "asleep at $place"
	expect_stdout ', hang 1' "asleep at $place: it was taken for hung, and its task went to another"
done
# Nobody has the task after it, so nothing but the fence is in its way.
graveshift run "$(WORKERS=2 write_job zombie-buried checkpoint <<-END
	faults:
	  - {id: s, at: worker.started, slow: self, by: 100us, for: forever, times: every}
	  - {id: z, at: worker.before_batch, nth: 5, pause: self, for: 600ms}
	expect: [{job: done}, {fenced: ">= 1"}]
END
)" --set recovery.dead_letters.max=20000 --set recovery.retry.attempts=1
expect_exit 0 "asleep while its task is given up: refused when it wakes up"
expect_stdout '^ok   I1 every record .* dead letters; 0 lost, 0 doubled' "what was given up is not in the sink as well"
unset RECOVERY

# --- given up, and how far it had got is known

for strategy in checkpoint idempotent; do
	scenario=$(write_job buried-$strategy $strategy <<-END
		faults: [{id: k, at: worker.in_batch, nth: 4, kill: self}]
		expect: [{job: done}]
	END
	)
	graveshift run "$scenario" --set recovery.dead_letters.max=6000 --set recovery.retry.attempts=1
	expect_stdout '^ok   I1 every record .* 20000 in = 1[0-9]* in the sink + 3[0-9]* dead letters; 0 lost, 0 doubled' \
		"$strategy: a task that is given up keeps what it has in the sink, and no more"
done

# A cursor in Redis lags behind the rows: they say how far it had got.
if start_redis; then
	graveshift run "$(write_job lagging checkpoint <<-END
		faults: [{id: k, at: worker.before_mark, nth: 4, kill: self}]
		expect: [{job: done}, {records: exactly_once}]
	END
	)" --set recovery.checkpoint_store=redis --set recovery.redis="$redis" \
		--set recovery.dead_letters.max=6000 --set recovery.retry.attempts=1
	expect_exit 0 "a task is given up between its rows and its cursor: no row of it is a dead letter as well"
else
	skip "a cursor in Redis beside PostgreSQL" "$reason"
fi

# --- a queue that workers claim from

scenario=$(WORKERS=3 write_job queue outbox <<-END
	faults: [{id: a, at: worker.in_batch, nth: 9, kill: self}, {id: b, at: worker.before_batch, nth: 30, kill: self}]
	$once
END
)
graveshift run "$scenario"
expect_whole "outbox with deaths"
scenario=$(write_job given-up outbox <<-END
	faults: [{id: a, at: worker.in_batch, nth: 4, kill: self}]
	$once
END
)
graveshift run "$scenario" --set recovery.retry.attempts=1 --run-dir "$scratch/given-up"
expect_exit 1 "outbox: the task of a dead worker is given up"
graveshift redrive "$scratch/given-up" --set faults=[]
expect_exit 0 "outbox: what was given up is tried again"
expect_stdout '^ok   I1 every record .* 20000 in = 19997 in the sink + 3 dead letters; 0 lost, 0 doubled' \
	"outbox: and then each record is there once"

# --- every point

for strategy in checkpoint outbox; do
	graveshift sweep "$(WORKERS=2 write_job sweep-$strategy $strategy <<<"$once")" --set "job.generate.sales=600 records" \
		--set 'job.generate.bad=1' --set "job.chunk=300 records" --set "recovery.checkpoint.every=100 records" --jobs 2
	expect_exit 0 "$strategy: killed at each point it reaches, a small job on PostgreSQL is done exactly once"
done

expect_equal "no session is left open" "" \
	"$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'graveshift'")"
finish
