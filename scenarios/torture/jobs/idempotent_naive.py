# SPDX-License-Identifier: ISC
"""Idempotency, naive: each order becomes a row, whatever is there already. Once more is once more."""
import sqlite3

sink = sqlite3.connect("sink.db")
sink.execute("create table if not exists orders (id, amount)")
for line in open("orders.csv"):
    sink.execute("insert into orders values (?, ?)", line.split(","))
    sink.commit()
