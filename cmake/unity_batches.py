#!/usr/bin/env python3
"""unity_batches.py SIZE FILE...: which of a target's files may be compiled as one, for HandfastUnity.cmake.

Prints a line a batch, its files with `;` between them. What two files call alike in their unnamed namespaces would
meet if they became one translation unit, and so would what one calls as a header does that the other includes: such
files go into different batches. Of the text it understands just enough to find those names; where it is wrong, the
compiler says so.
"""

import functools
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
INCLUDE = re.compile(r'^#include (?:"([^"]+)"|<(handfast/[^>]+)>)', re.M)
SKIPPED = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\''
                     r'|^[ \t]*#(?:\\\n|[^\n])*', re.S | re.M)
ALIAS = re.compile(r"^(?:using\s+(\w+)\s*=|namespace\s+(\w+)\s*=)")
USING = re.compile(r"^using\s+(?:[\w:]*::)?(\w+)$")
TYPE = re.compile(r"^(?:enum\s+)?(?:struct|class|union|enum)\s+(?:\[\[.*?\]\]\s*|alignas\([^)]*\)\s*)*(\w+)")
MACRO = re.compile(r"^[A-Z][A-Z0-9_]+\s*\(")
BROUGHT_IN = re.compile(r"^using (?:enum|namespace(?! std::[a-z_]*literals;)) [^;]+;", re.M)
TEMPLATE = re.compile(r"^template\s*<")


def without_angles(text):
    """The text without what stands in <...>, as far as brackets can tell."""
    while True:
        shorter = re.sub(r"<[^<>;{}]*>", " ", text)
        if shorter == text:
            return text
        text = shorter


def statements(body):
    """The declarations of a namespace's body, each without its braces' content."""
    depth, start, text = 0, 0, []
    for at, letter in enumerate(body):
        if letter == "{":
            if depth == 0:
                text.append(body[start:at] + "{")
            depth += 1
        elif letter == "}":
            depth -= 1
            start = at + 1
            if depth == 0 and not re.match(r"\s*[;,)=]", body[at + 1:]):
                yield "".join(text).strip()
                text = []
        elif letter == ";" and depth == 0:
            text.append(body[start:at])
            yield "".join(text).strip()
            text, start = [], at + 1


def name_and_meaning(statement):
    """What a declaration names; and, for an alias, its text: the same alias twice does no harm."""
    statement = re.sub(r"\s+", " ", statement.lstrip(";, ")).strip()
    alias = ALIAS.match(statement) or USING.match(statement)
    if alias:
        return next(filter(None, alias.groups())), statement
    plain = without_angles(statement)
    if TEMPLATE.match(plain.replace("template  ", "template <")):
        plain = plain.split(None, 1)[1] if " " in plain else ""
    plain = re.sub(r"^template\s+", "", plain)
    if not plain or plain.startswith(("using ", "static_assert")) or MACRO.match(plain) or "operator" in plain:
        return None, None
    kind = TYPE.match(plain)
    if kind:
        return kind[1], None
    named = re.search(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?:[({=]|$)", plain)
    return (named[1], None) if named else (None, None)


UNNAMED = re.compile(r"(?<!\w)namespace\s*\{")
NAMED = re.compile(r"(?<!\w)namespace\s+[\w:]+\s*\{")


def bodies(text, namespace):
    for opening in re.finditer(namespace, text):
        depth, at = 1, opening.end()
        while depth and at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        yield text[opening.end():at - 1]


def names(path, namespace=UNNAMED):
    text = SKIPPED.sub(" ", pathlib.Path(path).read_text())
    found = {}
    for body in bodies(text, namespace):
        for statement in statements(body):
            name, meaning = name_and_meaning(statement)
            if name:
                found.setdefault(name, meaning)
    return found


@functools.cache
def header_names(header):
    return frozenset(names(header, NAMED))


@functools.cache
def included(path):
    """The project's headers that a file includes, and those that they do."""
    found = set()
    for quoted, bracketed in INCLUDE.findall(path.read_text()):
        places = [path.parent / quoted, ROOT / "src" / quoted, ROOT / "tests" / quoted, ROOT / "bench" / quoted]
        header = next((place for place in places if place.is_file()), None) if quoted else ROOT / "include" / bracketed
        if header:
            found |= {header} | included(header)
    return frozenset(found)


class File:
    def __init__(self, path):
        text = pathlib.Path(path).read_text()
        self.path = path
        self.names = names(path)
        self.headers = included(pathlib.Path(path))
        self.brought_in = frozenset(BROUGHT_IN.findall(text))

    def meets(self, other):
        """Whether something here is called as something there, or hides what a header declares that is used there.

        What an alias stands for may well be of a header that both see. Who brings in the names of an enum, or of a
        namespace, goes with those alone who do the same."""
        if self.brought_in != other.brought_in:
            return True
        if any(name in other.names and (text is None or text != other.names[name]) for name, text in self.names.items()):
            return True
        own = {name for name, text in self.names.items() if text is None}
        return (any(not header_names(header).isdisjoint(own) for header in other.headers)
                or any(not header_names(header).isdisjoint(self.names) for header in other.headers - self.headers))


def batches(size, files):
    """First fit, over as many batches as there have to be: even ones, not a small last one."""
    made = [[] for _ in range(-(-len(files) // size))]
    for file in map(File, files):
        fits = [batch for batch in made if len(batch) < size and not any(file.meets(other) or other.meets(file) for other in batch)]
        if fits:
            min(fits, key=len).append(file)
        else:
            made.append([file])
    return [[file.path for file in batch] for batch in made if batch]


if __name__ == "__main__":
    for batch in batches(int(sys.argv[1]), sys.argv[2:]):
        print(";".join(batch))
