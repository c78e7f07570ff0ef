#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The table of what is shown and taught where: no cell is empty, each link leads to a scenario that can be read or to a lesson
# that the program has.
. "$(dirname "$0")/lib.sh"

cd "$project/scenarios" || exit 5
table=COVERAGE.md
# Statement, scenarios, lessons: as they stand between the bars.
grep '^|' "$table" | grep -v -x -e '| said | shown by | taught by |' -e '|---|---|---|' >"$scratch/rows"

check "dozens of statements" test "$(wc -l <"$scratch/rows")" -gt 70
expect_equal "five texts" 5 "$(grep -c '^## ' "$table")"
expect_equal "each row says what, and has links to a scenario and a lesson" "" \
	"$(grep -v -x -E '\| [^|]{10,} \| (\[[a-z0-9/-]+\]\([a-z0-9/-]+\.yaml\)(, )?)+ \| \[[0-9]+\]\(lessons/[a-z0-9-]+/story\.md\) \|' "$scratch/rows")"
expect_equal "no statement is there twice" "" "$(cut -d '|' -f 2 "$scratch/rows" | sort | uniq -d)"

grep -o '\[[^]]*\]([^)]*)' "$scratch/rows" | sort -u | tr -d '[)' | tr ']' '\t' | tr -d '(' >"$scratch/links"
expect_equal "each link leads somewhere" "" "$(cut -f 2 "$scratch/links" | while read -r file; do [ -f "$file" ] || echo "$file"; done)"
expect_equal "each scenario is called what it is" "" \
	"$(grep '\.yaml$' "$scratch/links" | awk -F '\t' '$2 != $1 ".yaml" { print }')"
expect_equal "each lesson has its number" "" \
	"$(grep 'lessons/' "$scratch/links" | awk -F '\t' '{ split($2, part, "/"); if (part[2] + 0 != $1) print }')"
mapfile -t scenarios < <(cut -f 2 "$scratch/links" | grep '\.yaml$')
graveshift check "${scenarios[@]}"
expect_exit 0 "each scenario can be read"

# The program's own list, not the folders: a lesson that it does not have teaches nobody.
graveshift learn list
expect_exit 0 "the program's lessons"
expect_equal "each lesson of the table is one of them" "" \
	"$(grep 'lessons/' "$scratch/links" | cut -f 1 | while read -r number; do
		grep -q -E "^[ >]+$number  " "$scratch/out" || echo "$number"
	done)"
expect_equal "README leads there" 1 "$(grep -c 'scenarios/COVERAGE.md' ../README.md)"

finish
