"""nginx: as a server that asks for client certificates, or staples, and as a proxy that shows its own certificate."""

import functools
import itertools
import os
import shutil
import urllib.request

from cells import expect
from handfast import answer, check_agreed, response_body
from programs import SECONDS, Program, free_port, wait_for_port
from staples import client_cells

KEYS = ("p256", "p384", "p521", "ed25519", "rsa", "rsa_pss")


def missing():
    return None if _program() else "no nginx here"


def _program():
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def jobs():
    yield client_authenticates
    yield client_is_refused
    yield client_staples
    for kind in KEYS:
        yield functools.partial(server_authenticates, kind=kind)


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


def _asking(bench):
    own = bench.identities["p256"]
    return (f"listen 127.0.0.1:{{port}} ssl;\nssl_certificate {own.chain};\nssl_certificate_key {own.key};\n"
            f"ssl_protocols TLSv1.3;\nssl_verify_client on;\nssl_verify_depth 3;\n"
            f"ssl_client_certificate {bench.identities.roots};\n"
            'location / {{ default_type text/plain; return 200 "$ssl_client_verify $ssl_client_s_dn"; }}')


# Handfast as client


def client_authenticates(bench):
    with Nginx(bench, "asks", _asking(bench)) as server:
        for kind in KEYS:
            with bench.tally.cell("client", f"client certificate {kind}"):
                identity = bench.identities[kind]
                report = bench.handfast.connect(server.port, identity=identity)
                expect("what nginx saw", response_body(report), f"SUCCESS CN={identity.name}")
                check_agreed(report.json["connection"], peer_verified=True)


def client_is_refused(bench):
    """nginx lets the handshake pass and tells by HTTP: 400 where there is none, or a bad one."""
    untrusted = bench.identities.untrusted("nginx")
    with Nginx(bench, "refuses", _asking(bench)) as server:
        for name, identity in (("no certificate", None), ("one of another authority", untrusted)):
            with bench.tally.cell("client", name):
                report = bench.handfast.connect(server.port, identity=identity)
                expect("the status", report.json["response"]["status"], 400)


def client_staples(bench):
    own, numbers = bench.identities["p256"], itertools.count()

    def start(file):
        staple = f"ssl_stapling on;\nssl_stapling_file {file};\n" if file else ""
        return Nginx(bench, f"staples-{next(numbers)}",
                     f"listen 127.0.0.1:{{port}} ssl;\nssl_certificate {own.chain};\nssl_certificate_key {own.key};\n"
                     f"ssl_protocols TLSv1.3;\n{staple}location / {{{{ return 200; }}}}")

    client_cells(bench, start)


# Handfast as server


def server_authenticates(bench, kind):
    identity = bench.identities[kind]
    with bench.handfast.serve(bench.identities["p256"], client_auth="require", client_ca=bench.identities.roots,
                              allow=f"dns:{identity.name}") as server:
        block = ("listen 127.0.0.1:{{port}};\nlocation / {{{{\nproxy_pass https://127.0.0.1:{port};\n"
                 "proxy_ssl_certificate {chain};\nproxy_ssl_certificate_key {key};\nproxy_ssl_protocols TLSv1.3;\n"
                 "proxy_ssl_verify on;\nproxy_ssl_verify_depth 3;\nproxy_ssl_trusted_certificate {roots};\n"
                 "proxy_ssl_name localhost;\nproxy_ssl_server_name on;\nproxy_set_header Accept application/json;\n}}}}"
                 ).format(port=server.port, chain=identity.chain, key=identity.key, roots=bench.identities.roots)
        with Nginx(bench, f"shows-{kind}", block) as proxy, bench.tally.cell("server", f"client certificate {kind}"):
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(f"http://127.0.0.1:{proxy.port}/", timeout=SECONDS) as response:
                connection = answer(response.read().decode())["connection"]
            check_agreed(connection, peer_verified=True)
            expect("the client", connection["peer_identity"]["dns_names"][0], identity.name)
