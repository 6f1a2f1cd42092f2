"""openssl s_client and s_server: sessions that are resumed, and early data."""

import functools
import json
import os
import shutil
import threading
import time

import sessions
from capture import Recorder
from cells import AEADS, GROUPS, TLS12, TLS13, VERSIONS, cipher_suite, expect, expect_in, other_group
from handfast import REQUEST, answer, check_agreed, messages, response_body
from peers import openssl
from peers.openssl import Server, missing, s_client  # missing() is the matrix's
from programs import Program, checked, free_port, run

KEYS = ("p256", "rsa")
_FILE_REQUEST = REQUEST.replace("GET / ", "GET /big.txt ")
_METHODS = ((TLS13, "psk"), (TLS12, "ticket"), (TLS12, "session_id"))


def jobs():
    for version, how in _METHODS:
        for job in (client_resumes, client_with_certificate, client_crossings, server_resumes, server_with_certificate,
                    server_crossings):
            yield functools.partial(job, version=version, how=how)
    for version in VERSIONS:
        yield functools.partial(client_without_sessions, version=version)
        yield functools.partial(server_without_sessions, version=version)
    yield from (client_is_asked_again, client_stateful, client_master_secret, server_is_asked_again, server_tickets,
                server_reconnects, server_expiry, server_master_secret, server_other_version, early_data_accepted,
                early_data_rejected, early_data_replayed, early_data_overtaken, client_early_data,
                client_early_data_rejected, client_early_data_not_sent)


def no_ticket(how):
    return ["-no_ticket"] if how == "session_id" else []


def reused(version, suite, resumed=True):
    """The line in which both programs say it."""
    return f"{'Reused' if resumed else 'New'}, {openssl.VERSION[version]}, Cipher is {openssl.suite_name(suite)}\n"


# Handfast as client


def client_resumes(bench, version, how):
    """With every suite, three times in a row: each connection leaves a session for the next."""
    for kind in KEYS if version is TLS12 else KEYS[:1]:
        identity = bench.identities[kind]
        with Server(identity, "-www", *no_ticket(how), versions=[version]) as server:
            for aead in AEADS:
                suite = cipher_suite(version, aead, kind)
                session = sessions.file_for(bench, "client", how, suite)
                options = {"name": identity.name, "suites": [suite]}
                with bench.tally.cell("client", f"{how} {suite}"):
                    page = response_body(sessions.first(bench, server.port, session, version, **options))
                    expect_in("s_server's page", page, reused(version, suite, False))
                    for _ in range(2):
                        page = response_body(sessions.again(bench, server.port, session, version, how, **options))
                        expect_in("s_server's page", page, reused(version, suite))


def client_stateful(bench):
    """In TLS 1.3 without tickets the PSK's identity is a session ID."""
    with Server(bench.identities["p256"], "-www", "-no_ticket") as server, \
            bench.tally.cell("client", "psk, kept by s_server"):
        session = sessions.file_for(bench, "client-stateful")
        sessions.first(bench, server.port, session, TLS13)
        report = sessions.again(bench, server.port, session, TLS13)
        expect_in("s_server's page", response_body(report), "Reused, TLSv1.3, ")


def client_is_asked_again(bench):
    """The binder is made anew over the HelloRetryRequest."""
    for group in GROUPS:
        with Server(bench.identities["p256"], "-www", "-groups", openssl.GROUP[group]) as server, \
                bench.tally.cell("client", f"psk, HelloRetryRequest for {group}"):
            session = sessions.file_for(bench, "client-retry", group)
            groups = [other_group(group), group]
            sessions.first(bench, server.port, session, TLS13, groups=groups)
            report = sessions.again(bench, server.port, session, TLS13, groups=groups)
            check_agreed(report.json["connection"], group=group, hello_retry_request=True)
            expect_in("s_server's page", response_body(report), "Reused, TLSv1.3, ")


def client_with_certificate(bench, version, how):
    """Who we are is part of the session: shown once."""
    identity = bench.identities["rsa"]
    with Server(bench.identities["p256"], "-www", "-Verify", "2", "-verify_return_error", "-CAfile",
                bench.identities.roots, *no_ticket(how), versions=[version]) as server, \
            bench.tally.cell("client", f"{how} with a client certificate"):
        session = sessions.file_for(bench, "client-certificate", how)
        sessions.first(bench, server.port, session, version, identity=identity)
        page = response_body(sessions.again(bench, server.port, session, version, how, identity=identity))
        expect_in("s_server's page", page, "Reused, ")
        expect_in("s_server's page", page, identity.name)
        sessions.refused(bench, server.port, session, version, miss="policy", identity=bench.identities["p256"])


