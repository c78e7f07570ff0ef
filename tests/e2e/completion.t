#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Completion: what may stand somewhere is what the program takes there, the scripts of the three shells pass it on, and
# nothing of it ever prints an error or takes long.
. "$(dirname "$0")/lib.sh"

cd "$scratch" || exit 5
# As it is called: the scripts ask the word that was typed.
mkdir bin && ln -s "$GRAVESHIFT" bin/graveshift && PATH=$scratch/bin:$PATH
mkdir -p work/folder && cd work || exit 5
touch one.yaml two.csv "with blank.yaml" folder/three.yaml
runs=$XDG_STATE_HOME/graveshift/runs
mkdir -p "$runs"/{a-run,no-run,'ba$d'}
touch "$runs"/{a-run,'ba$d'}/scenario.yaml
ln -s a-run "$runs/latest"

offered() { # WORD...: as one line
	graveshift completion words -- "$@"
	cut -f 1 "$scratch/out" | LC_ALL=C sort | paste -s -d ' '
}
commands=$("$GRAVESHIFT" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | LC_ALL=C sort | paste -s -d ' ')

# --- the words

expect_equal "every command" "$commands" "$(offered '')"
expect_equal "no word at all is the first one" "$commands" "$(offered)"
expect_equal "the beginning of a command" "doctor" "$(offered do)"
for command in $commands; do
	wanted=$("$GRAVESHIFT" help "$command" | sed -n 's/^  \(-.,\|   \) \(--[a-z-]*\)[ []*.*/\2/p' | LC_ALL=C sort | paste -s -d ' ')
	expect_equal "$command: its options, and no others" "$wanted" "$(offered "$command" --)"
done
expect_equal "values that are words" "real virtual" "$(offered run x --world '')"
expect_equal "behind an =" "--world=virtual" "$(offered run --world=v)"
expect_equal "behind a letter" ":files" "$(offered generate -o '')"
expect_equal "a flag has no value" ":files" "$(offered run -q '')"
expect_equal "points" "$("$GRAVESHIFT" points | cut -d ' ' -f 1 | LC_ALL=C sort | paste -s -d ' ')" "$(offered sweep x --points '')"
expect_equal "event kinds" "fault fault-landed" "$(offered log latest --kind fault)"
expect_equal "keys" "recovery.lease.takeover= recovery.lease.ttl=" "$(offered run x --set recovery.lease)"
expect_equal "and the words that are their values" "world=real world=virtual" "$(offered run x --set world=)"
expect_equal "runs, latest, and folders" ":folders a-run latest" "$(offered status '')"
expect_equal "the same for an option" ":folders a-run latest" "$(offered worker --join '')"
expect_equal "what has a name for the second word" ":files :folders a-run latest" "$(offered shrink '')"
expect_equal "commands to have help about" "sweep" "$(offered help sw)"
expect_equal "as many files as wanted" ":files" "$(offered check a b c '')"
expect_equal "but one where there is one" "" "$(offered run a '')"
for words in nonsense 'nonsense x' 'run --nonsense ' 'run --nonsense=' 'run --=' 'run -' '-- --' 'run --set =' 'run --seed '; do
	IFS=' ' read -r -a split <<<"$words"
	graveshift completion words -- "${split[@]}" ''
	expect_equal "'$words': no error" "0 " "$status $(cat "$scratch/err")"
done
XDG_STATE_HOME=/nowhere HOME=/nowhere graveshift completion words -- status ''
expect_equal "without a state directory: no error" "0 " "$status $(cat "$scratch/err")"
graveshift completion tcsh
expect_exit 2 "no script for other shells"
expect_stderr 'tcsh: it is for bash, zsh or fish' "and it is said"

begin=${EPOCHREALTIME/./}
for _ in 1 2 3 4 5 6 7 8 9 10; do
	"$GRAVESHIFT" completion words -- run x --set '' >"$scratch/out"
done
each=$(((${EPOCHREALTIME/./} - begin) / 10000))
check "an answer takes less than 50 ms ($each ms)" test "$each" -lt 50

# --- bash: words as readline splits them

