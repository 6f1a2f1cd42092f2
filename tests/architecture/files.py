"""Rules for a file as a whole: how it begins, how long it is, and which words it may not hold."""

import re

from source import Finding

LONGEST = 600

# Files that tell one story which does not fit, each with its reason.
LONG_FILES = {}

# Put together, so that this file obeys its own rule.
_UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")


def check_words(path, text):
    for number, line in enumerate(text.split("\n"), start=1):
        if match := _UNFINISHED.search(line):
            yield Finding(path, number, "words", f"{match.group()} in the tree",
                          "Finish it, or write an issue: what stands here is done.")


def check_length(path, text, long_files=LONG_FILES):
    lines = text.count("\n")
    if lines > LONGEST and path not in long_files:
        yield Finding(path, LONGEST + 1, "length", f"{lines} lines, more than {LONGEST}",
                      "It asks to be two files; if it tells one story all the same, name it with a reason in "
                      "LONG_FILES of tests/architecture/files.py.")
    if lines <= LONGEST and path in long_files:
        yield Finding(path, 1, "length", "named in LONG_FILES, and not long", "Take it out of the list.")


def check_beginning(path, text):
    lines = text.split("\n")
    stem = re.escape(path.rpartition("/")[2].removesuffix(".cc"))
    own_header = path.endswith(".cc") and re.match(rf'#include [<"](?:[\w/]+/)?{stem}\.h[>"]', lines[0])
    if not own_header and not re.match(r"// \S", lines[0]):
        yield Finding(path, 1, "beginning", "the first line does not say what the file is",
                      "Begin with a comment of a line or two, or, where its header says it all, by including that.")
    if path.endswith(".h"):
        code = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("//")), 0)
        if lines[code].strip() != "#pragma once":
            yield Finding(path, code + 1, "beginning", "a header without #pragma once behind its first comment",
                          "Write #pragma once before anything else.")
