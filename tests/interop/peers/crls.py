"""Revocation lists that OpenSSL and GnuTLS have made: what Handfast makes of them about OpenSSL, GnuTLS, nginx, curl
and Chromium, and these about Handfast."""

import contextlib
import functools
import os
import shutil
import urllib.error
import urllib.request

from cells import expect, expect_in
from handfast import REQUEST, answer
from peers import chromium, curl, gnutls, nginx, openssl
from programs import SECONDS, checked, run

KEYS = ("p256", "rsa")
_OUTCOMES = ("good", "revoked")


def missing():
    programs = () if shutil.which("certtool") else ("certtool",)
    lacking = [why for peer in (openssl, gnutls, nginx, curl, chromium) if (why := peer.missing())]
    return "; ".join([*lacking, *(f"no {program} here" for program in programs)]) or None


def jobs():
    for made_by in (made_by_openssl, made_by_gnutls):
        for start in (of_openssl, of_gnutls, of_nginx):
            yield functools.partial(client_asks, start=start, made_by=made_by)
        yield functools.partial(server_asks, made_by=made_by)
    yield from (client_is_looked_up, server_is_looked_up)


# The lists


def made_by_openssl(issuer, key, revoked, out):
    """What `issuer` has revoked: the certificate in the file `revoked`, or nothing where that is None."""
    with open(f"{out}.index", "w", encoding="ascii") as index:
        if revoked:
            serial = checked(["openssl", "x509", "-in", revoked, "-noout", "-serial"]).strip().partition("=")[2]
            index.write(f"R\t401231235959Z\t260102030405Z,keyCompromise\t{serial}\tunknown\t/CN=leaf\n")
    with open(f"{out}.cnf", "w", encoding="ascii") as config:
        config.write(f"[ca]\ndefault_ca = one\n[one]\ndatabase = {out}.index\ndefault_md = sha256\n"
                     "default_crl_days = 7\ncrl_extensions = e\n[e]\nauthorityKeyIdentifier = keyid\n")
    checked(["openssl", "ca", "-gencrl", "-config", f"{out}.cnf", "-cert", issuer, "-keyfile", key, "-out", out])


def made_by_gnutls(issuer, key, revoked, out):
    """The same."""
    with open(f"{out}.template", "w", encoding="ascii") as template:
        template.write("crl_next_update = 7\ncrl_number = 1\n")
    checked(["certtool", "--generate-crl", "--load-ca-privkey", key, "--load-ca-certificate", issuer, "--template",
             f"{out}.template", "--outfile", out, *(["--load-certificate", revoked] if revoked else [])])


def joined(out, *paths):
    """`out`, filled with what is in those files."""
    with open(out, "w", encoding="ascii") as file:
        for path in paths:
            with open(path, encoding="ascii") as one:
                file.write(one.read())
    return out


class Lists:
    """Of an identity: those of its issuer with nothing in it (`good`) and with the leaf (`revoked`), in one file with
    the root's; and those of the issuer alone (`good_alone`, `revoked_alone`)."""

    def __init__(self, bench, name, identity, made_by=made_by_openssl):
        base = os.path.join(bench.folder, f"{name}-{made_by.__name__}-{identity.kind}")
        authority = identity.issuer.removesuffix("-middle.pem")
        leaf = f"{base}-leaf.pem"
        with open(leaf, "w", encoding="ascii") as file:
            file.write(checked(["openssl", "x509", "-in", identity.chain]))  # the first of the chain
        made_by(f"{authority}-root.pem", f"{authority}-root.key", None, f"{base}-root.crl")
        for outcome, revoked in zip(_OUTCOMES, (None, leaf)):
            alone, whole = f"{base}-{outcome}.crl", f"{base}-{outcome}-all.crl"
            made_by(identity.issuer, f"{authority}-middle.key", revoked, alone)
            setattr(self, f"{outcome}_alone", alone)
            setattr(self, outcome, joined(whole, alone, f"{base}-root.crl"))


# Handfast as client


def of_openssl(bench, _name):
    return openssl.Server(bench.identities["p256"], "-www")


def of_gnutls(bench, _name):
    return gnutls.Server(bench.identities["p256"], "--disable-client-cert", "--priority", gnutls.priority())


