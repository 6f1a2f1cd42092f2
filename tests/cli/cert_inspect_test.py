"""handfast cert inspect: good files, bad files, servers."""

import base64
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import tempfile
import unittest

from program import FOLDER, free_port, listener, main, pki, python_tls, run

CHAIN = ("chain-leaf.pem", "chain-middle.pem", "chain-root.pem")


def text(name):
    return pathlib.Path(pki(name)).read_text()


def file(name, content):
    path = FOLDER / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def inspect(*arguments, **more):
    return run("cert", "inspect", *arguments, **more)


def inspect_json(*arguments, **more):
    done = inspect(*arguments, "--json", **more)
    return done.returncode, json.loads(done.stdout)


class Files(unittest.TestCase):
    def test_a_certificate_with_everything(self):
        done = inspect(pki("chain-leaf.pem"))
        out = done.stdout.decode()
        self.assertEqual(done.returncode, 0, done.stderr)
        for expected in ("#1 CN=www.example.com", "no CA", "CN=Chain Middle", "dns:*.example.com", "ip:192.0.2.7",
                         "ECDSA P-256", "ecdsa-with-SHA384", "serverAuth, clientAuth", "2.23.140.1.2.1", "must staple",
                         "http://ca.example/middle.der", "http://ca.example/middle.crl", "SHA-256", "pin          sha256/"):
            self.assertIn(expected, out)
        self.assertRegex(out, "(89|90) days left")
        self.assertNotIn("\x1b", out)
        self.assertLessEqual(max(map(len, out.splitlines())), 80)

    def test_its_json(self):
        status, report = inspect_json(pki("chain-leaf.pem"))
        self.assertEqual((status, report["schema"], report["verdict"]), (0, "handfast/cert-inspect/1", None))
        [item] = report["items"]
        self.assertEqual((item["kind"], item["is_ca"], item["self_signed"], item["must_staple"]), ("certificate", False, False, True))
        self.assertEqual(item["names"], ["www.example.com", "*.example.com", "192.0.2.7"])
        self.assertEqual(item["ca_issuers"], ["http://ca.example/middle.der"])
        self.assertEqual(item["crl"], ["http://ca.example/middle.crl"])
        self.assertEqual(item["policies"], ["2.23.140.1.2.1"])
        self.assertEqual(item["remarks"], [])

    def test_the_pin_is_what_openssl_computes(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl")
        key = subprocess.run(["openssl", "x509", "-in", pki("chain-leaf.pem"), "-noout", "-pubkey"], capture_output=True, check=True)
        der = ssl.PEM_cert_to_DER_cert(key.stdout.decode().replace("PUBLIC KEY", "CERTIFICATE"))
        digest = subprocess.run(["openssl", "dgst", "-sha256", "-binary"], input=der, capture_output=True, check=True).stdout
        _, report = inspect_json(pki("chain-leaf.pem"))
        self.assertEqual(report["items"][0]["pin"], "sha256/" + base64.b64encode(digest).decode())

    def test_der(self):
        der = ssl.PEM_cert_to_DER_cert(text("chain-leaf.pem"))
        _, pem = inspect_json(pki("chain-leaf.pem"))
        status, report = inspect_json(file("leaf.der", der))
        self.assertEqual((status, report["items"][0]["sha256"]), (0, pem["items"][0]["sha256"]))

    def test_standard_input(self):
        done = inspect("-", input=text("chain-leaf.pem").encode())
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"CN=www.example.com", done.stdout)

    def test_orders(self):
        leaf, middle, root = map(text, CHAIN)
        for name, content, order, chain in (("in-order", leaf + middle + root, "in_order", [0, 1, 2]),
                                            ("mixed", root + leaf + middle, "out_of_order", [1, 2, 0]),
                                            ("gap", leaf + root, "broken", [0]),
                                            ("alone", leaf, "single", [0])):
            with self.subTest(name):
                _, report = inspect_json(file(name + ".pem", content))
                self.assertEqual((report["order"], report["chain"]), (order, chain))
        self.assertIn(b"chain-fix", inspect(FOLDER / "mixed.pem").stdout)

    def test_everything_in_one_file(self):
        request = b"-----BEGIN WHATEVER-----\nAAAA\n-----END WHATEVER-----\n"
        broken = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"
        legacy = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
        path = file("mixture.pem", text("chain-leaf.pem").encode() + broken + request + legacy + text("chain-leaf.key").encode())
        status, report = inspect_json(path)
        self.assertEqual(status, 0)
        self.assertEqual([item["kind"] for item in report["items"]],
                         ["certificate", "malformed", "other", "encrypted_private_key", "private_key"])
        self.assertEqual(report["items"][4]["belongs_to"], [0])
        secret = text("chain-leaf.key").splitlines()[1]
        for done in (inspect(path), inspect(path, "--json")):
            self.assertNotIn(secret.encode(), done.stdout + done.stderr)

    def test_nothing_whole(self):
        path = file("truncated.pem", text("chain-leaf.pem").encode()[:300])
        status, report = inspect_json(path)
        self.assertEqual((status, report["verdict"]["code"], report["verdict"]["exit_code"]), (2, "bad_pem", 2))
        done = inspect(path)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"END", done.stderr)

    def test_a_key_alone(self):
        done = inspect(pki("chain-leaf.key"))
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"a private key", done.stdout)
        self.assertIn(b"none of the certificates", done.stdout)

    def test_a_request_and_a_list(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl")
        request = subprocess.run(["openssl", "req", "-new", "-key", pki("chain-leaf.key"), "-subj", "/CN=asked.example"],
                                 capture_output=True, check=True).stdout
        with tempfile.TemporaryDirectory() as folder:
            database = pathlib.Path(folder, "index.txt")
            database.write_text("")
            revocations = subprocess.run(["openssl", "ca", "-gencrl", "-config", "/dev/stdin", "-cert", pki("chain-root.pem"),
                                          "-keyfile", pki("chain-root.key")], capture_output=True, check=True,
                                         input=f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}\ndefault_md=sha256\n"
                                               "default_crl_days=7\n".encode()).stdout
        status, report = inspect_json(file("both.pem", request + revocations))
        self.assertEqual(status, 0)
        asked, revoked = report["items"]
        self.assertEqual((asked["kind"], asked["subject"], asked["key"]), ("certificate_request", "CN=asked.example", "ECDSA P-256"))
        self.assertEqual((revoked["kind"], revoked["issuer"], revoked["revoked"]), ("revocation_list", "CN=Chain Root", 0))

    def test_what_is_weak_is_marked(self):
        def codes(name):
            return [remark["code"] for remark in inspect_json(pki(name))[1]["items"][0]["remarks"]]

        self.assertEqual(codes("expired.pem"), ["expired"])
        self.assertEqual(codes("good.pem"), ["expires_soon"])
        self.assertEqual(codes("ca-as-leaf.pem"), ["expires_soon", "ca_as_leaf"])
        self.assertEqual(codes("chain-middle.pem"), [])

    def test_short_keys_and_broken_hashes(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl")
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", os.devnull, "-sha1", "-days",
                               "3000", "-subj", "/CN=old", "-addext", "basicConstraints=critical,CA:FALSE"],
                              capture_output=True, check=True).stdout
        _, report = inspect_json(file("old.pem", made))
        self.assertEqual([remark["code"] for remark in report["items"][0]["remarks"]],
                         ["long_validity", "weak_key", "weak_signature", "no_subject_alt_name"])


