# SPDX-License-Identifier: ISC
"""Manifest, naive: a part that is there is taken for a whole one."""
import os

lines = open("orders.csv").readlines()
for number in range(0, len(lines), 4):
    part = f"part.{number // 4}"
    if not os.path.exists(part):
        with open(part, "w", buffering=1) as out:
            for line in lines[number : number + 4]:
                out.write(line.upper())
