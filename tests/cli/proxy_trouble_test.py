"""What the proxy withstands: clients that take their time, no file descriptors, no room for the log, files half-written."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import ssl
import threading
import time
import unittest

from program import FOLDER, SECONDS, listener, main, pki
from proxies import ANYWHERE, LOOPBACK, SITE, TRUST, Proxy, curl, node_origin, port_of, python_origin, read_all, reverse, some_bytes, tls

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


class Slow(unittest.TestCase):
    """Slowloris: whoever sends a byte now and then is not waited for longer than anybody else."""

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
            self.assertIn("code", line)

    def test_in_a_hello_that_is_only_looked_at(self):
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
        with python_origin("good") as origin, \
                Proxy("passthrough", "--from", ANYWHERE, "--route", f"localhost=127.0.0.1:{port_of(origin)}",
                      "--handshake-timeout", SHORT) as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
                self.assert_ended(drip(connection, hello, LATE + 1))
            self.assert_others_are_served(proxy)

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
        """It never stops, and never gets on: the minimum rate, after ten seconds."""
        with python_origin() as origin, reverse(origin, "--min-rate", 1000) as proxy:
            with tls(proxy.port) as connection:
                connection.sendall(b"POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
                took = drip(connection, bytes(1000), 60)
                self.assertGreater(took, 5)
                self.assertLess(took, 45)
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


class Crowds(unittest.TestCase):
    def test_too_many_of_an_address(self):
        with python_origin() as origin, reverse(origin, "--max-per-address", 3) as proxy, contextlib.ExitStack() as stack:
            held = [stack.enter_context(tls(proxy.port)) for _ in range(3)]
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=SECONDS) as fourth:
                self.assertEqual(read_all(fourth), b"")
            self.assertIn("address", str(proxy.wait_for_line("refused") if proxy.lines("refused") else proxy.lines()))
            held[0].close()
            end = time.monotonic() + SECONDS
            while curl(proxy.port, "/bytes/5").stdout != some_bytes(5):
                self.assertLess(time.monotonic(), end)

    def test_no_file_descriptors(self):
        """accept() fails for a while; afterwards it is as before, and what was there was never touched."""
        with python_origin() as origin, reverse(origin) as proxy, tls(proxy.port) as old:
            request = b"GET /bytes/10 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            old.sendall(request)
            self.assertIn(b" 200 ", old.recv(65536)[:15])
            time.sleep(0.3)
            before = proxy.fds()
            waiting = []
            try:
                with proxy.few_fds(2):
                    waiting = [socket.create_connection(("127.0.0.1", proxy.port), timeout=SECONDS) for _ in range(30)]
                    time.sleep(1)
                    cpu = cpu_seconds(proxy)
                    time.sleep(1)
                    self.assertLess(cpu_seconds(proxy) - cpu, 0.5, "it does not spin meanwhile")
            finally:
                for connection in waiting:
                    connection.close()
            begin = time.monotonic()
            self.assertEqual(curl(proxy.port, "/bytes/10").stdout, some_bytes(10))
            self.assertLess(time.monotonic() - begin, 10)
            end = time.monotonic() + SECONDS
            while proxy.fds() > before + 1 and time.monotonic() < end:
                time.sleep(0.1)
            self.assertLessEqual(proxy.fds(), before + 1)
            old.sendall(request)
            self.assertIn(b" 200 ", old.recv(65536)[:15])

    def test_the_log_has_no_room(self):
        with python_origin() as origin:
            proxy = reverse(origin, log="/dev/full")
            with proxy:
                for _ in range(20):
                    self.assertEqual(curl(proxy.port, "/bytes/10").stdout, some_bytes(10))
                self.assertEqual(proxy.stop(), 0)
            said = [line for line in proxy.errors if "log" in line]
            self.assertEqual(len(said), 1, proxy.errors)


class Files(unittest.TestCase):
    def refused_reload(self, proxy, known=0):
        """The line of a reload that changed nothing."""
        proxy.reload()
        line = proxy.wait_for_line("reload", lambda line: len(proxy.lines("reload")) > known)
        line = proxy.lines("reload")[-1]
        self.assertIn("refused", line["result"])
        return line

    def test_a_half_written_certificate(self):
        """Whatever stands there: it serves as before, and says why."""
        file, key = FOLDER / "half.pem", FOLDER / "half.key"
        good = pathlib.Path(pki("good.pem")).read_bytes()
        shutil.copy(pki("good.pem"), file)
        shutil.copy(pki("good.key"), key)
        with python_origin() as origin, \
                Proxy("reverse", "--from", ANYWHERE, "--to", origin, "--cert", file, "--key", key) as proxy:
            for number, content in enumerate((good[:len(good) // 2], b"", b"rubbish", pathlib.Path(pki("second.pem")).read_bytes(),
                                              pathlib.Path(pki("expired.pem")).read_bytes(), None)):
                with self.subTest(number):
                    file.unlink(missing_ok=True)
                    if content is not None:
                        file.write_bytes(content)
                    line = self.refused_reload(proxy, len(proxy.lines("reload")))
                    self.assertIn("error", line)
                    self.assertIn("code", line)
                    self.assertIn("half", str(line))
                    self.assertEqual(curl(proxy.port, "/bytes/10").stdout, some_bytes(10))
            file.write_bytes(good)
            known = len(proxy.lines("reload"))
            proxy.reload()
            proxy.wait_for_line("reload", lambda line: len(proxy.lines("reload")) > known)
            self.assertEqual(proxy.lines("reload")[-1]["result"], "done")

    def test_a_half_written_configuration(self):
        file = FOLDER / "half.toml"

        with python_origin() as origin:
            text = (f'[[reverse]]\nfrom = "127.0.0.1:0"\nto = ["{origin}"]\ncert = ["{pki("good.pem")}"]\n'
                    f'key = ["{pki("good.key")}"]\n')
            file.write_text(text)
            with Proxy("run", file) as proxy:
                for content in (text[:len(text) - 8], "", text.replace("cert", "crt"), text.replace("good.key", "missing.key")):
                    with self.subTest(content):
                        file.write_text(content)
                        self.refused_reload(proxy, len(proxy.lines("reload")))
                        self.assertEqual(curl(proxy.port, "/bytes/10").stdout, some_bytes(10))

    def test_the_log_is_moved_away(self):
        with python_origin() as origin, reverse(origin) as proxy:
            curl(proxy.port, "/bytes/1")
            proxy.wait_for_line("request")
            old = pathlib.Path(f"{proxy.log_path}.1")
            os.rename(proxy.log_path, old)
            proxy.reload()
            end = time.monotonic() + SECONDS
            while not os.path.exists(proxy.log_path) and time.monotonic() < end:
                time.sleep(0.1)
            curl(proxy.port, "/bytes/2")
            proxy.wait_for_line("request")


class Ends(unittest.TestCase):
    def test_what_was_begun_is_finished(self):
        """SIGTERM: no more connections; the answer that is under way comes whole."""
        with contextlib.ExitStack() as stack:
            going_on = threading.Event()

            def slow(connection, stop):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
                going_on.wait(SECONDS)
                connection.sendall(b"world")

            port = stack.enter_context(listener(slow))
            proxy = stack.enter_context(reverse(f"http://127.0.0.1:{port}"))
            idle = stack.enter_context(tls(proxy.port))
            busy = stack.enter_context(tls(proxy.port))
            busy.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while not received.endswith(b"hello"):
                received += busy.recv(65536)
            proxy.process.send_signal(signal.SIGTERM)
            self.assertEqual(read_all(idle), b"")
            with self.assertRaises(OSError):
                late = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
                with late:
                    late.sendall(b"x")
                    if not late.recv(1):
                        raise ConnectionResetError
            going_on.set()
            self.assertTrue(read_all(busy).endswith(b"world"))
            self.assertEqual(proxy.process.wait(timeout=SECONDS), 0)

    def test_it_does_not_wait_for_ever(self):
        def endless(connection, stop):
            connection.recv(65536)
            stop.wait(SECONDS)

        with listener(endless) as port, reverse(f"http://127.0.0.1:{port}", "--drain-timeout", SHORT) as proxy, \
                tls(proxy.port) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.5)
            begin = time.monotonic()
            proxy.stop()
            self.assertLess(time.monotonic() - begin, LATE)


def cpu_seconds(proxy):
    fields = pathlib.Path(f"/proc/{proxy.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
