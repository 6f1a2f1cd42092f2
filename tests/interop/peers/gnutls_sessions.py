"""gnutls-cli and gnutls-serv: sessions that are resumed, and early data."""

import functools
import json
import os
import re
import shutil

import sessions
from cells import AEADS, GROUPS, TLS12, TLS13, VERSIONS, cipher_suite, expect, expect_in, other_group
from handfast import REQUEST, answer, check_agreed, messages, response_body
from peers.gnutls import Server, gnutls_cli, missing, priority  # missing() is the matrix's
from programs import free_port, run

KEYS = ("p256", "rsa")
_METHODS = ((TLS13, "psk"), (TLS12, "ticket"), (TLS12, "session_id"))
_RESUMED = "*** This is a resumed session\n"


def jobs():
    for version, how in _METHODS:
        for job in (client_resumes, client_with_certificate, client_crossings, server_resumes, server_with_certificate):
            yield functools.partial(job, version=version, how=how)
    for version in VERSIONS:
        yield functools.partial(server_without_sessions, version=version)
    yield from (client_is_asked_again, client_master_secret, client_without_tickets, client_early_data,
                client_early_data_rejected, client_early_data_not_sent, server_is_asked_again, server_master_secret,
                server_early_data, server_early_data_limits)


# Handfast as client


def server_flags(version, how=None, **settings):
    return ["--disable-client-cert", *(["--noticket"] if how == "session_id" else []), "--priority",
            priority([version], **settings)]


def client_resumes(bench, version, how):
    """With every suite, three times in a row."""
    for kind in KEYS if version is TLS12 else KEYS[:1]:
        identity = bench.identities[kind]
        with Server(identity, *server_flags(version, how)) as server:
            for aead in AEADS:
                suite = cipher_suite(version, aead, kind)
                session = sessions.file_for(bench, "client", how, suite)
                options = {"name": identity.name, "suites": [suite]}
                with bench.tally.cell("client", f"{how} {suite}"):
                    sessions.first(bench, server.port, session, version, **options)
                    for _ in range(2):
                        begin = len(server.said())
                        sessions.again(bench, server.port, session, version, how, **options)
                        server.wait_for(re.escape(_RESUMED), begin)


def client_is_asked_again(bench):
    """The binder is made anew over the HelloRetryRequest."""
    for group in GROUPS:
        with Server(bench.identities["p256"], *server_flags(TLS13, groups=[group])) as server, \
                bench.tally.cell("client", f"psk, HelloRetryRequest for {group}"):
            session = sessions.file_for(bench, "client-retry", group)
            groups = [other_group(group), group]
            sessions.first(bench, server.port, session, TLS13, groups=groups)
            report = sessions.again(bench, server.port, session, TLS13, groups=groups)
            check_agreed(report.json["connection"], group=group, hello_retry_request=True)


def client_with_certificate(bench, version, how):
    """Who we are is part of the session: shown once."""
    identity = bench.identities["rsa"]
    flags = ["--require-client-cert", "--verify-client-cert", "--x509cafile", bench.identities.roots,
             *server_flags(version, how)[1:]]
    with Server(bench.identities["p256"], *flags) as server, \
            bench.tally.cell("client", f"{how} with a client certificate"):
        session = sessions.file_for(bench, "client-certificate", how)
        sessions.first(bench, server.port, session, version, identity=identity)
        begin = len(server.said())
        sessions.again(bench, server.port, session, version, how, identity=identity)
        resumed = server.wait_for(re.escape(_RESUMED), begin)
        server.wait_for(f"Subject: CN={identity.name}", resumed.end())
        sessions.refused(bench, server.port, session, version, miss="policy", identity=bench.identities["p256"])


def client_crossings(bench, version, how):
    """Another name, a server that has forgotten: full handshakes, and the next one resumes again."""
    identity, port = bench.identities["p256"], free_port()
    session = sessions.file_for(bench, "client-crossings", how)
    with Server(identity, *server_flags(version, how), port=port) as server, \
            bench.tally.cell("client", f"{how} under another name"):
        sessions.first(bench, port, session, version)
        sessions.refused(bench, port, session, version, miss="server_name", name=identity.name)
        expect("whether gnutls-serv resumed it", _RESUMED in server.said(), False)
        sessions.again(bench, port, session, version, how, name=identity.name)
    with Server(identity, *server_flags(version, how), port=port) as server, \
            bench.tally.cell("client", f"{how} that the server has forgotten"):
        sessions.refused(bench, port, session, version, refusal="declined", name=identity.name)
        expect("whether gnutls-serv resumed it", _RESUMED in server.said(), False)
        sessions.again(bench, port, session, version, how, name=identity.name)


