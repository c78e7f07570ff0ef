#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The screen of the real program, driven through tmux: keys, sizes, searching, replay back and forth, kills of the viewer,
# of the run and of its supervisor; and what is printed where there is no screen.
. "$(dirname "$0")/lib.sh"
. "$tests/e2e/terminal.sh"

cd "$project" || exit 5
run=$scratch/run
live=$scratch/live

graveshift run scenarios/05-hung-worker.yaml --run-dir "$run"
expect_exit 0 "a run to look at"
before=$(fingerprint_of "$run")

# --- where there is no screen

graveshift replay "$run"
expect_exit 0 "replay into a pipe"
expect_stdout '^\[ *[0-9.]* s\] fault: ' "prints lines"
graveshift watch "$run"
expect_exit 0 "watch of a run that is over ends, in a pipe"
expect_stdout '101 of 101 tasks are done; 100000 of 100000 records are committed' "and says how far it is"
graveshift replay "$run" --accessible
expect_stdout '^After [0-9.]* seconds, ' "--accessible prints sentences"
expect_equal "without boxes or escapes" "" "$(LC_ALL=C grep -a -v '^[ -~]*$' "$scratch/out")"
graveshift replay "$run" --print text --size 80x24
expect_exit 0 "one screen as text"
expect_equal "has its size" 24 "$(wc -l <"$scratch/out")"
expect_stdout 'BOOKS .* BALANCED' "and the books"
graveshift replay "$run" --print text --size 80x24 --ascii
expect_equal "--ascii has nothing else" "" "$(LC_ALL=C grep -a -v '^[ -~]*$' "$scratch/out")"
graveshift replay "$run" --print svg --at 200ms
expect_stdout '</svg>' "one screen as SVG"
graveshift replay "$run" --print png
expect_exit 2 "another kind is refused"
graveshift replay "$run" --at 2s
expect_exit 2 "so is a time that nothing is printed for"
graveshift watch "$scratch/nothing"
expect_exit 2 "so is a run that is not there"

# --- a terminal

need_terminal "the screen on a terminal"

# What a usable terminal does: it echoes, ends lines, and shows its cursor.
expect_usable() { # NAME
	keys 'stty -a | grep -o " echo " ; echo sum-$((40 + 2))' Enter
	expect_screen '^sum-42' "$1: commands work"
	expect_screen '^ echo' "$1: and are echoed"
	expect_equal "$1: with a cursor, and no other screen" "1 0" \
		"$(tmux_here display-message -p -t view '#{cursor_flag} #{alternate_on}')"
}

for size in 40x10 80x24 120x40 200x60; do
	terminal "${size%x*}" "${size#*x}"
	keys "$GRAVESHIFT replay $run" Enter
	expect_screen '^hung-worker' "$size: starts"
	expect_screen 'BOOKS' "$size: has the books"
	expect_screen '^? help' "$size: hints begin with help"
	for page in 2:workers 3:tasks 4:numbers 5:happens 6:expected 7:selected; do
		keys "${page%:*}"
		check "$size: page ${page%:*}" wait_until 10 begins_with "${page#*:}"
	done
	keys 1
	expect_screen 'BOOKS' "$size: page 1"
	keys '?'
	expect_screen '^Help' "$size: help"
	keys Escape
	expect_screen 'BOOKS' "$size: and back"
	for columns in 40 200 13 80 121 60 99 "${size%x*}"; do
		tmux_here resize-window -t view -x "$columns" -y $((columns / 3))
	done
	tmux_here resize-window -t view -x "${size%x*}" -y "${size#*x}"
	check "$size: fits the last of a storm of sizes" wait_until 10 ends_with '^? help'
	expect_screen '^hung-worker' "$size: and is drawn whole"
	kill -KILL "$(pgrep -P "$(pgrep -o -f "graveshift replay $run")")"
	expect_screen '^ready>' "$size: kill -9 of the viewer gives the terminal back"
	expect_usable "$size: after kill -9 of the viewer"
	type_afresh "$GRAVESHIFT replay $run"
	expect_screen '^hung-worker' "$size: again"
	keys q
	expect_screen '^ready>' "$size: quits"
