"""`handfast intercept` under test, and the origins that it looks into."""

import contextlib
import os
import re
import socket
import ssl
import subprocess
import tempfile

import proxies
from origins import Origin
from program import FOLDER, PROGRAM, SECONDS, environment, listener, pki


class Intercept(proxies.Proxy):
    """`handfast intercept`, for a with statement: an authority of its own, and leave to go to loopback."""

    def __init__(self, *arguments, ca_dir=None, allow=("127.0.0.0/8",), prefix=(), listen=proxies.ANYWHERE):
        self.folder = tempfile.mkdtemp(dir=FOLDER)
        self.ca_dir = ca_dir or os.path.join(self.folder, "ca")
        self.ca = os.path.join(self.ca_dir, "ca.crt")
        self.prefix = prefix
        super().__init__("intercept", "--listen", listen, "--ca-dir", self.ca_dir, *proxies.TRUST,
                         *(word for target in allow for word in ("--allow", target)), *arguments)

    def command(self):
        return [*self.prefix, *super().command()]

    def __exit__(self, *_):
        status = self.stop()
        assert status == 0, f"it ended with {status}: {self.errors}"

    @property
    def proxy(self):
        return f"http://127.0.0.1:{self.port}"

    def wait_for(self, event, **fields):
        """The line of the log with that event and these fields, once it is there."""
        return self.wait_for_line(event, lambda line: all(line.get(key) == value for key, value in fields.items()))

    def tunnel(self, target, timeout=SECONDS):
        """A socket behind a CONNECT, or the answer that refused it."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        head = read_head(sock)
        if " 200 " in head.splitlines()[0]:
            return sock, head
        sock.close()
        return None, head

    def tls(self, target, name, ca=None, alpn=None):
        """TLS behind a CONNECT, trusting the proxy's authority."""
        sock, head = self.tunnel(target)
        assert sock, head
        context = ssl.create_default_context(cafile=ca or self.ca)
        if alpn:
            context.set_alpn_protocols(alpn)
        return context.wrap_socket(sock, server_hostname=name)


class Ruled(Intercept):
    """The same from a configuration file, with rules: TOML of [[intercept.rule]]s."""

    def __init__(self, rules):
        super().__init__()
        self.file = os.path.join(self.folder, "intercept.toml")
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(f"""
log = "{self.log_path}"
log_format = "json"
[[intercept]]
listen = "127.0.0.1:0"
ca_dir = "{self.ca_dir}"
ca = "{pki('ca.pem')}"
allow = ["127.0.0.0/8"]
har = "{self.folder}/traffic.har"
{rules}
""")

    def command(self):
        return [PROGRAM, "run", self.file]


def read_head(sock):
    head = b""
    while b"\r\n\r\n" not in head:
        piece = sock.recv(1)
        if not piece:
            break
        head += piece
    return head.decode("latin-1")


def ask(sock, target="/", host="localhost", method="GET", more="", body=b""):
    """Sends a request and gives its answer's head and body."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    sock.sendall(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{length}{more}\r\n".encode() + body)
    head = read_head(sock)
    found = re.search(r"(?i)^content-length: *(\d+)", head, re.M)
    size = int(found[1]) if found else 0
    content = b""
    while len(content) < size:
        piece = sock.recv(size - len(content))
        if not piece:
            break
        content += piece
    return head, content


@contextlib.contextmanager
def listening_to_the_end(certificate="good"):
    """A TLS origin that answers one request of each connection; gives its port and how each connection ended: "close_notify", or what
    came instead."""
    ends = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki(certificate + ".pem"), pki(certificate + ".key"))

    def serve(connection, _):
        with context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False) as tls:
            try:
                if read_head(tls):
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    ends.append("close_notify" if tls.recv(1) == b"" else "data")
                else:
                    ends.append("close_notify")
            except OSError as error:
                ends.append(repr(error))

    with listener(serve) as port:
        yield port, ends


@contextlib.contextmanager
def origin(certificate=None):
    """An HTTP origin, over TLS with that certificate; gives it, with its `port`."""
    pair = (pki(certificate + ".pem"), pki(certificate + ".key")) if certificate else None
    with Origin("127.0.0.1", 0, pair) as server, server.running():
        yield server


def curl(*arguments, timeout=SECONDS):
    return subprocess.run(["curl", "--silent", "--show-error", "--max-time", str(timeout), *map(str, arguments)],
                          capture_output=True, timeout=timeout + 10, env=environment(NO_PROXY="", no_proxy=""))


def verify_code(connect):
    """What OpenSSL has against a certificate: X509_V_ERR_..., 0 for nothing."""
    try:
        connect().close()
        return 0
    except ssl.SSLCertVerificationError as error:
        return error.verify_code
