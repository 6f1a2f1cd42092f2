"""handfast run and handfast check: a configuration file, all ways at once, what is wrong in it, reloads."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest

import proxies
from program import FOLDER, PROGRAM, environment, pki, run

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


class Run(proxies.Proxy):
    """`handfast run` of a text; its listeners have the ports in the order of the file."""

    def __init__(self, text):
        super().__init__()
        self.file = FOLDER / f"{self.log_path.stem}.toml"
        self.rewrite(text)
        self.count = text.count("\n[[") - text.count(".site]]") - text.count(".rule]]")

    def rewrite(self, text):
        self.file.write_text(f'log = "{self.log_path}"\nlog_format = "json"\n{text}')

    def command(self):
        return [PROGRAM, "run", str(self.file)]

    def listeners(self):
        return self.count


def site(origin, cert="good"):
    return f'to = "{origin}"\ncert = "{cert}.pem"\nkey = "{cert}.key"\n'


def check(text, *arguments):
    file = FOLDER / "checked.toml"
    file.write_text(text)
    return run("check", file, *arguments)


def findings(text):
    return json.loads(check(text, "--json").stdout)["findings"]


class Check(unittest.TestCase):
    def test_the_documented_file_can_be_run(self):
        folder = FOLDER / "documented"
        folder.mkdir()
        for name, source in {"shop": "good", "internal": "good", "proxy": "good"}.items():
            for end in (".pem", ".key"):
                shutil.copy(pki(source + end), folder / (name + end))
        shutil.copy(pki("ca.pem"), folder / "ca.pem")
        (folder / "users").write_text("alice:wonderland\n")
        (folder / "users").chmod(0o600)
        text = (DOCS / "handfast.toml").read_text(encoding="utf-8")
        # The names in it are nobody's, and the certificate is for localhost.
        text = text.replace('["shop.example", "*.shop.example"]', '["localhost"]').replace('"internal.example"', '"127.0.0.1"')
        (folder / "handfast.toml").write_text(text)
        done = run("check", folder / "handfast.toml")
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        self.assertIn("5 listeners", done.stdout.decode())

    def test_the_documented_file_has_every_key(self):
        documented = (DOCS / "handfast.toml").read_text(encoding="utf-8")
        tables = ("", "[limits]", "[[reverse]]", "[[passthrough]]", "[[forward]]", "[[intercept]]",
                  "[[intercept]]\n[[intercept.rule]]", "[[tunnel]]")
        for table in tables:
            # Of a key that is like none the cure names all that may stand there.
            (cure,) = [each["cure"] for each in findings(table + "\nqqqqqqqqqqqqqqqq = 1\n") if "Here may stand" in each["cure"]]
            keys = re.findall(r"\w+", cure.partition(": ")[2])
            self.assertTrue(keys, cure)
            for key in keys:
                self.assertRegex(documented, rf"(?m)^(# )?{key} = |^\[+(\w+\.)?{key}\]+", table)

    def test_every_error_with_its_line_and_cure(self):
        text = """
workers = "two"
[[reverse]]
from = ":8443"
to = "http://127.0.0.1:8080"
cert = "nowhere.pem"
tsl = "1.3"

[[passthrough]]
from = ":8443"
route = ["no route"]
"""
        done = check(text)
        out = done.stdout.decode()
        self.assertEqual(done.returncode, 2)
        for place, words in ((2, "workers is a text"), (6, "nowhere.pem"), (7, "Was tls meant?"), (9, "listened at twice"),
                             (11, "route")):
            self.assertRegex(out, rf"checked\.toml:{place}:\d+: error[^\n]*\n(    [^\n]*\n)*    [^\n]*{re.escape(words)}", out)
        self.assertRegex(out.splitlines()[-1], r"is refused: 5 errors")

    def test_a_site_is_told_apart_from_the_others(self):
        text = f"""
[[reverse]]
from = ":8443"
[[reverse.site]]
name = "localhost"
to = "http://127.0.0.1:8080"
cert = "{pki('good.pem')}"
key = "{pki('good.key')}"
[[reverse.site]]
name = "second.example"
to = "http://127.0.0.1:8080"
cert = "{pki('good.pem')}"
key = "{pki('good.key')}"
"""
        (found,) = [each for each in findings(text) if each["kind"] == "error"]
        self.assertGreaterEqual(found["line"], 10, found)

    def test_weaknesses_are_told_and_allowed(self):
        key = FOLDER / "open.key"
        shutil.copy(pki("good.key"), key)
        key.chmod(0o644)
        text = f"""
