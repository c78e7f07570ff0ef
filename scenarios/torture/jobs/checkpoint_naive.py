# SPDX-License-Identifier: ISC
"""Checkpoint, naive: a line is written, then the checkpoint. Between them nobody knows of the line."""
import os

done = int(open("checkpoint").read()) if os.path.exists("checkpoint") else 0
with open("out.csv", "a") as out:
    for number, line in enumerate(open("orders.csv")):
        if number < done:
            continue
        out.write(line.upper())
        out.flush()
        with open("checkpoint.new", "w") as checkpoint:
            checkpoint.write(str(number + 1))
        os.replace("checkpoint.new", "checkpoint")
