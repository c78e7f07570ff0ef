#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Lessons: each one there is, as shipped, with its solution, and tampered with; the learner's way through them; classes.
. "$(dirname "$0")/lib.sh"

lessons=$project/scenarios/lessons
cd "$scratch" || exit 5

key_of() { sed -n "s/^$2: \"\\{0,1\\}\\([^\"]*\\)\"\\{0,1\\}\$/\\1/p" "$lessons/$1/lesson.yaml"; } # LESSON KEY
keys_of() { key_of "$1" "$2" | tr -d '[],'; }                                              # of a list in one line
asks() { grep -q '^  ask: ' "$lessons/$1/lesson.yaml"; }

# begin LESSON [SEED]: as it is handed out, its question answered (in scenario lessons any answer will do).
begin() {
	rm -rf work
	graveshift learn start "$1" work --seed "${2:-1}"
	[ -z "$(key_of "$1" edit)" ] || ! asks "$1" || graveshift learn predict 1
	graveshift learn reset # which asks again
	[ -z "$(key_of "$1" edit)" ] || ! asks "$1" || graveshift learn predict 1
}

# with NAME FILE: the learner's file is this one; it must not pass.
must_not_pass() { # NAME
	graveshift learn check </dev/null
	if [ "$status" -ne 0 ] && ! grep -q '^Passed' "$scratch/out"; then
		pass "$1"
	else
		fail "$1" "$(said)"
	fi
}

# What the run says is the answer: a wrong one is told.
truth_of() { # LESSON SEED
	graveshift learn start "$1" work --seed "$2"
	if [ "$(key_of "$1" kind)" = forensic ]; then
		graveshift learn predict nothing nobody
	else
		graveshift learn predict 999999999
	fi
	tr '\n' ' ' <"$scratch/out" | sed -n 's/.*the run says \([a-z]* w[0-9]*\|[0-9]*\).*/\1/p'
}

# --- each lesson

fits_a_screen() { # LESSON
	graveshift learn start "$1" work
	expect_equal "$1: its beginning fits on 24 lines of 80 columns" "" \
		"$(awk 'length > 80 { print "too long: " $0 } END { if (NR > 23) print NR " lines" }' "$scratch/out")"
	expect_equal "$1: so do its hints and solution" "" \
		"$(awk 'length > 80 { print FILENAME ": too long: " $0 }' "$lessons/$1"/hint[123].md "$lessons/$1/solution/why.md")"
}

# Whatever stood there must be there still, so nothing is won by commenting it out.
tamper_scenario() { # LESSON
	local key

	sed 's/^/# /' "$lessons/$1/task.yaml" >work/task.yaml
	must_not_pass "$1: not with everything commented out"
	awk '/^faults:/ { print "faults: []"; gone = 1; next } /^[a-z]/ { gone = 0 } !gone' \
		"$lessons/$1/solution/task.yaml" >work/task.yaml
	must_not_pass "$1: not without its faults"
	awk '/^expect:/ { print "expect: [{job: done}]"; gone = 1; next } /^[a-z]/ { gone = 0 } !gone' \
		"$lessons/$1/task.yaml" >work/task.yaml
	must_not_pass "$1: not by expecting less"
	for key in $(keys_of "$1" change); do
		# The key's own lines, or its entry in a line of several.
		awk -v key="${key##*.}" '$1 == key ":" { match($0, /^ */); depth = RLENGTH; gone = 1; next }
			gone { match($0, /^ */); if (RLENGTH > depth) next; gone = 0 } { print }' \
			"$lessons/$1/task.yaml" >work/task.yaml
		must_not_pass "$1: not with $key commented out"
	done
}

tamper_script() { # LESSON FILE
	sed 's/^/# /' "$lessons/$1/$2" >"work/$2"
	must_not_pass "$1: not with everything commented out"
	sed '/^# --- yours/,/^# --- end/{/^# ---/!d}' "$lessons/$1/$2" >"work/$2"
	must_not_pass "$1: not with its part emptied"
	{ cat "$lessons/$1/solution/$2" && echo exit 0; } >"work/$2"
	must_not_pass "$1: not with more than its part changed"
	# What the solution makes of one input, whatever the input.
	mkdir -p hard && rm -rf hard/* && cp "$lessons/$1/solution/$2" hard/
	"$GRAVESHIFT" generate sales --records "$(sed -n 's/^  records: //p' "$lessons/$1/lesson.yaml")" -o hard/input.csv
	read -r -a command <<<"$(sed -n 's/^  command: \[\(.*\)\]/\1/p' "$lessons/$1/lesson.yaml" | tr -d ,)"
	(cd hard && "${command[@]}" >/dev/null && rm input.csv "$2" && tar cf ../hard.tar .)
	unpack="tar xf $scratch/hard.tar"
	[ "${command[0]}" = sh ] || unpack="os.system('$unpack'); os._exit(0)"
	awk -v unpack="$unpack" '/^# --- yours/ { print; print unpack; gone = 1 } /^# --- end/ { gone = 0 } !gone' \
		"$lessons/$1/$2" >"work/$2"
	must_not_pass "$1: not with the output hard-coded"
}

tamper_attack() { # LESSON
	sed 's/^expect:/&\n  - takeovers: 99/' "$lessons/$1/task.yaml" >work/task.yaml
	must_not_pass "$1: not by expecting what cannot be"
	awk '{ print } /^  - {id/ && !done { sub(/id: [a-z]*/, "id: again"); print; done = 1 }' \
		"$lessons/$1/solution/task.yaml" >work/task.yaml
	must_not_pass "$1: not with two faults"
	sed 's/^faults: .*/faults: [{id: x, at: worker.started, nth: 900, kill: self}]/' "$lessons/$1/task.yaml" >work/task.yaml
	must_not_pass "$1: not with a fault that never happens"
}

