# SPDX-License-Identifier: ISC
"""check.py FILE TABLE: passes if the table has each order of orders.csv once."""
import sqlite3
import sys

want = sorted(line.split(",")[0] for line in open("orders.csv"))
have = sorted(row[0] for row in sqlite3.connect(sys.argv[1]).execute(f"select id from {sys.argv[2]}"))
print(f"{len(have)} rows, {len(set(want) - set(have))} orders lost, {len(have) - len(set(have))} doubled")
sys.exit(have != want)
