#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# graveshift report: what it writes is well formed, agrees with the log, and is no way in for what records and scenarios say.
. "$(dirname "$0")/lib.sh"

reports=$scratch/reports
mkdir "$reports"

# Every format of a run at once.
report_all() { # NAME RUN TASK
	graveshift report "$2" --html "$reports/$1.html" --trace "$reports/$1.json" --junit "$reports/$1.xml" \
		--prom "$reports/$1.prom" --svg "$reports/$1.svg" --task "$3"
	expect_exit 0 "$1: all reports at once"
	expect_equal "$1: nothing else is left beside them" "" \
		"$(find "$reports" -name "$1.*" ! -name '*.html' ! -name '*.json' ! -name '*.xml' ! -name '*.prom' ! -name '*.svg')"
}

# Prints what is wrong with a trace: X events of a track must not overlap, flows must come in pairs from a slice to a later
# one, counts must be the log's.
check_trace() { # RUN TRACE
	"$GRAVESHIFT" log "$1" --json | python3 -c '
import collections, json, sys
log = [json.loads(line) for line in sys.stdin]
events = json.load(open(sys.argv[1]))["traceEvents"]
tracks, flows, names = collections.defaultdict(list), collections.defaultdict(dict), set()
for event in events:
    if event["ph"] not in "MXisfC":
        print("unknown phase", event)
    if event["ph"] == "M":
        names.add((event["name"], event["pid"], event["tid"]))
    if event["ph"] == "X":
        if event["ts"] < 0 or event["dur"] < 0:
            print("negative", event)
        tracks[event["pid"], event["tid"]].append(event)
    if event["ph"] in "sf":
        flows[event["id"]][event["ph"]] = event
for track, slices in tracks.items():
    if ("thread_name", *track) not in names:
        print("a track without a name:", track)
    slices.sort(key=lambda one: (one["ts"], one["dur"]))
    for one, next_one in zip(slices, slices[1:]):
        if one["ts"] + one["dur"] > next_one["ts"] + 0.01:
            print("overlap on", track, one, next_one)
for pair in flows.values():
    if set(pair) != {"s", "f"} or pair["s"]["ts"] > pair["f"]["ts"]:
        print("a flow without its other end, or back in time:", pair)
attempts = [event for event in events if event.get("cat") == "attempt"]
done = sum(event["args"]["end"] in ("done", "found done") for event in attempts)
log_done = sum(one["kind"] == "done" for one in log)
leased = sum(one["kind"] == "leased" for one in log)
returned = sum(one["kind"] == "returned" for one in log)
if not leased - returned <= len(attempts) <= leased:
    print("the log has", leased, "leases,", returned, "handed back, the trace", len(attempts), "attempts")
if done < len({one["task"] for one in log if one["kind"] == "done"}):
    print("the log has", log_done, "done, the trace", done)
faults = sum(event.get("cat") == "fault" for event in events)
if faults != sum(one["kind"] == "fault" for one in log):
    print("the trace has", faults, "faults")
tries = collections.Counter(event["args"]["task"] for event in attempts)
if len(flows) != sum(count - 1 for count in tries.values()):
    print("there are", len(flows), "flows")
counters = [event for event in events if event["ph"] == "C"]
if not counters or any(one["ts"] > later["ts"] for one, later in zip(counters, counters[1:])):
    print("counters are missing or out of order")
' "$2"
}

# Prints what is wrong with a JUnit file.
check_junit() { # FILE
	python3 -c '
import sys, xml.etree.ElementTree as tree
suites = tree.parse(sys.argv[1]).getroot()
suite = suites.find("testsuite")
cases = suite.findall("testcase")
if suites.tag != "testsuites" or int(suite.get("tests")) != len(cases) or not cases:
    print("wrong number of cases")
for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
    if int(suite.get(name)) != sum(case.find(tag) is not None for case in cases):
        print("wrong number of", name)
for case in cases:
    if not case.get("classname") or not case.get("name"):
        print("a case without a name")
print(end="".join(case.get("name") + "\n" for case in cases if len(case)))
' "$1"
}

