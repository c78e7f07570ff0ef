#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Which fault was seen to happen to which kind of job, and survived: makes the runs, and the table of what they say.

    matrix.py write FOLDER           a scenario for each kind of job and group of faults, FOLDER/KIND.GROUP.yaml
    matrix.py open FOLDER            the runs, KIND.GROUP, in which a fault missed its moment and nothing was broken
    matrix.py table FOLDER           the table, by what `graveshift run` said of each: FOLDER/KIND.GROUP.out, .code
    matrix.py check FOLDER README    the same, held against the one in README; names each cell that differs, exit code 1
    matrix.py files TESTS            prints which of the files that TESTS/README.md names beside the table are not there

MATRIX_WITHOUT=GROUP: what cannot be played with this build, and counts as seen.
"""
import os
import re
import sys

STAY = 'while read -r w t a f l n m; do echo "begin $m"; for ((i = 0; i < n; i++)); do IFS= read -r x; printf "%s\\\\n" "$x"; done; echo "done $m"; done'
JOBS = {
    "aggregate": "{kind: aggregate, generate: {sales: 3000 records}, key: product, sum: [qty, price], chunk: 50 records}",
    "noop": "{kind: noop, tasks: 90 tasks}",
    "etl": "{kind: etl, generate: {sales: 1200 records}, id: [order_id], decimals: [qty], chunk: 20 records}",
    "graph": "{kind: graph, orders: 30, steps: [{id: payment}, {id: packing, after: [payment]}, {id: shipping, after: [packing]}]}",
    "command": "{kind: command, generate: {weblog: 1200 records}, chunk: 20 records, command: [cat], prints: lines}",
    "command, per_worker": "{kind: command, process: per_worker, generate: {weblog: 1200 records}, chunk: 20 records, prints: lines,"
    f" command: [bash, -c, '{STAY}']}}",
    "mapreduce": "{kind: mapreduce, function: pages, generate: {weblog: 3000 records}, chunk: 50 records, partitions: 3}",
    "stream": "{kind: stream, pattern: streaming, generate: {events: 1200 records}, partitions: 2, rate: 2000}",
    "stream, claim_check": "{kind: stream, pattern: claim_check, generate: {events: 300 records, size: 2KiB}, partitions: 2,"
    " claim: {above: 1KiB}, rate: 500}",
}
# Of a stream, batches are what tasks are to the others; only documents outside of its log are chunks.
WORK = {kind: "worker.before_batch" if "stream" in kind else "worker.before_commit" for kind in JOBS}
DONE = {kind: "worker.after_batch" if "stream" in kind else "worker.after_commit_before_report" for kind in JOBS}
NO_INPUT = ("noop", "graph")
NO_OUTPUT = ("noop", "graph", "etl", "stream", "stream, claim_check")

# Row, group, its faults ({w}: between work and commit, {d}: behind the commit), kinds that it is not for.  Numbers are those of
# the list of faults that this work began with.
ROWS = [
    ("1 a worker is killed", "worker", ["at: {w}, nth: 5, kill: self"], ()),
    ("5 it crashes: SEGV, an exit code", "worker", ["at: {w}, nth: 9, crash: self", "at: {w}, nth: 12, crash: self, exit: 3"], ()),
    ("5 it runs out of memory", "memory", ["at: {w}, nth: 5, memory: self"], ()),
    ("6 it is stopped", "worker", ["at: {w}, nth: 15, pause: self, for: 30ms"], ()),
    ("7 it hangs, or spins", "worker", ["at: {w}, nth: 17, hang: self, for: 20ms", "at: {w}, nth: 19, spin: self, for: 20ms"], ()),
    ("9 a zombie: stopped past its lease, and back", "zombie", ["at: {w}, nth: 10, pause: self, for: 500ms"], ()),
    ("10 it is slow", "worker", ["at: {w}, nth: 3, slow: self, by: 50us, for: 20ms"], ()),
    ("4 one dies while it takes over", "worker", ["at: worker.started, kill: self, follows: r0"], ()),
    ("24, 32 two die at once, and again", "worker", ["at: {w}, nth: 22, kill: 2 of any, times: 1", "at: {w}, nth: 28, kill: 2 of any"], ()),
    ("3 the supervisor is killed", "supervisor", ["at: {w}, nth: 10, kill: supervisor"], ()),
    ("3 all are killed", "supervisor", ["at: {w}, nth: 20, kill: all"], ()),
    ("4 killed again while it recovers", "supervisor", ["at: supervisor.after_restore, nth: 2, kill: self"], ()),
    ("29 an answer is lost: death behind the commit", "supervisor", ["at: {d}, nth: 5, kill: self"], ()),
    ("30 two supervisors", "split", ["at: {w}, nth: 10, split: supervisor, for: 100ms"], ()),
    ("11 a beat is lost", "message", ["at: worker.send, frame: beat, drop: self"], ()),
    ("12 a frame is dropped", "message", ["at: supervisor.send, frame: assign, nth: 4, drop: self"], ()),
    ("12 delayed", "message", ["at: worker.send, nth: 7, delay: self, by: 5ms"], ()),
    ("12 doubled", "message", ["at: worker.send, nth: 9, duplicate: self"], ()),
    ("12 overtaken", "message", ["at: worker.send, nth: 5, reorder: self"], ()),
    ("12 damaged", "message", ["at: worker.send, nth: 11, corrupt: self"], ()),
    ("12, 14 nothing passes for a while", "message", ["at: {w}, nth: 15, partition: self, for: 150ms"], ()),
    ("15 bits of the shared memory flip", "board", ["at: {w}, nth: 5, board: flip, times: 20"], ()),
    ("18 a torn write", "disk", ["at: store.write, nth: 40, tear: self"], ()),
    ("19 power is lost", "power", ["at: {w}, nth: 12, power: off"], ()),
    ("20 a write fails: disk full", "disk", ["at: store.write, nth: 30, fail: ENOSPC"], ()),
    ("20 a write is short", "disk", ["at: output.write, short: self"], NO_OUTPUT),
    ("21 a file system is read-only", "disk", ["at: output.rename, fail: EROFS"], NO_OUTPUT),
    ("22 a slow disk", "disk", ["at: store.write, nth: 20, hang: self, for: 20ms"], ()),
    ("26 the clock jumps", "worker", ["at: {w}, nth: 7, clock: +1h"], ()),
    ("27 a chunk is damaged as it is read", "records", ["bad_chunk: 2"], NO_INPUT + ("stream",)),
    ("28 a poison record", "records", ["poison: 33"], ("noop",)),
    ("a flaky record", "records", ["flaky: 55"], ("noop",)),
    ("31 what was handed on is lost, or damaged", "records", ["lose_part: 3", "spoil_part: 5"],
     tuple(kind for kind in JOBS if kind != "mapreduce")),
    ("a worker more, one less", "scale", ["at: {w}, nth: 5, scale: +1", "at: {w}, nth: 15, drain: any"], ()),
]
# Faults that are no row: what has to be so for the others to show.
HELPERS = {"scale": "  - {id: helper, at: worker.started, slow: self, by: 500us, for: forever, times: every}"}
GROUPS = {
    "memory": "limits: {wall: 60s, memory: 64MiB}\nrecovery: {heartbeat: {dead: 20s}, retry: {attempts: 9, backoff: 1ms..2ms}}",
    "zombie": "recovery: {lease: {ttl: 150ms, takeover: fence}, heartbeat: {every: 20ms, suspect: 60ms, dead: 120ms},"
    " retry: {attempts: 9, backoff: 1ms..2ms}}\nexpect: [{job: done}, {records: exactly_once}, {fenced: '>= 1'}]",
    "message": "recovery: {lease: {ttl: 200ms}, heartbeat: {every: 5ms, suspect: 100ms, dead: 500ms}, retry: {attempts: 9, backoff: 1ms..2ms}}",
    "records": "recovery: {retry: {attempts: 9, backoff: 1ms..2ms}, dead_letters: {max: any}}\n"
    "expect: [{job: done}, {records: exactly_once}, {dead_letters: '>= 1'}]",
    "power": "durability: power",
}


def slug(kind):
    return re.sub(r"[^a-z]+", "-", kind)


def faults_of(kind, group):
    """Entries of the group's faults, and the row of each id."""
    entries, rows = [], {}
    for number, (row, of, faults, without) in enumerate(ROWS):
        for index, fault in enumerate(faults):
            name = f"r{number}" + (f"-{index}" if index else "")
            if of == group and kind not in without:
                rows[name] = row
                entries.append(f"  - {{id: {name}, {fault.format(w=WORK[kind], d=DONE[kind])}}}")
    return entries, rows


