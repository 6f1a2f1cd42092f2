"""What the peers have in common that are a language's own TLS: each is a small program that speaks lines of JSON.

A line in, one line out: {"do": "connect", "port", "name", "trust", "chain", "key", "versions", "suites", "groups",
"signatures", "alpn", "extended_master_secret", "tickets", "session"} connects, asks for the page and tells what it saw
and got; {"do": "listen", "trust", "chain", "key", "require", "versions", "suites", "groups", "signatures", "alpn",
"extended_master_secret", "tickets", "lifetime"} gives {"port"}, and from there on each request to that port is answered
with what the peer saw. `versions` are the lowest and the highest ("1.2"); `session` is a name: connections that have
the same one resume each other's sessions; `lifetime` is that of a server's sessions, in seconds. Empty lists are the
peer's defaults; null is "none". What a peer can't set it ignores, what it can't see is missing from its answer; both
stand in its Abilities. The end of its input ends it.
"""

import contextlib
import functools
import json
import re
import time
from collections import namedtuple

import sessions
from cells import (AEADS, GROUPS, RANGES, SIGNATURES, TLS12, TLS13, VERSIONS, Failure, best, check_maker, choices,
                   cipher_suites, expect, first_signatures, other_group, told)
from handfast import answer, check_agreed, check_choice, messages, response_body
from programs import Program

# `kinds` of keys it has; what it can be told as client and as server ("order": that of its groups); what it tells as
# client and as server; `first_shares`: the groups of its key shares where it can't be told; `server_groups`: the
# groups that it can be told as a server; `master_secrets`: whether in TLS 1.2 it can do with extended_master_secret and
# without; `suite_name`: what it calls a suite; how it resumes sessions as client and as server ("psk", "ticket",
# "session_id"), whether it tells of it, whether it can be told for how long, and whether a session of TLS 1.3 that was
# resumed leaves one for the next time; `post_quantum`: its groups with ML-KEM, the one that it begins with first.
Abilities = namedtuple("Abilities", "kinds client_sets server_sets client_sees server_sees first_shares server_groups "
                       "master_secrets suite_name client_resumes server_resumes sees_resumption server_lifetime "
                       "renews post_quantum",
                       defaults=[("x25519",), GROUPS, (True,), lambda suite: suite, (), (), False, False, True, ()])


class Refused(Failure):
    """The peer says that something went wrong."""


class Peer(Program):
    """The peer's program, while the block lasts."""

    def ask(self, **request):
        self.said_before = len(self.said())
        self.say(json.dumps(request) + "\n")
        reply = json.loads(self.wait_for(r"^\{.*\}\n", self.said_before)[0])
        if "error" in reply:
            raise Refused(f"the peer says: {reply['error']}")
        return reply

    def listen(self, bench, identity, versions=(TLS13,), **settings):
        request = {"trust": bench.identities.roots, "chain": identity.chain, "key": identity.key, "require": False,
                   "suites": [], "groups": [], "signatures": [], "alpn": [], "extended_master_secret": True,
                   "tickets": True, "lifetime": None}
        return self.ask(do="listen", versions=_ends(versions), **(request | settings))["port"]

    def connect(self, bench, port, name="localhost", versions=(TLS13,), **settings):
        request = {"trust": bench.identities.roots, "chain": None, "key": None, "suites": [], "groups": [],
                   "signatures": [], "alpn": [], "extended_master_secret": True, "tickets": True, "session": None}
        reply = self.ask(do="connect", port=port, name=name, versions=_ends(versions), **(request | settings))
        return reply, answer(reply["body"])


def _ends(versions):
    return [versions[0].number, versions[-1].number]


def jobs(command, can):
    """`command(bench)` starts the peer's program."""
    for version in VERSIONS:
        for aead in AEADS:
            yield functools.partial(client_product, command=command, can=can, version=version, aead=aead)
            yield functools.partial(server_product, command=command, can=can, version=version, aead=aead)
        yield functools.partial(client_features, command=command, can=can, version=version)
        yield functools.partial(server_features, command=command, can=can, version=version)
    if can.server_groups:
        yield functools.partial(client_is_asked_again, command=command, can=can)
    if "groups" in can.client_sets:
        yield functools.partial(server_asks_again, command=command, can=can)
    if can.post_quantum:
        yield functools.partial(client_is_post_quantum, command=command, can=can)
        yield functools.partial(server_is_post_quantum, command=command, can=can)
    for how in can.server_resumes:
        yield functools.partial(client_resumes, command=command, can=can, how=how)
    for how in can.client_resumes:
        yield functools.partial(server_resumes, command=command, can=can, how=how)
    yield functools.partial(client_of_ranges, command=command, can=can)
    yield functools.partial(server_of_ranges, command=command, can=can)


