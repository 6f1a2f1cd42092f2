#include "doctor/session_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include <sys/stat.h>

#include "doctor/handshake_cost.h"
#include "doctor/json.h"
#include "doctor/process.h"
#include "doctor/script.h"
#include "doctor/session_report.h"
#include "session/example.h"

namespace handfast::doctor {
namespace {

class SessionFileTest : public testing::Test {
 protected:
  std::shared_ptr<SessionFile> open() const {
    auto file = SessionFile::open(path_);
    EXPECT_TRUE(file) << file.error().message();
    return file ? *file : nullptr;
  }
  std::string content() const {
    std::ifstream file(path_);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
  }
  /// A file with that session in it.
  void fill(const SavedSession& session) const {
    const auto file = open();
    file->put(session.key(), session);
    EXPECT_EQ(file->save(full_).saved, SessionFile::Saved::written);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.path() / "session";
  SavedSession tls13_ = test::saved(test::client_session());
  SavedSession tls12_ = test::saved(test::client_session_tls12());
  HandshakeCost full_{1, 2, 3, 4, 5, 6, 7, 8, 9};
};

TEST_F(SessionFileTest, WhatWasSavedIsFoundOnce) {
  fill(tls13_);
  const auto file = open();
  EXPECT_EQ(file->full_handshake(), full_);
  EXPECT_FALSE(file->exposed());
  const auto found = file->find(tls13_.key());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->serialize(), tls13_.serialize());
  EXPECT_TRUE(file->offered());
  EXPECT_FALSE(file->find(tls13_.key()));
}

TEST_F(SessionFileTest, ItIsGoodForItsKeyOnly) {
  fill(tls13_);
  ClientSessionKey name = tls13_.key(), port = name, policy = name;
  name.server_name = "example.org";
  ++port.port;
  policy.policy[31] ^= 1;
  for (const auto& [key, miss] : {std::pair{name, SessionFile::Miss::server_name},
                                  {port, SessionFile::Miss::port},
                                  {policy, SessionFile::Miss::policy}}) {
    const auto file = open();
    EXPECT_FALSE(file->find(key));
    EXPECT_EQ(file->miss(), miss);
    EXPECT_FALSE(file->offered());
    EXPECT_EQ(file->save({}).saved, SessionFile::Saved::kept);
  }
}

TEST_F(SessionFileTest, OneOfTls13IsGoneOnceItWasOfferedAndOneOfTls12Stays) {
  fill(tls13_);
  auto file = open();
  EXPECT_TRUE(file->find(tls13_.key()));
  EXPECT_EQ(file->save({}).saved, SessionFile::Saved::removed);
  EXPECT_EQ(open()->miss(), SessionFile::Miss::no_file);
  fill(tls12_);
  file = open();
  EXPECT_TRUE(file->find(tls12_.key()));
  EXPECT_EQ(file->save({}).saved, SessionFile::Saved::kept);
  EXPECT_TRUE(open()->find(tls12_.key()));
}

TEST_F(SessionFileTest, ANewSessionTakesThePlaceAndKeepsTheFullHandshake) {
  fill(tls13_);
  const SavedSession newer = test::saved(test::client_session(7));
  const auto file = open();
  file->put(newer.key(), tls13_);
  file->put(newer.key(), newer);
  EXPECT_EQ(file->save({}).saved, SessionFile::Saved::written);
  EXPECT_EQ(open()->loaded()->serialize(), newer.serialize());
  EXPECT_EQ(open()->full_handshake(), full_);
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777u, 0600u);
}

TEST_F(SessionFileTest, AnythingElseIsRefusedAndLeftAlone) {
  fill(tls13_);
  const auto good = nlohmann::json::parse(content());
  std::vector<std::string> bad = {"", "{", "[]", "{}", std::string(std::size_t{2} << 20, ' ')};
  for (const auto& [member, value] :
       std::initializer_list<std::pair<const char*, nlohmann::json>>{{"schema", 1},
                                                                     {"schema", "handfast/session/2"},
                                                                     {"session", "AA"},
                                                                     {"session", "AAAA"},
                                                                     {"session", nullptr},
                                                                     {"full_handshake", 1},
                                                                     {"full_handshake", nlohmann::json::object()}}) {
    auto changed = good;
    changed[member] = value;
    bad.push_back(changed.dump());
  }
  for (const std::string& text : bad) {
    std::ofstream(path_) << text;
    const auto file = SessionFile::open(path_);
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.error().reason(), Reason::bad_config);
    EXPECT_EQ(to_text(*file.error().find("option")), "--session");
    EXPECT_EQ(content(), text);
  }
  EXPECT_FALSE(SessionFile::open(folder_.path()));
  EXPECT_FALSE(SessionFile::open("/no/such/folder/session"));
}

TEST(HandshakeCost, IsCountedUntilTheHandshakeIsDone) {
  const HandshakeCost cost = cost_of(test::whole_handshake().recording());
  EXPECT_EQ(cost.messages, 11u);
  EXPECT_EQ(cost.round_trips, 2u);
  EXPECT_EQ(cost.bytes_sent, 162u + 162 + 8 + 36);
  EXPECT_EQ(cost.bytes_received, 56u + 90 + 15 + 17 + 406 + 79 + 36);
  EXPECT_EQ(cost.chains, 1u);
  EXPECT_EQ(cost.certificate_bytes, 406u);
  EXPECT_EQ(cost.signatures_checked, 1u);
  EXPECT_EQ(cost.signatures_made, 0u);
  EXPECT_EQ(cost.microseconds, 4250u);
}

TEST(HandshakeCost, SavingsLeaveOutWhatWasNotSaved) {
  const HandshakeCost full{.bytes_sent = 300,
                           .bytes_received = 1500,
                           .messages = 8,
                           .round_trips = 2,
                           .chains = 1,
                           .certificate_bytes = 900,
                           .signatures_made = 0,
                           .signatures_checked = 2,
                           .microseconds = 6000};
  HandshakeCost resumed = full;
  EXPECT_EQ(savings(resumed, full), "");
  resumed.bytes_received = 200;
  resumed.messages = 5;
  resumed.signatures_checked = 1;
  resumed.microseconds = 7000;
  EXPECT_EQ(savings(resumed, full), "1,300 of 1,800 bytes, 3 of 8 messages, 1 signature");
  resumed = {};
  EXPECT_EQ(savings(resumed, full),
            "1,800 of 1,800 bytes, 8 of 8 messages, 2 round trips, 1 certificate chain, 2 signatures, 6.0 of 6.0 ms");
}

}  // namespace
}  // namespace handfast::doctor
