"""handfast connect where all is well: what it prints, and where."""

import fcntl
import json
import os
import re
import socket
import ssl
import subprocess
import unittest

from program import FOLDER, PROGRAM, Serve, connect, environment, listener, main, pki, python_tls, run, weak_tls12

GOOD = ("--cert", pki("good.pem"), "--key", pki("good.key"))


class Output(unittest.TestCase):
    def test_verdict_without_a_ladder_when_piped(self):
        with Serve(*GOOD) as server:
            done = connect(server.port)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, b"")
        text = done.stdout.decode()
        self.assertIn("speaks TLS 1.3, and its certificate is good for localhost.", text)
        self.assertRegex(text, r"not checked +.*revocation")
        self.assertNotIn("ClientHello", text)
        self.assertNotIn("\x1b", text)

    def test_ladder(self):
        with Serve(*GOOD) as server:
            done = connect(server.port, "--ladder")
            ascii_only = connect(server.port, "--ladder", env=environment(LC_ALL="C"))
        text = done.stdout.decode()
        for part in ("ClientHello", "ServerHello", "EncryptedExtensions", "Certificate,", "CertificateVerify", "Finished",
                     "server_handshake_traffic_secret", "handshake complete for the client"):
            self.assertIn(part, text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)
        ascii_only.stdout.decode("ascii")

    def test_keys_show_the_ladder(self):
        with Serve(*GOOD) as server:
            done = connect(server.port, "--keys")
            nothing_to_show = connect(server.port, "--keys", "--no-ladder")
        self.assertIn("ClientHello", done.stdout.decode())
        self.assertEqual(nothing_to_show.returncode, 2)

    def test_json_is_alone_on_standard_output(self):
        with Serve(*GOOD) as server:
            done = connect(server.port, "--json", "--alpn", "http/1.1")
            failed = connect(server.port, "--json", "--sni", "other.example")
        report = json.loads(done.stdout)
        self.assertEqual(done.stderr, b"")
        self.assertEqual(report["schema"], "handfast/connect/1")
        self.assertEqual(report["verdict"]["exit_code"], 0)
        self.assertTrue(report["verdict"]["ok"])
        self.assertTrue(report["handshake_complete"])
        self.assertEqual(report["connection"]["version"], "TLS 1.3")
        self.assertTrue(report["connection"]["peer_verified"])
        self.assertEqual(report["connection"]["peer_certificates"][0]["names"], ["localhost", "127.0.0.1", "::1"])
        self.assertEqual(report["attempts"][-1], {"address": f"127.0.0.1:{server.port}", "error": None})
        self.assertEqual(report["ladder"][0]["message"], "ClientHello")
        report = json.loads(failed.stdout)
        self.assertEqual(failed.returncode, 6)
        self.assertEqual(report["verdict"]["code"], "name_mismatch")
        self.assertIsNone(report["connection"])

    def test_an_internationalised_name(self):
        with Serve("--cert", pki("idn.pem"), "--key", pki("idn.key")) as server:
            done = connect(server.port, "--json", "--sni", "Bücher.example")
            wrong = connect(server.port, "--sni", "bücher..example")
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0, report["verdict"])
        self.assertEqual(report["target"]["server_name"], "xn--bcher-kva.example")
        self.assertEqual(wrong.returncode, 2, wrong.stderr)

    def test_json_for_a_refused_configuration(self):
        done = run("connect", "localhost", "--json", "--ca", "/no/such/file")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(json.loads(done.stdout)["verdict"]["code"], "file_not_readable")
        self.assertEqual(done.stderr, b"")

    def test_output_that_is_lost_is_no_success(self):
        with Serve(*GOOD) as server, open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "connect", f"localhost:{server.port}", "--ca", pki("ca.pem"), "--json"],
                                  stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment(),
                                  timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"can't be written", done.stderr)

    def test_no_colour_in_a_pipe_and_colour_on_a_terminal(self):
        with Serve(*GOOD) as server:
            command = f"{PROGRAM} connect localhost:{server.port} --ca {pki('ca.pem')}"
            coloured = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, stdin=subprocess.DEVNULL,
                                      env=environment(TERM="xterm"), timeout=30)
            plain = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, stdin=subprocess.DEVNULL,
                                   env=environment(TERM="xterm", NO_COLOR="1"), timeout=30)
        self.assertIn(b"\x1b[32m", coloured.stdout)
        self.assertIn("ClientHello".encode(), coloured.stdout)  # a terminal sees the ladder
        self.assertNotIn(b"\x1b[", plain.stdout)


