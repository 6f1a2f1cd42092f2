"""tshark decrypts what was recorded between Handfast and openssl, with the key log of Handfast."""

import functools
import itertools
import os
import shutil

from capture import Recorder, write_pcap
from cells import SUITES, expect, expect_in
from handfast import answer, check_agreed, response_body
from peers import openssl
from programs import run

KEYS = ("p256",)
_CIPHER_SUITE = {suite: f"0x13{index:02x}" for index, suite in enumerate(SUITES, start=1)}
_NAMES = itertools.count()

# What an uninvited reader sees of the handshake, and what one with the keys (RFC 8446, section 4).
_IN_THE_CLEAR = {"1", "2"}
_ENCRYPTED = {"8", "11", "15", "20"}


def missing():
    return next((f"no {name} here" for name in ("tshark", "openssl") if not shutil.which(name)), None)


def jobs():
    for suite in SUITES:
        yield functools.partial(client_log, suite=suite)
        yield functools.partial(server_log, suite=suite)


def tshark(capture, key_log):
    """Fields of the packets: HTTP in both directions, handshake messages, the server's choice."""
    done = run(["tshark", "-n", "-r", capture, "-o", f"tls.keylog_file:{key_log}", "-T", "fields", "-E", "separator=|",
                *(flag for field in ("http.request.uri", "http.response.code", "tls.handshake.type",
                                     "tls.handshake.ciphersuite") for flag in ("-e", field))])
    expect("the exit code of tshark", done.code, 0)
    rows = [line.split("|") for line in done.out.splitlines()]
    columns = [{value for cell in column for value in cell.split(",") if value} for column in zip(*rows)]
    return dict(zip(("uri", "status", "messages", "suites"), columns))


def check(bench, segments, key_log, suite, path):
    capture = os.path.join(bench.folder, f"capture-{next(_NAMES)}.pcap")
    write_pcap(capture, segments)
    seen = tshark(capture, os.devnull)
    expect("what tshark sees without keys", (seen["uri"], seen["status"], seen["messages"]),
           (set(), set(), _IN_THE_CLEAR))
    seen = tshark(capture, key_log)
    expect("the request and the status that tshark decrypts", (seen["uri"], seen["status"]), ({path}, {"200"}))
    expect("the messages that tshark decrypts", seen["messages"] & (_IN_THE_CLEAR | _ENCRYPTED),
           _IN_THE_CLEAR | _ENCRYPTED)
    expect_in("the suites that tshark sees", seen["suites"], _CIPHER_SUITE[suite])


def client_log(bench, suite):
    key_log, answer_file = (os.path.join(bench.folder, f"{name}-{suite}") for name in ("client", "answer"))
    with open(answer_file, "w", encoding="ascii", newline="") as file:
        file.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfound\n")  # with its length, or tshark waits for more
    path = "/" + os.path.basename(answer_file)
    with openssl.Server(bench.identities["p256"], "-HTTP", folder=bench.folder) as server, \
            bench.tally.cell("client", suite):
        with Recorder(server.port) as recorder:
            report = bench.handfast.connect(recorder.port, suites=[suite], keylog=key_log, path=path)
            expect("the answer", response_body(report), "found\n")
        check(bench, recorder.segments, key_log, suite, path)


def server_log(bench, suite):
    key_log = os.path.join(bench.folder, f"server-{suite}")
    with bench.handfast.serve(bench.identities["p256"], suites=[suite], keylog=key_log) as server, \
            bench.tally.cell("server", suite):
        with Recorder(server.port) as recorder:
            out = openssl.s_client(bench, recorder)
            check_agreed(answer(out)["connection"], cipher_suite=suite)
        check(bench, recorder.segments, key_log, suite, "/")