class BadFiles(unittest.TestCase):
    def refused(self, path, *said):
        done = inspect(path)
        self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
        status, report = inspect_json(path)
        self.assertEqual((status, report["schema"], report["verdict"]["exit_code"]), (2, "handfast/cert-inspect/1", 2))
        for words in said:
            self.assertIn(words, re.sub(r"\s+", " ", done.stderr.decode()))

    def test_missing(self):
        self.refused(FOLDER / "nowhere.pem", "no such file")

    def test_directory(self):
        self.refused(FOLDER, "it is a directory")

    def test_empty(self):
        self.refused(file("empty", b""), "it is empty")

    def test_junk(self):
        self.refused(file("junk", bytes(range(256)) * 9), "2304 bytes of data")
        self.refused(file("words", b"Hello there, this is no certificate"), "bytes of text")

    def test_utf16(self):
        self.refused(file("utf16.pem", text("good.pem").encode("utf-16")), "UTF-16")

    def test_huge(self):
        huge = FOLDER / "huge"
        with open(huge, "wb") as out:
            out.truncate(17 << 20)
        self.refused(huge, "longer than")
        huge.unlink()
        self.refused("/dev/zero", "longer than")

    def test_too_many_items(self):
        self.refused(file("many.pem", b"-----BEGIN A-----\nAAAA\n-----END A-----\n" * 1001), "more than 1000 items")

    def test_no_argument(self):
        self.assertEqual(run("cert", "inspect").returncode, 2)
        self.assertEqual(run("cert").returncode, 2)

    def test_every_truncation_of_der_is_answered(self):
        der = ssl.PEM_cert_to_DER_cert(text("chain-leaf.pem"))
        for size in (1, 2, 3, 4, 5, 100, len(der) - 1):
            done = inspect("-", input=der[:size])
            self.assertIn(done.returncode, (0, 2), (size, done.stderr))
        self.assertIn(b"no DER follow", inspect("-", input=der + b"\x30").stdout)


class Servers(unittest.TestCase):
    def test_one_that_does_not_verify(self):
        with python_tls("stranger") as port:
            done = inspect(f"localhost:{port}", "--ca", pki("ca.pem"))
        self.assertEqual(done.returncode, 0, done.stderr)
        out = done.stdout.decode()
        self.assertIn("#1 CN=localhost", out)
        self.assertIn("Not verified:", out)
        self.assertIn("unknown_issuer", out)

    def test_one_that_does(self):
        with python_tls("good") as port:
            done = inspect(f"localhost:{port}", "--ca", pki("ca.pem"))
            status, report = inspect_json(f"localhost:{port}", "--ca", pki("ca.pem"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("Not verified", done.stdout.decode())
        self.assertIn("is good for localhost", done.stdout.decode())
        self.assertEqual((status, report["verdict"]["ok"], report["server"]["server_name"]), (0, True, "localhost"))

    def test_names_beyond_ascii(self):
        with python_tls("good") as port:
            _, report = inspect_json(f"localhost:{port}", "--sni", "Bücher.example", "--ca", pki("ca.pem"))
        self.assertEqual(report["server"]["server_name"], "xn--bcher-kva.example")

    def test_none(self):
        done = inspect(f"localhost:{free_port()}")
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"tcp_refused", done.stdout + done.stderr)

    def test_no_tls(self):
        def answer(connection, _):
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        with listener(answer) as port:
            self.assertEqual(inspect(f"localhost:{port}").returncode, 4)


if __name__ == "__main__":
    main()
