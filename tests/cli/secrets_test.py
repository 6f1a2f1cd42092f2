"""Nothing of a connection's secrets is in what handfast connect shows, unless --keys asks for it."""

import base64
import pathlib
import re
import tempfile
import unittest

from other_servers import make_certificates, needs_openssl, s_server
from program import main, pki, run

WAYS = (("--json",), ("--bytes",), ("--bytes", "--json"), ("--ladder",), ("--ladder", "--request", "/"), ("--html", "FILE"),
        ("--html", "FILE", "--bytes", "--json"), ("--no-ladder",))
VERSIONS = (("1.2", "-tls1_2"), ("1.3", "-tls1_3"))
LABELS = {"1.2": {"CLIENT_RANDOM"},
          "1.3": {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
                  "SERVER_TRAFFIC_SECRET_0"}}


def squeezed(shown):
    """What was shown, without what may stand between the digits of one number: blanks, breaks, marks."""
    return re.sub(r"[\s:.,|·│\"']+", "", shown)


def words_of(page):
    """A page as it is, and once more without its tags. (Elsewhere a '<' is a byte that is shown as one.)"""
    return page + re.sub(r"<[^>]*>", "", page)


def traces_of(secret, shown):
    """Where a part of `secret` stands in what was shown: any eight bytes of it, in hexadecimal or base64, as JSON's numbers,
    or as they are."""
    text = squeezed(shown)
    lower = text.lower()
    found = [secret[at:at + 8].hex() for at in range(len(secret) - 7) if secret[at:at + 8].hex() in lower]
    for skipped in range(3):
        encoded = base64.b64encode(secret[skipped:]).rstrip(b"=").decode()[:-2]
        for one in (encoded, encoded.replace("+", "-").replace("/", "_")):
            found += [one[at:at + 16] for at in range(0, len(one) - 15) if one[at:at + 16] in text]
    if secret.decode("latin-1") in shown or ",".join(map(str, secret)) in re.sub(r"\s", "", shown):
        found.append("the bytes themselves")
    return found


class Secrets(unittest.TestCase):
    def setUp(self):
        needs_openssl(self)

    def shown(self, port, version, *arguments):
        """All that is shown of a connection, and its secrets by name, as the key log has them."""
        with tempfile.TemporaryDirectory() as folder:
            log, page = pathlib.Path(folder) / "keys", pathlib.Path(folder) / "page.html"
            done = run("connect", f"localhost:{port}", "--ca", pki("root.pem"), "--tls", version, "--keylog", log,
                       *(page if argument == "FILE" else argument for argument in arguments))
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            text = (done.stdout + done.stderr).decode("latin-1")
            if page.exists():
                text += words_of(page.read_text(encoding="utf-8"))
            lines = [line.split() for line in log.read_text(encoding="ascii").splitlines() if line and line[0] != "#"]
        secrets = {label: bytes.fromhex(secret) for label, _, secret in lines}
        self.assertLessEqual(LABELS[version], secrets.keys())
        return text, secrets

    def test_none_is_shown(self):
        for version, flag in VERSIONS:
            with s_server("leaf", flag, "-WWW") as port:
                for way in WAYS:
                    with self.subTest((version, way)):
                        text, secrets = self.shown(port, version, *way)
                        for label, secret in secrets.items():
                            self.assertEqual(traces_of(secret, text), [], label)

    def test_they_are_shown_where_they_are_wanted(self):
        """So that the test before this one can fail."""
        for version, flag in VERSIONS:
            with s_server("leaf", flag, "-WWW") as port:
                for way in WAYS[:-1]:
                    with self.subTest((version, way)):
                        text, secrets = self.shown(port, version, "--keys", *way)
                        for label in LABELS[version]:
                            self.assertTrue(traces_of(secrets[label], text), label)

    def test_of_a_session(self):
        """The session in the file is as good as a secret: what is told of it is not the session."""
        for version, flag in VERSIONS:
            with self.subTest(version), s_server("leaf", flag) as port, tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "session"
                for way in ("--json", "--bytes", "--ladder"):
                    text, secrets = self.shown(port, version, "--session", file, way)
                    for label, secret in secrets.items():
                        self.assertEqual(traces_of(secret, text), [], label)

    def test_traces_are_found(self):
        secret = bytes(range(100, 148))
        for shown in (secret.hex(), secret.hex().upper(), secret.hex(" "), secret.hex(":", 2), secret[20:30].hex(),
                      base64.b64encode(secret).decode(), base64.b64encode(b"x" + secret).decode(),
                      base64.b64encode(b"xy" + secret).decode(), ", ".join(map(str, secret)), secret.decode("latin-1"),
                      words_of("<b>" + secret.hex()[:24] + "</b>\n   " + secret.hex()[24:])):
            self.assertTrue(traces_of(secret, "before " + shown + " behind"), shown)
        self.assertEqual(traces_of(secret, "nothing of it: " + bytes(48).hex()), [])


def setUpModule():
    make_certificates()


if __name__ == "__main__":
    main()
