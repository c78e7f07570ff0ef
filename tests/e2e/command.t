#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Jobs of kind command: what a command prints gets into the result exactly once, one that is wrong gets a clear outcome,
# and nothing that it has started outlives its attempt, whoever is killed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# Processes of this test's commands that still live: they carry its folder in their arguments.
strays() {
	local pid

	for pid in /proc/[0-9]*; do
		tr '\0' ' ' 2>/dev/null <"$pid/cmdline" | grep -q -e "^sleep 1000 $scratch" && echo "${pid#/proc/}"
	done
}

no_strays() { [ -z "$(strays)" ]; }

# Its children show up in strays() by the name that they are given.
cat >"$scratch/long" <<-EOF
	#!/bin/bash
	# Leaves a child in a session of its own, and one in the background.
	(exec -a 'sleep 1000 $scratch' setsid -f bash -c 'exec -a "sleep 1000 $scratch" sleep 1000')
	bash -c 'exec -a "sleep 1000 $scratch" sleep 1000' &
	touch "$scratch/begun"
	wait
EOF

# --- what commands print

path=$(write_scenario lines <<-'EOF'
	job:
	  kind: command
	  generate: {weblog: 2000 records}
	  chunk: 100 records
	  command: [awk, '{ print FNR, $7 }']
	  prints: lines
	workers: {count: 2}
	expect: [{job: done}, {records: exactly_once}]
EOF
)
graveshift run "$path" --run-dir "$scratch/lines"
expect_exit 0 "lines: a command sees the lines of its chunk"
awk '{ print (NR - 1) % 100 + 1, $7 }' "$scratch/lines/input.csv" >"$scratch/wanted"
check "lines: what it prints stands in the order of the input" cmp "$scratch/wanted" "$scratch/lines/out/result.csv"
expect_stdout 'I7 the sink equals what its commands printed.*0 outputs differ' "lines: and the ledger says so"

path=$(write_scenario fields <<-EOF
	job:
	  kind: command
	  input: lines/input.csv
	  chunk: 300 records
	  command: [bash, -c, 'sed -n "\$1,\$2p" "\$3" >"\$4"; echo unread', x, '{from}', '{to}', '{input}', '{output}']
	workers: {count: 2}
	expect: [{job: done}, {records: exactly_once}]
EOF
)
graveshift run "$path" --run-dir "$scratch/fields"
expect_exit 0 "fields: a command is told what to read and where to write"
check "fields: and what it wrote is the result" cmp "$scratch/lines/input.csv" "$scratch/fields/out/result.csv"

# --- a command that is wrong

cat >"$scratch/wrong.sh" <<-EOF
	case \$1 in
	0) echo fine ;;
	1) echo "no such page" >&2; exit 1 ;;
	2) bash "$scratch/long" ;;
	3) printf 'text, and \377\376' ;;
	4) (exec -a "sleep 1000 $scratch" sleep 1000) >/dev/null 2>&1 & ;;
	5) yes ;;
	6) [ "\$GRAVESHIFT_ATTEMPT" -ge 3 ] && echo fine at last || exit 75 ;;
	7) exit 64 ;;
	8) kill -SEGV \$\$ ;;
	esac