# Prints what the documents of the formats forbid, by code that knows nothing of ours.
check_formats() { # NAME
	"$tests/e2e/check_formats.py" trace "$reports/$1.json"
	"$tests/e2e/check_formats.py" junit "$reports/$1.xml"
	"$tests/e2e/check_formats.py" prom "$reports/$1.prom"
	"$tests/e2e/check_formats.py" bytes "$reports/$1.html" "$reports/$1.svg"
}

# What is no trace, no JUnit, no Prometheus text is not let pass either.
refuses() { # FORMAT DOCUMENT...
	local format=$1 document

	shift
	for document in "$@"; do
		printf "$document" >"$scratch/document"
		[ -n "$("$tests/e2e/check_formats.py" "$format" "$scratch/document" 2>&1)" ] || echo "$format passes $document"
	done
}
event='"name":"a","pid":1,"tid":1'
expect_equal "what is wrong is found in a trace" "" "$(refuses trace '[]' '{"traceEvents":[{"ph":"X"}]}' \
	"{\"traceEvents\":[{\"ph\":\"X\",$event,\"ts\":-1,\"dur\":1}]}" "{\"traceEvents\":[{\"ph\":\"B\",$event,\"ts\":1}]}" \
	"{\"traceEvents\":[{\"ph\":\"X\",$event,\"ts\":1,\"dur\":4},{\"ph\":\"X\",$event,\"ts\":3,\"dur\":4}]}" \
	"{\"traceEvents\":[{\"ph\":\"s\",$event,\"cat\":\"c\",\"ts\":1,\"id\":1}]}" "{\"traceEvents\":[{\"ph\":\"i\",$event,\"ts\":1,\"s\":\"x\"}]}" \
	"{\"traceEvents\":[{\"ph\":\"C\",$event,\"ts\":1,\"args\":{\"a\":\"1\"}}]}" "{\"traceEvents\":[{\"ph\":\"X\",$event,\"ts\":1,\"dur\":NaN}]}")"
suite='<testsuite name="n" tests="1" failures="0" errors="0" skipped="0" time="1">'
expect_equal "and in JUnit" "" "$(refuses junit '<testsuite/>' "<testsuites>$suite</testsuite></testsuites>" \
	"<testsuites>$suite<testcase name='a' classname='b'><failure type='x'/></testcase></testsuite></testsuites>" \
	"<testsuites>$suite<testcase name='a' classname='b' time='x'/></testsuite></testsuites>" \
	"<testsuites>$suite<testcase name='a' classname='b'/><properties/></testsuite></testsuites>")"
expect_equal "and in Prometheus text" "" "$(refuses prom '' 'a 1\n' '# HELP a b\n# TYPE a gauge\na 1' \
	'# HELP a b\n# TYPE a gauge\na 1\na 2\n' '# HELP a b\n# TYPE a counter\na 1\n' '# HELP a b\n# TYPE a gauge\na{b="\\x"} 1\n' \
	'# HELP a b\n# TYPE a gauge\na{b="1",b="2"} 1\n' '# HELP a b\n# TYPE a gauge\na one\n')"
expect_equal "and bytes that steer a terminal" "" "$(refuses bytes '\033[2J' 'a\rb' '\302\233' '\233' '\342\200\256')"

