#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Jobs of kind command with one process for each worker: it reads tasks and prints answers, line by line.  Whatever it does
# wrong has an outcome of its own, another one is started in its place, and none is left, whoever is killed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# Processes of this test's commands that still live: they carry its folder in their arguments.
strays() {
	local pid

	for pid in /proc/[0-9]*; do
		tr '\0' ' ' 2>/dev/null <"$pid/cmdline" | grep -q -F -e "$scratch/stay." && echo "${pid#/proc/}"
	done
}

no_strays() { [ -z "$(strays)" ]; }

# --- what such a process prints

cat >"$scratch/stay.lines" <<-EOF
	import sys
	print("started", file=open("$scratch/starts", "a"))
	for line in sys.stdin:
	    word, task, attempt, first, last, lines, mark = line.split()
	    print("begin", mark)
	    for number in range(int(lines)):
	        print(int(first) + number, sys.stdin.readline().split()[6])
	    print("done", mark, flush=True)
EOF
path=$(write_scenario lines <<-'EOF'
	job:
	  kind: command
	  process: per_worker
	  generate: {weblog: 2000 records}
	  chunk: 100 records
	  command: [python3, stay.lines]
	  prints: lines
	workers: {count: 2}
	expect: [{job: done}, {records: exactly_once}, {retries: 0}]
EOF
)
graveshift run "$path" --run-dir "$scratch/lines"
expect_exit 0 "lines: a process does one task after the other"
awk '{ print NR, $7 }' "$scratch/lines/input.csv" >"$scratch/wanted"
check "lines: it is told which records they are, and what it prints stands in their order" \
	cmp "$scratch/wanted" "$scratch/lines/out/result.csv"
expect_equal "lines: there was one for each worker" 2 "$(grep -c . "$scratch/starts")"
check "lines: and none is left" wait_until 10 no_strays

# --- one that is wrong

cat >"$scratch/stay.sh" <<-EOF
	echo started >>"$scratch/starts.sh"
	while read -r word task attempt from to lines mark; do
		[ "\$word" = task ] || exit 9
		case \$task in 1 | 2 | 8 | 13) ;; *) echo "begin \$mark" ;; esac
		case \$task in
		1) echo "no such page" >&2; exit 1 ;;
		2) exec -a "sleep 1000 $scratch/stay." sleep 1000 ;;
		3) printf 'text, and \377\376\n' ;;
		4) (bash -c 'exec -a "sleep 1000 $scratch/stay." sleep 1000' >/dev/null 2>&1 &) ;;
		5) yes ;;
		6) [ "\$attempt" -ge 3 ] || { echo "failed \$mark 75"; continue; } ;;
		7) echo half; echo "failed \$mark 64"; continue ;;
		8) kill -SEGV \$\$ ;;
		9) echo some; exec -a "sleep 1000 $scratch/stay." sleep 1000 ;;
		10) echo "done 0123456789abcdef"; exit 0 ;;
		11) env printf "done %s\\nand more\\n" "\$mark"; continue ;;
		12) echo "done \$mark of \$task"; continue ;;
		13) exec 1>&-; exec -a "sleep 1000 $scratch/stay." sleep 1000 ;;
		esac
		echo "fine \$task"
		echo "done \$mark"
	done
EOF
path=$(write_scenario wrong <<-'EOF'
	limits: {wall: 60s}
	job:
	  kind: command
	  process: per_worker
	  tasks: 16 tasks
	  command: [bash, stay.sh]
	  prints: text
	  limit: 2s
	  output_max: 100KiB
	workers: {count: 4}
	recovery:
	  retry: {attempts: 1, backoff: 1ms..2ms}
	  dead_letters: {max: any}
	expect: [{job: done}, {dead_letters: 12}, {records: exactly_once}]
EOF
)
graveshift run "$path" --run-dir "$scratch/wrong"
expect_exit 0 "wrong: the job ends, whatever the process does"
expect_equal "wrong: what the others printed is there" $'fine 0\nfine 6\nfine 14\nfine 15' "$(cat "$scratch/wrong/out/result.csv")"
graveshift status "$scratch/wrong"
told() { expect_stdout "^command of task $1: $2\$" "wrong: $3"; }
told 1 'it exited with 1: no such page' "its exit code, and its last words"
told 2 'it printed nothing within job.limit, and was killed .does it flush what it prints?.' "it hangs"
told 3 'byte 10 of its output is no text' "it prints garbage"
told 4 'it left 1 process behind; killed' "it leaves a child"
told 5 'it wrote more than job.output_max, and was ended' "it would fill the disk"
told 7 "it answered 'failed' with 64" "it says that another attempt is of no use"
told 8 'it was ended by SIGSEGV' "it crashes"
told 9 'it took longer than job.limit, and was killed' "it does not come to an end"
told 10 'it exited with 0 and without an answer' "it answers somebody else, and ends"
told 11 'it went on behind the end of its answer' "it says more than its answer"
told 12 "its 'done' has more than its mark" "it does not end its answer as it should"
told 13 'it printed nothing within job.limit.*' "it closes its output"
expect_equal "wrong: exit 64 is not tried again" 0 "$(events_of "$scratch/wrong" failed | grep -c 'task 7 ')"
"$GRAVESHIFT" log "$scratch/wrong" --kind failed >"$scratch/failed"
expect_equal "wrong: exit 75 is not charged" 2 "$(grep -c 'task 6 .*infra' "$scratch/failed")"
check "wrong: no process is left" wait_until 10 no_strays

