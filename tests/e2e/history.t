#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What viewers make of the logs of real runs: tests/unit/test_history walks them in all directions and holds the last
# moment against the store.
. "$(dirname "$0")/lib.sh"

history=$(dirname "$(readlink -f "$GRAVESHIFT")")/tests/unit/test_history
if [ ! -x "$history" ]; then
	skip "history" "$history was not built"
	finish
fi

runs=()
for name in 02-worker-crash 04-poison-record 05-hung-worker 10-everything-killed 13-split-brain 15-scale-and-drain \
	17-power-not-promised; do
	graveshift run "$project/scenarios/$name.yaml" --run-dir "$scratch/$name" -q
	expect_exit 0 "$name: its run"
	runs+=("$scratch/$name")
done
"$GRAVESHIFT" log "$scratch/10-everything-killed" --kind fault >"$scratch/faults"
expect_equal "what killed the director is said of no worker" "g2 fault k1 value" \
	"$(awk '/ k1 / { print $2, $3, $4, $5 }' "$scratch/faults")"

# Dead letters that became tasks of their own: earlier moments had fewer tasks.
"$GRAVESHIFT" generate sales --records 2000 --bad 3 -o "$scratch/bad.csv" >/dev/null
graveshift run "$(write_scenario redriven <<YAML
job: {kind: aggregate, input: $scratch/bad.csv, key: product, sum: [qty, price], chunk: 100 records}
workers: {count: 2}
recovery: {retry: {attempts: 2, backoff: 1ms..2ms}}
expect: [{job: done}]
YAML
)" --run-dir "$scratch/redriven" -q
expect_exit 1 "redriven: fails with dead letters"
graveshift redrive "$scratch/redriven" -q
expect_exit 1 "redriven: and again"
graveshift redrive "$scratch/redriven" --set recovery.dead_letters.max=3 -q
expect_exit 0 "redriven: until they are allowed"
runs+=("$scratch/redriven")

while read -r line; do
	case $line in
	"ok "*) pass "${line#*- "$scratch"/}: any way through its log leads to the same moments, the last one is the store's" ;;
	"not ok "*) fail "${line#*- }" "$history ${runs[*]}" ;;
	esac
done < <("$history" "${runs[@]}" 2>&1)
expect_equal "every run was looked at" $((11 + ${#runs[@]})) "$points"
finish
