#!/usr/bin/env python3
"""check.py [ROOT]: holds the tree against the rules of the house; prints each finding and how to mend it."""

import pathlib
import sys

from files import LONG_FILES, check_beginning, check_length, check_words
from flows import check_flows, flow_names, in_scope
from floors import check_includes
from source import Finding

PRODUCT = ("src", "include")
ALL = PRODUCT + ("tests", "fuzz", "bench", "examples", "cmake", "scripts")
CODE = (".h", ".cc")
TEXT = CODE + (".py", ".cmake", ".txt", ".in", ".sh", ".go", ".js", "")


def read(root, folders, suffixes):
    texts = {}
    for folder in folders:
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and file.suffix in suffixes and not {"corpus", "__pycache__"} & set(file.parts):
                texts[file.relative_to(root).as_posix()] = file.read_text(encoding="utf-8", errors="replace")
    return texts


def findings(root):
    texts = read(root, ALL, TEXT)
    product = {path: text for path, text in texts.items() if path.startswith(PRODUCT) and path.endswith(CODE)}
    for path, text in texts.items():
        yield from check_words(path, text)
    for path, text in product.items():
        yield from check_includes(path, text)
        yield from check_length(path, text)
        yield from check_beginning(path, text)
    for path in LONG_FILES.keys() - product.keys():
        yield Finding(path, 1, "length", "named in LONG_FILES, and not there", "Take it out of the list.")

    flow_files = {path: text for path, text in texts.items() if path.endswith(CODE) and in_scope(path, text)}
    flows = frozenset().union(*(flow_names(text) for text in flow_files.values()))
    for path, text in flow_files.items():
        yield from check_flows(path, text, flows)
    if not product:
        yield Finding(str(root), 1, "tree", "no sources found", "Name the root of the repository.")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    found = list(findings(root))
    for finding in found:
        print(finding)
    print(f"{len(found)} findings" if found else "the house stands")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
