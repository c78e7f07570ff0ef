#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The manual pages are clean mdoc, and what they say by hand is what there is: what tables say is filled in when they are
# built, and a kind of event that is not described does not build.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5
build=${BUILD:-$project/build/gcc}
pages=(graveshift.1 graveshift-scenario.5 graveshift-events.5 graveshift-points.7)
for page in "${pages[@]}"; do
	check "$page is built (make man)" test -s "$build/man/$page"
done
main=$build/man/graveshift.1 events=$build/man/graveshift-events.5

# Each line of standard input must be in the page behind one of these macros.
not_described() { # PAGE MACROS
	local names=0

	while IFS= read -r name; do
		names=$((names + 1))
		grep -q -x -E -e "\.(It )?($2) ${name//./\\.}( .*)?" "$1" || echo "$name"
	done
	[ $names -gt 0 ] || echo "nothing to look for"
}

# --- mdoc

if command -v mandoc >/dev/null; then
	# Pages of ours are not installed where it looks for them.
	for page in "${pages[@]}"; do
		expect_equal "$page is clean" "" "$(mandoc -T lint "$build/man/$page" 2>&1 | grep -v 'referenced manual not found: Xr graveshift')"
	done
else
	skip "the pages are clean" "mandoc is not installed"
fi
expect_equal "the pages that they name are there" "" \
	"$(sed -n 's/^\.\(Pq \)\{0,1\}Xr \(graveshift[a-z-]*\) \([0-9]\).*/\2.\3/p' "$build"/man/* | sort -u |
		while read -r page; do [ -e "$build/man/$page" ] || echo "$page"; done)"

# --- filled in

expect_equal "every command" "" "$("$GRAVESHIFT" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | not_described "$main" Cm)"
expect_equal "every key" "" "$(sed -n 's/^ *{\.path = "\([^"]*\)", .*/\1/p' sim/scenario/keys.c | grep '[].[]' | sed 's/\[\]/\\[\\]/' |
	not_described "$build/man/graveshift-scenario.5" Ic)"
expect_equal "every point, and no other" "$("$GRAVESHIFT" points | cut -d ' ' -f 1 | sort)" \
	"$(sed -n 's/^\.It Ic //p' "$build/man/graveshift-points.7" | sort)"
expect_equal "every kind of event" "" "$(sed -n 's/^\(EVENT\|ACTION\|NOTE\)([A-Z_]*, "\([a-z-]*\)").*/\2/p' core/kinds.def | not_described "$events" Ic)"
sed '/^@kind leased$/,+2d' tools/man/graveshift-events.5 >"$scratch/short"
"$build/tools/man/fill" "$scratch/short" >"$scratch/out" 2>"$scratch/err"
check "a page without one of them is not built" test $? -ne 0
expect_stderr 'the event leased is not described' "and it is said which"

# --- by hand

expect_equal "exit codes" "$(sed -n 's/^\tEXIT_[A-Z]* = \([0-9]\).*/\1/p' sim/util/fail.h)" \
	"$(sed -n '/^\.Sh EXIT STATUS/,/^\.It 130/s/^\.It \([0-9]\)$/\1/p' "$main")"
expect_equal "what is read of the environment" "" \
	"$(grep -rho 'getenv("[A-Z_]*")' sim --include='*.c' --exclude=plant.c | cut -d '"' -f 2 | sort -u | not_described "$main" Ev)"
expect_equal "what is in a run directory" "" "$(sed -n 's/^#define RUN_[A-Z]* "\([a-z./-]*\)".*/\1/p' sim/rundir/rundir.h | grep -v -x out | not_described "$main" Pa)"

sed -n '/^\.Bd -literal/,/^\.Ed/p' "$build/man/graveshift-scenario.5" | grep -v '^\.' >"$scratch/example.yaml"
graveshift check "$scratch/example.yaml"
expect_exit 0 "the example scenario is one"

"$GRAVESHIFT" run "$scratch/example.yaml" --set job.generate.sales='3000 records' --set faults= --set expect='[{job: done}]' -q --run-dir "$scratch/run" >/dev/null 2>&1
"$GRAVESHIFT" log "$scratch/run" --json >"$scratch/out"
expect_equal "the members of the JSON lines" "" "$(grep -o '"[a-z]*":' "$scratch/out" | tr -d '":' | sort -u |
	while read -r name; do sed -n '/^\.Ss As JSON/,/^\.Sh/p' "$events" | grep -q "^\.It Ic.* $name\( \|\$\)" || echo "$name"; done)"
log=$scratch/run/events.log
expect_equal "the log begins as described" "graveshift-log1" "$(head -c 16 "$log")"
field() { sed -n "s/^\.It \([0-9]*\) Ta [0-9]* Ta $1.*/\1/p" "$events"; }
expect_equal "a record is as long" 48 "$(($(field XXH32) + 4))"
expect_equal "and there are as many as events" "$(wc -l <"$scratch/out")" "$((($(stat -c %s "$log") - 16) / 48))"
number=$(sed -n 's/^\.It Ic run-started Pq \([0-9]*\)$/\1/p' "$events")
expect_equal "the first is run-started ($number)" "$number" "$(od -A n -t u1 -j $((16 + $(field kind))) -N 1 "$log" | tr -d ' ')"
third=$(sed -n '3s/.*"kind": "\([a-z-]*\)".*/\1/p' "$scratch/out")
expect_equal "record 2 has its place ($third)" "$(sed -n "s/^\.It Ic $third Pq \([0-9]*\)\$/\1/p" "$events")" \
	"$(od -A n -t u1 -j $((16 + 2 * 48 + $(field kind))) -N 1 "$log" | tr -d ' ')"
finish
