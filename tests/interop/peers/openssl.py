"""openssl s_client and s_server."""

import functools
import hashlib
import itertools
import os
import re
import shutil

from cells import GROUPS, SIGNATURES, SUITES, expect, expect_in, other_group
from handfast import REQUEST, answer, check_agreed, messages, response_body
from identities import KEYS  # every kind
from programs import Program, run
from staples import Staples, client_cells

# OpenSSL's names, where they are not the RFC's.
_GROUP = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_TEMP_KEY = {"x25519": "X25519, 253 bits", "secp256r1": "ECDH, prime256v1, 256 bits",
             "secp384r1": "ECDH, secp384r1, 384 bits", "secp521r1": "ECDH, secp521r1, 521 bits"}


def missing():
    return None if shutil.which("openssl") else "no openssl here"


def jobs():
    for signature in SIGNATURES:
        yield functools.partial(client_product, signature=signature)
        yield functools.partial(client_authenticates, signature=signature)
    for group in GROUPS:
        yield functools.partial(client_is_asked_again, group=group)
        yield functools.partial(server_asks_again, group=group)
    yield from (client_alpn, client_key_update, client_data, server_product, server_authenticates, server_alpn,
                server_key_update, server_data, client_staples, server_staples)


# Handfast as client


class Server(Program):
    """s_server with one identity; with the flag -www it answers with what it saw, with -WWW with files."""

    def __init__(self, identity, *flags, folder=None):
        super().__init__(["openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_3", "-cert", identity.chain,
                          "-cert_chain", identity.issuer, "-key", identity.key, *flags], folder)

    def wait_until_ready(self):
        self.port = int(self.wait_for(r"^ACCEPT .*:(\d+)\n")[1])


def check_page(page, suite, group, signature):
    """What s_server -www saw. It is set to one signature scheme, and offered one suite."""
    expect_in("s_server's page", page, f"New, TLSv1.3, Cipher is {suite}\n")
    groups = [_canonical_group(name) for name in _listed(page, "Shared groups")]
    expect("the groups that s_server shares", groups, [group])
    schemes = [_canonical_scheme(name, signature) for name in _listed(page, "Shared Signature Algorithms")]
    expect("the schemes that s_server shares", schemes, [signature])


def _listed(page, title):
    found = re.search(rf"^{title}: (.*)$", page, re.M)
    return found[1].strip().split(":") if found else []


def _canonical_group(name):
    return {"prime256v1": "secp256r1", "X25519": "x25519", "ecdh_x25519": "x25519"}.get(name, name)


def _canonical_scheme(name, wanted):
    """"ECDSA+SHA256" is ecdsa_secp256r1_sha256: in TLS 1.3 the hash tells the curve (RFC 8446, section 4.2.3)."""
    return wanted if name in (wanted, _SCHEME[wanted]) else name


_SCHEME = {signature: signature for signature in SIGNATURES} | {
    "ecdsa_secp256r1_sha256": "ECDSA+SHA256", "ecdsa_secp384r1_sha384": "ECDSA+SHA384",
    "ecdsa_secp521r1_sha512": "ECDSA+SHA512", "rsa_pss_rsae_sha256": "RSA-PSS+SHA256",
    "rsa_pss_rsae_sha384": "RSA-PSS+SHA384", "rsa_pss_rsae_sha512": "RSA-PSS+SHA512"}


def client_product(bench, signature):
    identity = bench.identities[SIGNATURES[signature]]
    with Server(identity, "-www", "-sigalgs", signature) as server:
        for suite, group in itertools.product(SUITES, GROUPS):
            with bench.tally.cell("client", f"{suite} {group} {signature}"):
                report = bench.handfast.connect(server.port, name=identity.name, suites=[suite], groups=[group])
                page = response_body(report)
                check_agreed(report.json["connection"], cipher_suite=suite, group=group, hello_retry_request=False,
                             peer_signature_scheme=signature, peer_verified=True)
                check_page(page, suite, group, signature)


def client_is_asked_again(bench, group):
    with Server(bench.identities["p256"], "-www", "-groups", _GROUP[group]) as server:
        with bench.tally.cell("client", f"HelloRetryRequest for {group}"):
            report = bench.handfast.connect(server.port, groups=[other_group(group), group])
            page = response_body(report)
            check_agreed(report.json["connection"], group=group, hello_retry_request=True)
            expect("ClientHellos", len(messages(report.json["ladder"], "ClientHello")), 2)
            expect("the group that s_server shares", [_canonical_group(_listed(page, "Shared groups")[0])], [group])


