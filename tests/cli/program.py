"""The program under test, certificates for it, and peers of all kinds: what the tests of this folder share."""

import contextlib
import os
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from ports import free_port  # noqa: E402, F401: the tests have it from here

PROGRAM, MAKE_PKI = sys.argv[1:3]
SECONDS = 30  # for one run of the program: under sanitizers, on a busy machine

_folder = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(_folder.name)
subprocess.run([MAKE_PKI, FOLDER], check=True, timeout=SECONDS)


def pki(name):
    return str(FOLDER / name)


def environment(**changes):
    """The environment without what would change the program's ways, then with `changes`; None takes one away."""
    out = {k: v for k, v in os.environ.items() if k not in ("SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_COLOR")}
    out["LC_ALL"] = "C.UTF-8"
    for key, value in changes.items():
        out.pop(key, None)
        if value is not None:
            out[key] = value
    return out


def run(*arguments, input=None, env=None, timeout=SECONDS):
    """Runs the program to its end. Its standard input is empty unless there is `input`."""
    source = {"stdin": subprocess.DEVNULL} if input is None else {"input": input}
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, timeout=timeout, env=env or environment(), **source)


def connect(port, *arguments, host="localhost", **more):
    """handfast connect to a port here, trusting ca.pem unless something else is to be trusted."""
    trust = () if {"--ca", "--ca-for", "--system-ca", "--pin"} & set(arguments) else ("--ca", pki("ca.pem"))
    return run("connect", f"{host}:{port}", *trust, *arguments, **more)


class Serve:
    """A `handfast serve` on a port, one that is free unless it is said which, for a with statement."""

    def __init__(self, *arguments, port=0):
        self.arguments = arguments
        self.port = port

    def __enter__(self):
        self.process = subprocess.Popen([PROGRAM, "serve", "--listen", f"127.0.0.1:{self.port}", *map(str, self.arguments)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=environment())
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
        if not found:
            self.process.kill()
            raise AssertionError(f"not listening: {line!r} {self.process.communicate()[1]}")
        self.port = int(found[1])
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, signal=15):
        """Ends it; gives its exit status. What it logged is then in `log`."""
        if self.process.poll() is None:
            self.process.send_signal(signal)
        try:
            _, log = self.process.communicate(timeout=SECONDS)
            self.log = log
        except ValueError:
            pass  # it was stopped before
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return self.process.returncode


@contextlib.contextmanager
def listener(serve):
    """A TCP server that calls `serve(socket)` for each connection; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def accept():
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except socket.timeout:
                    continue
                with connection:
                    connection.settimeout(SECONDS)
                    with contextlib.suppress(OSError):
                        serve(connection, stop)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()


@contextlib.contextmanager
def python_tls(certificate, prepare=lambda context: None, answer=b"hello\n"):
    """A TLS server of Python's, that is of OpenSSL's: the peer for what our own server refuses to do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki(certificate + ".pem"), pki(certificate + ".key"))
    prepare(context)

    def serve(connection, _):
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(65536)
            tls.sendall(answer)
            tls.unwrap()

    with listener(serve) as port:
        yield port


def weak_tls12(context):
    """Makes a context speak TLS 1.2 without the extended master secret."""
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= 1  # SSL_OP_NO_EXTENDED_MASTER_SECRET


def reset(connection):
    """Ends a TCP connection with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def main():
    """Runs the tests of the script and closes with the line that scripts/test counts."""
    program = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1)
    result = program.result
    # A test of which several parts fail is one that fails.
    failed = len({getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors})
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, {len(result.skipped)} skipped")
    sys.exit(failed != 0)
