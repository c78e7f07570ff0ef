# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Small jobs of kind stream, for tests of their patterns.

# stream NAME PATTERN < more of it: makes a scenario and prints its path; what is set here may be set otherwise before it.
stream() {
	{
		cat <<-END
			limits: {wall: 60s}
			job:
			  kind: stream
			  pattern: $2
			  generate: {events: ${events:-1000} records, keys: ${keys:-20}${more:+, $more}}
			  partitions: ${partitions:-2}
			  rate: ${rate:-any}
			  segment: ${segment:-16KiB}
			  batch: {size: 100 records, age: 20ms}
			  replay: {every: ${replay:-1s}}
			  users: {snapshot: 5 records}
			  claim: {above: 64B}
			workers: {count: ${workers:-4}, restart: {max: 100, backoff: 1ms..10ms}}
			recovery:
			  checkpoint: {every: ${every:-100} records}
			  retry: {attempts: ${attempts:-12}, backoff: 1ms..5ms}
			  dead_letters: {max: ${max:-0}}
		END
		cat
	} | write_scenario "$1"
}
fine='expect: [job: done, records: exactly_once]'
