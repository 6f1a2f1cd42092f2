"""What the proxy withstands: too many clients, no file descriptors, no room for the log, files half-written; and how it ends."""

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
from proxies import ANYWHERE, Proxy, curl, digest, python_origin, read_all, reverse, some_bytes, tls, tls_context

class Crowds(unittest.TestCase):
    def test_too_many_of_an_address(self):
        with python_origin() as origin, reverse(origin, "--max-per-address", 3) as proxy, contextlib.ExitStack() as stack:
            held = [stack.enter_context(tls(proxy.port)) for _ in range(3)]
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=SECONDS) as fourth:
                self.assertEqual(read_all(fourth), b"")
            self.assertIn("address", proxy.wait_for_line("shed")["reason"])
            held[0].close()
            end = time.monotonic() + SECONDS
            while curl(proxy.port, "/bytes/5").stdout != some_bytes(5):
                self.assertLess(time.monotonic(), end)

    def test_no_file_descriptors(self):
        """accept() fails for a while; afterwards it is as before, and what was there was never touched."""
        with python_origin() as origin, reverse(origin) as proxy, tls(proxy.port) as old:
            ask(self, old)
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
            ask(self, old)

    def test_the_log_has_no_room(self):
        with python_origin() as origin:
            proxy = reverse(origin, log="/dev/full")
            with proxy:
                for _ in range(20):
                    self.assertEqual(curl(proxy.port, "/bytes/10").stdout, some_bytes(10))
                self.assertEqual(proxy.stop(), 0)
            said = [line for line in proxy.errors if "log" in line]
            self.assertEqual(len(said), 1, proxy.errors)


class Eager(unittest.TestCase):
    def test_bytes_right_behind_the_hello(self):
        """What was read to look at it is handed on first, then all the rest, as fast as it comes."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = tls_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            client.do_handshake()
        sent = outgoing.read() + some_bytes(3_000_000)
        received = []

        def swallow(connection, _):
            received.append(read_all(connection))
            connection.sendall(b"all of it")

        with listener(swallow) as port, \
                Proxy("passthrough", "--from", ANYWHERE, "--route", f"localhost=127.0.0.1:{port}") as proxy:
            for pause in (0, 0, 0.2):
                with socket.create_connection(("127.0.0.1", proxy.port), timeout=SECONDS) as connection:
                    connection.sendall(sent[:600])
                    time.sleep(pause)
                    connection.sendall(sent[600:])
                    connection.shutdown(socket.SHUT_WR)
                    self.assertEqual(read_all(connection), b"all of it")
                self.assertEqual(digest(received.pop()), digest(sent))
            self.assertEqual(proxy.stop(), 0)


class Files(unittest.TestCase):
    def refused_reload(self, proxy, known=0):
        """The line of a reload that changed nothing."""
        proxy.reload()
        proxy.wait_for_line("reload", lambda line: len(proxy.lines("reload")) > known)
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
            half_key = pathlib.Path(pki("good.key")).read_bytes()[:100]
            contents = {"half": (good[:len(good) // 2], None), "empty": (b"", None), "rubbish": (b"rubbish", None), "gone": (None, None),
                        "not of the key": (pathlib.Path(pki("second.pem")).read_bytes(), None), "half a key": (good, half_key)}
            for name, (content, new_key) in contents.items():
                with self.subTest(name):
                    file.unlink(missing_ok=True)
                    if content is not None:
                        file.write_bytes(content)
                    key.write_bytes(new_key or pathlib.Path(pki("good.key")).read_bytes())
                    line = self.refused_reload(proxy, len(proxy.lines("reload")))
                    self.assertIn("error", line)
                    self.assertIn("code", line)
                    self.assertRegex(str(line), "half|second.example")  # which of them
                    self.assertEqual(curl(proxy.port, "/bytes/10").stdout, some_bytes(10))
            shutil.copy(pki("good.key"), key)
            file.write_bytes(good)
            known = len(proxy.lines("reload"))
            proxy.reload()
            proxy.wait_for_line("reload", lambda line: len(proxy.lines("reload")) > known)
            self.assertEqual(proxy.lines("reload")[-1]["result"], "done")

    def test_a_half_written_configuration(self):
        file, log = FOLDER / "half.toml", FOLDER / "half.log"
        with python_origin() as origin:
            text = (f'log = "{log}"\nlog_format = "json"\n[[reverse]]\nfrom = "127.0.0.1:0"\nto = ["{origin}"]\ncert = ["{pki("good.pem")}"]\n'
                    f'key = ["{pki("good.key")}"]\n')
            file.write_text(text)
            with Proxy("run", file, log=log) as proxy:
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
            time.sleep(1)
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", proxy.port), timeout=5).close()
            going_on.set()
            begin = time.monotonic()
            self.assertTrue(read_all(busy).endswith(b"world"))
            self.assertEqual(proxy.process.wait(timeout=SECONDS), 0)
            self.assertLess(time.monotonic() - begin, 15)  # it does not wait for the connection's next request
            self.assertEqual([line["cut_off"] for line in proxy.lines("end")], [0])

    def test_it_does_not_wait_for_ever(self):
        def endless(connection, stop):
            connection.recv(65536)
            stop.wait(SECONDS)

        with listener(endless) as port, reverse(f"http://127.0.0.1:{port}", "--drain-timeout", 2) as proxy, \
                tls(proxy.port) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.5)
            begin = time.monotonic()
            proxy.stop()
            self.assertLess(time.monotonic() - begin, SECONDS)


def ask(test, connection):
    """A request on a connection that stays."""
    connection.sendall(b"GET /bytes/10 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while not answer.endswith(some_bytes(10)):
        part = connection.recv(65536)
        test.assertTrue(part, "it has ended")
        answer += part
    test.assertRegex(answer, rb"^HTTP/1\.1 200 ")


def cpu_seconds(proxy):
    fields = pathlib.Path(f"/proc/{proxy.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