def client_authenticates(bench, signature):
    identity = bench.identities[SIGNATURES[signature]]
    with Server(bench.identities["p256"], "-www", "-Verify", "2", "-verify_return_error", "-CAfile",
                bench.identities.roots, "-client_sigalgs", signature) as server:
        with bench.tally.cell("client", f"client certificate {signature}"):
            report = bench.handfast.connect(server.port, identity=identity)
            page = response_body(report)
            check_agreed(report.json["connection"], own_signature_scheme=signature)
            expect_in("s_server's page", page, identity.name)
            expect_peer_signature("s_server's page", page, signature)


def expect_peer_signature(what, text, signature):
    """OpenSSL names kind and hash: for both kinds of RSA keys "RSA-PSS"."""
    kind = signature.split("_")[0]
    expect_in(what, text, {"ecdsa": "Peer signature type: ECDSA", "ed25519": "Peer signature type: ed25519",
                           "rsa": "Peer signature type: RSA-PSS"}[kind])
    if kind != "ed25519":
        expect_in(what, text, "Peer signing digest: " + signature.rsplit("_", 1)[1].upper())


def client_alpn(bench):
    with Server(bench.identities["p256"], "-www", "-alpn", "spdy/9,http/1.1") as server:
        for offer in (["http/1.1"], ["h2", "http/1.1"]):
            with bench.tally.cell("client", f"ALPN {' '.join(offer)}"):
                report = bench.handfast.connect(server.port, alpn=offer)
                response_body(report)
                check_agreed(report.json["connection"], alpn="http/1.1")


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


def client_data(bench):
    """A megabyte each way."""
    data = os.urandom(1 << 19).hex() + "\n"
    with Server(bench.identities["p256"]) as server:
        with bench.tally.cell("client", "a megabyte is sent"):
            done = run(bench.handfast.connect_command(server.port), data + "end of data\n")
            expect("exit code", done.code, 0)
            server.wait_for("^end of data$")
            expect("what s_server got", _long_line(server.said()), _digest(data))
    with open(os.path.join(bench.folder, "megabyte"), "w", encoding="ascii") as file:
        file.write(data)
    with Server(bench.identities["p256"], "-WWW", folder=bench.folder) as server:
        with bench.tally.cell("client", "a megabyte is received"):
            body = response_body(bench.handfast.connect(server.port, path="/megabyte"))
            expect("what handfast got", _digest(body), _digest(data))


def _long_line(text):
    """The digest of the only long line among a peer's own words."""
    found = re.search(r"[0-9a-f]{1000,}\n", text)
    return _digest(found[0] if found else "")


def _digest(text):
    return f"{len(text)} bytes, SHA-256 {hashlib.sha256(text.encode()).hexdigest()}"


def client_staples(bench):
    identity = bench.identities["p256"]
    client_cells(bench, lambda file: Server(identity, "-www", *(["-status_file", file] if file else [])))


# Handfast as server


def s_client(bench, server, *flags, name="localhost", request=REQUEST):
    """One connection of s_client that asks for the page; both must end it without an error."""
    done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_3", "-servername", name,
                "-verify_hostname", name, "-CAfile", bench.identities.roots, "-verify_return_error", "-ign_eof",
                *flags], request)
    expect("the exit code of s_client", (done.code, re.findall(r":error:.*", done.err)), (0, []))
    expect_in("s_client's output", done.out, "Verify return code: 0 (ok)")
    return done.out


def check_client(out, suite, group, signature):
    """What s_client saw."""
    expect_in("s_client's output", out, f"New, TLSv1.3, Cipher is {suite}\n")
    expect_in("s_client's output", out, f"Server Temp Key: {_TEMP_KEY[group]}\n")
    expect_peer_signature("s_client's output", out, signature)
    keys = {"ecdsa": "id-ecPublicKey", "ed25519": "ED25519", "rsa_pss_rsae": "rsaEncryption",
            "rsa_pss_pss": "RSASSA-PSS"}
    key = next(value for prefix, value in keys.items() if signature.startswith(prefix))
    expect_in("s_client's output", out, f"a:PKEY: {key}, ")


