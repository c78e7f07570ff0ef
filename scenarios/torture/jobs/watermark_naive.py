# SPDX-License-Identifier: ISC
"""Watermark, naive: it moves on when a window's events were read, not when its result is there."""
import os


def put(name, text):
    with open(name + ".new", "w") as file:
        file.write(text)
    os.replace(name + ".new", name)


watermark = int(open("watermark").read()) if os.path.exists("watermark") else 0
windows = {}
for line in open("orders.csv"):
    time, amount = map(int, line.split(","))
    windows.setdefault(time // 3, []).append(amount)
for window in sorted(windows):
    if window < watermark:
        continue
    put("watermark", str(window + 1))
    put(f"window.{window}", f"{sum(windows[window])}\n")