def choices_of(can, settings, version, aead):
    """Of all choices with this AEAD those of the peer: of each kind of key it has the first scheme only, where it can't
    be told."""
    schemes = first_signatures(can.kinds)
    if "signatures" in settings:
        schemes = [scheme for scheme in version.signatures if SIGNATURES[scheme] in can.kinds]
    return choices(version, schemes, [aead], master_secrets=can.master_secrets if version is TLS12 else None)


def check_scheme(scheme, choice, settings):
    """The scheme itself where the peer was told it, else one that the kind of key makes."""
    if "signatures" in settings:
        expect("the signature", scheme, choice.signature)
    else:
        check_maker(choice.version, scheme, choice.kind)


def check_seen(what, seen, can, **wanted):
    for field, value in wanted.items():
        if field in can:
            expect(f"the {field} that {what} saw", seen.get(field), value)


def client_product(bench, command, can, version, aead):
    ports = {}
    with Peer(command(bench)) as peer:
        for choice in choices_of(can, can.server_sets, version, aead):
            identity = bench.identities[choice.kind]
            settings = choice.signature, choice.extended_master_secret
            if settings not in ports:
                ports[settings] = peer.listen(bench, identity, [version], signatures=[choice.signature],
                                              extended_master_secret=choice.extended_master_secret)
            with bench.tally.cell("client", choice):
                report = bench.handfast.connect(ports[settings], name=identity.name, **choice.offer)
                seen = json.loads(response_body(report))
                connection = report.json["connection"]
                check_choice(connection, choice, peer_verified=True)
                check_scheme(connection["peer_signature_scheme"], choice, can.server_sets)
                check_seen("the peer", seen, can.server_sees, suite=can.suite_name(choice.suite), group=choice.group,
                           signature=choice.signature, alpn=connection["alpn"] or None)


def client_is_asked_again(bench, command, can):
    with Peer(command(bench)) as peer:
        for group in can.server_groups:
            with bench.tally.cell("client", f"HelloRetryRequest for {group}"):
                port = peer.listen(bench, bench.identities["p256"], groups=[group])
                report = bench.handfast.connect(port, groups=[other_group(group), group])
                seen = json.loads(response_body(report))
                check_agreed(report.json["connection"], group=group, hello_retry_request=True)
                expect("ClientHellos", len(messages(report.json["ladder"], "ClientHello")), 2)
                check_seen("the peer", seen, can.server_sees, group=group)


def client_is_post_quantum(bench, command, can):
    with Peer(command(bench)) as peer:
        port = peer.listen(bench, bench.identities["p256"])
        for group, flags in [(group, {"groups": [group]}) for group in can.post_quantum] + [(can.post_quantum[0], {})]:
            with bench.tally.cell("client", group if flags else f"{group} by default"):
                report = bench.handfast.connect(port, **flags)
                seen = json.loads(response_body(report))
                check_agreed(report.json["connection"], group=group, hello_retry_request=False)
                check_seen("the peer", seen, can.server_sees, group=group)


def server_is_post_quantum(bench, command, can):
    """A group that the peer sends no share of by itself is asked for."""
    first, *others = can.post_quantum
    identity = bench.identities["p256"]
    with Peer(command(bench)) as peer:
        for group in can.post_quantum:
            with bench.tally.cell("server", group), bench.handfast.serve(identity, groups=[group]) as server:
                seen, page = peer.connect(bench, server.port, groups=[group])
                check_agreed(page["connection"], group=group, hello_retry_request=False)
                check_seen("the peer", seen, can.client_sees, group=group)
        with bench.tally.cell("server", f"{first} by default"), bench.handfast.serve(identity) as server:
            _, page = peer.connect(bench, server.port)
            check_agreed(page["connection"], group=first, hello_retry_request=False)
        for group in others:
            with bench.tally.cell("server", f"HelloRetryRequest for {group}"), \
                    bench.handfast.serve(identity, groups=[group]) as server:
                _, page = peer.connect(bench, server.port)
                check_agreed(page["connection"], group=group, hello_retry_request=True)


