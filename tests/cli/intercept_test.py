"""handfast intercept, as its users meet it: curl, Python, origins of all kinds."""

import contextlib
import json
import os
import socket
import ssl
import threading
import time
import unittest

import proxies
from intercepting import Intercept, Ruled, ask, curl, listening_to_the_end, origin, read_head, verify_code
from program import FOLDER, SECONDS, listener, main, pki, run


def peer_certificate(tls):
    return tls.getpeercert(binary_form=True)


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def der_of(name):
    return ssl.PEM_cert_to_DER_cert(text_of(pki(name + ".pem")))


def wait_until(done):
    end = time.monotonic() + SECONDS
    while not done() and time.monotonic() < end:
        time.sleep(0.05)


def words(error):
    """What OpenSSL says, whatever its version sets between the words."""
    return str(error).upper().replace("_", " ")


class Trusted(unittest.TestCase):
    def test_curl_gets_the_page_with_our_certificate(self):
        with origin("good") as server, Intercept() as proxy:
            got = curl("--proxy", proxy.proxy, "--cacert", proxy.ca, "--verbose", f"https://localhost:{server.port}/page")
            self.assertEqual(got.stdout, f"GET /page of localhost:{server.port}".encode(), got.stderr)
            self.assertIn(b"issuer: O=Handfast; CN=Handfast local CA", got.stderr)
            request = proxy.wait_for("request")
            self.assertEqual((request["method"], request["target"], request["status"], request["scheme"]),
                             ("GET", "/page", 200, "https"))
            sides = [line["side"] for line in proxy.lines() if line["event"] == "handshake"]
            self.assertEqual(sides, ["origin", "client"])

    def test_without_our_authority_nobody_is_fooled(self):
        with origin("good") as server, Intercept() as proxy:
            got = curl("--proxy", proxy.proxy, "--cacert", pki("ca.pem"), f"https://localhost:{server.port}/")
            self.assertEqual(got.returncode, 60, got)
            failed = proxy.wait_for("handshake", side="client")
            self.assertTrue(failed["code"].startswith("HF"), failed)
            self.assertIn("error", failed)

    def test_the_leaf_says_what_the_origin_says(self):
        with origin("good") as server, Intercept() as proxy:
            with proxy.tls(f"localhost:{server.port}", "localhost") as tls:
                shown = tls.getpeercert()
            self.assertEqual(sorted(shown["subjectAltName"]),
                             sorted([("DNS", "localhost"), ("IP Address", "127.0.0.1"), ("IP Address", "0:0:0:0:0:0:0:1")]))
            self.assertEqual(ssl.cert_time_to_seconds(shown["notAfter"]),
                             ssl.cert_time_to_seconds(ssl._ssl._test_decode_cert(pki("good.pem"))["notAfter"]))

    def test_an_address_may_be_asked_for(self):
        with origin("good") as server, Intercept() as proxy:
            with proxy.tls(f"127.0.0.1:{server.port}", "127.0.0.1") as tls:
                self.assertIn(" 200 ", ask(tls, host=f"127.0.0.1:{server.port}")[0])

    def test_requests_go_over_one_connection_to_the_origin(self):
        with origin("good") as server, Intercept() as proxy:
            with proxy.tls(f"localhost:{server.port}", "localhost") as tls:
                for number in range(5):
                    head, body = ask(tls, f"/{number}", f"localhost:{server.port}")
                    self.assertEqual(body, f"GET /{number} of localhost:{server.port}".encode())
            self.assertEqual(server.handshakes, 1)
            self.assertNotIn("reused", proxy.wait_for("request", target="/0"))
            self.assertIn("reused", proxy.wait_for("request", target="/1"))

    def test_bodies_come_through_whole(self):
        big = os.urandom(3_000_000)
        with origin("good") as server, Intercept() as proxy:
            path = os.path.join(proxy.folder, "big")
            with open(path, "wb") as file:
                file.write(big)
            got = curl("--proxy", proxy.proxy, "--cacert", proxy.ca, "--data-binary", f"@{path}", "-H", "Expect:",
                       f"https://localhost:{server.port}/")
            self.assertEqual(got.stdout, big)
            self.assertEqual(proxy.wait_for("request")["bytes_in"], len(big))

    def test_a_client_of_tls_1_2_too(self):
        with origin("good") as server, Intercept() as proxy:
            got = curl("--proxy", proxy.proxy, "--cacert", proxy.ca, "--tls-max", "1.2", f"https://localhost:{server.port}/")
            self.assertEqual(got.returncode, 0, got.stderr)
            self.assertEqual(proxy.wait_for("handshake", side="client")["version"], "TLS 1.2")

    def test_sessions_are_resumed(self):
        with origin("good") as server, Intercept() as proxy:
            sock, _ = proxy.tunnel(f"localhost:{server.port}")
            context = ssl.create_default_context(cafile=proxy.ca)
            with context.wrap_socket(sock, server_hostname="localhost") as tls:
                ask(tls, host=f"localhost:{server.port}")
                session = tls.session
            sock, _ = proxy.tunnel(f"localhost:{server.port}")
            with context.wrap_socket(sock, server_hostname="localhost", session=session) as tls:
                self.assertTrue(tls.session_reused)
                self.assertIn(" 200 ", ask(tls, host=f"localhost:{server.port}")[0])