def client_without_tickets(bench):
    """In TLS 1.3 gnutls-serv has nothing else."""
    session = sessions.file_for(bench, "client-none")
    with Server(bench.identities["p256"], "--noticket", *server_flags(TLS13)) as server, \
            bench.tally.cell("client", "TLS 1.3 a server without tickets"):
        for _ in range(2):
            report = bench.handfast.connect(server.port, session=session, tls="1.3")
            response_body(report)
            check_agreed(report.json["connection"], resumption="none")
            told = report.json["session"]
            expect("the session's file", (told["miss"], told["file_state"]), ("no_file", "nothing"))


def client_master_secret(bench):
    """Sessions without extended_master_secret go on without it."""
    for how in ("ticket", "session_id"):
        with Server(bench.identities["p256"], *server_flags(TLS12, how, extended_master_secret=False)) as server, \
                bench.tally.cell("client", f"{how} without extended_master_secret"):
            session = sessions.file_for(bench, "client-plain", how)
            sessions.first(bench, server.port, session, TLS12)
            report = sessions.again(bench, server.port, session, TLS12, how)
            expect("our extended_master_secret", report.json["connection"]["extended_master_secret"], False)


_EARLY = ["--earlydata", "--maxearlydata", "16384"]


def connect_early(bench, port, session, *more, text=REQUEST, **flags):
    """A connection with `text` as early data; without, if it is empty. Its report."""
    command = bench.handfast.connect_command(port, session=session, tls="1.3", **flags)
    if text:
        early = session + ".early"
        with open(early, "w", encoding="ascii", newline="") as file:
            file.write(text)
        command += ["--early-data", early]
    return json.loads(run([*command, "--json", *more]).out)


def check_early(report, code, **wanted):
    expect("the verdict", report["verdict"]["code"], code)
    expect("our early data", {field: report["early_data"][field] for field in wanted}, wanted)


def client_early_data(bench):
    """gnutls-serv reads it and says nothing of what it was."""
    with Server(bench.identities["p256"], *_EARLY, *server_flags(TLS13)) as server:
        for aead in AEADS:
            suite = cipher_suite(TLS13, aead)
            with bench.tally.cell("client", f"early data {suite}"):
                session = sessions.file_for(bench, "client-early", suite)
                report = connect_early(bench, server.port, session, text="", suites=[suite])
                expect("early data that gnutls-serv takes", report["session"]["session"]["max_early_data"], 16384)
                report = connect_early(bench, server.port, session, suites=[suite])
                check_early(report, "ok", outcome="accepted", sent=True, delivered="early")
                sessions.check_resumed(report["connection"], TLS13, early_data="accepted")


def client_early_data_rejected(bench):
    """What is not taken comes as ordinary data where we are told to, and is answered then."""
    identity, port = bench.identities["p256"], free_port()
    session = sessions.file_for(bench, "client-early-rejected")
    with Server(identity, *_EARLY, *server_flags(TLS13), port=port):
        connect_early(bench, port, session, text="")
    for name, flags in (("has forgotten", _EARLY), ("takes none", [])):
        with Server(identity, *flags, *server_flags(TLS13), port=port):
            for retry in ([], ["--early-data-retry"]):
                with bench.tally.cell("client", f"early data to a server that {name} {' '.join(retry)}"):
                    copy = shutil.copy(session, f"{session}-{len(flags)}{len(retry)}")
                    report = connect_early(bench, port, copy, *retry)
                    check_early(report, "ok" if retry else "early_data_rejected", outcome="session_not_resumed",
                                sent=True, delivered="ordinary" if retry else None)


def client_early_data_not_sent(bench):
    for name, flags in (("none", []), ("less", [*_EARLY[:-1], str(len(REQUEST) - 1)])):
        with Server(bench.identities["p256"], *flags, *server_flags(TLS13)) as server, \
                bench.tally.cell("client", f"early data with a session that allows {name}"):
            session = sessions.file_for(bench, "client-early-no", name)
            connect_early(bench, server.port, session, text="")
            report = connect_early(bench, server.port, session, "--early-data-retry")
            check_early(report, "ok", sent=False, delivered="ordinary")
            sessions.check_resumed(report["connection"], TLS13)


# Handfast as server


