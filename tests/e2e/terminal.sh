# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# A terminal of tmux for tests of screens: sourced after lib.sh.
export TMUX_TMPDIR=$scratch LC_ALL=C.UTF-8
unset TMUX NO_COLOR
terminals=0
# Each terminal has a server of its own: one that was told to end takes its time.
tmux_here() { tmux -L "server-$terminals" -f /dev/null "$@" 2>>"$scratch/tmux.err"; }
screen() { tmux_here capture-pane -p -t view; }
begins_with() { screen | sed -n 3p | grep -q -e "$1"; } # the first pane, below header and progress
ends_with() { screen | tail -n 1 | grep -q -e "$1"; }
shows() { screen | grep -q -e "$1"; }
not() { ! "$@"; }
keys() { tmux_here send-keys -t view "$@"; }

stop_terminal() {
	tmux_here kill-server
	clean_up
}
trap 'stop_terminal' EXIT

# need_terminal NAME: ends the test here, with NAME skipped, where there can be no terminal.
need_terminal() {
	local reason=

	if ! command -v tmux >/dev/null; then
		reason="tmux is not installed: tools/bootstrap installs it"
	elif ! tmux_here new-session -d sleep infinity; then
		reason="tmux gets no terminal: $(tail -n 1 "$scratch/tmux.err")"
	fi
	[ -n "$reason" ] || return 0
	skip "$1" "$reason"
	finish
}

# terminal COLUMNS ROWS [NAME=VALUE...]: a shell in a terminal of that size.
terminal() {
	local columns=$1 rows=$2

	shift 2
	tmux_here kill-server
	terminals=$((terminals + 1))
	tmux_here new-session -d -s view -x "$columns" -y "$rows" env "$@" PS1='ready> ' bash --norc --noprofile -i
	tmux_here set-option -g status off
	tmux_here resize-window -t view -x "$columns" -y "$rows"
	wait_until 5 shows '^ready>'
}

# Types COMMAND on a screen without anything of what was there before, so that only the new is found on it.
only_prompt() { ! screen | grep -q -v -e '^ready> *$' -e '^$'; }
type_afresh() { # COMMAND
	keys clear Enter
	wait_until 5 only_prompt
	keys "$1" Enter
}

expect_screen() { # PATTERN NAME
	if wait_until 10 shows "$1"; then
		pass "$2"
	else
		fail "$2" "wanted on the screen: $1" "$(screen)"
	fi
}
