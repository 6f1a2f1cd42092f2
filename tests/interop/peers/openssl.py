"""openssl s_client and s_server."""

import functools
import hashlib
import itertools
import os
import pathlib
import re
import shutil

from cells import (GROUPS, RANGES, SIGNATURES, TLS10, TLS11, TLS12, TLS13, VERSIONS, best, choices, expect, expect_in,
                   other_group, told)
from handfast import REQUEST, answer, check_agreed, check_choice, messages, response_body
from identities import KEYS  # every kind
from programs import Program, run
from staples import Staples, client_cells

# OpenSSL's names, where they are not the RFC's.
GROUP = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_TEMP_KEY = {"x25519": "X25519, 253 bits", "secp256r1": "ECDH, prime256v1, 256 bits",
             "secp384r1": "ECDH, secp384r1, 384 bits", "secp521r1": "ECDH, secp521r1, 521 bits"}


def missing():
    return None if shutil.which("openssl") else "no openssl here"


def jobs():
    for version in VERSIONS:
        for signature in version.signatures:
            yield functools.partial(client_product, version=version, signature=signature)
        for group in GROUPS:
            yield functools.partial(server_product, version=version, group=group)
        for job in (client_authenticates, client_alpn, client_data, client_staples, server_authenticates, server_alpn,
                    server_data, server_staples):
            yield functools.partial(job, version=version)
    for group in GROUPS:
        yield functools.partial(client_is_asked_again, group=group)
        yield functools.partial(server_asks_again, group=group)
    yield from (client_key_update, server_key_update, client_of_ranges, server_of_ranges, client_false_start,
                client_any_curve, client_renegotiation, server_renegotiation)


def environment(extended_master_secret):
    """What to run a program with OpenSSL inside by; for False one that does without extended_master_secret."""
    settings = pathlib.Path(__file__).with_name("no_extended_master_secret.cnf")
    return ["env", f"OPENSSL_CONF={settings}"] if extended_master_secret is False else ["env"]


def only(versions):
    """The flags for a range of versions."""
    return ["-min_protocol", VERSION[versions[0]], "-max_protocol", VERSION[versions[-1]]]


def suite_flag(suite):
    """In TLS 1.2 OpenSSL has names of its own."""
    return ["-cipher" if "_WITH_" in suite else "-ciphersuites", suite_name(suite)]


def suite_name(suite):
    if "_WITH_" not in suite:
        return suite
    name = suite.removeprefix("TLS_").replace("_WITH_", "_").replace("AES_", "AES").replace("_", "-")
    return name.replace("POLY1305-SHA256", "POLY1305")


# Handfast as client


class Server(Program):
    """s_server with one identity; with the flag -www it answers with what it saw, with -WWW with files."""

    def __init__(self, identity, *flags, folder=None, versions=(TLS13,), extended_master_secret=None, port=0):
        self.port = port  # 0: any
        super().__init__([*environment(extended_master_secret), "openssl", "s_server", "-accept", f"127.0.0.1:{port}",
                          *only(versions), "-cert", identity.chain, "-cert_chain", identity.issuer, "-key",
                          identity.key, *flags], folder)

    def wait_until_ready(self):
        told = self.wait_for(r"^ACCEPT(?: .*:(\d+))?\n")[1]
        self.port = self.port or int(told)


def check_page(page, choice):
    """What s_server -www saw. It is set to one signature scheme; of the groups it takes the client's first."""
    expect_in("s_server's page", page, f"New, {VERSION[choice.version]}, Cipher is {suite_name(choice.suite)}\n")
    groups = [_canonical_group(name) for name in _listed(page, "Shared groups")]
    expect("the groups that s_server shares", groups, choice.groups)
    schemes = [_canonical_scheme(name, choice.signature) for name in _listed(page, "Shared Signature Algorithms")]
    expect("the schemes that s_server shares", schemes, [choice.signature])
    check_master_secret("s_server's page", page, choice.extended_master_secret)


def check_master_secret(what, text, extended):
    if extended is not None:
        expect_in(what, text, f"Extended master secret: {'yes' if extended else 'no'}\n")


def _listed(page, title):
    found = re.search(rf"^{title}: (.*)$", page, re.M)
    return found[1].strip().split(":") if found else []


def _canonical_group(name):
    return {"prime256v1": "secp256r1", "X25519": "x25519", "ecdh_x25519": "x25519"}.get(name, name)


