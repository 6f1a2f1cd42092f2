"""TLS 1.1 and 1.0, which have to be named, with each kind of key and in both orders of MAC and encryption. The peers are
OpenSSL, at the security level that still has them, and GnuTLS."""

import functools

from cells import TLS10, TLS11, expect_in
from handfast import answer, check_agreed, response_body
from peers import gnutls, openssl
from peers.legacy_suites import KEYS, gnutls_priority, identity_for, named, openssl_flags

SUITES = ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA")


def missing():
    return openssl.missing() or gnutls.missing()


def jobs():
    for version in (TLS11, TLS10):
        for suite in SUITES:
            for encrypt_then_mac in (True, False):
                for job in (openssl_serves, gnutls_serves, openssl_asks, gnutls_asks):
                    yield functools.partial(job, version=version, suite=suite, encrypt_then_mac=encrypt_then_mac)


def cell(bench, side, peer, version, suite, encrypt_then_mac):
    return bench.tally.cell(side, f"{version.name} {named(peer, suite, encrypt_then_mac)}")


def of_openssl(suite, encrypt_then_mac):
    option, ciphers, *rest = openssl_flags(suite, encrypt_then_mac)
    return [option, f"{ciphers}:@SECLEVEL=0", *rest]


def of_gnutls(version, suite, encrypt_then_mac):
    return ["--priority", gnutls_priority(suite, encrypt_then_mac).replace("TLS1.2", f"TLS{version.number}")]


def check(connection, version, suite, encrypt_then_mac, **wanted):
    check_agreed(connection, version, cipher_suite=suite, extended_master_secret=True,
                 encrypt_then_mac=encrypt_then_mac, **wanted)


# Handfast as client


def openssl_serves(bench, version, suite, encrypt_then_mac):
    flags = of_openssl(suite, encrypt_then_mac)
    with openssl.Server(identity_for(bench, suite), "-www", *flags, versions=[version]) as server, \
            cell(bench, "client", "OpenSSL", version, suite, encrypt_then_mac):
        report = bench.handfast.connect(server.port, tls=version.number, suites=[suite])
        page = response_body(report)
        check(report.json["connection"], version, suite, encrypt_then_mac, peer_verified=True)
        expect_in("s_server's page", page, f"Protocol  : {openssl.VERSION[version]}\n")


def gnutls_serves(bench, version, suite, encrypt_then_mac):
    flags = of_gnutls(version, suite, encrypt_then_mac)
    with gnutls.Server(identity_for(bench, suite), "--disable-client-cert", *flags) as server, \
            cell(bench, "client", "GnuTLS", version, suite, encrypt_then_mac):
        report = bench.handfast.connect(server.port, tls=version.number, suites=[suite])
        response_body(report)
        check(report.json["connection"], version, suite, encrypt_then_mac, peer_verified=True)


# Handfast as server


def openssl_asks(bench, version, suite, encrypt_then_mac):
    with bench.handfast.serve(identity_for(bench, suite), tls=version.number, suites=[suite]) as server, \
            cell(bench, "server", "OpenSSL", version, suite, encrypt_then_mac):
        out = openssl.s_client(bench, server, *of_openssl(suite, encrypt_then_mac), versions=[version])
        check(answer(out)["connection"], version, suite, encrypt_then_mac)


def gnutls_asks(bench, version, suite, encrypt_then_mac):
    with bench.handfast.serve(identity_for(bench, suite), tls=version.number, suites=[suite]) as server, \
            cell(bench, "server", "GnuTLS", version, suite, encrypt_then_mac):
        out = gnutls.gnutls_cli(bench, server, *of_gnutls(version, suite, encrypt_then_mac))
        check(answer(out)["connection"], version, suite, encrypt_then_mac)
