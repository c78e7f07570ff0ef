#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# compare_worlds.py [--counts] REAL VIRTUAL [MAY...]: two reports of `run --json` of one scenario, one from each world.
# Prints a line for each difference; MAY names what may differ.  Compared are exit code, outcome, tasks by state, attempts
# charged by cause, dead letters, records in the sink, what became of each expectation, and which faults landed.
# --counts: also how often each fault landed, and generations, retries, deaths, leases found done and records redone.
import json
import sys

COUNTS = ("generations", "retries", "deaths", "found_done", "rework", "records", "tasks")


def flat(prefix, value):
    if not isinstance(value, dict):
        return {prefix: value}
    facts = {}
    for key, inner in value.items():
        facts.update(flat(f"{prefix}.{key}" if prefix else key, inner))
    return facts


def facts_of(path, counts):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not text:
        sys.exit(f"there is no report in {path}")
    report = json.loads(text)
    facts = {"exit": report["exit"], **flat("", report["agree"])}
    for line in report["lines"]:
        name = line["name"]
        fault = name.startswith("fault ")
        if fault or ": " in name:  # an expectation
            facts[name] = line["result"]
        if fault and counts:
            facts[name + ", times"] = line["detail"].split(" times")[0]
    if counts:
        facts.update({key: report[key] for key in COUNTS})
    return facts


words = sys.argv[1:]
counts = words[0] == "--counts"
real_path, virtual_path, *may = words[counts:]
real, virtual = facts_of(real_path, counts), facts_of(virtual_path, counts)
for name in sorted(real.keys() | virtual.keys()):
    if real.get(name) != virtual.get(name) and name not in may:
        print(f"{name}: real {real.get(name)}, virtual {virtual.get(name)}")
