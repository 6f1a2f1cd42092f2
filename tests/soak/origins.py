"""The origins of the soak: one that speaks both kinds of exchange, with TLS or without, and does wrong when it is told."""

import contextlib
import json
import random
import socket
import ssl
import threading
import time

from bodies import Check, body
from messages import read_body, read_exactly, read_head, send_body
from wire import Cut, Plain, Plan, Tls, Truncated, Wire

SECONDS = 60


class Origin:
    """Listens on `port` from its making to `close`."""

    def __init__(self, context=None):
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.count = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                if self.listener.fileno() < 0:
                    return
                time.sleep(0.05)
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(SECONDS)
        with connection, contextlib.suppress(OSError, ssl.SSLError, Cut, Truncated, ValueError):
            wire = Wire(connection, Plan(), random)
            peer = Plain(wire) if self.context is None else Tls(wire, self.context)
            try:
                while self._exchange(peer):
                    pass
            finally:
                peer.close()

    def _exchange(self, peer):
        """One of them; whether another may follow."""
        try:
            first = peer.read_until(b"\n")
        except Truncated:
            return False
        peer.buffer = first + peer.buffer
        self.count += 1
        return self._lines(peer) if first.startswith(b"RAW1 ") else self._http(peer)

    def _lines(self, peer):
        order = json.loads(peer.read_until(b"\n")[5:])
        check = Check(f"{order['id']} up", order["length"])
        if not before_reading(peer, order):
            return False
        read_exactly(peer, order["length"], check)
        answer = b"RAW1 " + json.dumps({"received": check.at}).encode() + b"\n"
        return reply(peer, order, answer, body(f"{order['id']} down", order["reply"]), chunked=False)

    def _http(self, peer):
        _, fields = read_head(peer)
        order = json.loads(fields["x-order"])
        chunked = fields.get("transfer-encoding") == "chunked"
        length = order["length"] if chunked else int(fields.get("content-length", 0))
        check = Check(f"{order['id']} up", length)
        if not before_reading(peer, order):
            return False
        read_body(peer, fields, check)
        data = body(f"{order['id']} down", order["reply"])
        chunks = order["chunked"] and order["fault"] in HARMLESS
        more = order["at"] + 1 if order["fault"] == "lies" else 0
        framing = "Transfer-Encoding: chunked" if chunks else f"Content-Length: {len(data) + more}"
        answer = f"HTTP/1.1 200 OK\r\nX-Result: {json.dumps({'received': check.at})}\r\n{framing}\r\n\r\n"
        going_on = reply(peer, order, answer.encode(), data, chunks)
        return going_on and order["fault"] != "lies" and fields.get("connection", "").lower() != "close"


# What an origin can be told to do; the exchange succeeds all the same with the first ones.
HARMLESS = ("none", "pause", "slowly")
HARMFUL = ("early", "early-reset", "cut", "cut-reset", "hang", "garbage", "lies")


def before_reading(peer, order):
    if order["fault"] == "early":
        return False
    if order["fault"] == "early-reset":
        peer.reset()
        return False
    return True


def reply(peer, order, head, data, chunked):
    """Sends it as the order says; whether it was sent whole."""
    fault, at = order["fault"], order["at"]
    if fault == "hang":
        time.sleep(order["pause"])
        return False
    if fault == "garbage":
        peer.send(random.randbytes(500))
        return False
    if fault == "pause":
        time.sleep(order["pause"])
    if fault in ("cut", "cut-reset"):
        # Inside the head, or in the body: never behind it.
        everything = (head + data)[:at % max(1, len(head) + len(data))]
        peer.send(everything)
        if fault == "cut-reset":
            peer.reset()
        return False
    if fault == "slowly":
        for index in range(len(head)):
            peer.send(head[index:index + 1])
        time.sleep(0.2)
        half = len(data) // 2
        if not chunked:
            peer.send(data[:half])
            time.sleep(0.2)
            peer.send(data[half:])
            return True
        send_body(peer, data, chunked)
        return True
    peer.send(head)
    send_body(peer, data, chunked)
    return True
