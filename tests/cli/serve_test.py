"""handfast serve: its page, its files, what it refuses before it listens, what it logs."""

import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import unittest

from program import FOLDER, SECONDS, Serve, connect, environment, main, pki, run, weak_tls12

GOOD = ("--cert", pki("good.pem"), "--key", pki("good.key"))


def fetch(port, target="/", *fields, method="GET", client=None, later=False, prepare=lambda context: None):
    """One HTTP request with Python's TLS; gives status, fields and body. `later`: it offers to show its certificate
    after the handshake. `prepare` is given the context."""
    context = ssl.create_default_context(cafile=pki("ca.pem"))
    context.post_handshake_auth = later
    prepare(context)
    if client:
        context.load_cert_chain(pki(client + ".pem"), pki(client + ".key"))
    with socket.create_connection(("127.0.0.1", port), SECONDS) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", *fields, "", ""]
            tls.sendall("\r\n".join(lines).encode())
            answer = b""
            while part := tls.recv(65536):
                answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *rest = head.decode().split("\r\n")
    return int(status.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in rest)}, body


class Page(unittest.TestCase):
    def test_text_json_and_html(self):
        with Serve(*GOOD) as server:
            text = fetch(server.port)
            structured = fetch(server.port, "/", "Accept: application/json")
            browser = fetch(server.port, "/", "Accept: text/html,application/xhtml+xml,*/*;q=0.8")
            missing = fetch(server.port, "/favicon.ico")
            posted = fetch(server.port, method="POST")
        self.assertEqual(text[0], 200)
        self.assertIn("cipher suite", text[2].decode())
        self.assertIn("ClientHello", text[2].decode())
        report = json.loads(structured[2])
        self.assertEqual(report["schema"], "handfast/handshake/1")
        self.assertEqual(report["connection"]["server_name"], "localhost")
        self.assertEqual(report["ladder"][0]["message"], "ClientHello")
        self.assertEqual(browser[1]["content-type"], "text/html; charset=utf-8")
        self.assertIn(b"<!doctype html>", browser[2])
        self.assertEqual((missing[0], posted[0]), (404, 405))

    def test_in_tls12_it_says_what_that_lacks_and_shows_no_secret(self):
        with Serve(*GOOD, "--tls", "1.2") as server:
            sound = fetch(server.port)[2].decode()
            weak = fetch(server.port, prepare=weak_tls12)[2].decode()
        self.assertRegex(sound, "version +TLS 1.2")
        self.assertIn("master_secret 48 bytes", sound)
        self.assertIn("pre_master_secret 32 bytes, redacted ┄", sound)
        self.assertNotIn("weak", sound)
        self.assertRegex(weak, "weak +no extended master secret")
        with Serve(*GOOD, "--require-ems") as server:
            with self.assertRaises(ssl.SSLError):
                fetch(server.port, prepare=weak_tls12)
            # The server hears of the end of one connection before it answers on the next.
            self.assertIn("TLS 1.3", fetch(server.port)[2].decode())
            server.stop()
            self.assertIn("[no_extended_master_secret]", server.log)

    def test_the_clients_certificate_is_on_it(self):
        with Serve(*GOOD, "--client-auth", "request", "--client-ca", pki("ca.pem")) as server:
            report = json.loads(fetch(server.port, "/", "Accept: application/json", client="client")[2])
            without = fetch(server.port)
        self.assertTrue(report["connection"]["peer_verified"])
        self.assertEqual(report["connection"]["peer_certificates"][0]["subject"], "CN=client")
        self.assertRegex(without[2].decode(), "your certificate +none")


