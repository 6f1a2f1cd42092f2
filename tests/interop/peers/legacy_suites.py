"""The suites that have to be named: RSA key exchange, and CBC by MAC-then-encrypt and encrypt-then-MAC (RFC 7366). The
peers are OpenSSL, which also resumes its sessions, GnuTLS, and Go, which has MAC-then-encrypt alone."""

import functools
import json
import os
import threading

from cells import TLS12, expect, expect_in
from handfast import answer, check_agreed, response_body
from peers import gnutls, go, openssl, scripted

KEYS = ("p256", "rsa")

# Cipher and MAC as the suite's name has them, and as GnuTLS does.
_CBC = {"AES_128_CBC_SHA": "AES-128-CBC:+SHA1", "AES_256_CBC_SHA": "AES-256-CBC:+SHA1",
        "AES_128_CBC_SHA256": "AES-128-CBC:+SHA256", "AES_256_CBC_SHA384": "AES-256-CBC:+SHA384",
        "AES_256_CBC_SHA256": "AES-256-CBC:+SHA256"}
_GCM = {"AES_128_GCM_SHA256": "AES-128-GCM:+AEAD", "AES_256_GCM_SHA384": "AES-256-GCM:+AEAD"}
_RSA_ONLY = ("AES_256_CBC_SHA256",)
_NOT_GO = ("AES_256_CBC_SHA256", "AES_256_CBC_SHA384")
_ECDHE_ONLY = ("AES_256_CBC_SHA384",)
SUITES = ([f"TLS_ECDHE_{key}_WITH_{cipher}" for cipher in _CBC if cipher not in _RSA_ONLY for key in ("ECDSA", "RSA")] +
          [f"TLS_RSA_WITH_{cipher}" for cipher in (*_CBC, *_GCM) if cipher not in _ECDHE_ONLY])


def missing():
    return openssl.missing() or gnutls.missing() or go.missing()


def cells():
    """Each suite, and with a block cipher both orders of MAC and encryption."""
    for suite in SUITES:
        for encrypt_then_mac in (True, False) if "_CBC_" in suite else (None,):
            yield suite, encrypt_then_mac


def jobs():
    for suite, encrypt_then_mac in cells():
        for job in (openssl_serves, gnutls_serves, openssl_asks, gnutls_asks):
            yield functools.partial(job, suite=suite, encrypt_then_mac=encrypt_then_mac)
    for suite in SUITES:
        if not suite.endswith(_NOT_GO):
            yield functools.partial(go_serves, suite=suite)
            yield functools.partial(go_asks, suite=suite)


def named(peer, suite, encrypt_then_mac):
    how = {True: " encrypt-then-MAC", False: " MAC-then-encrypt", None: ""}[encrypt_then_mac]
    return f"{peer} {suite}{how}"


_making = threading.Lock()
_made = {}


def identity_for(bench, suite):
    """ECDSA's, or one of RSA that is good for both of its uses."""
    if "_ECDSA_" in suite:
        return bench.identities["p256"]
    with _making:
        if not _made:
            _made["rsa"] = bench.identities.enciphering()
    return _made["rsa"]


def openssl_flags(suite, encrypt_then_mac):
    name = openssl.suite_name(suite).replace("RSA-AES", "AES") if "TLS_RSA_" in suite else openssl.suite_name(suite)
    return ["-cipher", name.replace("-CBC-", "-")] + (["-no_etm"] if encrypt_then_mac is False else [])


def gnutls_priority(suite, encrypt_then_mac):
    kind, _, cipher = suite.removeprefix("TLS_").partition("_WITH_")
    exchange = kind.replace("_", "-")
    return (f"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+{exchange}:-CIPHER-ALL:-MAC-ALL:+{({**_CBC, **_GCM})[cipher]}" +
            (":%NO_ETM" if encrypt_then_mac is False else ""))


def check(connection, suite, encrypt_then_mac, **wanted):
    check_agreed(connection, TLS12, cipher_suite=suite, extended_master_secret=True, **wanted)
    expect("our encrypt_then_mac", connection["encrypt_then_mac"], encrypt_then_mac)


def go_order(suite):
    return False if "_CBC_" in suite else None


# Handfast as client


def openssl_serves(bench, suite, encrypt_then_mac):
    identity = identity_for(bench, suite)
    with openssl.Server(identity, "-www", *openssl_flags(suite, encrypt_then_mac), versions=[TLS12]) as server, \
            bench.tally.cell("client", named("OpenSSL", suite, encrypt_then_mac)):
        report = bench.handfast.connect(server.port, tls="1.2", suites=[suite])
        page = response_body(report)
        check(report.json["connection"], suite, encrypt_then_mac, peer_verified=True)
        expect_in("s_server's page", page, f"Cipher is {openssl_flags(suite, None)[1]}\n")


def gnutls_serves(bench, suite, encrypt_then_mac):
    identity = identity_for(bench, suite)
    with gnutls.Server(identity, "--disable-client-cert", "--priority", gnutls_priority(suite, encrypt_then_mac)) \
            as server, bench.tally.cell("client", named("GnuTLS", suite, encrypt_then_mac)):
        report = bench.handfast.connect(server.port, tls="1.2", suites=[suite])
        response_body(report)
        check(report.json["connection"], suite, encrypt_then_mac, peer_verified=True)


def go_serves(bench, suite):
    with scripted.Peer(go.command(bench)) as peer, bench.tally.cell("client", f"Go {suite}"):
        port = peer.listen(bench, identity_for(bench, suite), [TLS12], suites=[suite])
        report = bench.handfast.connect(port, tls="1.2", suites=[suite])
        expect("the suite that Go saw", json.loads(response_body(report))["suite"], suite)
        check(report.json["connection"], suite, go_order(suite), peer_verified=True)


# Handfast as server


def openssl_asks(bench, suite, encrypt_then_mac):
    """And once more, with the session."""
    session = os.path.join(bench.folder, f"{suite}-{encrypt_then_mac}.session")
    with bench.handfast.serve(identity_for(bench, suite), tls="1.2", suites=[suite]) as server:
        for flags, resumption in ((["-sess_out", session], "none"), (["-sess_in", session], "ticket")):
            with bench.tally.cell("server", named("OpenSSL", suite, encrypt_then_mac) + f" {resumption}"):
                out = openssl.s_client(bench, server, *openssl_flags(suite, encrypt_then_mac), *flags,
                                       versions=[TLS12])
                check(answer(out)["connection"], suite, encrypt_then_mac, resumption=resumption)


def gnutls_asks(bench, suite, encrypt_then_mac):
    with bench.handfast.serve(identity_for(bench, suite), tls="1.2", suites=[suite]) as server, \
            bench.tally.cell("server", named("GnuTLS", suite, encrypt_then_mac)):
        out = gnutls.gnutls_cli(bench, server, "--priority", gnutls_priority(suite, encrypt_then_mac))
        check(answer(out)["connection"], suite, encrypt_then_mac)


def go_asks(bench, suite):
    with bench.handfast.serve(identity_for(bench, suite), tls="1.2", suites=[suite]) as server, \
            scripted.Peer(go.command(bench)) as peer, bench.tally.cell("server", f"Go {suite}"):
        seen, page = peer.connect(bench, server.port, versions=[TLS12], suites=[suite])
        expect("the suite that Go saw", seen["suite"], suite)
        check(page["connection"], suite, go_order(suite))