EOF
path=$(write_scenario wrong <<-'EOF'
	limits: {wall: 60s}
	job:
	  kind: command
	  tasks: 9 tasks
	  command: [bash, wrong.sh, "{task}"]
	  prints: text
	  limit: 500ms
	  output_max: 100KiB
	workers: {count: 2}
	recovery:
	  retry: {attempts: 2, backoff: 1ms..2ms}
	  dead_letters: {max: any}
	expect: [{job: done}, {dead_letters: 7}, {records: exactly_once}]
EOF
)
graveshift run "$path" --run-dir "$scratch/wrong"
expect_exit 0 "wrong: the job ends, whatever its commands do"
expect_equal "wrong: what the others printed is there" $'fine\nfine at last' "$(cat "$scratch/wrong/out/result.csv")"
graveshift status "$scratch/wrong"
expect_stdout '^command of task 1: it exited with 1: no such page$' "wrong: its exit code, and its last words"
expect_stdout '^command of task 2: it took longer than job.limit, and was killed$' "wrong: it hangs"
expect_stdout '^command of task 3: byte 10 of its output is no text$' "wrong: it prints garbage"
expect_stdout '^command of task 4: it left 1 process behind; killed$' "wrong: it leaves a child"
expect_stdout '^command of task 5: it wrote more than job.output_max, and was ended$' "wrong: it would fill the disk"
expect_stdout '^command of task 7: it exited with 64$' "wrong: it says that another attempt is of no use"
expect_stdout '^command of task 8: it was ended by SIGSEGV$' "wrong: it crashes"
expect_equal "wrong: five outcomes that differ" 5 "$(grep -c 'task [1-5], byte' "$scratch/out")"
expect_equal "wrong: exit 64 is not tried again" 0 "$(events_of "$scratch/wrong" failed | grep -c 'task 7 ')"
"$GRAVESHIFT" log "$scratch/wrong" --kind failed >"$scratch/failed"
expect_in "$scratch/failed" 'task 1 epoch 2 data.*: it exited with 1: no such page$' "wrong: the log has each attempt's last words"
expect_equal "wrong: exit 75 is not charged" 2 "$(grep -c 'task 6 .*infra' "$scratch/failed")"
check "wrong: no process is left" no_strays

graveshift run "$(write_scenario nobody <<-'EOF'
	job: {kind: command, tasks: 1 task, command: [no-such-command-anywhere]}
	workers: {count: 1}
	expect: [{job: failed}, {dead_letters: 1}, {retries: 0}]
EOF
)" --run-dir "$scratch/nobody"
expect_exit 0 "nobody: a command that is not there is given up at once"
expect_stdout 'it could not be started: No such file or directory' "nobody: and says why"

# --- whoever is killed meanwhile

# The command does it itself, once its children are there: its parent is the shepherd, and so on upwards.
cat >"$scratch/killer" <<-EOF
	test -e $scratch/once && echo "done" && exit
	touch $scratch/once
	bash $scratch/long &
	until [ -e $scratch/begun ]; do :; done
	parent() { awk '/^PPid:/ { print \$2 }' /proc/\$1/status; }
	worker=\$(parent \$PPID)
	supervisor=\$(parent \$worker)
	director=\$(parent \$supervisor)
	case \$1 in
	worker) kill -KILL \$worker ;;
	supervisor) kill -KILL \$supervisor ;;
	director) kill -KILL \$director ;;
	all) kill -KILL \$director \$supervisor \$worker ;;
	esac
	wait
EOF
for who in worker supervisor director all; do
	rm -f "$scratch/begun" "$scratch/once"
	path=$(write_scenario "killed-$who" <<-EOF
		job: {kind: command, tasks: 1 task, command: [bash, killer, $who], limit: 50s}
		workers: {count: 1}
		expect: [{job: done}, {records: exactly_once}]
	EOF
	)
	graveshift run "$path" --run-dir "$scratch/killed-$who"
	case $who in
	director | all)
		expect_exit 137 "killed-$who: it was"
		graveshift resume "$scratch/killed-$who"
		;;
	esac
	expect_exit 0 "killed-$who: what was under way is done again"
	check "killed-$who: the command had begun" test -e "$scratch/begun"
	check "killed-$who: and no process is left of it" wait_until 10 no_strays
	expect_equal "killed-$who: its output is there once" "done" "$(cat "$scratch/killed-$who/out/result.csv")"
done

# --- the disk is full

path=$(write_scenario full <<-'EOF'
	job:
	  kind: command
	  generate: {weblog: 400 records}
	  chunk: 100 records
	  command: [cat]
	workers: {count: 1}
	faults: [{id: f, at: part.write, nth: 2, fail: ENOSPC}]
	expect: [{job: done}, {records: exactly_once}]
EOF
)
graveshift run "$path" --run-dir "$scratch/full"
expect_exit 0 "full: the run stops at a full disk, and goes on when it is told to"
check "full: with everything once" cmp "$scratch/full/input.csv" "$scratch/full/out/result.csv"

finish
