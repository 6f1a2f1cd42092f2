"""A hundred reloads under load: of a signal, of a certificate, of a configuration. No request fails."""

import http.client
import http.server
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

from program import FOLDER, MAKE_PKI, SECONDS, free_port, main, pki
from proxies import Proxy, curl, python_origin, reverse, some_bytes

RELOADS = 100
MOST = 60  # seconds that they may take, under sanitizers


class Site:
    """A certificate and a key in files; two pairs, of two authorities, take turns in them."""

    def __init__(self, name):
        other = FOLDER / f"{name}-other"
        other.mkdir()
        subprocess.run([MAKE_PKI, other], check=True, timeout=SECONDS)
        self.pairs = [pathlib.Path(pki("good")), other / "good"]
        self.file, self.key = FOLDER / f"{name}.pem", FOLDER / f"{name}.key"
        self.context = ssl.create_default_context(cafile=pki("ca.pem"))
        self.context.load_verify_locations(other / "ca.pem")
        self.now = 1
        self.turn()

    def turn(self):
        """Replaced as an ACME client does it: each file moved into its place."""
        self.now = 1 - self.now
        for end, file in ((".pem", self.file), (".key", self.key)):
            new = file.with_suffix(".new")
            shutil.copyfile(f"{self.pairs[self.now]}{end}", new)
            new.rename(file)


class Clients:
    """Threads that ask until they are stopped; what fails is counted and told."""

    def __init__(self, port, context):
        self.port, self.context = port, context
        self.stop, self.done, self.connections, self.failures = threading.Event(), 0, 0, []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._ask, args=(kept,)) for kept in (True, True, True, False, False)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _count(self, requests, connections):
        with self.lock:
            self.done += requests
            self.connections += connections

    def _ask(self, kept):
        connection, fresh = None, True
        while not self.stop.is_set():
            if connection is None:
                connection, fresh = http.client.HTTPSConnection("localhost", self.port, timeout=SECONDS, context=self.context), True
            try:
                connection.request("GET", "/bytes/3000")
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200 or body != some_bytes(3000):
                    self.failures.append(f"{answer.status}, {len(body)} bytes")
                self._count(1, fresh)
                fresh = False
                if answer.will_close or not kept:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as failure:
                self.failures.append(f"{'kept' if kept else 'fresh'} connection: {failure!r}")
                connection.close()
                connection = None
        if connection is not None:
            connection.close()


class Reloads(unittest.TestCase):
    def under_load(self, proxy, context, step):
        """Calls step(number) a hundred times; each reload is in the log, and no request has failed."""
        end = time.monotonic() + MOST
        with Clients(proxy.port, context) as clients:
            time.sleep(0.3)
            number = 0
            while number < RELOADS or len(proxy.lines("reload")) < RELOADS:
                self.assertLess(time.monotonic(), end, f"{len(proxy.lines('reload'))} reloads in {MOST} s")
                step(number)
                number += 1
                time.sleep(0.05)
            time.sleep(0.3)
        self.assertEqual(clients.failures, [])
        self.assertGreater(clients.done, RELOADS)
        self.assertGreater(clients.connections, RELOADS / 2)
        for line in proxy.lines("reload"):
            self.assertEqual(line["result"], "done", line)
        self.assertEqual(proxy.stop(), 0)

    def test_a_signal_and_a_new_certificate(self):
        site = Site("signal")

        def step(number):
            if number % 3 == 0:
                site.turn()
            proxy.reload()

        with python_origin() as origin, \
                Proxy("reverse", "--from", "127.0.0.1:0", "--to", origin, "--cert", site.file, "--key", site.key) as proxy:
            self.under_load(proxy, site.context, step)

    def test_another_configuration(self):
        """Listeners that stay are not closed for others that come and go."""
        port, extra = free_port(), free_port()
        file, log = FOLDER / "reload.toml", FOLDER / "reload.log"
        with python_origin() as origin, python_origin() as other:
            def write(number):
                text = f'log = "{log}"\nlog_format = "json"\n' + reverse_toml(f"127.0.0.1:{port}", (origin, other)[number % 2])
                if number % 2:
                    text += reverse_toml(f"127.0.0.1:{extra}", origin)
                new = file.with_suffix(".new")
                new.write_text(text)
                new.rename(file)

            def step(number):
                write(number)
                proxy.reload()

            write(0)
            with Proxy("run", file, log=log) as proxy:
                self.assertEqual(proxy.port, port)
                self.under_load(proxy, ssl.create_default_context(cafile=pki("ca.pem")), step)

    def test_a_signal_to_reload_ends_no_drain(self):
        asked = threading.Event()

        class Slow(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.set()
                time.sleep(1.5)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        with python_origin(handler=Slow) as origin, reverse(origin) as proxy:
            answers = []
            client = threading.Thread(target=lambda: answers.append(curl(proxy.port, "/", "-w", "%{http_code}").stdout))
            client.start()
            self.assertTrue(asked.wait(SECONDS))
            proxy.process.send_signal(signal.SIGTERM)
            proxy.wait_for_line("drain")
            proxy.reload()
            client.join()
            self.assertEqual(answers, [b"204"])
            self.assertEqual(proxy.stop(), 0)

    def test_a_changed_file_without_a_signal(self):
        site = Site("watched")
        with python_origin() as origin, \
                Proxy("reverse", "--from", "127.0.0.1:0", "--to", origin, "--cert", site.file, "--key", site.key) as proxy, \
                Clients(proxy.port, site.context) as clients:
            for number in range(2):
                before = shown(proxy.port, site.context)
                site.turn()
                proxy.wait_for_line("reload", lambda line: len(proxy.lines("reload")) > number)
                self.assertNotEqual(shown(proxy.port, site.context), before)
        self.assertEqual(clients.failures, [])


def shown(port, context):
    """The certificate of the proxy."""
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=SECONDS), server_hostname="localhost") as tls:
        return tls.getpeercert(binary_form=True)


def reverse_toml(address, origin):
    return f"""
[[reverse]]
from = "{address}"
to = ["{origin}"]
cert = ["{pki('good.pem')}"]
key = ["{pki('good.key')}"]
"""


if __name__ == "__main__":
    main()
