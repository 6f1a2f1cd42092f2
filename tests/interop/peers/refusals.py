"""What must not succeed: the right exit code from `handfast connect`, the right alert for the peer, the right code in
our verdict; the peers are openssl s_client and s_server."""

import functools
import itertools
import re
import shutil
import socket
import threading
import time

from cells import AEADS, TLS12, TLS13, VERSIONS, cipher_suite, expect, expect_in
from handfast import REQUEST
from peers.openssl import Server, environment, only, suite_flag
from programs import SECONDS, free_port, run

KEYS = ("p256", "rsa")


def missing():
    return None if shutil.which("openssl") else "no openssl here"


def jobs():
    yield servers_refused
    for version in VERSIONS:
        yield functools.partial(servers_that_refuse, version=version)
        yield functools.partial(clients_refused, version=version)
    yield from (servers_of_tls12_refused, servers_of_no_tls, clients_of_tls12_refused)


def refused(bench, port, exit_code, code, **options):
    report = bench.handfast.connect(port, **options)
    verdict = report.json["verdict"]
    expect("exit code and verdict", (report.code, verdict["exit_code"], verdict["code"]), (exit_code, exit_code, code))


# Handfast as client


def servers_refused(bench):
    """Certificates that are not good enough: the server hears why."""
    expired, untrusted = bench.identities.expired(), bench.identities.untrusted()
    p256 = bench.identities["p256"]
    time.sleep(1.5)  # until `expired` has: its last second is the one in which it was made
    for version, (name, identity, options, code, alert) in itertools.product(VERSIONS, (
            ("another name", p256, {"name": "other.handfast.test"}, "name_mismatch", 42),
            ("expired", expired, {}, "certificate_expired", 45),
            ("an unknown root", untrusted, {}, "unknown_issuer", 48))):
        with Server(identity, "-www", versions=[version]) as server, \
                bench.tally.cell("client", f"{version.name} certificate: {name}"):
            refused(bench, server.port, 6, code, tls=version.number, **options)
            server.wait_for(f"SSL alert number {alert}$")


def servers_that_refuse(bench, version):
    """No common ground, or no certificate of ours: what the server says becomes the verdict."""
    first, second = (cipher_suite(version, aead) for aead in AEADS[:2])
    for name, flags, options, exit_code, code in (
            ("no common group", ["-groups", "P-256"], {"groups": ["x25519"]}, 5, "no_common_group"),
            ("no common suite", suite_flag(first), {"suites": [second]}, 5, "no_common_cipher_suite"),
            ("no common protocol", ["-alpn", "spdy/9"], {"alpn": ["h2"]}, 5, "no_application_protocol"),
            ("a client certificate is wanted", ["-Verify", "2", "-verify_return_error"], {}, 7,
             "client_certificate_required"),
            ("our client certificate is unknown", ["-Verify", "2", "-verify_return_error"],
             {"identity": bench.identities["rsa"]}, 7, "client_certificate_refused")):
        with Server(bench.identities["p256"], "-www", *flags, versions=[version]) as server, \
                bench.tally.cell("client", f"{version.name} {name}"):
            refused(bench, server.port, exit_code, code, tls=version.number, **options)


def servers_of_tls12_refused(bench):
    """What TLS 1.2 can be without, and what we do not do without."""
    rsa = bench.identities["rsa"]
    for name, flags, settings, options, exit_code, code in (
            ("RSA key exchange alone", ["-cipher", "AES128-GCM-SHA256"], {}, {}, 5, "no_common_cipher_suite"),
            ("CBC alone", ["-cipher", "ECDHE-RSA-AES128-SHA256"], {}, {}, 5, "no_common_cipher_suite"),
            ("no extended_master_secret", [], {"extended_master_secret": False}, {"require_ems": True}, 5,
             "no_extended_master_secret"),
            ("a fallback from what it has", [], {"versions": (TLS12, TLS13)}, {"fallback_scsv": True}, 5,
             "inappropriate_fallback")):
        with Server(rsa, "-www", *flags, **{"versions": [TLS12]} | settings) as server, \
                bench.tally.cell("client", f"TLS 1.2 {name}"):
            refused(bench, server.port, exit_code, code, tls="1.2", **options)


