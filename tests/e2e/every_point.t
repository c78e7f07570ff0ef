#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A kill at every point there is: the process that reaches it, the first time it does and once more later, dies by SIGKILL;
# somebody resumes what has to be resumed; and the result is what it would have been.
. "$(dirname "$0")/lib.sh"

# How often each point is reached in this job: points around the end are reached once in a life.
later() {
	case $1 in
	worker.started | output.* | supervisor.* | director.*) echo 1 ;;
	*) echo 17 ;;
	esac
}

scenario() { # POINT NTH: one more fault kills a worker early, so that the points of takeover are reached
	cat <<-EOF
		scenario: 1
		name: at-${1//[._]/-}-$2
		about: Whoever reaches $1 for the $2. time is killed there.
		limits: {wall: 60s}
		job: {kind: aggregate, generate: {sales: 5000 records}, key: product, sum: [qty, price], chunk: 100 records}
		workers: {count: 2, restart: {backoff: 1ms..10ms}}
		recovery: {retry: {backoff: 1ms..10ms}}
		faults:
		  - {id: first, at: worker.in_transaction, nth: 5, kill: self}
		  - {id: here, at: $1, nth: $2, kill: self}
		expect:
		  - job: done
		  - records: exactly_once
	EOF
}

# Points that stand before a single call are for faults of that call.
before_a_call() {
	case $1 in
	store.write | store.sync | output.write | output.sync | output.rename | *.send) true ;;
	*) false ;;
	esac
}

mkdir "$scratch/points"
while read -r point _; do
	before_a_call "$point" && continue
	for nth in 1 "$(later "$point")"; do
		scenario "$point" "$nth" >"$scratch/points/$point-$nth.yaml"
	done
done < <("$GRAVESHIFT" points)

expect_some=$(find "$scratch/points" -name '*.yaml' | wc -l)
check "there are points to be killed at" [ "$expect_some" -gt 20 ]
for file in "$scratch"/points/*.yaml; do
	graveshift test "$file"
	expect_exit 0 "killed at $(basename "$file" .yaml)"
done
finish
