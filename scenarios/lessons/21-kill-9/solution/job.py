#!/usr/bin/env python3
# How much each store has sold. Every three records it writes down how far it is.
import os

with open("input.csv") as file:
    rows = [line.split(",") for line in file][1:]


# --- yours
def load():
    """Sums so far, and the number of records that are in them."""
    if not os.path.exists("state"):
        return {}, 0
    return eval(open("state").read())


def replace(name, text):
    with open(name + ".new", "w") as file:
        file.write(text)
    os.rename(name + ".new", name)


def save(sums, done):
    replace("state", repr((sums, done)))


def publish(lines):
    replace("result.csv", "".join(lines))
# --- end of yours


sums, done = load()
for number, row in enumerate(rows[done:], done + 1):
    sums[row[2]] = sums.get(row[2], 0) + int(row[4])
    if number % 3 == 0:
        save(sums, number)
if not os.path.exists("result.csv"):
    publish([f"{store},{sums[store]}\n" for store in sorted(sums)])
