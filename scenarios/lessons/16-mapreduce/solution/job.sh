#!/bin/sh
# How many sales had each quantity? Maps, a shuffle to three reduces, and the result.
rm -rf parts
mkdir parts
tail -n +2 input.csv | split -l 4 - parts/chunk-

# Each map turns the lines of its chunk into pairs (quantity, 1) and hands a part on to each reduce.
for chunk in parts/chunk-*; do
	awk -F , -v map="${chunk#parts/chunk-}" '
# --- yours
function reduce_of(key, line) {
	return key % 3
}
# --- end of yours
{ print $5 ",1" >("parts/to-" reduce_of($5, NR) "." map) }' "$chunk"
done

# Each reduce adds up what all maps have for it.
for reduce in 0 1 2; do
	cat parts/to-$reduce.* 2>/dev/null |
		awk -F , '{ sum[$1] += $2 } END { for (key in sum) print key "," sum[key] }'
done | sort >result.new
mv result.new result.csv
