"""handfast connect --html: the page of a connection, whatever came of it."""

import html.parser
import json
import os
import re
import stat
import unittest

import program
from program import FOLDER, Serve, connect, free_port, pki, python_tls

VOID = {"meta", "br", "hr", "img", "input", "link"}
# A few messages, each with all its fields; a chain; the key schedule.
MOST_BYTES = 600_000


class Page(html.parser.HTMLParser):
    """Reads a page, and notes what is wrong with it."""

    def __init__(self, text):
        super().__init__()
        self.open, self.problems, self.ids, self.links, self.titles, self.policy = [], [], set(), [], [], ""
        self.words = []
        self.feed(text)
        self.close()
        if self.open:
            self.problems.append(f"left open: {self.open}")

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.problems.append(f"an attribute twice: {tag} {names}")
        attributes = dict(attributes)
        for name, value in attributes.items():
            if name in ("src", "action", "data", "srcset", "style") or name.startswith("on"):
                self.problems.append(f"{tag} {name}={value}")
        if "href" in attributes:
            self.links.append(attributes["href"])
        if "id" in attributes:
            if attributes["id"] in self.ids:
                self.problems.append(f"id twice: {attributes['id']}")
            self.ids.add(attributes["id"])
        if tag in ("iframe", "object", "embed", "link", "img", "form"):
            self.problems.append(tag)
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}>")

    def handle_data(self, data):
        if self.open and self.open[-1] == "h3":
            self.titles.append(data)
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)


