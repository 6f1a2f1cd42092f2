"""OCSP responses for the identities of the matrix, made with the openssl program, each signed by the leaf's issuer; and
what Handfast as client makes of them, whoever staples."""

import os
import tempfile

from cells import expect
from programs import checked


class Staples:
    """Of one identity: a file for each of the statuses good, revoked and unknown (DER)."""

    def __init__(self, folder, identity):
        self._base = os.path.join(tempfile.mkdtemp(dir=folder), "ocsp")
        self._issuer = identity.issuer
        request = f"{self._base}.request"
        checked(["openssl", "ocsp", "-issuer", self._issuer, "-cert", identity.chain, "-no_nonce", "-reqout", request])
        serial = checked(["openssl", "x509", "-in", identity.chain, "-noout", "-serial"]).strip().partition("=")[2]
        self._answer("good", request, f"V\t401231235959Z\t\t{serial}\tunknown\t/CN=leaf\n")
        self._answer("revoked", request,
                     f"R\t401231235959Z\t260102030405Z,keyCompromise\t{serial}\tunknown\t/CN=leaf\n")
        self._answer("unknown", request, "")

    def __getitem__(self, status):
        return f"{self._base}-{status}.der"

    def _answer(self, status, request, line):
        with open(f"{self._base}.index", "w", encoding="ascii") as index:
            index.write(line)
        signer = f"{self._issuer.removesuffix('.pem')}.key"
        checked(["openssl", "ocsp", "-index", f"{self._base}.index", "-CA", self._issuer, "-rsigner", self._issuer,
                 "-rkey", signer, "-reqin", request, "-respout", self[status], "-ndays", "7"])


def client_cells(bench, version, start):
    """Handfast as client, in one version, of `start(file)`, the peer's server with that staple, or with none for None:
    what it makes of each staple by itself, and with another policy."""
    staples = Staples(bench.folder, bench.identities["p256"])
    other = Staples(bench.folder, bench.identities["p384"])["good"]
    for name, file, options, wanted in (
            ("good", staples["good"], {}, None),
            ("revoked", staples["revoked"], {}, "certificate_revoked"),
            ("unknown", staples["unknown"], {}, "revocation_unknown"),
            ("of another certificate", other, {}, "bad_ocsp_response"),
            ("revoked, not looked at", staples["revoked"], {"revocation": "off"}, None),
            ("none", None, {}, None),
            ("none, where every certificate is to be proven good", None, {"revocation": "require"},
             "revocation_unknown")):
        with bench.tally.cell("client", f"{version.name} staple: {name}"), start(file) as server:
            report = bench.handfast.connect(server.port, tls=version.number, **options)
            verdict = report.json["verdict"]
            expect("exit code and verdict", (report.code, verdict["code"]), (6, wanted) if wanted else (0, "ok"))
            if wanted is None:
                seen = "passed" if name == "good" else "not_made"
                expect("what is said of the leaf's revocation", _of_the_leaf(report.json), seen)


def _of_the_leaf(report):
    """The outcome of the check whether the leaf was revoked by its issuer, on the path that was accepted."""
    verification = next(event for event in report["ladder"] if event["event"] == "verification")
    issuer = next(step for step in verification["leaf"]["issuers"] if step["is_accepted"])
    return next(check["outcome"] for check in issuer["checks"] if check["check"] == "revocation")
