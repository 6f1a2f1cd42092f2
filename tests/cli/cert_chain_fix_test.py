"""handfast cert chain-fix: what it makes of certificates that lie around."""

import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import unittest

from program import FOLDER, environment, main, pki, run


def text(name):
    return pathlib.Path(pki(name)).read_text()


LEAF, MIDDLE, ROOT, OTHER, KEY = (text(name) for name in ("chain-leaf.pem", "chain-middle.pem", "chain-root.pem", "other-middle.pem",
                                                          "chain-leaf.key"))
CHAIN = LEAF + MIDDLE


def file(name, content):
    path = FOLDER / name
    path.write_text(content)
    return path


def fix(*arguments, **more):
    return run("cert", "chain-fix", *arguments, **more)


class Good(unittest.TestCase):
    def gives_the_chain(self, *arguments):
        done = fix(*arguments)
        self.assertEqual((done.returncode, done.stdout.decode()), (0, CHAIN), done.stderr.decode())
        return re.sub(r"\s+", " ", done.stderr.decode())

    def test_any_order(self):
        said = self.gives_the_chain(file("any.pem", ROOT + MIDDLE + LEAF))
        self.assertIn("put in order", said)
        self.assertIn("the root; whoever is to trust it has it already", said)

    def test_doubles_and_strangers(self):
        said = self.gives_the_chain(file("doubles.pem", LEAF + LEAF + OTHER + MIDDLE + MIDDLE))
        self.assertIn("stands in the chain already", said)
        self.assertIn("CN=Other Middle", said)
        self.assertIn("issued nothing in the chain", said)

    def test_several_files_and_der(self):
        der = FOLDER / "middle.der"
        der.write_bytes(ssl.PEM_cert_to_DER_cert(MIDDLE))
        self.gives_the_chain(der, pki("chain-leaf.pem"))

    def test_missing_ones_from_a_directory(self):
        folder = FOLDER / "pile"
        folder.mkdir(exist_ok=True)
        (folder / "a.pem").write_text(OTHER + MIDDLE)
        (folder / "b.pem").write_text(ROOT)
        (folder / "notes.txt").write_text("no certificate")
        said = self.gives_the_chain(pki("chain-leaf.pem"), folder)
        self.assertIn("added CN=Chain Middle", said)
        self.assertNotIn("Other Middle", said)

    def test_the_key_says_which_is_the_leaf(self):
        said = self.gives_the_chain(file("keyed.pem", text("good.pem") + KEY + LEAF + MIDDLE))
        self.assertIn("another certificate of no CA", said)
        self.assertNotIn(KEY.splitlines()[1], said)

    def test_it_verifies_where_that_is_asked(self):
        said = self.gives_the_chain(file("ordered.pem", CHAIN), "--ca", pki("chain-root.pem"))
        self.assertIn("verifies up to CN=Chain Root", said)
        self.assertIn("nothing: it was in order", said)
        self.assertEqual(fix(FOLDER / "ordered.pem", "--system", env=environment(SSL_CERT_FILE=pki("chain-root.pem"))).returncode, 0)

    def test_standard_input(self):
        done = fix("-", input=(MIDDLE + LEAF).encode())
        self.assertEqual((done.returncode, done.stdout.decode()), (0, CHAIN))

    def test_again_changes_nothing(self):
        out = FOLDER / "fixed.pem"
        out.unlink(missing_ok=True)
        done = fix(file("twice.pem", MIDDLE + LEAF), "--out", out)
        self.assertEqual((done.returncode, out.read_text()), (0, CHAIN), done.stderr)
        before = os.stat(out).st_ino
        again = fix(out, "--out", out)
        self.assertEqual((again.returncode, out.read_text(), os.stat(out).st_ino), (0, CHAIN, before))
        self.assertIn(b"nothing: it was in order", again.stdout)
        self.assertEqual(list(FOLDER.glob("fixed.pem.*")), [])

    def test_the_file_is_replaced_and_no_other_is_touched(self):
        folder = FOLDER / "out"
        folder.mkdir()
        out, link, beside = folder / "chain.pem", folder / "link.pem", folder / "chain.pem.new"
        out.write_text(MIDDLE + LEAF)
        out.chmod(0o640)
        link.symlink_to("chain.pem")
        beside.write_text("somebody's")
        done = fix(link, "--out", link)
        self.assertEqual((done.returncode, out.read_text()), (0, CHAIN), done.stderr)
        self.assertEqual((out.stat().st_mode & 0o777, link.is_symlink(), beside.read_text()), (0o640, True, "somebody's"))
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["chain.pem", "chain.pem.new", "link.pem"])
        old = os.umask(0o027)
        try:
            fix(link, "--out", folder / "fresh.pem")
        finally:
            os.umask(old)
        self.assertEqual((folder / "fresh.pem").stat().st_mode & 0o777, 0o640)
        (folder / "dangling.pem").symlink_to("nowhere")
        done = fix(link, "--out", folder / "dangling.pem")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"it is a link", done.stderr)

    def test_the_owner_stays(self):
        owner = (12345, 23456) if os.geteuid() == 0 else (os.getuid(), os.getgid())  # only root may give a file away
        out = file("owned.pem", MIDDLE + LEAF)
        os.chown(out, *owner)
        self.assertEqual(fix(out, "--out", out).returncode, 0)
        self.assertEqual((out.read_text(), out.stat().st_uid, out.stat().st_gid), (CHAIN, *owner))

    def test_json(self):
        report = json.loads(fix(file("json.pem", ROOT + MIDDLE + LEAF + OTHER), "--json").stdout)
        self.assertEqual((report["schema"], report["verdict"]["ok"], report["changed"]), ("handfast/cert-chain-fix/1", True, True))
        self.assertEqual([item["subject"] for item in report["chain"]], ["CN=www.example.com", "CN=Chain Middle"])
        self.assertEqual((report["root"], report["missing"], report["verified"]), ("CN=Chain Root", None, None))
        self.assertEqual(report["pem"], CHAIN)

    def test_one_that_is_its_own_chain(self):
        done = fix(pki("self-signed.pem"))
        self.assertEqual((done.returncode, done.stdout.decode()), (0, text("self-signed.pem")))


