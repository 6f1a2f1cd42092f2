"""Java: its SSLSocket, as client and as server (java/Peer.java)."""

import functools
import os
import pathlib
import shutil
import threading

from cells import AEADS, TLS12
from peers import scripted
from programs import checked

KEYS = ("p256", "p384", "p521", "ed25519", "rsa", "rsa_pss")
_building = threading.Lock()


def missing():
    return None if shutil.which("java") and shutil.which("javac") else "no JDK here"


def jobs():
    can = scripted.Abilities(kinds=KEYS, client_sets=(), server_sets=(), client_sees=("suite", "alpn"),
                             server_sees=("suite", "alpn"), first_shares=("x25519", "secp256r1"), server_groups=(),
                             client_resumes=("psk", "ticket"), server_resumes=("psk", "ticket"))
    yield from scripted.jobs(command, can)
    # What Java does with extended_master_secret is set for the whole process.
    without = {"command": functools.partial(command, flags=("-Djdk.tls.useExtendedMasterSecret=false",)),
               "can": can._replace(master_secrets=(False,)), "version": TLS12}
    for aead in AEADS:
        yield functools.partial(scripted.client_product, aead=aead, **without)
        yield functools.partial(scripted.server_product, aead=aead, **without)
    # And so is whether there are tickets.
    no_tickets = functools.partial(command, flags=("-Djdk.tls.client.enableSessionTicketExtension=false",
                                                   "-Djdk.tls.server.enableSessionTicketExtension=false"))
    for job in (scripted.client_resumes, scripted.server_resumes):
        yield functools.partial(job, command=no_tickets, can=can, how="session_id")


def command(bench, flags=()):
    """Builds the program, once a run."""
    classes = os.path.join(bench.folder, "java-peer")
    with _building:
        if not os.path.exists(classes):
            checked(["javac", "-d", classes, str(pathlib.Path(__file__).parent / "java" / "Peer.java")], seconds=120)
    # Each process lives for seconds: the first compiler is the quicker one.
    return ["java", "-XX:TieredStopAtLevel=1", *flags, "-cp", classes, "Peer"]
