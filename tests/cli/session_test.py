"""handfast connect --session and --early-data, and what handfast serve gives and takes of sessions."""

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
import unittest

from program import FOLDER, PROGRAM, SECONDS, Serve, connect, environment, listener, main, pki, python_tls, run

GOOD = ("--cert", pki("good.pem"), "--key", pki("good.key"))


def new_file(name):
    """The path of a file that is not there."""
    path = FOLDER / name
    path.unlink(missing_ok=True)
    return path


def carry(source, sink):
    """All that comes from the one to the other, to the end."""
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)


def report_of(done):
    return json.loads(done.stdout)


class Case(unittest.TestCase):
    def visit(self, server, file, *arguments, **more):
        """The JSON report of a connection that is to succeed."""
        done = connect(server.port, "--session", file, "--json", *arguments, **more)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode())
        return report_of(done)


class Resumption(Case):
    def test_tls13_full_then_resumed_as_often_as_one_likes(self):
        file = new_file("tls13.session")
        with Serve(*GOOD) as server:
            first = self.visit(server, file)
            again = [self.visit(server, file) for _ in range(2)]
            server.stop()
        session = first["session"]
        self.assertEqual(first["connection"]["resumption"], "none")
        self.assertEqual((session["resumed"], session["miss"], session["file_state"]), (False, "no_file", "written"))
        self.assertEqual(session["session"]["version"], "TLS 1.3")
        self.assertEqual(session["session"]["server_name"], "localhost")
        self.assertIsNone(session["saved"])
        self.assertEqual(session["handshake"]["certificate_chains"], 1)
        self.assertEqual(session["handshake"]["signatures_checked"], 2)
        self.assertEqual(session["handshake"]["round_trips"], 1)
        for report in again:
            self.assertEqual(report["connection"]["resumption"], "psk")
            self.assertTrue(report["connection"]["peer_verified"])
            resumed = report["session"]
            self.assertTrue(resumed["resumed"] and resumed["offered"])
            self.assertEqual(resumed["full_handshake"], session["handshake"])
            self.assertEqual(resumed["saved"]["certificate_chains"], 1)
            self.assertEqual(resumed["saved"]["signatures_checked"], 2)
            self.assertEqual(resumed["saved"]["messages"], 2)
            self.assertGreater(resumed["saved"]["bytes_received"], 300)
            names = [event["message"] for event in report["ladder"] if event["event"] == "message"]
            self.assertNotIn("Certificate", names)
            events = [event for event in report["ladder"] if event["event"] == "resumption"]
            self.assertEqual([(event["resumed"], event["refusal"]) for event in events], [("psk", None)])
        self.assertEqual(server.log.count("resumed by a pre-shared key of an earlier connection"), 2)

    def test_tls12(self):
        file = new_file("tls12.session")
        with Serve(*GOOD) as server:
            first = self.visit(server, file, "--tls", "1.2")
            second = self.visit(server, file, "--tls", "1.2")
        self.assertEqual(first["session"]["handshake"]["round_trips"], 2)
        self.assertEqual(second["connection"]["resumption"], "ticket")
        self.assertEqual(second["session"]["handshake"]["round_trips"], 1)
        self.assertEqual(second["session"]["saved"]["round_trips"], 1)
        self.assertFalse(second["session"]["session"]["single_use"])
        names = [event["message"] for event in first["ladder"] if event["event"] == "message"]
        self.assertIn("NewSessionTicket", names)
        ticket = next(e for e in first["ladder"] if e.get("message") == "NewSessionTicket")["fields"]
        self.assertRegex(ticket["ticket"], r"^\d+ bytes$")
        self.assertEqual(ticket["ticket_lifetime_hint"], "7200 s")

    def test_openssl_gives_sessions_too(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            def only(context, version=version):
                context.maximum_version = context.minimum_version = version
            file = new_file("openssl.session")
            with self.subTest(version), python_tls("good", only) as port:
                reports = [report_of(connect(port, "--session", file, "--json", "--request", "/")) for _ in range(2)]
                self.assertFalse(reports[0]["session"]["resumed"])
                self.assertTrue(reports[1]["session"]["resumed"], reports[1]["session"])

    def test_in_words(self):
        file = new_file("words.session")
        with Serve(*GOOD) as server:
            first = connect(server.port, "--session", file).stdout.decode()
            second = connect(server.port, "--session", file, "--ladder").stdout.decode()
        self.assertRegex(" ".join(first.split()), r"session in full: .*words\.session is not there yet new session in ")
        words = " ".join(second.split())
        self.assertIn("speaks TLS 1.3 and resumes a session, in which its certificate was good for localhost.", words)
        self.assertIn("session resumed by a pre-shared key of an earlier connection", words)
        self.assertRegex(words, r"saved [\d,]+ of [\d,]+ bytes, 2 of \d+ messages, 1 certificate chain, 2 signatures")
        self.assertIn("PSK 1 offered, of ", words)
        self.assertIn("PSK modes psk_dhe_ke", words)
        for line in second.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_the_file_is_its_owners_alone(self):
        file = new_file("mode.session")
        with Serve(*GOOD) as server:
            self.visit(server, file)
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
            file.chmod(0o644)
            warned = connect(server.port, "--session", file).stdout.decode()
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        self.assertRegex(warned, r"beware +others could read")
        self.assertEqual([name for name in os.listdir(FOLDER) if name.startswith("mode.session.")], [])

    def test_a_session_for_another_server_is_not_offered(self):
        file = new_file("other.session")
        with Serve(*GOOD, "--cert", pki("second.pem"), "--key", pki("second.key")) as server, Serve(*GOOD) as other:
            self.visit(server, file)
            name = self.visit(server, file, "--sni", "second.example")["session"]
            policy = self.visit(server, file, "--sni", "second.example", "--alpn", "http/1.1")["session"]
            self.visit(server, file)
            port = self.visit(other, file)["session"]
        self.assertEqual((name["miss"], name["offered"], name["resumed"]), ("server_name", False, False))
        self.assertEqual(policy["miss"], "policy")
        self.assertEqual(port["miss"], "port")
        self.assertEqual(port["file_state"], "written")
        self.assertFalse(port["resumed"])

    def test_a_server_that_does_not_know_it(self):
        file = new_file("unknown.session")
        with Serve(*GOOD) as server:
            self.visit(server, file)
            port = server.port
        content = file.read_text()
        with Serve(*GOOD, port=port) as restarted:
            report = self.visit(restarted, file)
            self.assertEqual(report["session"]["refusal"], "declined")
            self.assertTrue(report["session"]["offered"])
            restarted.stop()
        self.assertIn("session not resumed: nobody here knows it", restarted.log)
        self.assertNotEqual(file.read_text(), content)
        with Serve(*GOOD, "--tickets", "0", port=port) as without:
            report = self.visit(without, file)
        self.assertEqual(report["session"]["file_state"], "removed")
        self.assertFalse(file.exists())

    def test_one_that_has_expired_is_not_offered(self):
        file, again = new_file("expired.session"), new_file("expired-too.session")
        with Serve(*GOOD, "--ticket-lifetime", "1") as server:
            self.visit(server, file)
            self.visit(server, again)
            port = server.port
        with Serve(*GOOD, "--tickets", "0", port=port) as server:
            time.sleep(1.1)
            report = self.visit(server, file)
            words = " ".join(connect(server.port, "--session", again).stdout.decode().split())
        session = report["session"]
        self.assertEqual((session["offered"], session["miss"], session["refusal"]), (False, None, "expired"))
        hello = next(event for event in report["ladder"] if event.get("message") == "ClientHello")
        self.assertNotIn("pre_shared_key", hello["fields"])
        self.assertEqual(session["file_state"], "removed")
        self.assertFalse(file.exists())
        self.assertIn("in full: it is past its lifetime", words)
        self.assertIn("removed, since the session in it can't be used any more", words)

    def test_one_of_tls13_leaves_the_file_before_it_is_offered(self):
        file = new_file("killed.session")
        with Serve(*GOOD) as server:
            self.visit(server, file)
            port = server.port
        # Sessions are for a port.
        with socket.create_server(("127.0.0.1", port)) as listening:
            process = subprocess.Popen([PROGRAM, "connect", f"localhost:{port}", "--ca", pki("ca.pem"), "--session", file],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=environment())
            listening.settimeout(SECONDS)
            client, _ = listening.accept()
            with client:
                client.settimeout(SECONDS)
                self.assertTrue(client.recv(65536))
                process.send_signal(signal.SIGINT)
                process.wait(SECONDS)
        self.assertFalse(file.exists())

    def test_of_many_at_once_one_gets_it(self):
        file = new_file("race.session")
        with Serve(*GOOD) as server:
            self.visit(server, file)
            processes = [subprocess.Popen([PROGRAM, "connect", f"localhost:{server.port}", "--ca", pki("ca.pem"), "--json",
                                           "--session", file], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                          env=environment()) for _ in range(6)]
            reports = [json.loads(process.communicate(timeout=SECONDS)[0]) for process in processes]
        offered = [next(event for event in report["ladder"] if event.get("message") == "ClientHello")["fields"]
                   for report in reports]
        # A later one may resume what an earlier one has saved.
        self.assertTrue(any("pre_shared_key" in fields for fields in offered))
        for report, fields in zip(reports, offered):
            self.assertEqual(report["verdict"]["exit_code"], 0)
            self.assertEqual(report["session"]["offered"], "pre_shared_key" in fields)
        self.assertTrue(file.exists())

    def test_a_new_one_that_can_not_be_saved(self):
        folder = FOLDER / "gone"
        folder.mkdir()
        file = folder / "session"

        def meanwhile(client, _):
            """Carries the connection on once the folder has gone."""
            folder.rmdir()
            with socket.create_connection(("127.0.0.1", server.port)) as origin:
                back = threading.Thread(target=carry, args=(origin, client))
                back.start()
                carry(client, origin)
                back.join()

        with Serve(*GOOD) as server, listener(meanwhile) as port:
            done = connect(port, "--session", file, "--json")
        verdict = report_of(done)["verdict"]
        self.assertEqual((done.returncode, verdict["code"]), (1, "session_not_saved"))
        self.assertIn("name a file elsewhere with --session", verdict["advice"][0])

    def test_no_file_in_no_session_out(self):
        file = new_file("none.session")
        with Serve(*GOOD, "--tickets", "0") as server:
            report = self.visit(server, file)
        self.assertEqual(report["session"]["file_state"], "nothing")
        self.assertFalse(file.exists())


class BadFiles(unittest.TestCase):
    def test_what_is_no_session_is_refused_before_anything_is_sent(self):
        with Serve(*GOOD) as server:
            good = new_file("good.session")
            connect(server.port, "--session", good)
            content = json.loads(good.read_text())
            bad = {"empty": "", "text": "hello", "array": "[]", "schema": json.dumps({**content, "schema": "x/1"}),
                   "none": json.dumps({"schema": content["schema"]}),
                   "base64": json.dumps({**content, "session": "!"}),
                   "cut": json.dumps({**content, "session": content["session"][:40]}),
                   "cost": json.dumps({**content, "full_handshake": {"messages": -1}})}
            for name, text in bad.items():
                with self.subTest(name):
                    file = new_file("bad.session")
                    file.write_text(text)
                    done = connect(server.port, "--session", file, "--json")
                    verdict = report_of(done)["verdict"]
                    self.assertEqual((done.returncode, verdict["code"]), (2, "bad_config"))
                    ours = name in ("none", "base64", "cut", "cost")
                    self.assertIn("bad.session holds no session that can be used" if ours else
                                  "bad.session is no file of a session", verdict["summary"])
                    self.assertTrue(verdict["found"])
                    self.assertEqual("rm " in verdict["advice"][0], ours)
                    self.assertIn("Name another file", verdict["advice"][0])
                    self.assertEqual(file.read_text(), text)
            server.stop()
        self.assertEqual(server.log.count("TLS 1.3"), 1)

    def test_one_that_others_can_write(self):
        file = new_file("writable.session")
        file.write_text("{}")
        file.chmod(0o666)
        done = run("connect", "localhost", "--session", file)
        self.assertEqual(done.returncode, 2)
        words = " ".join(done.stderr.decode().split())
        self.assertIn("may be written to by others", words)
        self.assertIn("chmod go-w ", words)
        self.assertNotIn("rm ", words)

    def test_nobody_is_told_to_remove_what_is_not_ours(self):
        link = new_file("link.session")
        link.symlink_to(new_file("there.session"))
        for path in (FOLDER, link, "/etc/hostname", "/tmp", "/dev/null", pki("good.key")):
            with self.subTest(path):
                done = run("connect", "localhost", "--session", path)
                self.assertEqual(done.returncode, 2)
                words = " ".join(done.stderr.decode().split())
                self.assertRegex(words, r"to do +Name (another|a|the) file")
                self.assertNotIn("rm ", words)

    def test_folders(self):
        self.assertEqual(run("connect", "localhost", "--session", "/no/such/folder/session").returncode, 2)
        self.assertEqual(run("connect", "localhost", "--session", "").returncode, 2)


class ServeFlags(unittest.TestCase):
    def test_what_makes_no_sense_is_said(self):
        for arguments, words in ((("--tickets", "0", "--early-data", "100"), "not with --tickets 0"),
                                 (("--tickets", "0", "--early-data", "100"), "to do Leave one of the two out"),
                                 (("--tickets", "0", "--ticket-lifetime", "100"), "of no use with --tickets 0"),
                                 (("--tls", "1.2", "--early-data", "100"), "there is none before TLS 1.3"),
                                 (("--tls", "1.2", "--early-data", "100"), "to do Let --tls reach 1.3"),
                                 (("--tickets", "17"), "--tickets"), (("--ticket-lifetime", "604801"), "--ticket-lifetime"),
                                 (("--ticket-lifetime", "0"), "--ticket-lifetime"), (("--early-data", "0"), "--early-data"),
                                 (("--early-data", "x"), "--early-data")):
            with self.subTest(arguments):
                done = run("serve", "--listen", "127.0.0.1:0", *arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, " ".join(done.stderr.decode().split()))

    def test_lifetime_and_number_of_tickets(self):
        with Serve(*GOOD, "--ticket-lifetime", "100", "--tickets", "3") as server:
            done = connect(server.port, "--json", "--session", new_file("three.session"), "--request", "/")
        tickets = [event["fields"] for event in report_of(done)["ladder"] if event.get("message") == "NewSessionTicket"]
        self.assertEqual([ticket["ticket_lifetime"] for ticket in tickets], ["100 s"] * 3)
        self.assertNotIn("max_early_data_size", tickets[0])

    def test_the_page_says_it(self):
        file = new_file("page.session")
        with Serve(*GOOD) as server:
            pages = [connect(server.port, "--session", file, "--request", "/").stdout.decode() for _ in range(2)]
        self.assertRegex(pages[0], r"session +a new one")
        self.assertRegex(pages[1], r"session +resumed by a pre-shared key")
        self.assertRegex(pages[1], r"our signature +none: the session's key is our proof")


REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class EarlyData(Case):
    def setUp(self):
        self.request = FOLDER / "request.http"
        self.request.write_bytes(REQUEST)

    def early(self, server, file, *arguments, **more):
        return connect(server.port, "--session", file, "--early-data", self.request, *arguments, **more)

    def test_accepted(self):
        file = new_file("early.session")
        with Serve(*GOOD, "--early-data", "16384") as server:
            first = self.visit(server, file)
            done = self.early(server, file)
            report = report_of(self.early(server, file, "--json"))
            piped = connect(server.port, "--session", file, "--early-data", "-", input=REQUEST)
            server.stop()
        self.assertEqual(first["session"]["session"]["max_early_data"], 16384)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(b"HTTP/1.1 200 OK"), done.stdout)
        self.assertIn(b"early data", done.stdout)
        words = " ".join(done.stderr.decode().split())
        self.assertIn(f"early data {len(REQUEST)} bytes, taken before the handshake was done", words)
        self.assertEqual(report["connection"]["early_data"], "accepted")
        self.assertEqual(report["early_data"], {"size": len(REQUEST), "sent": True, "outcome": "accepted", "delivered": "early"})
        sent = [event for event in report["ladder"] if event["event"] == "application_data" and event["level"] == "early"]
        self.assertEqual([event["size"] for event in sent], [len(REQUEST)])
        self.assertIn("EndOfEarlyData", [event.get("message") for event in report["ladder"]])
        self.assertTrue(piped.stdout.startswith(b"HTTP/1.1 200 OK"), piped.stderr)
        self.assertEqual(server.log.count("early data accepted"), 3)

    def test_no_session_or_one_without(self):
        file = new_file("without.session")
        with Serve(*GOOD) as server:
            none = self.early(server, file)
            one = report_of(self.early(server, file, "--json"))
            retried = self.early(server, file, "--early-data-retry")
        self.assertEqual(none.returncode, 5)
        self.assertIn(b"the early data was not sent", none.stderr)
        self.assertEqual(none.stdout, b"")
        self.assertEqual(one["verdict"]["code"], "early_data_not_sent")
        self.assertEqual(one["early_data"]["outcome"], "unsupported_for_session")
        self.assertEqual(retried.returncode, 0, retried.stderr)
        self.assertTrue(retried.stdout.startswith(b"HTTP/1.1 200 OK"), retried.stderr)

    def test_rejected(self):
        file = new_file("rejected.session")
        with Serve(*GOOD, "--early-data", "16384") as server:
            self.visit(server, file)
            port, kept = server.port, file.read_text()
        with Serve(*GOOD, "--early-data", "16384", port=port) as restarted:
            done = self.early(restarted, file, "--json")
            file.write_text(kept)
            retried = self.early(restarted, file, "--early-data-retry", "--json")
        self.assertEqual((done.returncode, report_of(done)["verdict"]["code"]), (5, "early_data_rejected"))
        self.assertEqual(report_of(done)["early_data"],
                         {"size": len(REQUEST), "sent": True, "outcome": "session_not_resumed", "delivered": None})
        self.assertEqual(retried.returncode, 0)
        self.assertEqual(report_of(retried)["early_data"]["delivered"], "ordinary")

    def test_the_same_flight_is_taken_once(self):
        flights = []

        def carry(client, _):
            """Carries both ways, and remembers the first flight."""
            with socket.create_connection(("127.0.0.1", server.port)) as origin:
                flights.append(client.recv(65536))
                origin.sendall(flights[-1])
                for source, sink in ((origin, client), (client, origin), (origin, client)):
                    sink.sendall(source.recv(65536))

        file = new_file("replay.session")
        with Serve(*GOOD, "--early-data", "16384") as server, listener(carry) as port:
            # Sessions are for a port, so that the first one goes through the other side as well.
            connect(port, "--session", file)
            self.early(type("", (), {"port": port}), file)
            with socket.create_connection(("127.0.0.1", server.port)) as again:
                again.sendall(flights[-1])
                again.settimeout(10)
                again.recv(65536)
            server.stop()
        self.assertIn("early data accepted", server.log)
        self.assertEqual(server.log.count("early data accepted"), 1)

    def test_only_safe_requests_are_answered(self):
        self.request.write_bytes(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        file = new_file("post.session")
        with Serve(*GOOD, "--early-data", "16384") as server:
            self.visit(server, file)
            early = self.early(server, file)
        self.assertTrue(early.stdout.startswith(b"HTTP/1.1 425 "), early.stdout)

    def test_too_long_for_the_session(self):
        file = new_file("short.session")
        with Serve(*GOOD, "--early-data", "10") as server:
            self.visit(server, file)
            done = self.early(server, file)
        self.assertEqual(done.returncode, 5)
        self.assertIn(f"the session allows 10 bytes, and it has {len(REQUEST)}", " ".join(done.stderr.decode().split()))

    def test_a_connection_that_fails_before_it_is_answered(self):
        file = new_file("cut.session")
        with Serve(*GOOD, "--early-data", "16384") as server:
            self.visit(server, file)
            port = server.port
        kept = file.read_text()
        done = report_of(connect(port, "--session", file, "--early-data", self.request, "--json"))
        self.assertEqual(done["verdict"]["code"], "tcp_refused")
        self.assertEqual(done["early_data"], {"size": len(REQUEST), "sent": False, "outcome": None, "delivered": None})
        self.assertFalse(done["session"]["offered"])
        self.assertEqual(file.read_text(), kept)
        with socket.create_server(("127.0.0.1", port)) as listening:
            listening.settimeout(SECONDS)

            def once():
                client, _ = listening.accept()
                with client:
                    client.recv(65536)

            thread = threading.Thread(target=once)
            thread.start()
            done = report_of(connect(port, "--session", file, "--early-data", self.request, "--json"))
            thread.join()
        self.assertFalse(done["handshake_complete"])
        self.assertEqual(done["early_data"],
                         {"size": len(REQUEST), "sent": True, "outcome": "offered", "delivered": None})
        self.assertTrue(done["session"]["offered"])
        self.assertEqual(done["session"]["file_state"], "removed")

    def test_what_is_wrong_with_it_and_what_to_do(self):
        empty, long = new_file("empty"), new_file("long")
        empty.write_bytes(b"")
        long.write_bytes(bytes((1 << 20) + 1))
        suites = ("--suites", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
        for arguments, problem, remedy in (
                (("/no/such/file",), "can't be read: No such file", "Name a file that you can read"),
                ((empty,), "there is nothing in ", "leave --early-data out"),
                ((long,), "is longer than 1 MiB", "pipe the rest in"),
                ((self.request, "--tls", "1.2"), "which --tls leaves out", "Let --tls reach 1.3"),
                ((self.request, *suites), "which --suites leaves out", "Name a suite of TLS 1.3 too")):
            with self.subTest(problem):
                done = run("connect", "localhost", "--session", FOLDER / "s", "--early-data", *arguments)
                words = " ".join(done.stderr.decode().split())
                self.assertEqual(done.returncode, 2)
                self.assertRegex(words, "--early-data: .*" + re.escape(problem))
                self.assertRegex(words, "to do .*" + re.escape(remedy))

    def test_help(self):
        words = " ".join(run("connect", "--help").stdout.decode().split())
        for part in ("up to 1 MiB", "a session or page that can't be saved", "a FILE of --session that is none",
                     "early data that was not taken"):
            self.assertIn(part, words)
        words = " ".join(run("serve", "--help").stdout.decode().split())
        for part in ("0 to 16", "1 to 604800", "1 to 1048576", "by this process alone"):
            self.assertIn(part, words)

    def test_arguments(self):
        empty = new_file("empty")
        empty.write_bytes(b"")
        for arguments in (("--early-data", self.request), ("--session", "s", "--early-data", "/no/such/file"),
                          ("--session", "s", "--early-data", empty), ("--session", "s", "--early-data-retry"),
                          ("--session", "s", "--early-data", self.request, "--request", "/")):
            with self.subTest(arguments):
                self.assertEqual(run("connect", "localhost", *arguments).returncode, 2)


if __name__ == "__main__":
    main()
