"""handfast connect against nginx and OpenSSL as people misconfigure them: each fault is named right, with its cure."""

import json
import unittest

from other_servers import make_certificates, needs_nginx, needs_openssl, nginx, s_server
from program import main, pki, run


def setUpModule():
    make_certificates()


class Broken(unittest.TestCase):
    def connect(self, port, *arguments, host="localhost", ca="root"):
        """The report, as JSON, and that the program's exit status is the one that it tells."""
        done = run("connect", f"{host}:{port}", "--ca", pki(ca + ".pem"), "--json", *arguments)
        self.assertTrue(done.stdout, done.stderr.decode())
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, report["verdict"]["exit_code"])
        return report

    def expect(self, report, exit_code, code, reference, fault, confidence, *phrases):
        """`phrases` stand in the advice, or in what was found."""
        verdict = report["verdict"]
        told = {key: verdict[key] for key in ("exit_code", "code", "reference", "fault", "confidence")}
        wanted = {"exit_code": exit_code, "code": code, "reference": reference, "fault": fault, "confidence": confidence}
        self.assertEqual(told, wanted, json.dumps(verdict, indent=2))
        text = " ".join([verdict["summary"], verdict["found"], *verdict["advice"]])
        for phrase in phrases:
            self.assertIn(phrase, text)

    def expect_ok(self, report, *besides):
        verdict = report["verdict"]
        self.assertEqual((verdict["exit_code"], verdict["code"]), (0, "ok"), json.dumps(verdict, indent=2))
        self.assertEqual([other["code"] for other in verdict["others"]], list(besides))


class NginxCertificate(Broken):
    def setUp(self):
        needs_nginx(self)

    def test_all_is_well(self):
        with nginx("full") as port:
            self.expect_ok(self.connect(port))

    def test_the_leaf_alone(self):
        with nginx("leaf") as port:
            report = self.connect(port)
        self.expect(report, 6, "missing_intermediate", "HF0921", "server", "likely",
                    "CN=Broken Servers Middle is not in it", "fullchain.pem", "handfast cert chain-fix",
                    "curl -o issuer.der http://ca.example/middle.der")

    def test_another_name(self):
        with nginx("www") as port:
            report = self.connect(port)
        self.expect(report, 6, "name_mismatch", "HF0213", "server", "certain", "--sni www.example.com",
                    "DNS:localhost in its subjectAltName")

    def test_expired(self):
        with nginx("expired") as port:
            report = self.connect(port, ca="ca")
        self.expect(report, 6, "certificate_expired", "HF0209", "server", "certain", "2 days ago", "must renew",
                    "reload it")

    def test_another_order(self):
        with nginx("misordered") as port:
            report = self.connect(port)
        self.expect_ok(report, "misordered_chain", "superfluous_certificates")
        order, rest = (other["summary"] for other in report["verdict"]["others"])
        self.assertTrue(order.endswith("it should be CN=localhost, then O=Broken Servers, CN=Broken Servers Middle"), order)
        self.assertTrue(rest.endswith("CN=Broken Servers Root"), rest)

    def test_certificates_for_nothing(self):
        with nginx("superfluous") as port:
            report = self.connect(port)
        self.expect_ok(report, "superfluous_certificates")
        rest = report["verdict"]["others"][0]["summary"]
        self.assertIn("CN=Old Middle", rest)
        self.assertIn("CN=Broken Servers Root", rest)  # whoever trusts it has it


