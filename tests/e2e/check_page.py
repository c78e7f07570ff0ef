#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Prints what is wrong with a page as parsers and people see it.

    check_page.py run FILE              lanes: a tooltip for each bar
    check_page.py comparison FILE N     a grid of N cells, each with a tooltip
    check_page.py torture FILE N        a strip of N points, each with a tooltip

All of them are well nested, and need nothing else: no script, and nothing that is fetched."""

import re
import sys
from html.parser import HTMLParser


class Page(HTMLParser):
    void = {"meta", "link", "br", "img", "input"}

    def __init__(self):
        super().__init__()
        self.open = []
        self.bars = self.tips = self.cells = 0

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        names = attributes.get("class", "")
        if tag in ("script", "img", "iframe", "object", "embed"):
            print("there is a", tag)
        for name, value in attributes.items():
            if name.startswith("on") or name == "src" or (name == "href" and value != "data:,"):
                print("attribute", name, value)
        self.bars += tag == "g" and "s " in names
        self.tips += tag == "title" and "svg" in self.open
        if names.startswith("c "):
            self.cells += 1
            if " killed at " not in attributes.get("title", ""):
                print("a cell without a tooltip")
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            print("badly nested:", tag, self.getpos())


def main():
    kind, path = sys.argv[1:3]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    page = Page()
    page.feed(text)
    page.close()
    if page.open:
        print("never closed:", page.open)
    if kind == "run" and (page.bars < 20 or page.tips < page.bars - 9):
        print("bars", page.bars, "tooltips", page.tips)
    if kind == "comparison" and page.cells != int(sys.argv[3]):
        print("cells:", page.cells)
    if kind == "torture" and page.tips != int(sys.argv[3]):
        print("points:", page.tips)
    for address in re.findall(r"https?://\S*", text)[:3]:
        print("address", address)


main()