class ClientsByName(unittest.TestCase):
    def test_who_may_connect(self):
        with Serve(*GOOD, "--client-auth", "require", "--client-ca", pki("ca.pem"), "--allow", "dns:nobody.example",
                   "--allow", "cn:client") as server:
            report = json.loads(fetch(server.port, "/", "Accept: application/json", client="client")[2])
            text = fetch(server.port, client="client")[2].decode()
        self.assertEqual(report["connection"]["peer_identity"]["common_name"], "client")
        self.assertEqual(report["connection"]["verified_path"][0], "CN=client")
        self.assertRegex(text, "you are +subject:CN=client")
        self.assertIn("client certificate verified: CN=client", server.log)

    def test_and_who_may_not(self):
        with Serve(*GOOD, "--client-auth", "request", "--client-ca", pki("ca.pem"), "--allow", "cn:other") as server:
            for client in ("client", None):
                with self.assertRaises((ssl.SSLError, OSError, IndexError)):
                    fetch(server.port, client=client)
            refused = connect(server.port, "--cert", pki("client.pem"), "--key", pki("client.key"), "--request", "/")
        self.assertEqual(refused.returncode, 7)
        self.assertIn(b"access_denied", refused.stdout + refused.stderr)
        self.assertIn("may not connect", server.log)

    def test_flags_that_make_no_sense(self):
        for flags in (("--allow", "cn:client"), ("--client-auth-for", "/x"), ("--client-crl", pki("ca.pem")),
                      ("--client-revocation", "require"), ("--client-revocation", "off"), ("--client-profile", "strict"),
                      ("--client-profile", "compatible"),
                      ("--client-auth", "require", "--client-ca", pki("ca.pem"), "--allow", "client")):
            self.assertEqual(run("serve", *GOOD, *flags).returncode, 2, flags)

    def test_names_beyond_ascii_may_be_allowed(self):
        with Serve(*GOOD, "--client-auth", "require", "--client-ca", pki("ca.pem"),
                   "--allow", "dns:bücher.example", "--allow", "dns:*.bücher.example"):
            pass  # it listens

    def test_what_is_refused_is_named_with_its_flag(self):
        for flag, value, more in (("--allow", "dns:*.example", ("--allow", "cn:good")),
                                  ("--client-crl", "lists/", ("--client-revocation", "off")),
                                  ("--client-crl", "lists/", ("--client-revocation", "staple"))):
            done = run("serve", *GOOD, "--client-auth", "require", "--client-ca", pki("ca.pem"), *more, flag, value)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(f"✗ {flag}: ", done.stderr.decode())
            self.assertRegex(done.stderr.decode(), rf"found +{re.escape(value)}")


