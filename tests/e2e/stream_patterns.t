#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Each pattern of stream jobs: its scenario, and a kill at every point of what it makes durable.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stream.sh"

cd "$project" || exit 5

# --- the scenarios that come with the project

for name in streaming batching join kappa stateless stateful stale-mailbox claim-check; do
	graveshift run -q "scenarios/streams/$name.yaml" --run-dir "$scratch/$name"
	expect_exit 0 "$name.yaml holds what it promises"
	assert_nothing_left "$name" "$scratch/$name"
done

# --- consumers that are given up

file=$(events=400 partitions=2 attempts=2 max=any stream given-up stateless <<-'EOF'
	faults: [{id: c1, at: worker.before_batch, crash: self, times: every}]
	expect: [job: done, records: exactly_once, dead_letters: 400]
EOF
)
graveshift run "$file" --set limits.wall=20s --run-dir "$scratch/given-up"
expect_exit 0 "given-up: the user service does not wait for who will never ask again"
expect_stdout '^ok   I9 the job ends within its bound' "given-up: and the run ends by itself"

# --- a kill at every point

# What is durable of a pattern: its transactions, and what it has besides.  Of a join, some events are lost, late or doubled.
sweep() { # PATTERN POINTS
	local file more=

	[ "$1" != claim_check ] || more='size: 100B'
	[ "$1" != join ] || more='lost: 5, late: 5, doubled: 20'
	file=$(events=40 keys=5 partitions=1 workers=2 every=20 segment=4KiB max=40 stream "sweep-${1//_/-}" "$1" <<<"$fine")
	graveshift sweep "$file" --points "$2"
	expect_exit 0 "$1: killed at every $2"
	expect_stdout '0 lost, 0 doubled$' "$1: nothing lost or doubled"
}
sweep streaming 'worker.*_append'
sweep streaming 'worker.*_batch'
sweep batching 'worker.*_seal'
sweep join 'worker.*_batch'
sweep kappa 'worker.*_swap'
sweep stateless 'worker.after_batch'
sweep stateful 'worker.*_batch'
sweep claim_check 'worker.*_payload'

expect_equal "nothing is left of all this" "" "$(find "$TMPDIR" -mindepth 1)"
finish
