"""Headless Chromium loads the page of `handfast serve`."""

import base64
import hashlib
import html
import os
import re
import shutil

from cells import SIGNATURES, SUITES, Failure, expect, expect_in
from programs import checked, run

KEYS = ("p256", "rsa")
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def missing():
    return None if any(shutil.which(name) for name in _PROGRAMS) else "no Chromium here"


def jobs():
    yield loads_pages


def key_hash(identity):
    """How Chromium names a key that it shall accept: base64 of the SHA-256 of its SubjectPublicKeyInfo."""
    public = run(["openssl", "x509", "-in", identity.chain, "-noout", "-pubkey"]).out
    der = base64.b64decode("".join(line for line in public.splitlines() if not line.startswith("-")))
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


def load(bench, server, identity):
    """The page's rows, as the browser shows them after it has parsed the page."""
    program = next(name for name in _PROGRAMS if shutil.which(name))
    profile = os.path.join(bench.folder, f"profile-{server.port}")
    page = checked([program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", "--no-proxy-server", f"--user-data-dir={profile}",
                    f"--ignore-certificate-errors-spki-list={key_hash(identity)}",
                    "--host-resolver-rules=MAP *.handfast.test 127.0.0.1", "--dump-dom",
                    f"https://{identity.name}:{server.port}/"], seconds=90)
    expect_in("the page", page, "<h1>Your TLS handshake</h1>")
    rows = dict(re.findall(r"<th>(.*?)</th><td>(.*?)</td>", page))
    if not rows:
        raise Failure(f"the page has no rows: {page[:600]}")
    return {label: html.unescape(value) for label, value in rows.items()}


def loads_pages(bench):
    """A browser can't be told suites and groups: the server can. It sends a share of X25519 alone, or with ML-KEM."""
    for suite, group, scheme in ((SUITES[0], "x25519", "ecdsa_secp256r1_sha256"),
                                 (SUITES[1], "x25519", "rsa_pss_rsae_sha256"),
                                 (SUITES[2], "secp256r1", "ecdsa_secp256r1_sha256"),
                                 (SUITES[0], "secp384r1", "rsa_pss_rsae_sha256")):
        identity = bench.identities[SIGNATURES[scheme]]
        with bench.tally.cell("server", f"{suite} {group} {scheme}"), \
                bench.handfast.serve(identity, suites=[suite], groups=[group], alpn=["http/1.1"]) as server:
            rows = load(bench, server, identity)
            retried = "" if group == "x25519" else ", after a HelloRetryRequest"
            wanted = {"version": "TLS 1.3", "cipher suite": suite, "group": group + retried,
                      "server name": identity.name, "protocol": "http/1.1", "our signature": scheme}
            expect("the page's rows", {label: rows.get(label) for label in wanted}, wanted)