def resume(bench, server, version, how, *flags, **settings):
    """Two connections of one gnutls-cli; the page that came over the second, and what gnutls-cli said."""
    request = settings.pop("request", REQUEST)
    wait = ["--waitresumption"] if version is TLS13 else []
    tickets = ":%NO_TICKETS" if how == "session_id" else ""
    out = gnutls_cli(bench, server, "--resume", *wait, *flags, "--priority",
                     priority([version], **settings) + tickets, request=request)
    page = answer(out)
    sessions.check_resumed(page["connection"], version, how)
    sessions.check_abbreviated(page["ladder"])
    expect("connections that gnutls-cli resumed", out.count(_RESUMED), 1)
    server.wait_for(sessions.LOGGED[how])
    return page


def server_resumes(bench, version, how):
    for kind in KEYS if version is TLS12 else KEYS[:1]:
        with bench.handfast.serve(bench.identities[kind], tls=version.number) as server:
            for aead in AEADS:
                suite = cipher_suite(version, aead, kind)
                with bench.tally.cell("server", f"{how} {suite}"):
                    page = resume(bench, server, version, how, aead=aead)
                    expect("our suite", page["connection"]["cipher_suite"], suite)


def server_is_asked_again(bench):
    for group in GROUPS:
        with bench.handfast.serve(bench.identities["p256"], groups=[group]) as server, \
                bench.tally.cell("server", f"psk, HelloRetryRequest for {group}"):
            page = resume(bench, server, TLS13, "psk", "--single-key-share", groups=[other_group(group), group])
            check_agreed(page["connection"], group=group, hello_retry_request=True)


def server_with_certificate(bench, version, how):
    own = bench.identities["rsa"]
    with bench.handfast.serve(bench.identities["p256"], client_auth="require", client_ca=bench.identities.roots,
                              tls=version.number) as server, \
            bench.tally.cell("server", f"{how} with a client certificate"):
        connection = resume(bench, server, version, how, "--x509certfile", own.chain, "--x509keyfile",
                            own.key)["connection"]
        expect("the client", (connection["peer_verified"], connection["peer_identity"]["dns_names"][0]),
               (True, own.name))


def server_without_sessions(bench, version):
    with bench.handfast.serve(bench.identities["p256"], tickets="0", tls=version.number) as server, \
            bench.tally.cell("server", f"{version.name} --tickets 0"):
        out = gnutls_cli(bench, server, "--resume", "--priority", priority([version]))
        check_agreed(answer(out)["connection"], version, resumption="none")
        expect("NewSessionTickets", messages(answer(out)["ladder"], "NewSessionTicket"), [])
        expect("connections that gnutls-cli resumed", out.count(_RESUMED), 0)


def server_master_secret(bench):
    for how in ("ticket", "session_id"):
        with bench.handfast.serve(bench.identities["p256"], tls="1.2") as server, \
                bench.tally.cell("server", f"{how} without extended_master_secret"):
            page = resume(bench, server, TLS12, how, extended_master_secret=False)
            expect("our extended_master_secret", page["connection"]["extended_master_secret"], False)


def early_file(bench):
    early = os.path.join(bench.folder, "gnutls-early")
    if not os.path.exists(early):
        with open(early, "w", encoding="ascii", newline="") as file:
            file.write(REQUEST)
    return early


def server_early_data(bench):
    """The request goes early, and nothing else is asked for."""
    with bench.handfast.serve(bench.identities["p256"], early_data="16384") as server:
        for aead in AEADS:
            with bench.tally.cell("server", f"early data {cipher_suite(TLS13, aead)}"):
                page = resume(bench, server, TLS13, "psk", "--earlydata", early_file(bench), aead=aead, request="")
                expect("our early data", page["connection"]["early_data"], "accepted")
                server.wait_for("early data accepted")


def server_early_data_limits(bench):
    """gnutls-cli does not mind what a ticket allows."""
    with bench.handfast.serve(bench.identities["p256"]) as server, \
            bench.tally.cell("server", "early data with a session that allows none"):
        page = resume(bench, server, TLS13, "psk", "--earlydata", early_file(bench))
        hello = next(event for event in page["ladder"] if event.get("message") == "ClientHello")
        expect_in("what gnutls-cli offers", hello["fields"], "early_data")
        expect("our early data", page["connection"]["early_data"], "disabled")
    with bench.handfast.serve(bench.identities["p256"], early_data=str(len(REQUEST) - 1)) as server, \
            bench.tally.cell("server", "early data with a session that allows less"):
        out = gnutls_cli(bench, server, "--resume", "--waitresumption", "--earlydata", early_file(bench), request="",
                         code=1)
        expect_in("what gnutls-cli heard", out, "*** Received alert [10]: Unexpected message")
        server.wait_for("early_data_too_long")
