"""Whom to trust, as the flags say it."""

import base64
import hashlib
import json
import shutil
import subprocess
import unittest

from program import Serve, connect, environment, main, pki, python_tls, run

GOOD = ("--cert", pki("good.pem"), "--key", pki("good.key"))


def key_pin(name):
    """The pin of a certificate's key, as other programs compute it."""
    pem = subprocess.run(["openssl", "x509", "-in", pki(name), "-noout", "-pubkey"], capture_output=True, check=True, text=True)
    der = base64.b64decode("".join(pem.stdout.splitlines()[1:-1]))
    return "sha256/" + base64.b64encode(hashlib.sha256(der).digest()).decode()


class Authorities(unittest.TestCase):
    def expect(self, status, *flags, **more):
        with Serve(*GOOD) as server:
            done = connect(server.port, *flags, **more)
        self.assertEqual(done.returncode, status, (flags, done.stdout, done.stderr))
        return done.stdout.decode()

    def test_any_of_several_may_vouch(self):
        self.expect(0, "--ca", pki("other-ca.pem"), "--ca", pki("ca.pem"))
        self.expect(6, "--ca", pki("other-ca.pem"))

    def test_the_systems_beside_ones_own(self):
        system = environment(SSL_CERT_FILE=pki("ca.pem"))
        self.expect(6, "--ca", pki("other-ca.pem"), env=system)
        self.expect(0, "--ca", pki("other-ca.pem"), "--system-ca", env=system)

    def test_for_certain_servers_only(self):
        self.expect(0, "--ca-for", f"localhost={pki('ca.pem')}")
        self.expect(0, "--ca-for", f"nas.local,127.0.0.0/8={pki('ca.pem')}", host="127.0.0.1")
        self.expect(6, "--ca-for", f"nas.local,.localhost={pki('ca.pem')}")
        self.expect(6, "--ca-for", f"localhost={pki('ca.pem')}", host="127.0.0.1")
        self.expect(0, "--ca-for", f"nas.local={pki('ca.pem')}", "--ca", pki("ca.pem"))

    def test_names_beyond_ascii(self):
        def outcomes(step, kind):
            found = [check["outcome"] for check in step["checks"] if check["check"] == kind]
            return found + [outcome for issuer in step["issuers"] for outcome in outcomes(issuer, kind)]

        for names, outcome in (("bücher.example", "passed"), ("a.example,BÜCHER.example", "passed"),
                               ("*.bücher.example", "failed"), (".büche.example", "failed")):
            report = json.loads(run("cert", "verify", pki("good.pem"), "--host", "Bücher.example", "--json",
                                    "--ca-for", f"{names}={pki('ca.pem')}").stdout)
            self.assertEqual(report["host"], "xn--bcher-kva.example")
            self.assertEqual(outcomes(report["verification"]["leaf"], "anchor_scope"), [outcome], names)

    def test_a_name_that_is_none_is_shown(self):
        done = run("connect", "localhost:1", "--ca-for", f"nas.local,10.0.0.1/8={pki('ca.pem')}")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr.decode(), r"✗ --ca-for: .*\n +found +10\.0\.0\.1/8\n")


class Pins(unittest.TestCase):
    def test_a_certificate_may_be_pinned_beside_authorities(self):
        trust = ("--pin", pki("self-signed.pem"), "--ca", pki("ca.pem"))
        with python_tls("self-signed") as port:
            done = connect(port, *trust)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(b"the very certificate that is pinned", done.stdout)
        with Serve(*GOOD) as server:
            done = connect(server.port, *trust)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(b"its certificate is good for localhost", done.stdout)

    def test_a_pin_alone_makes_nobody_an_authority(self):
        with Serve(*GOOD) as server:
            self.assertEqual(connect(server.port, "--pin", pki("ca.pem")).returncode, 6)
            self.assertEqual(connect(server.port, "--pin", pki("good.pem"), "--pin", pki("ca.pem")).returncode, 0)

    def test_what_is_no_certificate_is_told_as_json_too(self):
        for path in ("/dev/zero", "/dev/null", pki("missing.pem"), pki("good.key")):
            for arguments in (("connect", "localhost:1"), ("cert", "verify", pki("good.pem"))):
                done = run(*arguments, "--pin", path, "--json")
                self.assertEqual(done.returncode, 2, (path, done.stdout, done.stderr))
                self.assertEqual(json.loads(done.stdout)["verdict"]["exit_code"], 2)


@unittest.skipUnless(shutil.which("openssl"), "skipped: no openssl")
class Keys(unittest.TestCase):
    def test_one_of_the_path_has_to_be_pinned(self):
        with Serve(*GOOD) as server:
            for pinned in (["good.pem"], ["ca.pem"], ["other-ca.pem", "good.pem"]):
                flags = [flag for name in pinned for flag in ("--pin", key_pin(name))]
                done = connect(server.port, "--ca", pki("ca.pem"), *flags)
                self.assertEqual(done.returncode, 0, (pinned, done.stdout))
            done = connect(server.port, "--ca", pki("ca.pem"), "--pin", key_pin("second.pem"))
            self.assertEqual(done.returncode, 6, done.stdout)

    def test_of_certificates_and_keys_any_one_is_enough(self):
        def verify(chain, *pins):
            flags = [flag for pin in pins for flag in ("--pin", pin)]
            return run("cert", "verify", pki(chain), "--host", "localhost", "--ca", pki("ca.pem"), *flags).returncode

        key, other_key = key_pin("good.pem"), key_pin("other-ca.pem")
        self.assertEqual(verify("self-signed.pem", pki("self-signed.pem"), other_key), 0)
        self.assertEqual(verify("good.pem", pki("self-signed.pem"), key), 0)
        self.assertEqual(verify("good.pem", pki("self-signed.pem"), other_key), 6)
        self.assertEqual(verify("good.pem", other_key, key), 0)
        # The key of a certificate that is not the one pinned, and under no authority.
        self.assertEqual(verify("self-signed.pem", pki("good.pem"), key_pin("self-signed.pem")), 6)

    def test_the_key_alone_makes_nobody_trusted(self):
        with Serve(*GOOD) as server:
            done = run("connect", f"localhost:{server.port}", "--pin", key_pin("good.pem"),
                       env=environment(SSL_CERT_FILE=pki("other-ca.pem")))
        self.assertEqual(done.returncode, 6, done.stdout)


if __name__ == "__main__":
    main()
