# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Small jobs of kind etl, for tests of the strategies of recovery.

# etl NAME STRATEGY < more of it: makes a scenario and prints its path; what is set here may be set otherwise before it.
etl() {
	{
		cat <<-END
			limits: {wall: 60s}
			job:
			  kind: etl
			  generate: {sales: ${records:-1000} records, bad: ${bad:-0}}
			  id: [order_id]
			  decimals: [qty, price]
			  effects: log
			  rows: ${rows:-record}
			  chunk: ${chunk:-250} records
			workers: {count: ${workers:-2}, restart: {max: 100, backoff: 1ms..10ms}}
			recovery:
			  strategy: $2
			  checkpoint: {every: ${every:-50} records}
			  retry: {attempts: ${attempts:-3}, backoff: 1ms..5ms}
			  dead_letters: {max: ${max:-10}}
		END
		cat
	} | write_scenario "$1"
}

# What most of them expect, and a fault by which there is time to look.
fine='expect: [job: done, records: exactly_once]'
slowly='{id: s1, at: worker.started, slow: self, by: 1ms, for: forever, times: every}'
