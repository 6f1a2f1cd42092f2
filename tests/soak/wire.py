"""A TCP connection, plain or with TLS, whose bytes leave and arrive as a plan of faults says."""

import contextlib
import socket
import ssl
import struct
import time
from dataclasses import dataclass

HARMLESS = ("none", "split", "hello", "records", "drip", "stall")  # the exchange is to succeed all the same
HARMFUL = ("close", "reset", "half-way", "hang", "garbage")


class Cut(Exception):
    """The plan ended this connection."""


class Truncated(Exception):
    """The other side ended where it had not said that it would."""


@dataclass
class Plan:
    """What is wrong with one connection. `at` counts bytes on the wire, sent and received."""

    kind: str = "none"
    at: int = 0
    pause: float = 0.0  # seconds, of stall and hang

    @property
    def harmless(self):
        return self.kind in HARMLESS


class Wire:
    def __init__(self, connection, plan, random):
        self.socket, self.plan, self.random = connection, plan, random
        self.count = self.sent = 0
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _pass(self, length):
        """Counts bytes, and does what is due by now."""
        before, self.count = self.count, self.count + length
        plan = self.plan
        if not before <= plan.at < self.count:
            return
        if plan.kind in ("stall", "hang"):
            time.sleep(plan.pause)
        elif plan.kind == "reset":
            self.reset()
            raise Cut
        elif plan.kind == "close":
            self.close()
            raise Cut

    def _pieces(self, data):
        kind, start = self.plan.kind, self.sent
        if kind == "half-way" and start + len(data) > self.plan.at:
            # Half of a record, or of a header, and then nothing more: the other half never comes.
            yield data[:max(0, self.plan.at - start)]
            raise Cut
        single = {"hello": 600, "drip": 1200}.get(kind, 0) - start
        if single > 0:
            for i in range(min(single, len(data))):
                if kind == "drip":
                    time.sleep(0.001)
                yield data[i:i + 1]
            data = data[single:]
        if kind == "split":
            at = 0
            while at < len(data):
                length = self.random.choice((1, 3, 200, 5000, 70000))
                yield data[at:at + length]
                at += length
        else:
            for at in range(0, len(data), 65536):
                yield data[at:at + 65536]

    def send(self, data):
        try:
            for piece in self._pieces(data):
                self._pass(len(piece))
                self.socket.sendall(piece)
                self.sent += len(piece)
        except Cut:
            self.close()
            raise

    def recv(self):
        data = self.socket.recv(65536)
        self._pass(len(data))
        return data

    def send_end(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


class Plain:
    """Bytes as they are, with a buffer to read lines from."""

    def __init__(self, wire):
        self.wire, self.buffer = wire, b""

    def send(self, data):
        self.wire.send(data)

    def _more(self):
        return self.wire.recv()

    def read(self, length):
        """Some bytes, `length` at most; none at the end."""
        if not self.buffer:
            self.buffer = self._more()
        out, self.buffer = self.buffer[:length], self.buffer[length:]
        return out

    def read_until(self, mark, limit=65536):
        while mark not in self.buffer:
            more = self._more()
            if not more or len(self.buffer) > limit:
                raise Truncated
            self.buffer += more
        out, _, self.buffer = self.buffer.partition(mark)
        return out + mark

    def send_end(self):
        self.wire.send_end()

    def close(self):
        self.wire.close()

    def reset(self):
        self.wire.reset()


class Tls(Plain):
    """The same through TLS of Python's, whose records go over the wire by hand."""

    def __init__(self, wire, context, server_name=None):
        super().__init__(wire)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server_name is None, server_hostname=server_name)
        self._do(self.tls.do_handshake)

    def _flush(self):
        data = self.outgoing.read()
        if not data:
            return
        if self.wire.plan.kind == "records" and self.wire.sent == 0 and data[0] == 22:
            data = fragmented(data)
        self.wire.send(data)

    def _receive(self):
        data = self.wire.recv()
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()

    def _do(self, step):
        while True:
            try:
                out = step()
                self._flush()
                return out
            except ssl.SSLWantReadError:
                self._flush()
                self._receive()
            except ssl.SSLError as failure:
                with contextlib.suppress(OSError, Cut):
                    self._flush()  # the alert
                if failure.reason in ("UNEXPECTED_EOF_WHILE_READING", "SSL_ERROR_EOF") or isinstance(failure, ssl.SSLEOFError):
                    raise Truncated from None
                raise

    def send(self, data):
        for at in range(0, len(data), 65536):
            self.tls.write(data[at:at + 65536])
            self._flush()

    def _more(self):
        try:
            return self._do(lambda: self.tls.read(65536))
        except ssl.SSLZeroReturnError:
            return b""

    def send_end(self):
        """close_notify; what the other side still sends can be read."""
        with contextlib.suppress(ssl.SSLError):
            self.tls.unwrap()
        self._flush()

    def close(self):
        with contextlib.suppress(OSError, ssl.SSLError, Cut):
            self.send_end()
        self.wire.close()


def fragmented(records):
    """The first handshake message, a record a byte for its first bytes, the rest in one."""
    length = int.from_bytes(records[3:5], "big")
    message, rest = records[5:5 + length], records[5 + length:]
    parts = [message[i:i + 1] for i in range(40)] + [message[40:]]
    return b"".join(records[:3] + len(part).to_bytes(2, "big") + part for part in parts) + rest
