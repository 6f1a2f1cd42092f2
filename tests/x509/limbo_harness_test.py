"""limbo-harness's side of x509-limbo's protocol: a result a case, in order, and an error for what is no suite.

    limbo_harness_test.py HARNESS
"""
import json
import os
import subprocess
import sys
import unittest

HARNESS = sys.argv.pop(1)
SUITE = os.path.join(os.environ.get("HANDFAST_VECTORS", ""), "x509-limbo", "limbo-core-dev.json")


def run(suite, *flags):
    text = suite if isinstance(suite, str) else json.dumps(suite)
    return subprocess.run([HARNESS, *flags], input=text, capture_output=True, text=True, timeout=60)


@unittest.skipUnless(os.path.exists(SUITE), "skipped: HANDFAST_VECTORS names no folder of test vectors")
class Results(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(SUITE, encoding="utf-8") as file:
            cls.cases = json.load(file)["testcases"]

    def results(self, cases, *flags):
        done = run({"version": 1, "testcases": cases}, *flags)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        document = json.loads(done.stdout)
        self.assertEqual(document["version"], 1)
        return document["harness"], document["results"]

    def test_one_result_a_case_in_order(self):
        cases = self.cases[::-1]
        harness, results = self.results(cases)
        self.assertEqual(harness, "handfast-strict")
        self.assertEqual([result["id"] for result in results], [case["id"] for case in cases])
        for case, result in zip(cases, results):
            self.assertEqual(set(result), {"id", "actual_result", "context"})
            if result["actual_result"] == "SUCCESS":
                self.assertIsNone(result["context"])
            else:
                self.assertTrue(result["context"])
            if result["actual_result"] != "SKIPPED":
                self.assertEqual(result["actual_result"], case["expected_result"], case["id"])

    def test_the_answer_does_not_look_at_what_is_expected(self):
        swap = {"SUCCESS": "FAILURE", "FAILURE": "SUCCESS"}
        turned = [dict(case, expected_result=swap[case["expected_result"]]) for case in self.cases]
        self.assertEqual(self.results(self.cases), self.results(turned))

    def test_members_that_have_a_default_may_be_absent(self):
        optional = ("conflicts_with", "features", "importance", "peer_certificate_key", "crls", "max_chain_depth")
        case = next(case for case in self.cases if case["id"] == "rfc5280::ee-aia")
        bare = {member: value for member, value in case.items() if member not in optional}
        self.assertEqual(self.results([bare])[1][0]["actual_result"], "SUCCESS")

    def test_a_case_that_can_not_be_expressed_is_skipped_and_the_next_is_not(self):
        good = next(case for case in self.cases if case["id"] == "rfc5280::ee-aia")
        for change in ({"extended_key_usage": ["codeSigning"]}, {"validation_time": "tomorrow"},
                       {"peer_certificate": "no PEM"}, {"expected_peer_name": {"kind": "DNS", "value": "192.0.2.1"}},
                       {"expected_peer_name": {"kind": "DNS", "value": "a b"}}, {"trusted_certs": 1},
                       {"max_chain_depth": -1}):
            results = self.results([dict(good, **change), good])[1]
            self.assertEqual([result["actual_result"] for result in results], ["SKIPPED", "SUCCESS"], change)
            self.assertTrue(results[0]["context"])

    def test_what_a_case_asks_of_the_leaf_is_checked(self):
        good = next(case for case in self.cases if case["id"] == "rfc5280::ee-aia")
        for change, expected in (({"key_usage": ["digitalSignature"]}, "SUCCESS"),
                                 ({"key_usage": ["digitalSignature", "keyCertSign"]}, "FAILURE"),
                                 ({"signature_algorithms": ["ECDSA_WITH_SHA256"]}, "SUCCESS"),
                                 ({"signature_algorithms": ["RSA_WITH_SHA256"]}, "FAILURE"),
                                 ({"signature_algorithms": ["RSA_WITH_MD5"]}, "FAILURE")):
            self.assertEqual(self.results([dict(good, **change)])[1][0]["actual_result"], expected, change)

    def test_both_profiles(self):
        case = next(case for case in self.cases if case["id"] == "rfc5280::serial::zero")
        self.assertEqual(self.results([case], "--profile", "strict")[1][0]["actual_result"], "FAILURE")
        harness, results = self.results([case], "--profile", "compatible")
        self.assertEqual((harness, results[0]["actual_result"]), ("handfast-compatible", "SKIPPED"))
        self.assertIn("serialNumber", results[0]["context"])


class NoSuite(unittest.TestCase):
    def test_is_an_error_and_no_answer(self):
        for text in ("", "{", "[]", "null", '{"version": 2, "testcases": []}', '{"version": 1}',
                     '{"version": 1, "testcases": {}}', '{"version": 1, "testcases": [{}]}',
                     '{"version": 1, "testcases": [1]}', '{"version": 1, "testcases": [{"id": 7}]}'):
            done = run(text)
            self.assertEqual((done.returncode, done.stdout), (2, ""), text)
            self.assertIn("limbo-harness: ", done.stderr)

    def test_an_unknown_profile_is_refused(self):
        self.assertNotEqual(run("", "--profile", "lenient").returncode, 0)


unittest.main()
