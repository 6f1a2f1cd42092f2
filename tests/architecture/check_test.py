#!/usr/bin/env python3
"""That the rules find what they forbid and leave alone what they allow: each rule with bad and good snippets."""

import sys
import unittest

from files import check_beginning, check_length, check_words
from flows import check_flows, in_scope
from floors import check_includes, includes
from source import blank


def rules(found):
    return [finding.rule for finding in found]


class Includes(unittest.TestCase):
    def found(self, path, *lines):
        return rules(check_includes(path, "// A file.\n" + "\n".join(lines) + "\n"))

    def test_up_is_refused_and_down_is_not(self):
        self.assertEqual(self.found("src/wire/a.cc", '#include "handshake/flow.h"'), ["floors"])
        self.assertEqual(self.found("src/base/a.h", '#include "crypto/hash.h"'), ["floors"])
        self.assertEqual(self.found("src/x509/a.h", "#include <handfast/config.h>"), ["floors"])
        self.assertEqual(self.found("include/handfast/trust.h", "#include <handfast/connection.h>"), ["floors"])
        self.assertEqual(self.found("src/handshake/a.cc", '#include "wire/a.h"', '#include "handshake/b.h"',
                                    "#include <handfast/config.h>", "#include <vector>", "#include <fmt/format.h>"), [])

    def test_handshake_never_sees_records(self):
        self.assertEqual(self.found("src/handshake/a.cc", '#include "record/record.h"'), ["floors"])
        self.assertEqual(self.found("src/engine/a.cc", '#include "record/record.h"'), [])

    def test_libcrypto_stays_in_its_backends(self):
        self.assertEqual(self.found("src/crypto/openssl/a.cc", "#include <openssl/evp.h>"), [])
        self.assertEqual(self.found("src/crypto/hash.h", "#include <openssl/evp.h>"), ["libcrypto"])
        self.assertEqual(self.found("src/x509/a.cc", "#  include <openssl/evp.h>"), ["libcrypto"])
        self.assertEqual(self.found("include/handfast/bytes.h", "#include <openssl/evp.h>"), ["libcrypto"])

    def test_libssl_and_its_certificates_nowhere(self):
        for header in ("ssl.h", "x509.h", "x509v3.h", "x509_vfy.h", "pem.h", "pem2.h", "tls1.h"):
            with self.subTest(header):
                self.assertEqual(self.found("src/crypto/openssl/a.cc", f"#include <openssl/{header}>"), ["libcrypto"])

    def test_boost_from_net_upward(self):
        self.assertEqual(self.found("src/engine/a.cc", "#include <boost/asio.hpp>"), ["libraries"])
        self.assertEqual(self.found("include/handfast/connection.h", "#include <boost/asio.hpp>"), ["libraries"])
        self.assertEqual(self.found("src/net/a.cc", "#include <boost/asio.hpp>"), [])
        self.assertEqual(self.found("src/cli/a.cc", "#include <boost/asio.hpp>", "#include <CLI/CLI.hpp>"), [])
        self.assertEqual(self.found("include/handfast/stream.h", "#include <boost/asio.hpp>"), [])
        self.assertEqual(self.found("src/net/a.cc", "#include <CLI/CLI.hpp>"), ["libraries"])

    def test_public_headers_hold_std_and_handfast_only(self):
        self.assertEqual(self.found("include/handfast/error.h", "#include <fmt/format.h>"), ["public headers"])
        self.assertEqual(self.found("include/handfast/error.h", '#include "base/reader.h"'), ["public headers"])
        self.assertEqual(self.found("include/handfast/error.h", "#include <span>", "#include <handfast/bytes.h>"), [])

    def test_everything_stands_on_a_floor(self):
        self.assertEqual(self.found("src/attic/a.cc"), ["floors"])
        self.assertEqual(self.found("include/handfast/unheard_of.h"), ["floors"])
        self.assertEqual(self.found("src/wire/a.cc", '#include "b.h"'), ["includes"])
        self.assertEqual(self.found("src/wire/a.cc", '#include "handfast/bytes.h"'), ["includes"])
        self.assertEqual(self.found("src/wire/a.cc", "#include <handfast/unheard_of.h>"), ["includes"])

    def test_lines_are_told_and_comments_do_not_count(self):
        text = '// #include "cli/a.h"\n/*\n#include "cli/b.h"\n*/\n#include "base/c.h"\n'
        self.assertEqual(list(includes(text)), [(5, '"', "base/c.h")])


