#include "doctor/resumption.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "doctor/json.h"
#include "doctor/ladder.h"
#include "doctor/script.h"
#include "doctor/verdict.h"
#include "session/example.h"
#include "wire/client_hello.h"
#include "wire/new_session_ticket.h"
#include "wire/server_hello.h"
#include "wire/tls12/new_session_ticket.h"

namespace handfast::doctor {
namespace {

using enum Direction;
using test::Script;
using wire::PskKeyExchangeMode;

constexpr CipherSuite suite = CipherSuite::TLS_AES_128_GCM_SHA256;

Buffer client_hello() {
  const Buffer random(32, 1), identity(100, 2), binder(32, 3);
  const std::array suites = {suite};
  const std::array versions = {ProtocolVersion::tls1_3};
  const std::array modes = {PskKeyExchangeMode::psk_ke, PskKeyExchangeMode::psk_dhe_ke};
  const std::array identities = {wire::PskIdentity{identity, 1}};
  const std::array<Bytes, 1> binders = {binder};
  const std::array others = {wire::Extension{ExtensionType::early_data, {}}};
  wire::ClientHelloFields fields;
  fields.random = random;
  fields.cipher_suites = suites;
  fields.supported_versions = versions;
  fields.psk_key_exchange_modes = modes;
  fields.psk_identities = identities;
  fields.psk_binders = binders;
  fields.others = others;
  Buffer out;
  EXPECT_TRUE(wire::write_client_hello(out, fields));
  return out;
}

Buffer server_hello() {
  const Buffer random(32, 4);
  wire::ServerHello hello;
  hello.random = random;
  hello.cipher_suite = suite;
  hello.selected_version = ProtocolVersion::tls1_3;
  hello.selected_identity = 0;
  Buffer out;
  EXPECT_TRUE(wire::write_server_hello(out, hello));
  return out;
}

Buffer ticket() {
  const Buffer nonce(8, 5), bytes(64, 6);
  wire::NewSessionTicket message;
  message.ticket_lifetime = 7200;
  message.ticket_age_add = 0xbeef;
  message.ticket_nonce = nonce;
  message.ticket = bytes;
  message.max_early_data_size = 16384;
  message.resumption_across_names = true;
  Buffer out;
  EXPECT_TRUE(wire::write_new_session_ticket(out, message));
  return out;
}

/// A message without a body.
Buffer empty(HandshakeType type) { return {std::to_underlying(type), 0, 0, 0}; }

/// With early data, which the server takes.
Script resumed() {
  Script script(Side::client);
  script.add(EarlyDataEvent{EarlyData::offered})
      .message(sent, Level::initial, client_hello())
      .add(KeyEvent{sent, Level::early, "client_early_traffic_secret", suite})
      .add(DataEvent{sent, Level::early, 400})
      .add(DataEvent{sent, Level::early, 30})
      .message(received, Level::initial, server_hello())
      .add(ResumptionEvent{Resumption::psk, SessionRefusal::none})
      .add(EarlyDataEvent{EarlyData::accepted})
      .message(sent, Level::early, empty(HandshakeType::end_of_early_data))
      .add(CompletedEvent{})
      .message(received, Level::application, ticket());
  return script;
}

TEST(ResumedLadder, EarlyDataAndThePreSharedKeyAreInIt) {
  const std::string text = ladder(resumed().recording(), Style{80, false, true});
  for (const char* part :
       {"early data offered, before the server has answered", "PSK modes psk_ke, psk_dhe_ke",
        "PSK 1 offered, of 100 bytes", "early data yes", "══ early data, 430 bytes in 2 records ═",
        "│   version TLS 1.3 · suite TLS_AES_128_GCM_SHA256", "PSK 0",
        "session resumed by a pre-shared key of an earlier connection", "early data accepted",
        "══ EndOfEarlyData, 4 bytes ═", "NewSessionTicket, ", "ticket lifetime 7200 s", "ticket age add 0x0000beef",
        "ticket 64 bytes", "early data up to 16384", "resumption across names yes"})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
}

TEST(ResumedLadder, InJson) {
  const nlohmann::json events = nlohmann::json::parse(ladder_json(resumed().recording()).dump());
  EXPECT_EQ(events[0]["event"], "early_data");
  EXPECT_EQ(events[0]["outcome"], "offered");
  EXPECT_EQ(events[3]["event"], "application_data");
  EXPECT_EQ(events[3]["level"], "early");
  EXPECT_EQ(events[3]["size"], 430);
  EXPECT_EQ(events[5]["event"], "resumption");
  EXPECT_EQ(events[5]["resumed"], "psk");
  EXPECT_TRUE(events[5]["refusal"].is_null());
  EXPECT_EQ(events[9]["fields"]["max_early_data_size"], 16384);
}

TEST(ResumedLadder, WhyNot) {
  Script script(Side::server);
  script.message(received, Level::initial, client_hello())
      .add(ResumptionEvent{Resumption::none, SessionRefusal::expired})
      .add(EarlyDataEvent{EarlyData::session_not_resumed});
  const std::string text = ladder(script.recording(), Style{80, false, true});
  EXPECT_NE(text.find("session not resumed: it is past its lifetime"), std::string::npos) << text;
  EXPECT_NE(text.find("early data not taken: its session was not resumed"), std::string::npos) << text;
  EXPECT_EQ(session_refusal(script.recording()), SessionRefusal::expired);
}

TEST(OfferedSession, IsTheOneInTheClientHello) {
  Script script(Side::client);
  script.message(sent, Level::initial, client_hello());
  session::ClientSession content = test::client_session();
  content.ticket = Buffer(100, 2);
  const SavedSession session = test::saved(std::move(content));
  EXPECT_TRUE(offers(script.recording(), session));
  EXPECT_FALSE(offers(script.recording(), test::saved(test::client_session())));
  EXPECT_FALSE(offers(Script(Side::client).recording(), session));
}

TEST(OfferedSession, OfTls12ByItsTicketOrItsId) {
  session::ClientSession with_ticket = test::client_session_tls12(), with_id = test::client_session_tls12();
  with_ticket.ticket = Buffer(80, 7);
  with_ticket.session_id.clear();
  with_id.ticket.clear();
  with_id.session_id = Buffer(32, 8);
  const SavedSession by_ticket = test::saved(std::move(with_ticket)), by_id = test::saved(std::move(with_id));
  for (const bool good : {true, false}) {
    const Buffer random(32, 1), ticket(80, good ? 7 : 9), id(32, good ? 8 : 9);
    const std::array suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
    const std::array others = {wire::Extension{ExtensionType::session_ticket, ticket}};
    wire::ClientHelloFields fields;
    fields.random = random;
    fields.legacy_session_id = id;
    fields.cipher_suites = suites;
    fields.others = others;
    Buffer hello;
    ASSERT_TRUE(wire::write_client_hello(hello, fields));
    Script script(Side::client);
    script.message(sent, Level::initial, hello);
    EXPECT_EQ(offers(script.recording(), by_ticket), good);
    EXPECT_EQ(offers(script.recording(), by_id), good);
  }
}

TEST(ResumedLadder, EarlyDataThatNobodyWantedIsNoStep) {
  Script script(Side::client);
  script.add(EarlyDataEvent{EarlyData::disabled}).message(sent, Level::initial, client_hello());
  EXPECT_EQ(script.recording().steps().size(), 1u);
  EXPECT_EQ(script.recording().steps().front().at, 0u);
}

TEST(ResumedLadder, ATicketOfTls12) {
  Script script = test::whole_handshake_tls12(test::Extras::none);
  const Buffer bytes(96, 1);
  Buffer message, none;
  ASSERT_TRUE(wire::tls12::write_new_session_ticket(message, {3600, bytes}));
  ASSERT_TRUE(wire::tls12::write_new_session_ticket(none, {}));
  script.message(received, Level::initial, message).message(received, Level::initial, none);
  const std::string text = ladder(script.recording(), Style{80, false, true});
  EXPECT_NE(text.find("ticket lifetime hint 3600 s · ticket 96 bytes"), std::string::npos) << text;
  EXPECT_NE(text.find("ticket lifetime hint none · ticket none"), std::string::npos) << text;
}

Verdict judge(Error error, const Script& script) {
  Target target;
  target.host = "example.com";
  return doctor::judge(target, NetError(Stage::handshake, std::move(error)), script.recording());
}

TEST(ResumptionVerdict, ASessionThatWasOfferedIsUnderSuspicion) {
  Script script(Side::client), without(Side::client);
  script.message(sent, Level::initial, client_hello());
  without.add(KeyEvent{sent, Level::early, "", suite});
  const Error alert(Alert::decrypt_error, Reason::alert_received),
      broken(Alert::unexpected_message, Reason::bad_finished);
  for (const Error& error : {alert, broken}) {
    EXPECT_NE(judge(error, script).advice.back().find("--session"), std::string::npos);
    EXPECT_EQ(judge(error, without).advice.back().find("--session"), std::string::npos);
  }
}

TEST(ResumptionVerdict, AServerThatTakesAKeyThatWasNotOffered) {
  Script script(Side::client);
  script.message(sent, Level::initial, client_hello());
  const Verdict verdict = judge(Error(Alert::illegal_parameter, Reason::bad_psk)
                                    .with("field", "selected_identity")
                                    .with("selected", std::int64_t{3}),
                                script);
  EXPECT_EQ(verdict.exit_code, ExitCode::negotiation);
  EXPECT_EQ(verdict.code, "bad_psk");
  EXPECT_EQ(verdict.reference, "HF0421");
  EXPECT_EQ(verdict.found, "pre-shared key number 3");
  EXPECT_EQ(verdict.expected, "1 offered, of 100 bytes");
}

TEST(ResumptionVerdict, NoCertificateIsCalledGoodThatWasNotShown) {
  Target target;
  target.host = target.server_name = "example.com";
  ConnectionInfo info;
  info.version = ProtocolVersion::tls1_3;
  info.resumption = Resumption::psk;
  info.peer_verified = true;
  EXPECT_EQ(doctor::judge(target, info, Recording()).summary,
            "example.com:443 speaks TLS 1.3 and resumes a session, in which its certificate was good for example.com.");
  info.peer_verified = false;
  EXPECT_EQ(doctor::judge(target, info, Recording()).summary,
            "example.com:443 speaks TLS 1.3; its certificate was not verified.");
  info.resumption = Resumption::external_psk;
  EXPECT_EQ(doctor::judge(target, info, Recording()).summary,
            "example.com:443 speaks TLS 1.3, with a pre-shared key that both sides had.");
}

TEST(Words, EveryOutcomeHasItsOwn) {
  std::set<std::string_view> seen;
  for (int i = 0; i <= std::to_underlying(EarlyData::unsure); ++i)
    EXPECT_TRUE(seen.insert(words(static_cast<EarlyData>(i))).second) << i;
  for (int i = 0; i <= std::to_underlying(SessionRefusal::declined); ++i)
    EXPECT_TRUE(seen.insert(words(static_cast<SessionRefusal>(i))).second) << i;
  for (int i = 0; i <= std::to_underlying(Resumption::external_psk); ++i)
    EXPECT_TRUE(seen.insert(words(static_cast<Resumption>(i))).second) << i;
  EXPECT_FALSE(seen.contains(""));
}

}  // namespace
}  // namespace handfast::doctor