class Bad(unittest.TestCase):
    def test_an_issuer_is_missing(self):
        out = FOLDER / "never.pem"
        done = fix(pki("chain-leaf.pem"), pki("other-middle.pem"), "--out", out)
        self.assertEqual((done.returncode, done.stdout, out.exists()), (6, b"", False))
        said = re.sub(r"\s+", " ", done.stderr.decode())
        self.assertIn("the certificate of CN=Chain Middle is missing", said)
        self.assertIn("http://ca.example/middle.der", said)
        report = json.loads(fix(pki("chain-leaf.pem"), "--json").stdout)
        self.assertEqual((report["missing"], report["missing_at"], report["written_to"]),
                         ("CN=Chain Middle", ["http://ca.example/middle.der"], None))

    def test_it_does_not_verify(self):
        done = fix(file("unverified.pem", CHAIN), "--ca", pki("ca.pem"))
        self.assertEqual((done.returncode, done.stdout), (6, b""))
        self.assertIn(b"unknown_issuer", done.stderr)

    def test_a_namesake_with_another_key(self):
        namesake = FOLDER / "namesake.pem"
        if not shutil.which("openssl"):
            self.skipTest("no openssl")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-subj",
                        "/CN=Chain Root", "-keyout", FOLDER / "namesake.key", "-out", namesake], check=True, capture_output=True)
        done = fix(file("renamed.pem", CHAIN), "--ca", namesake)
        said = re.sub(r"\s+", " ", done.stderr.decode())
        self.assertEqual(done.returncode, 6, said)
        self.assertIn("the key of CN=Chain Root, as it is known here, has not signed it", said)
        self.assertNotIn("in none of the files", said)

    def test_a_truncated_file(self):
        done = fix(file("truncated.pem", LEAF[:300]))
        said = re.sub(r"\s+", " ", done.stderr.decode())
        self.assertEqual(done.returncode, 2)
        self.assertIn("truncated.pem is not what was expected", said)
        self.assertRegex(said, "found .*END")
        self.assertNotIn("openssl x509 -inform DER", said)
        done = fix(file("keys only.pem", KEY))
        self.assertIn("handfast cert inspect '", re.sub(r"\s+", " ", done.stderr.decode()))

    def test_a_file_with_a_key_is_not_written_to(self):
        path = file("with-key.pem", KEY + MIDDLE + LEAF)
        done = fix(path, "--out", path)
        self.assertEqual((done.returncode, path.read_text()), (2, KEY + MIDDLE + LEAF))
        self.assertIn(b"it holds a private", done.stderr)
        self.assertNotIn(KEY.splitlines()[1].encode(), done.stderr + done.stdout)

    def test_input_that_is_none(self):
        junk = FOLDER / "fix-junk"
        junk.write_bytes(b"\x80\x81" * 50)
        broken = file("broken.pem", LEAF + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        empty = FOLDER / "empty-directory"
        empty.mkdir(exist_ok=True)
        for arguments in ((FOLDER / "nowhere",), (junk,), (broken,), (empty,), (pki("chain-leaf.key"),), (),
                          (pki("chain-leaf.pem"), pki("chain-middle.pem"), "--out", FOLDER / "no" / "such")):
            with self.subTest(arguments):
                done = fix(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)


if __name__ == "__main__":
    main()
