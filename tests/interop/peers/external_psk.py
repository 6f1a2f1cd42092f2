"""Keys that were agreed on elsewhere (RFC 8446, section 4.2.11), with OpenSSL and GnuTLS; psk_peer.cc is our side."""

import os

from cells import GROUPS, Failure, expect, expect_in
from peers import gnutls, openssl
from programs import Program, run

KEYS = ("p256",)  # for those who look for roots; nobody shows a certificate
_IDENTITY, _KEY, _OTHER_KEY = "somebody", "00112233445566778899aabbccddeeff" * 2, "ff" * 32
_REQUEST = "GET / HTTP/1.0\r\n\r\n"


def missing():
    if "HANDFAST_PSK_PEER" not in os.environ:
        return "HANDFAST_PSK_PEER does not say where psk_peer is"
    return openssl.missing() or gnutls.missing()


def jobs():
    yield from (client_of_openssl, server_of_openssl, client_of_gnutls, server_of_gnutls)


def connect(bench, port, group, key=_KEY, identity=_IDENTITY):
    return run([os.environ["HANDFAST_PSK_PEER"], "connect", str(port), bench.identities.roots, identity, key, group])


class Listener(Program):
    def __init__(self, group):
        super().__init__([os.environ["HANDFAST_PSK_PEER"], "listen", _IDENTITY, _KEY, group])

    def wait_until_ready(self):
        self.port = int(self.wait_for(r"^listening on .*:(\d+)\n")[1])


# Handfast as client


def client_cells(bench, peer, server):
    """`server()` takes the key; a client with another one is refused, as is one that it does not know."""
    with server() as running:
        for group in GROUPS:
            with bench.tally.cell("client", f"{peer} {group}"):
                done = connect(bench, running.port, group)
                expect("exit code", (done.code, done.err), (0, ""))
                expect_in("what we saw", done.out.splitlines()[0], "external_psk ")
                expect_in("what we saw", done.out.splitlines()[0], group)
                expect_in("the answer", done.out, "HTTP/1.")
        for name, other in (("another key", {"key": _OTHER_KEY}), ("another identity", {"identity": "nobody"})):
            with bench.tally.cell("client", f"{peer} {name}"):
                done = connect(bench, running.port, "x25519", **other)
                expect("exit code", done.code, 1)


def client_of_openssl(bench):
    identity = bench.identities["p256"]
    client_cells(bench, "openssl", lambda: openssl.Server(
        identity, "-www", "-nocert", "-psk", _KEY, "-psk_identity", _IDENTITY))


def client_of_gnutls(bench):
    passwords = os.path.join(bench.folder, "passwords.psk")
    with open(passwords, "w", encoding="ascii") as file:
        file.write(f"{_IDENTITY}:{_KEY}\n")
    client_cells(bench, "gnutls", lambda: gnutls.Server(
        bench.identities["p256"], "--pskpasswd", passwords, "--disable-client-cert", "--priority",
        f"{gnutls.priority()}:+DHE-PSK:+PSK"))


# Handfast as server


def server_cells(bench, peer, command):
    """`command(port, key, group)` is a client that asks for the answer."""
    for group in GROUPS:
        with Listener(group) as server, bench.tally.cell("server", f"{peer} {group}"):
            done = run(command(server.port, _KEY, group), _REQUEST)
            server.wait_for(f"^external_psk TLS_[A-Z0-9_]+_SHA256 {group}$")
            expect_in("what came", done.out, "the answer\n")
    with Listener("x25519") as server, bench.tally.cell("server", f"{peer} another key"):
        done = run(command(server.port, _OTHER_KEY, "x25519"), _REQUEST)
        server.wait_for("^failed: ")
        if "the answer" in done.out:
            raise Failure("a client with another key got the answer")


def server_of_openssl(bench):
    server_cells(bench, "openssl", lambda port, key, group: [
        "openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_3", "-groups", openssl.GROUP[group], "-psk", key,
        "-psk_identity", _IDENTITY, "-ign_eof"])


def server_of_gnutls(bench):
    server_cells(bench, "gnutls", lambda port, key, group: [
        "gnutls-cli", "127.0.0.1", "--port", str(port), "--pskusername", _IDENTITY, "--pskkey", key, "--priority",
        f"{gnutls.priority(groups=[group])}:+DHE-PSK:+PSK", "--logfile", "/dev/stdout"])