def _canonical_scheme(name, wanted):
    """"ECDSA+SHA256" is ecdsa_secp256r1_sha256: in TLS 1.3 the hash tells the curve (RFC 8446, section 4.2.3)."""
    return wanted if name in (wanted, _SCHEME.get(wanted)) else name


VERSION = {TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3"}
_SCHEME = {
    "ecdsa_secp256r1_sha256": "ECDSA+SHA256", "ecdsa_secp384r1_sha384": "ECDSA+SHA384",
    "ecdsa_secp521r1_sha512": "ECDSA+SHA512", "rsa_pss_rsae_sha256": "RSA-PSS+SHA256",
    "rsa_pss_rsae_sha384": "RSA-PSS+SHA384", "rsa_pss_rsae_sha512": "RSA-PSS+SHA512",
    "rsa_pkcs1_sha256": "RSA+SHA256", "rsa_pkcs1_sha384": "RSA+SHA384", "rsa_pkcs1_sha512": "RSA+SHA512"}


def client_product(bench, version, signature):
    identity = bench.identities[SIGNATURES[signature]]
    for extended in version.master_secrets:
        with Server(identity, "-www", "-sigalgs", signature, versions=[version],
                    extended_master_secret=extended) as server:
            for choice in choices(version, signatures=[signature], master_secrets=[extended]):
                with bench.tally.cell("client", choice):
                    report = bench.handfast.connect(server.port, name=identity.name, **choice.offer)
                    page = response_body(report)
                    check_choice(report.json["connection"], choice, peer_signature_scheme=signature,
                                 peer_verified=True)
                    check_page(page, choice)


def client_is_asked_again(bench, group):
    with Server(bench.identities["p256"], "-www", "-groups", GROUP[group]) as server:
        with bench.tally.cell("client", f"HelloRetryRequest for {group}"):
            report = bench.handfast.connect(server.port, groups=[other_group(group), group])
            page = response_body(report)
            check_agreed(report.json["connection"], group=group, hello_retry_request=True)
            expect("ClientHellos", len(messages(report.json["ladder"], "ClientHello")), 2)
            expect("the group that s_server shares", [_canonical_group(_listed(page, "Shared groups")[0])], [group])


def client_authenticates(bench, version):
    for signature in version.signatures:
        identity = bench.identities[SIGNATURES[signature]]
        with Server(bench.identities["p256"], "-www", "-Verify", "2", "-verify_return_error", "-CAfile",
                    bench.identities.roots, "-client_sigalgs", signature, versions=[version]) as server:
            with bench.tally.cell("client", f"{version.name} client certificate {signature}"):
                report = bench.handfast.connect(server.port, identity=identity, tls=version.number)
                page = response_body(report)
                check_agreed(report.json["connection"], version, own_signature_scheme=signature)
                expect_in("s_server's page", page, identity.name)
                expect_peer_signature("s_server's page", page, signature)


def expect_peer_signature(what, text, signature):
    """OpenSSL names kind and hash: for both kinds of RSA keys "RSA-PSS"."""
    kinds = {"ecdsa": "ECDSA", "ed25519": "ed25519", "rsa_pss": "RSA-PSS", "rsa_pkcs1": "RSA"}
    kind = next(value for prefix, value in kinds.items() if signature.startswith(prefix))
    expect_in(what, text, f"Peer signature type: {kind}\n")
    if kind != "ed25519":
        expect_in(what, text, "Peer signing digest: " + signature.rsplit("_", 1)[1].upper())


def client_alpn(bench, version):
    with Server(bench.identities["p256"], "-www", "-alpn", "spdy/9,http/1.1", versions=[version]) as server:
        for offer in (["http/1.1"], ["h2", "http/1.1"]):
            with bench.tally.cell("client", f"{version.name} ALPN {' '.join(offer)}"):
                report = bench.handfast.connect(server.port, alpn=offer, tls=version.number)
                response_body(report)
                check_agreed(report.json["connection"], version, alpn="http/1.1")


def client_key_update(bench):
    """Both ask for new keys of the other; data goes both ways before and after."""
    for letter, answers in (("k", 0), ("K", 1)):
        with Server(bench.identities["p256"], "-msg") as server, \
                bench.tally.cell("client", f"KeyUpdate by s_server, {letter}"), \
                Program(bench.handfast.connect_command(server.port) + ["--ladder"]) as client:
            client.say("first\n")
            server.wait_for("^first$")
            server.say(f"{letter}\n")
            server.wait_for(">>> TLS 1.3, .*KeyUpdate")
            server.say("answer\n")
            client.wait_for("^answer$")
            client.say("second\n")
            server.wait_for("^second$")
            expect("KeyUpdates that came back", len(re.findall("<<< TLS 1.3, .*KeyUpdate", server.said())), answers)
            client.end_input()
            expect("the exit code of handfast connect", client.wait(), 0)
            client.wait_for("KeyUpdate")


def client_data(bench, version):
    """A megabyte each way."""
    data = os.urandom(1 << 19).hex() + "\n"
    with Server(bench.identities["p256"], versions=[version]) as server:
        with bench.tally.cell("client", f"{version.name} a megabyte is sent"):
            done = run(bench.handfast.connect_command(server.port, tls=version.number), data + "end of data\n")
            expect("exit code", done.code, 0)
            server.wait_for("^end of data$")
            expect("what s_server got", _long_line(server.said()), _digest(data))
    name = f"megabyte-{version.number}"
    with open(os.path.join(bench.folder, name), "w", encoding="ascii") as file:
        file.write(data)
    with Server(bench.identities["p256"], "-WWW", folder=bench.folder, versions=[version]) as server:
        with bench.tally.cell("client", f"{version.name} a megabyte is received"):
            body = response_body(bench.handfast.connect(server.port, path=f"/{name}", tls=version.number))
            expect("what handfast got", _digest(body), _digest(data))


def _long_line(text):
    """The digest of the only long line among a peer's own words."""
    found = re.search(r"[0-9a-f]{1000,}\n", text)
    return _digest(found[0] if found else "")


def _digest(text):
    return f"{len(text)} bytes, SHA-256 {hashlib.sha256(text.encode()).hexdigest()}"


def client_staples(bench, version):
    identity = bench.identities["p256"]
    client_cells(bench, version, lambda file: Server(identity, "-www", *(["-status_file", file] if file else []),
                                                     versions=[version]))


def client_of_ranges(bench):
    for ours, theirs in itertools.product(RANGES, RANGES):
        with Server(bench.identities["p256"], "-www", versions=theirs) as server:
            with bench.tally.cell("client", f"{told(ours)} of a server with {told(theirs)}"):
                report = bench.handfast.connect(server.port, tls=told(ours))
                if version := best(ours, theirs):
                    expect_in("s_server's page", response_body(report), f"New, {VERSION[version]}, ")
                    check_agreed(report.json["connection"], version)
                else:
                    expect("exit code and verdict", (report.code, report.json["verdict"]["code"]),
                           (5, "no_common_version"))


def client_false_start(bench):
    """What is sent before s_server's Finished has come is there, and answered."""
    with Server(bench.identities["p256"], "-www", versions=[TLS12]) as server, \
            bench.tally.cell("client", "TLS 1.2 false start"):
        report = bench.handfast.connect(server.port, tls="1.2", false_start=True)
        expect_in("s_server's page", response_body(report), "New, TLSv1.2, ")


def client_any_curve(bench):
    """A key whose curve is not that of the scheme's name, which in TLS 1.2 says nothing of it (RFC 8446, 4.2.3)."""
    for kind in ("p384", "p521"):
        identity = bench.identities[kind]
        with Server(identity, "-www", "-sigalgs", "ecdsa_secp256r1_sha256", versions=[TLS12]) as server, \
                bench.tally.cell("client", f"TLS 1.2 ecdsa_secp256r1_sha256 by a key of {kind}"):
            report = bench.handfast.connect(server.port, tls="1.2", name=identity.name)
            response_body(report)
            check_agreed(report.json["connection"], TLS12, peer_signature_scheme="ecdsa_secp256r1_sha256")


def client_renegotiation(bench):
    """A HelloRequest is answered with a warning, whereupon s_server gives up."""
    with Server(bench.identities["p256"], "-msg", versions=[TLS12]) as server, \
            bench.tally.cell("client", "TLS 1.2 HelloRequest"), \
            Program(bench.handfast.connect_command(server.port, tls="1.2")) as client:
        client.say("first\n")
        server.wait_for("^first$")
        server.say("r\n")
        server.wait_for("<<< TLS 1.2, .*warning no_renegotiation")
        expect("ClientHellos", len(re.findall("<<< TLS 1.[23], .*ClientHello", server.said())), 1)


# Handfast as server


def s_client(bench, server, *flags, name="localhost", request=REQUEST, versions=(TLS13,), extended_master_secret=None):
    """One connection of s_client that asks for the page; both must end it without an error."""
    done = run([*environment(extended_master_secret), "openssl", "s_client", "-connect", f"127.0.0.1:{server.port}",
                *only(versions), "-servername", name, "-verify_hostname", name, "-CAfile", bench.identities.roots,
                "-verify_return_error", "-ign_eof", *flags], request)
    expect("the exit code of s_client", (done.code, re.findall(r":error:.*", done.err)), (0, []))
    expect_in("s_client's output", done.out, "Verify return code: 0 (ok)")
    return done.out


def check_client(out, choice):
    """What s_client saw."""
    expect_in("s_client's output", out, f"New, {VERSION[choice.version]}, Cipher is {suite_name(choice.suite)}\n")
    expect_in("s_client's output", out, f"Server Temp Key: {_TEMP_KEY[choice.group]}\n")
    expect_peer_signature("s_client's output", out, choice.signature)
    key = {"ed25519": "ED25519", "rsa": "rsaEncryption", "rsa_pss": "RSASSA-PSS"}.get(choice.kind, "id-ecPublicKey")
    expect_in("s_client's output", out, f"a:PKEY: {key}, ")
    check_master_secret("s_client's output", out, choice.extended_master_secret)


def server_product(bench, version, group):
    """One server with every kind of key: the client's signature_algorithms decide which it uses."""
    with bench.handfast.serve(*(bench.identities[kind] for kind in KEYS), tls=version.number, groups=[group]) as server:
        for choice in choices(version, groups=[group]):
            with bench.tally.cell("server", choice):
                out = s_client(bench, server, *suite_flag(choice.suite), "-groups",
                               ":".join(GROUP[name] for name in choice.groups), "-sigalgs", choice.signature,
                               versions=[version], extended_master_secret=choice.extended_master_secret)
                check_choice(answer(out)["connection"], choice, own_signature_scheme=choice.signature)
                check_client(out, choice)


def server_asks_again(bench, group):
    with bench.handfast.serve(bench.identities["p256"], groups=[group]) as server:
        with bench.tally.cell("server", f"HelloRetryRequest for {group}"):
            out = s_client(bench, server, "-groups", f"{GROUP[other_group(group)]}:{GROUP[group]}", "-msg")
            check_agreed(answer(out)["connection"], group=group, hello_retry_request=True)
            expect_in("s_client's output", out, f"Server Temp Key: {_TEMP_KEY[group]}\n")
            expect("ClientHellos", len(re.findall(">>> TLS 1.3, .*ClientHello", out)), 2)


def server_authenticates(bench, version):
    """The schemes are for both sides of s_client: the server has a key for each as well."""
    with bench.handfast.serve(*(bench.identities[kind] for kind in KEYS), client_auth="require",
                              client_ca=bench.identities.roots, tls=version.number) as server:
        for signature in version.signatures:
            with bench.tally.cell("server", f"{version.name} client certificate {signature}"):
                identity = bench.identities[SIGNATURES[signature]]
                out = s_client(bench, server, "-cert", identity.chain, "-cert_chain", identity.issuer, "-key",
                               identity.key, "-sigalgs", signature, versions=[version])
                connection = answer(out)["connection"]
                check_agreed(connection, version, peer_signature_scheme=signature, peer_verified=True)
                expect("the client's name", connection["peer_certificates"][0]["subject"], f"CN={identity.name}")


def server_alpn(bench, version):
    with bench.handfast.serve(bench.identities["p256"], alpn=["http/1.1", "http/1.0"], tls=version.number) as server:
        for offer in ("http/1.1", "h2,http/1.1", "http/1.0,http/1.1"):
            with bench.tally.cell("server", f"{version.name} ALPN {offer}"):
                out = s_client(bench, server, "-alpn", offer, versions=[version])
                check_agreed(answer(out)["connection"], version, alpn="http/1.1")
                expect_in("s_client's output", out, "ALPN protocol: http/1.1\n")


def server_key_update(bench):
    """s_client takes new keys, with and without asking for ours, between two requests on one connection."""
    request = REQUEST.replace("Connection: close\r\n", "")
    with bench.handfast.serve(bench.identities["p256"]) as server:
        for letter, answers in (("k", 0), ("K", 1)):
            with bench.tally.cell("server", f"KeyUpdate by s_client, {letter}"), \
                    Program(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile",
                             bench.identities.roots, "-servername", "localhost", "-msg"]) as client:
                client.say(request)
                client.wait_for('"event": "completed"(.|\n)*\n}\n')
                client.say(f"{letter}\n")
                client.wait_for(">>> TLS 1.3, .*KeyUpdate")
                second = len(client.said())
                client.say(REQUEST)
                client.wait_for('"event": "completed"(.|\n)*\n}\n', second)
                expect("the exit code of s_client", client.wait(), 0)
                expect("KeyUpdates that came back", len(re.findall("<<< TLS 1.3, .*KeyUpdate", client.said())), answers)
                ladder = answer(client.said()[second:])["ladder"]
                expect("KeyUpdates as we saw them", sorted(messages(ladder, "KeyUpdate")),
                       ["client", "server"] if answers else ["client"])