class Files(unittest.TestCase):
    def test_length(self):
        self.assertEqual(rules(check_length("src/a.cc", "x\n" * 601)), ["length"])
        self.assertEqual(rules(check_length("src/a.cc", "x\n" * 600)), [])
        self.assertEqual(rules(check_length("src/a.cc", "x\n" * 601, {"src/a.cc": "a table"})), [])
        self.assertEqual(rules(check_length("src/a.cc", "x\n" * 600, {"src/a.cc": "a table"})), ["length"])

    def test_words(self):
        for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X"):
            with self.subTest(word):
                found = list(check_words("src/a.cc", f"// One.\n// {word}: two\n"))
                self.assertEqual([(finding.rule, finding.line) for finding in found], [("words", 2)])
        self.assertEqual(rules(check_words("src/a.cc", 'mkstemp("/name-XXXXXX");\n')), [])

    def test_beginning(self):
        self.assertEqual(rules(check_beginning("src/a.cc", "// What it is.\n#include <vector>\n")), [])
        self.assertEqual(rules(check_beginning("src/wire/a.cc", '#include "wire/a.h"\n')), [])
        self.assertEqual(rules(check_beginning("src/wire/a.cc", '#include "wire/b.h"\n')), ["beginning"])
        self.assertEqual(rules(check_beginning("src/a.cc", "\nint x;\n")), ["beginning"])
        self.assertEqual(rules(check_beginning("src/a.h", "// What.\n//\n// More.\n#pragma once\n")), [])
        self.assertEqual(rules(check_beginning("src/a.h", "// What.\n#include <vector>\n#pragma once\n")), ["beginning"])
        self.assertEqual(rules(check_beginning("src/a.h", "#pragma once\n")), ["beginning"])

    def test_blanking_keeps_places(self):
        text = 'a("// \\" no", \'"\', 1\'000) /* b\nc */ R"x(d " e)x" // f\nu8\'"\' g'
        blanked = blank(text)
        self.assertEqual([len(line) for line in blanked.split("\n")], [len(line) for line in text.split("\n")])
        self.assertEqual(blanked.replace(" ", ""), 'a("","",1\'000)\n""\n""g')


