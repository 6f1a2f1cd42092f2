"""handfast reverse: sites kept apart, what origins are told, bytes behind TLS, and what does not begin."""

import base64
import contextlib
import json
import pathlib
import socket
import ssl
import subprocess
import threading
import unittest

from program import FOLDER, PROGRAM, environment, main, pki, run
from proxies import ANYWHERE, SITE, Proxy, port_of, python_origin, read_all, reverse, tls, tls_context

SECOND = ("--cert", pki("second.pem"), "--key", pki("second.key"))


def ask(connection, path="/headers", *fields):
    """One request; gives its status and its body."""
    head = "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *fields])
    connection.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode())
    head, _, body = read_all(connection).partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def is_served(connection):
    """Whether there is any answer; a client of TLS 1.3 hears of its own refusal behind the handshake."""
    with contextlib.suppress(OSError):
        connection.sendall(b"GET /bytes/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection.recv(1) != b""
    return False


def told(connection, *fields):
    status, body = ask(connection, "/headers", *fields)
    assert status == 200, (status, body)
    return json.loads(body)["headers"]


@contextlib.contextmanager
def echoing(greeting=b""):
    """A TCP server that says `greeting` and then what it has heard; gives its address and all that it has heard."""
    heard = []

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            connection.sendall(greeting)
            while data := connection.recv(65536):
                heard.append(data)
                connection.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as server:
        def accept():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}", heard
        server.shutdown(socket.SHUT_RDWR)


def session_of(connection):
    """A session that can be resumed: tickets of TLS 1.3 come with the first data."""
    ask(connection, "/bytes/1")
    return connection.session


