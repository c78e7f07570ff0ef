#!/usr/bin/env python3
# How much each store has sold. Every three records it writes down how far it is.
import os

with open("input.csv") as file:
    rows = [line.split(",") for line in file][1:]


# --- yours
def load():
    """Sums so far, and the number of records that are in them."""
    if not os.path.exists("done"):
        return {}, 0
    return eval(open("sums").read()), int(open("done").read())


def save(sums, done):
    with open("sums", "w") as file:
        file.write(repr(sums))
    with open("done", "w") as file:
        file.write(str(done))


def publish(lines):
    with open("result.csv", "w") as file:
        for line in lines:
            file.write(line)
            file.flush()
# --- end of yours


sums, done = load()
for number, row in enumerate(rows[done:], done + 1):
    sums[row[2]] = sums.get(row[2], 0) + int(row[4])
    if number % 3 == 0:
        save(sums, number)
if not os.path.exists("result.csv"):
    publish([f"{store},{sums[store]}\n" for store in sorted(sums)])