def server_data(bench, version):
    """A file of a megabyte, and the same under small records of the client's, and what else a version has."""
    folder = os.path.join(bench.folder, f"site-{version.number}")
    os.mkdir(folder)
    data = os.urandom(1 << 19).hex() + "\n"
    with open(os.path.join(folder, "megabyte.txt"), "w", encoding="ascii") as file:
        file.write(data)
    request = REQUEST.replace("GET / ", "GET /megabyte.txt ")
    more = {TLS12: (("-cipher", "CHACHA20"), ("-no_ticket",)),
            TLS13: (("-record_padding", "512"), ("-no_middlebox",))}[version]
    with bench.handfast.serve(bench.identities["p256"], www=folder, tls=version.number) as server:
        for flags in ((), ("-max_send_frag", "512"), *more):
            with bench.tally.cell("server", " ".join((version.name, "a megabyte", *flags))):
                out = s_client(bench, server, *flags, request=request, versions=[version])
                expect_in("s_client's output", out, "HTTP/1.1 200")
                expect("what s_client got", _long_line(out), _digest(data))


def server_staples(bench, version):
    rsa = bench.identities["rsa"]
    good = Staples(bench.folder, rsa)["good"]
    with bench.handfast.serve(rsa, staple=good, tls=version.number) as server:
        with bench.tally.cell("server", f"{version.name} a staple"):
            out = s_client(bench, server, "-status", versions=[version])
            expect_in("what s_client got", out, "OCSP Response Status: successful (0x0)")
            expect_in("what s_client got", out, "Cert Status: good")
        with bench.tally.cell("server", f"{version.name} a staple that is not asked for"):
            out = s_client(bench, server, versions=[version])
            expect("an OCSP response in what s_client got", "OCSP" in out, False)
    with bench.handfast.serve(rsa, tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} no staple"):
        expect_in("what s_client got", s_client(bench, server, "-status", versions=[version]),
                  "OCSP response: no response sent")