class Sites(unittest.TestCase):
    def two_sites(self, first, second):
        return Proxy("reverse", "--from", ANYWHERE, "--to", f"localhost={first}", "--to", f"second.example={second}", *SITE,
                     *SECOND)

    def test_each_name_has_its_origin(self):
        with python_origin() as first, python_origin() as second, self.two_sites(first, second) as proxy:
            for name, origin in (("localhost", first), ("second.example", second)):
                with tls(proxy.port, name=name) as connection:
                    connection.sendall(f"GET /bytes/0 HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
                    self.assertEqual(read_all(connection).split()[1], b"200")
                line = proxy.wait_for_line("request", lambda line: line["host"] == name)
                self.assertEqual(port_of(line["upstream"]), port_of(origin))

    def test_a_host_of_another_site_is_misdirected(self):
        with python_origin() as first, python_origin() as second, self.two_sites(first, second) as proxy:
            for target in ("GET / HTTP/1.1\r\nHost: second.example", "GET / HTTP/1.1\r\nHost: SECOND.example.:443",
                           "GET http://second.example/ HTTP/1.1\r\nHost: localhost", "GET / HTTP/1.0\r\nHost: second.example"):
                with self.subTest(target=target), tls(proxy.port) as connection:
                    connection.sendall(f"{target}\r\nConnection: close\r\n\r\n".encode())
                    self.assertEqual(read_all(connection).split()[1], b"421")

    def test_a_name_that_is_nobodys(self):
        with python_origin() as first, python_origin() as second, self.two_sites(first, second) as proxy:
            for name in ("third.example", None):
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                with self.subTest(name=name), self.assertRaisesRegex(ssl.SSLError, "(?i)unrecognized.name"):
                    tls(proxy.port, context, name).close()
            line = proxy.wait_for_line("handshake", lambda line: "error" in line)
            self.assertIn("code", line)

    def test_sessions_do_not_cross_sites(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version), python_origin() as first, self.two_sites(first, first) as proxy:
                context = tls_context()
                context.minimum_version = context.maximum_version = version

                def reused(name, session):
                    raw = socket.create_connection(("127.0.0.1", proxy.port))
                    with context.wrap_socket(raw, server_hostname=name, session=session) as connection:
                        return connection.session_reused

                with tls(proxy.port, context) as connection:
                    session = session_of(connection)
                self.assertTrue(reused("localhost", session))
                self.assertFalse(reused("second.example", session))

    def test_sessions_do_not_cross_what_is_asked_of_clients(self):
        """What was agreed on without a certificate is not resumed where one is required."""
        with python_origin() as origin:
            file = FOLDER / "reverse-sessions.toml"
            common = f'to = "{origin}"\ncert = "{pki("good.pem")}"\nkey = "{pki("good.key")}"\n'
            file.write_text(f'log = "{FOLDER}/reverse-sessions.log"\n'
                            f'[[reverse]]\nfrom = "127.0.0.1:0"\n{common}'
                            f'[[reverse]]\nfrom = "localhost:0"\n{common}'
                            f'client_auth = "require"\nclient_ca = "{pki("ca.pem")}"\n')
            checked = run("check", file)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            process = subprocess.Popen([PROGRAM, "run", file], stdout=subprocess.PIPE, text=True, env=environment())
            try:
                ports = [int(process.stdout.readline().rpartition(":")[2]) for _ in range(2)]
                context = tls_context()
                with tls(ports[0], context) as connection:
                    session = session_of(connection)
                raw = socket.create_connection(("127.0.0.1", ports[1]))
                with context.wrap_socket(raw, server_hostname="localhost", session=session) as connection:
                    self.assertFalse(is_served(connection))
            finally:
                process.terminate()
                process.communicate()


class Told(unittest.TestCase):
    def test_what_clients_say_of_themselves_is_dropped(self):
        lies = [f"{name}: evil" for name in (
            "X-Forwarded-For", "X_Forwarded_For", "x-forwarded-proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP",
            "Forwarded", "Client-Cert", "Client_Cert", "Client-Cert-Chain")]
        with python_origin() as origin, reverse(origin) as proxy, tls(proxy.port) as connection:
            fields = told(connection, *lies, "Connection: X-Forwarded-For, Forwarded")
        self.assertNotIn("evil", str(fields))
        self.assertEqual(fields["via"], "1.1 handfast")
        self.assertEqual(fields["x-forwarded-for"], "127.0.0.1")
        self.assertEqual(fields["x-forwarded-proto"], "https")
        self.assertEqual(fields["x-forwarded-host"], "localhost")
        self.assertEqual(fields["forwarded"], "for=127.0.0.1;host=localhost;proto=https")
        self.assertNotIn("client-cert", fields)

    def test_the_clients_certificate(self):
        asked = ("--client-auth", "request", "--client-ca", pki("ca.pem"))
        pem = pathlib.Path(pki("client.pem")).read_text(encoding="ascii")
        der = ssl.PEM_cert_to_DER_cert(pem[:pem.index("-----END")] + "-----END CERTIFICATE-----\n")
        with python_origin() as origin, reverse(origin, *asked, "--pass-client-cert") as proxy:
            with tls(proxy.port, tls_context(client="client")) as connection:
                fields = told(connection, "Client-Cert: :AAAA:")
            self.assertEqual(fields["client-cert"], f":{base64.b64encode(der).decode()}:")
            with tls(proxy.port) as connection:
                self.assertNotIn("client-cert", told(connection, "Client-Cert: :AAAA:"))
        with python_origin() as origin, reverse(origin, *asked) as proxy, \
                tls(proxy.port, tls_context(client="client")) as connection:
            self.assertNotIn("client-cert", told(connection))

    def test_who_may_connect(self):
        rule = ("--client-auth", "require", "--client-ca", pki("ca.pem"), "--client-allow", "cn:somebody else")
        with python_origin() as origin, reverse(origin, *rule) as proxy:
            with tls(proxy.port, tls_context(client="client")) as connection:
                self.assertFalse(is_served(connection))
            self.assertIn("not_authorized", proxy.wait_for_line("handshake", lambda line: "error" in line)["error"])

    def test_another_host(self):
        with python_origin() as origin, reverse(origin, "--upstream-host", "inner.example") as proxy, \
                tls(proxy.port) as connection:
            fields = told(connection)
            self.assertEqual((fields["host"], fields["x-forwarded-host"]), ("inner.example", "localhost"))


class Bytes(unittest.TestCase):
    def test_both_ways(self):
        with echoing(b"220 here\r\n") as (origin, heard), reverse(origin) as proxy:
            with tls(proxy.port) as connection:
                self.assertEqual(connection.recv(100), b"220 here\r\n")
                connection.sendall(b"QUIT\r\n")
                self.assertEqual(connection.recv(100), b"QUIT\r\n")
            proxy.wait_for_line("tunnel")
        self.assertEqual(b"".join(heard), b"QUIT\r\n")

    def test_the_proxy_protocol_to_the_origin(self):
        for version in ("v1", "v2"):
            with self.subTest(version=version), echoing() as (origin, heard), reverse(origin, "--send-proxy", version) as proxy, \
                    tls(proxy.port) as connection:
                client = connection.getsockname()
                connection.sendall(b"hello")
                got = b""
                while not got.endswith(b"hello"):
                    got += connection.recv(1000)
                if version == "v1":
                    self.assertEqual(got, f"PROXY TCP4 127.0.0.1 127.0.0.1 {client[1]} {proxy.port}\r\nhello".encode())
                else:
                    self.assertTrue(got.startswith(b"\r\n\r\n\0\r\nQUIT\n\x21\x11"), got)
                    self.assertEqual(got[24:28], client[1].to_bytes(2) + proxy.port.to_bytes(2))
                    self.assertIn(b"TLSv1.3", got)

    def test_the_proxy_protocol_from_whom_it_is_believed(self):
        with python_origin() as origin:
            with reverse(origin, "--accept-proxy", "127.0.0.0/8") as proxy:
                raw = socket.create_connection(("127.0.0.1", proxy.port))
                raw.sendall(b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n")
                with tls_context().wrap_socket(raw, server_hostname="localhost") as connection:
                    self.assertEqual(told(connection)["x-forwarded-for"], "203.0.113.7")
                self.assertEqual(proxy.wait_for_line("request")["peer"], "203.0.113.7:4711")
                with self.assertRaises(OSError):  # and without one nobody comes in
                    tls(proxy.port).close()
            with reverse(origin) as proxy:
                raw = socket.create_connection(("127.0.0.1", proxy.port))
                raw.sendall(b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n")
                with self.assertRaises(OSError):
                    tls_context().wrap_socket(raw, server_hostname="localhost").close()

    def test_a_connection_with_a_header_is_its_clients_alone(self):
        """The origin would take the requests of one for those of another."""
        with echoing() as (origin, heard):
            with reverse(origin.replace("tcp://", "http://"), "--send-proxy", "v1") as proxy:
                clients = [tls(proxy.port) for _ in range(2)]
                for client in clients:
                    client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    self.assertIn(b" 502 ", client.recv(1000))  # an echo is no answer
                    client.close()
        self.assertEqual(b"".join(heard).count(b"PROXY TCP4"), 2)


class Origins(unittest.TestCase):
    def test_one_that_is_not_there_is_passed_over(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with python_origin() as origin:
            with Proxy("reverse", "--from", ANYWHERE, "--to", f"http://127.0.0.1:{port}", "--to", origin, *SITE) as proxy:
                for _ in range(4):
                    with tls(proxy.port) as connection:
                        self.assertEqual(ask(connection, "/bytes/1")[0], 200)
                # Whoever was not there stands in the log.
                self.assertIn("error", proxy.wait_for_line("handshake", lambda line: line.get("origin", "").endswith(f":{port}")))

    def test_certificates_that_are_not_right(self):
        for certificate, code in (("other-name", "HF"), ("stranger", "HF"), ("expired", "HF"), ("self-signed", "HF")):
            with self.subTest(certificate=certificate), python_origin(certificate) as origin, \
                    reverse(origin, "--ca", pki("ca.pem")) as proxy:
                with tls(proxy.port) as connection:
                    status, body = ask(connection)
                self.assertEqual(status, 502)
                line = proxy.wait_for_line("request")
                self.assertTrue(line["code"].startswith(code), line)
                for word in (b"certificate", b"expired", b"trust", line["code"].encode()):
                    self.assertNotIn(word, body)

    def test_the_name_that_it_has_to_have(self):
        with python_origin("good") as origin:
            address = origin.replace("localhost", "127.0.0.1")
            with reverse(address, "--ca", pki("ca.pem"), "--upstream-name", "localhost") as proxy, tls(proxy.port) as connection:
                self.assertEqual(ask(connection)[0], 200)
            with reverse(address, "--ca", pki("ca.pem"), "--upstream-name", "other.example") as proxy, \
                    tls(proxy.port) as connection:
                self.assertEqual(ask(connection)[0], 502)

    def test_tls_1_0_is_not_spoken(self):
        with python_origin() as origin, reverse(origin, "--tls", "1.3") as proxy:
            context = tls_context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            with self.assertRaises(ssl.SSLError):
                tls(proxy.port, context).close()


class Refused(unittest.TestCase):
    def refused(self, word, *arguments):
        done = run("reverse", "--from", ANYWHERE, *arguments)
        text = done.stdout.decode() + done.stderr.decode()
        self.assertNotEqual(done.returncode, 0, text)
        self.assertIn(word, text)

    def test_what_does_not_begin(self):
        there = ("--to", "http://127.0.0.1:1")
        self.refused("--to", "--to", "ftp://127.0.0.1", *SITE)
        self.refused("--to", "--to", "http://127.0.0.1/path", *SITE)
        self.refused("--to", "--to", "http://127.0.0.1", "--to", "tcp://127.0.0.1:1", *SITE)
        self.refused("--to", "--to", "tcp://127.0.0.1", *SITE)
        self.refused("--to", "--to", "a..example=http://127.0.0.1", *SITE)
        self.refused("third.example", "--to", "third.example=http://127.0.0.1", *SITE)
        self.refused("expired", *there, "--cert", pki("expired.pem"), "--key", pki("expired.key"))
        self.refused("key", *there, "--cert", pki("good.pem"), "--key", pki("second.key"))
        self.refused("missing.pem", *there, "--cert", str(FOLDER / "missing.pem"))
        self.refused("--client-auth", *there, *SITE, "--client-auth", "require")
        self.refused("--client-ca", *there, *SITE, "--client-ca", pki("ca.pem"))
        self.refused("--pass-client-cert", *there, *SITE, "--pass-client-cert")
        self.refused("--client-allow", *there, *SITE, "--client-auth", "require", "--client-ca", pki("ca.pem"),
                     "--client-allow", "nonsense")
        self.refused("--ca", *there, *SITE, "--ca", pki("ca.pem"))
        self.refused("--tls", *there, *SITE, "--tls", "1.4")
        self.refused("--early-data", *there, *SITE, "--early-data", "100", "--tickets", "0")
        self.refused("--alpn", *there, *SITE, "--alpn", "imap")
        self.refused("--send-proxy", *there, *SITE, "--send-proxy", "v3")
        self.refused("--accept-proxy", *there, *SITE, "--accept-proxy", "nobody")

    def test_a_throw_away_certificate(self):
        authority = FOLDER / "reverse-ca.pem"
        with python_origin() as origin, \
                Proxy("reverse", "--from", ANYWHERE, "--to", origin, "--ca-out", authority) as proxy:
            context = ssl.create_default_context(cafile=authority)
            with tls(proxy.port, context) as connection:
                self.assertEqual(ask(connection, "/bytes/1")[0], 200)


if __name__ == "__main__":
    main()
