#include "doctor/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "doctor/message.h"
#include "doctor/script.h"

namespace handfast::doctor {
namespace {

using Json = nlohmann::json;
using test::whole_handshake;

Json events() { return Json::parse(ladder_json(whole_handshake().recording()).dump()); }

TEST(LadderJson, HasEveryEventInOrder) {
  const Json ladder = events();
  std::vector<std::string> kinds;
  for (const Json& event : ladder) kinds.push_back(event.value("message", event.at("event").get<std::string>()));
  EXPECT_EQ(kinds, (std::vector<std::string>{"ClientHello",
                                             "HelloRetryRequest",
                                             "change_cipher_spec",
                                             "ClientHello",
                                             "ServerHello",
                                             "keys",
                                             "keys",
                                             "EncryptedExtensions",
                                             "CertificateRequest",
                                             "Certificate",
                                             "verification",
                                             "CertificateVerify",
                                             "Finished",
                                             "Certificate",
                                             "Finished",
                                             "keys",
                                             "keys",
                                             "completed",
                                             "application_data",
                                             "alert"}));
  EXPECT_EQ(ladder[0]["at_us"], 0);
  EXPECT_EQ(ladder[4]["at_us"], 1000);
}

TEST(LadderJson, MessagesAreReadByTheRfcsNames) {
  const Json ladder = events();
  const Json& hello = ladder[0];
  EXPECT_EQ(hello["from"], "client");
  EXPECT_EQ(hello["encrypted"], false);
  EXPECT_EQ(hello["fields"]["server_name"], "example.com");
  EXPECT_EQ(hello["fields"]["cipher_suites"].size(), 3u);
  EXPECT_EQ(hello["fields"]["key_share"], Json({"x25519"}));
  EXPECT_EQ(hello["fields"]["alpn"], Json({"h2", "http/1.1"}));
  EXPECT_EQ(ladder[1]["fields"]["asks_for_group"], "secp256r1");
  EXPECT_EQ(ladder[4]["fields"]["version"], "TLS 1.3");
  EXPECT_EQ(ladder[7]["encrypted"], true);
  EXPECT_EQ(ladder[7]["fields"]["alpn"], "h2");
  const Json& certificate = ladder[9]["certificates"][0];
  EXPECT_EQ(certificate["subject"], "CN=example.com");
  EXPECT_EQ(certificate["issuer"], "CN=Example CA");
  EXPECT_EQ(certificate["names"], Json({"example.com", "www.example.com"}));
  EXPECT_EQ(certificate["not_before"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(certificate["not_after"], "2026-12-31T23:59:59Z");
  EXPECT_EQ(certificate["key"], "Ed25519");
  EXPECT_EQ(certificate["sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(ladder[11]["fields"]["algorithm"], "ecdsa_secp256r1_sha256");
  EXPECT_EQ(ladder[18]["size"], 123);
  EXPECT_EQ(ladder[18]["records"], 2);
  EXPECT_EQ(ladder[19]["alert"], "certificate_required");
  EXPECT_EQ(ladder[19]["encrypted"], true);
}

/// The fields of the first message of that name.
Json fields(const test::Script& script, std::string_view message) {
  for (const Json& event : Json::parse(ladder_json(script.recording()).dump()))
    if (event.value("message", "") == message) return event.at("fields");
  return nullptr;
}

TEST(LadderJson, MessagesOfTls12AreReadAsTls12Has) {
  const test::Script script = test::whole_handshake_tls12(test::Extras::all);
  const Json client_hello = fields(script, "ClientHello");
  EXPECT_EQ(client_hello["extended_master_secret"], "yes");
  EXPECT_EQ(client_hello["renegotiation_info"], "yes");
  EXPECT_EQ(client_hello["fallback"], "TLS_FALLBACK_SCSV");
  EXPECT_EQ(client_hello["ec_point_formats"], Json({"uncompressed"}));
  EXPECT_EQ(fields(script, "ServerHello"), (Json{{"version", "TLS 1.2"},
                                                 {"cipher_suite", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
                                                 {"extended_master_secret", "yes"},
                                                 {"renegotiation_info", "yes"},
                                                 {"ec_point_formats", {"uncompressed"}},
                                                 {"alpn", "h2"},
                                                 {"server_name", "acknowledged"},
                                                 {"status_request", "yes"}}));
  EXPECT_EQ(fields(script, "CertificateStatus"), (Json{{"ocsp_response", "471 bytes"}}));
  EXPECT_EQ(fields(script, "ServerKeyExchange"), (Json{{"named_curve", "x25519"},
                                                       {"point", "32 bytes"},
                                                       {"algorithm", "ecdsa_secp256r1_sha256"},
                                                       {"signature", "71 bytes"}}));
  EXPECT_EQ(fields(script, "CertificateRequest"),
            (Json{{"certificate_types", {"ecdsa_sign", "rsa_sign", "0x63"}},
                  {"signature_algorithms", {"ecdsa_secp256r1_sha256", "rsa_pkcs1_sha256"}}}));
  EXPECT_EQ(fields(script, "ServerHelloDone"), Json::object());
  EXPECT_EQ(fields(script, "ClientKeyExchange"), (Json{{"ecdh_Yc", "32 bytes"}}));
  EXPECT_EQ(fields(script, "Finished"), (Json{{"verify_data", "12 bytes"}}));
  ASSERT_EQ(certificates_received(script.recording()).size(), 1u);
  EXPECT_EQ(summarize(certificates_received(script.recording())[0]).subject, "CN=example.com");
}

TEST(LadderJson, TheServersDowngradeSentinelIsRead) {
  EXPECT_EQ(fields(test::whole_handshake_tls12(test::Extras::none), "ServerHello"),
            (Json{{"version", "TLS 1.2"},
                  {"cipher_suite", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
                  {"server_name", "acknowledged"},
                  {"downgrade_sentinel", "TLS 1.2"}}));
}

TEST(LadderJson, AMessageOfTls12WithABodyThatItMayNotHaveDoesNotParse) {
  test::Script script = test::whole_handshake_tls12(test::Extras::none);
  for (const HandshakeType type : {HandshakeType::server_hello_done, HandshakeType::server_key_exchange,
                                   HandshakeType::client_key_exchange, HandshakeType::certificate_request})
    script.message(Direction::received, Level::initial, Buffer{std::to_underlying(type), 0, 0, 1, 0xff});
  const Json ladder = Json::parse(ladder_json(script.recording()).dump());
  for (std::size_t i = ladder.size() - 4; i < ladder.size(); ++i)
    EXPECT_TRUE(ladder[i].contains("problem")) << ladder[i];
}

TEST(LadderJson, SecretsHaveTheirBytesOnlyWhereTheyAreShown) {
  const auto second = [](Secrets secrets) {
    return Json::parse(ladder_json(test::derived_secrets(secrets).recording()).dump())[2];
  };
  const std::string derivation = R"(PRF(pre_master_secret, "extended master secret", session_hash)[0..47])";
  const Json redacted = {
      {"at_us", 500}, {"event", "secret"}, {"name", "master_secret"}, {"derivation", derivation}, {"size", 48}};
  EXPECT_EQ(second(Secrets::redacted), redacted);
  Json shown = redacted;
  for (int i = 0; i < 48; ++i) shown["secret"] = shown.value("secret", "") + "bb";
  EXPECT_EQ(second(Secrets::shown), shown);
}

TEST(ConnectJson, ARefusedConfigurationHasNoTarget) {
  Verdict verdict;
  verdict.exit_code = ExitCode::usage;
  verdict.code = "bad_config";
  const Json report = Json::parse(connect_json(verdict));
  EXPECT_EQ(report["schema"], "handfast/connect/1");
  EXPECT_TRUE(report["target"].is_null());
  EXPECT_EQ(report["verdict"]["exit_code"], 2);
  EXPECT_EQ(report["verdict"]["ok"], false);
}

TEST(ConnectJson, TextThatIsNoUtf8IsReplaced) {
  Report report;
  report.target.host = "\xff";
  EXPECT_EQ(Json::parse(connect_json(report, Probing{}))["target"]["host"], "\xef\xbf\xbd");
}

}  // namespace
}  // namespace handfast::doctor