def client_crossings(bench, version, how):
    """Another name, another policy, a server that has forgotten: full handshakes, and the next one resumes again."""
    identity, port = bench.identities["p256"], free_port()
    session = sessions.file_for(bench, "client-crossings", how)

    def start():
        return Server(identity, "-www", *no_ticket(how), versions=[version], port=port)

    with start():
        with bench.tally.cell("client", f"{how} under another name"):
            sessions.first(bench, port, session, version)
            report = sessions.refused(bench, port, session, version, miss="server_name", name=identity.name)
            expect_in("s_server's page", response_body(report), "New, ")
            sessions.again(bench, port, session, version, how, name=identity.name)
        with bench.tally.cell("client", f"{how} under another policy"):
            sessions.refused(bench, port, session, version, miss="policy", name=identity.name, alpn=["h2", "http/1.1"])
    with start(), bench.tally.cell("client", f"{how} that the server has forgotten"):
        report = sessions.refused(bench, port, session, version, refusal="declined", name=identity.name,
                                  alpn=["h2", "http/1.1"])
        expect_in("s_server's page", response_body(report), "New, ")
        sessions.again(bench, port, session, version, how, name=identity.name, alpn=["h2", "http/1.1"])


def client_without_sessions(bench, version):
    """A server that gives none: none is saved, none is offered."""
    flags = ["-num_tickets", "0"] if version is TLS13 else ["-no_ticket", "-no_cache"]
    session = sessions.file_for(bench, "client-none", version.name)
    with Server(bench.identities["p256"], "-www", *flags, versions=[version]) as server, \
            bench.tally.cell("client", f"{version.name} a server without sessions"):
        for _ in range(2):
            report = bench.handfast.connect(server.port, session=session, tls=version.number)
            response_body(report)
            check_agreed(report.json["connection"], version, resumption="none")
            told = report.json["session"]
            expect("the session's file", (told["miss"], told["file_state"]), ("no_file", "nothing"))


def client_master_secret(bench):
    """Sessions without extended_master_secret go on without it."""
    for how in ("ticket", "session_id"):
        with Server(bench.identities["p256"], "-www", *no_ticket(how), versions=[TLS12],
                    extended_master_secret=False) as server, \
                bench.tally.cell("client", f"{how} without extended_master_secret"):
            session = sessions.file_for(bench, "client-plain", how)
            sessions.first(bench, server.port, session, TLS12)
            page = response_body(report := sessions.again(bench, server.port, session, TLS12, how))
            expect("our extended_master_secret", report.json["connection"]["extended_master_secret"], False)
            openssl.check_master_secret("s_server's page", page, False)


# Early data, from us

_EARLY = ["-early_data", "-max_early_data", "16384"]
_TEXT = "what comes early\n"


def begin(bench, port, session, **flags):
    """A connection that leaves a session, and that is all."""
    command = bench.handfast.connect_command(port, session=session, tls="1.3", **flags)
    report = json.loads(checked(command + ["--json"]))
    expect("what became of the session's file", report["session"]["file_state"], "written")
    return report["session"]["session"]


def send_early(bench, server, session, *more, text=_TEXT, **flags):
    """Sends `text` as early data; s_server ends the connection once it got it, or was to get none. The report, and what
    s_server said."""
    _, early = early_files(bench, os.path.basename(session), text)
    said = len(server.said())
    command = bench.handfast.connect_command(server.port, session=session, early_data=early, tls="1.3", **flags)
    with Program([*command, "--json", *more]) as client:
        if "--early-data-retry" in more:
            server.wait_for(f"^{text}", said)
        else:
            server.wait_for("^(End of early data|No early data received|ERROR|DONE)$", said)
        server.say("q\n")
        client.wait_for_end()
        return json.loads(client.said()), server.said()[said:]


def check_early(report, **wanted):
    """Where there is an answer to wait for, it ends without a close_notify: that is how s_server quits."""
    expect("the verdict", report["verdict"]["code"], "truncated" if wanted["delivered"] else "early_data_rejected")
    expect("our early data", {field: report["early_data"][field] for field in wanted}, wanted)
    expect("the connection's early data", report["connection"]["early_data"], wanted["outcome"])