class Untrusted(unittest.TestCase):
    """Each fault is seen through the proxy as it is without it."""

    def compare(self, certificate, code):
        with origin(certificate) as server, Intercept() as proxy:
            trusting_both = ssl.create_default_context(cafile=pki("ca.pem"))
            direct = verify_code(lambda: trusting_both.wrap_socket(socket.create_connection(("127.0.0.1", server.port)),
                                                                   server_hostname="localhost"))
            through = verify_code(lambda: proxy.tls(f"localhost:{server.port}", "localhost"))
            self.assertEqual((direct, through), (code, code))
            told = proxy.wait_for("handshake", side="origin")
            self.assertTrue(told["code"].startswith("HF02"), told)
            # Who does not care gets through, here as there: nothing was repaired, and nothing broken.
            got = curl("--proxy", proxy.proxy, "--insecure", f"https://localhost:{server.port}/x")
            self.assertEqual(got.stdout, f"GET /x of localhost:{server.port}".encode())
            self.assertEqual(told["error"].count("\n"), 0)

    def test_expired_stays_expired(self):
        self.compare("expired", 10)

    def test_a_wrong_name_stays_wrong(self):
        self.compare("other-name", 62)

    def test_self_signed_stays_self_signed(self):
        self.compare("self-signed", 18)

    def test_an_unknown_issuer_stays_unknown(self):
        self.compare("stranger", 20)

    def test_the_trusted_authority_signs_none_of_the_unknown(self):
        for certificate in ("stranger", "self-signed"):
            with origin(certificate) as server, Intercept() as proxy:
                sock, _ = proxy.tunnel(f"localhost:{server.port}")
                context = ssl.create_default_context(cafile=proxy.ca)
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                with context.wrap_socket(sock, server_hostname="localhost") as tls:
                    shown = ssl.DER_cert_to_PEM_cert(peer_certificate(tls))
            path = os.path.join(str(FOLDER), "shown.pem")
            with open(path, "w", encoding="ascii") as file:
                file.write(shown)
            self.assertNotIn("Handfast local CA", ssl._ssl._test_decode_cert(path)["issuer"].__repr__())