def nginx_block(bench, *lines):
    own = bench.identities["p256"]
    return (f"listen 127.0.0.1:{{port}} ssl;\nssl_certificate {own.chain};\nssl_certificate_key {own.key};\n"
            f"ssl_protocols TLSv1.3;\n{''.join(lines)}"
            'location / {{ default_type text/plain; return 200 "$ssl_client_verify"; }}')


def of_nginx(bench, name):
    return nginx.Nginx(bench, name, nginx_block(bench))


def client_asks(bench, start, made_by):
    lists = Lists(bench, start.__name__, bench.identities["p256"], made_by)
    with start(bench, made_by.__name__) as server:
        for outcome in _OUTCOMES:
            with bench.tally.cell("client", f"a list {made_by.__name__}, a server {start.__name__}: {outcome}"):
                report = bench.handfast.connect(server.port, crl=getattr(lists, outcome), revocation="require")
                expect("exit code and verdict", (report.code, report.json["verdict"]["code"]),
                       (0, "ok") if outcome == "good" else (6, "certificate_revoked"))


def client_is_looked_up(bench):
    """The servers look our certificate up in lists of theirs. They tell of it after our handshake is done."""
    own, roots = bench.identities["p256"], bench.identities.roots
    lists = Lists(bench, "looked-up", own)
    # GnuTLS takes lists of the authorities that it trusts, and of no others.
    authorities = joined(os.path.join(bench.folder, "looked-up.pem"), roots, own.issuer)
    for outcome in _OUTCOMES:
        alone, whole = getattr(lists, f"{outcome}_alone"), getattr(lists, outcome)
        with bench.tally.cell("client", f"s_server has a list: {outcome}"), \
                openssl.Server(own, "-www", "-Verify", "3", "-verify_return_error", "-CAfile", roots, "-crl_check",
                               "-CRL", alone) as server:
            check_alert(bench.handfast.connect(server.port, identity=own), outcome, "certificate_revoked")
        with bench.tally.cell("client", f"gnutls-serv has a list: {outcome}"), \
                gnutls.Server(own, "--priority", gnutls.priority(), "--require-client-cert", "--verify-client-cert",
                              "--x509cafile", authorities, "--x509crlfile", whole) as server:
            check_alert(bench.handfast.connect(server.port, identity=own), outcome, None)
        with bench.tally.cell("client", f"nginx has a list: {outcome}"), \
                nginx.Nginx(bench, f"list-{outcome}", nginx_block(
                    bench, f"ssl_verify_client on;\nssl_verify_depth 3;\nssl_client_certificate {roots};\n",
                    f"ssl_crl {whole};\n")) as server:
            status = bench.handfast.connect(server.port, identity=own).json["response"]["status"]
            expect("the status", status, 200 if outcome == "good" else 400)
            if outcome == "revoked":
                server.wait_for("certificate revoked")


def check_alert(report, outcome, alert):
    """`alert`: the one for a revoked certificate; None where the peer sends one that says less."""
    if outcome == "good":
        return expect("exit code and status", (report.code, report.json["response"]["status"]), (0, 200))
    expect("whether it went well", report.code == 0, False)
    if alert:
        expect_in("the verdict", report.json["verdict"]["code"] + report.json["verdict"]["found"], alert)
    return None


# Handfast as server


@contextlib.contextmanager
def asking_server(bench, lists, outcome):
    with bench.handfast.serve(bench.identities["p256"], client_auth="require", client_ca=bench.identities.roots,
                              client_crl=getattr(lists, outcome), client_revocation="require") as server:
        yield server
        if outcome == "revoked":
            server.wait_for("certificate_revoked")


def server_asks(bench, made_by):
    """The page comes, or does not, and our log tells why."""
    own = bench.identities["rsa"]
    lists = Lists(bench, "asked", own, made_by)
    for outcome in _OUTCOMES:
        for name, page in (("openssl", page_of_openssl), ("gnutls", page_of_gnutls), ("curl", page_of_curl),
                           ("nginx", page_of_nginx), ("Chromium", page_of_chromium)):
            with bench.tally.cell("server", f"a list {made_by.__name__}, a client of {name}: {outcome}"), \
                    asking_server(bench, lists, outcome) as server:
                expect("whether the page came", page(bench, server, own), outcome == "good")


