"""handfast connect where something is wrong: the exit code of each class, and what it says."""

import json
import ssl
import subprocess
import time
import unittest
import warnings

from program import (PROGRAM, SECONDS, Serve, connect, environment, free_port, listener, main, pki, python_tls, reset, run,
                     weak_tls12)

GOOD = ("--cert", pki("good.pem"), "--key", pki("good.key"))
OLDER_SUITES = ("--suites", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")


class Failures(unittest.TestCase):
    def expect(self, done, code, *parts):
        text = (done.stdout + done.stderr).decode()
        self.assertEqual(done.returncode, code, text)
        for part in parts:
            self.assertIn(part, " ".join(text.split()))


class Usage(Failures):
    def test_arguments(self):
        for arguments in ((), ("fly",), ("connect",), ("connect", "localhost", "--fly"), ("connect", "localhost:99999"),
                          ("connect", "localhost:x"), ("connect", ":443"), ("connect", ""), ("connect", "a", "b"),
                          ("connect", "localhost", "--key", "k"), ("connect", "localhost", "--request", "no-slash"),
                          ("connect", "localhost", "--request", "/\r\nX: y"), ("connect", "localhost", "--timeout", "0"),
                          ("connect", "localhost", "--groups", "nonsense"), ("connect", "localhost", "--suites", ""),
                          ("connect", "localhost", "--alpn", ","), ("connect", "not a name")):
            with self.subTest(arguments):
                self.assertEqual(run(*arguments).returncode, 2)

    def test_an_address_as_browsers_have_it(self):
        for url in ("https://localhost/", "https://localhost", "https://localhost/path?query#fragment"):
            self.expect(run("connect", url), 2, "it is a URL", url, "Give the host alone", "usual one: localhost code")
        self.expect(run("connect", "https://localhost:8443/path"), 2, "usual one: localhost:8443")

    def test_whoever_reads_has_had_enough(self):
        """As `| head` has: that is no fault, and nothing is said of it."""
        lister = subprocess.Popen([PROGRAM, "explain", "--list"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=environment())
        lister.stdout.close()
        self.assertEqual((lister.stderr.read(), lister.wait(SECONDS)), (b"", 0))
        lister.stderr.close()

    def test_an_unknown_command_is_named(self):
        self.expect(run("fly", "away"), 2, "There is no command called fly.")

    def test_older_versions_need_suites_that_are_named(self):
        for versions in ("1.1", "1.0..1.2", "..1.1", "1.1.."):
            self.expect(run("connect", "localhost", "--tls", versions), 2, "has none of the cipher suites",
                        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA for one")
        self.expect(run("connect", "localhost", "--tls", "1.3..1.2"), 2, "--tls", "the wrong way round")

    def test_files(self):
        self.expect(run("connect", "localhost", "--ca", "/no/such/file"), 2, "/no/such/file")
        self.expect(run("connect", "localhost", "--ca", pki("good.key")), 2, "good.key")
        self.expect(run("connect", "localhost", "--pin", "/no/such/file"), 2, "/no/such/file")
        self.expect(run("connect", "localhost", "--pin", pki("good.key")), 2, "good.key", "a certificate, in PEM or DER")
        self.expect(run("connect", "localhost", "--ca-for", "localhost=/no/such/file"), 2, "/no/such/file")
        self.expect(run("connect", "localhost", "--cert", pki("client.pem"), "--key", "/no/such/key"), 2, "/no/such/key")
        self.expect(run("connect", "localhost", "--cert", pki("client.pem"), "--key", pki("good.key")), 2,
                    "The private key does not belong to the certificate")
        self.expect(run("connect", "localhost", "--keylog", "/no/such/folder/keys"), 2, "/no/such/folder/keys")


class Network(Failures):
    def test_no_such_name(self):
        self.expect(run("connect", "no-such-host.invalid"), 3, "The name no-such-host.invalid has no address", "HF0801 name_not_resolved")

    def test_nothing_listens(self):
        port = free_port()
        self.expect(connect(port, host="127.0.0.1"), 3, f"Nothing listens on 127.0.0.1:{port}")

    def test_a_host_that_does_not_answer_on_any_address_is_listed(self):
        done = connect(free_port(), "--json")
        attempts = json.loads(done.stdout)["attempts"]
        self.assertTrue(attempts)
        self.assertTrue(all(attempt["error"] for attempt in attempts))


class NotTls(Failures):
    def test_plain_http(self):
        def serve(connection, _):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        with listener(serve) as port:
            self.expect(connect(port), 4, "answers in plain HTTP", "curl http://localhost")

    def test_another_protocol(self):
        with listener(lambda connection, _: (connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), connection.recv(1))) as port:
            self.expect(connect(port), 4, "is an SSH server")

    def test_silence(self):
        with listener(lambda connection, stop: stop.wait()) as port:
            start = time.monotonic()
            done = connect(port, "--timeout", "1")
            self.assertLess(time.monotonic() - start, 15)
            self.expect(done, 4, "took the TCP connection and says nothing", "--timeout 60")

    def test_reset(self):
        def serve(connection, _):
            connection.recv(4096)
            reset(connection)

        with listener(serve) as port:
            self.expect(connect(port), 4, "broke the connection after our ClientHello")

    def test_closed(self):
        with listener(lambda connection, _: connection.recv(4096)) as port:
            self.expect(connect(port), 4, "closed the connection without a word")

    def test_closed_in_the_middle(self):
        def serve(connection, _):
            connection.recv(4096)
            connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00")

        with listener(serve) as port:
            self.expect(connect(port), 4, "in the middle of the handshake")

    def test_nonsense(self):
        def serve(connection, _):
            connection.recv(4096)
            connection.sendall(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00")
            connection.recv(4096)

        with listener(serve) as port:
            self.expect(connect(port), 5, "broke the protocol")


class Negotiation(Failures):
    def test_an_older_version(self):
        def old(context):
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1_1
                context.maximum_version = ssl.TLSVersion.TLSv1_1

        with python_tls("good", old) as port:
            self.expect(connect(port), 5, "speaks nothing newer than TLS 1.1", "the server's", "HF0401 no_common_version",
                        "proven probe")
            self.expect(connect(port, "--no-probe"), 5, "speaks neither TLS 1.3 nor TLS 1.2", "the server's", "-tls1_1")
            self.expect(connect(port, "--tls", "1.0..1.2", *OLDER_SUITES), 0, "TLS 1.1", "withdrawn in 2021 (RFC 8996)")

    def test_an_older_version_is_spoken_where_it_is_named(self):
        with Serve(*GOOD, "--tls", "1.0", *OLDER_SUITES) as server:
            self.expect(connect(server.port, "--tls", "1.0..1.1", *OLDER_SUITES), 0, "TLS 1.0",
                        "withdrawn in 2021 (RFC 8996)")
            self.expect(connect(server.port), 5, "speaks nothing newer than TLS 1.0",
                        "name it and its suite: --tls 1.0 --suites")
        with Serve(*GOOD) as server:
            self.expect(connect(server.port, "--tls", "1.1", *OLDER_SUITES), 5, "does not speak TLS 1.1",
                        "Offer TLS 1.2 and 1.3")

    def test_a_version_that_was_left_out(self):
        for ours, theirs in (("1.3", "1.2"), ("1.2", "1.3")):
            with self.subTest(ours), Serve(*GOOD, "--tls", theirs) as server:
                which = "newest" if ours == "1.2" else "only"
                self.expect(connect(server.port, "--tls", ours), 5, f"does not speak TLS {ours}, the {which} version",
                            f"Offer TLS {theirs} too")

    def test_a_fallback(self):
        with Serve(*GOOD) as server:
            self.expect(connect(server.port, "--tls", "1.2", "--fallback-scsv"), 5,
                        "speaks a newer version than TLS 1.2, and refuses", "HF0425 inappropriate_fallback")
            self.expect(connect(server.port, "--fallback-scsv"), 2, "--fallback-scsv: ", "--tls 1.2")
        with Serve(*GOOD, "--tls", "1.2") as server:
            self.expect(connect(server.port, "--tls", "1.2", "--fallback-scsv"), 0)

    def test_a_downgrade(self):
        """A server that speaks TLS 1.3, says so in its random, and chooses TLS 1.2 all the same."""
        def serve(connection, _):
            connection.recv(4096)
            hello = b"\x03\x03" + bytes(24) + b"DOWNGRD\x01" + b"\x00" + b"\xc0\x2f" + b"\x00"
            message = b"\x02" + len(hello).to_bytes(3, "big") + hello
            connection.sendall(b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message)
            connection.recv(4096)

        with listener(serve) as port:
            self.expect(connect(port), 5, "keeps the two from speaking TLS 1.3", "HF0420 downgrade_detected", "--tls 1.2")

    def test_a_server_without_the_extended_master_secret(self):
        with python_tls("good", weak_tls12) as port:
            self.expect(connect(port, "--require-ems"), 5, "no_extended_master_secret", "and it was required")

    def test_suites_of_tls12(self):
        def weak(context):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers("ECDHE-ECDSA-AES128-SHA256")

        with python_tls("good", weak) as port:
            self.expect(connect(port), 5, "has only cipher suites that are not spoken here unless they are named",
                        "HF0402 no_common_cipher_suite", "it would take TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 (CBC)",
                        "name it: --suites TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "nginx ssl_protocols")
            self.expect(connect(port, "--no-probe"), 5, "accepts nothing of what was offered", "with CBC",
                        "openssl s_client -connect", "HF1040 alert_handshake_failure")
        with Serve(*GOOD, "--tls", "1.2") as server:  # its key is an ECDSA one
            self.expect(connect(server.port, "--suites", "ECDHE-RSA-AES128-GCM-SHA256"), 5, "a key of RSA",
                        "some of the other kind in --suites")

    def test_no_common_group(self):
        with Serve(*GOOD, "--groups", "P-521") as server:
            self.expect(connect(server.port, "--groups", "x25519"), 5, "handshake_failure")

    def test_no_common_suite(self):
        with Serve(*GOOD, "--suites", "TLS_AES_256_GCM_SHA384") as server:
            self.expect(connect(server.port, "--suites", "TLS_AES_128_GCM_SHA256"), 5, "handshake_failure",
                        "TLS_AES_128_GCM_SHA256")

    def test_no_common_application_protocol(self):
        with Serve(*GOOD, "--alpn", "http/1.1") as server:
            self.expect(connect(server.port, "--alpn", "h2"), 5, "none of the application protocols", "one of: h2")


class Certificates(Failures):
    def test_expired(self):
        with python_tls("expired") as port:
            done = connect(port)
        self.expect(done, 6, "has expired", "2 days ago", "certificate_expired")

    def test_another_name(self):
        with python_tls("other-name") as port:
            self.expect(connect(port), 6, "for another name", "other.example", "--sni other.example")

    def test_an_unknown_authority(self):
        with python_tls("stranger") as port:
            self.expect(connect(port), 6, "leads to no authority that is trusted here", "--ca ca.pem")
            self.assertEqual(connect(port, "--ca", pki("other-ca.pem")).returncode, 0)

    def test_the_system_does_not_trust_our_authority(self):
        with Serve(*GOOD) as server:
            done = run("connect", f"localhost:{server.port}", env=environment(SSL_CERT_FILE=pki("other-ca.pem")))
        self.expect(done, 6, "leads to no authority")

    def test_self_signed(self):
        with python_tls("self-signed") as port:
            self.expect(connect(port), 6, "is self-signed", "--pin server.pem")
            self.expect(connect(port, "--pin", pki("self-signed.pem")), 0, "the very certificate that is pinned")
            self.assertEqual(connect(port, "--pin", pki("good.pem")).returncode, 6)


class ClientAuthentication(Failures):
    def test_none_sent(self):
        with Serve(*GOOD, "--client-auth", "require", "--client-ca", pki("ca.pem")) as server:
            self.expect(connect(server.port), 7, "wants a client certificate, and none was sent", "certificate_required",
                        "--cert client.pem --key client.key")
            self.assertEqual(connect(server.port, "--request", "/").returncode, 7)

    def test_none_sent_to_openssl(self):
        def demand(context):
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(pki("ca.pem"))

        with python_tls("good", demand) as port:
            self.expect(connect(port), 7, "wants a client certificate, and none was sent")

    def test_a_stranger(self):
        with Serve(*GOOD, "--client-auth", "require", "--client-ca", pki("ca.pem")) as server:
            done = connect(server.port, "--cert", pki("stranger.pem"), "--key", pki("stranger.key"))
        self.expect(done, 7, "refuses our client certificate", "unknown_ca")

    def test_none_sent_where_it_may_be_left_out(self):
        with Serve(*GOOD, "--client-auth", "request", "--client-ca", pki("ca.pem")) as server:
            self.expect(connect(server.port), 0, "none was sent, and that was not refused so far")


if __name__ == "__main__":
    main()
