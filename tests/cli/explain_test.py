"""handfast explain: codes, alerts, messages, and what other programs really print when a handshake fails."""

import json
import pathlib
import re
import shutil
import ssl
import subprocess
import tempfile
import unittest
import warnings

from program import FOLDER, environment, listener, main, pki, python_tls, reset, run

PAGES = pathlib.Path(__file__).parents[2] / "docs" / "errors"
PATIENCE = 120  # seconds for another program: it may have to be compiled first, on a busy machine


def text(done):
    return " ".join((done.stdout + done.stderr).decode().split())


def matches(*arguments, **more):
    done = run("explain", "--json", *arguments, **more)
    return json.loads(done.stdout)["matches"]


def codes(*arguments, **more):
    return [match["code"] for match in matches(*arguments, **more)]


class Words(unittest.TestCase):
    def test_a_code_a_word_and_an_alert(self):
        for what in (("HF0213",), ("hf213",), ("name_mismatch",), ("name", "mismatch")):
            done = run("explain", *what)
            self.assertEqual(done.returncode, 0)
            self.assertIn("The certificate is for another name HF0213 name_mismatch", text(done))
        for what in ("48", "0x30", "unknown_ca", "SSL alert number 48"):
            self.assertIn("HF1048 alert_unknown_ca", text(run("explain", what)), what)

    def test_arguments_are_one_message(self):
        self.assertEqual(codes("x509:", "certificate", "signed", "by", "unknown", "authority"),
                         codes("x509: certificate signed by unknown authority"))

    def test_standard_input(self):
        message = b"* noise\ncurl: (60) SSL certificate problem: certificate has expired\n"
        for arguments in ((), ("-",)):
            done = run("explain", *arguments, input=message)
            self.assertEqual(done.returncode, 0)
            self.assertIn("found by curl's words: SSL certificate problem", text(done))
            self.assertIn("HF0209 certificate_expired", text(done))

    def test_what_connect_says_is_explained(self):
        with listener(resets) as port:
            done = run("connect", f"localhost:{port}", "--ca", pki("ca.pem"), "--json")
        self.assertEqual(codes(json.loads(done.stdout)["verdict"]["code"]), ["HF0807"])

    def test_nothing_known(self):
        done = run("explain", "certifcate_expird")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, b"")
        self.assertIn("Nothing of that is known here", text(done))
        self.assertIn("HF0209 certificate_expired", text(done))
        self.assertEqual(run("explain", input=b"").returncode, 2)
        self.assertEqual(run("explain", "-", input=b" \n").returncode, 2)
        self.assertEqual(run("explain", "").returncode, 2)
        self.assertEqual(run("explain", "--fly").returncode, 2)

    def test_any_input(self):
        for input in (b"\0" * 1000, bytes(range(256)) * 40000, b"\x1b]0;owned\x07 HF0213 \x1b[31m", b"((((*+?[" * 100000):
            done = run("explain", "--json", "-", input=input)
            self.assertIn(done.returncode, (0, 2))
            answer = json.loads(done.stdout)
            self.assertTrue(done.stdout.isascii())
            self.assertEqual(answer["schema"], "handfast/explain/1")
        done = run("explain", "-", input=b"\x1b]0;owned\x07 HF0213")
        self.assertNotIn(b"\x1b", done.stdout)

    def test_what_it_may_be_besides_comes_first(self):
        said = text(run("explain", "unable to get local issuer certificate"))
        self.assertLess(said.index("or HF0921 missing_intermediate"), said.index("HF0211 unknown_issuer"))

    def test_the_list(self):
        for arguments in ((), ("--list",)):
            done = run("explain", *arguments)
            self.assertEqual(done.returncode, 0)
            for code in ("HF0101", "HF0213", "HF0931", "HF1048"):
                self.assertIn(code, text(done))
        entries = json.loads(run("explain", "--list", "--json").stdout)["entries"]
        self.assertEqual([entry["code"] for entry in entries], sorted(entry["code"] for entry in entries))

    def test_json(self):
        first = matches("unable to get local issuer certificate")[0]
        self.assertEqual((first["code"], first["word"], first["matched_by"], first["program"], first["matched"]),
                         ("HF0211", "unknown_issuer", "message", "OpenSSL", "unable to get local issuer certificate"))
        self.assertTrue(all(set(block) in ({"text"}, {"copy"}) for block in first["meaning"] + first["check"]))
        self.assertIn("client", [cure["where"] for cure in first["cures"]])
        nothing = json.loads(run("explain", "--json", "name_mismach").stdout)
        self.assertEqual((nothing["matches"], nothing["nearest"][0]["code"]), ([], "HF0213"))


