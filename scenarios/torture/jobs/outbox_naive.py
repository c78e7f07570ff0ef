# SPDX-License-Identifier: ISC
"""Outbox, naive: the order is committed, then its mail is sent. Killed between them, the mail never goes."""
import sqlite3

shop = sqlite3.connect("shop.db")
shop.execute("create table if not exists orders (id primary key)")
with open("mails", "a") as mails:
    for line in open("orders.csv"):
        order = line.split(",")[0]
        if shop.execute("select 1 from orders where id = ?", [order]).fetchone():
            continue
        shop.execute("insert into orders values (?)", [order])
        shop.commit()
        mails.write(order + "\n")
        mails.flush()
