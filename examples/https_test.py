"""Runs the HTTPS server and the HTTPS client against each other: https_test.py SERVER CLIENT FOLDER-OF-PEM-FILES."""

import os
import socket
import subprocess
import sys
import time

server, client, folder = sys.argv[1:]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


port = free_port()
environment = dict(os.environ, SSL_CERT_FILE=os.path.join(folder, "ca.pem"))
serving = subprocess.Popen([server, f"127.0.0.1:{port}", os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")])
try:
    deadline = time.monotonic() + 20
    while True:
        asked = subprocess.run([client, "localhost", str(port)], env=environment, capture_output=True, text=True)
        if "refused" not in asked.stderr or time.monotonic() > deadline or serving.poll() is not None:
            break
        time.sleep(0.05)
finally:
    serving.kill()
    serving.wait()

print(asked.stdout, asked.stderr)
assert asked.returncode == 0, asked.returncode
assert asked.stdout.startswith("HTTP/1.1 200 OK\r\n") or asked.stdout.startswith("HTTP/1.1 200 OK\n")
assert asked.stdout.endswith("You asked for /\n")
assert "TLS 1.3" in asked.stderr
