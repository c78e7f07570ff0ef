# SPDX-License-Identifier: ISC
"""Outbox: order and mail-to-be are one transaction; what was sent is marked afterwards. A mail may go twice, with the same
id, by which its reader knows it; none is lost."""
import sqlite3

shop = sqlite3.connect("shop.db")
shop.execute("create table if not exists orders (id primary key)")
shop.execute("create table if not exists outbox (id primary key, sent default 0)")
for line in open("orders.csv"):
    order = line.split(",")[0]
    with shop:
        shop.execute("insert or ignore into orders values (?)", [order])
        shop.execute("insert or ignore into outbox (id) values (?)", [order])
with open("mails", "a") as mails:
    for (order,) in shop.execute("select id from outbox where not sent order by id").fetchall():
        mails.write(order + "\n")
        mails.flush()
        with shop:
            shop.execute("update outbox set sent = 1 where id = ?", [order])
