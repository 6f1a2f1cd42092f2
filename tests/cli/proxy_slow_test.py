"""Slowloris: clients that send a byte now and then, or nothing, in the hello, in headers and in bodies, are not waited for."""

import contextlib
import socket
import ssl
import time
import unittest

from program import FOLDER, listener, main, pki
from proxies import ANYWHERE, SITE, Proxy, curl, port_of, python_origin, read_all, reverse, some_bytes, tls, tls_context

SHORT = 2  # seconds, of a limit under test
LATE = SHORT + 15  # by then it must have been enforced, on a busy machine, under sanitizers


def drip(connection, data, seconds):
    """A byte now and then, for at most so long; gives how long the other side took it."""
    begin = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() - begin < seconds:
            for byte in data:
                connection.sendall(bytes((byte,)))
                # What comes is the end, or an answer and the end.
                connection.settimeout(0.2)
                try:
                    while connection.recv(65536):
                        pass
                    return time.monotonic() - begin
                except TimeoutError:
                    pass
                if time.monotonic() - begin > seconds:
                    break
    return time.monotonic() - begin


def hello_bytes():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        tls_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    return outgoing.read()


class Slow(unittest.TestCase):

    def assert_ended(self, seconds):
        self.assertGreater(seconds, SHORT * 0.5)
        self.assertLess(seconds, LATE)

    def assert_others_are_served(self, proxy):
        self.assertEqual(curl(proxy.port, "/bytes/5").stdout, some_bytes(5))

    def test_in_the_hello(self):
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
        with python_origin() as origin, reverse(origin, "--handshake-timeout", SHORT) as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
                self.assert_ended(drip(connection, hello, LATE + 1))
            self.assert_others_are_served(proxy)
            line = proxy.wait_for_line("handshake", lambda line: "error" in line)
            self.assertEqual(line["code"], "HF0806")
            self.assertIn("timed out: the client", line["error"])

    def test_in_a_hello_that_is_only_looked_at(self):
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
        with python_origin("good") as origin, \
                Proxy("passthrough", "--from", ANYWHERE, "--route", f"localhost=127.0.0.1:{port_of(origin)}",
                      "--handshake-timeout", SHORT) as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
                self.assert_ended(drip(connection, hello, LATE + 1))
            self.assert_others_are_served(proxy)

    def test_behind_the_hello(self):
        """A handshake that was begun well, and is not gone on with: whoever looked at the hello first has no other time for the rest."""
        with python_origin() as origin:
            for way in (reverse(origin, "--handshake-timeout", SHORT),
                        Proxy("forward", "--listen", ANYWHERE, *SITE, "--handshake-timeout", SHORT)):
                with self.subTest(way.arguments[0]), way as proxy:
                    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
                        connection.sendall(hello_bytes())
                        self.assert_ended(drip(connection, b"\x17\x03\x03\x01\x00" + bytes(256), LATE + 1))
                    line = proxy.wait_for_line("handshake", lambda line: "error" in line)
                    self.assertIn("timed out", line["error"])

    def test_nothing_at_all(self):
        with python_origin() as origin, reverse(origin, "--handshake-timeout", SHORT) as proxy, \
                socket.create_connection(("127.0.0.1", proxy.port), timeout=LATE) as connection:
            begin = time.monotonic()
            self.assertEqual(read_all(connection), b"")
            self.assert_ended(time.monotonic() - begin)

    def test_in_the_header(self):
        with python_origin() as origin, reverse(origin, "--header-timeout", SHORT) as proxy:
            with tls(proxy.port) as connection:
                header = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 1000
                self.assert_ended(drip(connection, header, LATE + 1))
            self.assert_others_are_served(proxy)

    def test_between_requests(self):
        with python_origin() as origin, reverse(origin, "--idle-timeout", SHORT) as proxy, \
                tls(proxy.port, timeout=LATE) as connection:
            connection.sendall(b"GET /bytes/0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            begin = time.monotonic()
            self.assertTrue(read_all(connection).startswith(b"HTTP/1.1 200 "))
            self.assert_ended(time.monotonic() - begin)

    def test_in_the_body(self):
        """It stops: the idle time-out."""
        with python_origin() as origin, reverse(origin, "--idle-timeout", SHORT) as proxy:
            with tls(proxy.port, timeout=LATE) as connection:
                connection.sendall(b"POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nbegun")
                begin = time.monotonic()
                self.assertNotIn(b" 200 ", read_all(connection)[:15])
                self.assert_ended(time.monotonic() - begin)
            self.assert_others_are_served(proxy)

    def test_a_body_byte_by_byte(self):
        """It never stops, and never gets on: the minimum rate, once the time has passed in which nobody is measured."""
        file, log = FOLDER / "slow.toml", FOLDER / "slow.log"
        with python_origin() as origin:
            file.write_text(f'log = "{log}"\nlog_format = "json"\n[limits]\nminimum_rate = 1000\nrate_grace = {SHORT}\n[[reverse]]\n'
                            f'from = "127.0.0.1:0"\nto = ["{origin}"]\ncert = ["{pki("good.pem")}"]\nkey = ["{pki("good.key")}"]\n')
            self.byte_by_byte(Proxy("run", file, log=log))

    def byte_by_byte(self, running):
        with running as proxy:
            with tls(proxy.port) as connection:
                connection.sendall(b"POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
                self.assert_ended(drip(connection, bytes(1000), LATE + 1))
            self.assert_others_are_served(proxy)

    def test_a_client_that_reads_nothing(self):
        """An answer that nobody takes is not held for ever, and not read from the origin faster than it goes out."""
        with python_origin() as origin, reverse(origin, "--idle-timeout", SHORT) as proxy:
            with tls(proxy.port) as connection:
                before = proxy.fds()
                connection.sendall(b"GET /bytes/50000000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                end = time.monotonic() + LATE
                while proxy.fds() >= before and time.monotonic() < end:
                    time.sleep(0.1)
                self.assertLess(proxy.fds(), before)
            self.assert_others_are_served(proxy)

    def test_an_origin_that_does_not_answer(self):
        def silent(connection, stop):
            stop.wait(LATE)

        with listener(silent) as port, reverse(f"http://127.0.0.1:{port}", "--response-timeout", SHORT) as proxy:
            begin = time.monotonic()
            done = curl(proxy.port, "/", "-w", "%{http_code}", "-o", "/dev/null", timeout=LATE)
            self.assertEqual(done.stdout, b"504")
            self.assert_ended(time.monotonic() - begin)


if __name__ == "__main__":
    main()
