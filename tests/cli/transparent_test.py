"""handfast intercept --transparent: a client, the proxy as its router, and an origin, each a host of its own in a network
namespace. Nothing outside of them is touched."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from intercepting import Intercept
from program import SECONDS, environment, main, pki

CLIENT4, CLIENT6 = "192.0.2.2", "fd00:1::2"
ROUTER4, ROUTER6 = "192.0.2.1", "fd00:1::1"
ORIGIN4, ORIGIN6 = "198.51.100.2", "fd00:2::2"
ALLOW = ("198.51.100.0/24", "fd00:2::/64")
ORIGINS = str(pathlib.Path(__file__).parent / "origins.py")

def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=SECONDS)


def why_not():
    """Why no such network can be had here; empty: it can."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    for program in ("ip", "nft", "curl"):
        if not shutil.which(program):
            return f"no {program} here"
    name = f"hf-probe-{os.getpid()}"
    try:
        ip("netns", "add", name)
    except (subprocess.CalledProcessError, OSError):
        return "no network namespace can be made here"
    try:
        rules = "add table ip t; add chain ip t c { type nat hook output priority -100; }; add rule ip t c tcp dport 1 redirect"
        made = subprocess.run(["ip", "netns", "exec", name, "nft", rules], capture_output=True, timeout=SECONDS)
        return "" if made.returncode == 0 else "this kernel redirects nothing (no nf_tables)"
    finally:
        ip("netns", "del", name)


class Network:
    """client -- router (the proxy) -- origin, for a with statement."""

    def __init__(self):
        names = {who: f"hf-{who}-{os.getpid()}" for who in ("client", "router", "origin")}
        self.client, self.router, self.origin = names.values()

    def inside(self, host):
        return ("ip", "netns", "exec", host)

    def run(self, host, *command, **more):
        return subprocess.run([*self.inside(host), *command], capture_output=True, timeout=SECONDS, env=environment(), **more)

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        with contextlib.ExitStack() as stack:
            for host in (self.client, self.router, self.origin):
                ip("netns", "add", host)
                stack.callback(ip, "netns", "del", host)
                ip("-n", host, "link", "set", "lo", "up")
            self.join(self.client, CLIENT4, CLIENT6, ROUTER4, ROUTER6, "to-client")
            self.join(self.origin, ORIGIN4, ORIGIN6, "198.51.100.1", "fd00:2::1", "to-origin")
            for forwarding in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
                path = "/proc/sys/" + forwarding.replace(".", "/")
                self.run(self.router, "sh", "-c", f"echo 1 > {path}")
            self.server = subprocess.Popen([*self.inside(self.origin), sys.executable, ORIGINS, pki("second.pem"),
                                            pki("second.key"), ORIGIN4, ORIGIN6], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, text=True)
            stack.callback(self.end_server)
            if self.server.stdout.readline() != "ready\n":
                raise AssertionError("the origin does not serve")
            self.stack = stack.pop_all()
        return self

    def end_server(self):
        self.server.communicate(timeout=SECONDS)

    def __exit__(self, *_):
        self.stack.close()

    def join(self, host, own4, own6, gate4, gate6, link):
        """A cable between a host and the router, which is its gate to everywhere."""
        ip("-n", self.router, "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", host)
        for where, device, four, six in ((host, "eth0", own4, own6), (self.router, link, gate4, gate6)):
            ip("-n", where, "addr", "add", f"{four}/24", "dev", device)
            ip("-n", where, "addr", "add", f"{six}/64", "dev", device, "nodad")
            ip("-n", where, "link", "set", device, "up")
        ip("-n", host, "route", "add", "default", "via", gate4)
        ip("-n", host, "-6", "route", "add", "default", "via", gate6)

    def redirect(self, port, hook="prerouting", match='iifname "to-client"'):
        for family in ("ip", "ip6"):
            rules = (f"add table {family} t; add chain {family} t {hook} {{ type nat hook {hook} priority -100; }}; "
                     f"add rule {family} t {hook} {match} tcp dport {{ 80, 443 }} redirect to :{port}")
            done = self.run(self.router, "nft", rules)
            assert done.returncode == 0, done.stderr

    def curl(self, url, address, *arguments):
        host, port = ("[" + address + "]" if ":" in address else address), 443 if url.startswith("https:") else 80
        return self.run(self.client, "curl", "--silent", "--show-error", "--max-time", str(SECONDS), "--noproxy", "*",
                        "--resolve", f"second.example:{port}:{host}", *arguments, url)


