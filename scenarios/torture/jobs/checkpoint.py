# SPDX-License-Identifier: ISC
"""Checkpoint: it also says how long the output was, and what is behind that is cut off first."""
import os

done, length = map(int, open("checkpoint").read().split()) if os.path.exists("checkpoint") else (0, 0)
with open("out.csv", "a") as out:
    out.truncate(length)
    for number, line in enumerate(open("orders.csv")):
        if number < done:
            continue
        out.write(line.upper())
        out.flush()
        os.fsync(out.fileno())
        with open("checkpoint.new", "w") as checkpoint:
            checkpoint.write(f"{number + 1} {os.fstat(out.fileno()).st_size}")
            checkpoint.flush()
            os.fsync(checkpoint.fileno())
        os.replace("checkpoint.new", "checkpoint")