well_formed() { python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$1" 2>&1; }

check_all() { # NAME RUN TASK
	report_all "$@"
	expect_equal "$1: the trace loads, nests and agrees with the log" "" "$(check_trace "$2" "$reports/$1.json")"
	expect_equal "$1: JUnit, without a failure" "" "$(check_junit "$reports/$1.xml")"
	expect_equal "$1: each keeps the rules of its format" "" "$(check_formats "$1")"
	expect_equal "$1: the diagram is XML" "" "$(well_formed "$reports/$1.svg")"
	expect_equal "$1: the page is HTML and needs nothing else" "" "$("$tests/e2e/check_page.py" run "$reports/$1.html")"
}

for name in 02-worker-crash 06-zombie 09-supervisor-killed 10-everything-killed; do
	graveshift run "$project/scenarios/$name.yaml" --run-dir "$scratch/$name" -q
	expect_exit 0 "$name: its run"
	check_all "$name" "$scratch/$name" 4
done
recovery() { # NAME PATTERN: a row of the page's list of recoveries
	sed -n '/<h2>Recoveries/,/<\/section>/p' "$reports/$1.html" | grep -q "<td>$2</td>"
}
check "worker-crash: the page lists the recovery from the crash" recovery 02-worker-crash 'w[01] died (SIGSEGV)</td><td>c1'
check "worker-crash: and from the kill" recovery 02-worker-crash 'w[01] died (SIGKILL)</td><td>k1'
check "zombie: the page lists who was fenced and lived on" recovery 06-zombie 'w[01] lost its lease, and lived on</td><td>z1'
check "supervisor-killed: the page lists the supervisor's" recovery 09-supervisor-killed 'the supervisor died (SIGKILL)</td><td>[a-z0-9]*'
check "everything-killed: the page lists everybody's" recovery 10-everything-killed 'the director died, and everybody with it</td><td>[a-z0-9]*'
refused=$("$GRAVESHIFT" log "$scratch/06-zombie" --kind fenced | sed -n '1s/.* task \([0-9]*\) .*/\1/p')
graveshift report "$scratch/06-zombie" --svg - --task "$refused"
expect_stdout "refused w[0-9]&#39;s commit of task $refused" "zombie: the refused commit is in the diagram"
expect_stdout 'class="lost"' "zombie: and what was lost is marked"
check "supervisor-killed: what was lost with it is marked" grep -q 'class="s lost"' "$reports/09-supervisor-killed.html"

# --- the verdict again

graveshift resume "$scratch/02-worker-crash" -q
grep -v '^  time:' "$scratch/out" >"$scratch/resumed"
graveshift report "$scratch/02-worker-crash"
expect_exit 0 "without a file: the verdict's exit code"
expect_equal "without a file: the verdict, as resume prints it" "$(cat "$scratch/resumed")" \
	"$(grep -v '^  time:' "$scratch/out")"
before=$(fingerprint_of "$scratch/02-worker-crash")
graveshift report "$scratch/02-worker-crash" --junit -
expect_stdout '^<testsuites>$' "- is standard output"
expect_equal "a report changes nothing of the run" "$before" "$(fingerprint_of "$scratch/02-worker-crash")"

# --- what cannot be done

graveshift report "$scratch/02-worker-crash" --html - --prom -
expect_exit 2 "two reports cannot share standard output"
graveshift report "$scratch/02-worker-crash" --svg -
expect_exit 2 "a diagram is of one task"
graveshift report "$scratch/02-worker-crash" --svg - --task 99999
expect_exit 2 "a task that is not there"
expect_stderr 'the run has tasks 0\.\.' "a task that is not there: says which are"
graveshift report "$scratch/02-worker-crash" --html "$scratch/nowhere/x.html"
expect_exit 5 "a folder that is not there"
expect_stderr "cannot write $scratch/nowhere/x.html" "a folder that is not there: is named"

# --- text from outside

evil="$scratch/<b>&'run"
mkdir "$evil"
{
	echo 'product,qty,price'
	for i in $(seq 1 400); do echo "p$((i % 7)),1,2.50"; done
	printf '</pre><script>alert(1)</script>\033[2J,x,"1.0"\n'
	printf 'p\342\200\256q,1\377,1.0\n'
	printf 'p\302\2332J,\302\2371,1.0\n'
} >"$scratch/evil.csv"
cat >"$scratch/evil.yaml" <<YAML
scenario: 1
name: evil
about: "</title><img src=x onerror=alert(2)> 'q' & \"ü\" \\u202e"
job: {kind: aggregate, input: $scratch/evil.csv, key: product, sum: [qty, price], chunk: 10 records}
workers: {count: 2}
recovery: {retry: {attempts: 2, backoff: 1ms..2ms}}
expect: [{job: done}]
YAML
graveshift run "$scratch/evil.yaml" --run-dir "$evil" -q
expect_exit 1 "evil: bad records fail its job"
report_all evil "$evil" 40
expect_equal "evil: the page is HTML and needs nothing else" "" "$("$tests/e2e/check_page.py" run "$reports/evil.html")"
expect_equal "evil: JUnit names what failed" "job: done" "$(check_junit "$reports/evil.xml")"
expect_equal "evil: the diagram is XML" "" "$(well_formed "$reports/evil.svg")"
expect_equal "evil: the trace loads" "" "$(check_trace "$evil" "$reports/evil.json")"
expect_equal "evil: nothing in any report steers a terminal" "" "$("$tests/e2e/check_formats.py" bytes "$reports"/evil.*)"
expect_equal "evil: each keeps the rules of its format" "" "$(check_formats evil)"
for command in status log report 'status --json' 'log --json'; do
	graveshift ${command%% *} "$evil" ${command#"${command%% *}"}
	expect_equal "evil: nothing that $command prints steers a terminal" "" "$("$tests/e2e/check_formats.py" bytes "$scratch/out" "$scratch/err")"
done
check "evil: the page says how to go on" grep -q 'graveshift redrive' "$reports/evil.html"

# --- many attempts, and a run that goes on

graveshift run "$(write_scenario many <<-YAML
	job: {kind: noop, tasks: 100000 tasks, durable: false}
	workers: {count: 4, credit: 16}
	expect: [{job: done}]
YAML
)" --run-dir "$scratch/many" -q
expect_exit 0 "many: its run"
graveshift report "$scratch/many" --html "$reports/many.html"
expect_exit 0 "many: its page"
check "many: the page says in words that it was thinned" grep -q 'attempts are too many to draw one by one' "$reports/many.html"
check "many: the page is below 5 MB" [ "$(wc -c <"$reports/many.html")" -lt 5000000 ]
expect_equal "many: the page is HTML and needs nothing else" "" "$("$tests/e2e/check_page.py" run "$reports/many.html")"

graveshift run "$(write_scenario passed-on <<-YAML
	limits: {workers: 40}
	job: {kind: noop, tasks: 1 tasks, work: 900ms}
	workers: {count: 40, restart: {max: 1, within: 10s}}
	recovery: {retry: {attempts: 100, backoff: 1ms..2ms}}
	faults:
	  - {id: k, after: 30ms, every: 20ms, times: 60, kill: holder(0), optional: true}
	expect: [{job: done}]
YAML
)" --world virtual --run-dir "$scratch/passed-on" -q
graveshift report "$scratch/passed-on" --svg "$reports/passed-on.svg" --task 0
expect_exit 0 "passed on: its diagram"
slots=$("$GRAVESHIFT" log "$scratch/passed-on" --kind leased | grep -o ' w[0-9]* ' | sort -u | wc -l)
check "passed on: more slots had the task than are drawn" test "$slots" -gt 16
check "passed on: the diagram says so" grep -q ">$slots slots had this task; the first 16 of them are drawn" "$reports/passed-on.svg"
expect_equal "passed on: and is XML" "" "$(well_formed "$reports/passed-on.svg")"

