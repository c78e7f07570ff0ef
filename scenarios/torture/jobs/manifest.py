# SPDX-License-Identifier: ISC
"""Manifest: what is in it is whole, and its sum is what the file has; all else is made again."""
import hashlib
import json
import os


def put(name, text):
    with open(name + ".new", "w", buffering=1) as out:
        out.write(text)
        os.fsync(out.fileno())
    os.replace(name + ".new", name)


def is_whole(part, manifest):
    return os.path.exists(part) and hashlib.sha256(open(part, "rb").read()).hexdigest() == manifest.get(part)


manifest = json.load(open("manifest.json")) if os.path.exists("manifest.json") else {}
lines = open("orders.csv").readlines()
for number in range(0, len(lines), 4):
    part = f"part.{number // 4}"
    if not is_whole(part, manifest):
        text = "".join(line.upper() for line in lines[number : number + 4])
        put(part, text)
        manifest[part] = hashlib.sha256(text.encode()).hexdigest()
        put("manifest.json", json.dumps(manifest))
