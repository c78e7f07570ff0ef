#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Programs that were not written for us, killed at each change of a file: what is known of them is found.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/torture.sh"

reason=$(no_torture)
if [ -n "$reason" ]; then
	skip "programs" "$reason"
	finish
fi
cd "$project/scenarios/torture/programs" || exit 5

# found NAME PATTERN: plays it, if it is installed, and looks for that in the report.
found() {
	local program file=$1.yaml

	for program in $(sed -n 's/^# Takes \(.*\)\.$/\1/p' "$file" | sed 's/ and / /'); do
		command -v "$program" >/dev/null && continue
		skip "$1" "$program is not installed"
		return
	done
	graveshift run "$file"
	expect_exit 0 "$1: as expected"
	expect_stdout "$2" "$1: and for its reason"
}

found gzip 'already exists'
found git 'unsafe window: after git/open:.git/index.lock, up to git/rename:.git/index.lock>.git/index'
found git-unlocked '^# no unsafe window in [1-9]'
found make 'unsafe window: after .*/open:f\\*#.o, up to .*/write:f\\*#.o'
found timewarrior 'up to timew/rename:.*/tags.data.*: 1 time'
found sort-in-place 'unsafe window: after sort/ftruncate:f, up to sort/write:f: 1 time'
found cp-update 'torn write: cp/copy_file_range:copy@1 cut at byte\|unsafe window: after cp/open.*:copy'

# --- and of ours

cd "$scratch" || exit 5
# Where it is built with a sanitizer, leaks are looked for by ptrace, which is taken.
export ASAN_OPTIONS=detect_leaks=0
hello=$project/scenarios/00-hello.yaml
"$GRAVESHIFT" run "$hello" --run-dir "$scratch/clean" -q >/dev/null 2>&1
torture run -c "cmp run/out/result.csv $scratch/clean/out/result.csv && $GRAVESHIFT status run --json | grep -q '\"state\": \"done\"'" \
	-R "if [ -e run/scenario.yaml ]; then $GRAVESHIFT resume run -q; else rm -rf run; $GRAVESHIFT run $hello --run-dir run -q; fi" \
	-- "$GRAVESHIFT" run "$hello" --run-dir run -q
expect_exit 0 "graveshift itself, its whole tree of processes: passes"
expect_stdout '^ok [0-9]* - no unsafe window in [1-9]' "and was looked at"
expect_stdout '^# explored [0-9]* of [1-9][0-9][0-9] points' "at more than a hundred points"
finish