class CertificatesLater(unittest.TestCase):
    """Files below one path ask for a certificate when they are requested."""

    @classmethod
    def setUpClass(cls):
        cls.site = FOLDER / "later"
        (cls.site / "private").mkdir(parents=True)
        (cls.site / "index.html").write_text("for all")
        (cls.site / "private" / "a.txt").write_text("for some")
        (cls.site / "open").mkdir()
        (cls.site / "open" / "a.txt").write_text("for all")
        (cls.site / "open" / "link.txt").symlink_to("../private/a.txt")
        (cls.site / "open" / "folder").symlink_to("../private")
        (cls.site / "open" / "index.html").symlink_to("../private/a.txt")
        (cls.site / "vault").mkdir()
        (cls.site / "vault" / "a.txt").write_text("for some")
        (cls.site / "guarded").symlink_to("vault")
        cls.flags = (*GOOD, "--www", cls.site, "--client-auth-for", "/private/", "--client-ca", pki("ca.pem"))

    def test_asked_when_it_is_needed(self):
        with Serve(*self.flags) as server:
            self.assertEqual(fetch(server.port, "/", client="client", later=True)[2], b"for all")
            for target in ("/private/a.txt", "//private/a.txt", "/%70rivate/a.txt", "/private%2fa.txt"):
                self.assertEqual(fetch(server.port, target, client="client", later=True)[2], b"for some", target)
            self.assertEqual(fetch(server.port)[2], b"for all")

    def test_refused_without(self):
        with Serve(*self.flags) as server:
            for target in ("/private/a.txt", "//private/a.txt", "/%70rivate/a.txt", "/private", "/private%2fa.txt"):
                self.assertEqual(fetch(server.port, target, later=True)[0], 403, target)
                self.assertEqual(fetch(server.port, target, client="client")[0], 403, target)
            without = fetch(server.port, "/private/a.txt", client="client")
        self.assertIn(b"did not offer", without[2])

    def test_the_log_says_who(self):
        with Serve(*self.flags) as server:
            for later, client in ((True, "client"), (True, None), (False, "client")):
                fetch(server.port, "/private/a.txt", client=client, later=later)
            server.stop()
        lines = [line for line in server.log.splitlines() if "127.0.0.1:" in line]
        self.assertEqual(len(lines), 6, server.log)
        for line in lines[0::2]:
            self.assertIn("TLS 1.3", line)
            self.assertNotIn("certificate", line)
        self.assertIn("client certificate verified: CN=client", lines[1])
        self.assertIn("403 /private/a.txt: the client has shown no certificate", lines[3])
        self.assertIn("403 /private/a.txt: the client can't be asked", lines[5])

    def test_links_lead_round_nothing(self):
        flags = (*self.flags, "--client-auth-for", "/guarded", "--client-auth-for", "/not/there")
        with Serve(*flags) as server:
            for target in ("/open/link.txt", "/open/folder/a.txt", "/open/", "/open/folder", "/guarded/a.txt",
                           "/vault/a.txt"):
                self.assertEqual(fetch(server.port, target, later=True)[0], 403, target)
            for target in ("/open/link.txt", "/open/folder/a.txt", "/open/", "/guarded/a.txt", "/vault/a.txt"):
                self.assertEqual(fetch(server.port, target, client="client", later=True)[2], b"for some", target)
            self.assertEqual(fetch(server.port, "/open/a.txt")[2], b"for all")
            self.assertEqual(fetch(server.port, "/missing")[0], 404)

    def test_by_name(self):
        with Serve(*self.flags, "--allow", "cn:other") as server:
            self.assertEqual(fetch(server.port, client="client", later=True)[2], b"for all")
            with self.assertRaises((ssl.SSLError, OSError)):
                fetch(server.port, "/private/a.txt", client="client", later=True)

    def test_connect_shows_its_certificate(self):
        with Serve(*self.flags) as server:
            done = connect(server.port, "--cert", pki("client.pem"), "--key", pki("client.key"), "--request",
                           "/private/a.txt", "--json")
        report = json.loads(done.stdout)
        self.assertEqual(report["response"]["body"], "for some")
        self.assertTrue(report["connection"]["post_handshake_auth"])


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = FOLDER / "site"
        (cls.site / "folder").mkdir(parents=True)
        (cls.site / "index.html").write_text("home")
        (cls.site / "style.css").write_text("p {}")
        (cls.site / "big.bin").write_bytes(bytes(range(256)) * 4096)
        (cls.site / "folder" / "index.html").write_text("folder")
        (cls.site / ".hidden").write_text("hidden")
        (cls.site / "escape").symlink_to(pki("ca.pem"))
        (cls.site / "alias").symlink_to("style.css")

    def test_files(self):
        with Serve(*GOOD, "--www", self.site) as server:
            home = fetch(server.port)
            style = fetch(server.port, "/style.css")
            big = fetch(server.port, "/big.bin")
            redirect = fetch(server.port, "/folder")
            folder = fetch(server.port, "/folder/")
            head = fetch(server.port, "/big.bin", method="HEAD")
            alias = fetch(server.port, "/alias")
        self.assertEqual((home[0], home[1]["content-type"], home[2]), (200, "text/html; charset=utf-8", b"home"))
        self.assertEqual(style[1]["content-type"], "text/css; charset=utf-8")
        self.assertEqual(big[2], bytes(range(256)) * 4096)
        self.assertEqual((redirect[0], redirect[1]["location"]), (301, "/folder/"))
        self.assertEqual(folder[2], b"folder")
        self.assertEqual((head[1]["content-length"], head[2]), (str(256 * 4096), b""))
        self.assertEqual(alias[2], b"p {}")

    def test_nothing_else(self):
        with Serve(*GOOD, "--www", self.site) as server:
            for target in ("/../ca.pem", "/%2e%2e/ca.pem", "/folder/../../ca.pem", "/..%2fca.pem", "/escape", "/.hidden",
                           "//../ca.pem", "/%2e%2e%2fgood.key", "/missing", "/folder/..%5c..%5cca.pem"):
                status, _, body = fetch(server.port, target)
                self.assertEqual(status, 404, target)
                self.assertNotIn(b"BEGIN", body)

    def test_a_folder_that_is_not_there(self):
        done = run("serve", *GOOD, "--www", "/no/such/folder")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"/no/such/folder", done.stderr)


