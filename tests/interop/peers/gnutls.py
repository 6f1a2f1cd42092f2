"""gnutls-cli and gnutls-serv."""

import functools
import itertools
import os
import shutil

from cells import (AEADS, GROUPS, RANGES, SIGNATURES, TLS12, TLS13, VERSIONS, Choice, best, choices, expect, expect_in,
                   other_group, told)
from handfast import REQUEST, answer, check_agreed, check_choice, messages, response_body
from identities import KEYS  # every kind
from programs import Program, free_port, run, wait_for_port
from staples import Staples, client_cells

# GnuTLS's names: in priorities, and in the description of a session.
_AEAD = {"AES_128_GCM_SHA256": "AES-128-GCM", "AES_256_GCM_SHA384": "AES-256-GCM",
         "CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}
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
    "rsa_pkcs1_sha256": "RSA-SHA256",
    "rsa_pkcs1_sha384": "RSA-SHA384",
    "rsa_pkcs1_sha512": "RSA-SHA512",
}


def missing():
    return None if shutil.which("gnutls-cli") and shutil.which("gnutls-serv") else "no gnutls-cli and gnutls-serv here"


def jobs():
    for version in VERSIONS:
        for signature in version.signatures:
            yield functools.partial(client_product, version=version, signature=signature)
        for group in GROUPS:
            yield functools.partial(server_product, version=version, group=group)
        for job in (client_authenticates, client_alpn, client_echo, client_staples, server_authenticates, server_alpn,
                    server_record_size, server_staples):
            yield functools.partial(job, version=version)
    for group in GROUPS:
        yield functools.partial(client_is_asked_again, group=group)
        yield functools.partial(server_asks_again, group=group)
    yield from (server_key_update, client_of_ranges, server_of_ranges)


def priority(versions=(TLS13,), aead=None, groups=(), schemes=(), extended_master_secret=None):
    """These versions alone, and of each kind only what is named (everything, if nothing is)."""
    out = "NORMAL:-VERS-ALL" + "".join(f":+VERS-TLS{version.number}" for version in reversed(versions))
    if aead:
        out += f":-CIPHER-ALL:+{_AEAD[aead]}"
    if groups:
        out += ":-GROUP-ALL" + "".join(f":+GROUP-{_GROUP[group]}" for group in groups)
    if schemes:
        names = dict.fromkeys(scheme_name(scheme, version) for scheme in schemes for version in versions)
        out += ":-SIGN-ALL" + "".join(f":+SIGN-{name}" for name in names)
    return out + (":%NO_SESSION_HASH" if extended_master_secret is False else "")


def scheme_name(scheme, version):
    """In TLS 1.2 ECDSA is with any curve."""
    kind, _, digest = scheme.partition("_secp")
    if version is TLS12 and digest:
        return f"{kind}-{digest.rpartition('_')[2]}".upper()
    return _SCHEME[scheme]


def check_description(text, choice):
    """The one line in which both programs say what they have agreed on."""
    expect_in("what GnuTLS saw", text,
              f"(TLS{choice.version.number}-X.509)-(ECDHE-{_GROUP[choice.group]})-"
              f"({scheme_name(choice.signature, choice.version)})-({_AEAD[choice.aead]})")


# Handfast as client


class Server(Program):
    """gnutls-serv with one identity; it answers with what it saw. It listens on every address: it can't be told one."""

    def __init__(self, identity, *flags, mode="--http", port=None):
        self.port = port or free_port()
        super().__init__(["gnutls-serv", mode, "--port", str(self.port), "--x509certfile", identity.chain,
                          "--x509keyfile", identity.key, *flags])

    def wait_until_ready(self):
        wait_for_port(self, self.port)


def client_product(bench, version, signature):
    identity = bench.identities[SIGNATURES[signature]]
    for extended in version.master_secrets:
        flags = ["--disable-client-cert", "--priority",
                 priority([version], schemes=[signature], extended_master_secret=extended)]
        with Server(identity, *flags) as server:
            for choice in choices(version, signatures=[signature], master_secrets=[extended]):
                with bench.tally.cell("client", choice):
                    report = bench.handfast.connect(server.port, name=identity.name, **choice.offer)
                    page = response_body(report)
                    check_choice(report.json["connection"], choice, peer_signature_scheme=signature,
                                 peer_verified=True)
                    check_description(page, choice)