def server_product(bench):
    """One server with every kind of key: the client's signature_algorithms decide which it uses."""
    with bench.handfast.serve(*(bench.identities[kind] for kind in KEYS)) as server:
        for suite, group, signature in itertools.product(SUITES, GROUPS, SIGNATURES):
            with bench.tally.cell("server", f"{suite} {group} {signature}"):
                out = s_client(bench, server, "-ciphersuites", suite, "-groups", _GROUP[group], "-sigalgs", signature)
                check_agreed(answer(out)["connection"], cipher_suite=suite, group=group, hello_retry_request=False,
                             own_signature_scheme=signature)
                check_client(out, suite, group, signature)


def server_asks_again(bench, group):
    with bench.handfast.serve(bench.identities["p256"], groups=[group]) as server:
        with bench.tally.cell("server", f"HelloRetryRequest for {group}"):
            out = s_client(bench, server, "-groups", f"{_GROUP[other_group(group)]}:{_GROUP[group]}", "-msg")
            check_agreed(answer(out)["connection"], group=group, hello_retry_request=True)
            expect_in("s_client's output", out, f"Server Temp Key: {_TEMP_KEY[group]}\n")
            expect("ClientHellos", len(re.findall(">>> TLS 1.3, .*ClientHello", out)), 2)


def server_authenticates(bench):
    with bench.handfast.serve(bench.identities["p256"], client_auth="require",
                              client_ca=bench.identities.roots) as server:
        for signature, kind in SIGNATURES.items():
            with bench.tally.cell("server", f"client certificate {signature}"):
                identity = bench.identities[kind]
                # These are for both sides of s_client: the server's signature is always the other one.
                schemes = dict.fromkeys((signature, "ecdsa_secp256r1_sha256"))
                out = s_client(bench, server, "-cert", identity.chain, "-cert_chain", identity.issuer, "-key",
                               identity.key, "-sigalgs", ":".join(schemes))
                connection = answer(out)["connection"]
                check_agreed(connection, peer_signature_scheme=signature, peer_verified=True)
                expect("the client's name", connection["peer_certificates"][0]["subject"], f"CN={identity.name}")


def server_alpn(bench):
    with bench.handfast.serve(bench.identities["p256"], alpn=["http/1.1", "http/1.0"]) as server:
        for offer in ("http/1.1", "h2,http/1.1", "http/1.0,http/1.1"):
            with bench.tally.cell("server", f"ALPN {offer}"):
                out = s_client(bench, server, "-alpn", offer)
                check_agreed(answer(out)["connection"], alpn="http/1.1")
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


def server_data(bench):
    """A file of a megabyte, and the same under padding and small records of the client's."""
    folder = os.path.join(bench.folder, "site")
    os.mkdir(folder)
    data = os.urandom(1 << 19).hex() + "\n"
    with open(os.path.join(folder, "megabyte.txt"), "w", encoding="ascii") as file:
        file.write(data)
    request = REQUEST.replace("GET / ", "GET /megabyte.txt ")
    with bench.handfast.serve(bench.identities["p256"], www=folder) as server:
        for flags in ((), ("-record_padding", "512"), ("-max_send_frag", "512"), ("-no_middlebox",)):
            with bench.tally.cell("server", " ".join(("a megabyte", *flags))):
                out = s_client(bench, server, *flags, request=request)
                expect_in("s_client's output", out, "HTTP/1.1 200")
                expect("what s_client got", _long_line(out), _digest(data))


def server_staples(bench):
    rsa = bench.identities["rsa"]
    good = Staples(bench.folder, rsa)["good"]
    with bench.handfast.serve(rsa, staple=good) as server:
        with bench.tally.cell("server", "a staple"):
            out = s_client(bench, server, "-status")
            expect_in("what s_client got", out, "OCSP Response Status: successful (0x0)")
            expect_in("what s_client got", out, "Cert Status: good")
        with bench.tally.cell("server", "a staple that is not asked for"):
            expect("an OCSP response in what s_client got", "OCSP" in s_client(bench, server), False)
    with bench.handfast.serve(rsa) as server, bench.tally.cell("server", "no staple"):
        expect_in("what s_client got", s_client(bench, server, "-status"), "OCSP response: no response sent")