done

terminal 120 40
keys "$GRAVESHIFT replay $run" Enter
expect_screen 't 0.000 s' "replay begins at the beginning"
first=$(screen)
keys ']'
expect_screen ' FAULT ' "] goes to the fault"
expect_screen '^FAULTS .* h1' "which stands on the axis"
fault=$(screen)
event=$(head -n 1 <<<"$fault" | sed 's/.* event \([0-9]*\).*/\1/')
keys '.' '.' '.'
expect_screen " event $((event + 3))/" "three steps on"
keys ',' ',' ','
expect_screen " event $event/" "and three back"
expect_equal "show the same screen" "$fault" "$(screen)"
keys G
expect_screen 'job done' "G goes to the end"
last=$(screen)
keys g
expect_screen 't 0.000 s' "g to the beginning"
expect_equal "which looks as before" "$first" "$(screen)"
keys G
expect_screen 'job done' "and G to the end again"
expect_equal "which looks as before" "$last" "$(screen)"
keys / '#7' Enter
expect_screen 'selected: task #7' "/ finds a task"
keys / "$("$GRAVESHIFT" log "$run" --kind fault | grep -o ' w[01] ' | tr -d ' ')" Enter Enter
expect_screen 'try 1 of #[0-9]*: .* (fault h1)' "and the story of a worker is told"
keys Escape
keys g Space
expect_screen 'REPLAY x1/[0-9]*  event [1-9]' "Space plays"
keys G
expect_screen 'job done' "until the end"
keys C-l
expect_screen '^? help.*filter' "and ^L draws it again"
kill -KILL "$(pgrep -o -f "graveshift replay $run")"
expect_screen '^ready>' "kill -9 of its parent, too"
expect_usable "after kill -9 of its parent"
type_afresh "$GRAVESHIFT replay $run"
expect_screen '^hung-worker' "again"
keys C-c
expect_screen '^ready>' "so does Ctrl-C"
expect_usable "after Ctrl-C"
expect_equal "looking at a run leaves it as it was" "$before" "$(fingerprint_of "$run")"

# --- terminals of other kinds

terminal 80 24 TERM=dumb
keys "$GRAVESHIFT replay $run" Enter
expect_screen '^\[ .* s\] The job is done' "TERM=dumb gets lines"
terminal 80 24 LC_ALL=C
keys "$GRAVESHIFT replay $run" Enter
expect_screen 'BOOKS' "a locale without UTF-8"
keys G
expect_screen '^\[####' "gets ASCII"
expect_equal "and nothing else" "" "$(screen | LC_ALL=C grep -a -v '^[ -~]*$')"
for setting in NO_COLOR=1 NO_COLOR= TERM=xterm-256color; do
	terminal 80 24 "$setting"
	keys "$GRAVESHIFT replay $run" Enter
	expect_screen 'BOOKS' "$setting: starts"
	keys G
	expect_screen 'job done' "$setting: shows the end"
	colors=$(tmux_here capture-pane -p -e -t view | grep -c $'\033\[[0-9;]*3[1-7]m')
	case $setting in
	NO_COLOR=1) expect_equal "$setting: has no colours" 0 "$colors" ;;
	*) check "$setting: has colours" [ "$colors" -gt 0 ] ;;
	esac
done

# --- a live run

scenario=$(
	write_scenario "tui-$$" <<-END
		limits: {wall: 60s}
		job: {kind: noop, tasks: 2000 tasks, work: 20ms}
		workers: {count: 3}
		expect:
		  - job: done
	END
)
supervised() { has_process supervisor "tui-$$"; }
# What a killed supervisor and a killed director look like, whatever the size; and the terminal afterwards.
for size in 40x10 80x24 200x60; do
	start "live-$size" run "$scenario" --run-dir "$live-$size" -q
	live_pid=$director
	check "$size: a run that goes on" wait_until 10 tasks_done "$live-$size" 5
	terminal "${size%x*}" "${size#*x}"
	keys "$GRAVESHIFT watch $live-$size" Enter
	expect_screen 'LIVE' "$size: is watched live"
	keys 4 PageDown Down Down Down Down Down
	expect_screen 'generations  *1\b' "$size: under its first supervisor"
	kill -KILL "$(pid_of supervisor "tui-$$")"
	expect_screen 'generations  *2\b' "$size: and its second, when that one is killed"
	slay "live-$size" "$live_pid"
	expect_screen 'NO DIRECTOR' "$size: a killed director is said"
	keys q
	expect_screen '^ready>' "$size: and the viewer can be left"
	expect_usable "$size: after a run that was killed"
