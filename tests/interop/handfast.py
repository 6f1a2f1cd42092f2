"""Our own program: `handfast connect` and `handfast serve`, and what each tells of its handshakes."""

import json
from collections import namedtuple

from cells import TLS13, Failure, expect
from programs import Program, run

REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n"

Report = namedtuple("Report", "code json")


class Handfast:
    def __init__(self, program, roots):
        self.program = program
        self.roots = roots

    def connect_command(self, port, name="localhost", trust=None, identity=None, **flags):
        """`flags` are the program's own; a list is joined by commas, True is a flag alone."""
        command = [self.program, "connect", f"127.0.0.1:{port}", "--sni", name, "--ca", trust or self.roots]
        if identity:
            command += ["--cert", identity.chain, "--key", identity.key]
        return command + as_flags(flags)

    def connect(self, port, path="/", **options):
        """A handshake and a GET; the report, whatever came of it."""
        done = run(self.connect_command(port, **options, request=path) + ["--json"])
        return Report(done.code, json.loads(done.out))

    def serve(self, *identities, **flags):
        """A server for the time of a block, on `.port`."""
        command = [self.program, "serve", "--listen", "127.0.0.1:0"]
        for identity in identities:
            command += ["--cert", identity.chain, "--key", identity.key]
        return Serve(command + as_flags(flags))


def as_flags(flags):
    out = []
    for flag, value in flags.items():
        out.append(f"--{flag.replace('_', '-')}")
        if value is not True:
            out.append(value if isinstance(value, str) else ",".join(value))
    return out


class Serve(Program):
    def wait_until_ready(self):
        self.port = int(self.wait_for(r"^listening on .*:(\d+)\n")[1])


def answer(text):
    """The page of `handfast serve`, found in all that a client printed."""
    begin = text.find('{\n  "schema": "handfast/handshake/')
    if begin < 0:
        raise Failure(f"the page of `handfast serve` never came; the client's output ends: {text[-600:]}")
    return json.JSONDecoder().raw_decode(text, begin)[0]


def response_body(report):
    """What the peer answered to `handfast connect`, which must have ended well."""
    verdict = report.json["verdict"]
    if report.code != 0:
        raise Failure(f"handfast connect ended with {report.code}: {verdict['code']}: {verdict['summary']} "
                      f"{verdict['found']}")
    if not report.json["response"]:
        raise Failure("handfast connect got no response")
    return report.json["response"]["body"]


def check_agreed(connection, version=TLS13, **wanted):
    """`connection`, as both programs print it, against what it must hold; a value of None is not looked at."""
    expect("version", connection["version"], version.name)
    for field, value in wanted.items():
        if value is not None:
            expect(f"our {field}", connection[field], value)


def check_choice(connection, choice, **wanted):
    """The same against what a cell is to agree on."""
    check_agreed(connection, choice.version, **{
        "cipher_suite": choice.suite, "group": choice.group, "hello_retry_request": False,
        "extended_master_secret": choice.extended_master_secret} | wanted)


def messages(ladder, name):
    """Who sent a message of this name, in order."""
    return [event["from"] for event in ladder if event["event"] == "message" and event["message"] == name]