def client_early_data(bench):
    with Server(bench.identities["p256"], *_EARLY) as server:
        for aead in AEADS:
            suite = cipher_suite(TLS13, aead)
            with bench.tally.cell("client", f"early data {suite}"):
                session = sessions.file_for(bench, "client-early", suite)
                expect("early data that s_server takes", begin(bench, server.port, session, suites=[suite])[
                    "max_early_data"], 16384)
                report, said = send_early(bench, server, session, suites=[suite])
                check_early(report, outcome="accepted", sent=True, delivered="early")
                sessions.check_resumed(report["connection"], TLS13)
                expect_in("what s_server said", said, "Early data received:\n")
                expect_in("what s_server got", said, _TEXT)


def client_early_data_rejected(bench):
    """What is not taken comes as ordinary data where we are told to, and else not at all."""
    identity, port = bench.identities["p256"], free_port()
    for retry in ([], ["--early-data-retry"]):
        name = "sent again" if retry else "not sent again"
        wanted = "ordinary" if retry else None
        session = sessions.file_for(bench, "client-early-rejected", name)
        with Server(identity, *_EARLY, port=port):
            begin(bench, port, session)
        for peer, flags in (("has forgotten", _EARLY), ("takes none", [])):
            with Server(identity, *flags, port=port) as server, \
                    bench.tally.cell("client", f"early data to a server that {peer}, {name}"):
                copy = shutil.copy(session, f"{session}-{len(flags)}")
                report, said = send_early(bench, server, copy, *retry)
                check_early(report, outcome="session_not_resumed", sent=True, delivered=wanted)
                expect("whether s_server got it", _TEXT in said, bool(retry))
        # With its own protection against replay s_server has used the session up by the second ClientHello.
        with Server(identity, *_EARLY, "-no_anti_replay", "-groups", "P-256") as server, \
                bench.tally.cell("client", f"early data before a HelloRetryRequest, {name}"):
            session = sessions.file_for(bench, "client-early-retry", name)
            begin(bench, server.port, session, groups=["x25519", "secp256r1"])
            report, said = send_early(bench, server, session, *retry, groups=["x25519", "secp256r1"])
            check_early(report, outcome="hello_retry_request", sent=True, delivered=wanted)
            sessions.check_resumed(report["connection"], TLS13, hello_retry_request=True)
            expect("whether s_server got it", _TEXT in said, bool(retry))
        with Server(identity, *_EARLY) as server, \
                bench.tally.cell("client", f"early data with a session that s_server has given out before, {name}"):
            session = sessions.file_for(bench, "client-early-twice", name)
            begin(bench, server.port, session)
            copy = shutil.copy(session, f"{session}-copy")
            report, _ = send_early(bench, server, session)
            check_early(report, outcome="accepted", sent=True, delivered="early")
            report, said = send_early(bench, server, copy, *retry)
            check_early(report, outcome="session_not_resumed", sent=True, delivered=wanted)
            expect("whether s_server got it", _TEXT in said, bool(retry))


def client_early_data_not_sent(bench):
    """A session that allows none, or less."""
    for name, flags, outcome in (("none", [], "unsupported_for_session"),
                                 ("less", ["-early_data", "-max_early_data", str(len(_TEXT) - 1)], None)):
        with Server(bench.identities["p256"], *flags) as server, \
                bench.tally.cell("client", f"early data with a session that allows {name}"):
            session = sessions.file_for(bench, "client-early-no", name)
            begin(bench, server.port, session)
            report, said = send_early(bench, server, session, "--early-data-retry")
            check_early(report, outcome=outcome or report["connection"]["early_data"], sent=False,
                        delivered="ordinary")
            sessions.check_resumed(report["connection"], TLS13)
            expect("whether it came early", "Early data received" in said, False)


# Handfast as server


def save(bench, server, session, *flags, version=TLS13, **options):
    """A full handshake of s_client, which saves its session."""
    out = s_client(bench, server, "-sess_out", session, *flags, versions=[version], **options)
    page = answer(out)
    check_agreed(page["connection"], version, resumption="none")
    return page


def resume(bench, server, session, *flags, version=TLS13, how=None, **options):
    """One that offers it, and saves the next."""
    out = s_client(bench, server, "-sess_in", session, "-sess_out", session, *flags, versions=[version], **options)
    page = answer(out)
    sessions.check_resumed(page["connection"], version, how)
    sessions.check_abbreviated(page["ladder"])
    expect_in("s_client's output", out, f"Reused, {openssl.VERSION[version]}, ")
    server.wait_for(sessions.LOGGED[how or sessions.RESUMED[version]])
    return page