lesson_with_a_file() { # LESSON FILE
	local reason

	begin "$1"
	reason=$(key_of "$1" fails)
	must_not_pass "$1: as shipped it fails"
	case $(key_of "$1" kind) in
	scenario) expect_stdout "as it stands: $reason" "$1: for its reason" ;;
	script) expect_stdout "NO  killed at each point\|what it makes is wrong" "$1: for its reason" ;;
	attack) expect_stdout "there is no fault yet" "$1: for its reason" ;;
	esac
	"tamper_$(key_of "$1" kind)" "$1" "$2"
	cp "$lessons/$1/solution/$2" "work/$2"
	graveshift learn check
	expect_exit 0 "$1: with its solution it passes"
	expect_stdout "20 \(hidden runs\|inputs\)" "$1: on 20 seeds"
}

lesson_with_a_question() { # LESSON
	local answer seed truths=""

	truth_of "$1" 1 >/dev/null
	expect_exit 1 "$1: a wrong answer does not pass"
	for seed in $(seq 20); do
		answer=$(truth_of "$1" "$seed")
		truths="$truths$answer"$'\n'
		graveshift learn start "$1" work --seed "$seed"
		# shellcheck disable=SC2086 # an answer may have two words
		graveshift learn predict $answer
		[ "$status" -eq 0 ] && grep -q '^Passed' "$scratch/out" || break
	done
	expect_exit 0 "$1: the measured answer passes, on 20 seeds"
	check "$1: it is another one for another seed" test "$(printf '%s' "$truths" | sort -u | wc -l)" -ge 3
}

for folder in "$lessons"/[0-9]*; do
	lesson=$(basename "$folder")
	file=$(key_of "$lesson" edit)
	if [ "$(key_of "$lesson" kind)" = script ] && [ -n "$("$GRAVESHIFT" doctor | grep '^torture *missing')" ]; then
		skip "$lesson" "torture cannot be done here"
		continue
	fi
	fits_a_screen "$lesson"
	if [ -n "$file" ]; then
		lesson_with_a_file "$lesson" "$file"
	else
		lesson_with_a_question "$lesson"
	fi
done

# --- a learner's way

rm -rf work "$XDG_STATE_HOME"
graveshift learn
expect_stdout "graveshift learn start 1" "at first it says how to begin"
graveshift learn check
expect_exit 2 "nothing is judged before a lesson was begun"
graveshift learn start split
expect_exit 0 "a lesson goes by its name"
check "the usual folder is made" test -f graveshift-lessons/02-split/task.yaml
graveshift learn check </dev/null
expect_exit 2 "nothing is run before the question is answered"
expect_stdout "learn predict ANSWER" "it says how to answer"
graveshift learn predict lots
expect_exit 2 "an answer is a number"
graveshift learn predict 4000
expect_stdout "ok  you said 4000, the run says 4000" "the answer is measured"
graveshift learn solution
expect_exit 1 "no solution before the lesson was passed"
graveshift learn hint
expect_stdout "^Hint 1 of 3" "the first hint"
graveshift learn hint
expect_stdout "^Hint 2 of 3" "the second hint"
sed 's/4000/100/g' "$lessons/02-split/task.yaml" >graveshift-lessons/02-split/task.yaml
graveshift learn check
expect_exit 1 "what the lesson does not name may not be changed"
expect_stdout "job.generate.sales was changed; in this lesson only job.chunk" "it says what, and what may be"
sed 's/chunk: 4000/chonk: 4000/' "$lessons/02-split/task.yaml" >graveshift-lessons/02-split/task.yaml
graveshift learn check
expect_stdout "did you mean 'chunk'" "mistakes in the file are explained as ever"
graveshift learn reset
check "reset brings it back" cmp "$lessons/02-split/task.yaml" graveshift-lessons/02-split/task.yaml

