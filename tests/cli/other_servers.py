"""Servers that are not ours, misconfigured by hand: nginx and openssl s_server, and certificates as openssl makes them."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from program import FOLDER, SECONDS, free_port, pki

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
OPENSSL = shutil.which("openssl")

P256 = ("EC", "ec_paramgen_curve:P-256")
CA = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash")
LOCALHOST = ("subjectAltName=DNS:localhost,IP:127.0.0.1",)
SERVER = LOCALHOST + ("keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth")


def needs_openssl(test):
    if not OPENSSL:
        test.skipTest("no openssl here")


def needs_nginx(test):
    needs_openssl(test)
    if not NGINX:
        test.skipTest("no nginx here")



def _openssl(*arguments):
    done = subprocess.run([OPENSSL, *map(str, arguments)], cwd=FOLDER, capture_output=True, timeout=SECONDS)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments[0]}: {done.stderr.decode()}")


def issue(name, issuer, *extensions, subject="/CN=localhost", key=P256, digest="sha256"):
    """NAME.pem and NAME.key in the folder of pki(), issued by that other name; None: by itself."""
    kind, *options = key
    _openssl("genpkey", "-algorithm", kind, *(x for option in options for x in ("-pkeyopt", option)), "-out", name + ".key")
    if issuer is None:
        _openssl("req", "-x509", "-new", "-key", name + ".key", "-subj", subject, "-days", 30, f"-{digest}", "-out",
                 name + ".pem", *(x for extension in extensions for x in ("-addext", extension)))
        return
    (FOLDER / (name + ".ext")).write_text("\n".join(extensions) + "\n")
    _openssl("req", "-new", "-key", name + ".key", "-subj", subject, "-out", name + ".csr")
    _openssl("x509", "-req", "-in", name + ".csr", "-CA", issuer + ".pem", "-CAkey", issuer + ".key", "-days", 30,
             f"-{digest}", "-extfile", name + ".ext", "-out", name + ".pem")


def chain(name, *parts):
    """NAME.pem with the certificates of the others, in that order, and the first one's key."""
    (FOLDER / (name + ".pem")).write_text("".join(pathlib.Path(pki(part + ".pem")).read_text() for part in parts))
    shutil.copy(pki(parts[0] + ".key"), pki(name + ".key"))


def make_certificates():
    """Under root.pem, each named after what is the matter with it. Others, under ca.pem, are make_pki's."""
    if not OPENSSL:
        return
    issue("root", None, "keyUsage=critical,keyCertSign,cRLSign", subject="/O=Broken Servers/CN=Broken Servers Root")
    issue("middle", "root", *CA, subject="/O=Broken Servers/CN=Broken Servers Middle")
    issue("old-middle", "root", *CA, subject="/O=Broken Servers/CN=Old Middle")
    issue("leaf", "middle", *SERVER, "authorityInfoAccess=caIssuers;URI:http://ca.example/middle.der")
    issue("www", "root", "subjectAltName=DNS:www.example.com", "extendedKeyUsage=serverAuth", subject="/CN=www.example.com")
    issue("rsa", "root", *LOCALHOST, "extendedKeyUsage=serverAuth", key=("RSA", "rsa_keygen_bits:2048"))
    issue("rsa1024", "root", *SERVER, key=("RSA", "rsa_keygen_bits:1024"))
    issue("client-only", "root", *LOCALHOST, "extendedKeyUsage=clientAuth")
    issue("sha1", "root", *SERVER, digest="sha1")
    issue("must-staple", "root", *SERVER, "tlsfeature=status_request")
    issue("alone", None, *LOCALHOST, "basicConstraints=critical,CA:FALSE")
    issue("visitor", "root", "extendedKeyUsage=clientAuth", subject="/CN=visitor")
    chain("full", "leaf", "middle")
    chain("misordered", "leaf", "root", "middle")
    chain("superfluous", "leaf", "middle", "old-middle", "root")


def _wait_for(process, port, log):
    """Until something listens there; the connection that finds out says nothing."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError(f"it does not listen: {log.read_text(errors='replace')}")


@contextlib.contextmanager
def _running(command, port, folder):
    log = pathlib.Path(folder) / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT, cwd=folder)
        try:
            _wait_for(process, port, log)
            yield port
        finally:
            process.kill()
            process.communicate()


@contextlib.contextmanager
def nginx(certificate, *lines, listen="ssl", more=""):
    """An nginx with one server block of those lines, and `more` behind it; gives its port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        server = "\n".join((f"listen 127.0.0.1:{port} {listen};", f"ssl_certificate {pki(certificate + '.pem')};",
                            f"ssl_certificate_key {pki(certificate + '.key')};", *lines,
                            'location / { default_type text/plain; return 200 "hello\\n"; }'))
        path = os.path.join(folder, "nginx.conf")
        pathlib.Path(path).write_text(
            f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr info;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{temporary}server {{\n{server}\n}}\n{more.format(port=port)}\n}}\n")
        with _running([NGINX, "-e", "stderr", "-p", folder, "-c", path], port, folder):
            yield port


@contextlib.contextmanager
def s_server(certificate, *arguments):
    """An `openssl s_server` that sends middle.pem behind its certificate; without one, an anonymous one. Gives its port."""
    port = free_port()
    own = ("-nocert",)
    if certificate:
        own = ("-cert", pki(certificate + ".pem"), "-key", pki(certificate + ".key"), "-cert_chain", pki("middle.pem"))
    with tempfile.TemporaryDirectory() as folder:
        command = [OPENSSL, "s_server", "-accept", f"127.0.0.1:{port}", *own, "-quiet", "-naccept", "1000", *arguments]
        with _running([str(x) for x in command], port, folder):
            yield port
