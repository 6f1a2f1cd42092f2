"""`handfast intercept` under test, and the origins that it looks into."""

import contextlib
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import tempfile
import threading

from program import FOLDER, PROGRAM, SECONDS, environment, pki


class Intercept:
    """A proxy on a free port, for a with statement; its log is a list of objects."""

    def __init__(self, *arguments, ca_dir=None, trust="ca.pem", allow=("127.0.0.0/8",), prefix=(), listen="127.0.0.1:0",
                 env=None):
        self.folder = tempfile.mkdtemp(dir=FOLDER)
        self.ca_dir = ca_dir or os.path.join(self.folder, "ca")
        self.ca = os.path.join(self.ca_dir, "ca.crt")
        self.log_file = os.path.join(self.folder, "log")
        self.command = [*prefix, PROGRAM, "intercept", "--listen", listen, "--ca-dir", self.ca_dir, "--log", self.log_file,
                        "--log-format", "json", *(x for a in allow for x in ("--allow", a)),
                        *(("--ca", pki(trust)) if trust else ()), *map(str, arguments)]
        self.env = env or environment()

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=self.env)
        self.told = []
        for line in self.process.stdout:
            found = re.fullmatch(r"listening on (.*):(\d+)\n", line)
            if found:
                self.port = int(found[2])
                return self
            self.told.append(line.rstrip("\n"))
        self.process.wait(SECONDS)
        raise AssertionError(f"not listening: {self.process.stderr.read()}")

    def __exit__(self, *_):
        self.process.terminate()
        _, errors = self.process.communicate(timeout=SECONDS)
        if self.process.returncode != 0:
            raise AssertionError(f"it ended with {self.process.returncode}: {errors}")

    @property
    def proxy(self):
        return f"http://127.0.0.1:{self.port}"

    def log(self):
        with open(self.log_file, encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().splitlines()]

    def wait_for(self, what, **fields):
        """The line of the log with that event and these fields, once it is there."""
        for _ in range(SECONDS * 20):
            for line in self.log():
                if line["event"] == what and all(line.get(k) == v for k, v in fields.items()):
                    return line
            threading.Event().wait(0.05)
        raise AssertionError(f"no {what} with {fields} in {self.log()}")

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


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        content = body or f"{self.command} {self.path} of {self.headers['Host']}".encode()
        if self.path.startswith("/headers"):
            content = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path.endswith(".html") else "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = answer

    def log_message(self, *_):
        pass


class Origin(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, certificate=None, address="127.0.0.1", prepare=lambda context: None):
        self.handshakes = 0
        super().__init__((address, 0), Handler)
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pki(certificate + ".pem"), pki(certificate + ".key"))
            prepare(self.context)

    def finish_request(self, request, client_address):
        with contextlib.suppress(OSError):
            if self.context:
                request.settimeout(SECONDS)
                with self.context.wrap_socket(request, server_side=True) as tls:
                    self.handshakes += 1
                    super().finish_request(tls, client_address)
            else:
                super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def origin(certificate=None, **more):
    """An HTTP origin, over TLS with that certificate; gives it, with its `port`."""
    with Origin(certificate, **more) as server:
        server.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


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
