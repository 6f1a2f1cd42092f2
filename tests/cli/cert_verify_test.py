"""handfast cert verify: the tree of checks, the verdicts, the exit codes."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import time
import unittest

from program import FOLDER, environment, main, pki, run

ROOT = ("--ca", pki("chain-root.pem"))


def text(name):
    return pathlib.Path(pki(name)).read_text()


def chain(*names):
    path = FOLDER / ("+".join(names) + ".chain")
    path.write_text("".join(text(name + ".pem") for name in names))
    return path


def verify(*arguments, **more):
    return run("cert", "verify", *arguments, **more)


def words(done):
    return re.sub(r"\s+", " ", done.stdout.decode())


class Verify(unittest.TestCase):
    def good(self, *arguments):
        done = verify(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())
        self.assertLessEqual(max(map(len, done.stdout.decode().splitlines())), 80)
        return words(done)

    def refused(self, code, *arguments):
        done = verify(*arguments)
        self.assertEqual(done.returncode, 6, done.stdout.decode() + done.stderr.decode())
        self.assertLessEqual(max(map(len, done.stdout.decode().splitlines())), 80)
        report = json.loads(verify(*arguments, "--json").stdout)
        self.assertEqual((report["schema"], report["verdict"]["code"]), ("handfast/cert-verify/1", code))
        self.assertIn(report["verdict"]["reference"], words(done))
        return words(done), report

    def test_good(self):
        out = self.good(chain("chain-leaf", "chain-middle"), *ROOT, "--host", "www.example.com")
        self.assertIn("verifies for www.example.com, up to CN=Chain Root", out)
        self.assertIn("CN=Chain Root, trusted", out)
        for check in ("validity", "basic constraints", "path length", "server name", "signature"):
            self.assertIn("✓ " + check, out)

    def test_a_leaf_alone_whose_issuer_is_of_a_trusted_organisation(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl")

        def make(name, subject, *more):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
                            "-subj", subject, "-keyout", FOLDER / f"{name}.key", "-out", FOLDER / f"{name}.pem", *more],
                           check=True, capture_output=True)
            return FOLDER / f"{name}.pem"

        def issued_by(name):
            return "-CA", FOLDER / f"{name}.pem", "-CAkey", FOLDER / f"{name}.key"

        root = make("kin-root", "/O=Kin/CN=Root")
        make("kin-middle", "/O=Kin/CN=Middle", *issued_by("kin-root"))
        leaf = make("kin-leaf", "/CN=leaf", *issued_by("kin-middle"), "-addext", "basicConstraints=critical,CA:FALSE",
                    "-addext", "subjectAltName=DNS:localhost")
        out, report = self.refused("missing_intermediate", leaf, "--ca", root)
        self.assertIn("seems to lack an intermediate: O=Kin, CN=Middle is not in it", out)
        self.assertIn("trusted of the same organisation: O=Kin, CN=Root", out)
        self.assertEqual(report["verdict"]["fault"], "server")
        out, report = self.refused("unknown_issuer", leaf, *ROOT)
        self.assertIn("O=Kin, CN=Middle is an unknown root, or an intermediate that is missing", out)
        self.assertIsNone(report["verdict"]["fault"])

    def test_without_a_name_none_is_checked(self):
        out = self.good(chain("chain-leaf", "chain-middle"), *ROOT)
        self.assertIn("– server name (no name was asked for)", out)
        self.assertRegex(out, "not checked: .*server name")

    def test_json_has_the_whole_tree(self):
        done = verify(chain("chain-leaf", "chain-middle"), *ROOT, "--host", "www.example.com", "--json")
        report = json.loads(done.stdout)
        self.assertEqual((report["verdict"]["ok"], report["host"], report["purpose"]), (True, "www.example.com", "server"))
        leaf = report["verification"]["leaf"]
        self.assertTrue(leaf["is_accepted"])
        middle = leaf["issuers"][0]
        self.assertEqual((middle["is_anchor"], middle["issuers"][0]["is_anchor"]), (False, True))

    def test_a_missing_intermediate_and_the_proof(self):
        out, report = self.refused("missing_intermediate", pki("chain-leaf.pem"), *ROOT, "--host", "www.example.com")
        self.assertIn("seems to lack an intermediate: CN=Chain Middle", out)
        self.assertIn("http://ca.example/middle.der", out)
        self.assertIn("handfast cert chain-fix server.pem issuer.der --ca ca.pem", out)
        self.assertEqual(report["verdict"]["fault"], "server")
        proof = self.good(pki("chain-leaf.pem"), *ROOT, "--host", "www.example.com", "--untrusted", pki("chain-middle.pem"))
        self.assertIn("A server has to send CN=Chain Middle as well", proof)

    def test_an_unknown_root_is_told_from_that(self):
        out, report = self.refused("unknown_issuer", chain("chain-leaf", "chain-middle", "chain-root"), "--ca", pki("ca.pem"))
        self.assertIn("leads to a root that is not trusted here", out)
        self.assertIn("the root CN=Chain Root (signed with its own key)", out)
        self.assertEqual(report["verdict"]["fault"], "client")

    def test_named_authorities_where_the_systems_would_do(self):
        system = environment(SSL_CERT_FILE=pki("chain-root.pem"))
        path = chain("chain-leaf", "chain-middle")
        done = verify(path, "--ca", pki("ca.pem"), "--host", "www.example.com", env=system)
        self.assertEqual(done.returncode, 6)
        self.assertIn("it verifies by the system's authorities", words(done))
        self.assertEqual(verify(path, "--ca", pki("ca.pem"), "--host", "www.example.com", "--system-ca", env=system).returncode, 0)

    def test_expired(self):
        out, report = self.refused("certificate_expired", pki("expired.pem"), "--ca", pki("ca.pem"), "--host", "localhost")
        self.assertIn("2 days ago", out)
        self.assertIn("at that time 1 of the 2 certificates of the chain is valid", out)
        self.assertEqual(report["verdict"]["fault"], "server")

    def test_no_clock_is_accused_of_a_time_that_was_asked_for(self):
        path = chain("chain-leaf", "chain-middle")
        for at, code, said in (("2020-01-01", "certificate_not_yet_valid", "is not valid yet at 2020-01-01T00:00:00Z"),
                               ("2050-01-01T00:00:00Z", "certificate_expired", "none of the 3 certificates of the chain is valid")):
            with self.subTest(at):
                out, report = self.refused(code, path, *ROOT, "--at", at)
                self.assertIn(said, out)
                self.assertNotRegex(out, "clock|`date`")
                self.assertIsNone(report["verdict"]["fault"])

    def test_names(self):
        path = chain("chain-leaf", "chain-middle")
        for host, said in (("a.b.example.com", "*.example.com covers one label only"),
                           ("example.com", "it is for www.example.com, but not for example.com"),
                           ("wwww.example.org", "www.example.com"),
                           ("192.0.2.8", "IP:192.0.2.8")):
            with self.subTest(host):
                out, _ = self.refused("name_mismatch", path, *ROOT, "--host", host)
                self.assertIn(said, out)
        for host in ("x.example.com", "192.0.2.7", "WWW.example.com."):
            self.good(path, *ROOT, "--host", host)

    def test_purposes(self):
        self.good(chain("chain-leaf", "chain-middle"), *ROOT, "--purpose", "client")
        done = verify(chain("chain-leaf", "chain-middle"), *ROOT, "--purpose", "client", "--host", "x.example.com")
        self.assertEqual(done.returncode, 2)

    def test_a_ca_as_leaf(self):
        out, _ = self.refused("self_signed_certificate", pki("ca-as-leaf.pem"), "--ca", pki("ca-as-leaf.pem"), "--host", "localhost")
        self.assertIn("trusted as an authority, not as itself", out)
        self.assertIn("as `openssl req -x509` makes them", out)
        self.good(pki("ca-as-leaf.pem"), "--pin", pki("ca-as-leaf.pem"), "--host", "localhost")

    def test_the_command_that_is_told_for_it_works(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl")
        done = verify(pki("ca-as-leaf.pem"), "--ca", pki("chain-root.pem"), "--host", "localhost", "--json")
        told = next(line for line in json.loads(done.stdout)["verdict"]["advice"] if "openssl req" in line)
        command = told[told.index("openssl req"):]
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(command, shell=True, check=True, cwd=folder, capture_output=True)
            made = str(pathlib.Path(folder, "server.pem"))
            self.good(made, "--pin", made, "--host", "localhost")
            self.refused("self_signed_certificate", made, *ROOT, "--host", "localhost")
            remarks = json.loads(run("cert", "inspect", made, "--json").stdout)["items"][0]["remarks"]
            self.assertEqual(remarks, [])

    def test_pinned_keys(self):
        path = chain("chain-leaf", "chain-middle")
        pin = json.loads(run("cert", "inspect", pki("chain-leaf.pem"), "--json").stdout)["items"][0]["pin"]
        self.good(path, *ROOT, "--pin", pin)
        out, _ = self.refused("pin_mismatch", path, *ROOT, "--pin", "sha256/" + "A" * 43 + "=")
        self.assertIn("--pin " + pin, out)

    def test_an_authority_for_other_names(self):
        path = chain("chain-leaf", "chain-middle")
        out, report = self.refused("anchor_not_for_name", path, "--ca-for", "nas.local=" + pki("chain-root.pem"), "--host", "www.example.com")
        self.assertIn("trusted for nas.local", out)
        self.assertEqual(report["verdict"]["fault"], "client")

    def test_revocation(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl")
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            database, config = folder / "index.txt", folder / "ca.conf"
            database.write_text("")
            config.write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}\ndefault_md=sha256\ndefault_crl_days=7\n"
                              f"new_certs_dir={folder}\nserial={folder}/serial\npolicy=p\n[p]\n")
            middle, key, leaf = pki("chain-middle.pem"), pki("chain-middle.key"), pki("chain-leaf.pem")

            def openssl(*arguments):
                return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout

            def ca(*arguments):
                return openssl("ca", "-config", config, "-cert", middle, "-keyfile", key, *arguments)

            def response(file):
                openssl("ocsp", "-index", database, "-rsigner", middle, "-rkey", key, "-CA", middle, "-issuer", middle, "-cert", leaf,
                        "-ndays", "7", "-respout", folder / file)
                return folder / file

            path = chain("chain-leaf", "chain-middle")
            ca("-valid", leaf)
            (folder / "empty.crl").write_bytes(ca("-gencrl"))
            good = response("good.der")
            ca("-revoke", leaf, "-crl_reason", "keyCompromise")
            (folder / "full.crl").write_bytes(ca("-gencrl"))
            revoked = response("revoked.der")

            self.good(path, *ROOT)
            out = self.good(path, *ROOT, "--ocsp", good)
            self.assertIn("✓ revocation (subject CN=www.example.com; source OCSP", out)
            self.assertIn("not checked: server name, revocation of CN=Chain Middle", out)
            out, report = self.refused("certificate_revoked", path, *ROOT, "--ocsp", revoked)
            self.assertIn("as told by OCSP", out)
            out, report = self.refused("certificate_revoked", path, *ROOT, "--crl", folder / "full.crl")
            self.assertIn("has been revoked by its issuer", out)
            self.assertRegex(out, "revoked at 20[0-9T:Z-]+, because of keyCompromise, as told by CRL")
            self.assertEqual(report["verdict"]["fault"], "server")
            # The leaf says "must staple", whatever a list says.
            out, report = self.refused("missing_ocsp_response", path, *ROOT, "--revocation", "staple")
            self.assertIn("has to come with an OCSP response", out)
            self.refused("missing_ocsp_response", path, *ROOT, "--crl", folder / "empty.crl")
            # Nothing speaks of the intermediate.
            out, _ = self.refused("revocation_unknown", path, *ROOT, "--ocsp", good, "--revocation", "require")
            self.assertIn("Nothing proves that the certificate CN=Chain Middle is not revoked", out)
            out, _ = self.refused("missing_ocsp_response", path, *ROOT, "--ocsp", good, "--at", f"@{int(time.time()) + 30 * 86400}")
            self.assertRegex(out, "found [^;]*to be renewed by 20[0-9T:Z-]+")

    def test_a_responder_that_does_not_know_the_certificate(self):
        path = chain("chain-leaf", "chain-middle")
        out, report = self.refused("revocation_unknown", path, *ROOT, "--ocsp", pki("staple-unknown.der"))
        self.assertIn("is not known to its authority's OCSP responder", out)
        self.assertRegex(out, 'a stapled response that says "unknown", of 20[0-9T:Z-]+')
        self.assertNotIn("--revocation require", out)
        self.assertNotIn("--revocation prefer", out)
        self.good(path, *ROOT, "--revocation", "off")
        out, _ = self.refused("revocation_unknown", path, *ROOT, "--ocsp", pki("staple-good.der"), "--revocation", "require")
        self.assertIn("Nothing proves that the certificate CN=Chain Middle is not revoked", out)
        self.good(path, *ROOT, "--ocsp", pki("staple-good.der"), "--revocation", "prefer")

    def test_profiles(self):
        self.assertIn("✓ profile", self.good(chain("chain-leaf", "chain-middle"), *ROOT, "--profile", "strict"))


    def test_the_commands_that_are_told_may_be_typed(self):
        folder = FOLDER / "dir with sp"
        folder.mkdir(exist_ok=True)
        path = folder / "a b;id $(id) it's.pem"
        path.write_text(text("chain-leaf.pem") + text("chain-middle.pem"))
        done = verify(path, "--ca", pki("ca.pem"), "--json")
        told = next(line for line in json.loads(done.stdout)["verdict"]["advice"] if line.endswith(" --ca ca.pem"))
        command = told[told.index("handfast cert verify"):].removesuffix(" --ca ca.pem")
        self.assertEqual(shlex.split(command), ["handfast", "cert", "verify", str(path)])


class BadInput(unittest.TestCase):
    def test_it_is_refused(self):
        junk = FOLDER / "verify-junk"
        junk.write_bytes(b"\x80\x81" * 50)
        path = chain("chain-leaf", "chain-middle")
        for arguments in ((FOLDER / "nowhere",), (junk,), (pki("chain-leaf.key"),), (path, "--at", "tomorrow"),
                          (path, "--at", "2027-02-30"), (path, "--purpose", "both"), (path, "--profile", "lax"),
                          (path, "--host", "a b"), (path, "--untrusted", junk), (path, "--crl", junk),
                          (path, "--crl", FOLDER / "nowhere", "--revocation", "off"), (path, "--ocsp", FOLDER / "nowhere"), ()):
            with self.subTest(arguments):
                self.assertEqual(verify(*arguments, *ROOT).returncode, 2)


if __name__ == "__main__":
    main()
