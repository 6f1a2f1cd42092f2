"""An empty value, of a variable that is not set, say, is refused by every option and argument of every command."""

import re
import unittest

from program import main, pki, run

# What each needs to get as far as reading an option.
COMMANDS = {
    ("connect",): ("localhost:1",),
    ("serve",): (),
    ("cert", "inspect"): (pki("good.pem"),),
    ("cert", "verify"): (pki("good.pem"),),
    ("cert", "chain-fix"): (pki("good.pem"),),
}
# The checks that were lost without a word when their value was empty; those of --help are tried as well.
KNOWN = {
    ("connect",): {"--ca", "--pin", "--crl", "--sni", "--request"},
    ("serve",): {"--client-ca", "--client-crl", "--allow", "--www", "--ca-out"},
    ("cert", "inspect"): {"--ca", "--sni"},
    ("cert", "verify"): {"--host", "--crl", "--ocsp", "--at", "--untrusted", "--ca-for"},
    ("cert", "chain-fix"): {"--ca", "--out"},
}


def options(command):
    """The options of a command that take a value, as --help has them."""
    text = run(*command, "--help").stdout.decode()
    return set(re.findall(r"^  (--[a-z-]+) [A-Z]", text, re.MULTILINE))


class EmptyValues(unittest.TestCase):
    def refused(self, option, *arguments):
        done = run(*arguments)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, 2, (arguments, done.stdout, said))
        # One whose values are of a certain form says so instead; nothing was opened, and nobody was called.
        self.assertRegex(said, rf"^{option}: .+\nRun with --help", arguments)

    def test_of_every_option(self):
        for command, needed in COMMANDS.items():
            found = options(command)
            self.assertLessEqual(KNOWN[command], found)
            for option in found:
                self.refused(option, *command, *needed, option, "")
                self.refused(option, *command, *needed, option + "=")
                # Nor does it take the argument behind it for its value.
                self.refused(option, *command, option + "=", *needed)

    def test_one_among_good_ones(self):
        self.refused("--ca", "connect", "localhost:1", "--ca", pki("ca.pem"), "--ca", "")
        self.refused("--pin", "cert", "verify", pki("good.pem"), "--pin", pki("good.pem"), "")

    def test_of_arguments(self):
        self.refused("target", "connect", "")
        self.refused("target", "cert", "inspect", "")
        self.refused("files", "cert", "verify", "")
        self.refused("files", "cert", "verify", pki("good.pem"), "")
        self.refused("files", "cert", "chain-fix", pki("good.pem"), "")


class Limits(unittest.TestCase):
    def test_what_would_be_no_limit_is_refused(self):
        start = ("reverse", "--from", "127.0.0.1:0", "--to", "http://127.0.0.1:1")
        for option, value, expected in (("--max-header", "0", "1024"), ("--max-header", "1023", "1024"),
                                        ("--idle-timeout", "0.0004", "at least 0.001"),
                                        ("--handshake-timeout", "-1", "at least 0.001"),
                                        ("--drain-timeout", "nan", "at least 0.001")):
            done = run(*start, option, value)
            self.assertEqual(done.returncode, 2, (option, value))
            self.assertRegex(done.stderr.decode(), rf"^{option}: [^\n]*{expected}")


if __name__ == "__main__":
    main()