def write(folder):
    for kind, job in JOBS.items():
        for group in dict.fromkeys(row[1] for row in ROWS):
            entries, _ = faults_of(kind, group)
            entries += [HELPERS[group]] if group in HELPERS else []
            extra = GROUPS.get(group, "")
            lines = ["scenario: 1", f"name: {slug(kind)}-{group}", "about: See tests/e2e/matrix.py.", f"job: {job}",
                     "workers: {count: 3, restart: {max: 100, within: 10s, backoff: 1ms..2ms}}"]
            if "limits:" not in extra:
                lines.append("limits: {wall: 60s}")
            if "recovery:" not in extra:
                lines.append("recovery: {retry: {attempts: 9, backoff: 1ms..2ms}, checkpoint: {every: 5 records}}"
                             if kind == "etl" or "stream" in kind else "recovery: {retry: {attempts: 9, backoff: 1ms..2ms}}")
            elif kind == "etl" or "stream" in kind:
                extra = extra.replace("recovery: {", "recovery: {checkpoint: {every: 5 records}, ")
            lines += [extra] if extra else []
            if "expect:" not in extra:
                lines.append("expect: [{job: done}, {records: exactly_once}]")
            with open(os.path.join(folder, f"{slug(kind)}.{group}.yaml"), "w", encoding="ascii") as file:
                file.write("\n".join(lines + ["faults:"] + entries) + "\n")


