"""gnutls-cli and gnutls-serv."""

import functools
import itertools
import os
import shutil

from cells import GROUPS, SIGNATURES, SUITES, expect, expect_in, other_group
from handfast import REQUEST, answer, check_agreed, messages, response_body
from identities import KEYS  # every kind
from programs import Program, free_port, run, wait_for_port
from staples import Staples, client_cells

# GnuTLS's names: in priorities, and in the description of a session.
_SUITE = {"TLS_AES_128_GCM_SHA256": "AES-128-GCM", "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
          "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}
_GROUP = {group: group.upper() for group in GROUPS}
_SCHEME = {
    "ecdsa_secp256r1_sha256": "ECDSA-SECP256R1-SHA256",
    "ecdsa_secp384r1_sha384": "ECDSA-SECP384R1-SHA384",
    "ecdsa_secp521r1_sha512": "ECDSA-SECP521R1-SHA512",
    "ed25519": "EdDSA-Ed25519",
    "rsa_pss_rsae_sha256": "RSA-PSS-RSAE-SHA256",
    "rsa_pss_rsae_sha384": "RSA-PSS-RSAE-SHA384",
    "rsa_pss_rsae_sha512": "RSA-PSS-RSAE-SHA512",
    "rsa_pss_pss_sha256": "RSA-PSS-SHA256",
    "rsa_pss_pss_sha384": "RSA-PSS-SHA384",
    "rsa_pss_pss_sha512": "RSA-PSS-SHA512",
}


def missing():
    return None if shutil.which("gnutls-cli") and shutil.which("gnutls-serv") else "no gnutls-cli and gnutls-serv here"


def jobs():
    for signature in SIGNATURES:
        yield functools.partial(client_product, signature=signature)
        yield functools.partial(client_authenticates, signature=signature)
    for group in GROUPS:
        yield functools.partial(client_is_asked_again, group=group)
        yield functools.partial(server_asks_again, group=group)
    yield from (client_alpn, client_echo, server_product, server_authenticates, server_alpn, server_key_update,
                server_record_size, client_staples, server_staples)


def priority(suite=None, groups=(), schemes=()):
    """TLS 1.3 alone, and of each kind only what is named (everything, if nothing is)."""
    out = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
    if suite:
        out += f":-CIPHER-ALL:+{_SUITE[suite]}"
    if groups:
        out += ":-GROUP-ALL" + "".join(f":+GROUP-{_GROUP[group]}" for group in groups)
    if schemes:
        out += ":-SIGN-ALL" + "".join(f":+SIGN-{_SCHEME[scheme]}" for scheme in dict.fromkeys(schemes))
    return out


def check_description(text, suite, group, signature):
    """The one line in which both programs say what they have agreed on."""
    expect_in("what GnuTLS saw", text,
              f"(TLS1.3-X.509)-(ECDHE-{_GROUP[group]})-({_SCHEME[signature]})-({_SUITE[suite]})")


# Handfast as client


class Server(Program):
    """gnutls-serv with one identity; it answers with what it saw. It listens on every address: it can't be told one."""

    def __init__(self, identity, *flags, mode="--http"):
        self.port = free_port()
        super().__init__(["gnutls-serv", mode, "--port", str(self.port), "--x509certfile", identity.chain,
                          "--x509keyfile", identity.key, *flags])

    def wait_until_ready(self):
        wait_for_port(self, self.port)


def client_product(bench, signature):
    identity = bench.identities[SIGNATURES[signature]]
    with Server(identity, "--disable-client-cert", "--priority", priority(schemes=[signature])) as server:
        for suite, group in itertools.product(SUITES, GROUPS):
            with bench.tally.cell("client", f"{suite} {group} {signature}"):
                report = bench.handfast.connect(server.port, name=identity.name, suites=[suite], groups=[group])
                page = response_body(report)
                check_agreed(report.json["connection"], cipher_suite=suite, group=group, hello_retry_request=False,
                             peer_signature_scheme=signature, peer_verified=True)
                check_description(page, suite, group, signature)


def client_is_asked_again(bench, group):
    with Server(bench.identities["p256"], "--disable-client-cert", "--priority", priority(groups=[group])) as server:
        with bench.tally.cell("client", f"HelloRetryRequest for {group}"):
            report = bench.handfast.connect(server.port, suites=SUITES[:1], groups=[other_group(group), group])
            page = response_body(report)
            check_agreed(report.json["connection"], group=group, hello_retry_request=True)
            expect("ClientHellos", len(messages(report.json["ladder"], "ClientHello")), 2)
            check_description(page, SUITES[0], group, "ecdsa_secp256r1_sha256")


def client_authenticates(bench, signature):
    identity = bench.identities[SIGNATURES[signature]]
    schemes = [signature, "ecdsa_secp256r1_sha256"]  # for both sides of it: its own signature is always the other one
    with Server(bench.identities["p256"], "--require-client-cert", "--verify-client-cert", "--x509cafile",
                bench.identities.roots, "--priority", priority(schemes=schemes)) as server:
        with bench.tally.cell("client", f"client certificate {signature}"):
            report = bench.handfast.connect(server.port, identity=identity)
            response_body(report)
            check_agreed(report.json["connection"], own_signature_scheme=signature)
            server.wait_for(f"Subject: CN={identity.name}")
            server.wait_for(f"Client Signature: {_SCHEME[signature]}")


def client_alpn(bench):
    with Server(bench.identities["p256"], "--disable-client-cert", "--alpn", "http/1.1", "--alpn-fatal") as server:
        for offer in (["http/1.1"], ["h2", "http/1.1"]):
            with bench.tally.cell("client", f"ALPN {' '.join(offer)}"):
                report = bench.handfast.connect(server.port, alpn=offer)
                response_body(report)
                check_agreed(report.json["connection"], alpn="http/1.1")


def client_echo(bench):
    """Lines come back until we close our half."""
    lines = "first\n" + "second\n" * 1000
    with Server(bench.identities["p256"], "--disable-client-cert", mode="--echo") as server:
        with bench.tally.cell("client", "an echo of what is piped in"):
            done = run(bench.handfast.connect_command(server.port), lines)
            expect("exit code", done.code, 0)
            expect("what came back", (len(done.out), done.out == lines), (len(lines), True))


def client_staples(bench):
    identity = bench.identities["p256"]
    # By itself gnutls-serv staples only what says that it is good.
    flags = ["--disable-client-cert", "--priority", priority()]
    client_cells(bench, lambda file: Server(identity, *flags, *(
        ["--ocsp-response", file, "--ignore-ocsp-response-errors"] if file else [])))


# Handfast as server


def gnutls_cli(bench, server, *flags, name="localhost", request=REQUEST):
    """One connection of gnutls-cli that asks for the page; both must end it without an error."""
    done = run(["gnutls-cli", "127.0.0.1", "--port", str(server.port), "--sni-hostname", name, "--verify-hostname",
                name, "--x509cafile", bench.identities.roots, "--logfile", "/dev/stdout", *flags], request)
    expect("the exit code of gnutls-cli", done.code, 0)
    expect_in("gnutls-cli's output", done.out, "- Status: The certificate is trusted.")
    return done.out


def server_product(bench):
    """One server with every kind of key: the client's signature_algorithms decide which it uses."""
    with bench.handfast.serve(*(bench.identities[kind] for kind in KEYS)) as server:
        for suite, group, signature in itertools.product(SUITES, GROUPS, SIGNATURES):
            with bench.tally.cell("server", f"{suite} {group} {signature}"):
                out = gnutls_cli(bench, server, "--priority", priority(suite, [group], [signature]))
                check_agreed(answer(out)["connection"], cipher_suite=suite, group=group, hello_retry_request=False,
                             own_signature_scheme=signature)
                check_description(out, suite, group, signature)


def server_asks_again(bench, group):
    with bench.handfast.serve(bench.identities["p256"], groups=[group]) as server:
        with bench.tally.cell("server", f"HelloRetryRequest for {group}"):
            out = gnutls_cli(bench, server, "--single-key-share", "--priority",
                             priority(SUITES[0], [other_group(group), group]))
            check_agreed(answer(out)["connection"], group=group, hello_retry_request=True)
            check_description(out, SUITES[0], group, "ecdsa_secp256r1_sha256")


def server_authenticates(bench):
    with bench.handfast.serve(bench.identities["p256"], client_auth="require",
                              client_ca=bench.identities.roots) as server:
        for signature, kind in SIGNATURES.items():
            with bench.tally.cell("server", f"client certificate {signature}"):
                identity = bench.identities[kind]
                out = gnutls_cli(bench, server, "--x509certfile", identity.chain, "--x509keyfile", identity.key,
                                 "--priority", priority(schemes=[signature, "ecdsa_secp256r1_sha256"]))
                connection = answer(out)["connection"]
                check_agreed(connection, peer_signature_scheme=signature, peer_verified=True)
                expect("the client's name", connection["peer_certificates"][0]["subject"], f"CN={identity.name}")


def server_alpn(bench):
    with bench.handfast.serve(bench.identities["p256"], alpn=["http/1.1", "http/1.0"]) as server:
        for offer in (["http/1.1"], ["h2", "http/1.1"], ["http/1.0", "http/1.1"]):
            with bench.tally.cell("server", f"ALPN {' '.join(offer)}"):
                out = gnutls_cli(bench, server, *(flag for protocol in offer for flag in ("--alpn", protocol)))
                check_agreed(answer(out)["connection"], alpn="http/1.1")
                expect_in("gnutls-cli's output", out, "- Application protocol: http/1.1")


def server_key_update(bench):
    """gnutls-cli takes new keys, and with ^rekey^ asks for ours, between two requests on one connection."""
    request = REQUEST.replace("Connection: close\r\n", "")
    page = '"event": "completed"(.|\n)*\n}\n'
    with bench.handfast.serve(bench.identities["p256"]) as server:
        for command, senders in (("^rekey1^", ["client"]), ("^rekey^", ["client", "server"])):
            with bench.tally.cell("server", f"KeyUpdate by gnutls-cli, {command}"), \
                    Program(["gnutls-cli", "127.0.0.1", "--port", str(server.port), "--x509cafile",
                             bench.identities.roots, "--sni-hostname", "localhost", "--verify-hostname", "localhost",
                             "--inline-commands"]) as client:
                client.say(request)
                client.wait_for(page)
                client.say(f"{command}\n")
                client.wait_for("^- Rekey was completed$")
                second = len(client.said())
                client.say(REQUEST)
                client.wait_for(page, second)
                client.wait_for("^- Peer has closed the GnuTLS connection$")
                expect("the exit code of gnutls-cli", client.wait(), 0)
                ladder = answer(client.said()[second:])["ladder"]
                expect("KeyUpdates as we saw them", sorted(messages(ladder, "KeyUpdate")), senders)


def server_record_size(bench):
    """gnutls-cli takes no record larger than it said (RFC 8449), and the page is larger."""
    with bench.handfast.serve(bench.identities["p256"]) as server:
        for size in ("512", "1024"):
            with bench.tally.cell("server", f"record_size_limit {size}"):
                page = answer(gnutls_cli(bench, server, "--recordsize", size))
                hello = next(event for event in page["ladder"] if event.get("message") == "ClientHello")
                expect_in("our ladder", hello["fields"], "record_size_limit")


def server_staples(bench):
    """gnutls-cli verifies a staple by itself; --ocsp asks for one, or for an answer over HTTP."""
    rsa = bench.identities["rsa"]
    good, saved = Staples(bench.folder, rsa)["good"], os.path.join(bench.folder, "saved-staple")
    with bench.handfast.serve(rsa, staple=good) as server, bench.tally.cell("server", "a staple"):
        expect_in("what gnutls-cli saw", gnutls_cli(bench, server, "--ocsp", "--save-ocsp", saved),
                  "- Options: OCSP status request,")
        with open(good, "rb") as sent, open(saved, "rb") as got:
            expect("the staple that gnutls-cli got", got.read() == sent.read(), True)
    with bench.handfast.serve(rsa) as server, bench.tally.cell("server", "no staple"):
        expect("a status in what gnutls-cli saw", "OCSP status request" in gnutls_cli(bench, server), False)
