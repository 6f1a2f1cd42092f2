"""Node.js: its https module, as client and as server (node_peer.js)."""

import pathlib
import shutil

from peers import scripted

KEYS = ("p256", "p384", "p521", "ed25519", "rsa", "rsa_pss")


def missing():
    return None if shutil.which("node") else "no Node.js here"


def jobs():
    can = scripted.Abilities(
        kinds=KEYS, client_sets=("suites", "groups", "order", "signatures"), server_sets=("signatures",),
        client_sees=("suite", "group", "alpn"), server_sees=("suite", "signature", "alpn"),
        master_secrets=(True, False), client_resumes=("psk", "ticket", "session_id"),
        server_resumes=("psk", "ticket", "session_id"), sees_resumption=True, server_lifetime=True,
        renews=False)
    program = pathlib.Path(__file__).with_name("node_peer.js")
    return scripted.jobs(lambda bench: ["node", str(program)], can)
