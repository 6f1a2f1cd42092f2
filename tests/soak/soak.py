#!/usr/bin/env python3
"""soak.py PROGRAM MAKE_PKI [--seconds N] [--seed N]: every way of the proxy for a long time, with faults at random.

Clients and origins of our own exchange bodies of which both know every byte, through all ways at once. Half of the
connections have something wrong with them: closed, reset or stalled at any byte, dripped, split, garbage; and so have
the proxies: reloads, certificates rewritten, half-written at first, a full disk for the log, no file descriptors left.
No exchange that no fault hit may fail, no byte may be wrong in any, each ends in its time, and at the end the proxies
have as many descriptors as at the beginning, not much more memory, and nothing to say to the sanitizers."""

import argparse
import contextlib
import pathlib
import random
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cli")]

import program  # noqa: E402  (it takes its arguments from the command line)
from bodies import problems  # noqa: E402
from exchanges import Clients, Road  # noqa: E402
from origins import Origin  # noqa: E402
from watched import Proxy  # noqa: E402
from wire import Plan, Wire  # noqa: E402

SANITIZED = b"__asan_init" in pathlib.Path(program.PROGRAM).read_bytes()

WAYS = ("reverse", "passthrough", "forward", "intercept", "tunnel")
# Shorter than the pauses of those who hang, longer than those of the others.
TIMES = ("--handshake-timeout", 5, "--header-timeout", 5, "--idle-timeout", 5, "--tunnel-timeout", 5, "--response-timeout", 5)
MORE_MEMORY = 64 << 20  # that a proxy may have at the end, beyond what it had when all ways had been used


def context_for(*authorities):
    out = ssl.create_default_context()
    for file in authorities:
        out.load_verify_locations(file)
    return out


