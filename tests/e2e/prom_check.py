#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Prints what is wrong with a file in Prometheus' text format, by the format's own rules and those for good names.

    prom_check.py FILE
"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?,?\}})? (\S+)(?: -?\d+)?")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
# Prometheus gives these to whatever it scrapes.
TAKEN = ("job", "instance")

def family_of(name, types):
    for suffix in ("_bucket", "_sum", "_count"):
        if name.endswith(suffix) and types.get(name[: -len(suffix)]) == "histogram":
            return name[: -len(suffix)]
    return name


def check(text):
    """A line for each problem."""
    problems, types, helps, series, order = [], {}, set(), {}, []

    def wrong(line, what):
        problems.append(f"line {line}: {what}")

    if not text.endswith("\n"):
        problems.append("no line end at the end")
    for number, line in enumerate(text.splitlines(), 1):
        comment = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.+)", line)
        if comment and comment[1] == "HELP":
            if comment[2] in helps or re.search(r"\\(?![\\n])", comment[3]):
                wrong(number, "a second HELP, or an escape that is none")
            helps.add(comment[2])
            continue
        if comment:
            if comment[2] in types or comment[2] in order:
                wrong(number, "a second TYPE, or one behind its samples")
            if comment[3] not in TYPES:
                wrong(number, "no type: " + comment[3])
            types[comment[2]] = comment[3]
            continue
        sample = SAMPLE.fullmatch(line)
        if not sample:
            wrong(number, "no sample: " + line)
            continue
        labels = tuple(sorted(match[:2] for match in re.findall(LABEL, sample[2] or "")))
        names = [name for name, _ in labels]
        family = family_of(sample[1], types)
        if order[-1:] != [family]:
            if family in order:
                wrong(number, f"{family} is not in one piece")
            order.append(family)
        if family not in types or family not in helps:
            wrong(number, f"{family} has no TYPE or no HELP before it")
        if len(set(names)) != len(names) or any(name in TAKEN or name.startswith("__") for name in names):
            wrong(number, "a label twice, or one of " + ", ".join(TAKEN))
        if (sample[1], labels) in series:
            wrong(number, "the same series twice")
        try:
            value = float(sample[len(sample.groups())])
        except ValueError:
            wrong(number, "no number: " + line)
            continue
        series[sample[1], labels] = value
        if types.get(family) == "counter" and value < 0:
            wrong(number, "a counter below zero")
    for family, kind in types.items():
        if (kind == "counter") != family.endswith("_total"):
            problems.append(f"{family}: a counter, and nothing else, ends in _total")
        if family not in order:
            problems.append(f"{family}: no sample")
        if kind != "histogram":
            continue
        rows = {}
        for (name, labels), value in series.items():
            if name == family + "_bucket":
                rest = tuple(label for label in labels if label[0] != "le")
                rows.setdefault(rest, []).append((float(dict(labels)["le"]), value))
        for rest, buckets in rows.items():
            counts = [count for _, count in buckets]
            if buckets != sorted(buckets) or counts != sorted(counts):
                problems.append(f"{family}: buckets that do not grow")
            if buckets[-1] != (float("inf"), series.get((family + "_count", rest))):
                problems.append(f"{family}: its +Inf is not its count")
            if (family + "_sum", rest) not in series:
                problems.append(f"{family}: no sum")
    # A set of states: one of them is true.
    states = [value for (name, _), value in series.items() if name == "batch_job_status"]
    if states and sorted(states) != [0] * (len(states) - 1) + [1]:
        problems.append(f"batch_job_status: {states}")
    return problems if series else problems + ["no sample"]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        problems = check(file.read())
    print(end="".join(problem + "\n" for problem in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
