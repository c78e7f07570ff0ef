#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The result of an aggregate job is, byte for byte, what Python's csv and decimal modules make of the same input: however
# it is split, quoted and ended.
. "$(dirname "$0")/lib.sh"

# same_result NAME INPUT KEY SUMS [KEY=VALUE]...: runs the job with the overrides and compares its result.  SUMS is a list
# with commas; REFERENCE holds further arguments of the reference.
declare -a reference=()
serial=0
same_result() {
	local name=$1 input=$2 key=$3 sums=$4 columns run set=() file

	shift 4
	serial=$((serial + 1))
	run=$scratch/run-$serial
	for override in "$@"; do
		set+=(--set "$override")
	done
	file=$(write_scenario "aggregate-$serial" <<-END
		limits: {wall: 60s}
		job:
		  kind: aggregate
		  input: "$input"
		  key: "${key//$'\n'/\\n}"
		  sum: [$sums]
		  ${split:-chunk: 1000 records}
		workers: {count: 2}
		expect:
		  - job: done
		  - records: exactly_once
	END
	)
	IFS=, read -r -a columns <<<"$sums"
	if ! "$tests/aggregate_reference.py" "${reference[@]}" "$input" "$key" "${columns[@]}" \
		>"$scratch/wanted.csv" 2>"$scratch/wanted.err"; then
		fail "$name" "the reference cannot read it:" "$(cat "$scratch/wanted.err")"
		return
	fi
	graveshift run -q "$file" --run-dir "$run" "${set[@]}"
	if [ "$status" -ne 0 ]; then
		fail "$name" "$(said)"
	elif ! cmp "$run/out/result.csv" "$scratch/wanted.csv" >"$scratch/difference" 2>&1; then
		fail "$name" "$(cat "$scratch/difference")" "$(diff "$scratch/wanted.csv" "$run/out/result.csv" | head)"
	else
		pass "$name"
		rm -rf "$run"
	fi
}

sample=$tests/data/superstore-sample.csv
letters='split: {by: key, ranges: [A-G, H-N, O-U, V-Z]}'

for chunk in 1 7 100 1000000000; do
	same_result "superstore sample in chunks of $chunk" "$sample" "Product Name" Quantity,Sales \
		"job.chunk=$chunk records"
done
split=$letters same_result "superstore sample by key ranges" "$sample" "Product Name" Quantity,Sales
same_result "superstore sample by another key, four workers" "$sample" "City" Profit,Discount,Sales \
	"job.chunk=50 records" workers.count=4
same_result "superstore sample, counted only" "$sample" "Category" ""

if [ -r "$shared/data/superstore.csv" ]; then
	same_result "superstore" "$shared/data/superstore.csv" "Product Name" Quantity,Sales
	split=$letters same_result "superstore by key ranges" "$shared/data/superstore.csv" "Product Name" Quantity,Sales
else
	skip "superstore" "there is no $shared/data/superstore.csv"
	skip "superstore by key ranges" "there is no $shared/data/superstore.csv"
fi

# --- ways to write the same

key=$(head -n 1 "$tests/data/lf.csv" | cut -d , -f 1)
names=$(head -n 1 "$tests/data/lf.csv" | cut -d , -f 2-)
for file in lf crlf bom no-final-newline quoted-newlines; do
	for chunk in 1 2 1000; do
		same_result "$file in chunks of $chunk" "$tests/data/$file.csv" "$key" "$names" "job.chunk=$chunk records"
	done
	split=$letters same_result "$file by key ranges" "$tests/data/$file.csv" "$key" "$names"
done
reference=(--separator ';')
same_result "semicolons" "$tests/data/semicolon.csv" "$key" "$names" "job.separator=;" "job.chunk=2 records"
reference=()

# Every field of it is quoted, many hold separators, doubled quotes, CR, LF and CRLF; lines end in CRLF.
python3 - "$scratch/quoted.csv" <<'END'
import csv, random, sys
chance = random.Random(7)
pieces = ["a", "B", "é", ",", '"', "\n", "\r\n", "\r", ";", " ", "0"]
with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    out.writerow(["na\nme", "text", "amount"])
    for _ in range(5000):
        key = "".join(chance.choice(pieces) for _ in range(chance.randrange(4)))
        text = "".join(chance.choice(pieces) for _ in range(chance.randrange(12)))
        out.writerow([key, text, f"{chance.randrange(-10**9, 10**9)}.{chance.randrange(10**6):06}"])
END
for chunk in 1 97; do
	same_result "quotes around everything in chunks of $chunk" "$scratch/quoted.csv" $'na\nme' amount \
		"job.chunk=$chunk records"
done
split=$letters same_result "quotes around everything by key ranges" "$scratch/quoted.csv" $'na\nme' amount

# Eighteen digits, many times: beyond 64 bits, and beyond what floating point can hold.
awk 'BEGIN { print "k,v"; for (i = 0; i < 20000; i++)
	printf "k%d,%s%d.%018d\n", i % 3, (i % 7 ? "" : "-"), 999999999999999999 - i, 123456789012345678 + i }' \
	>"$scratch/wide.csv"
same_result "sums far beyond 64 bits" "$scratch/wide.csv" k v

awk 'BEGIN { srand(3); print "k,v"; for (i = 0; i < 1000000; i++) printf "key %d,%d.%02d\n", i * 7919 % 1000003, i % 1000, i % 100 }' \
	>"$scratch/many.csv"
same_result "a million distinct keys" "$scratch/many.csv" k v "job.chunk=20000 records"

expect_equal "nothing temporary is left" "" "$(ls -A "$TMPDIR")"
finish
