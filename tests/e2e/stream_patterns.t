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