def client_is_asked_again(bench, group):
    choice = Choice(TLS13, AEADS[0], group, "ecdsa_secp256r1_sha256", None)
    with Server(bench.identities["p256"], "--disable-client-cert", "--priority",
                priority([TLS13], groups=[group])) as server:
        with bench.tally.cell("client", f"HelloRetryRequest for {group}"):
            report = bench.handfast.connect(server.port, suites=[choice.suite], groups=[other_group(group), group])
            page = response_body(report)
            check_agreed(report.json["connection"], group=group, hello_retry_request=True)
            expect("ClientHellos", len(messages(report.json["ladder"], "ClientHello")), 2)
            check_description(page, choice)


def client_authenticates(bench, version):
    for signature in version.signatures:
        identity = bench.identities[SIGNATURES[signature]]
        schemes = [signature, "ecdsa_secp256r1_sha256"]  # for both sides of it: its own signature is always the other
        with Server(bench.identities["p256"], "--require-client-cert", "--verify-client-cert", "--x509cafile",
                    bench.identities.roots, "--priority", priority([version], schemes=schemes)) as server:
            with bench.tally.cell("client", f"{version.name} client certificate {signature}"):
                report = bench.handfast.connect(server.port, identity=identity, tls=version.number)
                response_body(report)
                check_agreed(report.json["connection"], version, own_signature_scheme=signature)
                server.wait_for(f"Subject: CN={identity.name}")
                server.wait_for(f"Client Signature: {scheme_name(signature, version)}")


def client_alpn(bench, version):
    with Server(bench.identities["p256"], "--disable-client-cert", "--alpn", "http/1.1", "--alpn-fatal", "--priority",
                priority([version])) as server:
        for offer in (["http/1.1"], ["h2", "http/1.1"]):
            with bench.tally.cell("client", f"{version.name} ALPN {' '.join(offer)}"):
                report = bench.handfast.connect(server.port, alpn=offer, tls=version.number)
                response_body(report)
                check_agreed(report.json["connection"], version, alpn="http/1.1")


def client_echo(bench, version):
    """Lines come back until we close our half, or in TLS 1.2 both."""
    lines = "first\n" + "second\n" * 1000
    with Server(bench.identities["p256"], "--disable-client-cert", "--priority", priority([version]),
                mode="--echo") as server:
        with bench.tally.cell("client", f"{version.name} an echo of what is piped in"):
            done = run(bench.handfast.connect_command(server.port, tls=version.number), lines)
            expect("exit code", done.code, 0)
            expect("what came back", (len(done.out), done.out == lines), (len(lines), True))


def client_staples(bench, version):
    identity = bench.identities["p256"]
    # By itself gnutls-serv staples only what says that it is good.
    flags = ["--disable-client-cert", "--priority", priority([version])]
    client_cells(bench, version, lambda file: Server(identity, *flags, *(
        ["--ocsp-response", file, "--ignore-ocsp-response-errors"] if file else [])))


def client_of_ranges(bench):
    """Where there is no common version, GnuTLS says so of the suites, which are of one version each."""
    for ours, theirs in itertools.product(RANGES, RANGES):
        with Server(bench.identities["p256"], "--disable-client-cert", "--priority", priority(theirs)) as server:
            with bench.tally.cell("client", f"{told(ours)} of a server with {told(theirs)}"):
                report = bench.handfast.connect(server.port, tls=told(ours))
                if version := best(ours, theirs):
                    expect_in("what GnuTLS saw", response_body(report), f"(TLS{version.number}-X.509)")
                    check_agreed(report.json["connection"], version)
                else:
                    expect("exit code and verdict", (report.code, report.json["verdict"]["code"]),
                           (5, "no_common_version" if TLS13 in ours else "alert_handshake_failure"))


# Handfast as server


def gnutls_cli(bench, server, *flags, name="localhost", request=REQUEST, code=0):
    """One connection of gnutls-cli that asks for the page; both must end it without an error (or with that code)."""
    done = run(["gnutls-cli", "127.0.0.1", "--port", str(server.port), "--sni-hostname", name, "--verify-hostname",
                name, "--x509cafile", bench.identities.roots, "--logfile", "/dev/stdout", *flags], request)
    expect("the exit code of gnutls-cli", done.code, code)
    expect_in("gnutls-cli's output", done.out, "- Status: The certificate is trusted.")
    return done.out


def server_product(bench, version, group):
    """One server with every kind of key: the client's signature_algorithms decide which it uses."""
    with bench.handfast.serve(*(bench.identities[kind] for kind in KEYS), tls=version.number, groups=[group]) as server:
        for choice in choices(version, groups=[group]):
            with bench.tally.cell("server", choice):
                out = gnutls_cli(bench, server, "--priority", priority(
                    [version], choice.aead, choice.groups, [choice.signature], choice.extended_master_secret))
                check_choice(answer(out)["connection"], choice, own_signature_scheme=choice.signature)
                check_description(out, choice)
                if choice.extended_master_secret is not None:
                    expect("extended master secret in what gnutls-cli saw", "- Options: extended master secret" in out,
                           choice.extended_master_secret)