mkdir mine && echo mine >mine/task.yaml
graveshift learn start split mine
expect_exit 2 "a file that is no lesson's is not taken for one"

echo 'seed: some' >graveshift-lessons/02-split/answer.yaml
graveshift learn check
expect_exit 2 "an answer's file that was damaged is named"
graveshift learn start split --seed 1
expect_exit 0 "and made anew on request"

# watch: judges again when the file is saved, by an editor that puts a new one in its place.
graveshift learn predict 4000
start watch learn watch
watching() { [ "$(cat "$scratch/watch.out" 2>/dev/null | grep -c '^Watching')" -ge "$1" ]; }
wait_until 60 watching 1
cp "$lessons/02-split/task.yaml" graveshift-lessons/02-split/task.yaml
wait_until 60 watching 2
cp "$lessons/02-split/solution/task.yaml" graveshift-lessons/02-split/.new &&
	mv graveshift-lessons/02-split/.new graveshift-lessons/02-split/task.yaml
await watch "$director"
expect_exit 0 "watch ends when the lesson was passed"
expect_stdout "^Well done" "and says so"
graveshift learn solution
expect_stdout "price of a failure" "now the solution is told"
expect_stdout "^More: graveshift explain chunk$" "and what explains more"
graveshift learn list
expect_stdout "^>  2 .*passed" "the list has it"

# A kill at any change of a file leaves the progress as it was before or after.
if [ -z "$("$GRAVESHIFT" doctor | grep '^torture *missing')" ]; then
	# A leak sanitizer traces, too, and two cannot.
	ASAN_OPTIONS=detect_leaks=0 graveshift torture run -w "$XDG_STATE_HOME" -R true --check \
		"'$GRAVESHIFT' learn list | grep -q '^>  2 .*passed' && '$GRAVESHIFT' learn status" -- "$GRAVESHIFT" learn hint
	expect_exit 0 "the progress survives kill -9 at any change of a file"
else
	skip "the progress survives kill -9" "torture cannot be done here"
fi
graveshift learn status
expect_stdout "^1 of [0-9]* lessons passed" "nothing of it was lost"

# --- a class

graveshift learn export class
expect_exit 0 "lessons are handed out"
expect_equal "all of them" "$(cd "$lessons" && echo [0-9]*/ | tr -d /)" "$(cd class && echo [0-9]*/ | tr -d /)"
expect_equal "without hints, solutions and what is hidden" "" \
	"$(find class -name 'hint*' -o -name solution -o -name why.md -o -name lesson.yaml -o -name plan.jsonl)"
graveshift learn export class
expect_exit 2 "never over what is there"
cp -r class alice && cp -r class bob
# A pupil's own progress, in the folder that was handed out.
(
	export XDG_STATE_HOME=$scratch/pupil
	cd alice || exit 5
	"$GRAVESHIFT" learn start 01-one-worker 01-one-worker/ && "$GRAVESHIFT" learn start 2
) >"$scratch/out" 2>&1
expect_stdout "^Next: \|learn predict" "a pupil begins in the folder that was handed out"
check "and goes on in it" test ! -e alice/graveshift-lessons
for folder in "$lessons"/[0-9]*; do
	lesson=$(basename "$folder")
	file=$(key_of "$lesson" edit)
	if [ -n "$file" ]; then
		cp "$folder/solution/$file" "alice/$lesson/"
	else
		answer=$(truth_of "$lesson" 1)
		sed -i "s/^answer: .*/answer: \"$answer\"/" "alice/$lesson/answer.yaml"
	fi
done
rm -r bob/02-split
graveshift learn grade alice --seed 1000
expect_exit 0 "who has mended everything passes"
expect_stdout "^1\.\.$(find "$lessons" -mindepth 1 -maxdepth 1 -type d | wc -l)\$" "in a point each"
expect_stdout "^# hidden runs from seed" "with hidden seeds, which are told"
expect_equal "none failed" 0 "$(grep -c '^not ok' "$scratch/out")"
graveshift learn grade bob --seed 7
expect_exit 1 "who has mended nothing does not"
expect_equal "not in one point" 0 "$(grep -c '^ok' "$scratch/out")"
expect_stdout "^# it was not handed in" "what is missing is named"
graveshift learn grade alice/02-split/ bob/04-retry-budget
expect_equal "single lessons are graded, too" "ok not" "$(sed -n 's/^\(ok\|not\) .*/\1/p' "$scratch/out" | xargs)"

expect_equal "nothing is left in TMPDIR" "" "$(find "$TMPDIR" -mindepth 1 -maxdepth 1)"
finish
