#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Messages and lines of verdicts, as the program's own sources have them, one a line: what
`graveshift explain` must know.  explain_sources.py messages|lines|unused FILE...  `unused`
ERRORS FILE... prints the patterns of ERRORS that none of the others could print."""
import re
import sys

LITERALS = re.compile(r'"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*')
CONVERSION = re.compile(r'%[-+ 0#]*\d*(?:\.\*|\.\d+)?(?:hh|h|ll|l|z|j|t)?[a-zA-Z]')


def arguments(text, names):
    """What stands between the brackets of each call of one of them."""
    for call in re.finditer(r'\b(?:%s)\s*\(' % '|'.join(names), text):
        at, depth, begin = call.end(), 1, call.end()
        while depth > 0 and at < len(text):
            quote = text[at]
            if quote in '"\'':
                at += 1
                while text[at] != quote:
                    at += 2 if text[at] == '\\' else 1
            depth += (quote == '(') - (quote == ')')
            at += 1
        yield text[begin:at - 1]


def joined(literals):
    return ''.join(part[1:-1] for part in re.findall(r'"(?:[^"\\]|\\.)*"', literals)).replace('\\"', '"')


def strings(text):
    text = re.sub(r"'\\?\"'", '0', text)
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    text = re.sub(r'"\s*PRI[a-z]+\d+\s*"?', lambda m: 'u' + ('' if m.group().endswith('"') else '"'), text)
    return [joined(found) for found in LITERALS.findall(text)]


def messages(text):
    for call in arguments(text, ['load_error', 'load_error_within', 'problem_add', 'complain', 'step_fail', 'refuse']):
        found = strings(call)
        if found and len(re.sub(r'[^A-Za-z]', '', CONVERSION.sub('', found[0]))) >= 4:
            yield CONVERSION.sub('7', found[0])


def split(call):
    """The arguments of a call, by the commas between them."""
    depth, quoted, begin = 0, False, 0
    for at, sign in enumerate(call):
        if sign == '"' and call[at - 1] != '\\':
            quoted = not quoted
        if not quoted:
            depth += (sign in '([{') - (sign in ')]}')
        if sign == ',' and depth == 0 and not quoted:
            yield call[begin:at].strip()
            begin = at + 1
    yield call[begin:].strip()


def lines(text):
    """Names of a verdict's lines: the third argument, where it stands there, and names of promises."""
    for string in strings(text):
        if re.match(r'I\d+ [a-z]', string) and string != 'I3 generation ':
            yield string
    named = [name for call in arguments(text, ['verdict_add']) for name in list(split(call))[2:3]]
    named += re.findall(r'\bname\[\]\s*=\s*("[^;]*);', text)
    # A table: the name behind what breaks it.
    named += re.findall(r'\{"[^"]* ", ("[^"]+"), (?:true|false)\}', text)
    for name in named:
        if name.startswith('"'):
            yield joined(name)


def patterns(text):
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    for row in re.finditer(r'TOPIC\(ERROR, "[^"]*",\s*((?:"(?:[^"\\]|\\.)*"\s*)+),', text):
        yield from joined(row.group(1)).split('|')


def has(text, pattern):
    return all(part in text for part in pattern.split('*'))


def unused(texts):
    """Patterns of the first that no text of the others could match."""
    said = [CONVERSION.sub('7', string) for text in texts[1:] for string in strings(text)]
    for pattern in patterns(texts[0]):
        if not any(has(string, pattern) for string in said):
            yield pattern


what = {'messages': messages, 'lines': lines, 'unused': unused}[sys.argv[1]]
texts = []
for path in sys.argv[2:]:
    with open(path, encoding='utf-8') as file:
        texts.append(file.read())
for string in unused(texts) if what is unused else [string for text in texts for string in what(text)]:
    print(string)
