#!/bin/bash
# SPDX-License-Identifier: ISC
#
# graveshift demo, with a smaller job: told on a screen, in lines, in sentences; stopped half-way, and gone on with.
. "$(dirname "$0")/lib.sh"
. "$tests/e2e/terminal.sh"

# Where no scenario is at hand.
cd "$scratch" || exit 5
# Enough for each of its faults, the worker that hangs for two seconds included.
small=(--set 'job.generate.sales=500000 records' --set 'job.chunk=500 records' --set 'job.work=12ms')

graveshift demo "${small[@]}" --run-dir "$scratch/lines"
expect_exit 0 "without a terminal"
expect_stdout '^500,000 sales are being made up' "it says what it does"
expect_stdout 'sealed: 500,000 records in 1,000 chunks' "that the plan is sealed"
expect_stdout '^\[.* s\] Fault z1: w[0-3] is stopped' "that a worker was stopped"
expect_stdout 'Fault k1: kill -9 hits w[0-3]' "that one was killed"
expect_stdout 'Still to come is k2: kill supervisor (SIGKILL) when progress >= 90%' "what is to come"
expect_stdout 'The supervisor is dead, at 4[5-9][0-9],[05]00 of 500,000 records' "that it came"
expect_stdout 'Supervisor 2 asks the store, .* at most these are done again, [01]\.[0-9]% of all' "what is done again"
expect_stdout '^PASSED' "and the verdict"
expect_stdout "^  graveshift replay $scratch/lines" "and where to look next"
taken=$(grep -o 'Supervisor 2 asks .*' "$scratch/out" | grep -o '[0-9]* tasks are done' | cut -d ' ' -f 1)
# The lowest byte of what is restored is the task's state; 3 is done.
restored=$("$GRAVESHIFT" log "$scratch/lines" --kind task-restored | awk '$2 == "g2" && $NF % 256 == 3' | wc -l)
expect_equal "what it says of the store is so" "$restored" "${taken:-nothing}"

graveshift demo "${small[@]}" --set job.work=1ms --accessible
expect_stdout '^After [0-9.]* seconds: The supervisor is dead' "--accessible tells it in sentences"
expect_equal "without boxes or escapes" "" "$(LC_ALL=C grep -a -v '^[ -~]*$' "$scratch/out")"
expect_stdout '^  graveshift replay latest' "and its run is the latest"

graveshift demo --set job.wrok=1ms
expect_exit 2 "what cannot be set is refused"

need_terminal "the demo on a terminal"
terminal 80 24
# The screen has the lowest priority, so what it is asked for stays on it for seconds, or to the end.
keys "$GRAVESHIFT demo ${small[*]@Q} --set recovery.heartbeat.dead=4s --run-dir $scratch/screen" Enter
expect_screen 'what is going on, and why' "on a terminal there is a screen"
expect_screen 'is stopped in the middle of its work' "which tells what happens"
expect_screen '^w[0-3]   HUNG?' "beside what is to be seen of it"
expect_screen 'What is left is the verdict' "until the end"
expect_screen ' 1 supervisor\. Leased again' "with what was lost on the way"
expect_screen '^Enter goes on to the verdict' "waits for whoever reads"
expect_equal "in 24 rows" 24 "$(screen | wc -l)"
keys Enter
expect_screen '^PASSED' "Enter shows the verdict"
expect_screen "^  graveshift replay $scratch/screen" "and where to look next"
# So slow that it is not over before the key arrives, however busy the machine is.
type_afresh "$GRAVESHIFT demo ${small[*]@Q} --set job.work=40ms --run-dir $scratch/stopped; echo code-\$?"
expect_screen ' [1-9][0-9]*%' "the next one"
keys C-c
expect_screen 'stopped; .*graveshift status' "Ctrl-C stops it and says how to go on"
expect_screen '^code-130' "with the exit code of that"
check "nothing is left" wait_until 5 no_process_left "$scratch/stopped"
graveshift resume "$scratch/stopped"
expect_exit 0 "it can be gone on with"

finish
