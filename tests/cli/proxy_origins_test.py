"""handfast reverse in front of nginx, Node.js and Python, with curl in front of it."""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import socket
import unittest

import other_servers
import proxies
from program import FOLDER, main, pki
from proxies import SITE, Proxy, TRUST, curl, digest, node_origin, python_origin, read_all, reverse, some_bytes, tls, tls_context

MEGABYTE = 1 << 20


class Case(unittest.TestCase):
    def setUp(self):
        if not shutil.which("curl"):
            self.skipTest("no curl here")

    def fetch(self, port, path, *arguments, **more):
        done = curl(port, path, *arguments, **more)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def assert_same(self, found, expected):
        """Without the bytes in what it says."""
        self.assertEqual((len(found), digest(found)), (len(expected), digest(expected)))


class Exchanges:
    """What works through the proxy whatever the origin is."""

    def test_get(self):
        for length in (0, 1, 1000, 3 * MEGABYTE + 1):
            for path in ("bytes", "chunked"):
                with self.subTest(path=path, length=length):
                    self.assert_same(self.fetch(self.proxy.port, f"/{path}/{length}"), some_bytes(length))

    def test_post(self):
        for length in (0, 1, 5 * MEGABYTE + 1):
            body = some_bytes(length)
            file = FOLDER / f"{self.id()}.body"
            file.write_bytes(body)
            for name, framing in (("length", ()), ("chunked", ("-H", "Transfer-Encoding: chunked")),
                                  ("continue", ("-H", "Expect: 100-continue")), ("at once", ("-H", "Expect:"))):
                with self.subTest(framing=name, length=length):
                    told = json.loads(self.fetch(self.proxy.port, "/digest", "--data-binary", f"@{file}", *framing))
                    self.assertEqual(told, {"length": length, "digest": digest(body)})

    def test_echo(self):
        body = some_bytes(2 * MEGABYTE)
        echoed = self.fetch(self.proxy.port, "/echo", "--data-binary", "@-", "-H", "Transfer-Encoding: chunked", input=body)
        self.assert_same(echoed, body)

    def test_head(self):
        head = self.fetch(self.proxy.port, "/bytes/12345", "--head").decode().lower()
        self.assertIn("content-length: 12345", head)

    def test_keep_alive(self):
        """Several requests on one connection, of which curl says how many it made."""
        port = self.proxy.port
        urls = [f"https://localhost:{port}/bytes/{length}" for length in (5, 70_000, 0)]
        found = self.fetch(port, "/bytes/9", "-w", "%{num_connects} ", *4 * ("-o", "/dev/null"), *urls)
        self.assertEqual(found.split(), [b"1", b"0", b"0", b"0"])

    def test_http_1_0(self):
        with tls(self.proxy.port) as connection:
            connection.sendall(b"GET /bytes/70000 HTTP/1.0\r\nHost: localhost\r\n\r\n")
            head, _, body = read_all(connection).partition(b"\r\n\r\n")
        self.assertIn(b" 200 ", head.split(b"\r\n")[0] + b" ")
        self.assertNotIn(b"chunked", head.lower())
        self.assert_same(body, some_bytes(70_000))

    def test_what_the_origin_is_told(self):
        told = json.loads(self.fetch(self.proxy.port, "/headers", "-H", "X-Forwarded-For: 203.0.113.9", "-H",
                                     "Forwarded: for=203.0.113.9", "-H", "X-Real-Thing: kept", "-H", "Connection: X-Hop",
                                     "-H", "X-Hop: mine"))
        headers = told["headers"]
        self.assertEqual((told["method"], told["version"]), ("GET", "1.1"))
        self.assertEqual(headers["x-forwarded-for"], "127.0.0.1")
        self.assertEqual(headers["x-forwarded-proto"], "https")
        self.assertEqual(headers["x-forwarded-host"], f"localhost:{self.proxy.port}")
        self.assertNotIn("203.0.113.9", headers["forwarded"])
        self.assertIn("proto=https", headers["forwarded"])
        self.assertEqual(headers["x-real-thing"], "kept")
        self.assertNotIn("x-hop", headers)

    def test_pipelined_requests_are_answered_in_their_order(self):
        with tls(self.proxy.port) as connection:
            connection.sendall(b"".join(b"GET /bytes/%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % length for length in (3, 2))
                               + b"GET /bytes/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answers = read_all(connection).split(b"HTTP/1.1 200")[1:]
        self.assertEqual([len(answer.partition(b"\r\n\r\n")[2]) for answer in answers], [3, 2, 1])


class Python(Exchanges, Case):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.proxy = cls.stack.enter_context(reverse(cls.stack.enter_context(python_origin())))


class PythonOverTls(Exchanges, Case):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.proxy = cls.stack.enter_context(reverse(cls.stack.enter_context(python_origin("good")), *TRUST))


class Node(Exchanges, Case):
    @classmethod
    def setUpClass(cls):
        if not proxies.NODE:
            raise unittest.SkipTest("no Node.js here")
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.proxy = cls.stack.enter_context(reverse(cls.stack.enter_context(node_origin())))

    def test_a_body_that_nobody_wants_is_not_sent(self):
        """The origin's 413 comes instead of its 100."""
        found = self.fetch(self.proxy.port, "/refuse", "-H", "Expect: 100-continue", "--expect100-timeout", "20", "--data-binary",
                           "@-", "-w", "%{http_code} %{size_upload}", input=some_bytes(2 * MEGABYTE)).decode()
        self.assertEqual(found, "413 0")

    def test_websocket(self):
        with tls(self.proxy.port) as connection:
            key = base64.b64encode(os.urandom(16)).decode()
            connection.sendall(f"GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                               f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
            reader = connection.makefile("rb")
            self.assertRegex(reader.readline(), rb"^HTTP/1\.1 101 ")
            fields = dict(line.decode().strip().lower().split(": ", 1) for line in iter(reader.readline, b"\r\n"))
            accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
            self.assertEqual((fields["upgrade"], fields["sec-websocket-accept"]), ("websocket", accept.lower()))
            for text in (b"one", b"", b"x" * 125):
                connection.sendall(frame(0x81, text))
                self.assertEqual(reader.read(2 + len(text)), bytes((0x81, len(text))) + text)
            connection.sendall(frame(0x88, b""))
            self.assertEqual(reader.read(), bytes((0x88, 0)))


def frame(first, data):
    """Of a client: masked (RFC 6455 section 5.3)."""
    mask = os.urandom(4)
    return bytes((first, 0x80 | len(data))) + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))


class Nginx(Case):
    def setUp(self):
        super().setUp()
        other_servers.needs_nginx(self)
        other_servers.make_certificates()

    def test_files(self):
        site = FOLDER / "nginx-site"
        site.mkdir(exist_ok=True)
        (site / "large").write_bytes(some_bytes(5 * MEGABYTE))
        with other_servers.nginx("good", f"root {site};", "location = /large { etag on; gzip on; gzip_types *; }") as port, \
                reverse(f"https://localhost:{port}", *TRUST) as proxy:
            self.assert_same(self.fetch(proxy.port, "/large"), some_bytes(5 * MEGABYTE))
            self.assert_same(self.fetch(proxy.port, "/large", "--compressed"), some_bytes(5 * MEGABYTE))
            part = self.fetch(proxy.port, "/large", "-r", "1000-1999")
            self.assert_same(part, some_bytes(2000)[1000:])
            head = self.fetch(proxy.port, "/large", "--head").decode()
            tag = next(line.split(": ")[1] for line in head.splitlines() if line.lower().startswith("etag"))
            unchanged = self.fetch(proxy.port, "/large", "-H", f"If-None-Match: {tag}", "-w", "%{http_code}").decode()
            self.assertEqual(unchanged, "304")

    def test_an_origin_with_the_wrong_name_is_a_502_with_a_reason_in_the_log(self):
        with other_servers.nginx("other-name") as port, reverse(f"https://localhost:{port}", *TRUST) as proxy:
            found = self.fetch(proxy.port, "/", "-w", "%{http_code}", "-o", "/dev/null").decode()
            self.assertEqual(found, "502")
            line = proxy.wait_for_line("handshake", lambda line: "error" in line)
            self.assertIn("localhost", json.dumps(line))
            body = self.fetch(proxy.port, "/").decode(errors="replace")
            self.assertNotIn("other.example", body)  # the reason is for the log


class ClientCertificates(Case):
    def test_from_the_client(self):
        with python_origin() as origin, \
                reverse(origin, "--client-auth", "require", "--client-ca", pki("ca.pem")) as proxy:
            good = curl(proxy.port, "/bytes/10", "--cert", pki("client.pem"), "--key", pki("client.key"))
            self.assertEqual((good.returncode, good.stdout), (0, some_bytes(10)))
            self.assertNotEqual(curl(proxy.port, "/bytes/10").returncode, 0)
            bad = curl(proxy.port, "/bytes/10", "--cert", pki("stranger.pem"), "--key", pki("stranger.key"))
            self.assertNotEqual(bad.returncode, 0)

    def test_towards_the_origin(self):
        own = ("--upstream-cert", pki("client.pem"), "--upstream-key", pki("client.key"))
        with python_origin("good", client_ca="ca.pem") as origin:
            with reverse(origin, *TRUST, *own) as proxy:
                self.assert_same(self.fetch(proxy.port, "/bytes/10"), some_bytes(10))
            with reverse(origin, *TRUST) as proxy:
                self.assertEqual(self.fetch(proxy.port, "/", "-w", "%{http_code}", "-o", "/dev/null"), b"502")


class Sites(Case):
    def test_a_host_that_is_not_the_connections_site(self):
        """RFC 9110 section 15.5.20: 421 (Misdirected Request)."""
        more = ("--cert", pki("second.pem"), "--key", pki("second.key"))
        with python_origin() as origin, \
                Proxy("reverse", "--from", proxies.ANYWHERE, "--to", f"localhost={origin}", "--to", f"second.example={origin}",
                      *SITE, *more) as proxy, \
                tls(proxy.port, tls_context(), "second.example") as connection:
            for host, status in (("second.example", b"200"), ("SECOND.example.", b"200"), ("localhost", b"421"),
                                 ("unknown.example", b"421")):
                connection.sendall(f"GET /bytes/0 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                self.assertEqual(connection.recv(65536).split()[1], status, host)

    def test_several_origins_take_turns(self):
        with python_origin() as first, python_origin() as second:
            proxy = Proxy("reverse", "--from", proxies.ANYWHERE, "--to", first, "--to", second, *SITE)
            with proxy:
                for _ in range(4):
                    self.fetch(proxy.port, "/bytes/1")
                ports = {str(line.get("origin", line.get("upstream"))).rpartition(":")[2] for line in proxy.lines("request")}
                proxy.stop()
                ports |= {str(line.get("origin", line.get("upstream"))).rpartition(":")[2] for line in proxy.lines("request")}
        self.assertEqual(ports, {str(proxies.port_of(first)), str(proxies.port_of(second))})


class Refused(Case):
    def test_an_origin_that_is_not_there(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with reverse(f"http://localhost:{port}") as proxy:
            self.assertEqual(self.fetch(proxy.port, "/", "-w", "%{http_code}", "-o", "/dev/null"), b"502")


if __name__ == "__main__":
    main()
