"""The probes of handfast connect: as many connections as are told, each with the bytes that are told, and no hurry."""

import contextlib
import json
import select
import socket
import threading
import time
import unittest

from other_servers import make_certificates, needs_openssl, s_server
from program import SECONDS, main, pki, reset, run

MAX_PROBES = 16
PACE = 0.1  # seconds from one connection to the next, at least
HANDSHAKE, ALERT_RECORD = 22, b"\x15\x03\x03\x00\x02"


class Connection:
    def __init__(self):
        self.began = time.monotonic()
        self.bytes = bytearray()  # all that came, to its end


class Counter:
    """A TCP server that keeps all that each connection sends, and answers as `answer(socket, connection)` does."""

    def __init__(self, answer):
        self.answer = answer
        self.connections = []

    def __enter__(self):
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._server.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._server.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SECONDS)
        self._server.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                connection = Connection()
                self.connections.append(connection)
                thread = threading.Thread(target=self._serve, args=(client, connection))
                self._threads.append(thread)
                thread.start()

    def _serve(self, client, connection):
        with client, contextlib.suppress(OSError):
            client.settimeout(SECONDS)
            self.answer(client, connection)


def hear(client, connection, seconds):
    """Takes what comes for so long, or to the end; false there."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and select.select([client], [], [], left)[0]:
        some = client.recv(65536)
        if not some:
            return False
        connection.bytes += some
    return True


def hear_hello(client, connection):
    """Until a whole record is there, or nothing has come for a while; then a little longer, for what would be too much."""
    def is_whole():
        data = connection.bytes
        return data[:1] == bytes([HANDSHAKE]) and len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big")

    for _ in range(30):
        if not hear(client, connection, 0.01) or is_whole():
            break
    hear(client, connection, 0.02)


def closing(client, connection):
    hear_hello(client, connection)
    client.shutdown(socket.SHUT_WR)
    hear(client, connection, SECONDS)


def resetting(client, connection):
    hear_hello(client, connection)
    reset(client)


def refusing(client, connection):
    hear_hello(client, connection)
    client.sendall(ALERT_RECORD + b"\x02\x28")  # fatal, handshake_failure
    client.shutdown(socket.SHUT_WR)
    hear(client, connection, SECONDS)


def silent(client, connection):
    hear(client, connection, SECONDS)


def before(port):
    """What stands before a server, and hands on what both say."""
    def answer(client, connection):
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as server:
            ends = {client: server, server: client}
            while ends:
                for source in select.select(list(ends), [], [], SECONDS)[0]:
                    some = source.recv(65536)
                    if source is client:
                        connection.bytes += some
                    if some:
                        with contextlib.suppress(OSError):
                            (server if source is client else client).sendall(some)
                    else:
                        (server if source is client else client).shutdown(socket.SHUT_WR)
                        del ends[source]

    return answer


class Probing(unittest.TestCase):
    def connect(self, answer, *arguments):
        """The report, and what each connection has sent."""
        with Counter(answer) as counter:
            done = run("connect", f"localhost:{counter.port}", "--ca", pki("ca.pem"), "--json", "--timeout", "1", *arguments,
                       timeout=2 * SECONDS)
        self.assertTrue(done.stdout, done.stderr.decode())
        return json.loads(done.stdout), counter.connections

    def expect_told(self, report, connections):
        """Each connection behind the first is a probe, and each probe one, with so many bytes."""
        made = [probe for probe in report["probes"] if probe["number"] is not None]
        self.assertEqual([probe["number"] for probe in made], list(range(1, len(made) + 1)))
        self.assertLessEqual(len(made), MAX_PROBES)
        self.assertEqual([len(connection.bytes) for connection in connections[1:]],
                         [probe["bytes_sent"] for probe in made],
                         [(probe["change"], probe["bytes_sent"]) for probe in made])
        for one, next_one in zip(connections, connections[1:]):
            # As it is seen from here, where a busy machine may take the one late and the other not.
            self.assertGreaterEqual(next_one.began - one.began, 0.6 * PACE)

    def hello_of(self, report):
        return next(event["size"] for event in report["ladder"] if event.get("message") == "ClientHello") + 5


class AfterFailure(Probing):
    answers = (closing, resetting, refusing, silent)

    def test_all_that_is_sent_is_told(self):
        for answer in self.answers:
            with self.subTest(answer.__name__):
                report, connections = self.connect(answer)
                self.assertEqual(len(connections[0].bytes), self.hello_of(report))
                self.assertGreater(len(report["probes"]), 3)
                self.expect_told(report, connections)

    def test_with_all_that_can_be_left_out(self):
        report, connections = self.connect(closing, "--alpn", "h2,http/1.1")
        self.assertIn("no_alpn", [probe["change"] for probe in report["probes"]])
        self.expect_told(report, connections)

    def test_asked_for_they_are_the_same(self):
        report, connections = self.connect(refusing, "--probe")
        self.expect_told(report, connections)
        self.assertGreater(len(connections), 1)

    def test_none_where_none_are_wanted(self):
        for answer in self.answers:
            with self.subTest(answer.__name__):
                report, connections = self.connect(answer, "--no-probe")
                self.assertEqual(report["probes"], [])
                self.assertEqual([len(connection.bytes) for connection in connections], [self.hello_of(report)])

    def test_a_hello_and_no_more(self):
        """What is no ClientHello says nothing, or is the request that a browser would send."""
        report, connections = self.connect(closing)
        for probe, connection in zip(report["probes"], connections[1:]):
            sent = bytes(connection.bytes)
            if probe["change"] == "listen":
                self.assertEqual(sent, b"")
            elif probe["change"] == "http":
                self.assertEqual(sent, b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
            else:
                self.assertEqual(sent[0], HANDSHAKE)
                self.assertEqual(5 + int.from_bytes(sent[3:5], "big"), len(sent), probe["change"])
                self.assertEqual(sent[5], 1, "a ClientHello")


class BehindAServer(Probing):
    """Where the server goes on: connections are counted before a true one."""

    def setUp(self):
        needs_openssl(self)

    def test_none_after_success(self):
        with s_server("leaf") as port:
            for arguments in ((), ("--no-probe",)):
                report, connections = self.connect(before(port), "--ca", pki("root.pem"), *arguments)
                self.assertEqual(report["verdict"]["code"], "ok")
                self.assertEqual((report["probes"], len(connections)), ([], 1))

    def test_after_success_where_they_are_wanted(self):
        with s_server("leaf") as port:
            report, connections = self.connect(before(port), "--ca", pki("root.pem"), "--probe")
        self.assertEqual(report["verdict"]["code"], "ok")
        self.assertEqual([probe["change"] for probe in report["probes"]],
                         ["nothing", "two_segments", "two_records", "large"])
        self.expect_told(report, connections)

    def test_handshakes_to_see_a_certificate(self):
        own = ("--cert", pki("client.pem"), "--key", pki("client.key"))
        for certificate, change in (("www", "certificate_without_sni"), ("alone", "certificate_for_another")):
            for version in ("-tls1_2", "-tls1_3"):
                with self.subTest((certificate, version)), s_server(certificate, version, "-verify", "1") as port:
                    report, connections = self.connect(before(port), "--ca", pki("root.pem"), *own)
                    self.assertEqual([probe["change"] for probe in report["probes"]], [change])
                    self.expect_told(report, connections)

    def test_who_we_are_is_not_told_to_a_probe(self):
        """The certificate that comes without a name is good for the address, so that the handshake goes to its end."""
        own = ("--cert", pki("client.pem"), "--key", pki("client.key"))
        with s_server("good", "-tls1_2", "-verify", "1", "-servername", "localhost", "-cert2", pki("other-name.pem"),
                      "-key2", pki("other-name.key")) as port:
            report, connections = self.connect(before(port), *own)
        self.assertEqual([probe["change"] for probe in report["probes"]], ["certificate_without_sni"])
        self.assertIn("CN=localhost", report["probes"][0]["outcome"])
        self.expect_told(report, connections)
        for connection in connections:
            self.assertNotIn(b"client.example", bytes(connection.bytes))  # a name in our certificate


def setUpModule():
    make_certificates()


if __name__ == "__main__":
    main()