WHY_NOT = why_not()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Transparent(unittest.TestCase):
    @contextlib.contextmanager
    def proxy(self, *arguments, allow=ALLOW, redirected=True):
        with Network() as network, \
                Intercept("--transparent", *arguments, allow=allow, listen=":0", prefix=network.inside(network.router)) as proxy:
            if redirected:
                network.redirect(proxy.port)
            yield network, proxy

    def test_a_client_that_knows_of_no_proxy_is_looked_into(self):
        with self.proxy() as (network, proxy):
            for version, address in ((4, ORIGIN4), (6, ORIGIN6)):
                got = network.curl(f"https://second.example/a{version}", address, "--cacert", proxy.ca, "--verbose")
                self.assertEqual(got.stdout, f"GET /a{version} of second.example".encode(), got.stderr)
                self.assertIn(b"issuer: O=Handfast", got.stderr)
                got = network.curl(f"http://second.example/b{version}", address)
                self.assertEqual(got.stdout, f"GET /b{version} of second.example".encode(), got.stderr)
            for target in ("/a4", "/b4", "/a6", "/b6"):
                request = proxy.wait_for("request", target=target)
                self.assertIn(CLIENT4 if "4" in target else CLIENT6, request["peer"])

    def test_what_is_wrong_stays_wrong(self):
        with self.proxy() as (network, proxy):
            got = network.run(network.client, "curl", "--silent", "--show-error", "--noproxy", "*", "--resolve",
                              f"other.example:443:{ORIGIN4}", "--cacert", proxy.ca, "https://other.example/")
            self.assertEqual(got.returncode, 60, got)
            self.assertIn(b"other.example", got.stderr)

    def test_special_addresses_are_refused(self):
        with self.proxy(allow=()) as (network, proxy):
            self.assertNotEqual(network.curl("https://second.example/", ORIGIN4, "--insecure").returncode, 0)
            self.assertIn("error", proxy.wait_for("tunnel"))
            self.assertIn(b"403", network.curl("http://second.example/", ORIGIN4, "--include").stdout)

    def test_denied_names_are_refused(self):
        with self.proxy("--deny", "second.example") as (network, proxy):
            self.assertNotEqual(network.curl("https://second.example/", ORIGIN4, "--insecure").returncode, 0)
            self.assertEqual(proxy.wait_for("tunnel")["sni"], "second.example")

    def test_passthrough(self):
        with self.proxy("--passthrough", "second.example") as (network, _):
            got = network.curl("https://second.example/", ORIGIN4, "--cacert", pki("ca.pem"))
            self.assertEqual(got.stdout, b"GET / of second.example", got.stderr)

    def test_a_connection_to_the_proxy_itself_leads_nowhere(self):
        with self.proxy(redirected=False) as (network, proxy):
            got = network.run(network.client, "curl", "--silent", "--noproxy", "*", f"http://{ROUTER4}:{proxy.port}/")
            self.assertNotEqual(got.returncode, 0)
            self.assertIn("not redirected", proxy.wait_for("tunnel")["error"])

    def test_nor_does_one_of_its_own_that_comes_back(self):
        with self.proxy() as (network, proxy):
            network.redirect(proxy.port, "output", "")
            got = network.curl("https://second.example/", ORIGIN4, "--insecure")
            self.assertNotEqual(got.returncode, 0)
            proxy.wait_for("tunnel", error="our own connection came back to us: the redirection has to except this proxy")
            # Once: it does not go in circles.
            self.assertEqual(sum("came back to us" in line.get("error", "") for line in proxy.lines()), 1)

    def test_the_page_of_the_authority(self):
        with self.proxy() as (network, _):
            got = network.run(network.client, "curl", "--silent", "--noproxy", "*", "--resolve",
                              f"handfast.ca:80:{ORIGIN4}", "http://handfast.ca/")
            self.assertIn(b"Trust this proxy", got.stdout)


if __name__ == "__main__":
    main()