class NginxNegotiation(Broken):
    def setUp(self):
        needs_nginx(self)

    def test_old_versions_only(self):
        with nginx("full", "ssl_protocols TLSv1.1;", "ssl_ciphers DEFAULT:@SECLEVEL=0;") as port:
            for arguments in ((), ("--tls", "1.2")):
                with self.subTest(arguments):
                    self.expect(self.connect(port, *arguments), 5, "no_common_version", "HF0401", "server", "certain",
                                "speaks nothing newer than TLS 1.1", "Turn TLS 1.2 and 1.3 on")
            self.expect(self.connect(port, "--tls", "1.3"), 5, "no_common_version", "HF0401", "client", "certain",
                        "Offer TLS 1.2 too")

    def test_suites_with_cbc_only(self):
        with nginx("full", "ssl_protocols TLSv1.2;", "ssl_ciphers ECDHE-ECDSA-AES128-SHA;") as port:
            report = self.connect(port)
        self.expect(report, 5, "no_common_cipher_suite", "HF0402", "server", "certain",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA (CBC)", "must allow such suites")

    def test_no_site_of_that_name(self):
        reject = "server {{ listen 127.0.0.1:{port} ssl default_server; ssl_reject_handshake on; }}"
        with nginx("full", "server_name www.example.com;", more=reject) as port:
            report = self.connect(port)
            self.expect(report, 5, "server_name_refused", "HF0932", None, "certain", "no site called localhost", "--sni",
                        "nginx: server_name")
            # The server has said what it is about: suites and groups have nothing to do with it.
            self.assertLessEqual({probe["change"] for probe in report["probes"]}, {"nothing", "no_server_name"})
            self.expect(self.connect(port, host="127.0.0.1"), 5, "server_name_required", "HF0931", "client", "certain",
                        "--sni NAME")

    def test_plain_http(self):
        with nginx("full", listen="") as port:
            report = self.connect(port)
        self.expect(report, 4, "plain_http", "HF0901", "client", "certain", f"curl http://localhost:{port}/")
        self.assertEqual(report["probes"], [])

    def test_protocols_that_it_has_not(self):
        with nginx("full", listen="ssl http2") as port:
            report = self.connect(port, "--alpn", "foo/1")
        self.expect(report, 5, "no_application_protocol", "HF0406", "client", "certain", "Offer another")

    def test_a_request_where_http2_was_agreed_on(self):
        with nginx("full", listen="ssl http2") as port:
            self.expect_ok(self.connect(port, "--request", "/"))
            report = self.connect(port, "--request", "/", "--alpn", "h2")
        self.expect(report, 4, "bad_http_response", "HF0814", "client", "certain", "h2", "leave --alpn out")


class NginxClientCertificates(Broken):
    """nginx shakes hands with everybody and refuses afterwards, over HTTP."""

    def setUp(self):
        needs_nginx(self)

    def each(self, judge):
        for version in ("TLSv1.2", "TLSv1.3"):
            with self.subTest(version), nginx("full", f"ssl_protocols {version};", "ssl_verify_client on;",
                                              f"ssl_client_certificate {pki('root.pem')};") as port:
                judge(port)

    def expect_unsettled(self, port, *arguments):
        """The handshake is well, and it is not said that the server was content: it decides on the first request."""
        self.expect_ok(self.connect(port, *arguments))
        said = run("connect", f"localhost:{port}", "--ca", pki("root.pem"), *arguments).stdout.decode()
        self.assertIn("not refused so far", said)

    def test_none_sent(self):
        def judge(port):
            report = self.connect(port, "--request", "/")
            self.assertEqual(report["response"]["status"], 400)
            self.expect(report, 7, "client_certificate_required", "HF0911", "client", "certain",
                        "400 No required SSL certificate was sent", "--cert client.pem --key client.key")
            self.assertIn("CN=Broken Servers Root", report["verdict"]["expected"])

        self.each(judge)
        self.each(self.expect_unsettled)

    def test_of_another_authority(self):
        own = ("--cert", pki("client.pem"), "--key", pki("client.key"))
        self.each(lambda port: self.expect(self.connect(port, *own, "--request", "/"), 7, "client_certificate_refused",
                                           "HF0912", "client", "certain", "400 The SSL certificate error"))
        self.each(lambda port: self.expect_unsettled(port, *own))

    def test_a_good_one(self):
        def judge(port):
            report = self.connect(port, "--cert", pki("visitor.pem"), "--key", pki("visitor.key"), "--request", "/")
            self.expect_ok(report)
            self.assertEqual(report["response"]["body"], "hello\n")

        self.each(judge)


class OpensslNegotiation(Broken):
    def setUp(self):
        needs_openssl(self)

    def test_groups_that_are_not_spoken_here(self):
        for group, arguments, found in (("X448", (), "it would take x448"), ("X448", ("-tls1_2",), "rare groups"),
                                        ("brainpoolP256r1", ("-tls1_2",), "rare groups")):
            with self.subTest((group, arguments)), s_server("leaf", "-groups", group, *arguments) as port:
                self.expect(self.connect(port), 5, "no_common_group", "HF0403", "server", "certain", found,
                            "must allow one of the groups that everybody has")

    def test_a_group_that_was_left_out(self):
        with s_server("leaf", "-groups", "P-521") as port:
            self.expect(self.connect(port, "--groups", "x25519,P-256"), 5, "no_common_group", "HF0403", "client",
                        "certain", "it would take secp521r1", "--groups secp521r1")
        with s_server("leaf", "-groups", "P-521", "-tls1_2") as port:  # there ServerHello does not say which
            self.expect(self.connect(port, "--groups", "x25519,P-256"), 5, "no_common_group", "HF0403", "client",
                        "certain", "Leave --groups out")

    def test_signatures_with_sha1(self):
        with s_server("rsa", "-sigalgs", "RSA+SHA1", "-tls1_2", "-cipher", "ALL:@SECLEVEL=0") as port:
            self.expect(self.connect(port), 5, "no_common_signature_scheme", "HF0404", "server", "certain", "SHA-1")

    def test_signatures_that_its_own_key_can_not_make(self):
        """Nobody can talk to it; what is known is what it is not."""
        for version in ((), ("-tls1_2",)):
            with self.subTest(version), s_server("leaf", "-sigalgs", "ed448", *version) as port:
                report = self.connect(port)
                self.expect(report, 5, "alert_handshake_failure", "HF1040", "server", "likely",
                            "no certificate that it can use", "log")
                self.assertNotIn("--groups", " ".join(report["verdict"]["advice"]))

    def test_an_old_version_only(self):
        with s_server("leaf", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0") as port:
            self.expect(self.connect(port), 5, "no_common_version", "HF0401", "server", "certain",
                        "speaks nothing newer than TLS 1.1", "Turn TLS 1.2 and 1.3 on")

    def test_suites(self):
        for name, suite, found in (("leaf", "ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA (CBC)"),
                                   ("rsa", "AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256 (no forward secrecy)"),
                                   ("rsa", "AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA (no forward secrecy, CBC)"),
                                   ("rsa", "DHE-RSA-AES128-GCM-SHA256", "(finite-field Diffie-Hellman)")):
            with self.subTest(suite), s_server(name, "-tls1_2", "-cipher", suite) as port:
                self.expect(self.connect(port), 5, "no_common_cipher_suite", "HF0402", "server", "certain", found,
                            "must allow such suites")

    def test_application_protocols(self):
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version), s_server("leaf", "-alpn", "h2", version) as port:
                self.expect(self.connect(port, "--alpn", "http/1.1"), 5, "no_application_protocol", "HF0406", "client",
                            "certain", "Offer another")

    def test_a_name_that_it_refuses(self):
        with s_server("leaf", "-servername", "www.example.com", "-cert2", pki("www.pem"), "-key2", pki("www.key"),
                      "-servername_fatal") as port:
            self.expect(self.connect(port), 5, "server_name_refused", "HF0932", None, "certain",
                        "answers where none is asked for", "--sni NAME")

    def test_no_certificate(self):
        with s_server(None, "-tls1_2", "-cipher", "aNULL:@SECLEVEL=0") as port:
            self.expect(self.connect(port), 5, "alert_handshake_failure", "HF1040", "server", "likely",
                        "no certificate that it can use", "log")

    def test_no_certificate_for_tls13(self):
        """OpenSSL then says that it does not speak the version. As it refuses all there are, that is not all of it."""
        for certificate, arguments in ((None, ()), ("leaf", ("-sigalgs", "ed448"))):
            with self.subTest(arguments), s_server(certificate, "-tls1_3", *arguments) as port:
                self.expect(self.connect(port), 5, "no_common_version", "HF0401", "server", "possible", "every version",
                            "no certificate that it can use")


class OpensslCertificate(Broken):
    def setUp(self):
        needs_openssl(self)

    def refused(self, certificate, code, reference, fault, *phrases, server=()):
        with s_server(certificate, *server) as port:
            report = self.connect(port)
        self.expect(report, 6, code, reference, fault, "certain", *phrases)

    def test_a_short_key(self):
        self.refused("rsa1024", "weak_key", "HF0224", "issuer", "1024", "openssl genpkey",
                     server=("-cipher", "ALL:@SECLEVEL=0"))

    def test_for_clients_only(self):
        self.refused("client-only", "wrong_extended_key_usage", "HF0219", "issuer", "serverAuth", "clientAuth",
                     "Have it issued anew")

    def test_signed_with_sha1(self):
        self.refused("sha1", "unsupported_signature_algorithm", "HF0221", "issuer", "ecdsa-with-SHA1", "SHA-256",
                     server=("-cipher", "ALL:@SECLEVEL=0"))

    def test_self_signed(self):
        self.refused("alone", "self_signed_certificate", "HF0212", "server", "--pin server.pem")

    def test_without_the_staple_that_it_must_have(self):
        self.refused("must-staple", "missing_ocsp_response", "HF0230", "server", "ssl_stapling on", "--revocation off")


class OpensslClientCertificates(Broken):
    def setUp(self):
        needs_openssl(self)

    def refused(self, own, authority, code, reference, *phrases, server=(), versions=("-tls1_2", "-tls1_3")):
        arguments = ("--cert", pki(own + ".pem"), "--key", pki(own + ".key")) if own else ()
        for version in versions:
            with self.subTest(version), s_server("leaf", version, "-Verify", "1", "-verify_return_error", "-CAfile",
                                                 pki(authority + ".pem"), *server) as port:
                for request in ((), ("--request", "/")):
                    report = self.connect(port, *arguments, *request)
                    self.expect(report, 7, code, reference, "client", "certain", *phrases)

    def test_none(self):
        self.refused(None, "root", "client_certificate_required", "HF0911", "--cert client.pem --key client.key")

    def test_of_another_authority(self):
        self.refused("client", "root", "client_certificate_refused", "HF0912", "unknown_ca", "which authority")

    def test_expired(self):
        self.refused("expired", "ca", "client_certificate_refused", "HF0912", "certificate_expired", "Renew it")

    def test_for_servers_only(self):
        self.refused("www", "root", "client_certificate_refused", "HF0912", "unsupported_certificate",
                     "extendedKeyUsage clientAuth")

    def test_one_whose_key_it_does_not_take(self):
        """Ours is not sent then: it is not refused either."""
        self.refused("visitor", "root", "client_certificate_required", "HF0911", "fits none", "Give one whose key is of a kind",
                     server=("-client_sigalgs", "RSA+SHA256"), versions=("-tls1_2",))

    def test_a_good_one(self):
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version), s_server("leaf", version, "-Verify", "1", "-verify_return_error", "-CAfile",
                                                 pki("root.pem")) as port:
                self.expect_ok(self.connect(port, "--cert", pki("visitor.pem"), "--key", pki("visitor.key")))


if __name__ == "__main__":
    main()
