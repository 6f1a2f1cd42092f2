"""One connection of the soak after another: which way, what goes wrong, what is to come of it."""

import contextlib
import random
import socket
import ssl
import threading
import time

import origins
import wire
from bodies import problems
from messages import Http, Lines
from wire import Cut, Plain, Plan, Tls, Truncated, Wire

SECONDS = 90  # for one exchange, whatever happens to it
SILENCE = 75  # for one answer of the proxy
FAILURES = (OSError, ssl.SSLError, Cut, Truncated, ValueError, IndexError)


class Refused(Exception):
    """The proxy says no to a CONNECT."""


class Road:
    """How to get through a proxy to an origin: `enter` gives a peer for the exchange."""

    def __init__(self, name, port, context=None, through=None, target=None, authority="localhost", http=True, half_close=False,
                 plain_request=False):
        self.name, self.port, self.context, self.through = name, port, context, through
        self.target, self.authority, self.http, self.half_close = target, authority, http, half_close
        self.plain_request = plain_request

    def enter(self, wire):
        if self.through is not None:
            plain = Plain(wire)
            plain.send(f"CONNECT {self.through} HTTP/1.1\r\nHost: {self.through}\r\n\r\n".encode())
            first = plain.read_until(b"\r\n\r\n")
            if first.split()[1] != b"200":
                raise Refused(first)
        return Plain(wire) if self.context is None else Tls(wire, self.context, self.authority)

    def exchange(self):
        if not self.http:
            return Lines()
        authority = self.target or self.through or self.authority
        return Http(authority, f"http://{authority}/exchange" if self.plain_request else "/exchange")


def a_length(rng):
    kind = rng.random()
    if kind < 0.15:
        return 0
    if kind < 0.7:
        return rng.randrange(1, 20_000)
    return rng.randrange(20_000, 400_000) if kind < 0.97 else rng.randrange(1_000_000, 5_000_000)


def a_plan(rng, length):
    """Half of the connections go well."""
    if rng.random() < 0.5:
        return Plan()
    kind = rng.choice(wire.HARMLESS + wire.HARMFUL)
    if kind == "hang" and rng.random() < 0.7:
        kind = "reset"  # it takes long, and the others are to have their turn
    # In the hello, in the handshake, in the header, in the body.
    at = rng.choice((rng.randrange(5), rng.randrange(600), rng.randrange(3000), rng.randrange(3000 + length)))
    return Plan(kind, at, rng.uniform(0.1, 1.0) if kind == "stall" else 8.0)


def an_order(rng, name, faults):
    fault = rng.choice(faults) if rng.random() < 0.3 else "none"
    if fault == "hang" and rng.random() < 0.7:
        fault = "cut"
    reply = a_length(rng)
    return {"id": name, "reply": reply, "fault": fault, "at": rng.randrange(reply + 200), "chunked": rng.random() < 0.4,
            "ask_chunked": rng.random() < 0.3, "pause": rng.uniform(0.1, 1.0) if fault == "pause" else 15.0}


class Clients:
    """Threads that make connections until they are told to stop."""

    def __init__(self, roads, seed, threads):
        self.roads, self.seed = roads, seed
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.next, self.under_way = 0, {}
        self.counts = {}
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        self.windows = {}  # of a proxy: the times between which its connections may fail

    def start(self):
        for thread in self.threads:
            thread.start()

    def end(self):
        """Waits for what is under way; says what never ends."""
        self.stop.set()
        end = time.monotonic() + SECONDS + 30
        for thread in self.threads:
            thread.join(max(0, end - time.monotonic()))
        for what, begin in list(self.under_way.values()):
            problems.add(f"{what} never ends: it began {time.monotonic() - begin:.0f} s ago")

    @contextlib.contextmanager
    def excuse(self, road_names):
        """What fails of these while the fault lasts, or right behind it, is no failure of theirs."""
        window = [time.monotonic(), float("inf")]
        for name in road_names:
            self.windows.setdefault(name, []).append(window)
        try:
            yield
        finally:
            window[1] = time.monotonic() + 2

    def _excused(self, road, begin):
        now = time.monotonic()
        return any(begin <= end and now >= start for start, end in self.windows.get(road.name, ()))

    def _work(self):
        while not self.stop.is_set():
            with self.lock:
                number, self.next = self.next, self.next + 1
            rng = random.Random(f"{self.seed} {number}")
            self._connect(rng, f"{self.seed}-{number}", rng.choice(self.roads))

    def count(self, *what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def _connect(self, rng, name, road):
        length = a_length(rng)
        plan = a_plan(rng, length)
        if plan.kind == "garbage" and road.through is None and road.context is not None:
            return self._garbage(rng, road, name)
        if plan.kind == "garbage" or plan.kind in ("hello", "records") and road.context is None:
            plan = Plan()
        begin = time.monotonic()
        what = f"{name} over {road.name}, client {plan.kind} at {plan.at}"
        self.under_way[name] = (what, begin)
        try:
            self._exchanges(rng, name, road, plan, length, what, begin)
        finally:
            del self.under_way[name]
            if (took := time.monotonic() - begin) > SECONDS:
                problems.add(f"{what} took {took:.0f} s")

    def _exchanges(self, rng, name, road, plan, length, what, begin):
        faults = origins.HARMLESS + origins.HARMFUL
        if not road.http:
            faults = tuple(fault for fault in faults if fault not in ("lies", "garbage"))
        many = rng.choice((1, 1, 2, 5)) if road.http else 1
        order = None
        peer = connection = None
        try:
            connection = socket.create_connection(("127.0.0.1", road.port), timeout=SILENCE)
            peer = road.enter(Wire(connection, plan, rng))
            for index in range(many):
                order = an_order(rng, f"{name}.{index}", faults)
                order["half_close"] = road.half_close and rng.random() < 0.3
                order["length"] = length
                good = road.exchange().ask(peer, order, length)
                expected = plan.harmless and order["fault"] in origins.HARMLESS
                if not good and expected and not self._excused(road, begin):
                    problems.add(f"{what}: a {getattr(peer, 'status', 'bad')} answer to {order}")
                self.count(road.name, "good" if good else "bad", "expected" if good == expected else "hit")
                if not good or not expected:
                    break
                length = a_length(rng)
        except FAILURES + (Refused,) as failure:
            harmful = not plan.harmless or order is not None and order["fault"] in origins.HARMFUL
            if isinstance(failure, TimeoutError):
                problems.add(f"{what}: no answer for {SILENCE} s to {order}")
            elif not harmful and not self._excused(road, begin):
                problems.add(f"{what}: {type(failure).__name__} {failure} at {order}")
            self.count(road.name, "failed", "hit" if harmful else "excused")
        finally:
            if peer is not None:
                with contextlib.suppress(*FAILURES):
                    peer.close()
            if connection is not None:
                connection.close()

    def _garbage(self, rng, road, name):
        """Bytes that are no hello: the proxy is to end it."""
        try:
            with socket.create_connection(("127.0.0.1", road.port), timeout=SILENCE) as connection:
                start = rng.choice((b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\n\r\n"))
                connection.sendall(start + rng.randbytes(rng.randrange(1, 3000)))
                while connection.recv(65536):
                    pass
        except TimeoutError:
            problems.add(f"{name} over {road.name}: garbage is not ended in {SILENCE} s")
        except OSError:
            pass
        self.count(road.name, "garbage", "ended")