def client_features(bench, command, can, version):
    """Client certificates, ALPN."""
    identity = bench.identities["p256"]
    with Peer(command(bench)) as peer:
        port = peer.listen(bench, identity, [version], require=True)
        for kind in can.kinds:
            with bench.tally.cell("client", f"{version.name} client certificate {kind}"):
                own = bench.identities[kind]
                report = bench.handfast.connect(port, identity=own, tls=version.number)
                seen = json.loads(response_body(report))
                check_agreed(report.json["connection"], version)
                check_maker(version, report.json["connection"]["own_signature_scheme"], kind)
                expect("the name that the peer saw", seen["client"], own.name)
        with bench.tally.cell("client", f"{version.name} ALPN"):
            port = peer.listen(bench, identity, [version], alpn=["spdy/9", "http/1.1"])
            report = bench.handfast.connect(port, alpn=["h2", "http/1.1"], tls=version.number)
            seen = json.loads(response_body(report))
            check_agreed(report.json["connection"], version, alpn="http/1.1")
            expect("the protocol that the peer saw", seen["alpn"], "http/1.1")


def version_of(how):
    return TLS13 if how == "psk" else TLS12


def client_resumes(bench, command, can, how):
    """As often as there is a new one; under another name, past its lifetime and at another server it is in full."""
    identity, version, tickets = bench.identities["p256"], version_of(how), how != "session_id"
    session = sessions.file_for(bench, "scripted-client", how)
    with Peer(command(bench)) as peer:
        port = peer.listen(bench, identity, [version], tickets=tickets)

        def saw(report, resumed):
            if can.sees_resumption:
                expect("whether the peer resumed it", json.loads(response_body(report))["resumed"], resumed)

        with bench.tally.cell("client", f"{how} is resumed"):
            saw(sessions.first(bench, port, session, version), False)
            saw(report := sessions.again(bench, port, session, version, how), True)
            if version is TLS12 or can.renews:
                saw(sessions.again(bench, port, session, version, how), True)
            else:
                expect("what became of the session's file", report.json["session"]["file_state"], "removed")
        with bench.tally.cell("client", f"{how} under another name"):
            session = sessions.file_for(bench, "scripted-name", how)
            saw(sessions.first(bench, port, session, version), False)
            saw(sessions.refused(bench, port, session, version, miss="server_name", name=identity.name), False)
            saw(sessions.again(bench, port, session, version, how, name=identity.name), True)
        with bench.tally.cell("client", f"{how} at another port"):
            session = sessions.file_for(bench, "scripted-port", how)
            saw(sessions.first(bench, port, session, version), False)
            other = peer.listen(bench, identity, [version], tickets=tickets)
            saw(sessions.refused(bench, other, session, version, miss="port"), False)
        if can.server_lifetime:
            with bench.tally.cell("client", f"{how} that has expired"):
                port = peer.listen(bench, identity, [version], tickets=tickets, lifetime=1)
                session = sessions.file_for(bench, "scripted-expired", how)
                sessions.first(bench, port, session, version)
                time.sleep(2.1)
                # An ID comes without a lifetime.
                refusal = "declined" if how == "session_id" else "expired"
                saw(sessions.refused(bench, port, session, version, refusal=refusal), False)


def server_resumes(bench, command, can, how):
    """The same of the peer's sessions with us."""
    identity, version = bench.identities["p256"], version_of(how)
    with Peer(command(bench)) as peer, bench.handfast.serve(identity, tls=version.number) as server:

        def connect(port, resumed, name="localhost"):
            seen, page = peer.connect(bench, port, versions=[version], name=name, tickets=how != "session_id",
                                      session=how)
            if can.sees_resumption:
                expect("whether the peer resumed it", seen["resumed"], resumed)
            if resumed:
                sessions.check_resumed(page["connection"], version, how)
                sessions.check_abbreviated(page["ladder"])
                server.wait_for(sessions.LOGGED[how])
            else:
                check_agreed(page["connection"], version, resumption="none")

        with bench.tally.cell("server", f"{how} is resumed"):
            connect(server.port, False)
            for _ in range(2):
                connect(server.port, True)
        with bench.tally.cell("server", f"{how} under another name"):
            connect(server.port, False, name=identity.name)
        with bench.handfast.serve(identity, tls=version.number) as other, \
                bench.tally.cell("server", f"{how} at a server that does not know it"):
            connect(other.port, False)