[[reverse]]
from = "127.0.0.1:8443"
to = "http://192.0.2.1:8080"
cert = "{pki('good.pem')}"
key = "{key}"
early_data = 1000
tls = "1.1..1.3"
suites = "default,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
[[forward]]
listen = ":3128"
allow = ["127.0.0.0/8"]
"""
        found = findings(text)
        self.assertEqual({each["kind"] for each in found}, {"weakness"}, found)
        words = " ".join(each["problem"] for each in found)
        for expected in ("others on this machine can read it", "in the clear",
                         "TLS 1.1 was withdrawn in 2021", "Early data", "may use the proxy", "for itself alone"):
            self.assertIn(expected, words)
        self.assertEqual(check(text).returncode, 0)

    def test_to_check_is_to_make_nothing(self):
        file = FOLDER / "intercepting.toml"
        file.write_text('[[intercept]]\nlisten = "127.0.0.1:0"\nca_dir = "unmade"\nhar = "unmade.har"\n')
        self.assertEqual(run("check", file).returncode, 0, run("check", file).stdout.decode())
        self.assertFalse((FOLDER / "unmade").exists())
        self.assertFalse((FOLDER / "unmade.har").exists())
        with Run("\n" + file.read_text()) as proxy:
            self.assertTrue((FOLDER / "unmade" / "ca.crt").exists())
            self.assertEqual(run("check", proxy.file).returncode, 0, run("check", proxy.file).stdout.decode())

    def test_what_would_be_no_limit_is_refused(self):
        text = "[[tunnel]]\nfrom = 'tcp://127.0.0.1:0'\nto = 'tls://127.0.0.1:1'\n[tunnel.limits]\n"
        for line, cure in (("idle_timeout = 0.0004", "at least 0.001"), ("header_bytes = 0", "at least 1024")):
            (found,) = [each for each in findings(text + line) if each["kind"] == "error"]
            self.assertIn(cure, found["cure"])
        self.assertEqual(check(text + "idle_timeout = 0.001").returncode, 0)

    def test_half_a_file_is_refused(self):
        text = f"[[reverse]]\nfrom = ':8443'\n{site('http://127.0.0.1:8080')}"
        self.assertEqual(check(text).returncode, 0)
        for length in range(0, len(text), 7):
            self.assertIn(check(text[:length]).returncode, (0, 2))
        self.assertEqual(check(text[:20]).returncode, 2)
        self.assertEqual(run("check", FOLDER / "nowhere.toml").returncode, 2)

    def test_run_refuses_what_check_refuses(self):
        file = FOLDER / "refused.toml"
        file.write_text("workers = -1\n")
        done = run("run", file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("refused.toml:1:11: error", done.stderr.decode())


class AllWays(unittest.TestCase):
    def test_every_way_from_one_file(self):
        with proxies.python_origin() as origin, Run(f"""
[[reverse]]
from = "127.0.0.1:0"
{site(origin)}
""") as back:
            with Run(f"""
[[reverse]]
from = "127.0.0.1:0"
{site(origin)}
[[passthrough]]
from = "127.0.0.1:0"
default = "127.0.0.1:{back.port}"
[[forward]]
listen = "127.0.0.1:0"
allow = ["127.0.0.0/8"]
[[intercept]]
listen = "127.0.0.1:0"
ca_dir = "authority"
ca = "ca.pem"
allow = ["127.0.0.0/8"]
[[tunnel]]
from = "tcp://127.0.0.1:0"
to = "tls://localhost:{back.port}"
ca = "ca.pem"
""") as proxy:
                reverse, passthrough, forward, intercept, tunnel = proxy.ports
                path = "/bytes/100000"
                for port in (reverse, passthrough):
                    done = proxies.curl(port, path)
                    self.assertEqual(done.stdout, proxies.some_bytes(100000), done.stderr)
                for port, authority in ((forward, None), (intercept, FOLDER / "authority" / "ca.crt")):
                    done = subprocess.run(["curl", "-sS", "--cacert", str(authority or pki("ca.pem")), "--noproxy", "",
                                           "--proxy", f"http://127.0.0.1:{port}", f"https://localhost:{back.port}{path}"],
                                          capture_output=True, timeout=60, env=environment())
                    self.assertEqual(done.stdout, proxies.some_bytes(100000), done.stderr)
                done = subprocess.run(["curl", "-sS", "--noproxy", "*", "-H", "Host: localhost",
                                       f"http://127.0.0.1:{tunnel}{path}"],
                                      capture_output=True, timeout=60, env=environment())
                self.assertEqual(done.stdout, proxies.some_bytes(100000), done.stderr)
                self.assertEqual(proxy.stop(), 0)
                ways = {line.get("way") for line in proxy.lines()}
                self.assertLessEqual({"reverse", "passthrough", "forward", "intercept", "tunnel"}, ways)


class Reload(unittest.TestCase):
    def text(self, origin, more=""):
        return f"""
