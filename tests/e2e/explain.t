#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Whatever the program can print is explained: every message and every line of a verdict that its own sources have, every key,
# point and idea; in 80 columns, with links and scenarios that are there.
. "$(dirname "$0")/lib.sh"

cd "$project" || exit 5
sources() { "$tests/e2e/explain_sources.py" "$@"; }
first() { # of what it says about WORDS
	"$GRAVESHIFT" explain "$@" 2>/dev/null | head -n 1
}

graveshift explain
expect_exit 0 "what can be explained"
expect_equal "is listed in 80 columns" "" "$(awk 'length > 80' "$scratch/out")"

# Everything there is, by the lists of all groups.
cut -d: -f1 "$scratch/out" | grep -x -E '[a-z]+' >"$scratch/groups"
while read -r group; do
	"$GRAVESHIFT" explain "$group"
done <"$scratch/groups" >"$scratch/lists"
expect_equal "so is each group" "" "$(awk 'length > 80' "$scratch/lists")"

"$GRAVESHIFT" points | cut -d' ' -f1 >"$scratch/names"
"$GRAVESHIFT" explain keys | sed -n 's/^  \([a-z][][a-z_.]*\).*/\1/p' >>"$scratch/names"
"$GRAVESHIFT" explain | sed -n '/^concepts/,/^$/p' | sed 1d | tr '\n' ' ' | sed 's/  */ /g; s/, */\n/g' | sed 's/^ *//; s/ *$//' >>"$scratch/names"
echo >>"$scratch/names"
"$GRAVESHIFT" explain strategies | sed -n 's/^  \(strategy [a-z-]*\).*/\1/p' >>"$scratch/names"
check "hundreds of names" test "$(wc -l <"$scratch/names")" -gt 300
while read -r name; do
	"$GRAVESHIFT" explain "$name" || echo "UNEXPLAINED $name"
done <"$scratch/names" >"$scratch/all" 2>&1
expect_equal "each is explained" "" "$(grep UNEXPLAINED "$scratch/all")"
# A line of a scenario may have a word that is longer.
expect_equal "in 80 columns" "" "$(awk 'length > 80' "$scratch/all")"
expect_equal "each scenario that is named is there" "" \
	"$(grep -o 'scenarios/[a-z0-9/-]*\.yaml' "$scratch/all" | sort -u | while read -r file; do [ -e "$file" ] || echo "$file"; done)"
expect_equal "each idea is shown by a scenario, but for what is about other programs" "torture" \
	"$(sed -n '/ (concept)$/,/^  See also/{/ (concept)$/h; /^  Shown by/{s/.*//; x; d}; /^  See also/{g; /./p}}' "$scratch/all" | sed 's/ (concept)//' | sort -u)"

# What a lesson says that it is about names it in turn.
expect_equal "each lesson's topics are there, and name the lesson" "" "$(for lesson in scenarios/lessons/[0-9]*; do
	number=$(basename "$lesson" | sed 's/^0*\([0-9]*\)-.*/\1/')
	sed -n 's/^explains: \[\(.*\)\]$/\1/p' "$lesson/lesson.yaml" | sed 's/, */\n/g' | while read -r topic; do
		"$GRAVESHIFT" explain "$topic" | tr '\n' ' ' | grep -q "learn start *$number " || echo "$lesson: $topic"
	done
done)"
graveshift explain zombie
expect_stdout 'Taught by .*graveshift learn start 6$' "as a command that begins it"

# By the sources themselves, so that no message is forgotten.
find sim -name '*.c' -not -path 'sim/explain/*' >"$scratch/files"
mapfile -t files <"$scratch/files"
sources messages "${files[@]}" | sort -u >"$scratch/messages"
check "hundreds of messages" test "$(wc -l <"$scratch/messages")" -gt 300
expect_equal "each message leads to an error" "" "$(while IFS= read -r message; do
	case $(first "graveshift: $message") in
	*" (error)") ;;
	*) echo "$message" ;;
	esac
done <"$scratch/messages")"
expect_equal "and each pattern of an error to a message" "" "$(sources unused sim/explain/errors.def "${files[@]}")"

sources lines sim/verdict/*.c sim/virtual/virtual_verdict.c sim/cli/repeat.h | sort -u >"$scratch/lines"
check "dozens of lines" test "$(wc -l <"$scratch/lines")" -gt 25
expect_equal "each line of a verdict is known, as it is printed" "" "$(while IFS= read -r line; do
	[ "$(first "FAIL $line  -- 7 lost: 3")" = "$line (line)" ] || echo "$line"
done <"$scratch/lines")"

# Of a real run and a real mistake, pasted.
write_scenario pasted >/dev/null <<'END'
job: {kind: noop, tasks: 8 tasks}
faults: [{id: k1, at: worker.before_commit, kill: self}]
expect: [{job: done}, {takeovers: ">= 1"}]
END
graveshift run "$scratch/pasted.yaml" --run-dir "$scratch/pasted"
grep -E '^(ok|FAIL|open|skip)' "$scratch/out" >"$scratch/verdict"
check "a verdict of some lines" test "$(wc -l <"$scratch/verdict")" -gt 6
expect_equal "each line of it is explained" "" "$(while IFS= read -r line; do
	case $(first "$line") in
	*" (line)" | *" (expectation)") ;;
	*) echo "$line" ;;
	esac
done <"$scratch/verdict")"
sed -i 's/kill: self/kil: self/' "$scratch/pasted.yaml"
graveshift check "$scratch/pasted.yaml"
expect_equal "so is an error, with file, line and column" "unknown key (error)" "$(first "$(grep -m 1 error: "$scratch/err")")"

graveshift explain zombei
expect_exit 2 "what nobody knows is bad usage"
expect_stderr "did you mean 'zombie'" "with what may be meant"
graveshift explain chec
expect_exit 2 "what begins several names is none"
expect_stderr '^  checkpoint gap' "but they are listed"
graveshift explain expect.rew
expect_exit 0 "the beginning of one name is enough"
graveshift explain lease
expect_stdout 'recovery.lease.ttl' "links are shown where they are written"
graveshift explain recovery.lease.ttl
expect_stdout 'See also .*lease' "and at their other end"
expect_stdout 'from 1ms to 24h; 5s if it is not given' "values and default of a key"
expect_stdout 'scenarios/.*yaml, line [0-9]' "and where a scenario has it"
expect_equal "words need no quotes" "$("$GRAVESHIFT" explain "late data")" "$("$GRAVESHIFT" explain late data)"
# Nothing of what is asked reaches the terminal as it is.
graveshift explain $'\e[31m'
expect_equal "escapes are made safe" "" "$(grep $'\e' "$scratch/err")"

finish
