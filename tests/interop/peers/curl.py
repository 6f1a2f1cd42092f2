"""curl, with whichever TLS library it was built with; a client only."""

import functools
import json
import os
import re
import shutil

import sessions
from cells import GROUPS, TLS13, VERSIONS, check_maker, choices, expect, expect_in, first_signatures, other_group
from handfast import answer, check_agreed, check_choice
from peers import openssl
from programs import run
from staples import Staples

KEYS = ("p256", "p384", "p521", "ed25519", "rsa", "rsa_pss")
_CURVE = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def missing():
    if not shutil.which("curl"):
        return "no curl here"
    return None if "OpenSSL" in run(["curl", "--version"]).out else "this curl is not built with OpenSSL"


def jobs():
    for version in VERSIONS:
        for group in GROUPS:
            yield functools.partial(product, version=version, group=group)
        for job in (authenticates, features, staples, resumes):
            yield functools.partial(job, version=version)
    yield is_asked_again


def request(bench, server, *flags, name="localhost", version=TLS13, path="/", extended_master_secret=None):
    """One request; curl verifies the certificate and the name."""
    return run([*openssl.environment(extended_master_secret), "curl", "--silent", "--show-error", "--verbose",
                f"--tlsv{version.number}", "--tls-max", version.number, "--noproxy", "*", "--cacert",
                bench.identities.roots, "--connect-to", f"{name}:443:127.0.0.1:{server.port}", "--header",
                "Accept: application/json", *flags, f"https://{name}{path}"])


def curl(bench, server, *flags, **options):
    """The same, and it must go well."""
    done = request(bench, server, *flags, **options)
    expect("the exit code of curl", (done.code, re.findall("curl: .*", done.err)), (0, []))
    return done


def product(bench, version, group):
    """curl can't be told its signatures: the name asks for the certificate."""
    with bench.handfast.serve(*(bench.identities[kind] for kind in KEYS), tls=version.number, groups=[group]) as server:
        for choice in choices(version, first_signatures(KEYS), groups=[group]):
            with bench.tally.cell("server", choice):
                done = curl(bench, server, "--tls13-ciphers" if version is TLS13 else "--ciphers",
                            openssl.suite_name(choice.suite), "--curves",
                            ":".join(_CURVE[name] for name in choice.groups), name=bench.identities[choice.kind].name,
                            version=version, extended_master_secret=choice.extended_master_secret)
                check_choice(answer(done.out)["connection"], choice)
                check_maker(version, answer(done.out)["connection"]["own_signature_scheme"], choice.kind)
                expect_in("what curl saw", done.err,
                          f"SSL connection using TLSv{version.number} / {openssl.suite_name(choice.suite)}\n")
                expect_in("what curl saw", done.err, "SSL certificate verify ok.")


def is_asked_again(bench):
    for group in GROUPS:
        with bench.tally.cell("server", f"HelloRetryRequest for {group}"), \
                bench.handfast.serve(bench.identities["p256"], groups=[group]) as server:
            done = curl(bench, server, "--curves", f"{_CURVE[other_group(group)]}:{_CURVE[group]}")
            check_agreed(answer(done.out)["connection"], group=group, hello_retry_request=True)


def authenticates(bench, version):
    with bench.handfast.serve(bench.identities["p256"], client_auth="require", client_ca=bench.identities.roots,
                              tls=version.number) as server:
        for kind in KEYS:
            with bench.tally.cell("server", f"{version.name} client certificate {kind}"):
                own = bench.identities[kind]
                done = curl(bench, server, "--cert", own.chain, "--key", own.key, version=version)
                connection = answer(done.out)["connection"]
                check_agreed(connection, version, peer_verified=True)
                check_maker(version, connection["peer_signature_scheme"], kind)


def features(bench, version):
    with bench.handfast.serve(bench.identities["p256"], alpn=["http/1.1"], tls=version.number) as server:
        with bench.tally.cell("server", f"{version.name} ALPN"):
            done = curl(bench, server, version=version)
            check_agreed(answer(done.out)["connection"], version, alpn="http/1.1")
            expect_in("what curl saw", done.err, "ALPN: server accepted http/1.1")
        with bench.tally.cell("server", f"{version.name} two requests on one connection"):
            done = curl(bench, server, "--next", "--silent", "--cacert", bench.identities.roots, "--noproxy", "*",
                        f"--tlsv{version.number}", "--tls-max", version.number, "--connect-to",
                        f"localhost:443:127.0.0.1:{server.port}", "--header", "Accept: application/json",
                        "https://localhost/", version=version)
            second = done.out.partition('"schema"')[2].partition('"schema"')[2]
            expect("the second page's size", bool(json.loads('{"schema"' + second)["connection"]), True)
            expect_in("what curl did", done.err, "Re-using existing connection")
    folder = os.path.join(bench.folder, f"site-{version.number}")
    os.mkdir(folder)
    with open(os.path.join(folder, "megabyte.txt"), "w", encoding="ascii") as file:
        file.write(data := os.urandom(1 << 19).hex())
    with bench.handfast.serve(bench.identities["p256"], www=folder, tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} a megabyte"):
        expect("whether what came is the file", curl(bench, server, version=version, path="/megabyte.txt").out == data,
               True)


def staples(bench, version):
    p256 = bench.identities["p256"]
    with bench.handfast.serve(p256, staple=Staples(bench.folder, p256)["good"], tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} a staple"):
        expect_in("what curl saw", curl(bench, server, "--cert-status", version=version).err,
                  "SSL certificate status: good (0)")
    with bench.handfast.serve(p256, tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} no staple"):
        done = request(bench, server, "--cert-status", version=version)
        expect("the exit code of curl", done.code, 91)
        expect_in("what curl saw", done.err, "No OCSP response received")


def three_pages(bench, server, version, *flags):
    """Of one curl, which is told each time that the connection is done with."""
    out = curl(bench, server, *flags, "https://localhost/", "https://localhost/", version=version).out
    decoder, pages, end = json.JSONDecoder(), [], 0
    while end < len(out):
        page, end = decoder.raw_decode(out, end)
        pages.append(page)
        end += len(out[end:]) - len(out[end:].lstrip())
    expect("pages", len(pages), 3)
    return pages


def resumes(bench, version):
    """curl takes no tickets in TLS 1.2."""
    how = "psk" if version is TLS13 else "session_id"
    close = "--header", "Connection: close"
    with bench.handfast.serve(bench.identities["p256"], tls=version.number) as server:
        with bench.tally.cell("server", f"{how} is resumed"):
            first, *others = three_pages(bench, server, version, *close)
            check_agreed(first["connection"], version, resumption="none")
            for page in others:
                sessions.check_resumed(page["connection"], version, how)
                sessions.check_abbreviated(page["ladder"])
            server.wait_for(sessions.LOGGED[how])
        with bench.tally.cell("server", f"{how} that curl was told not to use"):
            for page in three_pages(bench, server, version, *close, "--no-sessionid"):
                check_agreed(page["connection"], version, resumption="none")
    with bench.handfast.serve(bench.identities["p256"], tickets="0", tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} --tickets 0"):
        for page in three_pages(bench, server, version, *close):
            check_agreed(page["connection"], version, resumption="none")
