#!/bin/bash
# SPDX-License-Identifier: ISC
#
# `--control`: the shipped scenarios are played once more without each of their faults, and each fault has made a
# difference.  Not 11-nightly: it may be over before a worker that stands still is missed, and says so then.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5
mkdir "$scratch/runs"

play() { # FILE
	local name

	name=$(basename "$1" .yaml)
	"$GRAVESHIFT" run -q "$1" --control --run-dir "$scratch/runs/$name" >"$scratch/$name" 2>"$scratch/$name.err"
	echo $? >"$scratch/$name.exit"
}

mapfile -t files < <(grep -l '^faults:' scenarios/*.yaml | grep -v 11-nightly)
check "there are such scenarios" test ${#files[@]} -ge 19
for file in "${files[@]}"; do
	while [ "$(jobs -r | wc -l)" -ge 3 ]; do
		wait -n
	done
	play "$file" &
done
wait

# Of frames that are lost, late, doubled or out of order now and then, each kind by itself may differ no more than by chance;
# that of damaged ones is counted.
may_be_unseen() { # NAME FAULT
	[[ $1 == 20-lossy-messages && $2 != c* ]]
}

for file in "${files[@]}"; do
	name=$(basename "$file" .yaml)
	expected=0
	faults=$(sed -n 's/^ok   fault \(.*\) landed.*/\1/p' "$scratch/$name")
	check "$name has faults that landed" test -n "$faults"
	for fault in $faults; do
		if may_be_unseen "$name" "$fault"; then
			grep -q "^control: .* without $fault\$" "$scratch/$name" || expected=3
			continue
		fi
		check "$name: without $fault something differs" \
			grep -q "^control: .* without $fault\$" "$scratch/$name"
	done
	expect_equal "$name with --control" "$expected" "$(<"$scratch/$name.exit")"
	[ "$(<"$scratch/$name.exit")" -eq "$expected" ] || sed 's/^/# /' "$scratch/$name.err"
	assert_nothing_left "$(sed -n 's/^name: //p' "$file")" "$scratch/runs/$name"
	rm -rf "$scratch/runs/$name" "$scratch/runs/$name".without-* "$scratch/runs/$name".same-[23]
done
expect_equal "each control run is named for its fault" "" "$(ls "$scratch/runs")"

# Every fault is asked for on its own.  One worker with one lease at a time dies in the same way each time.
three=$(write_scenario "three-$$" <<-END
	limits: {wall: 20s}
	job: {kind: aggregate, generate: {sales: 1000 records}, key: product, sum: [qty, price], chunk: 100 records}
	workers: {count: 1, credit: 1}
	faults:
	  - {id: k1, at: worker.before_commit, kill: self}
	  - {id: s1, at: worker.before_task, slow: self, by: 1us, for: 1ms}
	  - {id: k2, follows: k1, at: worker.before_commit, kill: self}
	expect:
	  - job: done
END
)
graveshift run "$three" --control --run-dir "$scratch/runs/three"
expect_exit 3 "one fault that changes nothing makes it inconclusive"
expect_stdout '^control: workers that died: 2, 0 without k1$' "what follows a fault goes with it"
expect_stdout '^control: workers that died: 2, 1 without k2$' "and is left out alone, too"
expect_stderr 'control: without s1 everything was the same, or differed no more than by chance: it proves nothing' \
	"says which one"
finish