def seen(folder):
    """The cells whose faults all landed in a run whose promises all held, and what was said of the others."""
    cells, complaints = set(), []
    for kind in JOBS:
        for group in dict.fromkeys(row[1] for row in ROWS):
            _, rows = faults_of(kind, group)
            if group == os.environ.get("MATRIX_WITHOUT"):
                cells.update((row, kind) for row in rows.values())
                continue
            path = os.path.join(folder, f"{slug(kind)}.{group}")
            with open(path + ".out", encoding="utf-8", errors="replace") as file:
                said = file.read()
            broken = re.findall(r"^FAIL .*", said, re.M)
            missing = {name: re.search(rf"^open fault {name} .*", said, re.M) for name in rows}
            landed = {name for name in rows if re.search(rf"^ok   fault {name} landed", said, re.M)}
            for row in dict.fromkeys(rows.values()):
                names = [name for name in rows if rows[name] == row]
                if not broken and landed.issuperset(names):
                    cells.add((row, kind))
                else:
                    why = broken or [missing[name].group() if missing[name] else f"{name}: nothing was said" for name in names if name not in landed]
                    complaints.append(f"{kind}, {row}: {'; '.join(why)}")
    return cells, complaints


def still_open(folder):
    """Machines that are busy enough let a run be over before a fault has come, or could be proven."""
    for kind in JOBS:
        for group in dict.fromkeys(row[1] for row in ROWS):
            path = os.path.join(folder, f"{slug(kind)}.{group}.out")
            with open(path, encoding="utf-8", errors="replace") as file:
                said = file.read()
            if re.search(r"^open fault ", said, re.M) and not re.search(r"^FAIL ", said, re.M):
                print(f"{slug(kind)}.{group}")


def table(folder):
    cells, complaints = seen(folder)
    yield "| fault | " + " | ".join(JOBS) + " |"
    yield "|---|" + "---|" * len(JOBS)
    for row, _, _, without in ROWS:
        yield f"| {row} | " + " | ".join("x" if (row, kind) in cells else "–" if kind in without else "?" for kind in JOBS) + " |"
    for complaint in complaints:
        print("#", complaint, file=sys.stderr)


def lines_of(readme, head):
    """The table that begins so."""
    with open(readme, encoding="utf-8") as file:
        text = file.read().split("\n")
    begin = next(number for number, line in enumerate(text) if line.startswith(head))
    end = next(number for number, line in enumerate(text[begin:]) if not line.startswith("|"))
    return text[begin : begin + end]


def files(tests):
    for line in lines_of(os.path.join(tests, "README.md"), "| beside the table | ")[2:]:
        names = re.findall(r"`([a-z0-9_]+/[a-z0-9_.]+)`", line)
        for name in names:
            if not os.path.exists(os.path.join(tests, name)):
                print(name)
        if not names and "not played: " not in line:
            print("no file and no reason:", line)


def check(folder, readme):
    wanted = lines_of(readme, "| fault | ")
    made = list(table(folder))
    for line in made:
        if line not in wanted:
            print("# not in the table:", line)
    for line in wanted:
        if line not in made:
            print("# not what was seen:", line)
    return 0 if made == wanted else 1


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2])
    elif sys.argv[1] == "table":
        print("\n".join(table(sys.argv[2])))
    elif sys.argv[1] == "open":
        still_open(sys.argv[2])
    elif sys.argv[1] == "files":
        files(sys.argv[2])
    else:
        sys.exit(check(*sys.argv[2:4]))
