"""curl, with whichever TLS library it was built with; a client only."""

import functools
import json
import re
import shutil

from cells import GROUPS, SUITES, SIGNATURES, expect, expect_in, other_group
from handfast import answer, check_agreed
from programs import run
from staples import Staples

KEYS = ("p256", "p384", "p521", "ed25519", "rsa", "rsa_pss")
_CURVE = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def missing():
    if not shutil.which("curl"):
        return "no curl here"
    return None if "OpenSSL" in run(["curl", "--version"]).out else "this curl is not built with OpenSSL"


def jobs():
    for suite in SUITES:
        yield functools.partial(product, suite=suite)
    yield features
    yield staples


def request(bench, server, *flags, name="localhost"):
    """One request; curl verifies the certificate and the name."""
    return run(["curl", "--silent", "--show-error", "--verbose", "--tlsv1.3", "--noproxy", "*", "--cacert",
                bench.identities.roots, "--connect-to", f"{name}:443:127.0.0.1:{server.port}", "--header",
                "Accept: application/json", *flags, f"https://{name}/"])


def curl(bench, server, *flags, name="localhost"):
    """The same, and it must go well."""
    done = request(bench, server, *flags, name=name)
    expect("the exit code of curl", (done.code, re.findall("curl: .*", done.err)), (0, []))
    return done


def product(bench, suite):
    """curl can't be told its signatures: the name asks for the certificate."""
    schemes = [next(scheme for scheme, of in SIGNATURES.items() if of == kind) for kind in KEYS]
    with bench.handfast.serve(*(bench.identities[kind] for kind in KEYS)) as server:
        for group in GROUPS:
            for scheme in schemes:
                with bench.tally.cell("server", f"{suite} {group} {scheme}"):
                    done = curl(bench, server, "--tls13-ciphers", suite, "--curves", _CURVE[group],
                                name=bench.identities[SIGNATURES[scheme]].name)
                    check_agreed(answer(done.out)["connection"], cipher_suite=suite, group=group,
                                 hello_retry_request=False, own_signature_scheme=scheme)
                    expect_in("what curl saw", done.err, f"SSL connection using TLSv1.3 / {suite}")
                    expect_in("what curl saw", done.err, "SSL certificate verify ok.")


def features(bench):
    p256 = bench.identities["p256"]
    for group in GROUPS:
        with bench.tally.cell("server", f"HelloRetryRequest for {group}"), \
                bench.handfast.serve(p256, groups=[group]) as server:
            done = curl(bench, server, "--curves", f"{_CURVE[other_group(group)]}:{_CURVE[group]}")
            check_agreed(answer(done.out)["connection"], group=group, hello_retry_request=True)
    with bench.handfast.serve(p256, client_auth="require", client_ca=bench.identities.roots) as server:
        for kind in KEYS:
            with bench.tally.cell("server", f"client certificate {kind}"):
                own = bench.identities[kind]
                connection = answer(curl(bench, server, "--cert", own.chain, "--key", own.key).out)["connection"]
                check_agreed(connection, peer_verified=True)
                expect("the kind of key that signed", SIGNATURES[connection["peer_signature_scheme"]], kind)
    with bench.handfast.serve(p256, alpn=["http/1.1"]) as server:
        with bench.tally.cell("server", "ALPN"):
            done = curl(bench, server)
            check_agreed(answer(done.out)["connection"], alpn="http/1.1")
            expect_in("what curl saw", done.err, "ALPN: server accepted http/1.1")
        with bench.tally.cell("server", "two requests on one connection"):
            done = curl(bench, server, "--next", "--silent", "--cacert", bench.identities.roots, "--noproxy", "*",
                        "--connect-to", f"localhost:443:127.0.0.1:{server.port}", "--header",
                        "Accept: application/json", "https://localhost/")
            second = done.out.partition('"schema"')[2].partition('"schema"')[2]
            expect("the second page's size", bool(json.loads('{"schema"' + second)["connection"]), True)
            expect_in("what curl did", done.err, "Re-using existing connection")


def staples(bench):
    p256 = bench.identities["p256"]
    with bench.handfast.serve(p256, staple=Staples(bench.folder, p256)["good"]) as server, \
            bench.tally.cell("server", "a staple"):
        expect_in("what curl saw", curl(bench, server, "--cert-status").err, "SSL certificate status: good (0)")
    with bench.handfast.serve(p256) as server, bench.tally.cell("server", "no staple"):
        done = request(bench, server, "--cert-status")
        expect("the exit code of curl", done.code, 91)
        expect_in("what curl saw", done.err, "No OCSP response received")
