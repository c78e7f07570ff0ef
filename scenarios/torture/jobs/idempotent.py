# SPDX-License-Identifier: ISC
"""Idempotency: an order's key decides which row it is, so that once more changes nothing."""
import sqlite3

sink = sqlite3.connect("sink.db")
sink.execute("create table if not exists orders (id primary key, amount)")
for line in open("orders.csv"):
    sink.execute(
        "insert into orders values (?, ?) on conflict (id) do update set amount = excluded.amount", line.split(",")
    )
    sink.commit()