graveshift completion bash
expect_exit 0 "the script for bash"
. "$scratch/out" 2>"$scratch/err"
expect_equal "is taken by bash without a word" "" "$(cat "$scratch/err")"
in_bash() { # WORD...
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_graveshift 2>"$scratch/err"
	printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort -u | paste -s -d '|'
	[ ! -s "$scratch/err" ] || echo "said: $(cat "$scratch/err")"
}
expect_equal "bash: commands" "${commands// /|}" "$(in_bash graveshift '')"
expect_equal "bash: options" "--seed|--set" "$(in_bash graveshift run --se)"
expect_equal "bash: behind an =" "virtual" "$(in_bash graveshift run --world = v)"
expect_equal "bash: right behind it" "real|virtual" "$(in_bash graveshift run --world =)"
expect_equal "bash: a key" "limits.wall=|limits.workers=" "$(in_bash graveshift run --set limits.w)"
expect_equal "bash: its value" "kill" "$(in_bash graveshift run --set recovery.lease.takeover = k)"
expect_equal "bash: behind it" "--seed|--set" "$(in_bash graveshift run --set a = b --se)"
expect_equal "bash: scenarios and folders" "folder|one.yaml|with blank.yaml" "$(in_bash graveshift run '')"
expect_equal "bash: in a folder" "folder/three.yaml" "$(in_bash graveshift run folder/t)"
expect_equal "bash: any file" "folder|one.yaml|two.csv|with blank.yaml" "$(in_bash graveshift run --trace '')"
expect_equal "bash: a file behind an =" "two.csv" "$(in_bash graveshift run --trace = t)"
expect_equal "bash: runs and folders" "a-run|folder|latest" "$(in_bash graveshift log '')"
expect_equal "bash: folders" "folder" "$(in_bash graveshift run --run-dir '')"
expect_equal "bash: another path to the program" "resume" "$(in_bash "$GRAVESHIFT" resu)"
expect_equal "bash: a program that is not there" "" "$(in_bash /nowhere/graveshift ru)"

# --- fish and zsh

if command -v fish >/dev/null; then
	"$GRAVESHIFT" completion fish >"$scratch/graveshift.fish"
	in_fish() { # LINE
		HOME=$scratch fish --no-config -c "source $scratch/graveshift.fish; complete -C '$1'" 2>"$scratch/err" | cut -f 1 | LC_ALL=C sort | paste -s -d '|'
		[ ! -s "$scratch/err" ] || echo "said: $(cat "$scratch/err")"
	}
	expect_equal "fish: commands" "${commands// /|}" "$(in_fish 'graveshift ')"
	expect_equal "fish: options" "--seed|--set" "$(in_fish 'graveshift run --se')"
	expect_equal "fish: behind an =" "--world=virtual" "$(in_fish 'graveshift run --world=v')"
	expect_equal "fish: its value" "recovery.lease.takeover=kill" "$(in_fish 'graveshift run --set recovery.lease.takeover=k')"
	expect_equal "fish: runs" "a-run|folder/|latest" "$(in_fish 'graveshift log ')"
	expect_equal "fish: scenarios" "one.yaml" "$(in_fish 'graveshift run on')"
else
	skip "fish" "fish is not installed"
fi

if command -v zsh >/dev/null; then
	"$GRAVESHIFT" completion zsh >"$scratch/_graveshift"
	# What the completion system would be given; it is only there at a prompt.
	in_zsh() { # WORD...
		zsh -f -c '
			_describe() { print -rl -- "${(@)${(P)2}%%:*}"; }
			_files() { print -r -- "files $*"; }
			compset() { :; }
			words=("$@") CURRENT=$#
			source '"$scratch/_graveshift"'
			_graveshift' - "$@" 2>"$scratch/err" | LC_ALL=C sort | paste -s -d '|'
		[ ! -s "$scratch/err" ] || echo "said: $(cat "$scratch/err")"
	}
	expect_equal "zsh: commands" "${commands// /|}" "$(in_zsh graveshift '')"
	expect_equal "zsh: options" "--seed|--set" "$(in_zsh graveshift run --se)"
	expect_equal "zsh: behind an =" "--world=virtual" "$(in_zsh graveshift run --world=v)"
	expect_equal "zsh: a key" "limits.wall=|limits.workers=" "$(in_zsh graveshift run --set limits.w)"
	expect_equal "zsh: runs and folders" "a-run|files -/|latest" "$(in_zsh graveshift log '')"
	expect_equal "zsh: scenarios" "files -g *.yaml" "$(in_zsh graveshift run '')"
	expect_equal "zsh: nothing" "" "$(in_zsh graveshift nonsense '')"
else
	skip "zsh" "zsh is not installed"
fi
finish