def in_full(bench, server, session, *reasons, flags=(), version=TLS13, **options):
    """One that offers it and is given a full handshake instead, for these reasons."""
    out = s_client(bench, server, "-sess_in", session, *flags, versions=[version], **options)
    sessions.check_in_full(answer(out), version, *reasons)
    expect_in("s_client's output", out, f"New, {openssl.VERSION[version]}, ")


def server_resumes(bench, version, how):
    """With every suite, three times in a row."""
    identities = [bench.identities[kind] for kind in KEYS]
    with bench.handfast.serve(*identities, tls=version.number) as server:
        for identity in identities if version is TLS12 else identities[:1]:
            for aead in AEADS:
                suite = cipher_suite(version, aead, identity.kind)
                session = sessions.file_for(bench, "server", how, suite)
                flags = [*openssl.suite_flag(suite), *no_ticket(how)]
                with bench.tally.cell("server", f"{how} {suite}"):
                    save(bench, server, session, *flags, version=version, name=identity.name)
                    for _ in range(2):
                        page = resume(bench, server, session, *flags, version=version, how=how, name=identity.name)
                        expect("our suite", page["connection"]["cipher_suite"], suite)


def server_is_asked_again(bench):
    """The binder is made anew over our HelloRetryRequest."""
    for group in GROUPS:
        with bench.handfast.serve(bench.identities["p256"], groups=[group]) as server, \
                bench.tally.cell("server", f"psk, HelloRetryRequest for {group}"):
            session = sessions.file_for(bench, "server-retry", group)
            flags = ["-groups", f"{openssl.GROUP[other_group(group)]}:{openssl.GROUP[group]}"]
            save(bench, server, session, *flags)
            page = resume(bench, server, session, *flags)
            check_agreed(page["connection"], group=group, hello_retry_request=True)


def server_with_certificate(bench, version, how):
    """Who the client is we know from the session."""
    own = bench.identities["rsa"]
    with bench.handfast.serve(bench.identities["p256"], client_auth="require", client_ca=bench.identities.roots,
                              tls=version.number) as server, \
            bench.tally.cell("server", f"{how} with a client certificate"):
        session = sessions.file_for(bench, "server-certificate", how)
        save(bench, server, session, "-cert", own.chain, "-cert_chain", own.issuer, "-key", own.key, *no_ticket(how),
             version=version)
        connection = resume(bench, server, session, *no_ticket(how), version=version, how=how)["connection"]
        expect("the client", (connection["peer_verified"], connection["peer_identity"]["dns_names"][0]),
               (True, own.name))


def server_crossings(bench, version, how):
    """Another name, and a server that has forgotten: full handshakes."""
    identity = bench.identities["p256"]
    session = sessions.file_for(bench, "server-crossings", how)
    reasons = [] if how == "session_id" else ["unknown"]
    with bench.handfast.serve(identity, tls=version.number) as server:
        with bench.tally.cell("server", f"{how} under another name"):
            save(bench, server, session, *no_ticket(how), version=version)
            in_full(bench, server, session, *reasons, flags=no_ticket(how), version=version, name=identity.name)
            resume(bench, server, session, *no_ticket(how), version=version, how=how)
    with bench.handfast.serve(identity, tls=version.number) as server, \
            bench.tally.cell("server", f"{how} that we have forgotten"):
        in_full(bench, server, session, *reasons, flags=no_ticket(how), version=version)
        if reasons:
            server.wait_for("session not resumed: nobody here knows it")


def server_without_sessions(bench, version):
    with bench.handfast.serve(bench.identities["p256"], tickets="0", tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} --tickets 0"):
        out = s_client(bench, server, *(["-no_ticket"] if version is TLS12 else []), versions=[version])
        expect("whether s_client got a ticket", "TLS session ticket:" in out, False)
        expect("NewSessionTickets", messages(answer(out)["ladder"], "NewSessionTicket"), [])
        if version is TLS12:
            expect_in("s_client's output", out, "Session-ID: \n")


