# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What the end-to-end tests share: TAP, a directory of their own, starting runs, waiting for states, hurting processes.
# A test sources this, makes its checks and ends with `finish`.  It may be run by hand: then it takes build/graveshift.
set -u

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 5
project=${tests%/*}
shared=$project/../shared
GRAVESHIFT=${GRAVESHIFT:-$project/build/graveshift}
test_name=$(basename "$0" .t)
if [ ! -x "$GRAVESHIFT" ]; then
	echo "Bail out! $GRAVESHIFT was not built"
	exit 5
fi

scratch=$(mktemp -d -t "graveshift-$test_name.XXXXXX") || exit 5
mkdir "$scratch/tmp" || exit 5
# What graveshift itself would leave in /tmp is left where it can be seen.
export TMPDIR=$scratch/tmp XDG_STATE_HOME=$scratch/state

points=0
failures=0
status=0 # of the last graveshift
declare -a started=() # processes of this test, ended with it

trap 'clean_up' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

clean_up() {
	local pid

	# Supervisor and workers die with their director.
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	if [ "$failures" -eq 0 ]; then
		rm -rf "$scratch"
	else
		echo "# everything is kept in $scratch"
	fi
}

# --- TAP

pass() {
	points=$((points + 1))
	echo "ok $points - $1"
}

# fail NAME [LINE...]: the lines say what was expected and what came.
fail() {
	points=$((points + 1))
	failures=$((failures + 1))
	echo "not ok $points - $1"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

skip() {
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

# check NAME COMMAND...: the command must succeed.
check() {
	local name=$1

	shift
	if "$@"; then
		pass "$name"
	else
		fail "$name" "failed: $*"
	fi
}

expect_equal() { # NAME WANTED GOT
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "wanted: $2" "got:    $3"
	fi
}

finish() {
	echo "1..$points"
	exit $((failures > 0))
}

# --- graveshift as a command

# Leaves its exit code in $status and its output in $scratch/out and $scratch/err.
graveshift() {
	"$GRAVESHIFT" "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
}

said() {
	echo "--- exit code $status; stderr:"
	head -c 2000 "$scratch/err" | head -n 20
	echo "--- stdout:"
	head -c 4000 "$scratch/out" | head -n 40
}

expect_exit() { # CODE NAME
	if [ "$status" -eq "$1" ]; then
		pass "$2"
	else
		fail "$2" "wanted exit code $1" "$(said)"
	fi
}

# Each takes a basic regular expression and a name.
expect_stdout() { expect_in "$scratch/out" "$1" "$2"; }
expect_stderr() { expect_in "$scratch/err" "$1" "$2"; }
expect_in() { # FILE PATTERN NAME
	if grep -q -e "$2" "$1"; then
		pass "$3"
	else
		fail "$3" "wanted in $(basename "$1"): $2" "$(said)"
	fi
}

# write_scenario NAME < the rest of it: makes $scratch/NAME.yaml and prints its path.
write_scenario() {
	{
		printf 'scenario: 1\nname: %s\nabout: a test\n' "$1"
		cat
	} >"$scratch/$1.yaml"
	echo "$scratch/$1.yaml"
}

# Made-up sales in $scratch/sales.csv, and in wanted.csv what qty and price come to for each product, by other means.
make_sales() { # RECORDS SEED
	"$GRAVESHIFT" generate sales --records "$1" --seed "$2" -o "$scratch/sales.csv" || exit 5
	sum_sales
}

sum_sales() {
	"$tests/aggregate_reference.py" "$scratch/sales.csv" product qty price >"$scratch/wanted.csv" || exit 5
}

result_is_right() { # NAME of a run in $scratch
	check "$1: the result is that of an undisturbed job" cmp "$scratch/wanted.csv" "$scratch/$1/out/result.csv"
}

# The value of a key of `graveshift status --json RUN`; nothing when there is no such run yet.
status_of() { # RUN KEY
	"$GRAVESHIFT" status --json "$1" 2>/dev/null |
		sed -n "s/^  \"$2\": \"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p"
}

# How many events of this kind are in the log.
events_of() { # RUN KIND
	"$GRAVESHIFT" log "$1" --kind "$2" 2>/dev/null | grep -c .
}

# --- processes

# start NAME ARGUMENT...: graveshift in the background; its process is $director, what it says is in NAME.out and NAME.err.
start() {
	local name=$1

	shift
	"$GRAVESHIFT" "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" &
	director=$!
	started+=("$director")
}

# Waits for a started one; its exit code is left in $status, its output where `graveshift` leaves it.
await() { # NAME PID
	wait "$2" 2>/dev/null
	status=$?
	mv "$scratch/$1.out" "$scratch/out"
	mv "$scratch/$1.err" "$scratch/err"
}

# Kills a started one for good, and waits for it as `await` does.
slay() { # NAME PID
	{
		kill -KILL "$2"
		wait "$2"
	} 2>/dev/null # the shell's own words about it
	await "$1" "$2"
}

# wait_until SECONDS COMMAND...: polls until the command succeeds; fails when it never does.
wait_until() {
	local until=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		read -r -t 0.005 <&"$never"
	done
	return 0
}
exec {never}<> <(:) # a pipe that nobody writes to

# Supervisor and workers of the scenario of that name, by their titles.
pids_of() { # supervisor|worker|'worker w1' SCENARIO
	pgrep -f "graveshift $2 $1( |\$)" 2>/dev/null
}

pid_of() {
	pids_of "$@" | head -n 1
}

# Sends the run's supervisor a signal; fails when there is none.  Never to 0, which would be all of us.
signal_supervisor() { # RUN SIGNAL
	local pid

	pid=$(status_of "$1" supervisor_pid)
	[ "${pid:-0}" -gt 0 ] && kill "-$2" "$pid" 2>/dev/null
}

# A Redis server of the test's own, on a Unix socket: its path is left in $redis, or "" there, and why in $reason.
start_redis() {
	redis= reason="redis-server is not installed (Debian: redis-server)"
	command -v redis-server >/dev/null || return 1
	mkdir -p "$scratch/redis"
	redis-server --port 0 --unixsocket "$scratch/redis/socket" --dir "$scratch/redis" --save '' --appendonly no \
		--daemonize no >"$scratch/redis/log" 2>&1 &
	redis_pid=$!
	started+=("$redis_pid")
	if ! wait_until 10 redis-cli -s "$scratch/redis/socket" ping >/dev/null 2>&1; then
		reason="redis-server does not start: $(tail -n 1 "$scratch/redis/log")"
		return 1
	fi
	redis=$scratch/redis/socket
}

has_process() { [ -n "$(pid_of "$@")" ]; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }
is_stopped() { grep -q '^State:.T' "/proc/$1/status" 2>/dev/null; }
tasks_done() { # RUN AT_LEAST
	local done

	done=$(status_of "$1" tasks_done)
	[ "${done:-0}" -ge "$2" ]
}

# --- what is left behind

socket_is_bound() { # RUN
	local socket

	socket=$(grep -a -o -m 1 'graveshift/[0-9a-f]\{16\}' "$1/board" 2>/dev/null | head -n 1)
	# Each generation of the supervisor listens under a name of its own, behind this one.
	[ -n "$socket" ] && grep -q "@$socket" /proc/net/unix
}

# Those that have the run's board mapped, whatever they are called, and those that name the run.  Other tests may play a
# scenario of the same name meanwhile.
processes_of() { # RUN
	{
		grep -s -l -F " $(readlink -m "$1")/board" /proc/[0-9]*/maps | cut -d / -f 3
		pgrep -f "graveshift .*$1( |\$)"
	} | sort -u
}

no_process_left() { [ -z "$(processes_of "$1")" ]; } # RUN

# Prints what of a run is left when it is over; nothing is as it should be.
leftovers() { # SCENARIO RUN
	wait_until 5 no_process_left "$2" || processes_of "$2" | xargs -r ps -o pid=,args= -p | sed "s/^/process of $1: /"
	! socket_is_bound "$2" || echo "socket of $2"
	find /dev/shm -name '*graveshift*' 2>/dev/null
	find "$TMPDIR" -mindepth 1 -maxdepth 1
	[ ! -e "$2" ] || find "$2" -name '.*' -o -name '*.new' -o -name '*.tmp' -o -name '*-journal'
}

assert_nothing_left() { # SCENARIO RUN
	expect_equal "$1: no process, socket, shared memory or temporary file is left" "" "$(leftovers "$1" "$2")"
}

# A line for each file of a run that is to stay as it is once the run has ended.
files_of() { # RUN
	(cd "$1" && find . -type f ! -name lock ! -name board -exec sha256sum {} + | LC_ALL=C sort -k 2)
}

# One line that changes when anything durable of a run does.
fingerprint_of() { # RUN
	files_of "$1" | sha256sum
}
