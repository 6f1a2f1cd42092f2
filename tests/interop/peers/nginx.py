"""nginx: as a server that asks for client certificates, or staples, and as a proxy that shows its own certificate."""

import functools
import itertools
import os
import shutil
import urllib.request

from cells import TLS12, VERSIONS, expect
from handfast import answer, check_agreed, response_body
from programs import SECONDS, Program, free_port, wait_for_port
from staples import client_cells

KEYS = ("p256", "p384", "p521", "ed25519", "rsa", "rsa_pss")


def missing():
    return None if _program() else "no nginx here"


def _program():
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def jobs():
    for version in VERSIONS:
        for job in (client_authenticates, client_is_refused, client_staples):
            yield functools.partial(job, version=version)
        for kind in KEYS:
            yield functools.partial(server_authenticates, version=version, kind=kind)
    yield from (client_without_master_secret, server_without_master_secret)


class Nginx(Program):
    """One server block, listening on `.port`; its own files stay in a folder of their own."""

    def __init__(self, bench, name, block):
        self.port = free_port()
        folder = os.path.join(bench.folder, f"nginx-{name}")
        os.mkdir(folder)
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr info;\nevents {{}}\n"
                       f"http {{\naccess_log off;\n{temporary}server {{\n{block.format(port=self.port)}\n}}\n}}\n")
        super().__init__([_program(), "-e", "stderr", "-p", folder, "-c", path], folder)

    def wait_until_ready(self):
        wait_for_port(self, self.port)


def _server(identity, version, *lines):
    """A server of one version, with these lines more."""
    return "\n".join(("listen 127.0.0.1:{port} ssl;", f"ssl_certificate {identity.chain};",
                      f"ssl_certificate_key {identity.key};", f"ssl_protocols TLSv{version.number};", *lines))


def _asking(bench, version):
    return _server(bench.identities["p256"], version, "ssl_verify_client on;", "ssl_verify_depth 3;",
                   f"ssl_client_certificate {bench.identities.roots};",
                   'location / {{ default_type text/plain; return 200 "$ssl_client_verify $ssl_client_s_dn"; }}')


def _proxy(bench, version, port, *lines):
    """A proxy before `handfast serve`, which it verifies, with these lines more."""
    return "\n".join(("listen 127.0.0.1:{port};", "location / {{", f"proxy_pass https://127.0.0.1:{port};",
                      f"proxy_ssl_protocols TLSv{version.number};", "proxy_ssl_verify on;", "proxy_ssl_verify_depth 3;",
                      f"proxy_ssl_trusted_certificate {bench.identities.roots};", "proxy_ssl_name localhost;",
                      "proxy_ssl_server_name on;", "proxy_set_header Accept application/json;", *lines, "}}"))


# Handfast as client


def client_authenticates(bench, version):
    with Nginx(bench, f"asks-{version.number}", _asking(bench, version)) as server:
        for kind in KEYS:
            with bench.tally.cell("client", f"{version.name} client certificate {kind}"):
                identity = bench.identities[kind]
                report = bench.handfast.connect(server.port, identity=identity, tls=version.number)
                expect("what nginx saw", response_body(report), f"SUCCESS CN={identity.name}")
                check_agreed(report.json["connection"], version, peer_verified=True)


def client_is_refused(bench, version):
    """nginx lets the handshake pass and tells by HTTP: 400 where there is none, or a bad one."""
    untrusted = bench.identities.untrusted(f"nginx-{version.number}")
    with Nginx(bench, f"refuses-{version.number}", _asking(bench, version)) as server:
        for name, identity in (("no certificate", None), ("one of another authority", untrusted)):
            with bench.tally.cell("client", f"{version.name} {name}"):
                report = bench.handfast.connect(server.port, identity=identity, tls=version.number)
                expect("the status", report.json["response"]["status"], 400)


def client_staples(bench, version):
    numbers = itertools.count()

    def start(file):
        staple = ["ssl_stapling on;", f"ssl_stapling_file {file};"] if file else []
        return Nginx(bench, f"staples-{version.number}-{next(numbers)}",
                     _server(bench.identities["p256"], version, *staple, "location / {{ return 200; }}"))

    client_cells(bench, version, start)


def client_without_master_secret(bench):
    block = _server(bench.identities["p256"], TLS12, "ssl_conf_command Options -ExtendedMasterSecret;",
                    "location / {{ return 200 $ssl_protocol; }}")
    with Nginx(bench, "plain", block) as server, bench.tally.cell("client", "TLS 1.2 without extended_master_secret"):
        report = bench.handfast.connect(server.port, tls="1.2..1.3")
        expect("what nginx saw", response_body(report), "TLSv1.2")
        check_agreed(report.json["connection"], TLS12, extended_master_secret=False)


# Handfast as server


def page_through(proxy):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"http://127.0.0.1:{proxy.port}/", timeout=SECONDS) as response:
        return answer(response.read().decode())


def server_authenticates(bench, version, kind):
    identity = bench.identities[kind]
    with bench.handfast.serve(bench.identities["p256"], tls=version.number, client_auth="require",
                              client_ca=bench.identities.roots, allow=f"dns:{identity.name}") as server:
        block = _proxy(bench, version, server.port, f"proxy_ssl_certificate {identity.chain};",
                       f"proxy_ssl_certificate_key {identity.key};")
        with Nginx(bench, f"shows-{version.number}-{kind}", block) as proxy, \
                bench.tally.cell("server", f"{version.name} client certificate {kind}"):
            connection = page_through(proxy)["connection"]
            check_agreed(connection, version, peer_verified=True)
            expect("the client", connection["peer_identity"]["dns_names"][0], identity.name)


def server_without_master_secret(bench):
    with bench.handfast.serve(bench.identities["p256"], tls="1.2..1.3") as server:
        block = _proxy(bench, TLS12, server.port, "proxy_ssl_conf_command Options -ExtendedMasterSecret;")
        with Nginx(bench, "proxy", block) as proxy, \
                bench.tally.cell("server", "TLS 1.2 without extended_master_secret"):
            check_agreed(page_through(proxy)["connection"], TLS12, extended_master_secret=False)