def client_of_ranges(bench, command, can):
    with Peer(command(bench)) as peer:
        for theirs in RANGES:
            port = peer.listen(bench, bench.identities["p256"], theirs)
            for ours in RANGES:
                with bench.tally.cell("client", f"{told(ours)} of a server with {told(theirs)}"):
                    report = bench.handfast.connect(port, tls=told(ours))
                    if version := best(ours, theirs):
                        response_body(report)
                        check_agreed(report.json["connection"], version)
                    else:
                        expect("exit code and verdict", (report.code, report.json["verdict"]["code"]),
                               (5, "no_common_version"))


def server_product(bench, command, can, version, aead):
    """Where the client can't be told, the server knows one AEAD and one group; the name asks for the certificate."""
    told_groups = "groups" in can.client_sets
    servers = {group: bench.handfast.serve(*(bench.identities[kind] for kind in can.kinds), tls=version.number,
                                           suites=cipher_suites(version, aead), groups=[group]) for group in GROUPS}
    with Peer(command(bench)) as peer, contextlib.ExitStack() as running:
        for server in servers.values():
            running.enter_context(server)
        for choice in choices_of(can, can.client_sets, version, aead):
            with bench.tally.cell("server", choice):
                seen, page = peer.connect(bench, servers[choice.group].port, bench.identities[choice.kind].name,
                                          [version], suites=[choice.suite], groups=choice.groups,
                                          signatures=[choice.signature],
                                          extended_master_secret=choice.extended_master_secret)
                retried = version is TLS13 and not told_groups and choice.group not in can.first_shares
                check_choice(page["connection"], choice, hello_retry_request=retried)
                check_scheme(page["connection"]["own_signature_scheme"], choice, can.client_sets)
                check_seen("the peer", seen, can.client_sees, suite=can.suite_name(choice.suite), group=choice.group,
                           alpn=page["connection"]["alpn"] or None)


def retries(can):
    """A group to begin with and one to be asked for. A client with an order of its own begins where it likes."""
    if "order" in can.client_sets:
        return [(other_group(group), group) for group in GROUPS]
    return [(can.first_shares[0], group) for group in GROUPS if group not in can.first_shares]


def server_asks_again(bench, command, can):
    with Peer(command(bench)) as peer:
        for first, group in retries(can):
            with bench.tally.cell("server", f"HelloRetryRequest for {group}"), \
                    bench.handfast.serve(bench.identities["p256"], groups=[group]) as server:
                seen, page = peer.connect(bench, server.port, groups=[first, group])
                check_agreed(page["connection"], group=group, hello_retry_request=True)
                check_seen("the peer", seen, can.client_sees, group=group)


def server_features(bench, command, can, version):
    identity = bench.identities["p256"]
    with Peer(command(bench)) as peer:
        with bench.handfast.serve(identity, client_auth="require", client_ca=bench.identities.roots,
                                  tls=version.number) as server:
            for kind in can.kinds:
                with bench.tally.cell("server", f"{version.name} client certificate {kind}"):
                    own = bench.identities[kind]
                    _, page = peer.connect(bench, server.port, versions=[version], chain=own.chain, key=own.key)
                    check_agreed(page["connection"], version, peer_verified=True)
                    check_maker(version, page["connection"]["peer_signature_scheme"], kind)
        with bench.handfast.serve(identity, alpn=["http/1.1", "http/1.0"], tls=version.number) as server:
            with bench.tally.cell("server", f"{version.name} ALPN"):
                seen, page = peer.connect(bench, server.port, versions=[version], alpn=["h2", "http/1.1"])
                check_agreed(page["connection"], version, alpn="http/1.1")
                expect("the protocol that the peer saw", seen["alpn"], "http/1.1")


def server_of_ranges(bench, command, can):
    with Peer(command(bench)) as peer:
        for ours in RANGES:
            with bench.handfast.serve(bench.identities["p256"], tls=told(ours)) as server:
                for theirs in RANGES:
                    with bench.tally.cell("server", f"{told(ours)} of a client with {told(theirs)}"):
                        if version := best(ours, theirs):
                            _, page = peer.connect(bench, server.port, versions=theirs)
                            check_agreed(page["connection"], version)
                        else:
                            is_refused(peer, bench, server, theirs)


def is_refused(peer, bench, server, versions):
    try:
        peer.connect(bench, server.port, versions=versions)
    except Refused as refused:
        if not re.search("protocol.version", str(refused), re.I):
            raise
    else:
        raise Failure("the peer got a page")
