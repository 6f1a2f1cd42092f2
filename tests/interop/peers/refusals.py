"""What must not succeed: the right exit code from `handfast connect`, the right alert for the peer, the right code in
our verdict; the peers are openssl s_client and s_server."""

import re
import shutil
import socket
import threading
import time

from cells import expect, expect_in
from handfast import REQUEST
from peers.openssl import Server
from programs import SECONDS, Program, free_port, run

KEYS = ("p256", "rsa")


def missing():
    return None if shutil.which("openssl") else "no openssl here"


def jobs():
    yield from (servers_refused, servers_that_refuse, servers_of_no_tls, clients_refused)


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
    for name, identity, options, code, alert in (
            ("another name", p256, {"name": "other.handfast.test"}, "name_mismatch", 42),
            ("expired", expired, {}, "certificate_expired", 45),
            ("an unknown root", untrusted, {}, "unknown_issuer", 48)):
        with Server(identity, "-www") as server, bench.tally.cell("client", f"certificate: {name}"):
            refused(bench, server.port, 6, code, **options)
            server.wait_for(f"SSL alert number {alert}$")


def servers_that_refuse(bench):
    """No common ground, or no certificate of ours: what the server says becomes the verdict."""
    p256 = bench.identities["p256"]
    for name, flags, options, exit_code, code in (
            ("no common group", ["-groups", "P-256"], {"groups": ["x25519"]}, 5, "alert_handshake_failure"),
            ("no common suite", ["-ciphersuites", "TLS_AES_128_GCM_SHA256"],
             {"suites": ["TLS_AES_256_GCM_SHA384"]}, 5, "alert_handshake_failure"),
            ("no common protocol", ["-alpn", "spdy/9"], {"alpn": ["h2"]}, 5, "alert_no_application_protocol"),
            ("a client certificate is wanted", ["-Verify", "2", "-verify_return_error"], {}, 7,
             "alert_certificate_required"),
            ("our client certificate is unknown", ["-Verify", "2", "-verify_return_error"],
             {"identity": bench.identities["rsa"]}, 7, "alert_unknown_ca")):
        with Server(p256, "-www", *flags) as server, bench.tally.cell("client", name):
            refused(bench, server.port, exit_code, code, **options)
    with Program(["openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-cert", p256.chain, "-key",
                  p256.key]) as server, bench.tally.cell("client", "TLS 1.2 alone"):
        port = int(server.wait_for(r"^ACCEPT .*:(\d+)\n")[1])
        refused(bench, port, 5, "alert_protocol_version")


def servers_of_no_tls(bench):
    with bench.tally.cell("client", "nobody listens"):
        refused(bench, free_port(), 3, "tcp_refused")
    for name, answer, exit_code, code in (
            ("plain HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n", 4, "http_request"),
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


def clients_refused(bench):
    """The alert that s_client gets for each thing that does not fit."""
    p256, rsa, untrusted = bench.identities["p256"], bench.identities["rsa"], bench.identities.untrusted("other-client")
    only = {"suites": ["TLS_AES_128_GCM_SHA256"], "groups": ["secp256r1"], "alpn": ["http/1.1"]}
    with bench.handfast.serve(p256, **only) as server:
        for name, flags, alert in (
                ("no common suite", ["-ciphersuites", "TLS_AES_256_GCM_SHA384"], 40),
                ("no common group", ["-groups", "P-384"], 40),
                ("no common signature", ["-sigalgs", "rsa_pss_rsae_sha256"], 40),
                ("no common protocol", ["-alpn", "h2"], 120),
                ("TLS 1.2 alone", ["-tls1_2"], 70)):
            with bench.tally.cell("server", name):
                rejected(bench, server, alert, flags)
    with bench.handfast.serve(p256, client_auth="require", client_ca=bench.identities.roots) as server:
        for name, flags, alert in (
                ("no client certificate", [], 116),
                ("an unknown client certificate", ["-cert", untrusted.chain, "-key", untrusted.key], 48)):
            with bench.tally.cell("server", name):
                rejected(bench, server, alert, flags)
        with bench.tally.cell("server", "the same server takes a good one"):
            done = run(s_client(server, ["-cert", rsa.chain, "-cert_chain", rsa.issuer, "-key", rsa.key]), REQUEST)
            expect_in("s_client's output", done.out, '"peer_verified": true')


def s_client(server, flags):
    return ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-servername", "localhost", "-ign_eof",
            *flags]


def rejected(bench, server, alert, flags):
    done = run(s_client(server, flags), REQUEST)
    expect("the exit code of s_client", done.code, 1)
    expect("the alerts that s_client got", re.findall(r"SSL alert number (\d+)", done.err), [str(alert)])
    expect("pages that were served", "handfast/handshake/" in done.out, False)