def leaves(field):
    """The fields without children, in order."""
    return [leaf for child in field["children"] for leaf in leaves(child)] if "children" in field else [field]


class Bytes(unittest.TestCase):
    def test_json_has_every_byte_of_every_message(self):
        with Serve(*GOOD) as server:
            for version in ("1.2", "1.3"):
                report = json.loads(connect(server.port, "--tls", version, "--bytes", "--json").stdout)
                messages = [event for event in report["ladder"] if event["event"] == "message"]
                self.assertGreater(len(messages), 5)
                for event in messages:
                    fields = leaves(event["bytes"])
                    at = 0
                    for field in fields:
                        self.assertEqual(field["offset"], at, field)
                        at += field["size"]
                    message = bytes.fromhex("".join(field["hex"] for field in fields))
                    self.assertEqual(len(message), event["size"])
                    self.assertEqual(int.from_bytes(message[1:4], "big"), event["size"] - 4)
                    self.assertNotIn("unparsed", [field["name"] for field in fields])
            plain = json.loads(connect(server.port, "--json").stdout)
        self.assertFalse(any("bytes" in event for event in plain["ladder"]))

    def test_the_text_shows_the_bytes_that_went_over_the_wire(self):
        records = []
        with listener(lambda client, _: records.append(client.recv(65536))) as port:
            done = connect(port, "--bytes", "--groups", "x25519")  # of longer shares not all is shown
        self.assertEqual(done.returncode, 4)
        shown = "".join("".join(row.split()) for row in
                        re.findall(r"^[0-9a-f]{4}  ((?:[0-9a-f]{2} {1,2})*[0-9a-f]{2})(?:  .*)?$", done.stdout.decode(),
                                   re.MULTILINE))
        self.assertEqual(shown, records[0][5:].hex())

    def test_fields_and_what_happens_between_them(self):
        with Serve(*GOOD) as server:
            text = connect(server.port, "--bytes").stdout.decode()
        for part in ("msg_type: client_hello", "cipher_suite: TLS_AES_128_GCM_SHA256", "host_name: localhost",
                     "(RFC 8446, section 4.1.2)", "now sends under server_handshake_traffic_secret", "verify_data",
                     "handshake complete for the client"):
            self.assertIn(part, text)
        self.assertNotIn("unparsed", text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_shows_the_ladder_and_no_secret(self):
        with Serve(*GOOD) as server:
            self.assertIn(b"redacted", connect(server.port, "--bytes").stdout)
            self.assertEqual(connect(server.port, "--bytes", "--no-ladder").returncode, 2)


class Tls12(unittest.TestCase):
    def test_ladder(self):
        with Serve(*GOOD, "--tls", "1.2") as server:
            done = connect(server.port, "--ladder")
        text = done.stdout.decode()
        self.assertEqual(done.returncode, 0, text)
        for part in ("ServerKeyExchange,", "ServerHelloDone,", "ClientKeyExchange,", "master_secret 48 bytes",
                     "client_write_key 16, server_write_key 16", "change_cipher_spec: what follows is encrypted",
                     "speaks TLS 1.2, and its certificate is good for localhost.",
                     "TLS 1.2 · TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 · x25519"):
            self.assertIn(part, text)
        self.assertEqual(text.count("redacted"), 1)
        self.assertNotIn("weak", text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_keys_are_those_of_the_key_log(self):
        log = FOLDER / "tls12.keys"
        with Serve(*GOOD) as server:
            done = connect(server.port, "--tls", "1.2", "--keys", "--json", "--keylog", log)
        secrets = {event["name"]: event for event in json.loads(done.stdout)["ladder"] if event["event"] == "secret"}
        label, _, master_secret = log.read_text().split()
        self.assertEqual(label, "CLIENT_RANDOM")
        self.assertEqual(secrets["master_secret"]["secret"], master_secret)
        for name, size in (("pre_master_secret", 32), ("client_write_key", 16), ("server_write_IV", 4), ("verify_data", 12)):
            self.assertEqual(secrets[name]["size"], size)
            self.assertEqual(len(secrets[name]["secret"]), 2 * size)

    def test_without_keys_there_is_no_secret(self):
        with Serve(*GOOD) as server:
            for version in ("1.2", "1.3"):
                ladder = json.loads(connect(server.port, "--tls", version, "--json").stdout)["ladder"]
                secrets = [event for event in ladder if event["event"] == "secret"]
                self.assertTrue(secrets)
                for event in secrets:
                    self.assertNotIn("secret", event)

    def test_what_it_lacks_is_said(self):
        with python_tls("good", weak_tls12) as port:
            text = connect(port, "--ladder").stdout.decode()
            connection = json.loads(connect(port, "--json").stdout)["connection"]
        self.assertEqual(text.count("no extended master secret (RFC 7627)"), 2)
        self.assertIs(connection["extended_master_secret"], False)
        self.assertIs(connection["secure_renegotiation"], True)
        with Serve(*GOOD) as server:
            connection = json.loads(connect(server.port, "--json", "--tls", "1.2", "--require-ems").stdout)["connection"]
            self.assertIs(connection["extended_master_secret"], True)
            connection = json.loads(connect(server.port, "--json").stdout)["connection"]
            self.assertIsNone(connection["extended_master_secret"])

    def test_versions_are_negotiated(self):
        for ours, theirs, spoken in (("1.2", "1.2..1.3", "1.2"), ("1.2..1.3", "1.2", "1.2"), ("..1.2", "1.2..", "1.2"),
                                     ("1.2..1.3", "1.2..1.3", "1.3"), ("1.3", "1.2..", "1.3")):
            with self.subTest(f"{ours} {theirs}"), Serve(*GOOD, "--tls", theirs) as server:
                report = json.loads(connect(server.port, "--tls", ours, "--json").stdout)
                self.assertEqual(report["connection"]["version"], f"TLS {spoken}")

    def test_suites_of_tls12_alone_mean_tls12(self):
        with Serve(*GOOD) as server:
            report = json.loads(connect(server.port, "--suites", "ECDHE-ECDSA-CHACHA20-POLY1305", "--json").stdout)
        self.assertEqual(report["connection"]["cipher_suite"], "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")

    def test_false_start(self):
        with Serve(*GOOD) as server:
            plain = connect(server.port, "--tls", "1.2", "--false-start")
            done = connect(server.port, "--tls", "1.2", "--false-start", "--request", "/")
        self.assertEqual(plain.returncode, 0, plain.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"Your TLS handshake", done.stdout)

    def test_a_false_start_that_is_never_answered_is_no_handshake(self):
        def first_flight_only(client, _):
            """Carries both ways, but of the server's nothing behind its first flight."""
            with socket.create_connection(("127.0.0.1", server.port)) as origin:
                origin.sendall(client.recv(65536))
                client.sendall(origin.recv(65536))
                origin.sendall(client.recv(65536))
                origin.recv(65536)

        with Serve(*GOOD) as server, listener(first_flight_only) as port:
            done = connect(port, "--tls", "1.2", "--false-start")
        self.assertEqual(done.returncode, 4, done.stdout)

    def test_a_client_certificate_is_accepted_before_the_end(self):
        with Serve(*GOOD, "--client-auth", "require", "--client-ca", pki("ca.pem"), "--tls", "1.2") as server:
            done = connect(server.port, "--cert", pki("client.pem"), "--key", pki("client.key"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"our certificate was sent, and not refused so far", done.stdout)


class Conversation(unittest.TestCase):
    def test_request(self):
        with Serve(*GOOD) as server:
            done = connect(server.port, "--request", "/")
        self.assertEqual(done.returncode, 0, done.stderr)
        head, _, body = done.stdout.decode().partition("\n\n")
        self.assertTrue(head.startswith("HTTP/1.1 200 OK\n"), head)
        self.assertIn("Content-Type: text/plain", head)
        self.assertIn("Your TLS handshake", body)
        self.assertIn(b"speaks TLS 1.3", done.stderr)

    def test_request_in_json(self):
        with Serve(*GOOD) as server:
            done = connect(server.port, "--request", "/nothing", "--json")
        report = json.loads(done.stdout)
        self.assertEqual(report["response"]["status"], 404)
        self.assertEqual(done.returncode, 0)

    def test_an_answer_that_is_no_http(self):
        with python_tls("good") as port:
            done = connect(port, "--request", "/")
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"does not answer in HTTP/1.1", done.stderr)

    def test_an_interim_answer_is_not_the_answer(self):
        answer = (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                  b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        with python_tls("good", answer=answer) as port:
            done = connect(port, "--request", "/")
        self.assertEqual((done.returncode, done.stdout), (0, b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"), done.stderr)

    def test_an_answer_that_drips(self):
        def drip(connection, stop):
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while not stop.wait(0.1):
                    tls.sendall(b"a")

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki("good.pem"), pki("good.key"))
        with listener(drip) as port:
            done = connect(port, "--request", "/", "--timeout", "1")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(b"did not answer in time", done.stderr)

    def test_an_answer_does_not_speak_to_a_terminal(self):
        with python_tls("good", answer=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x1b[31m\tab\n") as port:
            command = f"{PROGRAM} connect localhost:{port} --ca {pki('ca.pem')} --request / 2>/dev/null"
            done = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True,
                                  stdin=subprocess.DEVNULL, env=environment(), timeout=30)
        self.assertIn(b"\\x1b[31m", done.stdout)
        self.assertNotIn(b"\x1b", done.stdout)

    def test_standard_input_is_sent_and_the_answer_copied(self):
        with Serve(*GOOD) as server:
            done = connect(server.port, input=b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(b"HTTP/1.1 200 OK\r\n"), done.stdout)
        self.assertIn(b"speaks TLS 1.3", done.stderr)
        self.assertNotIn(b"speaks TLS 1.3", done.stdout)

    def test_a_file_as_standard_input(self):
        with python_tls("good", answer=b"seen\n") as port, open(pki("ca.pem"), "rb") as file:
            done = subprocess.run([PROGRAM, "connect", f"localhost:{port}", "--ca", pki("ca.pem")], stdin=file,
                                  capture_output=True, env=environment(), timeout=30)
        self.assertEqual((done.returncode, done.stdout), (0, b"seen\n"), done.stderr)

    def test_an_idle_pipe_is_no_input(self):
        reader, writer = os.pipe()
        with Serve(*GOOD) as server, open(reader), open(writer, "w"):
            done = subprocess.run([PROGRAM, "connect", f"localhost:{server.port}", "--ca", pki("ca.pem"), "--timeout", "1"],
                                  stdin=reader, capture_output=True, env=environment(), timeout=30)
            self.assertEqual(fcntl.fcntl(reader, fcntl.F_GETFL) & os.O_NONBLOCK, 0)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"speaks TLS 1.3", done.stderr)

    def test_a_server_that_closes_while_we_send(self):
        with python_tls("good", answer=b"enough\n") as port:
            done = connect(port, input=bytes(20_000_000))
        # It closes with our bytes unread, so that TCP resets, and a reset takes with it what we had not read yet. What is
        # lost like that is told by the exit code.
        self.assertIn(done.returncode, (0, 4), done.stderr)
        self.assertIn(done.stdout, (b"enough\n",) if done.returncode == 0 else (b"enough\n", b""), done.stderr)

    def test_an_answer_that_nobody_wants(self):
        def flood(connection, stop):
            with context.wrap_socket(connection, server_side=True) as tls:
                while not stop.is_set():
                    tls.sendall(bytes(65536))

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki("good.pem"), pki("good.key"))
        with listener(flood) as port:
            command = f"echo | {PROGRAM} connect localhost:{port} --ca {pki('ca.pem')} | head -c 10"
            done = subprocess.run(["sh", "-c", command], capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
        self.assertEqual(done.stdout, bytes(10))

    def test_much_data_both_ways(self):
        payload = bytes(range(256)) * 8192  # 2 MiB
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki("good.pem"), pki("good.key"))

        def serve(connection, _):
            with context.wrap_socket(connection, server_side=True) as tls:
                data = b""
                while len(data) < len(payload):
                    data += tls.recv(65536)
                tls.sendall(data)
                tls.unwrap()

        with listener(serve) as port:
            done = connect(port, input=payload)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, payload)


class Options(unittest.TestCase):
    def test_hello_retry_request(self):
        with Serve(*GOOD, "--groups", "x25519") as server:
            done = connect(server.port, "--groups", "P-384,x25519", "--json")
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(report["connection"]["hello_retry_request"])
        messages = [event["message"] for event in report["ladder"] if event["event"] == "message"]
        self.assertEqual(messages[:4], ["ClientHello", "HelloRetryRequest", "ClientHello", "ServerHello"])

    def test_suites_and_groups(self):
        with Serve(*GOOD) as server:
            for suite in ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"):
                report = json.loads(connect(server.port, "--suites", suite, "--json").stdout)
                self.assertEqual(report["connection"]["cipher_suite"], suite)
            for group in ("x25519", "secp256r1", "secp384r1", "secp521r1"):
                report = json.loads(connect(server.port, "--groups", group, "--json").stdout)
                self.assertEqual(report["connection"]["group"], group)

    def test_alpn(self):
        with Serve(*GOOD, "--alpn", "http/1.1") as server:
            report = json.loads(connect(server.port, "--alpn", "h2,http/1.1", "--json").stdout)
        self.assertEqual(report["connection"]["alpn"], "http/1.1")

    def test_sni_chooses_the_certificate(self):
        with Serve(*GOOD, "--cert", pki("second.pem"), "--key", pki("second.key")) as server:
            done = connect(server.port, "--sni", "second.example", "--json")
            first = connect(server.port, "--json")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(json.loads(done.stdout)["connection"]["peer_certificates"][0]["subject"], "CN=second.example")
        self.assertEqual(json.loads(first.stdout)["connection"]["peer_certificates"][0]["subject"], "CN=localhost")

    def test_an_address_is_verified_as_one(self):
        with Serve(*GOOD) as server:
            done = connect(server.port, host="127.0.0.1")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_folder_of_authorities(self):
        folder = FOLDER / "authorities"
        folder.mkdir()
        for name in ("ca.pem", "other-ca.pem"):
            (folder / name).write_bytes((FOLDER / name).read_bytes())
        with Serve(*GOOD) as server:
            self.assertEqual(connect(server.port, "--ca", folder).returncode, 0)

    def test_client_certificate(self):
        with Serve(*GOOD, "--client-auth", "require", "--client-ca", pki("ca.pem")) as server:
            done = connect(server.port, "--cert", pki("client.pem"), "--key", pki("client.key"))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(b"our certificate was sent", done.stdout)

    def test_key_log(self):
        by_flag, by_environment = FOLDER / "keys1", FOLDER / "keys2"
        with Serve(*GOOD) as server:
            connect(server.port, "--keylog", by_flag)
            connect(server.port, env=environment(SSLKEYLOGFILE=str(by_environment)))
        for file in (by_flag, by_environment):
            labels = [line.split()[0] for line in file.read_text().splitlines()]
            self.assertIn("CLIENT_HANDSHAKE_TRAFFIC_SECRET", labels)
            self.assertIn("SERVER_TRAFFIC_SECRET_0", labels)
            self.assertEqual(file.stat().st_mode & 0o077, 0)

    def test_nothing_secret_is_printed(self):
        keys = FOLDER / "keys3"
        with Serve(*GOOD) as server:
            printed = connect(server.port, "--json", "--keylog", keys).stdout.decode()
            printed += connect(server.port, "--ladder", "--keylog", keys).stdout.decode()
        for line in keys.read_text().splitlines():
            self.assertNotIn(line.split()[2], printed)


class Help(unittest.TestCase):
    def test_version(self):
        done = run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout.decode(), r"^handfast \d+\.\d+\.\d+\n$")

    def test_help_teaches(self):
        for arguments in ((), ("connect",), ("serve",), ("demo",)):
            done = run(*arguments, "--help")
            self.assertEqual(done.returncode, 0)
            text = done.stdout.decode()
            for line in text.splitlines():
                self.assertLessEqual(len(line), 80, line)
            if arguments != ("demo",):
                self.assertIn("Examples:", text)
        for code in range(8):
            self.assertRegex(run("connect", "--help").stdout.decode(), rf"\b{code} ")


if __name__ == "__main__":
    main()