def server_tickets(bench):
    """As many as are asked for, and after a resumption one more."""
    for count in ("1", "2", "5"):
        with bench.handfast.serve(bench.identities["p256"], tickets=count, ticket_lifetime="5000") as server, \
                bench.tally.cell("server", f"--tickets {count}"):
            session = sessions.file_for(bench, "server-tickets", count)
            out = s_client(bench, server, "-sess_out", session)
            expect("tickets that s_client got", out.count("Post-Handshake New Session Ticket arrived:"), int(count))
            expect_in("s_client's output", out, "TLS session ticket lifetime hint: 5000 (seconds)")
            expect_in("s_client's output", out, "Max Early Data: 0\n")
            resume(bench, server, session)


def server_reconnects(bench):
    """-reconnect: five more times in one process, before anything is asked for."""
    for how in ("ticket", "session_id"):
        with bench.handfast.serve(bench.identities["p256"], tls="1.2") as server, \
                bench.tally.cell("server", f"{how} -reconnect"):
            out = s_client(bench, server, "-reconnect", *no_ticket(how), versions=[TLS12])
            expect("connections that were resumed", (out.count("New, TLSv1.2"), out.count("Reused, TLSv1.2")), (1, 5))
            sessions.check_resumed(answer(out)["connection"], TLS12, how)


def server_expiry(bench):
    """A second past a lifetime of one second there is none any more, however late the client comes."""
    for version, how in _METHODS:
        with bench.handfast.serve(bench.identities["p256"], ticket_lifetime="1", tls=version.number) as server, \
                bench.tally.cell("server", f"{how} that has expired"):
            session = sessions.file_for(bench, "server-expiry", how)
            save(bench, server, session, *no_ticket(how), version=version)
            time.sleep(2.1)
            out = s_client(bench, server, "-sess_in", session, *no_ticket(how), versions=[version])
            expect("how it was resumed", answer(out)["connection"]["resumption"], "none")
            expect_in("s_client's output", out, "New, ")


def server_master_secret(bench):
    """RFC 7627, section 5.3: a session without it is not resumed by a client that has it."""
    for how in ("ticket", "session_id"):
        with bench.handfast.serve(bench.identities["p256"], tls="1.2") as server:
            session = sessions.file_for(bench, "server-plain", how)
            with bench.tally.cell("server", f"{how} without extended_master_secret"):
                save(bench, server, session, *no_ticket(how), version=TLS12, extended_master_secret=False)
                page = resume(bench, server, session, *no_ticket(how), version=TLS12, how=how,
                              extended_master_secret=False)
                expect("our extended_master_secret", page["connection"]["extended_master_secret"], False)
            with bench.tally.cell("server", f"{how} without extended_master_secret, by a client with it"):
                in_full(bench, server, session, "extended_master_secret", flags=no_ticket(how), version=TLS12)


def server_other_version(bench):
    """A session of TLS 1.2 is none of TLS 1.3, and the other way about."""
    with bench.handfast.serve(bench.identities["p256"], tls="1.2..1.3") as server:
        for version, other in ((TLS12, TLS13), (TLS13, TLS12)):
            with bench.tally.cell("server", f"a session of {version.name} in {other.name}"):
                session = sessions.file_for(bench, "server-other", version.name)
                save(bench, server, session, version=version)
                out = s_client(bench, server, "-sess_in", session, versions=(TLS12, TLS13)[:1 + (other is TLS13)])
                check_agreed(answer(out)["connection"], other, resumption="none")


# Early data, to us


def early_files(bench, name, request=REQUEST):
    """The files of a session and of a request that goes early."""
    early = sessions.file_for(bench, "early", name)
    with open(early, "w", encoding="ascii", newline="") as file:
        file.write(request)
    return sessions.file_for(bench, "early-session", name), early


def early_data_accepted(bench):
    with bench.handfast.serve(bench.identities["p256"], early_data="16384") as server:
        for aead in AEADS:
            suite = cipher_suite(TLS13, aead)
            with bench.tally.cell("server", f"early data {suite}"):
                session, early = early_files(bench, suite)
                out = s_client(bench, server, "-sess_out", session, *openssl.suite_flag(suite))
                expect_in("s_client's output", out, "Max Early Data: 16384\n")
                out = s_client(bench, server, "-sess_in", session, "-early_data", early, *openssl.suite_flag(suite),
                               request="")
                expect_in("s_client's output", out, "Early data was accepted\n")
                sessions.check_resumed(answer(out)["connection"], TLS13, cipher_suite=suite, early_data="accepted")
                server.wait_for("early data accepted")