[[reverse]]
from = "127.0.0.1:0"
{site(origin)}{more}
"""

    def test_a_changed_file_holds_and_a_bad_one_changes_nothing(self):
        with proxies.python_origin() as origin, Run(self.text(origin)) as proxy:
            self.assertEqual(proxies.curl(proxy.port, "/bytes/10").returncode, 0)
            proxy.rewrite(self.text(origin, 'tls = "1.4"'))
            refused = proxy.wait_for_line("reload", lambda line: "refused" in line["result"])
            self.assertIn("a file has changed", refused["because"])
            self.assertIn("1.4", json.dumps(refused))
            self.assertEqual(proxies.curl(proxy.port, "/bytes/10").returncode, 0)
            proxy.rewrite(self.text(origin, 'tls = "1.2"'))
            proxy.wait_for_line("reload", lambda line: line["result"] == "done")
            self.assertEqual(proxies.curl(proxy.port, "/bytes/10").returncode, 0)
            proxy.wait_for_line("handshake", lambda line: line["version"] == "TLS 1.2")

    def test_what_was_refused_is_tried_again_when_a_file_of_it_is_mended(self):
        names = ("late.pem", "late.key")
        for name, source in zip(names, ("good.pem", "good.key")):
            (FOLDER / name).write_bytes(pathlib.Path(pki(source)).read_bytes()[:200])  # half-written
        with proxies.python_origin() as origin, Run(self.text(origin)) as proxy:
            proxy.rewrite(f'\n[[reverse]]\nfrom = "127.0.0.1:0"\n{site(origin, "late")}')
            proxy.wait_for_line("reload", lambda line: "refused" in line["result"])
            for name, source in zip(names, ("good.pem", "good.key")):
                shutil.copy(pki(source), FOLDER / name)
            proxy.wait_for_line("reload", lambda line: line["result"] == "done")
            self.assertEqual(proxies.curl(proxy.port, "/bytes/10").returncode, 0)
            # What was refused, and then mended, is what is watched from then on.
            proxy.rewrite("workers = 'no'")
            proxy.wait_for_line("reload", lambda line: "workers" in json.dumps(line))
            shutil.copy(pki("good.pem"), FOLDER / "late.pem")
            proxy.wait_for_line("reload", lambda line: len([l for l in proxy.lines("reload") if "workers" in json.dumps(l)]) == 2)

    def test_listeners_come_and_go(self):
        with proxies.python_origin() as origin, Run(self.text(origin)) as proxy:
            port = proxy.port
            with proxies.socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                other = free.getsockname()[1]
            proxy.rewrite(self.text(origin).replace("127.0.0.1:0", f"127.0.0.1:{other}"))
            proxy.reload()
            proxy.wait_for_line("reload", lambda line: line["result"] == "done")
            self.assertEqual(proxies.curl(other, "/bytes/10").returncode, 0)
            end = time.monotonic() + 10
            while proxies.curl(port, "/bytes/10").returncode == 0 and time.monotonic() < end:
                time.sleep(0.05)
            self.assertNotEqual(proxies.curl(port, "/bytes/10").returncode, 0)

    def test_signals_end_it(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with proxies.python_origin() as origin, Run(self.text(origin)) as proxy:
                self.assertEqual(proxy.stop(number), 0)
                self.assertEqual([line["event"] for line in proxy.lines()], ["drain", "end"])


if __name__ == "__main__":
    unittest.main(argv=[os.path.basename(__file__)])
