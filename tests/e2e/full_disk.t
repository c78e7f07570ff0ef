#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A full disk, at every write: the run stops with exit code 5 and a message that says so, and when there is room again,
# `resume` finishes it with the right result.  The disk is a small file system in memory; its size makes one write after the
# other the first that fails.
if [ -z "${FULL_DISK:-}" ]; then
	# In a mount namespace of its own, so that nothing can stay mounted.
	export FULL_DISK=1
	if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
		exec unshare -m "$0" "$@"
	elif unshare -rm true 2>/dev/null; then
		exec unshare -rm "$0" "$@"
	fi
	FULL_DISK=no
fi
. "$(dirname "$0")/lib.sh"

disk=$scratch/disk
mkdir "$disk"
trap 'umount "$disk" 2>/dev/null; clean_up' EXIT
if [ "$FULL_DISK" = no ] || ! mount -t tmpfs -o size=64m none "$disk" 2>/dev/null; then
	skip "a full disk" "no file system can be mounted here"
	finish
fi

# Many keys, so that the store and the result are not small.
awk 'BEGIN { print "product,qty,price"; for (i = 0; i < 6000; i++) printf "thing %d,%d,%d.%02d\n", i % 1999, i % 7, i, i % 100 }' \
	>"$scratch/sales.csv"
sum_sales
file=$(write_scenario "full-$$" <<-END
	limits: {wall: 60s}
	job:
	  kind: aggregate
	  input: $scratch/sales.csv
	  key: product
	  sum: [qty, price]
	  chunk: 60 records
	workers: {count: 2}
	faults:
	  - {id: f1, flaky: 3000, times: 1}
	expect:
	  - job: done
	  - records: exactly_once
END
)
run=$disk/run

resize() { mount -o remount,size="$1" "$disk"; }

# play KILOBYTES: prints what is wrong.  Leaves the first exit code in $code.
play() {
	resize "$1k"
	graveshift run -q "$file" --run-dir "$run"
	code=$status
	case $code in
	0) ;;
	2 | 5) grep -q 'No space left on device\|disk is full' "$scratch/err" || said ;;
	*) said ;;
	esac
	resize 64m
	if [ "$code" -ne 0 ]; then
		if [ -e "$run/scenario.yaml" ]; then
			graveshift resume -q "$run"
		else
			graveshift run -q "$file" --run-dir "$run"
		fi
		[ "$status" -eq 0 ] || said
	fi
	cmp "$scratch/wanted.csv" "$run/out/result.csv" 2>&1
	leftovers "full-$$" "$run"
	rm -rf "$run"
}

resize 64m
graveshift run -q "$file" --run-dir "$run"
expect_exit 0 "a disk that is large enough"
board=$(du -k "$run/board" | cut -f 1) # the largest piece, taken whole
rm -rf "$run"
stops=0
for ((size = 16; size <= board + 8192; size += size < 96 ? 16 : size < board ? board / 4 : 32)); do
	wrong=$(play $size; exit $code)
	code=$?
	expect_equal "a disk of $size KiB: exit code $code, and then finished" "" "$wrong"
	stops=$((stops + (code != 0)))
	[ "$code" -ne 0 ] || break
done
check "a disk of $size KiB is large enough" test "$code" -eq 0
check "many sizes ($stops) were too small" test "$stops" -ge 10
finish