# --- what comes behind an answer, at once or late, is no output of the next one

cat >"$scratch/stay.late" <<-EOF
	while read -r word task attempt from to lines mark; do
		echo "begin \$mark"
		echo "task \$task"
		echo "done \$mark"
		[ -e "$scratch/late" ] || { touch "$scratch/late" && echo "and one word more"; }
	done
EOF
path=$(write_scenario late <<-'EOF'
	job: {kind: command, process: per_worker, tasks: 3 tasks, command: [bash, stay.late]}
	workers: {count: 1}
	recovery: {retry: {attempts: 3, backoff: 1ms..2ms}}
	expect: [{job: done}, {records: exactly_once}, {retries: 1}]
EOF
)
graveshift run "$path" --run-dir "$scratch/late.run"
expect_exit 0 "late: an answer that went on costs an attempt"
expect_equal "late: and is in no output" $'task 0\ntask 1\ntask 2' "$(cat "$scratch/late.run/out/result.csv")"

# --- one that ends between two tasks is nobody's fault

cat >"$scratch/stay.once" <<-'EOF'
	read -r word task attempt from to lines mark
	printf 'begin %s\ntask %s\ndone %s\n' "$mark" "$task" "$mark"
	exec 1>&- 0<&-
EOF
path=$(write_scenario once <<-'EOF'
	job: {kind: command, process: per_worker, tasks: 20 tasks, command: [bash, stay.once]}
	workers: {count: 1}
	recovery: {retry: {attempts: 2, backoff: 1ms..2ms}}
	expect: [{job: done}, {dead_letters: 0}, {retries: 0}, {records: exactly_once}]
EOF
)
graveshift run "$path" --run-dir "$scratch/once"
expect_exit 0 "once: a process that ends behind its answer is started again"
expect_equal "once: and each task is done" 20 "$(grep -c '^task' "$scratch/once/out/result.csv")"

# --- whoever is killed meanwhile

cat >"$scratch/stay.killer" <<-EOF
	parent() { awk '/^PPid:/ { print \$2 }' /proc/\$1/status; }
	while read -r word task attempt from to lines mark; do
		if [ "\$task" = 2 ] && ! [ -e $scratch/once.\$1 ]; then
			touch $scratch/once.\$1
			bash -c 'exec -a "sleep 1000 $scratch/stay." sleep 1000' &
			worker=\$(parent \$PPID)
			supervisor=\$(parent \$worker)
			director=\$(parent \$supervisor)
			case \$1 in
			process) kill -KILL \$\$ ;;
			worker) kill -KILL \$worker ;;
			supervisor) kill -KILL \$supervisor ;;
			director) kill -KILL \$director ;;
			all) kill -KILL \$director \$supervisor \$worker ;;
			esac
			wait
		fi
		echo "begin \$mark"
		echo "task \$task"
		echo "done \$mark"
	done
EOF
for who in process worker supervisor director all; do
	path=$(write_scenario "killed-$who" <<-EOF
		job: {kind: command, process: per_worker, tasks: 4 tasks, command: [bash, stay.killer, $who], limit: 50s}
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
	check "killed-$who: it had begun" test -e "$scratch/once.$who"
	check "killed-$who: no process is left" wait_until 10 no_strays
	expect_equal "killed-$who: each answer is there once" $'task 0\ntask 1\ntask 2\ntask 3' \
		"$(cat "$scratch/killed-$who/out/result.csv")"
done

# --- memory

cat >"$scratch/stay.memory" <<-'EOF'
	import sys
	hoard = []
	for line in sys.stdin:
	    task, mark = int(line.split()[1]), line.split()[6]
	    if task == 1:
	        hoard.append(b"x" * (200 << 20))
	    print("begin", mark)
	    print("task", task)
	    print("done", mark, flush=True)
EOF
path=$(write_scenario memory <<-'EOF'
	limits: {memory: 128MiB}
	job: {kind: command, process: per_worker, tasks: 3 tasks, command: [python3, stay.memory], limit: 50s}
	workers: {count: 1}
	recovery:
	  retry: {attempts: 2, backoff: 1ms..2ms}
	  dead_letters: {max: 1}
	expect: [{job: done}, {dead_letters: 1}, {records: exactly_once}]
EOF
)
if grep -q __asan_init "$GRAVESHIFT"; then
	skip "memory" "the sanitizer itself needs more than any limit"
else
	graveshift run "$path" --run-dir "$scratch/memory"
	expect_exit 0 "memory: one that takes too much fails, and the tasks behind it do not"
	graveshift status "$scratch/memory"
	expect_stdout '^command of task 1: it exited with 1: MemoryError$' "memory: and says why"
fi

# --- words that are of one task alone

path=$(write_scenario words <<-'EOF'
	job: {kind: command, process: per_worker, tasks: 3 tasks, command: [echo, '{task}']}
	workers: {count: 1}
	expect: [{job: done}]
EOF
)
graveshift run "$path" --run-dir "$scratch/words"
expect_exit 2 "words: a process for all tasks has no {task} among its arguments"
expect_stderr 'job.command: {task} is of one task, and job.process is per_worker' "words: and is told so"

finish
