"""handfast forward, passthrough and tunnel between curl, openssl, nginx and Python."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import unittest

import other_servers
from program import FOLDER, PROGRAM, SECONDS, environment, free_port, main, pki, run
from proxies import (ANYWHERE, LOOPBACK, Proxy, SITE, TRUST, digest, port_of, python_origin, read_all, some_bytes, tls,
                     tls_context)

SIZE = 3 * (1 << 20) + 1


def curl(*arguments, input=None):
    """curl that trusts ca.pem and nothing of the environment."""
    command = ["curl", "-sS", "--http1.1", "--cacert", pki("ca.pem"), *map(str, arguments)]
    source = {"stdin": subprocess.DEVNULL} if input is None else {"input": input}
    clean = {k: v for k, v in environment().items() if not k.lower().endswith("_proxy")}
    return subprocess.run(command, capture_output=True, timeout=SECONDS, env=clean, **source)


class Case(unittest.TestCase):
    def setUp(self):
        if not shutil.which("curl"):
            self.skipTest("no curl here")

    def fetch(self, *arguments, **more):
        done = curl(*arguments, **more)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def assert_carries(self, url, *arguments):
        """Large bodies both ways, to the byte."""
        body = some_bytes(SIZE)
        self.assertEqual(digest(self.fetch(*arguments, f"{url}/bytes/{SIZE}")), digest(body))
        told = json.loads(self.fetch(*arguments, "--data-binary", "@-", f"{url}/digest", input=body))
        self.assertEqual(told, {"length": SIZE, "digest": digest(body)})


class Forward(Case):
    def proxy(self, *arguments):
        return Proxy("forward", "--listen", ANYWHERE, "--allow", "*", *LOOPBACK, *arguments)

    def test_connect(self):
        with python_origin("good") as origin, self.proxy() as proxy:
            self.assert_carries(origin, "-x", f"http://127.0.0.1:{proxy.port}")
            line = proxy.wait_for_line("tunnel")
            self.assertEqual((line["way"], line["sni"], line["origin"]), ("forward", "localhost", f"localhost:{port_of(origin)}"))
            self.assertGreater(line["bytes_out"], SIZE)

    def test_plain_requests(self):
        with python_origin() as origin, self.proxy() as proxy:
            self.assert_carries(origin, "-x", f"http://127.0.0.1:{proxy.port}")
            told = json.loads(self.fetch("-x", f"http://127.0.0.1:{proxy.port}", f"{origin}/headers/?secret=1"))
            self.assertEqual(told["headers"]["host"], f"localhost:{port_of(origin)}")
            self.assertNotIn("proxy-connection", told["headers"])
            line = proxy.wait_for_line("request", lambda line: "/headers" in line["target"])
            self.assertEqual(line["status"], 200)
            self.assertNotIn("secret", json.dumps(proxy.lines()))

    def test_tls_to_the_proxy(self):
        with python_origin("good") as origin, python_origin() as plain, self.proxy(*SITE) as proxy:
            by_tls = ("-x", f"https://localhost:{proxy.port}", "--proxy-cacert", pki("ca.pem"))
            self.assert_carries(origin, *by_tls)
            self.assert_carries(plain, *by_tls)
            self.assertEqual(proxy.wait_for_line("handshake")["way"], "forward")

    def test_the_exact_exchange(self):
        with python_origin("good") as origin, self.proxy() as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port), SECONDS) as raw:
                raw.sendall(f"CONNECT localhost:{port_of(origin)} HTTP/1.1\r\nHost: localhost:{port_of(origin)}\r\n\r\n".encode())
                answer = raw.recv(65536)
                self.assertEqual(answer, b"HTTP/1.1 200 Connection established\r\n\r\n")
                with tls_context().wrap_socket(raw, server_hostname="localhost") as inside:
                    inside.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    self.assertTrue(read_all(inside).endswith(b"hello\n"))

    def test_users(self):
        other_servers.needs_openssl(self)
        hashed = subprocess.run([other_servers.OPENSSL, "passwd", "-6", "-stdin"], input=b"open sesame\n", capture_output=True,
                                timeout=SECONDS, check=True).stdout.decode()
        users = FOLDER / "users"
        users.write_text(f"alice:plain\nbob:{hashed}")
        with python_origin("good") as origin, python_origin() as plain, self.proxy("--auth-file", users) as proxy:
            def status(user, url):
                shown = curl("-o", os.devnull, "-w", "%{http_connect} %{http_code}", "-x", f"http://{user}127.0.0.1:{proxy.port}", url)
                return shown.stdout.decode()

            for user in ("alice:plain@", "bob:open%20sesame@"):
                self.assertEqual(status(user, origin), "200 200")
                self.assertEqual(status(user, plain), "000 200")
            for user in ("", "alice:wrong@", "bob:plain@", "carol:plain@"):
                self.assertEqual(status(user, origin), "407 000")
                self.assertEqual(status(user, plain), "000 407")
            self.fetch("--proxy-anyauth", "-x", f"http://alice:plain@127.0.0.1:{proxy.port}", origin)
            # A file that has changed counts for whoever comes next; one that is none changes nothing.
            users.write_text("carol:new\n")
            proxy.reload()
            self.assertEqual(proxy.wait_for_line("reload")["result"], "done")
            self.assertEqual(status("carol:new@", origin), "200 200")
            self.assertEqual(status("alice:plain@", origin), "407 000")
            users.write_text("nobody\n")
            proxy.reload()
            refused = proxy.wait_for_line("reload", lambda line: line["result"] != "done")
            self.assertIn("code", refused)
            self.assertEqual(status("carol:new@", origin), "200 200")
            log = json.dumps(proxy.lines())
            self.assertIn('"user": "alice"', log)
            for secret in ("plain@", "sesame", "open%20", '"new"'):
                self.assertNotIn(secret, log)

    def test_this_machine_is_out_of_reach(self):
        with python_origin("good") as origin, python_origin() as plain, Proxy("forward", "--listen", ANYWHERE) as proxy:
            by = ("-x", f"http://127.0.0.1:{proxy.port}", "-o", os.devnull, "-w", "%{http_connect} %{http_code}")
            self.assertEqual(curl(*by, origin).stdout, b"403 000")
            self.assertEqual(curl(*by, plain).stdout, b"000 403")
            self.assertEqual(curl(*by, f"https://shop.localhost:{port_of(origin)}").stdout, b"403 000")
            self.assertIn("loopback", proxy.wait_for_line("tunnel")["error"])

    def test_what_is_wrong_on_the_command_line(self):
        for option, value in (("--allow", "https://example.com"), ("--deny", "10.0.0.1/8"), ("--auth-file", "/nowhere"),
                              ("--cert", "/nowhere"), ("--listen", "nowhere")):
            done = run("forward", *(() if option == "--listen" else ("--listen", ANYWHERE)), option, value)
            self.assertEqual(done.returncode, 2, done.stderr.decode())
            self.assertIn(b"/nowhere" if value == "/nowhere" else option.encode(), done.stderr)

    def test_an_open_proxy_is_told_of(self):
        with Proxy("forward", "--listen", ":0") as proxy:
            pass
        self.assertIn("--auth-file", "".join(proxy.errors))


class Passthrough(Case):
    def test_by_name(self):
        with python_origin("good") as first, python_origin("second") as second:
            routes = ("--route", f"localhost=127.0.0.1:{port_of(first)}", "--route", f"*.example=127.0.0.1:{port_of(second)}")
            with Proxy("passthrough", "--from", ANYWHERE, *routes) as proxy:
                at = ("--connect-to", f"::127.0.0.1:{proxy.port}")
                self.assert_carries("https://localhost", *at)
                self.assert_carries("https://second.example", *at)
                for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                    context = tls_context()
                    context.minimum_version = context.maximum_version = version
                    with tls(proxy.port, context, "second.example") as connection:
                        self.assertIn(("DNS", "second.example"), connection.getpeercert()["subjectAltName"])
                line = proxy.wait_for_line("tunnel", lambda line: line["sni"] == "second.example")
                self.assertEqual(line["origin"], f"127.0.0.1:{port_of(second)}")

    def test_no_route(self):
        other_servers.needs_openssl(self)
        with Proxy("passthrough", "--from", ANYWHERE, "--route", "localhost=127.0.0.1:1") as proxy:
            done = subprocess.run([other_servers.OPENSSL, "s_client", "-connect", f"127.0.0.1:{proxy.port}", "-servername",
                                   "other.example"], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
            self.assertIn(b"unrecognized name", done.stderr)
            self.assertIn("no route", proxy.wait_for_line("tunnel")["error"])

    def test_nginx_hears_whom_a_connection_is_from(self):
        other_servers.needs_nginx(self)
        location = 'location = /who { return 200 "$proxy_protocol_addr $proxy_protocol_server_addr\\n"; }'
        for version in ("v1", "v2"):
            with other_servers.nginx("good", location, listen="ssl proxy_protocol") as server:
                with Proxy("passthrough", "--from", ANYWHERE, "--default", f"127.0.0.1:{server}", "--send-proxy", version,
                           "--accept-proxy", "127.0.0.1") as proxy:
                    # curl is the balancer in front of us.
                    told = self.fetch("--haproxy-protocol", "--connect-to", f"::127.0.0.1:{proxy.port}", "https://localhost/who")
                    self.assertEqual(told, b"127.0.0.1 127.0.0.1\n")
                    with socket.create_connection(("127.0.0.1", proxy.port), SECONDS) as raw:
                        raw.sendall(b"PROXY TCP6 2001:db8::7 2001:db8::8 4711 443\r\n")
                        with tls_context().wrap_socket(raw, server_hostname="localhost") as inside:
                            inside.sendall(b"GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            self.assertTrue(read_all(inside).endswith(b"2001:db8::7 2001:db8::8\n"))
                    proxy.wait_for_line("tunnel", lambda line: line["peer"] == "[2001:db8::7]:4711")


class Tunnel(Case):
    def test_tls_is_put_on(self):
        with python_origin("good") as origin:
            with Proxy("tunnel", "--from", ANYWHERE, "--to", f"tls://localhost:{port_of(origin)}", *TRUST) as proxy:
                self.assert_carries(f"http://127.0.0.1:{proxy.port}")
                self.assertEqual(proxy.wait_for_line("handshake")["side"], "origin")

    def test_tls_is_taken_off(self):
        with python_origin() as origin:
            with Proxy("tunnel", "--from", f"tls://{ANYWHERE}", *SITE, "--to", f"tcp://localhost:{port_of(origin)}") as proxy:
                self.assert_carries(f"https://localhost:{proxy.port}")

    def test_both_show_who_they_are(self):
        with python_origin("good", client_ca="ca.pem") as origin:
            ours = ("--upstream-cert", pki("client.pem"), "--upstream-key", pki("client.key"))
            with Proxy("tunnel", "--from", ANYWHERE, "--to", f"tls://localhost:{port_of(origin)}", *TRUST, *ours) as proxy:
                self.assertEqual(self.fetch(f"http://127.0.0.1:{proxy.port}/"), b"hello\n")
        with python_origin() as origin:
            only = ("--client-ca", pki("ca.pem"), "--client-allow", "dns:client.example")
            with Proxy("tunnel", "--from", f"tls://{ANYWHERE}", *SITE, *only, "--to", f"localhost:{port_of(origin)}") as proxy:
                url = f"https://localhost:{proxy.port}/"
                self.assertEqual(self.fetch("--cert", pki("client.pem"), "--key", pki("client.key"), url), b"hello\n")
                for other in ((), ("--cert", pki("second.pem"), "--key", pki("second.key"))):
                    self.assertNotEqual(curl(*other, url).returncode, 0)

    def test_an_origin_that_is_not_trusted(self):
        with python_origin("good") as origin:
            for more, why in (((), "HF"), ((*TRUST, "--server-name", "other.example"), "HF")):
                with Proxy("tunnel", "--from", ANYWHERE, "--to", f"tls://localhost:{port_of(origin)}", *more) as proxy:
                    self.assertNotEqual(curl(f"http://127.0.0.1:{proxy.port}/").returncode, 0)
                    self.assertIn(why, proxy.wait_for_line("tunnel")["code"])

    def test_what_is_wrong_on_the_command_line(self):
        for arguments, option in ((("--to", "tcp://localhost:1"), b"--to"), (("--to", "https://localhost:1"), b"--to"),
                                  (("--to", "tls://localhost:1", *SITE), b"--cert"),
                                  (("--to", "tls://localhost:1", "--ca", "/nowhere"), b"/nowhere")):
            done = run("tunnel", "--from", ANYWHERE, *arguments)
            self.assertEqual(done.returncode, 2, done.stderr.decode())
            self.assertIn(option, done.stderr)


class File(Case):
    """The same ways in a file."""

    def test_run(self):
        shutil.copy(pki("good.pem"), FOLDER / "site.pem")
        shutil.copy(pki("good.key"), FOLDER / "site.key")
        with python_origin("good") as origin, python_origin() as plain:
            file = FOLDER / "ways.toml"
            forward, passthrough, tunnel = free_port(), free_port(), free_port()
            file.write_text(f"""
