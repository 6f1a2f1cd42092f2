"""Headless Chromium loads a page through reverse, through CONNECT, and through interception with the CA installed."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from program import FOLDER, environment, main, pki
from proxies import ANYWHERE, LOOPBACK, TRUST, Proxy, _Handler, digest, port_of, python_origin, reverse, some_bytes

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
CERTUTIL = shutil.which("certutil")
SECONDS = 120

PAGE = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Through the proxy</title><link rel="stylesheet" href="/style.css"></head>
<body><h1>Through the proxy</h1><p id="script">no script</p><p id="fetched">nothing fetched</p><p id="sent">nothing sent</p>
<img id="picture" src="/picture.svg" alt="" onload="this.alt = 'picture of ' + this.naturalWidth">
<script src="/script.js"></script></body></html>
"""
SCRIPT = b"""
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const say = (id, text) => { document.getElementById(id).textContent = text; };
say('script', 'script ran');
(async () => {
  const data = await (await fetch('/chunked/300000')).arrayBuffer();
  say('fetched', data.byteLength + ' ' + hex(await crypto.subtle.digest('SHA-256', data)));
  const told = await (await fetch('/digest', {method: 'POST', body: data})).json();
  say('sent', told.length + ' ' + told.digest);
})();
"""
FILES = {"/": ("text/html", PAGE), "/script.js": ("text/javascript", SCRIPT),
         "/style.css": ("text/css", b"body { font: 24px sans-serif; background: #e8f4ea; margin: 3em; }"),
         "/picture.svg": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" width="123" height="40"><rect width="123" '
                                           b'height="40" fill="#2a7"/></svg>')}


class Site(_Handler):
    def do_GET(self):
        if self.path in FILES:
            kind, data = FILES[self.path]
            self._send(data, kind)
        else:
            super().do_GET()


@contextlib.contextmanager
def home(*authorities):
    """A home in which the browser trusts these certificates, and nothing else of ours."""
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder) / ".pki" / "nssdb"
        store.mkdir(parents=True)
        subprocess.run([CERTUTIL, "-d", f"sql:{store}", "-N", "--empty-password"], check=True, timeout=SECONDS, capture_output=True)
        for number, file in enumerate(authorities):
            subprocess.run([CERTUTIL, "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", f"authority {number}", "-i", str(file)],
                           check=True, timeout=SECONDS, capture_output=True)
        yield folder


class Browser(unittest.TestCase):
    def setUp(self):
        if not CHROMIUM:
            self.skipTest("no Chromium here")
        if not CERTUTIL:
            self.skipTest("no certutil here, to give Chromium its authorities")

    def load(self, url, authority, *arguments):
        """What the browser shows, and what it says of a page that it does not show; a picture is left where
        HANDFAST_SCREENSHOTS says."""
        with home(authority) as folder:
            command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                       "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
                       "--disable-features=HttpsUpgrades", f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000",
                       *arguments]
            screenshots = os.environ.get("HANDFAST_SCREENSHOTS")
            if screenshots:
                subprocess.run([*command, f"--screenshot={screenshots}/{self.id().rpartition('.')[2]}.png", url], timeout=SECONDS,
                               env=environment(HOME=folder), capture_output=True, check=True)
            done = subprocess.run([*command, "--enable-logging=stderr", "--dump-dom", url], capture_output=True, text=True,
                                  timeout=SECONDS, env=environment(HOME=folder))
        return done.stdout + "".join(line for line in done.stderr.splitlines(True) if "Page load failed" in line)

    def assert_loaded(self, page):
        expected = f"300000 {digest(some_bytes(300_000))}"
        for part in ("<h1>Through the proxy</h1>", ">script ran<", f'id="fetched">{expected}<', f'id="sent">{expected}<',
                     'alt="picture of 123"'):
            self.assertIn(part, page)

    def through(self, proxy):
        # Browsers ask no proxy for localhost unless they are told to.
        return f"--proxy-server=http://127.0.0.1:{proxy.port}", "--proxy-bypass-list=<-loopback>"

    def test_reverse(self):
        with python_origin(handler=Site) as origin, reverse(origin) as proxy:
            page = self.load(f"https://localhost:{proxy.port}/", pki("ca.pem"), "--no-proxy-server")
            self.assert_loaded(page)
            proxy.wait_for_line("request", lambda line: "/digest" in json.dumps(line))

    def test_connect(self):
        with python_origin("good", handler=Site) as origin, Proxy("forward", "--listen", ANYWHERE, *LOOPBACK) as proxy:
            self.assert_loaded(self.load(f"{origin}/", pki("ca.pem"), *self.through(proxy)))

    def test_plain_through_the_forward_proxy(self):
        """Pages without TLS are not a secure context, which has no crypto.subtle: the script is there, its fetches are not."""
        with python_origin(handler=Site) as origin, Proxy("forward", "--listen", ANYWHERE, *LOOPBACK) as proxy:
            page = self.load(f"{origin.replace('localhost', '127.0.0.1')}/", pki("ca.pem"), *self.through(proxy))
            self.assertIn("script ran", page)

    def test_intercept(self):
        folder = FOLDER / "browser-ca"
        with python_origin("good", handler=Site) as origin, \
                Proxy("intercept", "--listen", ANYWHERE, *LOOPBACK, *TRUST, "--ca-dir", folder, "--har",
                      FOLDER / "browser.har") as proxy:
            self.assert_loaded(self.load(f"{origin}/", folder / "ca.crt", *self.through(proxy)))
            # Without the authority the same page is refused.
            self.assertNotIn("Through the proxy", self.load(f"{origin}/", pki("other-ca.pem"), *self.through(proxy)))
            proxy.stop()
        har = json.loads((FOLDER / "browser.har").read_text())
        urls = {entry["request"]["url"].rpartition(f":{port_of(origin)}")[2] for entry in har["log"]["entries"]}
        self.assertLessEqual({"/", "/script.js", "/style.css", "/picture.svg", "/digest"}, urls)

    def test_what_is_wrong_with_an_origin_is_told_as_what_it_is(self):
        folder = FOLDER / "browser-ca"
        for certificate, told in (("expired", "ERR_CERT_DATE_INVALID"), ("other-name", "ERR_CERT_COMMON_NAME_INVALID"),
                                  ("stranger", "ERR_CERT_AUTHORITY_INVALID"), ("self-signed", "ERR_CERT_AUTHORITY_INVALID")):
            with self.subTest(certificate), python_origin(certificate, handler=Site) as origin, \
                    Proxy("intercept", "--listen", ANYWHERE, *LOOPBACK, *TRUST, "--ca-dir", folder) as proxy:
                page = self.load(f"{origin}/", folder / "ca.crt", *self.through(proxy))
                self.assertIn(told, page)
                self.assertNotIn("<h1>Through the proxy", page)

    def test_the_page_of_the_authority(self):
        folder = FOLDER / "browser-ca"
        with Proxy("intercept", "--listen", ANYWHERE, "--ca-dir", folder) as proxy:
            self.assertIn("Trust this proxy", self.load("http://handfast.ca/", pki("other-ca.pem"), *self.through(proxy)))


if __name__ == "__main__":
    main()
