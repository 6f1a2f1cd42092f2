"""What the peers have in common that are a language's own TLS: each is a small program that speaks lines of JSON.

A line in, one line out: {"do": "connect", "port", "name", "trust", "chain", "key", "suites", "groups", "signatures",
"alpn"} connects, asks for the page and tells what it saw and got; {"do": "listen", "trust", "chain", "key", "require",
"groups", "signatures", "alpn"} gives {"port"}, and from there on each request to that port is answered with what the
peer saw. Empty lists are the peer's defaults; null is "none". What a peer can't set it ignores, what it can't see is
missing from its answer; both stand in its Abilities. The end of its input ends it.
"""

import functools
import json
from collections import namedtuple

from cells import GROUPS, SIGNATURES, SUITES, Failure, expect, other_group
from handfast import answer, check_agreed, messages, response_body
from programs import Program

# `kinds` of keys it has; what it can be told as client and as server ("order": that of its groups); what it tells as
# client and as server; `first_share`: the group of its only key share where it can't be told; `server_groups`: the
# groups that it can be told as a server.
Abilities = namedtuple("Abilities", "kinds client_sets server_sets client_sees server_sees first_share server_groups",
                       defaults=["x25519", GROUPS])


class Peer(Program):
    """The peer's program, while the block lasts."""

    def ask(self, **request):
        self.said_before = len(self.said())
        self.say(json.dumps(request) + "\n")
        reply = json.loads(self.wait_for(r"^\{.*\}\n", self.said_before)[0])
        if "error" in reply:
            raise Failure(f"the peer says: {reply['error']}")
        return reply

    def listen(self, bench, identity, **settings):
        request = {"trust": bench.identities.roots, "chain": identity.chain, "key": identity.key, "require": False,
                   "groups": [], "signatures": [], "alpn": []}
        return self.ask(do="listen", **(request | settings))["port"]

    def connect(self, bench, port, name="localhost", **settings):
        request = {"trust": bench.identities.roots, "chain": None, "key": None, "suites": [], "groups": [],
                   "signatures": [], "alpn": []}
        reply = self.ask(do="connect", port=port, name=name, **(request | settings))
        return reply, answer(reply["body"])


def jobs(command, can):
    """`command(bench)` starts the peer's program."""
    for suite in SUITES:
        yield functools.partial(client_product, command=command, can=can, suite=suite)
        yield functools.partial(server_product, command=command, can=can, suite=suite)
    yield functools.partial(client_features, command=command, can=can)
    yield functools.partial(server_features, command=command, can=can)


def schemes_of(kinds, settings):
    """The schemes to go through: all of these kinds of keys, or the first of each where the peer can't be told."""
    if "signatures" in settings:
        return [scheme for scheme, kind in SIGNATURES.items() if kind in kinds]
    return [next(scheme for scheme, of in SIGNATURES.items() if of == kind) for kind in kinds]


def check_seen(what, seen, can, **wanted):
    for field, value in wanted.items():
        if field in can:
            expect(f"the {field} that {what} saw", seen.get(field), value)


def client_product(bench, command, can, suite):
    with Peer(command(bench)) as peer:
        for scheme in schemes_of(can.kinds, can.server_sets):
            identity = bench.identities[SIGNATURES[scheme]]
            port = peer.listen(bench, identity, signatures=[scheme])
            for group in GROUPS:
                with bench.tally.cell("client", f"{suite} {group} {scheme}"):
                    report = bench.handfast.connect(port, name=identity.name, suites=[suite], groups=[group])
                    seen = json.loads(response_body(report))
                    check_agreed(report.json["connection"], cipher_suite=suite, group=group, hello_retry_request=False,
                                 peer_signature_scheme=scheme, peer_verified=True)
                    check_seen("the peer", seen, can.server_sees, suite=suite, group=group, signature=scheme,
                               alpn=report.json["connection"]["alpn"] or None)