def server_asks_again(bench, group):
    choice = Choice(TLS13, AEADS[0], group, "ecdsa_secp256r1_sha256", None)
    with bench.handfast.serve(bench.identities["p256"], groups=[group]) as server:
        with bench.tally.cell("server", f"HelloRetryRequest for {group}"):
            out = gnutls_cli(bench, server, "--single-key-share", "--priority",
                             priority([TLS13], choice.aead, [other_group(group), group]))
            check_agreed(answer(out)["connection"], group=group, hello_retry_request=True)
            check_description(out, choice)


def server_authenticates(bench, version):
    """The schemes are for both sides of gnutls-cli: the server has a key for each as well."""
    with bench.handfast.serve(*(bench.identities[kind] for kind in KEYS), client_auth="require",
                              client_ca=bench.identities.roots, tls=version.number) as server:
        for signature in version.signatures:
            with bench.tally.cell("server", f"{version.name} client certificate {signature}"):
                identity = bench.identities[SIGNATURES[signature]]
                out = gnutls_cli(bench, server, "--x509certfile", identity.chain, "--x509keyfile", identity.key,
                                 "--priority", priority([version], schemes=[signature]))
                connection = answer(out)["connection"]
                check_agreed(connection, version, peer_signature_scheme=signature, peer_verified=True)
                expect("the client's name", connection["peer_certificates"][0]["subject"], f"CN={identity.name}")


def server_alpn(bench, version):
    with bench.handfast.serve(bench.identities["p256"], alpn=["http/1.1", "http/1.0"], tls=version.number) as server:
        for offer in (["http/1.1"], ["h2", "http/1.1"], ["http/1.0", "http/1.1"]):
            with bench.tally.cell("server", f"{version.name} ALPN {' '.join(offer)}"):
                out = gnutls_cli(bench, server, "--priority", priority([version]),
                                 *(flag for protocol in offer for flag in ("--alpn", protocol)))
                check_agreed(answer(out)["connection"], version, alpn="http/1.1")
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


def server_record_size(bench, version):
    """gnutls-cli takes no record larger than it said (RFC 8449), and the page is larger."""
    with bench.handfast.serve(bench.identities["p256"], tls=version.number) as server:
        for size in ("512", "1024"):
            with bench.tally.cell("server", f"{version.name} record_size_limit {size}"):
                page = answer(gnutls_cli(bench, server, "--recordsize", size, "--priority", priority([version])))
                hello = next(event for event in page["ladder"] if event.get("message") == "ClientHello")
                expect_in("our ladder", hello["fields"], "record_size_limit")


def server_staples(bench, version):
    """gnutls-cli verifies a staple by itself; --ocsp asks for one, or for an answer over HTTP."""
    rsa = bench.identities["rsa"]
    good, saved = Staples(bench.folder, rsa)["good"], os.path.join(bench.folder, f"saved-staple-{version.number}")
    flags = ["--priority", priority([version])]
    with bench.handfast.serve(rsa, staple=good, tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} a staple"):
        expect_in("what gnutls-cli saw", gnutls_cli(bench, server, "--ocsp", "--save-ocsp", saved, *flags),
                  "OCSP status request,")
        with open(good, "rb") as sent, open(saved, "rb") as got:
            expect("the staple that gnutls-cli got", got.read() == sent.read(), True)
    with bench.handfast.serve(rsa, tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} no staple"):
        expect("a status in what gnutls-cli saw", "OCSP status request" in gnutls_cli(bench, server, *flags), False)


def server_of_ranges(bench):
    for ours in RANGES:
        with bench.handfast.serve(bench.identities["p256"], tls=told(ours)) as server:
            for theirs in RANGES:
                with bench.tally.cell("server", f"{told(ours)} of a client with {told(theirs)}"):
                    if version := best(ours, theirs):
                        out = gnutls_cli(bench, server, "--priority", priority(theirs))
                        check_agreed(answer(out)["connection"], version)
                        expect_in("what GnuTLS saw", out, f"(TLS{version.number}-X.509)")
                    else:
                        done = run(["gnutls-cli", "127.0.0.1", "--port", str(server.port), "--priority",
                                    priority(theirs), "--no-ca-verification"])
                        expect("the exit code of gnutls-cli", done.code, 1)
                        expect_in("what gnutls-cli heard", done.out + done.err, "Error in protocol version")
