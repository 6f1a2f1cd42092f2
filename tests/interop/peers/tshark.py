"""tshark decrypts what was recorded between Handfast and openssl, with the key log of Handfast."""

import functools
import itertools
import os
import shutil

from capture import Recorder, write_pcap
from cells import TLS12, TLS13, VERSIONS, choices, expect, expect_in
from handfast import answer, check_choice, response_body
from peers import openssl
from programs import run

KEYS = ("p256",)
_CIPHER_SUITE = {
    "TLS_AES_128_GCM_SHA256": "0x1301", "TLS_AES_256_GCM_SHA384": "0x1302", "TLS_CHACHA20_POLY1305_SHA256": "0x1303",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "0xc02b", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "0xc02c",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "0xcca9"}
_NAMES = itertools.count()

# What an uninvited reader sees of the handshake, and what one with the keys (RFC 8446, section 4; RFC 5246, 7.4).
_IN_THE_CLEAR = {TLS13: {"1", "2"}, TLS12: {"1", "2", "11", "12", "14", "16"}}
_ENCRYPTED = {TLS13: {"8", "11", "15", "20"}, TLS12: {"20"}}
# And the ticket that a client which resumes is given (RFC 5077): our own asks for none, `serve` gives it.
_TICKET = {TLS13: set(), TLS12: {"4"}}


def missing():
    return next((f"no {name} here" for name in ("tshark", "openssl") if not shutil.which(name)), None)


def jobs():
    for version in VERSIONS:
        for choice in choices(version, ["ecdsa_secp256r1_sha256"], groups=["x25519"]):
            yield functools.partial(client_log, choice=choice)
            yield functools.partial(server_log, choice=choice)


def tshark(capture, key_log):
    """Fields of the packets: HTTP in both directions, handshake messages, the server's choice."""
    done = run(["tshark", "-n", "-r", capture, "-o", f"tls.keylog_file:{key_log}", "-T", "fields", "-E", "separator=|",
                *(flag for field in ("http.request.uri", "http.response.code", "tls.handshake.type",
                                     "tls.handshake.ciphersuite") for flag in ("-e", field))])
    expect("the exit code of tshark", done.code, 0)
    rows = [line.split("|") for line in done.out.splitlines()]
    columns = [{value for cell in column for value in cell.split(",") if value} for column in zip(*rows)]
    return dict(zip(("uri", "status", "messages", "suites"), columns))


def check(bench, segments, key_log, choice, path, ticket=frozenset()):
    capture = os.path.join(bench.folder, f"capture-{next(_NAMES)}.pcap")
    write_pcap(capture, segments)
    seen = tshark(capture, os.devnull)
    clear = _IN_THE_CLEAR[choice.version] | ticket
    both = clear | _ENCRYPTED[choice.version]
    expect("what tshark sees without keys", (seen["uri"], seen["status"], seen["messages"]), (set(), set(), clear))
    seen = tshark(capture, key_log)
    expect("the request and the status that tshark decrypts", (seen["uri"], seen["status"]), ({path}, {"200"}))
    expect("the messages that tshark decrypts", seen["messages"] & both, both)
    expect_in("the suites that tshark sees", seen["suites"], _CIPHER_SUITE[choice.suite])


def client_log(bench, choice):
    number = next(_NAMES)
    key_log, answer_file = (os.path.join(bench.folder, f"{name}-{number}") for name in ("client", "answer"))
    with open(answer_file, "w", encoding="ascii", newline="") as file:
        file.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfound\n")  # with its length, or tshark waits for more
    path = "/" + os.path.basename(answer_file)
    with openssl.Server(bench.identities["p256"], "-HTTP", folder=bench.folder, versions=[choice.version],
                        extended_master_secret=choice.extended_master_secret) as server, \
            bench.tally.cell("client", choice):
        with Recorder(server.port) as recorder:
            report = bench.handfast.connect(recorder.port, keylog=key_log, path=path, **choice.offer)
            expect("the answer", response_body(report), "found\n")
            check_choice(report.json["connection"], choice)
        check(bench, recorder.segments, key_log, choice, path)


def server_log(bench, choice):
    key_log = os.path.join(bench.folder, f"server-{next(_NAMES)}")
    with bench.handfast.serve(bench.identities["p256"], tls=choice.version.number, suites=[choice.suite],
                              keylog=key_log) as server, bench.tally.cell("server", choice):
        with Recorder(server.port) as recorder:
            out = openssl.s_client(bench, recorder, versions=[choice.version],
                                   extended_master_secret=choice.extended_master_secret)
            check_choice(answer(out)["connection"], choice)
        check(bench, recorder.segments, key_log, choice, "/", _TICKET[choice.version])
