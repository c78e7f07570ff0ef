#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What the aggregate job must print, by means that share nothing with it: Python's csv and decimal modules.

    aggregate_reference.py [--separator C] [--ranges A-G,H-N,...] INPUT KEY SUM...

Prints result.csv.  The result does not depend on a split; with --ranges the sums are made range by range all
the same (keys in none of the ranges make up the rest) and the records of each range are told on stderr.
Input that the job would have to dead-letter is an error here, and so is a bare CR outside quotes.
"""
import argparse
import csv
import decimal
import re
import sys

DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)")


def rows(path, separator):
    """The rows as latin-1 text: one character per byte, so that text order is byte order."""
    with open(path, "rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        lines = (line.decode("latin-1") for line in file)
        try:
            yield from filter(None, csv.reader(lines, delimiter=separator, strict=True))
        except csv.Error as error:
            sys.exit(f"{path}: {error}")


def shortest(value):
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def field(text):
    if any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def range_of(key, ranges):
    for i, (low, high) in enumerate(ranges):
        if low <= key[: len(low)] and key[: len(high)] <= high:
            return i
    return len(ranges)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--separator", default=",")
    parser.add_argument("--ranges", default="")
    parser.add_argument("input")
    parser.add_argument("key")
    parser.add_argument("sum", nargs="*")
    options = parser.parse_args()
    ranges = [tuple(r.encode().decode("latin-1").split("-")) for r in options.ranges.split(",") if r]
    decimal.setcontext(decimal.Context(prec=200, traps=[decimal.Inexact, decimal.InvalidOperation]))
    csv.field_size_limit(2**31 - 1)

    source = rows(options.input, options.separator)
    header = next(source, None)
    if header is None:
        sys.exit(f"{options.input}: has no header")
    names = [name.encode().decode("latin-1") for name in [options.key] + options.sum]
    key_column, *sum_columns = [header.index(name) for name in names]
    parts = [{} for _ in range(len(ranges) + 1)]
    records = [0] * len(parts)
    for number, row in enumerate(source):
        values = [row[column] for column in sum_columns] if len(row) == len(header) else [""]
        if "\0" in "".join(row) or not all(DECIMAL.fullmatch(value) for value in values):
            sys.exit(f"{options.input}: record {number} cannot be used")
        part = range_of(row[key_column], ranges)
        total = parts[part].setdefault(row[key_column], [0] + [decimal.Decimal(0)] * len(values))
        total[0] += 1
        for i, value in enumerate(values, 1):
            total[i] += decimal.Decimal(value)
        records[part] += 1

    if ranges:
        for name, count in zip(options.ranges.split(",") + ["rest"], records):
            print(f"{name}: {count} records", file=sys.stderr)
    lines = [[field(names[0]), "records"] + [field(f"sum({name})") for name in names[1:]]]
    for key in sorted(key for part in parts for key in part):
        total = next(part[key] for part in parts if key in part)
        lines.append([field(key), str(total[0])] + [shortest(value) for value in total[1:]])
    sys.stdout.buffer.write("".join(",".join(line) + "\n" for line in lines).encode("latin-1"))


if __name__ == "__main__":
    main()
