"""handfast lab: servers with every fault there is, and that connect says of each what is true."""

import contextlib
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from program import PROGRAM, SECONDS, environment, main, run


def lab(*arguments, **more):
    return run("lab", *arguments, **more)


@contextlib.contextmanager
def up(*arguments):
    """A `handfast lab up --json`; gives what it says, and ends it with Ctrl-C."""
    process = subprocess.Popen([PROGRAM, "lab", "up", "--json", *map(str, arguments)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    try:
        text = ""
        for line in process.stdout:
            text += line
            if line == "}\n":
                break
        yield json.loads(text)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, errors) == (0, ""), (process.returncode, errors)
    finally:
        process.kill()
        process.communicate()


class Lab(unittest.TestCase):
    def test_list(self):
        done = lab("list")
        self.assertEqual(done.returncode, 0)
        self.assertIn("expired", done.stdout.decode())
        self.assertIn("(certificate_expired)", done.stdout.decode())
        listed = json.loads(lab("list", "--json").stdout)
        self.assertEqual(listed["schema"], "handfast/lab-list/1")
        self.assertGreater(len(listed["scenarios"]), 90)
        self.assertGreater(sum(scenario["good"] for scenario in listed["scenarios"]), 10)
        one = json.loads(lab("list", "--json", "expired").stdout)["scenarios"]
        self.assertEqual(one[0]["expected"]["reference"], "HF0209")

    def test_up(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = pathlib.Path(folder) / "files"
            with up("expired", "good", "--dir", kept) as said:
                self.assertEqual(said["ca"], str(kept / "ca.pem"))
                for scenario, status in zip(said["scenarios"], (6, 0)):
                    done = run("connect", *scenario["arguments"])
                    self.assertEqual(done.returncode, status, done.stdout.decode())
                    self.assertTrue(scenario["host"].endswith(".localhost"))
            self.assertTrue((kept / "ca.pem").exists())

    def test_files_vanish_that_nobody_asked_for(self):
        with up("good") as said:
            self.assertTrue(pathlib.Path(said["ca"]).exists())
        self.assertFalse(pathlib.Path(said["ca"]).parent.exists())

    def test_what_is_said_of_it_can_be_typed(self):
        process = subprocess.Popen([PROGRAM, "lab", "up", "good-client-auth"], stdout=subprocess.PIPE, text=True,
                                   env=environment())
        try:
            line = next(line for line in process.stdout if line.startswith("  type "))
            typed = line.split()[1:]
            self.assertEqual(typed[:2], ["handfast", "connect"])
            self.assertEqual(run(*typed[1:]).returncode, 0)
        finally:
            process.terminate()
            process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 0)

    def test_usage(self):
        for arguments in ((), ("fly",), ("up", "no-such-scenario"), ("up", "--port", "80"), ("test", "--jobs", "0"),
                          ("test", "--", "no-such-program")):
            with self.subTest(arguments):
                self.assertEqual(lab(*arguments).returncode, 2)
        done = lab("test", "expierd")
        self.assertIn("there is no scenario", done.stderr.decode())
        self.assertIn("handfast lab list", done.stderr.decode())

    def test_help(self):
        for arguments in ((), ("list",), ("up",), ("test",)):
            done = lab(*arguments, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertIn("Examples:", done.stdout.decode())
            for line in done.stdout.decode().splitlines():
                self.assertLessEqual(len(line), 80, line)


class Test(unittest.TestCase):
    maxDiff = None

    def test_connect_says_of_each_what_is_true(self):
        done = lab("test", "--json", timeout=10 * SECONDS)
        report = json.loads(done.stdout)
        self.assertEqual(report["schema"], "handfast/lab-test/1")
        wrong = {scenario["name"]: scenario["complaints"] for scenario in report["scenarios"] if scenario["complaints"]}
        self.assertEqual(wrong, {})
        self.assertEqual(report["failed"], 0)
        self.assertEqual(done.returncode, 0)

    def test_for_people(self):
        done = lab("test", "good", "expired")
        text = done.stdout.decode()
        self.assertEqual(done.returncode, 0, text)
        self.assertIn("2 as they should be, 0 not", text)
        self.assertIn("certificate_expired (exit code 6)", text)

    @unittest.skipUnless(shutil.which("curl"), "no curl")
    def test_curl(self):
        done = lab("test", "good", "good-client-auth", "expired", "wrong-name", "self-signed", "plain-http", "--json", "--",
                   "curl", timeout=4 * SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        report = json.loads(done.stdout)
        self.assertEqual(report["schema"], "handfast/lab-tool/1")
        self.assertEqual(report["command"], ["curl"])
        said = {scenario["name"]: scenario["said"] for scenario in report["scenarios"]}
        self.assertEqual([said[name]["exit_status"] for name in ("good", "good-client-auth")], [0, 0], said)
        for name in ("expired", "wrong-name", "self-signed"):
            self.assertEqual(said[name]["exit_status"], 60, said)
            self.assertIn("curl: (60)", said[name]["line"])
        self.assertNotEqual(said["plain-http"]["exit_status"], 0)
        text = lab("test", "expired", "--", "curl").stdout.decode()
        self.assertIn("has expired 12 days ago", text)
        self.assertIn("curl: (60)", text)

    def test_any_program(self):
        done = lab("test", "expired", "wrong-clock", "--", "echo", "{host}", "{ca}")
        text = " ".join(done.stdout.decode().split())
        self.assertEqual(done.returncode, 0)
        self.assertIn("it said expired.localhost /", text)
        self.assertIn("status 0", text)
        self.assertIn("(only a client that is called so meets it)", text)

    def test_a_program_that_does_not_end_is_ended(self):
        done = lab("test", "good", "--json", "--", "sleep", "1000", "{port}")
        self.assertIsNone(json.loads(done.stdout)["scenarios"][0]["said"]["exit_status"])


class Clock(unittest.TestCase):
    def test_another_clock(self):
        with up("good") as said:
            arguments = said["scenarios"][0]["arguments"]
            self.assertEqual(run("connect", *arguments, "--clock", "2020-01-01").returncode, 6)
            self.assertEqual(run("connect", *arguments, "--clock", "2099-01-01").returncode, 6)
            done = run("connect", *arguments, "--clock", "yesterday")
            self.assertEqual(done.returncode, 2)
            self.assertIn("--clock", done.stderr.decode())


if __name__ == "__main__":
    main()
