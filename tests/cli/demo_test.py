"""handfast demo: what `make run` shows."""

import os
import pathlib
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
        self.assertEqual(len(lines) - lines.index("Try next:"), 4)

    def test_without_other_programs(self):
        empty = FOLDER / "no-programs"
        empty.mkdir()
        lines = self.play(PATH=str(empty))
        self.assertIn("Passed over: openssl is not installed.", lines)
        self.assertIn("Passed over: curl is not installed.", lines)

    def test_keys(self):
        text = "\n".join(self.play(arguments=("--keys",)))
        self.assertNotIn("redacted", text)
        self.assertRegex(text, r"master_secret 48 bytes .*\n.*PRF\(pre_master_secret(.*\n)*?.* [0-9a-f]{64} .*\n.* [0-9a-f]{32} ")

    def test_in_ascii(self):
        for line in self.play(LC_ALL="C"):
            self.assertTrue(line.isascii(), line)


if __name__ == "__main__":
    main()
