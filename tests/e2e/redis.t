#!/bin/bash
# SPDX-License-Identifier: ISC
#
# What Redis does and does not promise: a cursor that lags, a lock that ends with its TTL.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

if ! start_redis; then
	skip "etl jobs with Redis" "$reason"
	finish
fi
servers=$project/scenarios/servers
on_it=(--set recovery.redis="$redis")
ask() { redis-cli -s "$redis" "$@"; }

for name in redis-checkpoint redis-checkpoint-naive redis-lock redis-lock-naive; do
	graveshift run "$servers/$name.yaml" "${on_it[@]}" --run-dir "$scratch/$name"
	expect_exit 0 "$name.yaml: what it says happens"
	case $name in
	*lock*) expect_stderr 'its lock in Redis has expired while it was held' "$name: the holder is told, too late" ;;
	esac
done
graveshift test "$project/scenarios/servers/redis-lock.yaml" "${on_it[@]}"
expect_exit 0 "a scenario that takes a server is run when it is named"
mkdir "$scratch/some" && cp -r "$servers" "$scratch/some"
cp "$(write_scenario simple <<<$'job: {kind: noop, tasks: 3 tasks}\nexpect: [{job: done}]')" "$scratch/some"
graveshift test "$scratch/some"
expect_exit 0 "and not because it is in a folder"
expect_stdout '^# .*/servers: left out' "which is said"

# etl_job NAME RECOVERY < faults and expect
etl_job() {
	{
		cat <<-END
			job: {kind: etl, generate: {sales: 2000 records}, id: [order_id], effects: log, chunk: 500 records}
			workers: {count: 2}
			recovery: {checkpoint: {every: 50 records}, redis: ${3:-$redis}, retry: {backoff: 10ms..100ms}, $2}
		END
		cat
	} | write_scenario "$1"
}
once='expect: [{job: done}, {records: exactly_once}, {effects_doubled: 0}]'

# --- the lock of one who is dead

scenario=$(etl_job dead-holder 'lock: redis, lock_ttl: 1s' <<-END
	faults: [{id: k, at: worker.before_batch, nth: 5, kill: self}]
	$once
END
)
graveshift run "$scenario" --run-dir "$scratch/dead-holder"
expect_exit 0 "the holder dies: the task is done all the same"
expect_stdout 'crash 1, hang 0; to infrastructure (not charged) [1-9]' "waiting for a lock is charged to nobody"
"$GRAVESHIFT" log "$scratch/dead-holder" --kind failed >"$scratch/out"
expect_stdout 'infra .*its lock is held' "its lock lasts until its TTL, as the log says"

# --- a lock that is renewed does not end

scenario=$(etl_job renewed 'lock: redis, lock_ttl: 300ms' <<-END
	faults: [{id: s, at: worker.started, slow: self, by: 2ms, for: forever, times: every}]
	$once
END
)
graveshift run "$scenario" --run-dir "$scratch/renewed"
expect_exit 0 "tasks that take a second each are done under locks of 300 ms"
check "none of them expired" [ ! -s "$scratch/err" ]
expect_equal "no lock is left" "" "$(ask --raw keys 'graveshift:*:lock:*')"

# --- a cursor that Redis has lost

scenario=$(etl_job forgotten 'checkpoint_store: redis' <<-END
	faults: [{id: z, at: worker.before_mark, nth: 12, pause: self, for: 700ms}, {id: k, at: worker.before_mark, nth: 14, kill: self}]
	$once
END
)
start forgotten run "$scenario" --run-dir "$scratch/forgotten"
asleep() { is_stopped "$(pid_of 'worker w0' forgotten)" || is_stopped "$(pid_of 'worker w1' forgotten)"; }
check "a worker stands still" wait_until 10 asleep
ask flushall >"$scratch/flushed"
await forgotten "$director"
expect_exit 0 "Redis forgets everything meanwhile: nothing is lost, nothing is doubled"

# --- a server that is away

graveshift run "$(etl_job nowhere 'lock: redis' "$scratch/no/socket" <<<"$once")" --run-dir "$scratch/nowhere"
expect_exit 2 "no server at the start: nothing is run"
expect_stderr "the sink cannot be prepared: Redis at $scratch/no/socket: " "and it is said where it was looked for"

scenario=$(etl_job away 'checkpoint_store: redis' <<-END
	faults: [{id: z, at: worker.before_mark, nth: 12, pause: self, for: 500ms}]
	$once
END
)
asleep() { is_stopped "$(pid_of 'worker w0' away)" || is_stopped "$(pid_of 'worker w1' away)"; }
failed_often() { [ "$(events_of "$scratch/away" failed)" -ge 4 ]; }
start away run "$scenario" --run-dir "$scratch/away"
away=$director
check "a worker stands still" wait_until 10 asleep
{
	kill -KILL "$redis_pid"
	wait "$redis_pid"
} 2>/dev/null
check "the server is killed: the job tries again and again" wait_until 10 failed_often
"$GRAVESHIFT" status "$scratch/away" >"$scratch/out"
expect_stdout '^sink: .* in Redis, which cannot be reached' "status says for what it waits"
check "another server is started, which knows nothing" start_redis
await away "$away"
expect_exit 0 "and the job is done, exactly once"
expect_stdout 'crash 0, hang 0; to infrastructure (not charged) [1-9]' "charged to nobody"
finish
