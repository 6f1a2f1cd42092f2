"""Chromium behind handfast intercept, with the proxy's authority in its store: a page, and what it says of origins that
are not to be trusted."""

import os
import shutil
import subprocess
import tempfile
import unittest

from intercepting import Intercept, origin
from program import FOLDER, SECONDS, environment, main

CHROMIUM = next((name for name in ("chromium", "chromium-browser", "google-chrome") if shutil.which(name)), None)
WHY_NOT = None if CHROMIUM and shutil.which("certutil") else "no Chromium here, or no certutil to tell it whom to trust"


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Browser(unittest.TestCase):
    def visit(self, proxy, url, trusting=True):
        """What the browser shows, and behind it what it says of a page that it does not show."""
        home = tempfile.mkdtemp(dir=FOLDER)
        store = os.path.join(home, ".pki", "nssdb")
        os.makedirs(store)
        subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True, timeout=SECONDS)
        if trusting:
            subprocess.run(["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "handfast", "-i", proxy.ca], check=True,
                           timeout=SECONDS)
        done = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                               "--disable-background-networking", "--disable-component-update", "--disable-sync",
                               "--disable-dev-shm-usage", f"--user-data-dir={home}/profile", f"--proxy-server={proxy.proxy}",
                               "--proxy-bypass-list=<-loopback>", "--enable-logging=stderr", "--dump-dom", url],
                              capture_output=True, text=True, timeout=120, env=environment(HOME=home))
        return done.stdout + "".join(line for line in done.stderr.splitlines(True) if "Page load failed" in line)

    def test_a_page(self):
        with origin("good") as server, Intercept() as proxy:
            page = self.visit(proxy, f"https://localhost:{server.port}/page.html")
            self.assertIn(f"GET /page.html of localhost:{server.port}", page)
            agreed = proxy.wait_for("handshake", side="client")
            self.assertEqual((agreed["version"], agreed["alpn"]), ("TLS 1.3", "http/1.1"))

    def test_who_does_not_trust_the_authority_sees_that(self):
        with origin("good") as server, Intercept() as proxy:
            self.assertIn("ERR_CERT_AUTHORITY_INVALID", self.visit(proxy, f"https://localhost:{server.port}/", trusting=False))

    def test_each_fault_is_told_as_what_it_is(self):
        for certificate, told in (("expired", "ERR_CERT_DATE_INVALID"), ("other-name", "ERR_CERT_COMMON_NAME_INVALID"),
                                  ("stranger", "ERR_CERT_AUTHORITY_INVALID"), ("self-signed", "ERR_CERT_AUTHORITY_INVALID")):
            with self.subTest(certificate), origin(certificate) as server, Intercept() as proxy:
                self.assertIn(told, self.visit(proxy, f"https://localhost:{server.port}/"))

    def test_the_page_of_the_authority(self):
        with Intercept() as proxy:
            self.assertIn("Trust this proxy", self.visit(proxy, "http://handfast.ca/", trusting=False))


if __name__ == "__main__":
    main()
