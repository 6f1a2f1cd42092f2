#!/usr/bin/env python3
"""unity_batches.py SIZE FILE...: which of a target's files may be compiled as one, for HandfastUnity.cmake.

Prints a line a batch, its files with `;` between them. What two files call alike in their unnamed namespaces would
meet if they became one translation unit: such files go into different batches. A file that calls something as a header
of its folder does, which it need not include, stays alone. Of the text it understands just enough to find those names;
where it is wrong, the compiler says so.
"""

import os
import pathlib
import re
import sys

SKIPPED = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\''
                     r'|^[ \t]*#(?:\\\n|[^\n])*', re.S | re.M)
ALIAS = re.compile(r"^(?:using\s+(\w+)\s*=|namespace\s+(\w+)\s*=)")
USING = re.compile(r"^using\b")
TYPE = re.compile(r"^(?:enum\s+)?(?:struct|class|union|enum)\s+(?:\[\[.*?\]\]\s*|alignas\([^)]*\)\s*)*(\w+)")
MACRO = re.compile(r"^[A-Z][A-Z0-9_]+\s*\(")
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


FUNCTION = "()"


def name_and_meaning(statement):
    """What a declaration names; and, for an alias, its text: the same alias twice does no harm."""
    statement = re.sub(r"\s+", " ", statement.lstrip(";, ")).strip()
    alias = ALIAS.match(statement)
    if alias:
        return alias[1] or alias[2], statement
    plain = without_angles(statement)
    if TEMPLATE.match(plain.replace("template  ", "template <")):
        plain = plain.split(None, 1)[1] if " " in plain else ""
    plain = re.sub(r"^template\s+", "", plain)
    if not plain or USING.match(plain) or MACRO.match(plain) or "operator" in plain:
        return None, None
    kind = TYPE.match(plain)
    if kind:
        return kind[1], None
    named = re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*([({=]|$)", plain)
    return (named[1], FUNCTION if named[2] == "(" else None) if named else (None, None)


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


def clash(ones, others):
    return any(name in others and (meaning in (None, FUNCTION) or others[name] != meaning)
               for name, meaning in ones.items())


def clashes_with_header(own, header):
    """Functions of one name are overloads, in a header and in a file that does not see it."""
    return any(name in header and (meaning is None or header[name] != meaning) for name, meaning in own.items())


def names_of_headers(files):
    """Of the headers of the folders where the files lie, and of those below them."""
    folder = pathlib.Path(os.path.commonpath([pathlib.Path(file).parent for file in files]))
    return [names(header, NAMED) for header in folder.rglob("*.h")]


def batches(size, files):
    """First fit, over as many batches as there have to be: even ones, not a small last one."""
    headers = names_of_headers(files)
    own_names = {file: names(file) for file in files}
    alone = [file for file in files if any(clashes_with_header(own_names[file], header) for header in headers)]
    together = [file for file in files if file not in alone]
    made = [([], {}) for _ in range(-(-len(together) // size))]
    for file in together:
        own = own_names[file]
        fits = [batch for batch in made if len(batch[0]) < size and not clash(own, batch[1])]
        if fits:
            batch = min(fits, key=lambda batch: len(batch[0]))
        else:
            batch = ([], {})
            made.append(batch)
        batch[0].append(file)
        batch[1].update(own)
    return [batch[0] for batch in made if batch[0]] + [[file] for file in alone]


if __name__ == "__main__":
    for batch in batches(int(sys.argv[1]), sys.argv[2:]):
        print(";".join(batch))
