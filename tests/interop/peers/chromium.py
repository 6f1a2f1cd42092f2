"""Headless Chromium loads the page of `handfast serve`, with a certificate of its own where it is asked for one."""

import base64
import hashlib
import html
import json
import os
import re
import shutil
import tempfile

import sessions
from cells import AEADS, TLS12, TLS13, VERSIONS, Choice, Failure, expect, expect_in
from programs import checked, run
from staples import Staples

KEYS = ("p256", "rsa")
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def missing():
    if not any(shutil.which(name) for name in _PROGRAMS):
        return "no Chromium here"
    return None if shutil.which("pk12util") else "no pk12util here, to give Chromium its certificates"


def jobs():
    yield loads_pages
    yield authenticates
    yield gets_a_staple
    yield resumes
    yield sends_early_data


def key_hash(identity):
    """How Chromium names a key that it shall accept: base64 of the SHA-256 of its SubjectPublicKeyInfo."""
    public = run(["openssl", "x509", "-in", identity.chain, "-noout", "-pubkey"]).out
    der = base64.b64decode("".join(line for line in public.splitlines() if not line.startswith("-")))
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


def make_home(bench, server, own):
    """A home where the browser finds the certificate `own`, if any, and a profile that shows it to `server` unasked."""
    home = tempfile.mkdtemp(prefix="home-", dir=bench.folder)  # a port may come a second time
    profile = os.path.join(home, "profile")
    os.makedirs(os.path.join(profile, "Default"))
    if own:
        store = os.path.join(home, ".pki", "nssdb")
        os.makedirs(store)
        checked(["openssl", "pkcs12", "-export", "-in", own.chain, "-inkey", own.key, "-passout", "pass:",
                 "-out", os.path.join(home, "own.p12")])
        checked(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"])
        checked(["pk12util", "-d", f"sql:{store}", "-i", os.path.join(home, "own.p12"), "-W", ""])
        chosen = {f"https://[*.]handfast.test:{server.port},*": {"setting": {"filters": [{}]}}}
        settings = {"profile": {"content_settings": {"exceptions": {"auto_select_certificate": chosen}}}}
        with open(os.path.join(profile, "Default", "Preferences"), "w", encoding="ascii") as file:
            json.dump(settings, file)
    return home, profile


def dom(bench, server, identity, own=None, features=()):
    """What the browser shows after it has parsed the page, or of what went wrong."""
    program = next(name for name in _PROGRAMS if shutil.which(name))
    home, profile = make_home(bench, server, own)
    return checked(["env", f"HOME={home}", program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", "--no-proxy-server", f"--user-data-dir={profile}",
                    f"--enable-features={','.join(features)}",
                    f"--ignore-certificate-errors-spki-list={key_hash(identity)}",
                    "--host-resolver-rules=MAP *.handfast.test 127.0.0.1", "--dump-dom",
                    f"https://{identity.name}:{server.port}/"], seconds=90)


def load(bench, server, identity, own=None):
    """The rows of the page."""
    page = dom(bench, server, identity, own)
    expect_in("the page", page, "<h1>Your TLS handshake</h1>")
    rows = dict(re.findall(r"<th>(.*?)</th><td>(.*?)</td>", page))
    if not rows:
        raise Failure(f"the page has no rows: {page[:600]}")
    return {label: html.unescape(value) for label, value in rows.items()}


def loads_pages(bench):
    """A browser can't be told suites and groups: the server can. It sends shares of X25519 and X25519MLKEM768."""
    for choice in (Choice(TLS13, AEADS[0], "x25519", "ecdsa_secp256r1_sha256", None),
                   Choice(TLS13, AEADS[0], "X25519MLKEM768", "ecdsa_secp256r1_sha256", None),
                   Choice(TLS13, AEADS[1], "x25519", "rsa_pss_rsae_sha256", None),
                   Choice(TLS13, AEADS[2], "secp256r1", "ecdsa_secp256r1_sha256", None),
                   Choice(TLS13, AEADS[0], "secp384r1", "rsa_pss_rsae_sha256", None),
                   Choice(TLS12, AEADS[2], "x25519", "ecdsa_secp256r1_sha256", True),
                   Choice(TLS12, AEADS[0], "secp256r1", "rsa_pss_rsae_sha256", True)):
        identity = bench.identities[choice.kind]
        with bench.tally.cell("server", choice), \
                bench.handfast.serve(identity, tls=choice.version.number, suites=[choice.suite],
                                     groups=[choice.group], alpn=["http/1.1"]) as server:
            rows = load(bench, server, identity)
            sent = choice.version is TLS12 or choice.group in ("x25519", "X25519MLKEM768")
            retried = "" if sent else ", after a HelloRetryRequest"
            wanted = {"version": choice.version.name, "cipher suite": choice.suite, "group": choice.group + retried,
                      "server name": identity.name, "protocol": "http/1.1", "our signature": choice.signature}
            expect("the page's rows", {label: rows.get(label) for label in wanted}, wanted)


def authenticates(bench):
    """A browser that gets a CertificateRequest closes, asks its user, and comes back with what was chosen."""
    identity = bench.identities["p256"]
    for kind in KEYS:
        own = bench.identities[kind]
        with bench.tally.cell("server", f"client certificate {kind}"), \
                bench.handfast.serve(identity, client_auth="require", client_ca=bench.identities.roots) as server:
            rows = load(bench, server, identity, own)
            expect("who the browser is", rows.get("your certificate"), f"CN={own.name}, verified")
    with bench.tally.cell("server", "no certificate, and none is needed"), \
            bench.handfast.serve(identity, client_auth="request", client_ca=bench.identities.roots) as server:
        expect("who the browser is", load(bench, server, identity).get("your certificate"), "none")
    with bench.tally.cell("server", "one of another authority, which the browser keeps to itself"), \
            bench.handfast.serve(identity, client_auth="require", client_ca=bench.identities.roots) as server:
        page = dom(bench, server, identity, bench.identities.untrusted("chromium"))
        expect("whether the page came", "Your TLS handshake" in page, False)
        server.wait_for("no_certificate")


def gets_a_staple(bench):
    """It asks for one, takes it, and tells nobody what it makes of it."""
    identity = bench.identities["p256"]
    with bench.tally.cell("server", "a staple"), \
            bench.handfast.serve(identity, staple=Staples(bench.folder, identity)["good"]) as server:
        expect_in("the ladder on the page", dom(bench, server, identity), "OCSP response")


_SCRIPTS = 6  # as many connections as it has to one server
# Long, so that none is through before all are asked for.
_SCRIPT = f"window.scripts = (window.scripts || 0) + 1;\n//{'-' * (4 << 20)}\n"


def make_page(bench, name):
    """A folder with a page that needs more connections than one, and shows whether all came."""
    folder = sessions.file_for(bench, name)
    os.mkdir(folder)
    page = "<!doctype html><title>waiting</title>\n"
    for number in range(_SCRIPTS):
        page += f'<script src="{number}.js"></script>\n'
        with open(os.path.join(folder, f"{number}.js"), "w", encoding="ascii") as file:
            file.write(_SCRIPT)
    with open(os.path.join(folder, "index.html"), "w", encoding="ascii") as file:
        file.write(page + "<script>document.title = scripts + ' scripts'</script>\n")
    return folder


def resumes(bench):
    """What a page needs comes over more connections than one: those after the first resume its session."""
    identity = bench.identities["p256"]
    folder = make_page(bench, "scripts")
    for version in VERSIONS:
        with bench.tally.cell("server", f"{sessions.RESUMED[version]} is resumed"), \
                bench.handfast.serve(identity, www=folder, tls=version.number) as server:
            expect_in("the page", dom(bench, server, identity), f"<title>{_SCRIPTS} scripts</title>")
            server.wait_for(sessions.LOGGED[sessions.RESUMED[version]])


_EARLY_DATA = bytes.fromhex("002a0000")  # the extension, as a ClientHello has it (RFC 8446, section 4.2.10)


def sends_early_data(bench):
    """With a feature that is off by default, the requests of later connections go out with their ClientHello."""
    identity = bench.identities["p256"]
    folder = make_page(bench, "early")

    def serve(**flags):
        return bench.handfast.serve(identity, www=folder, tls=TLS13.number, early_data="16384", **flags)

    def load_early(server):
        page = dom(bench, server, identity, features=["EnableTLS13EarlyData"])
        expect_in("the page", page, f"<title>{_SCRIPTS} scripts</title>")

    with serve() as server, sessions.Relay(server.port) as relay:
        with bench.tally.cell("server", "early data"):
            load_early(relay)
            server.wait_for("early data accepted")
        with bench.tally.cell("server", "early data replayed"):
            taken = server.said().count("early data accepted")
            # Of the first connection too, which had none.
            flights = [sent[:end] for sent in relay.sent if (end := sessions.end_of_early_data(sent))]
            expect("whether there are flights to send again", len(flights) > taken > 0, True)
            for flight in flights:
                sessions.check_unanswered(sessions.replay(server.port, flight))
            expect("flights that were taken", server.said().count("early data accepted"), taken)
    # It sends no share of this group, so that a HelloRetryRequest ends its early data: then it comes anew.
    with serve(groups=["secp256r1"]) as server, sessions.Relay(server.port) as relay, \
            bench.tally.cell("server", "early data rejected, and its request sent again"):
        load_early(relay)
        expect("whether it offered some", any(_EARLY_DATA in sent for sent in relay.sent), True)
        expect("whether it was taken", "early data accepted" in server.said(), False)
