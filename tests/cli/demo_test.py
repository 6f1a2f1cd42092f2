"""handfast demo: what `make run` shows."""

import os
import pathlib
import re
import shutil
import tempfile
import time
import unittest

from program import FOLDER, environment, main, run


class Demo(unittest.TestCase):
    def play(self, arguments=(), **changes):
        """Plays it with a folder of its own for temporary files; gives its lines."""
        with tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            done = run("demo", *arguments, env=environment(TMPDIR=folder, **changes), timeout=60)
            self.seconds = time.monotonic() - start
            self.assertEqual(os.listdir(folder), [], "temporary files were left")
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode())
        self.assertEqual(done.stderr, b"")
        return done.stdout.decode().splitlines()

    def test_all_scenes(self):
        lines = self.play()
        text = "\n".join(lines)
        self.assertLess(self.seconds, 15)
        self.assertIn("HelloRetryRequest, ", text)
        self.assertEqual(text.count("ServerKeyExchange, "), 1 + (shutil.which("openssl") is not None))
        self.assertIn("speaks TLS 1.2, and its certificate is good for localhost.", text)
        self.assertEqual(text.count("redacted (--keys shows"), text.count("── in the clear"))
        self.assertIn("CertificateRequest, ", text)
        self.assertIn("early data accepted", text)
        self.assertRegex(" ".join(text.split()), r"saved [\d,]+ of [\d,]+ bytes, \d of \d messages, 1 certificate chain, 2 signatures")
        self.assertIn("has expired", text)
        self.assertIn("code      HF0209 certificate_expired (exit code 6)", text)
        self.assertEqual(text.count("✗"), 1)
        self.assertNotIn("\x1b", text)
        for line in lines:
            self.assertLessEqual(len(line), 80, line)
        for program in ("openssl", "curl"):
            said = f"Passed over: {program} is not installed." in lines
            self.assertEqual(said, shutil.which(program) is None)
        self.assertIn("Try next:", lines)
        self.assertEqual(len(lines) - lines.index("Try next:"), 5)
        self.assertEqual([line for line in lines if line.startswith("13. ")], ["13. Interception: a man in the middle"])

    def ways(self, **how):
        """The scenes with a proxy, each with its lines in one and the certificates by who has shown them."""
        text = "\n".join(self.play(**how))
        scenes = re.split(r"^1[0-3]\. (.*)$", text.partition("Try next:")[0], flags=re.MULTILINE)[1:]
        return dict(zip(scenes[0::2], scenes[1::2]))

    def told(self, scene, label):
        """What stands behind a label beneath the drawing."""
        found = re.search(rf"^{label} +(.*(?:\n {{13}}.*)*)", scene, flags=re.MULTILINE)
        self.assertIsNotNone(found, scene)
        return " ".join(found[1].split())

    def test_four_ways(self):
        reverse, passthrough, forward, intercept = self.ways().values()
        throw_away = r"CN=shop.localhost, from (CN=Handfast throw-away CA [0-9a-f]+): "
        for scene in (passthrough, forward):
            # One handshake, through the proxy's rail.
            self.assertEqual(scene.count("── ClientHello, "), 1)
            self.assertIn("╪", scene)
            self.assertIn("not opened", scene)
            self.assertIn("the origin alone", self.told(scene, "decrypts"))
            self.assertRegex(self.told(scene, "client sees"), throw_away + "the origin's own")
            self.assertIn("the same at the client and at the origin", self.told(scene, "keys"))
            self.assertIn("✓ The client has verified the origin itself; the proxy has no key.", scene)
        for scene in (reverse, intercept):
            # Two of them, each on its side.
            self.assertEqual(scene.count("── ClientHello, "), 2)
            self.assertNotIn("╪", scene)
            self.assertIn("the proxy", self.told(scene, "decrypts"))
            self.assertIn("one at the client, another at the origin", self.told(scene, "keys"))
        # The site's certificate is the proxy's own; the origin's is another authority's, which only the proxy trusts.
        site = re.match(throw_away + "the proxy's own", self.told(reverse, "client sees"))
        inner = re.match(r"CN=app.internal, from (CN=Handfast throw-away CA [0-9a-f]+): ", self.told(reverse, "proxy sees"))
        self.assertNotEqual(site[1], inner[1])
        # Interception: the same name from another authority.
        real = re.match(throw_away, self.told(intercept, "proxy sees"))
        made = re.match(r"CN=shop.localhost, from (.*?): made by the proxy", self.told(intercept, "client sees"))
        self.assertNotEqual(real[1], made[1])
        # Who knows of the proxy asks it in the clear.
        for scene in (forward, intercept):
            self.assertRegex(scene, r"│── CONNECT shop\.localhost:\d+ ─+▶│ +│\n.*│◀─+ 200 Connection established ──│ +│\n")
        # What the log says is what happened.
        for way, scene in zip(("reverse", "passthrough", "forward", "intercept"), (reverse, passthrough, forward, intercept)):
            log = self.told(scene, "proxy's log")
            self.assertIn(f"way={way}", log)
            self.assertNotIn("error", log)

    def test_without_other_programs(self):
        empty = FOLDER / "no-programs"
        empty.mkdir()
        lines = self.play(PATH=str(empty))
        self.assertIn("Passed over: openssl is not installed.", lines)
        self.assertIn("Passed over: curl is not installed.", lines)

    def test_keys(self):
        text = "\n".join(self.play(arguments=("--keys",)))
        self.assertNotIn("redacted", text)
        keys = re.findall(r"^  (client|origin) {5}([0-9a-f]+)$", text, flags=re.MULTILINE)
        self.assertEqual([end for end, _ in keys], ["client", "origin"] * 4)
        self.assertEqual([keys[i][1] == keys[i + 1][1] for i in range(0, 8, 2)], [False, True, True, False])
        self.assertRegex(text, r"master_secret 48 bytes .*\n.*PRF\(pre_master_secret(.*\n)*?.* [0-9a-f]{64} .*\n.* [0-9a-f]{32} ")

    def test_in_ascii(self):
        for line in self.play(LC_ALL="C"):
            self.assertTrue(line.isascii(), line)


if __name__ == "__main__":
    main()