done
start live run "$scenario" --run-dir "$live" -q
live_pid=$director
check "a run that goes on" wait_until 10 tasks_done "$live" 20
terminal 120 40
keys "$GRAVESHIFT watch $live" Enter
expect_screen 'LIVE' "is watched live"
expect_screen '^w2 .*111' "with its workers at work"
terminal_one=$(screen | head -n 1)
tmux_here new-session -d -s other -x 80 -y 24 "$GRAVESHIFT watch $live"
other_shows() { tmux_here capture-pane -p -t other | grep -q LIVE; }
check "by two at once" wait_until 10 other_shows
moved_on() { [ "$(screen | head -n 1)" != "$terminal_one" ]; }
check "and goes on" wait_until 10 moved_on
keys Space
expect_screen 'HELD' "Space holds the picture"
held=$(screen)
before_done=$(status_of "$live" tasks_done)
wait_until 10 tasks_done "$live" $((before_done + 50))
expect_equal "which stands still while the run does not" "$held" "$(screen)"
keys Space
expect_screen 'LIVE' "and follows again"
kill -KILL "$(pid_of supervisor "tui-$$")"
expect_screen 'generation 2' "a killed supervisor's successor is shown"
slay live "$live_pid"
expect_screen 'NO DIRECTOR' "a killed director is said"
keys q
expect_screen '^ready>' "and the viewer can be left"
expect_usable "after a run that was killed"
graveshift watch "$live"
expect_stdout 'graveshift resume' "watch in a pipe says how to go on"
# --- the screen of a run itself

short=$(
	write_scenario "own-$$" <<-END
		limits: {wall: 60s}
		job: {kind: noop, tasks: 150 tasks, work: 40ms}
		workers: {count: 3}
		expect:
		  - job: done
	END
)
screened() { has_process screen "own-$$"; }
run_short() { type_afresh "$GRAVESHIFT run $short $*; echo code-\$?"; }

terminal 100 30
run_short
expect_screen 'LIVE' "run on a terminal shows the screen"
expect_screen '^PASSED' "and its verdict afterwards"
expect_screen '^code-0' "with its exit code"
expect_usable "after a run"
run_short
expect_screen 'LIVE' "the next one"
keys q
expect_screen 'of 151 tasks\|of 150 tasks' "q leaves the screen, and a line says how far it is"
expect_screen '^PASSED' "while the run goes on"
run_short
expect_screen 'LIVE' "the next one"
kill -KILL "$(pid_of screen "own-$$")"
expect_screen 'of 151 tasks\|of 150 tasks' "kill -9 of the screen does nothing to the run"
expect_screen '^PASSED' "which is judged"
expect_usable "after kill -9 of a run's screen"
run_short
expect_screen 'LIVE' "the next one"
keys C-c
expect_screen 'stopped; .*graveshift status' "Ctrl-C stops a run as without a screen"
expect_screen '^code-130' "with its exit code"
expect_usable "after Ctrl-C"
run_short
expect_screen 'LIVE' "the next one"
own=$(pgrep -o -f "graveshift run $short")
kill -KILL "$own"
check "kill -9 of the command ends the run" wait_until 10 not has_process supervisor "own-$$"
check "and its screen" wait_until 10 not screened
expect_usable "after kill -9 of the command"
run_short --progress lines
expect_screen '^PASSED' "--progress lines"
expect_equal "shows no screen" "" "$(screen | grep BOOKS)"
graveshift run "$short" --progress tui
expect_exit 2 "--progress tui without a terminal is refused"

tmux_here kill-server
check "no viewer is left" wait_until 5 no_process_left "$live"

finish