[[forward]]
listen = "127.0.0.1:{forward}"
allow = ["127.0.0.0/8", "localhost"]

[[passthrough]]
from = "127.0.0.1:{passthrough}"
route = "localhost=127.0.0.1:{port_of(origin)}"

[[tunnel]]
from = "tls://127.0.0.1:{tunnel}"
cert = "site.pem"
key = "site.key"
to = "tcp://localhost:{port_of(plain)}"
""")
            self.assertEqual(run("check", file).returncode, 0, run("check", file).stdout.decode())
            with subprocess.Popen([PROGRAM, "run", file], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True, env=environment()) as process:
                try:
                    told = {process.stdout.readline() for _ in range(3)}
                    self.assertEqual(told, {f"listening on 127.0.0.1:{port}\n" for port in (forward, passthrough, tunnel)})
                    self.assertEqual(self.fetch("-x", f"http://127.0.0.1:{forward}", origin), b"hello\n")
                    self.assertEqual(self.fetch("--connect-to", f"::127.0.0.1:{passthrough}", "https://localhost/"), b"hello\n")
                    self.assertEqual(self.fetch(f"https://localhost:{tunnel}/"), b"hello\n")
                finally:
                    process.terminate()
                self.assertEqual(process.wait(SECONDS), 0)

    def test_check(self):
        file = FOLDER / "weak.toml"
        file.write_text('[[forward]]\nlisten = ":3128"\nallow = "https://example.com"\n\n[[tunnel]]\nfrom = ":1"\nto = "tcp://x:1"\n')
        done = run("check", file)
        self.assertNotEqual(done.returncode, 0)
        told = done.stdout.decode() + done.stderr.decode()
        for piece in ("Whoever reaches this machine may use the proxy", "it is a URL", "neither side of the tunnel is TLS"):
            self.assertIn(piece, told)


if __name__ == "__main__":
    main()