def origin_of(*certificates):
    """Shows one certificate after the other, a connection each, and closes behind each answer; then it has none."""
    contexts = []
    for name in certificates:
        contexts.append(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        contexts[-1].load_cert_chain(pki(name + ".pem"), pki(name + ".key"))
    shown = iter(zip(certificates, contexts))

    def serve(connection, _):
        name, context = next(shown, (None, None))
        if name is None:
            return
        with context.wrap_socket(connection, server_side=True) as tls:
            read_head(tls)
            body = name.encode()
            tls.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    return listener(serve)


class Changed(unittest.TestCase):
    """An origin that shows another certificate once the client has taken the first."""

    def ask_twice(self, *certificates):
        with origin_of(*certificates) as port, Intercept() as proxy:
            sock, _ = proxy.tunnel(f"localhost:{port}")
            context = ssl.create_default_context(cafile=proxy.ca)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(sock, server_hostname="localhost") as tls:
                answers = [ask(tls, host=f"localhost:{port}") for _ in certificates]
        return [body.decode() if " 200 " in head else head.split()[1] for head, body in answers]

    def test_one_that_is_worse_is_not_spoken_to(self):
        for worse in ("stranger", "expired", "other-name", "self-signed"):
            self.assertEqual(self.ask_twice("good", worse), ["good", "502"])

    def test_nor_is_another_one_that_is_no_better(self):
        self.assertEqual(self.ask_twice("stranger", "self-signed"), ["stranger", "502"])
        self.assertEqual(self.ask_twice("expired", "other-name"), ["expired", "502"])

    def test_the_same_is(self):
        self.assertEqual(self.ask_twice("good", "good"), ["good", "good"])
        self.assertEqual(self.ask_twice("stranger", "stranger"), ["stranger", "stranger"])

    def test_and_one_that_is_good(self):
        self.assertEqual(self.ask_twice("self-signed", "good"), ["self-signed", "good"])


class Remembered(unittest.TestCase):
    """An origin that was judged a short while ago is not connected to for the next client's handshake."""

    def visit(self, proxy, port):
        with proxy.tls(f"localhost:{port}", "localhost") as tls:
            head, body = ask(tls, host=f"localhost:{port}")
            return body.decode() if " 200 " in head else head.split()[1]

    def test_clients_share_a_connection(self):
        with origin("good") as server, Intercept("--workers", "1") as proxy:
            for _ in range(3):
                self.assertEqual(self.visit(proxy, server.port), f"GET / of localhost:{server.port}")
            self.assertEqual(server.handshakes, 1)

    def test_one_that_has_become_worse_is_not_spoken_to(self):
        with origin_of("good", "stranger") as port, Intercept() as proxy:
            self.assertEqual(self.visit(proxy, port), "good")
            self.assertEqual(self.visit(proxy, port), "502")
            self.assertEqual(verify_code(lambda: proxy.tls(f"localhost:{port}", "localhost")), 20)

    def test_who_was_shown_a_trusted_one_gets_no_connection_to_another(self):
        """Of two servers at one address one is a stranger; a client that does not care keeps a connection to it waiting."""
        answer = threading.Event()
        names = iter(("stranger", "good", "good"))

        def speak(connection, name):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pki(name + ".pem"), pki(name + ".key"))
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
                while "GET" in (head := read_head(tls)):
                    if "/slow" in head:
                        answer.wait(SECONDS)
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(name), name.encode()))

        def serve(connection, _):
            threading.Thread(target=speak, args=(connection.dup(), next(names)), daemon=True).start()

        with listener(serve) as port, Intercept("--workers", "1") as proxy:
            careless = ssl._create_unverified_context()
            place = f"localhost:{port}"
            with careless.wrap_socket(proxy.tunnel(place)[0], server_hostname="localhost") as first, \
                    careless.wrap_socket(proxy.tunnel(place)[0], server_hostname="localhost") as second:
                first.sendall(f"GET /slow HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
                # The first connection is busy: this is another one, to a server that may be shown as it is.
                self.assertEqual(ask(second, host=place)[1], b"good")
                answer.set()
                read_head(first)
                self.assertEqual(first.recv(8), b"stranger")
                with proxy.tls(place, "localhost") as careful:
                    self.assertEqual(ask(careful, host=place)[1], b"good")

    def test_sessions_with_origins_are_resumed(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki("good.pem"), pki("good.key"))

        def serve(connection, _):
            with context.wrap_socket(connection, server_side=True) as tls:
                read_head(tls)
                tls.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngood")

        with listener(serve) as port, Intercept() as proxy:
            for _ in range(2):
                self.assertEqual(self.visit(proxy, port), "good")
            proxy.wait_for_line("handshake", lambda line: line["side"] == "origin" and "resumed" in line)

    def test_one_that_has_gone(self):
        with origin_of("good") as port, Intercept() as proxy:
            self.assertEqual(self.visit(proxy, port), "good")
            self.assertEqual(self.visit(proxy, port), "502")
            # And now it was not there a short while ago.
            with self.assertRaises(ssl.SSLError):
                proxy.tls(f"localhost:{port}", "localhost")


class Plain(unittest.TestCase):
    def test_plain_requests_go_through(self):
        with origin() as server, Intercept() as proxy:
            got = curl("--proxy", proxy.proxy, f"http://localhost:{server.port}/a?b")
            self.assertEqual(got.stdout, f"GET /a?b of localhost:{server.port}".encode())
            self.assertEqual(proxy.wait_for("request")["scheme"], "http")

    def test_and_behind_a_connect(self):
        with origin() as server, Intercept() as proxy:
            got = curl("--proxy", proxy.proxy, "--proxytunnel", f"http://localhost:{server.port}/a")
            self.assertEqual(got.stdout, f"GET /a of localhost:{server.port}".encode())
            self.assertEqual(proxy.wait_for("request")["target"], "/a")

    def test_what_a_client_tells_the_proxy_of_itself_is_for_no_origin(self):
        with origin() as server, Intercept() as proxy:
            got = curl("--proxy", proxy.proxy, "--proxy-user", "somebody:secret", f"http://localhost:{server.port}/headers")
            self.assertIn(b"Host:", got.stdout)
            self.assertNotIn(b"Authorization", got.stdout)

    def test_connections_to_origins_are_each_clients_own(self):
        ports = []

        def answer(connection):
            with connection:
                while read_head(connection):
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        def serve(connection, _):
            ports.append(connection.getpeername()[1])
            threading.Thread(target=answer, args=(connection.dup(),), daemon=True).start()

        with listener(serve) as port, Intercept() as proxy, \
                socket.create_connection(("127.0.0.1", proxy.port)) as one, socket.create_connection(("127.0.0.1", proxy.port)) as other:
            for client in (one, one, other, one):
                self.assertIn(" 200 ", ask(client, f"http://127.0.0.1:{port}/", f"127.0.0.1:{port}")[0])
        self.assertEqual(len(ports), 2)

    def bind_to_one_of(self, client, ports):
        """Somebody else may have been given one of them meanwhile."""
        for port in ports:
            with contextlib.suppress(OSError):
                return client.bind(("127.0.0.1", port))
        self.fail(f"none of {ports} is free")

    def test_a_port_that_was_ours_may_be_a_clients_next(self):
        ports = []

        def close_after_one(connection, _):
            ports.append(connection.getpeername()[1])
            read_head(connection)
            # To its end, so that it is the origin's side that waits a while and keeps its port.
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")

        with listener(close_after_one) as port, origin() as server, Intercept() as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port)) as kept, socket.socket() as client:
                for _ in range(12):
                    self.assertIn(" 200 ", ask(kept, f"http://127.0.0.1:{port}/", f"127.0.0.1:{port}")[0])
                    self.assertEqual(read_head(kept), "0\r\n\r\n")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                # Of the last eight we would still take it for one that came back to us.
                self.bind_to_one_of(client, ports[:4])
                client.connect(("127.0.0.1", proxy.port))
                client.sendall(f"CONNECT localhost:{server.port} HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode())
                self.assertIn(" 200 ", read_head(client))
                self.assertIn(" 200 ", ask(client, "/", f"localhost:{server.port}")[0])

    def test_the_page_of_the_authority(self):
        with Intercept() as proxy:
            page = curl("--proxy", proxy.proxy, "http://handfast.ca/")
            self.assertIn(b"Trust this proxy", page.stdout)
            fingerprint = next(line for line in proxy.told if line.startswith("its SHA-256: ")).split()[-1]
            self.assertIn(fingerprint.encode(), page.stdout)
            got = curl("--proxy", proxy.proxy, "--include", "http://handfast.ca/ca.crt")
            self.assertIn(b"application/x-x509-ca-cert", got.stdout)
            self.assertTrue(got.stdout.endswith(text_of(proxy.ca).encode()))
            # And for whoever has the proxy's address only.
            self.assertIn(b"Trust this proxy", curl(f"{proxy.proxy}/").stdout)

    def test_nothing_of_the_key_is_to_be_had(self):
        with Intercept() as proxy:
            for path in ("/ca.key", "/../ca.key", "/%2e%2e/ca.key"):
                got = curl("--proxy", proxy.proxy, "--path-as-is", f"http://handfast.ca{path}")
                self.assertNotIn(b"PRIVATE", got.stdout)


class Misdirected(unittest.TestCase):
    def test_another_host_than_the_connections_is_refused(self):
        with origin("good") as server, Intercept() as proxy:
            for host in ("other.example", f"localhost:{server.port + 1}", "localhost", f"127.0.0.1:{server.port}"):
                with proxy.tls(f"localhost:{server.port}", "localhost") as tls:
                    self.assertIn(" 421 ", ask(tls, host=host)[0], host)
            with proxy.tls(f"localhost:{server.port}", "localhost") as tls:
                self.assertIn(" 200 ", ask(tls, host=f"LocalHost.:{server.port}")[0])
                # Nor does an absolute target lead elsewhere.
                self.assertIn(" 421 ", ask(tls, "https://other.example/", f"localhost:{server.port}")[0])

    def test_nor_is_one_in_the_clear(self):
        with origin() as server, Intercept() as proxy:
            sock, _ = proxy.tunnel(f"localhost:{server.port}")
            with sock:
                self.assertIn(" 421 ", ask(sock, host="other.example")[0])


class Access(unittest.TestCase):
    def test_addresses_of_special_use_are_refused(self):
        with origin("good") as server, origin() as plain, Intercept(allow=()) as proxy:
            for target in (f"127.0.0.1:{server.port}", f"localhost:{server.port}", f"[::1]:{server.port}"):
                sock, head = proxy.tunnel(target)
                self.assertIsNone(sock)
                self.assertIn(" 403 ", head)
            self.assertIn(b" 403 ", curl("--proxy", proxy.proxy, "-i", f"http://localhost:{plain.port}/").stdout)
            self.assertEqual(server.handshakes, 0)

    def test_denied_hosts_are_refused_by_whatever_name_they_are_called(self):
        with origin("good") as server, Intercept("--deny", "second.example", "--deny", "localhost") as proxy:
            self.assertIn(" 403 ", proxy.tunnel(f"localhost:{server.port}")[1])
            with self.assertRaises(ssl.SSLError) as refused:
                proxy.tls(f"127.0.0.1:{server.port}", "second.example")
            self.assertIn("ACCESS DENIED", words(refused.exception))
            self.assertEqual(server.handshakes, 0)

    def test_an_origin_that_is_not_there(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        with Intercept() as proxy:
            self.assertIn(" 502 ", proxy.tunnel(f"localhost:{port}")[1])
            self.assertIn(" 502 ", proxy.tunnel("nowhere.invalid:443")[1])
            self.assertIn(b" 502 ", curl("--proxy", proxy.proxy, "-i", f"http://localhost:{port}/").stdout)

    def test_an_origin_without_tls_ends_a_handshake(self):
        with origin() as server, Intercept() as proxy:
            with self.assertRaises(ssl.SSLError) as failed:
                proxy.tls(f"localhost:{server.port}", "localhost")
            self.assertIn("HANDSHAKE FAILURE", words(failed.exception))
            self.assertIn("code", proxy.wait_for("handshake", side="origin"))

    def test_so_does_one_that_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent, Intercept("--handshake-timeout", "1") as proxy:
            with self.assertRaises(ssl.SSLError) as failed:
                proxy.tls(f"localhost:{silent.getsockname()[1]}", "localhost")
            self.assertIn("HANDSHAKE FAILURE", words(failed.exception))
            line = proxy.wait_for("handshake", side="origin")
            self.assertIn("says nothing", line["error"])
            self.assertGreaterEqual(line["ms"], 1000)


class Passed(unittest.TestCase):
    def own_certificate(self, proxy, server, name="localhost"):
        """Whether the client sees the origin's own."""
        with proxy.tls(f"localhost:{server.port}", name, ca=pki("ca.pem")) as tls:
            return peer_certificate(tls) == der_of("good")

    def test_hosts_of_the_list_are_not_looked_into(self):
        with origin("good") as server, Intercept("--passthrough", "localhost") as proxy:
            self.assertTrue(self.own_certificate(proxy, server))
            line = proxy.wait_for("tunnel")
            self.assertEqual(line["sni"], "localhost")
            self.assertEqual([x for x in proxy.lines() if x["event"] == "handshake"], [])

    def test_who_names_one_of_them_and_connects_to_another_is_looked_into(self):
        with origin("good") as server, Intercept("--passthrough", "second.example") as proxy:
            sock, _ = proxy.tunnel(f"localhost:{server.port}")
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(sock, server_hostname="second.example") as tls:
                self.assertNotEqual(peer_certificate(tls), der_of("good"))

    def test_hosts_that_a_client_has_pinned(self):
        with origin("good") as server, Intercept() as proxy:
            for _ in range(3):
                with self.assertRaises(ssl.SSLCertVerificationError):
                    self.own_certificate(proxy, server)
                time.sleep(0.1)
            pinned = proxy.wait_for("pinned")
            self.assertEqual((pinned["host"], pinned["client"]), ("localhost", "127.0.0.1"))
            self.assertTrue(self.own_certificate(proxy, server))
            self.assertIn(b"<td>localhost</td>", curl("--proxy", proxy.proxy, "http://handfast.ca/").stdout)

    def test_clients_that_look_at_pins_behind_the_handshake(self):
        with origin("good") as server, Intercept() as proxy:
            for _ in range(3):
                proxy.tls(f"localhost:{server.port}", "localhost").close()
            proxy.wait_for("pinned")
            self.assertTrue(self.own_certificate(proxy, server))

    def test_who_asks_for_something_has_pinned_nothing(self):
        with origin("good") as server, Intercept() as proxy:
            for _ in range(3):
                for _ in range(2):
                    proxy.tls(f"localhost:{server.port}", "localhost").close()
                    time.sleep(0.1)
                with proxy.tls(f"localhost:{server.port}", "localhost") as tls:
                    self.assertIn(" 200 ", ask(tls, host=f"localhost:{server.port}")[0])
            self.assertEqual(proxy.lines("pinned"), [])

    def test_not_where_that_is_not_wanted(self):
        with origin("good") as server, Intercept("--pin-after", "0") as proxy:
            for _ in range(5):
                with self.assertRaises(ssl.SSLCertVerificationError):
                    self.own_certificate(proxy, server)

    def test_who_goes_before_the_certificate_has_pinned_nothing(self):
        with origin("good") as server, Intercept() as proxy:
            for _ in range(5):
                sock, _ = proxy.tunnel(f"localhost:{server.port}")
                sock.sendall(b"\x16\x03\x01")
                sock.close()
            with self.assertRaises(ssl.SSLCertVerificationError):
                self.own_certificate(proxy, server)

    def test_what_is_neither_tls_nor_http(self):
        def echo(connection, _):
            while piece := connection.recv(4096):
                connection.sendall(piece[::-1])

        with listener(echo) as port, Intercept() as proxy:
            sock, _ = proxy.tunnel(f"localhost:{port}")
            with sock:
                sock.sendall(b"\x00\x01\x02 protocol")
                self.assertEqual(sock.recv(100), b"locotorp \x02\x01\x00")
            self.assertEqual(proxy.wait_for("tunnel")["bytes_in"], 12)

    def test_who_lets_the_origin_speak_first(self):
        def greet(connection, _):
            connection.sendall(b"220 mail\r\n")
            connection.sendall(b"250 " + connection.recv(100))

        with listener(greet) as port, Intercept() as proxy:
            sock, _ = proxy.tunnel(f"localhost:{port}")
            with sock:
                self.assertEqual(sock.recv(100), b"220 mail\r\n")
                sock.sendall(b"EHLO\r\n")
                self.assertEqual(sock.recv(100), b"250 EHLO\r\n")

    def test_a_client_that_takes_its_time_is_looked_into_all_the_same(self):
        with origin("good") as server, Intercept() as proxy:
            sock, _ = proxy.tunnel(f"localhost:{server.port}")
            time.sleep(1.5)
            with ssl.create_default_context(cafile=proxy.ca).wrap_socket(sock, server_hostname="localhost") as tls:
                self.assertIn(" 200 ", ask(tls, host=f"localhost:{server.port}")[0])

    def test_who_speaks_no_http_1_1(self):
        with origin("good") as server, Intercept() as proxy:
            with self.assertRaises(ssl.SSLError) as refused:
                proxy.tls(f"localhost:{server.port}", "localhost", alpn=["h2"])
            self.assertIn("NO APPLICATION PROTOCOL", words(refused.exception))
            with proxy.tls(f"localhost:{server.port}", "localhost", alpn=["h2", "http/1.1"]) as tls:
                self.assertEqual(tls.selected_alpn_protocol(), "http/1.1")


class Rules(unittest.TestCase):
    def get(self, proxy, server, path, *arguments):
        return curl("--proxy", proxy.proxy, "--cacert", proxy.ca, "--include", *arguments, f"https://localhost:{server.port}{path}")

    def test_they_answer_in_the_origins_place(self):
        mapped = os.path.join(str(FOLDER), "mapped.json")
        with open(mapped, "w", encoding="utf-8") as file:
            file.write('{"mapped": true}')
        with origin("good") as server, Ruled(f"""
[[intercept.rule]]
path = "/admin/*"
block = 451
[[intercept.rule]]
path = "/old"
redirect = "https://new.example/"
[[intercept.rule]]
path = "/data"
map_file = "{mapped}"
""") as proxy:
            self.assertIn(b" 451 ", self.get(proxy, server, "/admin/x").stdout)
            self.assertIn(b" 451 ", self.get(proxy, server, "/x/../%61dmin/", "--path-as-is").stdout)
            self.assertIn(b"ocation: https://new.example/", self.get(proxy, server, "/old?x").stdout)
            got = self.get(proxy, server, "/data").stdout
            self.assertIn(b"application/json", got)
            self.assertTrue(got.endswith(b'{"mapped": true}'))
            self.assertIn(b"GET /else of", self.get(proxy, server, "/else").stdout)
            self.assertEqual(proxy.wait_for("request", target="/old?x")["rule"], 2)

    def test_they_change_headers(self):
        with origin("good") as server, Ruled("""
[[intercept.rule]]
set_request_header = ["X-New: here", "User-Agent: changed"]
remove_request_header = ["Cookie"]
set_response_header = ["X-By: rule"]
remove_response_header = ["Server"]
""") as proxy:
            got = self.get(proxy, server, "/headers", "--cookie", "secret=1").stdout.decode()
            head, _, body = got.partition("\r\n\r\nHost")
            self.assertIn("X-By: rule", head)
            self.assertNotIn("Server:", head)
            self.assertIn("X-New: here", body)
            self.assertIn("User-Agent: changed", body)
            self.assertNotIn("secret", body)

    def test_they_rewrite_bodies(self):
        with origin("good") as server, Ruled("""
[[intercept.rule]]
path = "/headers"
replace_in_response = [{ from = "identity", to = "it was asked for as it is" }]
[[intercept.rule]]
path = "/echo"
replace_in_request = [{ from = "colour", to = "color" }]
replace_in_response = [{ from = "red", to = "deep blue" }]
""") as proxy:
            got = self.get(proxy, server, "/headers", "--compressed").stdout
            self.assertIn(b"it was asked for as it is", got)
            got = self.get(proxy, server, "/echo", "--data", "colour=red&colour=red").stdout
            self.assertTrue(got.endswith(b"color=deep blue&color=deep blue"), got)
            # Twice over one connection: where the body ends is told right.
            with proxy.tls(f"localhost:{server.port}", "localhost") as tls:
                for _ in range(2):
                    tls.sendall(f"GET /headers HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode())
                    self.assertIn(" 200 ", read_head(tls))
                    body = b""
                    while not body.endswith(b"0\r\n\r\n"):
                        body += tls.recv(1)
                    self.assertIn(b"it was asked for", body)
            for _ in range(100):
                entries = json.loads(text_of(os.path.join(proxy.folder, "traffic.har")))["log"]["entries"]
                echoed = [e for e in entries if e["request"]["url"].endswith("/echo")]
                if echoed:
                    break
                time.sleep(0.05)
            self.assertEqual(echoed[0]["request"]["postData"]["text"], "color=red&color=red")
            self.assertEqual(echoed[0]["response"]["content"]["text"], "color=deep blue&color=deep blue")

    def test_a_host_that_is_blocked_is_not_even_connected_to(self):
        with origin("good") as server, Ruled("""
passthrough = ["localhost"]
[[intercept.rule]]
host = "localhost"
block = 403
""") as proxy:
            with self.assertRaises(ssl.SSLError) as refused:
                proxy.tls(f"localhost:{server.port}", "localhost")
            self.assertIn("ACCESS DENIED", words(refused.exception))
            self.assertEqual(server.handshakes, 0)

    def test_a_host_that_is_blocked_gets_no_other_bytes_either(self):
        got = []
        with listener(lambda connection, _: got.append(connection.recv(100))) as port, Ruled("""
[[intercept.rule]]
host = "127.0.0.1"
block = 403
""") as proxy:
            sock, head = proxy.tunnel(f"127.0.0.1:{port}")
            self.assertTrue(sock, head)
            with sock:
                sock.sendall(b"SSH-2.0-client\r\n")
                self.assertEqual(sock.recv(1), b"")
            self.assertIn("blocks", proxy.wait_for("tunnel")["error"])
        self.assertIn(got, ([], [b""]))

    def test_nor_is_it_reached_by_two_names(self):
        with origin("good") as server, Ruled("""
[[intercept.rule]]
host = "localhost"
block = 403
""") as proxy:
            for connected_to, named in (("localhost", "second.example"), ("127.0.0.1", "localhost")):
                with self.subTest(connected_to), self.assertRaises(ssl.SSLError) as refused:
                    proxy.tls(f"{connected_to}:{server.port}", named)
                self.assertIn("ACCESS DENIED", words(refused.exception))
            self.assertEqual(server.handshakes, 0)


class Ends(unittest.TestCase):
    def test_an_origin_hears_that_it_is_left(self):
        with listening_to_the_end() as (port, ends):
            with Intercept() as proxy:
                # A client that does not trust our authority asks for nothing.
                curl("--proxy", proxy.proxy, "--cacert", pki("ca.pem"), f"https://localhost:{port}/")
                wait_until(lambda: len(ends) == 1)
                got = curl("--proxy", proxy.proxy, "--cacert", proxy.ca, f"https://localhost:{port}/")
                self.assertEqual(got.stdout, b"ok")
            wait_until(lambda: len(ends) == 2)
        self.assertEqual(ends, ["close_notify"] * 2)

    def test_so_do_those_that_wait_in_the_pool(self):
        with listening_to_the_end() as (port, ends):
            with proxies.reverse(f"https://localhost:{port}", "--ca", pki("ca.pem")) as proxy:
                self.assertEqual(proxies.curl(proxy.port, "/").stdout, b"ok")
                self.assertEqual(proxy.stop(), 0)
            wait_until(lambda: len(ends) == 1)
        self.assertEqual(ends, ["close_notify"])


class Kept(unittest.TestCase):
    def test_the_har_file(self):
        har = os.path.join(str(FOLDER), "traffic.har")
        with origin("good") as server, origin() as plain, Intercept("--har", har) as proxy:
            curl("--proxy", proxy.proxy, "--cacert", proxy.ca, "--data", "x=1", f"https://localhost:{server.port}/form?q=2")
            curl("--proxy", proxy.proxy, f"http://localhost:{plain.port}/plain")
            proxy.wait_for("request", target="/form?q=2")
            for _ in range(100):
                entries = json.loads(text_of(har))["log"]["entries"]
                if len(entries) == 2:
                    break
                time.sleep(0.05)
        first, second = entries
        self.assertEqual(first["request"]["url"], f"https://localhost:{server.port}/form?q=2")
        self.assertEqual(first["request"]["postData"]["text"], "x=1")
        self.assertEqual(first["response"]["content"]["text"], "x=1")
        self.assertEqual(first["serverIPAddress"], "127.0.0.1")
        self.assertIn("TLS 1.3", first["comment"])
        self.assertGreater(first["timings"]["ssl"], 0)
        self.assertEqual(second["request"]["url"], f"http://localhost:{plain.port}/plain")
        self.assertEqual(oct(os.stat(har).st_mode & 0o777), "0o600")

    def test_the_har_file_is_bounded_and_can_be_rotated(self):
        har = os.path.join(str(FOLDER), "rotated.har")
        targets = [f"/{number}" for number in range(4)]
        with origin() as plain, Intercept("--har", har, "--har-size", "4000", "--har-body", "2") as proxy:
            def get(target):
                url = f"http://localhost:{plain.port}{target}"
                curl("--proxy", proxy.proxy, "--data", "abcd", url)
                proxy.wait_for("request", target=url)

            for target in targets:
                get(target)
            proxy.wait_for("har")
            os.rename(har, har + ".1")
            proxy.reload()
            proxy.wait_for("reload", result="done")
            get("/new")
            self.assertEqual(len(proxy.lines("har")), 1)
        old, new = (json.loads(text_of(name))["log"]["entries"] for name in (har + ".1", har))
        self.assertLess(os.stat(har + ".1").st_size, 4000)
        self.assertIn(len(old), (1, 2, 3))
        self.assertEqual(old[0]["request"]["postData"]["text"], "ab")
        self.assertEqual([entry["request"]["url"] for entry in new], [f"http://localhost:{plain.port}/new"])

    def test_the_authority_is_the_same_after_a_restart(self):
        with Intercept() as proxy:
            self.assertTrue(any(line.startswith("new authority: ") for line in proxy.told), proxy.told)
            first = text_of(proxy.ca)
        with Intercept(ca_dir=proxy.ca_dir) as again:
            self.assertTrue(any(line.startswith("the authority: ") for line in again.told), again.told)
            self.assertEqual(text_of(again.ca), first)

    def test_an_authority_that_others_may_read_is_refused_with_a_cure(self):
        with Intercept() as proxy:
            pass
        os.chmod(os.path.join(proxy.ca_dir, "ca.key"), 0o640)
        got = run("intercept", "--listen", "127.0.0.1:0", "--ca-dir", proxy.ca_dir)
        self.assertNotEqual(got.returncode, 0)
        self.assertIn(b"chmod 600", got.stderr)

    def test_what_can_not_be_meant_is_refused(self):
        for arguments in (("--har", "/"), ("--passthrough", "no host"), ("--allow", "300.1.1.1/99"), ("--ca", "/nowhere")):
            got = run("intercept", "--listen", "127.0.0.1:0", "--ca-dir", os.path.join(str(FOLDER), "unused"), *arguments)
            self.assertNotEqual(got.returncode, 0, arguments)
            self.assertIn(arguments[0].encode() if arguments[0] != "--ca" else b"/nowhere", got.stderr)


if __name__ == "__main__":
    main()
