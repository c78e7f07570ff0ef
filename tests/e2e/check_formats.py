#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Prints what is wrong with a report by the rules of its format; written from the formats' documents alone.

    check_formats.py trace|junit|prom|bytes FILE...

trace: Trace Event Format (JSON object form).  junit: the schema that Jenkins' and Ant's reports share.  prom: Prometheus
text format 0.0.4.  bytes: no byte that could steer a terminal, in any format."""

import collections
import json
import math
import re
import sys
import xml.etree.ElementTree as tree

sys.dont_write_bytecode = True
import prom_check


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_id(value):
    return isinstance(value, int) and not isinstance(value, bool)


class Trace:
    """Events, tracks, flows and counters."""

    phases = set("BEXiICsftMbenNODPpv")
    keys = {"name", "cat", "ph", "ts", "dur", "pid", "tid", "id", "args", "s", "bp"}

    def __init__(self, text):
        self.problems = []
        self.open = collections.defaultdict(list)  # B without E
        self.slices = collections.defaultdict(list)
        self.flows = collections.defaultdict(list)
        whole = json.loads(text, parse_constant=lambda word: self.say("no number of JSON", word))
        if not isinstance(whole, dict) or not isinstance(whole.get("traceEvents"), list):
            self.say("no object with traceEvents", "")
            return
        if whole.get("displayTimeUnit", "ms") not in ("ms", "ns"):
            self.say("displayTimeUnit", whole["displayTimeUnit"])
        for event in whole["traceEvents"]:
            self.take(event)
        self.end()

    def say(self, what, event):
        self.problems.append(f"{what}: {event}")

    def take(self, event):
        phase = event.get("ph")
        if phase not in self.phases:
            return self.say("unknown phase", event)
        if set(event) - self.keys:
            self.say("unknown key", event)
        if not is_id(event.get("pid")) or not isinstance(event.get("name"), str) or not event["name"]:
            self.say("pid and name", event)
        if phase not in "MC" and not is_id(event.get("tid")):
            self.say("tid", event)
        if phase != "M" and (not is_number(event.get("ts")) or event["ts"] < 0):
            self.say("ts", event)
        if not isinstance(event.get("args", {}), dict):
            self.say("args", event)
        track = event.get("pid"), event.get("tid")
        if phase == "M":
            self.metadata(event)
        elif phase == "X":
            if not is_number(event.get("dur")) or event["dur"] < 0:
                return self.say("dur", event)
            self.slices[track].append((event["ts"], event["ts"] + event["dur"]))
        elif phase == "B":
            self.open[track].append(event)
        elif phase == "E":
            self.close(event, track)
        elif phase in "iI" and event.get("s", "t") not in ("g", "p", "t"):
            self.say("scope of an instant", event)
        elif phase == "C" and (not event.get("args") or not all(map(is_number, event["args"].values()))):
            self.say("a counter's values", event)
        elif phase in "stf":
            self.flow(event, track)

    def metadata(self, event):
        value = {"process_name": "name", "thread_name": "name", "process_sort_index": "sort_index"}.get(event["name"])
        if value is None or value not in event.get("args", {}):
            self.say("metadata", event)

    def close(self, event, track):
        if not self.open[track]:
            return self.say("an E without its B", event)
        begin = self.open[track].pop()
        if event["ts"] < begin["ts"] or event["name"] != begin["name"]:
            self.say("an E that is not its B's", event)
        self.slices[track].append((begin["ts"], event["ts"]))

    def flow(self, event, track):
        if "id" not in event or "cat" not in event or event.get("bp", "e") != "e":
            self.say("a flow's id, category and binding", event)
        else:
            self.flows[event["cat"], event["name"], event["id"]].append((event["ts"], event["ph"], track, event))

    def end(self):
        for events in self.open.values():
            for event in events:
                self.say("a B without its E", event)
        for track, slices in self.slices.items():
            enclosing = []
            for begin, end in sorted(slices, key=lambda one: (one[0], -one[1])):
                while enclosing and enclosing[-1] <= begin + 0.001:
                    enclosing.pop()
                if enclosing and end > enclosing[-1] + 0.001:
                    self.say("slices that overlap without one being in the other", (track, begin, end))
                enclosing.append(end)
        for key, steps in self.flows.items():
            phases = [step[1] for step in steps]
            if phases[0] != "s" or phases[-1] != "f" or set(phases[1:-1]) - {"t"}:
                self.say("a flow goes from s by t to f", (key, phases))
            if [step[0] for step in steps] != sorted(step[0] for step in steps):
                self.say("a flow goes back in time", key)
            for ts, _, track, event in steps:
                if not any(begin - 0.001 <= ts <= end + 0.001 for begin, end in self.slices[track]):
                    self.say("a flow's end is in no slice", event)


COUNT = re.compile(r"\d+")
SECONDS = re.compile(r"\d+(\.\d+)?")
# Element: its attributes (! must be there) with their patterns, its children, and whether it has text.
JUNIT = {
    "testsuites": ({"name": None, "time": SECONDS, "tests": COUNT, "failures": COUNT, "errors": COUNT}, ["testsuite"], False),
    "testsuite": (
        {
            "!name": None,
            "!tests": COUNT,
            "!failures": COUNT,
            "!errors": COUNT,
            "skipped": COUNT,
            "!time": SECONDS,
            "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"),
            "hostname": re.compile(r"\S+"),
        },
        ["properties", "testcase", "system-out", "system-err"],
        False,
    ),
    "properties": ({}, ["property"], False),
    "property": ({"!name": re.compile(r".+"), "!value": None}, [], False),
    "testcase": (
        {"!name": re.compile(r".+"), "!classname": re.compile(r".+"), "time": SECONDS},
        ["skipped", "error", "failure", "system-out", "system-err"],
        False,
    ),
    "failure": ({"message": None, "!type": re.compile(r".+")}, [], True),
    "error": ({"message": None, "!type": re.compile(r".+")}, [], True),
    "skipped": ({"message": None}, [], True),
    "system-out": ({}, [], True),
    "system-err": ({}, [], True),
}


def junit(text):
    def visit(node):
        rule = JUNIT.get(node.tag)
        if rule is None:
            return [f"unknown element {node.tag}"]
        attributes, children, has_text = rule
        known = {name.lstrip("!"): pattern for name, pattern in attributes.items()}
        found = [f"{node.tag}: unknown attribute {name}" for name in node.attrib if name not in known]
        found += [f"{node.tag}: no {name[1:]}" for name in attributes if name[0] == "!" and name[1:] not in node.attrib]
        found += [
            f"{node.tag}: {name} is {value!r}"
            for name, value in node.attrib.items()
            if known.get(name) is not None and not known[name].fullmatch(value)
        ]
        if not has_text and ((node.text or "").strip() or any((child.tail or "").strip() for child in node)):
            found.append(f"{node.tag}: text between elements")
        places = [children.index(child.tag) if child.tag in children else -1 for child in node]
        if -1 in places or places != sorted(places):
            found.append(f"{node.tag}: children {[child.tag for child in node]}")
        for child in node:
            found += visit(child)
        return found

    root = tree.fromstring(text)
    problems = visit(root)
    if root.tag != "testsuites":
        problems.append(f"the root is {root.tag}")
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if int(suite.get(name, 0)) != sum(case.find(tag) is not None for case in cases):
                problems.append(f"{name} is not the number of {tag}")
        if int(suite.get("tests")) != len(cases) or not cases:
            problems.append("tests is not the number of cases")
        names = [(case.get("classname"), case.get("name")) for case in cases]
        if len(set(names)) != len(names):
            problems.append("two cases of one name")
    return problems



def steering(data):
    """C0 but tab and line end, DEL, C1 as UTF-8, marks of direction; alone or broken UTF-8."""
    bad = re.compile(
        rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c|\xef\xbf[\xbe\xbf]"
    )
    problems = [f"byte {match.start()}: {match[0]!r}" for match in bad.finditer(data)]
    try:
        data.decode()
    except UnicodeDecodeError as error:
        problems.append(str(error))
    return problems


def main():
    checks = {"trace": lambda text: Trace(text).problems, "junit": junit, "prom": prom_check.check}
    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            data = file.read()
        problems = steering(data)
        if sys.argv[1] != "bytes":
            problems += checks[sys.argv[1]](data.decode())
        for problem in problems[:10]:
            print(f"{path}: {problem}")


if __name__ == "__main__":
    main()