class Html(unittest.TestCase):
    def setUp(self):
        self.file = FOLDER / f"{self.id()}.html"

    def page(self, port, *arguments, status=0, **more):
        result = connect(port, "--html", self.file, *arguments, **more)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assertIn(f"The page of this connection is in {self.file}".encode(), result.stderr)
        self.text = self.file.read_text(encoding="utf-8")
        self.assertLess(len(self.text), MOST_BYTES)
        page = Page(self.text)
        self.assertEqual(page.problems, [])
        for link in page.links:
            self.assertTrue(link.startswith("#") and link[1:] in page.ids, link)
        self.assertTrue(page.policy.startswith("default-src 'none'; style-src 'sha256-"), page.policy)
        self.assertNotIn("unsafe", page.policy)
        for outside in ("url(", "@import", "http://", "fetch(", "import("):
            self.assertNotIn(outside, self.text)
        return page

    def assert_told(self, page, *titles):
        rest = iter(page.titles)
        for title in titles:
            self.assertIn(title, rest, page.titles)

    def test_tls13(self):
        with Serve("--cert", pki("good.pem"), "--key", pki("good.key")) as server:
            page = self.page(server.port, "--request", "/")
        self.assert_told(page, "ClientHello", "ServerHello", "Both sides make keys", "EncryptedExtensions", "Certificate",
                         "The certificate is verified", "CertificateVerify", "Finished", "Both sides make keys", "Finished",
                         "Application data", "Application data", "Alert: close_notify")
        words = "".join(page.words)
        for part in ("TLS_AES_128_GCM_SHA256", "Derive-Secret(Handshake Secret", "TLSInnerPlaintext", "legacy_session_id",
                     "Decrypted with the keys of", "of application data, not shown: --keys shows them"):
            self.assertIn(part, words)

    def test_tls12(self):
        with Serve("--cert", pki("good.pem"), "--key", pki("good.key")) as server:
            page = self.page(server.port, "--tls", "1.2")
        self.assert_told(page, "ClientHello", "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone",
                         "ClientKeyExchange", "Both sides make keys", "change_cipher_spec", "Finished", "Finished")
        self.assertIn("nonce_explicit", self.text)

    def test_a_session_and_early_data(self):
        session, request = FOLDER / "html.session", FOLDER / "html.request"
        request.write_bytes(b"GET / HTTP/1.0\r\n\r\n")
        with Serve("--cert", pki("good.pem"), "--key", pki("good.key"), "--early-data", "16384") as server:
            self.assert_told(self.page(server.port, "--session", session), "Finished", "NewSessionTicket")
            page = self.page(server.port, "--session", session, "--early-data", request)
            self.assert_told(page, "ClientHello", "Both sides make keys", "Early data", "ServerHello", "EndOfEarlyData")
            self.assertNotIn("Certificate", page.titles)
            self.assertIn("The session is resumed", self.text)
            self.assertNotIn("47 45 54 20 2f", self.text)  # GET /
            tls12 = FOLDER / "html12.session"
            self.page(server.port, "--tls", "1.2", "--session", tls12)
            page = self.page(server.port, "--tls", "1.2", "--session", tls12)
            self.assertNotIn("Certificate", page.titles)

    def test_hello_retry_request(self):
        with Serve("--cert", pki("good.pem"), "--key", pki("good.key"), "--groups", "P-256") as server:
            page = self.page(server.port, "--groups", "x25519,P-256")
        self.assert_told(page, "ClientHello", "HelloRetryRequest", "ClientHello", "ServerHello")

    def test_client_authentication(self):
        arguments = ("--cert", pki("good.pem"), "--key", pki("good.key"), "--client-auth", "require", "--client-ca", pki("ca.pem"))
        with Serve(*arguments) as server:
            page = self.page(server.port, "--cert", pki("client.pem"), "--key", pki("client.key"))
            self.assert_told(page, "CertificateRequest", "Certificate", "Finished", "The client decides", "Certificate",
                             "CertificateVerify", "Finished")
            page = self.page(server.port, status=7)
            self.assert_told(page, "CertificateRequest", "Alert: certificate_required", "What failed, and why")

    def test_an_expired_certificate(self):
        with python_tls("expired") as port:
            page = self.page(port, status=6)
        self.assert_told(page, "Certificate", "The certificate is refused", "Alert: certificate_expired", "What failed, and why")
        self.assertEqual(page.titles[-1], "What failed, and why")
        self.assertIn("HF0209", self.text)

    def test_no_connection(self):
        page = self.page(free_port(), status=3)
        self.assertEqual(page.titles, [])
        self.assertIn("tcp_refused", self.text)

    def test_secrets_are_there_with_keys_only(self):
        keylog = FOLDER / "html.keylog"
        for keys in ((), ("--keys",)):
            keylog.unlink(missing_ok=True)
            with Serve("--cert", pki("good.pem"), "--key", pki("good.key")) as server:
                self.page(server.port, "--request", "/", "--keylog", keylog, *keys)
            secrets = [line.split()[2] for line in keylog.read_text().splitlines() if "TRAFFIC_SECRET" in line]
            self.assertEqual(len(secrets), 4)
            for secret in secrets:
                spaced = " ".join(re.findall("..", secret))
                self.assertEqual(spaced in self.text, bool(keys))
                self.assertNotIn(secret, self.text)
            self.assertEqual("47 45 54 20 2f" in self.text, bool(keys))
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)

    def test_beside_json(self):
        with Serve("--cert", pki("good.pem"), "--key", pki("good.key")) as server:
            plain = json.loads(connect(server.port, "--json").stdout)
            result = connect(server.port, "--json", "--request", "/", "--html", self.file)
        both = json.loads(result.stdout)
        kinds = [event["event"] for event in both["ladder"]]
        self.assertNotIn("record", [event["event"] for event in plain["ladder"]])
        self.assertIn("record", kinds)
        for event in both["ladder"]:
            if event["event"] == "record" and event["type"] == "application_data":
                self.assertNotIn("content", event)
        self.assertEqual(Page(self.file.read_text()).problems, [])

    def test_files(self):
        for path in ("/nowhere/page.html", FOLDER, "/dev/null"):
            result = connect(free_port(), "--html", path)
            self.assertEqual(result.returncode, 2, path)
            self.assertIn(b"--html", result.stderr)
        before = set(os.listdir(FOLDER))
        # What a link leads to is written, and what was there keeps its mode.
        target = FOLDER / "target.html"
        target.write_text("old")
        target.chmod(0o640)
        self.file.symlink_to(target)
        self.page(free_port(), status=3)
        self.assertTrue(self.file.is_symlink())
        self.assertIn("tcp_refused", target.read_text())
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o640)
        self.assertEqual(set(os.listdir(FOLDER)) - before, {"target.html", self.file.name})


if __name__ == "__main__":
    program.main()