def rejected(bench, server, session, early, *flags):
    """An s_client whose early data is not taken: it asks again, in 1-RTT."""
    out = s_client(bench, server, "-sess_in", session, "-early_data", early, *flags)
    expect_in("s_client's output", out, "Early data was rejected\n")
    return answer(out)


def early_data_rejected(bench):
    identity = bench.identities["p256"]
    session, early = early_files(bench, "rejected")
    with bench.handfast.serve(identity, early_data="16384", groups=["x25519", "secp256r1"],
                              alpn=["http/1.0", "http/1.1"]) as server:
        save(bench, server, session, "-alpn", "http/1.1")
        with bench.tally.cell("server", "early data before a HelloRetryRequest"):
            page = rejected(bench, server, session, early, "-alpn", "http/1.1", "-groups", "P-384:P-256")
            sessions.check_resumed(page["connection"], TLS13, early_data="hello_retry_request",
                                   hello_retry_request=True)
        with bench.tally.cell("server", "early data of another ALPN protocol"):
            page = rejected(bench, server, session, early, "-alpn", "http/1.0,http/1.1")
            sessions.check_resumed(page["connection"], TLS13, alpn="http/1.0", early_data="alpn_mismatch")
    for name, flags in (("that has forgotten", {"early_data": "16384"}), ("that takes none", {})):
        with bench.handfast.serve(identity, alpn=["http/1.1"], **flags) as server, \
                bench.tally.cell("server", f"early data to a server {name}"):
            page = rejected(bench, server, session, early, "-alpn", "http/1.1")
            sessions.check_in_full(page, TLS13, "unknown",
                                   early_data="session_not_resumed" if flags else "disabled")
    with bench.handfast.serve(identity) as server, bench.tally.cell("server", "a session without early data"):
        save(bench, server, session)
        out = s_client(bench, server, "-sess_in", session, "-early_data", early)
        expect_in("s_client's output", out, "Early data was not sent\n")
        sessions.check_resumed(answer(out)["connection"], TLS13, early_data="disabled")


def early_data_replayed(bench):
    """What was accepted is sent again as it was: nothing of the answer comes twice."""
    folder, data = sessions.site(bench, "replayed")
    with bench.handfast.serve(bench.identities["p256"], early_data="16384", www=folder) as server:
        session, early = early_files(bench, "replayed", _FILE_REQUEST)
        s_client(bench, server, "-sess_out", session)
        with bench.tally.cell("server", "early data that is recorded"), Recorder(server.port) as between:
            out = s_client(bench, between, "-sess_in", session, "-early_data", early, request="")
            expect_in("s_client's output", out, "Early data was accepted\n")
            expect("whether the file came", data in out, True)
            server.wait_for("early data accepted")
        stream = b"".join(part for from_client, part in between.segments if from_client)
        for name, flight in (("its first flight", stream[:sessions.end_of_early_data(stream)]),
                             ("all that its client said", stream)):
            with bench.tally.cell("server", f"early data replayed: {name}"):
                begin = len(server.said())
                sessions.check_unanswered(sessions.replay(server.port, flight))
                server.wait_for(" failed: ", begin)
                expect("flights that were taken", server.said().count("early data accepted"), 1)


def early_data_overtaken(bench):
    """Who holds a flight back can send it first. It is taken once even so: the client's own is refused, goes on in
    1-RTT, and gets the file."""
    folder, data = sessions.site(bench, "overtaken")
    with bench.handfast.serve(bench.identities["p256"], early_data="16384", www=folder) as server, \
            sessions.Flight() as held, bench.tally.cell("server", "early data that was overtaken by its copy"):
        session, early = early_files(bench, "overtaken", _FILE_REQUEST)
        s_client(bench, server, "-sess_out", session)
        outputs = []
        client = threading.Thread(target=lambda: outputs.append(
            run(["openssl", "s_client", "-connect", f"127.0.0.1:{held.port}", "-tls1_3", "-servername", "localhost",
                 "-CAfile", bench.identities.roots, "-verify_return_error", "-ign_eof", "-sess_in", session,
                 "-early_data", early], _FILE_REQUEST)))
        client.start()
        held.take()
        sessions.reach(server.port, held.bytes, sessions.BIG)
        held.pass_on(server.port)
        client.join()
        expect_in("s_client's output", outputs[0].out, "Early data was rejected\n")
        expect("whether the file came", data in outputs[0].out, True)
        server.wait_for("resumed .* early data not taken: this very flight came before")
