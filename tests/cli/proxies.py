"""The proxy under test, and origins behind it: nginx, Node.js and Python."""

import contextlib
import hashlib
import http.server
import itertools
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

from program import FOLDER, PROGRAM, SECONDS, environment, pki

HERE = pathlib.Path(__file__).resolve().parent
SITE = ("--cert", pki("good.pem"), "--key", pki("good.key"))
TRUST = ("--ca", pki("ca.pem"))
LOOPBACK = ("--allow", "127.0.0.0/8")
ANYWHERE = "127.0.0.1:0"
NODE = shutil.which("node")
_numbers = itertools.count()


class Proxy:
    """`handfast WAY ...`, for a with statement. It listens on `port` (on all of `ports`, in their order)."""

    def __init__(self, *arguments, log=None):
        self.arguments = list(map(str, arguments))
        self.log_path = log or FOLDER / f"proxy-{next(_numbers)}.log"

    def __enter__(self):
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=environment())
        self.ports = []
        self.told = []  # what it says before it listens
        for line in self.process.stdout:
            if found := re.fullmatch(r"listening on \S+:(\d+)\n", line):
                self.ports.append(int(found[1]))
            else:
                self.told.append(line.rstrip("\n"))
            if len(self.ports) == self.listeners():
                break
        if len(self.ports) < self.listeners():
            self.process.kill()
            raise AssertionError(f"not listening: {self.told} {self.process.communicate()[1]}")
        self.port = self.ports[0]
        self.errors = []
        self.reader = threading.Thread(target=lambda: self.errors.extend(self.process.stderr))
        self.reader.start()
        return self

    def command(self):
        # A configuration file says itself where its log is.
        log = [] if self.arguments[0] == "run" else ["--log", str(self.log_path), "--log-format", "json"]
        return [PROGRAM, *self.arguments, *log]

    def listeners(self):
        return 1

    def __exit__(self, *_):
        self.stop()

    def stop(self, number=signal.SIGTERM):
        """Ends it; gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.reader.join()
            self.process.stdout.close()
            self.process.stderr.close()
        return self.process.returncode

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def lines(self, event=None):
        """What it has logged so far, of one kind or of all."""
        text = pathlib.Path(self.log_path).read_text(encoding="utf-8")
        found = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]  # one may be on its way
        return [line for line in found if event in (None, line["event"])]

    def wait_for_line(self, event, good=lambda line: True, seconds=SECONDS):
        """The first such line; it may take a moment until it is written."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.lines(event):
                if good(line):
                    return line
            time.sleep(0.1)
        raise AssertionError(f"no such line of {event!r}: {self.lines()}")

    def fds(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @contextlib.contextmanager
    def few_fds(self, more):
        """No more descriptors than so many more than it has."""
        before = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (self.fds() + more, before[1]))
        try:
            yield
        finally:
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, before)


def reverse(origin, *more, **options):
    """In front of `origin`, a URL."""
    return Proxy("reverse", "--from", ANYWHERE, "--to", origin, *SITE, *more, **options)


def tls_context(authority="ca.pem", client=None):
    context = ssl.create_default_context(cafile=pki(authority) if "/" not in str(authority) else authority)
    if client:
        context.load_cert_chain(pki(client + ".pem"), pki(client + ".key"))
    return context


def tls(port, context=None, name="localhost", timeout=SECONDS):
    """A TLS connection to a port here."""
    raw = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return (context or tls_context()).wrap_socket(raw, server_hostname=name)
    except BaseException:
        raw.close()
        raise


def read_all(connection):
    """To the end, or to what ends it."""
    out = b""
    with contextlib.suppress(OSError):
        while part := connection.recv(65536):
            out += part
    return out


def curl(port, path, *arguments, input=None, timeout=SECONDS, authority=None):
    """curl of https://localhost:PORT/path; it fails where curl says so."""
    command = ["curl", "-sS", "--noproxy", "*", "--http1.1", "--cacert", authority or pki("ca.pem"), "--resolve",
               f"localhost:{port}:127.0.0.1", *map(str, arguments), f"https://localhost:{port}{path}"]
    source = {"stdin": subprocess.DEVNULL} if input is None else {"input": input}
    return subprocess.run(command, capture_output=True, timeout=timeout, env=environment(), **source)


def some_bytes(length):
    """Always the same: what the origins send for /bytes/LENGTH and /chunked/LENGTH."""
    block = bytes((i * i * 7 + i // 251) % 256 for i in range(65536))
    return (block * (length // len(block) + 1))[:length]


def digest(data):
    return hashlib.sha256(data).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    """What all origins do: /bytes/N and /chunked/N, /digest and /echo of a body, /headers."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        out = b""
        while length := int(self.rfile.readline(), 16):
            out += self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()
        return out

    def _send(self, data, kind="application/octet-stream", chunked=False):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding" if chunked else "Content-Length", "chunked" if chunked else str(len(data)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if chunked:
            for at in range(0, len(data), 10_000):
                part = data[at:at + 10_000]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            data = b"0\r\n\r\n"
        self.wfile.write(data)

    def do_GET(self):
        _, what, *rest = self.path.partition("?")[0].split("/")
        if what in ("bytes", "chunked"):
            self._send(some_bytes(int(rest[0])), chunked=what == "chunked")
        elif what == "headers":
            told = {"method": self.command, "version": self.request_version.removeprefix("HTTP/"),
                    "headers": {name.lower(): self.headers[name] for name in self.headers}}
            self._send(json.dumps(told).encode(), "application/json")
        else:
            self._send(b"hello\n", "text/plain")

    do_HEAD = do_GET

    def do_POST(self):
        body = self._body()
        if self.path == "/echo":
            self._send(body, chunked=True)
        else:
            self._send(json.dumps({"length": len(body), "digest": digest(body)}).encode(), "application/json")


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        pass  # a client that went away


@contextlib.contextmanager
def python_origin(certificate=None, handler=_Handler, client_ca=None):
    """Python's http.server; gives its URL."""
    server = _Server(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki(certificate + ".pem"), pki(certificate + ".key"))
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(pki(client_ca))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def node_origin():
    """Node.js, which also speaks WebSocket on /socket; gives its URL."""
    process = subprocess.Popen([NODE, str(HERE / "origin.js")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env=environment())
    try:
        port = int(process.stdout.readline())
        yield f"http://localhost:{port}"
    finally:
        process.kill()
        process.communicate()


def port_of(url):
    return int(url.rpartition(":")[2])