class Flows(unittest.TestCase):
    def body(self, *lines, declared="Flow<void> other(Engine& engine, int a);\n"):
        """What is found in a flow with that body."""
        text = "namespace handfast::handshake {\n" + declared + "Flow<int> flow(Engine& engine, Config config) {\n"
        return list(check_flows("src/handshake/a.cc", text + "\n".join(lines) + "\nco_return 1;\n}\n}\n"))

    def good(self, *lines):
        for line in lines:
            with self.subTest(line):
                self.assertEqual([str(finding) for finding in self.body(line)], [])

    def bad(self, rule, *lines):
        for line in lines:
            with self.subTest(line):
                found = self.body("int before = 0;", line)
                self.assertEqual(rules(found), [rule])
                self.assertEqual(found[0].line, 5)

    def test_the_three_forms(self):
        self.good(
            "Msg hello = co_await next(engine, HandshakeType::client_hello);",
            "const CipherSuite suite = co_await choose_cipher_suite(offer, *config);",
            "auto x = co_await f(engine);",
            "std::vector<std::pair<int, Buffer>> x = co_await f(engine);",
            "co_await other(engine, 1);",
            "x = co_await f(engine);",
            "hello.suite = co_await f(engine);",
            "engine.info().version = co_await f(engine);",
            "const crypto::Suite* suite = co_await f(engine);",
            "std::function<void(int)> x; co_await f(engine, {}, nullptr);",
            "x = co_await wire::parse_hello(msg.body());",
            "if (a && b) co_await other(engine, a);",
            "if (a) { x = co_await f(engine); } else x = co_await f(engine);",
            "for (int i = 0; i < 3; ++i) co_await other(engine, i);",
            "while (true) { Msg m = co_await next(engine); }",
            "switch (v) { case Version::tls1_3: co_await other(engine, 1); break; default: co_await other(engine, 2); }",
            "{ int x = co_await f(engine); }",
            "if (int y = g(); y > 1) { co_await f(engine); }",
            "std::array<int, 2> a{1, 2}; co_await f(engine);",
            "struct Local { int a; }; co_await f(engine);",
            "bool both = a && b ? c : d; co_await f(engine);",
            "auto less = [](int a, int b) { return a < b; }; co_await f(engine);",
            "co_await f<Hash, 3>(engine);",
            "x = co_await std::move(result);",
        )

    def test_conditions(self):
        self.bad("flow rule 2", "if (co_await f(engine)) g();", "while (co_await f(engine)) {}",
                 "if (int x = co_await f(engine)) g();", "switch (co_await f(engine)) {}",
                 "for (int i = 0; co_await f(engine); ) {}", "for (auto x : co_await f(engine)) {}",
                 "if constexpr (a) if (co_await f(engine)) g();", "do {} while (co_await f(engine));")

    def test_operators(self):
        self.bad("flow rule 2", "x = a ? co_await f(engine) : b;", "x = co_await f(engine) ? a : b;",
                 "x = a && co_await f(engine);", "x = co_await f(engine) || b;", "x = co_await f(engine) + 1;",
                 "x = !co_await f(engine);", "x += co_await f(engine);", "a, co_await f(engine);")

    def test_braces_and_lists(self):
        self.bad("flow rule 2", "Msg m{co_await f(engine)};", "Msg m = {co_await f(engine)};",
                 "int a[] = {1, co_await f(engine)};", "x = Pair{a, co_await f(engine)};",
                 "x = a[co_await f(engine)];", "auto [a, b] = co_await f(engine);", "x = co_await Next{1};")

    def test_arguments_and_parentheses(self):
        self.bad("flow rule 2", "g(co_await f(engine));", "Msg m(co_await f(engine));", "x = (co_await f(engine)).a;",
                 "use(1, g(co_await f(engine)));", "(void)co_await f(engine);", "co_await other(engine, co_await f(engine));")

    def test_returns_and_references(self):
        self.bad("flow rule 2", "co_return co_await f(engine);", "return co_await f(engine);",
                 "auto&& x = co_await f(engine);", "Msg& x = co_await f(engine);", "x = y = co_await f(engine);",
                 "throw co_await f(engine);", "x[1] = co_await f(engine);",
                 "x.at(1) = co_await f(engine);", "at(i).x = co_await f(engine);", "*x = co_await f(engine);")

    def test_arguments_of_sub_flows(self):
        self.good("co_await other(engine, std::move(keys));", "co_await other(engine, keys.server);",
                  "co_await other(engine, Side::client, true, 0x10, nullptr);", "co_await other(engine, msg.body());",
                  "co_await other(engine, Limits{.a = 1, .b = c});", "co_await other(engine, {1, 2});",
                  "co_await f(engine, parse(x));")
        self.bad("flow rule 3", "co_await other(engine, make_keys(a));", "co_await other(engine, std::string(b));",
                 "co_await other(engine, a + b);", "co_await other(engine, Request{make(a)});",
                 'co_await other(engine, Request{"text"});', "co_await f(engine, Request{std::move(a)});",
                 "co_await other(engine, [a] { return a; });", "co_await f(engine, g([&](int x) { return x; }));")

    def test_lambdas_and_members(self):
        self.bad("flow rule 1", "auto g = [&]() -> Flow<int> { co_return 1; };",
                 "auto g = [](Engine& e) mutable { co_await f(e); };", "run([] { co_await f(engine); });")
        member = "struct Client {\n  Flow<int> run(Engine& engine);\n};\n"
        self.assertEqual(rules(check_flows("src/engine/a.h", member)), ["flow rule 1"])
        body = "struct Client {\n  Task run(Engine& engine) { co_await f(engine); }\n};\n"
        self.assertEqual(rules(check_flows("src/engine/a.h", body)), ["flow rule 1"])
        outside = "Task Client::run(Engine& engine) {\n  co_await f(engine);\n}\n"
        self.assertEqual(rules(check_flows("src/engine/a.cc", outside)), ["flow rule 1"])
        outside = "Flow<int> Client::run(Engine& engine);\n"
        self.assertEqual(rules(check_flows("src/engine/a.cc", outside)), ["flow rule 1"])
        promise = "template <typename T> struct Promise {\n  Flow<T> get_return_object() { return {}; }\n  Flow<T> root_;\n};\n"
        self.assertEqual(rules(check_flows("src/handshake/flow.h", promise)), [])

    def test_the_engine_comes_first(self):
        for first in ("Engine& engine", "handshake::Engine&", "ClientEngine& engine, std::pair<int, int> a"):
            self.assertEqual(rules(check_flows("src/handshake/a.h", f"Flow<int> flow({first});\n")), [])
        for first in ("", "Config& config", "Config& config, Engine& engine", "Engine engine", "const Engine* engine"):
            self.assertEqual(rules(check_flows("src/handshake/a.h", f"Flow<int> flow({first});\n")), ["flow rule 1"])

    def test_alignas(self):
        self.bad("flow alignas", "alignas(64) int x = 0;")
        self.good("struct alignas(64) Local { int a; };")

    def test_states(self):
        def found(text):
            return rules(check_flows("src/handshake/a.h", text))

        self.assertEqual(found("enum class ClientState { start };\n"), ["flow states"])
        self.assertEqual(found("enum { wait_hello, wait_finished };\n"), ["flow states"])
        self.assertEqual(found("void f() { switch (engine.state_) { case 1: break; } }\n"), ["flow states"])
        self.assertEqual(found("enum class Level : std::uint8_t { initial, early, handshake, application };\n"), [])
        self.assertEqual(rules(check_flows("src/net/a.h", "enum class State { idle };\n")), [])

    def test_scope(self):
        self.assertTrue(in_scope("src/handshake/a.cc", ""))
        self.assertTrue(in_scope("src/engine/a.cc", "Flow<int> root;"))
        self.assertFalse(in_scope("src/net/a.cc", "// no Flow<int> here\nawaitable<int> f();"))


if __name__ == "__main__":
    outcome = unittest.main(exit=False, verbosity=0).result
    failed = len(outcome.failures) + len(outcome.errors)
    print(f"{outcome.testsRun - min(failed, outcome.testsRun)} passed, {failed} failed, {len(outcome.skipped)} skipped")
    sys.exit(1 if failed else 0)