start live run "$(write_scenario live <<-YAML
	job: {kind: noop, tasks: 100 tasks, work: 50ms}
	workers: {count: 2}
	expect: [{job: done}]
YAML
)" --run-dir "$scratch/live" -q
wait_until 10 tasks_done "$scratch/live" 5
graveshift report "$scratch/live"
expect_exit 3 "live: no verdict yet"
expect_stdout 'no verdict yet: the run is running' "live: says so"
report_all live "$scratch/live" 1
check "live: the page says so, too" grep -q 'No verdict was given: the run is running' "$reports/live.html"
slay live "$director"
check "killed: nobody is left who has its lock" wait_until 5 no_process_left "$scratch/live"
graveshift report "$scratch/live" --junit "$reports/killed.xml"
expect_equal "killed: its JUnit has an error" "verdict" "$(check_junit "$reports/killed.xml")"
expect_in "$reports/killed.xml" 'the run is interrupted' "killed: and says why"

# --- in a browser

if command -v chromium >/dev/null; then
	for name in 09-supervisor-killed evil many; do
		HOME=$scratch timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --window-size=1300,2000 \
			--enable-logging=stderr --user-data-dir="$scratch/chromium" --screenshot="$scratch/$name.png" \
			--dump-dom "file://$reports/$name.html" >"$scratch/$name.dom" 2>"$scratch/$name.console"
		expect_equal "$name: the console stays silent in Chromium" "" "$(grep CONSOLE "$scratch/$name.console")"
		check "$name: Chromium has the lanes and their tooltips" grep -q '<rect [^>]*></rect><title>' "$scratch/$name.dom"
		expect_equal "$name: and found no image or script" "" "$(grep -o '<img\|<script' "$scratch/$name.dom")"
	done
else
	skip "the pages in Chromium" "chromium is not installed (Debian package chromium)"
fi
finish
