"""Authentication of clients after the handshake (RFC 8446, section 4.6.2): OpenSSL, GnuTLS, Python's ssl and curl."""

import contextlib
import functools
import os
import re
import shutil
import socket
import ssl
import threading

from cells import Failure, expect, expect_in
from handfast import Serve, response_body
from peers import gnutls, openssl
from programs import SECONDS, Program, run

KEYS = ("p256", "ed25519", "rsa", "rsa_pss")
_REQUEST = "GET /private/page.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_PAGE = "a page for those with a certificate"


def missing():
    return openssl.missing() or gnutls.missing()


def jobs():
    for kind in KEYS:
        yield functools.partial(client_of_openssl, kind=kind)
        yield functools.partial(client_of_gnutls, kind=kind)
        yield functools.partial(client_of_python, kind=kind)
    yield servers


# Handfast as client


def client_of_openssl(bench, kind):
    """s_server asks when it is told to, between lines that go both ways; a KeyUpdate comes first."""
    identity = bench.identities[kind]
    with openssl.Server(bench.identities["p256"], "-CAfile", bench.identities.roots, "-msg") as server, \
            bench.tally.cell("client", f"s_server asks for {kind}"), \
            Program(bench.handfast.connect_command(server.port, identity=identity) + ["--ladder"]) as client:
        client.say("first\n")
        server.wait_for("^first$")
        server.say("K\n")
        server.wait_for("<<< TLS 1.3, .*KeyUpdate")
        before = len(server.said())
        server.say("c\n")
        server.wait_for("<<< TLS 1.3, .*CertificateVerify", before)
        server.wait_for("<<< TLS 1.3, .*Finished", before)
        server.say("answer\n")
        client.wait_for("^answer$")
        client.say("second\n")
        server.wait_for("^second$")
        client.end_input()
        expect("the exit code of handfast connect", client.wait(), 0)


def client_of_gnutls(bench, kind):
    """gnutls-serv asks when a client says so in what is to be echoed."""
    identity = bench.identities[kind]
    with gnutls.Server(bench.identities["p256"], "--disable-client-cert", "--x509cafile", bench.identities.roots,
                       mode="--echo") as server, \
            bench.tally.cell("client", f"gnutls-serv asks for {kind}"), \
            Program(bench.handfast.connect_command(server.port, identity=identity) + ["--ladder"]) as client:
        client.say("first\n")
        client.wait_for("^first$")
        client.say("**REAUTH**\n")
        client.wait_for("^Successfully executed command$")
        client.say("second\n")
        client.wait_for("^second$")
        client.end_input()
        expect("the exit code of handfast connect", client.wait(), 0)


@contextlib.contextmanager
def python_server(bench):
    """Answers one request, once its client has shown a certificate; the client's name is in the answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(bench.identities["p256"].chain, bench.identities["p256"].key)
    context.load_verify_locations(bench.identities.roots)
    context.post_handshake_auth = True
    context.verify_mode = ssl.CERT_REQUIRED

    def serve(listener):
        plain, _ = listener.accept()
        plain.settimeout(SECONDS)
        with plain, context.wrap_socket(plain, server_side=True) as connection:
            connection.recv(65536)
            shown_before = connection.getpeercert()
            connection.verify_client_post_handshake()
            connection.do_handshake()
            # The certificate comes with whatever is read next: an empty request of another chance to speak.
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not connection.getpeercert():
                connection.settimeout(0.2)
                with contextlib.suppress(TimeoutError):
                    connection.recv(1)
            name = dict(field for part in connection.getpeercert()["subject"] for field in part)["commonName"]
            body = f"{'early' if shown_before else 'late'} {name}".encode()
            connection.sendall(b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            connection.unwrap()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(SECONDS)


def client_of_python(bench, kind):
    with bench.tally.cell("client", f"Python asks for {kind}"), python_server(bench) as port:
        identity = bench.identities[kind]
        body = response_body(bench.handfast.connect(port, identity=identity))
        expect("what Python saw", body, f"late {identity.name}")


# Handfast as server


def s_client(bench, port, identity):
    done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_3", "-servername", "localhost",
                "-CAfile", bench.identities.roots, "-verify_return_error", "-ign_eof", "-enable_pha", "-cert",
                identity.chain, "-cert_chain", identity.issuer, "-key", identity.key], _REQUEST)
    expect("errors of s_client", re.findall(r":error:.*", done.err), [])
    return done.out


def gnutls_cli(bench, port, identity):
    """It may not come to the end of its input before: it would close its half, and could show nothing any more."""
    with Program(["gnutls-cli", "127.0.0.1", "--port", str(port), "--sni-hostname", "localhost", "--verify-hostname",
                  "localhost", "--x509cafile", bench.identities.roots, "--post-handshake-auth", "--x509certfile",
                  identity.chain, "--x509keyfile", identity.key]) as client:
        client.say(_REQUEST)
        client.wait_for("- Peer has closed the GnuTLS connection$")
        expect("the exit code of gnutls-cli", client.wait(), 0)
        return client.said()


def python_client(bench, port, identity):
    context = ssl.create_default_context(cafile=bench.identities.roots)
    context.load_cert_chain(identity.chain, identity.key)
    context.post_handshake_auth = True
    with socket.create_connection(("127.0.0.1", port), SECONDS) as plain, \
            context.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(_REQUEST.encode())
        return b"".join(iter(functools.partial(connection.recv, 65536), b"")).decode()


def curl(bench, port, identity):
    if not shutil.which("curl"):
        raise Failure("no curl here")
    done = run(["curl", "--silent", "--show-error", "--tlsv1.3", "--noproxy", "*", "--cacert", bench.identities.roots,
                "--cert", identity.chain, "--key", identity.key, "--connect-to", f"localhost:443:127.0.0.1:{port}",
                "https://localhost/private/page.txt"])
    expect("the exit code of curl", (done.code, done.err), (0, ""))
    return done.out


def servers(bench):
    folder = os.path.join(bench.folder, "later")
    os.makedirs(os.path.join(folder, "private"))
    with open(os.path.join(folder, "private", "page.txt"), "w", encoding="ascii") as file:
        file.write(_PAGE)
    allowed = bench.identities["p256"], bench.identities["ed25519"], bench.identities["rsa"]
    command = [bench.handfast.program, "serve", "--listen", "127.0.0.1:0", "--cert", bench.identities["p256"].chain,
               "--key", bench.identities["p256"].key, "--www", folder, "--client-auth-for", "/private", "--client-ca",
               bench.identities.roots]
    for identity in allowed:
        command += ["--allow", f"dns:{identity.name}"]
    with Serve(command) as server:
        for client in (s_client, gnutls_cli, python_client, curl):
            for identity in allowed:
                with bench.tally.cell("server", f"{client.__name__} shows {identity.kind}"):
                    expect_in("the answer", client(bench, server.port, identity), _PAGE)
        with bench.tally.cell("server", "who may not connect is told so"):
            other = bench.identities["rsa_pss"]
            done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_3", "-CAfile",
                        bench.identities.roots, "-ign_eof", "-enable_pha", "-cert", other.chain, "-cert_chain",
                        other.issuer, "-key", other.key], _REQUEST)
            expect_in("what s_client heard", done.err, "tlsv1 alert access denied")
        for name, flag in (("without the extension", "-tls1_3"), ("in TLS 1.2", "-tls1_2")):
            with bench.tally.cell("server", f"{name} there is a 403"):
                done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", flag, "-CAfile",
                            bench.identities.roots, "-ign_eof"], _REQUEST)
                expect_in("the answer", done.out, "HTTP/1.1 403")
