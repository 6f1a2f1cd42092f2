#!/usr/bin/env python3
"""matrix.py PEER HANDFAST: Handfast against a program that we did not write, over loopback, both as client and server.

Every cell is a handshake with a request and its answer, in which both sides must have seen the same suite, group and
signature. Prints the number of cells in each direction and fails below cells.tsv. A peer that is not installed is
skipped aloud (exit code 77).
"""

import concurrent.futures
import importlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
from collections import namedtuple

from cells import DIRECTIONS, Failure, Tally
from handfast import Handfast
from identities import Identities

HERE = pathlib.Path(__file__).resolve().parent
PARALLEL = 2
SKIPPED = 77

# What a peer's jobs work with; `folder` is theirs for the time of the run.
Bench = namedtuple("Bench", "handfast identities tally folder")


def expected_cells(peer):
    """Of the table: the least number of cells in each direction."""
    rows = [line.split("\t") for line in (HERE / "cells.tsv").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    return {direction: int(cells) for name, direction, cells, _ in rows if name == peer}


def run_job(bench, job):
    """A job fails as a whole if its server does not start."""
    try:
        job(bench)
    except Failure as failure:
        bench.tally.failures.append(f"{getattr(job, 'func', job).__name__}: {failure}")


def run(peer, program, folder):
    tally = Tally()
    identities = Identities(folder).make(peer.KEYS)
    bench = Bench(Handfast(program, identities.roots), identities, tally, folder)
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for done in [pool.submit(run_job, bench, job) for job in peer.jobs()]:
            done.result()
    return tally


def main():
    name, program = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    os.environ.pop("SSLKEYLOGFILE", None)
    table = expected_cells(name)
    peer = importlib.import_module(f"peers.{name}")
    if missing := peer.missing():
        print(f"skipped: {missing}")
        return SKIPPED
    begin = time.monotonic()
    folder = tempfile.mkdtemp(prefix="handfast-interop-")
    try:
        tally = run(peer, os.path.abspath(program), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a browser's last helper may still write there
    passed = sum(tally.cells.values()) - len(tally.failures)
    for direction in DIRECTIONS:
        cells, wanted = tally.cells[direction], table.get(direction, 0)
        if cells or wanted:
            print(f"{name}, Handfast as {direction}: {cells} cells (the table asks for {wanted})")
        if cells < wanted:
            tally.failures.append(f"{direction}: {cells} cells, and the table asks for {wanted}")
        if cells > wanted:
            tally.failures.append(f"{direction}: {cells} cells, and the table knows of {wanted} only: raise it")
    for failure in tally.failures:
        print(f"failed: {name} {failure}")
    print(f"{time.monotonic() - begin:.1f} s")
    print(f"{name}: {max(passed, 0)} passed, {len(tally.failures)} failed")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main())
