#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Each fault against each kind of job: the runs of matrix.py, and the table in tests/README.md, cell by cell.  A cell is there
# when its faults landed in a run all of whose promises held; one that is missing, or that nobody has seen, is a failure.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

lanes=3
if grep -q __asan_init "$GRAVESHIFT"; then
	skip "the row of those who run out of memory" "the sanitizer itself needs more than any limit"
	export MATRIX_WITHOUT=memory
fi
matrix=$tests/e2e/matrix.py

# In the background: a run of the scenario, which leaves what it said, and nothing else.
play() { # SCENARIO without .yaml
	"$GRAVESHIFT" run "$1.yaml" --run-dir "$1.run" >"$1.out" 2>"$1.err"
	rm -rf "$1.run"
}
export -f play
export GRAVESHIFT

mkdir "$scratch/runs"
python3 "$matrix" write "$scratch/runs"
check "there are runs" [ "$(find "$scratch/runs" -name '*.yaml' | wc -l)" -gt 50 ]
find "$scratch/runs" -name '*.yaml' | sed 's/\.yaml$//' | sort | xargs -P $lanes -I {} bash -c 'play {}'
# One that missed its moment is given others, alone on the machine; one that broke a promise is not.
for _ in 1 2 3 4; do
	for run in $(python3 "$matrix" open "$scratch/runs"); do
		play "$scratch/runs/$run"
	done
done
if python3 "$matrix" check "$scratch/runs" "$tests/README.md" >"$scratch/said" 2>&1; then
	pass "the table in tests/README.md is what was seen"
else
	fail "the table in tests/README.md is what was seen" "$(cat "$scratch/said")"
fi
grep -q '?' <(python3 "$matrix" table "$scratch/runs" 2>/dev/null) && fail "no cell is open" || pass "no cell is open"
expect_equal "each file that stands for a row of the other table is there" "" "$(python3 "$matrix" files "$tests")"
finish