def has_page(text):
    return '"schema": "handfast/handshake/' in text and bool(answer(text)["connection"]["peer_verified"])


def page_of_openssl(bench, server, own):
    return has_page(run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-servername", "localhost",
                         "-CAfile", bench.identities.roots, "-ign_eof", "-cert", own.chain, "-cert_chain", own.issuer,
                         "-key", own.key], REQUEST).out)


def page_of_gnutls(bench, server, own):
    return has_page(run(["gnutls-cli", "127.0.0.1", "--port", str(server.port), "--sni-hostname", "localhost",
                         "--verify-hostname", "localhost", "--x509cafile", bench.identities.roots, "--x509certfile",
                         own.chain, "--x509keyfile", own.key], REQUEST).out)


def page_of_curl(bench, server, own):
    return has_page(curl.request(bench, server, "--cert", own.chain, "--key", own.key).out)


def page_of_chromium(bench, server, own):
    return "Your TLS handshake" in chromium.dom(bench, server, bench.identities["p256"], own)


def proxied(bench, name, server, *lines):
    """What nginx gets of our page: its text, or what it says instead."""
    block = (f"listen 127.0.0.1:{{port}};\nlocation / {{{{\nproxy_pass https://127.0.0.1:{server.port};\n"
             f"proxy_ssl_protocols TLSv1.3;\nproxy_ssl_verify on;\nproxy_ssl_verify_depth 3;\n"
             f"proxy_ssl_trusted_certificate {bench.identities.roots};\nproxy_ssl_name localhost;\n"
             f"proxy_ssl_server_name on;\nproxy_set_header Accept application/json;\n{''.join(lines)}}}}}")
    with nginx.Nginx(bench, name, block) as proxy:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"http://127.0.0.1:{proxy.port}/", timeout=SECONDS) as response:
                return response.read().decode()
        except urllib.error.HTTPError as refused:
            return f"{refused.code}: {proxy.wait_for(r'.(error|crit). .*')[0]}"


def page_of_nginx(bench, server, own):
    return has_page(proxied(bench, f"client-{server.port}", server, f"proxy_ssl_certificate {own.chain};\n",
                            f"proxy_ssl_certificate_key {own.key};\n"))


def server_is_looked_up(bench):
    """The clients look the server's certificate up in lists of theirs; Chromium has none but its maker's."""
    own = bench.identities["p256"]
    lists = Lists(bench, "looks-up", own)
    authorities = joined(os.path.join(bench.folder, "looks-up.pem"), bench.identities.roots, own.issuer)  # as above
    with bench.handfast.serve(own) as server:
        for outcome in _OUTCOMES:
            alone, whole = getattr(lists, f"{outcome}_alone"), getattr(lists, outcome)
            with bench.tally.cell("server", f"s_client has a list: {outcome}"):
                out = run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-servername", "localhost",
                           "-CAfile", bench.identities.roots, "-verify_return_error", "-ign_eof", "-crl_check", "-CRL",
                           alone], REQUEST)
                check_refusal(out.out + out.err, outcome, "certificate revoked")
            with bench.tally.cell("server", f"gnutls-cli has a list: {outcome}"):
                out = run(["gnutls-cli", "127.0.0.1", "--port", str(server.port), "--sni-hostname", "localhost",
                           "--verify-hostname", "localhost", "--x509cafile", authorities, "--x509crlfile", whole],
                          REQUEST)
                check_refusal(out.out + out.err, outcome, "revoked")
            with bench.tally.cell("server", f"curl has a list: {outcome}"):
                out = curl.request(bench, server, "--crlfile", whole)
                check_refusal(out.out + out.err, outcome, "certificate revoked")
            with bench.tally.cell("server", f"nginx has a list: {outcome}"):
                out = proxied(bench, f"looks-up-{outcome}", server, f"proxy_ssl_crl {whole};\n")
                check_refusal(out, outcome, "certificate revoked")


def check_refusal(out, outcome, words):
    expect("whether the page came", '"schema": "handfast/handshake/' in out, outcome == "good")
    if outcome == "revoked":
        expect_in("what the peer says", out, words)
