"""The exchange of the soak: an order and a body there, a reply and a body back, as HTTP/1.1 or as plain lines.

An order is JSON: `id` names the bodies, `reply` is the length of the second one; the others say what the origin is to do
wrong (`fault`, `at`, `pause`) and whether its reply is chunked."""

import json

from bodies import Check, body
from wire import Truncated

PIECE = 50_000


def send_body(peer, data, chunked):
    if not chunked:
        peer.send(data)
        return
    for at in range(0, len(data), PIECE):
        part = data[at:at + PIECE]
        peer.send(b"%x\r\n" % len(part) + part + b"\r\n")
    peer.send(b"0\r\n\r\n")


def read_exactly(peer, length, check):
    while length:
        part = peer.read(length)
        if not part:
            raise Truncated
        check.take(part)
        length -= len(part)


def read_body(peer, fields, check):
    """To its end, as its header says."""
    if fields.get("transfer-encoding") == "chunked":
        while length := int(peer.read_until(b"\r\n").split(b";")[0], 16):
            read_exactly(peer, length, check)
            if peer.read_until(b"\r\n") != b"\r\n":
                raise ValueError("no line end behind a chunk")
        while peer.read_until(b"\r\n") != b"\r\n":
            pass  # trailers
    else:
        read_exactly(peer, int(fields.get("content-length", 0)), check)


def read_head(peer):
    """The first line, and the fields by their names in small letters."""
    first, *lines = peer.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")[:-2]
    return first, {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


class Http:
    """The exchange as a POST."""

    def __init__(self, authority, target="/exchange"):
        self.authority, self.target = authority, target

    def ask(self, peer, order, length):
        """True if all is well, false where the answer is another one than the origin's."""
        chunked = order.get("ask_chunked", False)
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {length}"
        head = f"POST {self.target} HTTP/1.1\r\nHost: {self.authority}\r\nX-Order: {json.dumps(order)}\r\n{framing}\r\n\r\n"
        peer.send(head.encode())
        send_body(peer, body(f"{order['id']} up", length), chunked)
        first, fields = read_head(peer)
        status = int(first.split()[1])
        if status != 200 or "x-result" not in fields:
            peer.status = status
            return False
        check = Check(f"{order['id']} down", order["reply"])
        read_body(peer, fields, check)
        result = json.loads(fields["x-result"])
        return check.whole and result["received"] == length


class Lines:
    """The exchange as bytes that no proxy knows: RAW1 and JSON in a line, then the body."""

    def ask(self, peer, order, length):
        peer.send(b"RAW1 " + json.dumps({**order, "length": length}).encode() + b"\n")
        peer.send(body(f"{order['id']} up", length))
        if order.get("half_close"):
            peer.send_end()
        result = json.loads(peer.read_until(b"\n")[5:])
        check = Check(f"{order['id']} down", order["reply"])
        read_exactly(peer, order["reply"], check)
        if order.get("half_close") and peer.read(1):
            raise ValueError("more than the origin sent")
        return check.whole and result["received"] == length