def servers_of_no_tls(bench):
    with bench.tally.cell("client", "nobody listens"):
        refused(bench, free_port(), 3, "tcp_refused")
    for name, answer, exit_code, code in (
            ("plain HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n", 4, "plain_http"),
            ("closed at once", b"", 4, "truncated")):
        with bench.tally.cell("client", name), socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(SECONDS)
            thread = threading.Thread(target=answer_once, args=(listener, answer))
            thread.start()
            try:
                refused(bench, listener.getsockname()[1], exit_code, code)
            finally:
                thread.join()


def answer_once(listener, answer):
    try:
        plain, _ = listener.accept()
    except TimeoutError:
        return  # nobody came: the cell has failed
    with plain:
        plain.recv(65536)
        plain.sendall(answer)


# Handfast as server


def clients_refused(bench, version):
    """The alert that s_client gets for each thing that does not fit."""
    p256, rsa = bench.identities["p256"], bench.identities["rsa"]
    untrusted = bench.identities.untrusted(f"other-client-{version.number}")
    ours, other = (cipher_suite(version, aead) for aead in AEADS[:2])
    with bench.handfast.serve(p256, tls=version.number, suites=[ours], groups=["secp256r1"],
                              alpn=["http/1.1"]) as server:
        for name, flags, alert in (
                ("no common suite", suite_flag(other), 40),
                ("no common group", ["-groups", "P-384"], 40),
                ("no common signature", ["-sigalgs", "rsa_pss_rsae_sha256"], 40),
                ("no common protocol", ["-alpn", "h2"], 120)):
            with bench.tally.cell("server", f"{version.name} {name}"):
                rejected(server, alert, *flags, versions=[version])
    with bench.handfast.serve(p256, tls=version.number, client_auth="require",
                              client_ca=bench.identities.roots) as server:
        # TLS 1.2 has no alert for a certificate that is missing (RFC 5246, section 7.4.6).
        for name, flags, alert in (
                ("no client certificate", [], {TLS12: 40, TLS13: 116}[version]),
                ("an unknown client certificate", ["-cert", untrusted.chain, "-key", untrusted.key], 48)):
            with bench.tally.cell("server", f"{version.name} {name}"):
                rejected(server, alert, *flags, versions=[version])
        with bench.tally.cell("server", f"{version.name} the same server takes a good one"):
            done = s_client(server, "-cert", rsa.chain, "-cert_chain", rsa.issuer, "-key", rsa.key, versions=[version])
            expect_in("s_client's output", done.out, '"peer_verified": true')


def clients_of_tls12_refused(bench):
    """What TLS 1.2 can be without, and what we do not do without."""
    p256 = bench.identities["p256"]
    with bench.handfast.serve(p256, tls="1.2", require_ems=True) as server:
        for name, flags, extended in (("RSA key exchange alone", ["-cipher", "AES128-GCM-SHA256"], True),
                                      ("CBC alone", ["-cipher", "ECDHE-ECDSA-AES128-SHA256"], True),
                                      ("suites of RSA alone", ["-cipher", "ECDHE-RSA-AES128-GCM-SHA256"], True),
                                      ("no extended_master_secret", [], False)):
            with bench.tally.cell("server", f"TLS 1.2 {name}"):
                rejected(server, 40, *flags, versions=[TLS12], extended_master_secret=extended)
    with bench.handfast.serve(p256, tls="1.2..1.3") as server, \
            bench.tally.cell("server", "TLS 1.2 a fallback from what we have"):
        rejected(server, 86, "-fallback_scsv", versions=[TLS12])


def s_client(server, *flags, versions, extended_master_secret=None):
    return run([*environment(extended_master_secret), "openssl", "s_client", "-connect", f"127.0.0.1:{server.port}",
                *only(versions), "-servername", "localhost", "-ign_eof", *flags], REQUEST)


def rejected(server, alert, *flags, **settings):
    done = s_client(server, *flags, **settings)
    expect("the exit code of s_client", done.code, 1)
    expect("the alerts that s_client got", re.findall(r"SSL alert number (\d+)", done.err), [str(alert)])
    expect("pages that were served", "handfast/handshake/" in done.out, False)
