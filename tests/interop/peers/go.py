"""Go: crypto/tls and net/http, as client and as server (go/main.go)."""

import os
import pathlib
import re
import shutil
import threading

from peers import scripted
from programs import checked

KEYS = ("p256", "p384", "p521", "ed25519", "rsa")
_building = threading.Lock()


def missing():
    return None if shutil.which("go") else "no Go here"


def jobs():
    version = int(re.search(r"go1\.(\d+)", checked(["go", "version"]))[1])
    sees = ("suite", "alpn", "group") if version >= 25 else ("suite", "alpn")
    post_quantum = ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024") if version >= 26 else ()
    can = scripted.Abilities(kinds=KEYS, client_sets=("groups",), server_sets=(), client_sees=sees,
                             server_sees=sees, client_resumes=("psk", "ticket"), server_resumes=("psk", "ticket"),
                             sees_resumption=True, post_quantum=post_quantum)
    return scripted.jobs(command, can)


def command(bench):
    """Builds the program, once a run."""
    program = os.path.join(bench.folder, "go-peer")
    with _building:
        if not os.path.exists(program):
            # The first time it compiles net/http and all below it.
            checked(["env", "GOTOOLCHAIN=local", "go", "build", "-o", program, "."],
                    folder=pathlib.Path(__file__).parent / "go", seconds=240)
    # go.mod names an old Go, for the sake of old ones: then a new one leaves its groups with ML-KEM out by default.
    return ["env", "GODEBUG=tlsmlkem=1,tlssecpmlkem=1", program]