class Certificate:
    """A certificate of the proxy's: two that are good for it, of two authorities, take turns."""

    def __init__(self, folder):
        second = folder / "second-pki"
        second.mkdir()
        subprocess.run([program.MAKE_PKI, second], check=True, timeout=60)
        self.pairs = [pathlib.Path(program.pki("good")), second / "good"]
        self.authorities = [program.pki("ca.pem"), str(second / "ca.pem")]
        self.file, self.key = folder / "site.pem", folder / "site.key"
        self.now = 0
        self._write(self.pairs[0])

    def _write(self, pair):
        shutil.copyfile(f"{pair}.pem", self.file)
        shutil.copyfile(f"{pair}.key", self.key)

    def break_off(self):
        """Half of the next one is there."""
        text = pathlib.Path(f"{self.pairs[1 - self.now]}.pem").read_bytes()
        self.file.write_bytes(text[:len(text) // 2])

    def finish(self):
        self.now = 1 - self.now
        self._write(self.pairs[self.now])


class Stage:
    """Origins, proxies in front of them, and the roads through these."""

    def __init__(self, folder, more):
        self.certificate = Certificate(folder)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(program.pki("good.pem"), program.pki("good.key"))
        self.plain, self.tls = Origin(), Origin(server)
        self.proxies, self.roads = [], []
        self.more = more
        self.folder = folder

    def _proxy(self, name, *arguments, log=None):
        proxy = Proxy(name, self.folder, *arguments, *self.more, log=log)
        self.proxies.append(proxy)
        return proxy

    def _road(self, proxy, *arguments, **more):
        road = Road(proxy.name, proxy.port, *arguments, **more)
        self.roads.append(road)

    def build(self, ways):
        """Starts a proxy of each of these ways, and lays the roads through them."""
        ours = context_for(*self.certificate.authorities)
        theirs = context_for(program.pki("ca.pem"))
        site = ("--cert", self.certificate.file, "--key", self.certificate.key)
        trust = ("--ca", program.pki("ca.pem"))
        anywhere, loopback = "127.0.0.1:0", ("--allow", "127.0.0.0/8")
        plain, tls = f"localhost:{self.plain.port}", f"localhost:{self.tls.port}"
        lines = {"http": False, "half_close": True}

        if "reverse" in ways:
            self._road(self._proxy("reverse", "reverse", "--from", anywhere, "--to", f"http://{plain}", *site), ours)
            self._road(self._proxy("reverse-tls", "reverse", "--from", anywhere, "--to", f"https://{tls}", *site, *trust), ours)
            self._road(self._proxy("reverse-tcp", "reverse", "--from", anywhere, "--to", f"tcp://{plain}", *site), ours, **lines)
        if "passthrough" in ways:
            for name, log in (("passthrough", None), ("full-disk", "/dev/full")):
                proxy = self._proxy(name, "passthrough", "--from", anywhere, "--route", f"localhost={tls}", log=log)
                self._road(proxy, theirs)
                self._road(proxy, theirs, **lines)
        if "forward" in ways:
            proxy = self._proxy("forward", "forward", "--listen", anywhere, *loopback)
            self._road(proxy, theirs, through=tls)
            self._road(proxy, through=plain, **lines)
            self._road(proxy, target=plain, plain_request=True)
        if "intercept" in ways:
            folder = self.folder / "ca"
            proxy = self._proxy("intercept", "intercept", "--listen", anywhere, *loopback, "--ca-dir", folder, *trust)
            self._road(proxy, context_for(str(folder / "ca.crt")), through=tls)
        if "tunnel" in ways:
            self._road(self._proxy("tunnel-in", "tunnel", "--from", f"tls://{anywhere}", "--to", f"tcp://{plain}", *site), ours,
                       **lines)
            self._road(self._proxy("tunnel-out", "tunnel", "--from", f"tcp://{anywhere}", "--to", f"tls://{tls}", *trust), **lines)

    def direct(self):
        """Without a proxy: what the clients and origins do among themselves."""
        theirs = context_for(program.pki("ca.pem"))
        return [Road("direct", self.tls.port, theirs), Road("direct-lines", self.plain.port, http=False, half_close=True),
                Road("direct-tls-lines", self.tls.port, theirs, http=False, half_close=True)]

    def hit(self, rng, clients):
        """A fault of a whole proxy."""
        kind = rng.choice(("reload", "reload", "certificate", "certificate") + (() if SANITIZED else ("few fds",)))
        proxy = rng.choice(self.proxies)
        if kind == "reload":
            proxy.reload()
        elif kind == "certificate":
            self.certificate.break_off()
            for other in self.proxies:
                other.reload()
            time.sleep(rng.uniform(0.1, 0.6))
            self.certificate.finish()
            for other in self.proxies:
                other.reload()
        else:
            with clients.excuse([proxy.name]), proxy.few_fds(rng.randrange(4)):
                time.sleep(rng.uniform(0.3, 2))
        return kind

    def count(self):
        """Exchanges that have come to the origins."""
        return self.plain.count + self.tls.count

    def end(self):
        self.plain.close()
        self.tls.close()
        for proxy in self.proxies:
            proxy.end()


def drain(proxy, road, stage):
    """SIGTERM while an answer is under way: it comes whole, and nobody else gets in."""
    done = []

    def one():
        with socket.create_connection(("127.0.0.1", road.port), timeout=60) as connection:
            peer = road.enter(Wire(connection, Plan(), random))
            order = {"id": "drain", "reply": 300_000, "fault": "pause", "at": 0, "pause": 3, "chunked": False, "length": 1000}
            done.append(road.exchange().ask(peer, order, 1000))

    before = stage.count()
    thread = threading.Thread(target=one, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while stage.count() == before and time.monotonic() < end:
        time.sleep(0.05)
    proxy.process.terminate()
    time.sleep(1.5)
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", road.port), timeout=5):
        problems.add("a draining proxy takes a new connection")
    thread.join(60)
    with contextlib.suppress(subprocess.TimeoutExpired):
        proxy.process.wait(timeout=60)  # a second SIGTERM would cut it off
    if done != [True]:
        problems.add(f"what was under way at SIGTERM did not come whole: {done}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("make_pki")
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--way", action="append", choices=WAYS, help="only this one; may be repeated")
    parser.add_argument("--direct", action="store_true", help="no proxy: the clients straight to their origins")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.seconds} s", flush=True)
    if SANITIZED:
        print("No descriptors run out here: UBSan looks at memory through a pipe of its own, and may take it for bad without one "
              "(proxy_trouble_test lets them run out).", flush=True)
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        stage = Stage(pathlib.Path(name), TIMES)
        stage.build(() if options.direct else options.way or WAYS)
        roads = stage.direct() if options.direct else stage.roads
        clients = Clients(roads, options.seed, options.threads)
        fds = {proxy.name: proxy.fds() for proxy in stage.proxies}
        memory = {}
        begin = time.monotonic()
        clients.start()
        hits = {}
        while (now := time.monotonic() - begin) < options.seconds and all([proxy.is_there() for proxy in stage.proxies]):
            time.sleep(rng.uniform(0.2, 1.5))
            if not memory and now > options.seconds / 4:
                memory = {proxy.name: proxy.memory() for proxy in stage.proxies}
            if stage.proxies:
                kind = stage.hit(rng, clients)
                hits[kind] = hits.get(kind, 0) + 1
        clients.end()
        print(f"all ended after {time.monotonic() - begin:.0f} s", flush=True)
        for proxy in stage.proxies:
            if proxy.is_there():
                left = proxy.wait_for_fds(fds[proxy.name], 70)
                if left > fds[proxy.name]:
                    problems.add(f"{proxy.name} has {left} descriptors, {fds[proxy.name]} at the beginning")
                grown = proxy.memory() - memory.get(proxy.name, 1 << 60)
                if grown > MORE_MEMORY:
                    problems.add(f"{proxy.name} has grown by {grown >> 20} MB")
        print(f"all at rest after {time.monotonic() - begin:.0f} s", flush=True)
        if stage.proxies:
            drain(stage.proxies[0], stage.roads[0], stage)
        stage.end()
        for what, count in sorted(clients.counts.items()):
            print(f"  {' '.join(what)}: {count}")
        print(f"faults of proxies: {hits}")
    failed = len(problems.list)
    print(f"{len(clients.counts)} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