class Refused(unittest.TestCase):
    """Everything here must end before anybody listens."""

    def expect(self, part, *arguments, code=2):
        done = run("serve", "--listen", "127.0.0.1:0", *arguments)
        text = " ".join(done.stderr.decode().split())
        self.assertEqual(done.returncode, code, text)
        self.assertIn(part, text)
        self.assertNotIn(b"listening", done.stdout)

    def test_certificates_and_keys(self):
        self.expect("/no/such.pem", "--cert", "/no/such.pem")
        self.expect("/no/such.key", "--cert", pki("good.pem"), "--key", "/no/such.key")
        self.expect("does not belong", "--cert", pki("good.pem"), "--key", pki("second.key"))
        self.expect("has expired", "--cert", pki("expired.pem"), "--key", pki("expired.key"))
        self.expect("--key", "--cert", pki("good.pem"), "--key", pki("good.key"), "--cert", pki("second.pem"))
        empty = FOLDER / "empty.pem"
        empty.write_text("")
        self.expect("empty.pem", "--cert", empty)

    def test_options(self):
        self.expect("--tls: TLS 1.1 has none of the cipher suites", *GOOD, "--tls", "1.1..1.2")
        self.expect("--client-auth-for: ", *GOOD, "--tls", "1.2", "--client-auth-for", "/x", "--client-ca", pki("ca.pem"))
        self.expect("--suites", *GOOD, "--suites", "")
        self.expect("--groups", *GOOD, "--groups", "x25519,x25519")
        self.expect("--alpn", *GOOD, "--alpn", ",")
        self.expect("--client-ca", *GOOD, "--client-auth", "require")
        self.expect("--client-auth", *GOOD, "--client-ca", pki("ca.pem"))
        self.expect("/no/such/ca", *GOOD, "--client-auth", "require", "--client-ca", "/no/such/ca")
        self.expect("maybe", *GOOD, "--client-auth", "maybe")
        self.expect("--ca-out", *GOOD, "--ca-out", FOLDER / "never.pem")

    def test_staples(self):
        leaf = ("--cert", pki("chain-leaf.pem"), "--key", pki("chain-leaf.key"))
        whole = FOLDER / "chain-whole.pem"
        whole.write_bytes(b"".join((FOLDER / f"chain-{part}.pem").read_bytes() for part in ("leaf", "middle")))
        chain = ("--cert", whole, "--key", pki("chain-leaf.key"))
        for certificates in (leaf, chain):  # whether the issuer is there or not
            for name, problem in (("outdated", "it is outdated"), ("revoked", "is revoked"),
                                  ("unknown", "does not know"), ("other", "of another certificate")):
                self.expect(problem, *certificates, "--staple", pki(f"staple-{name}.der"))
            self.expect("it is PEM, and has to be DER", *certificates, "--staple", pki("ca.pem"))
            self.expect("it is empty", *certificates, "--staple", "/dev/null")
        forged = bytearray((FOLDER / "staple-good.der").read_bytes())
        forged[-1] ^= 1
        (FOLDER / "staple-forged.der").write_bytes(forged)
        self.expect("signature does not verify", *chain, "--staple", FOLDER / "staple-forged.der")
        self.expect("/no/such.der", *leaf, "--staple", "/no/such.der")
        self.expect("--staple", *leaf, "--staple", pki("staple-good.der"), "--staple", pki("staple-good.der"))
        self.expect("--cert", "--staple", pki("staple-good.der"))
        for certificates in (leaf, chain):
            with Serve(*certificates, "--staple", pki("staple-good.der")) as server:
                server.stop()
            self.assertEqual("its signature is not checked" in server.log, certificates is leaf, server.log)

    def test_addresses(self):
        done = run("serve", *GOOD, "--listen", "nonsense")
        self.assertEqual(done.returncode, 2)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = run("serve", *GOOD, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"not possible to listen", done.stderr)


class Running(unittest.TestCase):
    def test_a_throw_away_certificate(self):
        ca = FOLDER / "throw-away.pem"
        with Serve("--ca-out", ca) as server:
            self.assertEqual(connect(server.port, "--ca", ca).returncode, 0)
            self.assertEqual(connect(server.port, "--ca", ca, host="127.0.0.1").returncode, 0)
            self.assertEqual(connect(server.port).returncode, 6)
            server.stop()
            self.assertIn("throw-away certificate", server.log)
            self.assertIn(str(ca), server.log)

    def test_it_stops_on_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Serve(*GOOD) as server:
                held = socket.create_connection(("127.0.0.1", server.port))
                self.assertEqual(server.stop(number), 0)
                held.close()

    def test_one_line_a_connection(self):
        with Serve(*GOOD) as server:
            connect(server.port)
            connect(server.port, "--no-probe", "--ca", pki("other-ca.pem"))
            with socket.create_connection(("127.0.0.1", server.port)) as plain:
                plain.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                plain.recv(1000)
            # The server hears of the end of one connection before it answers on the next.
            connect(server.port)
            server.stop()
        lines = [line for line in server.log.splitlines() if "127.0.0.1:" in line]
        self.assertEqual(len(lines), 4, server.log)
        self.assertIn("TLS 1.3", lines[0])
        self.assertIn("sni=localhost", lines[0])
        self.assertIn("unknown_ca", lines[1])
        self.assertIn("plain HTTP", lines[2])

    def test_client_certificates(self):
        with Serve(*GOOD, "--client-auth", "require", "--client-ca", pki("ca.pem")) as server:
            self.assertEqual(fetch(server.port, client="client")[0], 200)
            server.stop()
        self.assertIn("client certificate verified", server.log)

    def test_curl(self):
        if not shutil.which("curl"):
            self.skipTest("curl is not installed")
        with Serve(*GOOD) as server:
            done = subprocess.run(["curl", "-sS", "--noproxy", "*", "--cacert", pki("ca.pem"), "--resolve", f"localhost:{server.port}:127.0.0.1",
                                   f"https://localhost:{server.port}/"], capture_output=True, timeout=SECONDS, env=environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"Your TLS handshake", done.stdout)


if __name__ == "__main__":
    main()
