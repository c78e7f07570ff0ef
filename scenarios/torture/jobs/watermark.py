# SPDX-License-Identifier: ISC
"""Watermark: it moves on when the result of a window is in its place. A window that is made again is the same again."""
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
    put(f"window.{window}", f"{sum(windows[window])}\n")
    put("watermark", str(window + 1))