def server_of_ranges(bench):
    for ours in RANGES:
        with bench.handfast.serve(bench.identities["p256"], tls=told(ours)) as server:
            for theirs in RANGES:
                with bench.tally.cell("server", f"{told(ours)} of a client with {told(theirs)}"):
                    if version := best(ours, theirs):
                        out = s_client(bench, server, versions=theirs)
                        check_agreed(answer(out)["connection"], version)
                        expect_in("s_client's output", out, f"New, {VERSION[version]}, ")
                    else:
                        done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *only(theirs)])
                        expect("the exit code of s_client", done.code, 1)
                        expect_in("what s_client heard", done.err, "SSL alert number 70")


def server_renegotiation(bench):
    """A client that wants to renegotiate is refused."""
    with bench.handfast.serve(bench.identities["p256"], tls="1.2") as server, \
            bench.tally.cell("server", "TLS 1.2 renegotiation"), \
            Program(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", bench.identities.roots,
                     "-servername", "localhost", "-msg"]) as client:
        client.wait_for("Verify return code: 0")
        client.say("R\n")
        client.wait_for("<<< TLS 1.2, .*no_renegotiation")
        expect("ServerHellos", len(re.findall("<<< TLS 1.[23], .*ServerHello$", client.said(), re.M)), 1)