def client_features(bench, command, can):
    """HelloRetryRequest, client certificates, ALPN."""
    identity = bench.identities["p256"]
    with Peer(command(bench)) as peer:
        for group in can.server_groups:
            with bench.tally.cell("client", f"HelloRetryRequest for {group}"):
                port = peer.listen(bench, identity, groups=[group])
                report = bench.handfast.connect(port, groups=[other_group(group), group])
                seen = json.loads(response_body(report))
                check_agreed(report.json["connection"], group=group, hello_retry_request=True)
                expect("ClientHellos", len(messages(report.json["ladder"], "ClientHello")), 2)
                check_seen("the peer", seen, can.server_sees, group=group)
        port = peer.listen(bench, identity, require=True)
        for kind in can.kinds:
            with bench.tally.cell("client", f"client certificate {kind}"):
                own = bench.identities[kind]
                report = bench.handfast.connect(port, identity=own)
                seen = json.loads(response_body(report))
                signature = report.json["connection"]["own_signature_scheme"]
                expect("the kind of key that signed", SIGNATURES[signature], kind)
                expect("the name that the peer saw", seen["client"], own.name)
        with bench.tally.cell("client", "ALPN"):
            port = peer.listen(bench, identity, alpn=["spdy/9", "http/1.1"])
            report = bench.handfast.connect(port, alpn=["h2", "http/1.1"])
            seen = json.loads(response_body(report))
            check_agreed(report.json["connection"], alpn="http/1.1")
            expect("the protocol that the peer saw", seen["alpn"], "http/1.1")


def server_product(bench, command, can, suite):
    """Where the client can't be told, the server knows one suite and one group; the name asks for the certificate."""
    identities = [bench.identities[kind] for kind in can.kinds]
    told_groups = "groups" in can.client_sets
    with Peer(command(bench)) as peer:
        for group in GROUPS:
            with bench.handfast.serve(*identities, suites=[suite], groups=[group]) as server:
                for scheme in schemes_of(can.kinds, can.client_sets):
                    with bench.tally.cell("server", f"{suite} {group} {scheme}"):
                        seen, page = peer.connect(bench, server.port, bench.identities[SIGNATURES[scheme]].name,
                                                  suites=[suite], groups=[group], signatures=[scheme])
                        check_agreed(page["connection"], cipher_suite=suite, group=group,
                                     hello_retry_request=not told_groups and group != can.first_share,
                                     own_signature_scheme=scheme)
                        check_seen("the peer", seen, can.client_sees, suite=suite, group=group, signature=scheme,
                                   alpn=page["connection"]["alpn"] or None)


def retries(can):
    """A group to begin with and one to be asked for. A client with an order of its own begins where it likes."""
    if "order" in can.client_sets:
        return [(other_group(group), group) for group in GROUPS]
    return [(can.first_share, group) for group in GROUPS if group != can.first_share]


def server_features(bench, command, can):
    identity = bench.identities["p256"]
    with Peer(command(bench)) as peer:
        if "groups" in can.client_sets:
            for first, group in retries(can):
                with bench.tally.cell("server", f"HelloRetryRequest for {group}"), \
                        bench.handfast.serve(identity, groups=[group]) as server:
                    seen, page = peer.connect(bench, server.port, groups=[first, group])
                    check_agreed(page["connection"], group=group, hello_retry_request=True)
                    check_seen("the peer", seen, can.client_sees, group=group)
        with bench.handfast.serve(identity, client_auth="require", client_ca=bench.identities.roots) as server:
            for kind in can.kinds:
                with bench.tally.cell("server", f"client certificate {kind}"):
                    own = bench.identities[kind]
                    _, page = peer.connect(bench, server.port, chain=own.chain, key=own.key)
                    check_agreed(page["connection"], peer_verified=True)
                    expect("the kind of key that signed", SIGNATURES[page["connection"]["peer_signature_scheme"]], kind)
        with bench.handfast.serve(identity, alpn=["http/1.1", "http/1.0"]) as server:
            with bench.tally.cell("server", "ALPN"):
                seen, page = peer.connect(bench, server.port, alpn=["h2", "http/1.1"])
                check_agreed(page["connection"], alpn="http/1.1")
                expect("the protocol that the peer saw", seen["alpn"], "http/1.1")