class Pages(unittest.TestCase):
    def test_they_are_what_the_catalogue_gives(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(run("explain", "--pages", folder).returncode, 0)
            given = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
        committed = {path.name: path.read_bytes() for path in PAGES.iterdir()}
        remedy = "build/release/handfast explain --pages docs/errors"
        self.assertEqual(sorted(given), sorted(committed), remedy)
        for name, page in given.items():
            self.assertEqual(committed[name], page, f"{name} is out of date: {remedy}")

    def test_the_commands_in_them_exist(self):
        """Each `handfast ...` of the catalogue names a subcommand and flags that there are."""
        entries = json.loads(run("explain", "--list", "--json").stdout)["entries"]
        blocks = [block for entry in entries
                  for block in entry["meaning"] + entry["check"] + [b for cure in entry["cures"] for b in cure["how"]]]
        commands = {match for block in blocks for match in
                    re.findall(r"\bhandfast ((?:connect|serve|explain|cert (?:inspect|verify|chain-fix)) [^|\n]*)",
                               block.get("copy", ""))}
        self.assertGreater(len(commands), 30)
        helps = {}
        for command in commands:
            words = re.match(r"cert \S+|\S+", command)[0].split()
            name = " ".join(words)
            if name not in helps:
                helps[name] = run(*words, "--help").stdout.decode()
            for flag in re.findall(r"(?<!\S)--[a-z-]+", command):
                self.assertRegex(helps[name], rf"{flag}\b", f"handfast {command}")


# What fails, each a server for a with statement.

def plain_http(connection, _):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def resets(connection, _):
    connection.recv(4096)
    reset(connection)


def old_versions(context):
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1


def client_certificates(context):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(pki("ca.pem"))


SERVERS = {
    "expired": lambda: python_tls("expired"),
    "another name": lambda: python_tls("other-name"),
    "unknown authority": lambda: python_tls("stranger"),
    "self-signed": lambda: python_tls("self-signed"),
    "plain HTTP": lambda: listener(plain_http),
    "old versions": lambda: python_tls("good", old_versions),
    "reset": lambda: listener(resets),
    "client certificate": lambda: python_tls("good", client_certificates),
}

# The answers that are right; the first match has to be one of them.
EXPECTED = {
    "expired": {"HF0209"},
    "another name": {"HF0213"},
    "unknown authority": {"HF0211", "HF0921"},
    "self-signed": {"HF0212", "HF0211"},  # GnuTLS, Go and Java say of both the same
    "plain HTTP": {"HF0101", "HF0901"},
    "old versions": {"HF0401", "HF1070"},
    "reset": {"HF0807"},
    "client certificate": {"HF1040"},  # TLS 1.2 has no alert that says more
}

PYTHON = """
import ssl, sys, urllib.request
urllib.request.urlopen(sys.argv[1], context=ssl.create_default_context(cafile=sys.argv[2])).read()
"""

NODE = """
const [url, ca] = process.argv.slice(1);
require("https").get(url, {ca: require("fs").readFileSync(ca)}, response => response.resume());
"""

GO = """
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
)

func main() {
	pem, _ := os.ReadFile(os.Args[2])
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	_, err := client.Get(os.Args[1])
	fmt.Println(err)
}
"""

JAVA = """
import java.io.FileInputStream;
import java.net.URL;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.*;

public class Client {
    public static void main(String[] arguments) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream(arguments[1])));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        HttpsURLConnection.setDefaultSSLSocketFactory(context.getSocketFactory());
        new URL(arguments[0]).openStream().read();
    }
}
"""


def source(name, content):
    path = FOLDER / name
    path.write_text(content)
    return str(path)


class OtherPrograms(unittest.TestCase):
    """Their own output, as it is, leads to the right entry."""

    def check(self, command, but=()):
        """`command` makes, of a port, the command of a client that fails there; `but` are servers that it gets on with."""
        if not shutil.which(command(0)[0]):
            self.skipTest(f"no {command(0)[0]}")
        for name in SERVERS.keys() - set(but):
            with self.subTest(name), SERVERS[name]() as port:
                done = subprocess.run(command(port), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
                                      env=environment())
                said = done.stdout + done.stderr
                found = codes("-", input=said)
                self.assertTrue(found, said.decode(errors="replace"))
                self.assertIn(found[0], EXPECTED[name], f"{found}\n{said.decode(errors='replace')}")

    def test_openssl(self):
        self.check(lambda port: ["openssl", "s_client", "-connect", f"localhost:{port}", "-CAfile", pki("ca.pem"),
                                 "-verify_return_error", "-verify_hostname", "localhost", "-ign_eof"])

    def test_curl(self):
        self.check(lambda port: ["curl", "-sS", "--cacert", pki("ca.pem"), f"https://localhost:{port}/"])

    def test_gnutls(self):
        # GnuTLS still speaks TLS 1.1 where it is built so.
        self.check(lambda port: ["gnutls-cli", "--x509cafile", pki("ca.pem"), "-p", str(port), "localhost"],
                   but=["old versions"])

    def test_python(self):
        self.check(lambda port: ["python3", "-c", PYTHON, f"https://localhost:{port}/", pki("ca.pem")])

    def test_node(self):
        self.check(lambda port: ["node", "-e", NODE, f"https://localhost:{port}/", pki("ca.pem")])

    def test_go(self):
        if not shutil.which("go"):
            self.skipTest("no go")
        program = str(FOLDER / "client-go")
        subprocess.run(["go", "build", "-o", program, source("client.go", GO)], check=True, timeout=300,
                       env=environment(GO111MODULE="off"))
        self.check(lambda port: [program, f"https://localhost:{port}/", pki("ca.pem")])

    def test_java(self):
        if not shutil.which("javac"):
            self.skipTest("no javac")
        subprocess.run(["javac", "-d", str(FOLDER), source("Client.java", JAVA)], check=True, capture_output=True, timeout=300)
        # Where the server refuses after Java has begun to write, it sees a broken pipe and not the alert.
        self.check(lambda port: ["java", "-cp", str(FOLDER), "Client", f"https://localhost:{port}/", pki("ca.pem")],
                   but=["client certificate"])


if __name__ == "__main__":
    main()
