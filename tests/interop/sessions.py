"""Sessions that are resumed: what the cells of every peer have in common, and flights of early data under way."""

import contextlib
import os
import socket
import threading

from cells import TLS12, TLS13, Failure, expect
from handfast import check_agreed, messages, response_body
from programs import SECONDS

RESUMED = {TLS12: "ticket", TLS13: "psk"}  # how, if nothing else is asked for

# As `handfast serve` logs it.
LOGGED = {"psk": "resumed by a pre-shared key of an earlier connection", "ticket": "resumed by a ticket",
          "session_id": "resumed by its session ID"}

BIG = 1 << 18  # bytes of a file, many times what a handshake takes


def file_for(bench, *parts):
    """The name of a file in the bench's folder that no other cell has."""
    return os.path.join(bench.folder, "-".join(part.replace(" ", "-").replace("/", "-") for part in parts))


def check_resumed(connection, version, how=None, **wanted):
    """`connection`, as both programs print it: resumed, and nothing signed by us."""
    if connection["resumption"] == "none":
        raise Failure("the session was not resumed")
    check_agreed(connection, version, resumption=how or RESUMED[version], **wanted)
    expect("our signature", connection["own_signature_scheme"], None)


def check_abbreviated(ladder, client_certificate=False):
    """No certificate has gone over the line."""
    expect("Certificates in our ladder", messages(ladder, "Certificate"), ["client"] if client_certificate else [])


def refusals(page):
    """Why the sessions that a client offered to us were not resumed, as our page tells."""
    return [event["refusal"] for event in page["ladder"] if event["event"] == "resumption" and event["refusal"]]


def check_in_full(page, version, *reasons, **wanted):
    """What our server says of a connection whose session it did not resume, for these reasons. There are none where an
    ID is not known: it may be anything."""
    check_agreed(page["connection"], version, resumption="none", **wanted)
    expect("why the sessions were not resumed", refusals(page), list(reasons))
    expect("Certificates of the server", messages(page["ladder"], "Certificate").count("server"), 1)


# Handfast as client


def first(bench, port, session, version, **options):
    """A full handshake, after which the file `session` holds what the server gave; its report."""
    report = bench.handfast.connect(port, session=session, tls=version.number, **options)
    response_body(report)
    check_agreed(report.json["connection"], version, resumption="none")
    expect("what became of the session's file", report.json["session"]["file_state"], "written")
    return report


def again(bench, port, session, version, how=None, **options):
    """A connection that resumes it; its report."""
    report = bench.handfast.connect(port, session=session, tls=version.number, **options)
    response_body(report)
    expect("whether a session was offered", report.json["session"]["offered"], True)
    check_resumed(report.json["connection"], version, how, peer_verified=True)
    check_abbreviated(report.json["ladder"])
    return report


def refused(bench, port, session, version, miss=None, refusal=None, **options):
    """A full handshake in spite of a session: one that is good for something else or past its time, so that it is not
    offered, or that the server doesn't take."""
    report = bench.handfast.connect(port, session=session, tls=version.number, **options)
    response_body(report)
    told = report.json["session"]
    check_agreed(report.json["connection"], version, resumption="none", peer_verified=True)
    expect("what is said of the session", (told["offered"], told["miss"], told["refusal"]),
           (refusal == "declined", miss, refusal))
    return report


# Early data under way, as a man in the middle has it


class Flight:
    """An s_client, or another, connects to `.port` while the block lasts; its first flight is held, with `bytes` of
    early data at its end, until `pass_on`."""

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(SECONDS)
        self.port = self._listener.getsockname()[1]
        return self

    def take(self):
        """Waits for it; it ends with the first record of early data."""
        self._client, _ = self._listener.accept()
        self._client.settimeout(SECONDS)
        self.bytes = b""
        while not (end := end_of_early_data(self.bytes)):
            if not (part := self._client.recv(65536)):
                raise Failure(f"the client closed after {len(self.bytes)} bytes, without early data")
            self.bytes += part
        self._rest = self.bytes[end:]
        self.bytes = self.bytes[:end]
        return self.bytes

    def pass_on(self, port):
        """To that port, and all that follows, both ways, to the end."""
        with self._client, socket.create_connection(("127.0.0.1", port), SECONDS) as server:
            server.sendall(self.bytes + self._rest)
            pump(self._client, server)

    def __exit__(self, *_):
        self._listener.close()


class Relay:
    """On `.port`, for the time of a block: passes each connection on to `port`, and keeps in `.sent` what the clients
    have sent, up to the first record of application data."""

    def __init__(self, port):
        self._target = port
        self.sent = []

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.sent.append(b"")
                threading.Thread(target=self._pass, args=(client, len(self.sent) - 1), daemon=True).start()

    def _pass(self, client, number):
        def keep(part):
            if end_of_early_data(self.sent[number]) is None:
                self.sent[number] += part

        with client, contextlib.suppress(OSError), \
                socket.create_connection(("127.0.0.1", self._target), SECONDS) as server:
            pump(client, server, keep)

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def pump(client, server, see=lambda part: None):
    """Both ways, until either end has nothing more to say to the other; `see` sees what the client says."""

    def one_way(source, target, see):
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                see(part)
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=one_way, args=(server, client, lambda part: None))
    back.start()
    one_way(client, server, see)
    back.join()


def records(stream):
    """(type, end) of each whole record in `stream`."""
    at = 0
    while at + 5 <= len(stream) and (end := at + 5 + int.from_bytes(stream[at + 3:at + 5], "big")) <= len(stream):
        yield stream[at], end
        at = end


def end_of_early_data(stream):
    """Where the first record of application data ends; None while it isn't whole."""
    return next((end for kind, end in records(stream) if kind == 23), None)


def replay(port, flight):
    """Sends these bytes to a server as they are, and no more; all that comes back."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as server:
        server.sendall(flight)
        server.shutdown(socket.SHUT_WR)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while part := server.recv(65536):
                got += part
        return got


def reach(port, flight, size):
    """Sends these bytes, keeps the connection open, and waits until `size` bytes have come back."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as server:
        server.sendall(flight)
        got = 0
        while got < size:
            if not (part := server.recv(65536)):
                raise Failure(f"only {got} bytes came back")
            got += len(part)


def check_unanswered(got):
    """A handshake began, and nothing of a big file came with it."""
    expect("the first record that came back", got[:1], b"\x16")
    expect("whether something was answered", len(got) < BIG // 16, True)


def site(bench, name):
    """A folder with a big file, `big.txt`, and what is in it."""
    folder = file_for(bench, "site", name)
    os.mkdir(folder)
    data = os.urandom(BIG // 2).hex() + "\n"
    with open(os.path.join(folder, "big.txt"), "w", encoding="ascii") as file:
        file.write(data)
    return folder, data
