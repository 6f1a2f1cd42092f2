#include "doctor/session_file.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

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
  EXPECT_TRUE(file->given());
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
    EXPECT_FALSE(file->given());
    EXPECT_EQ(file->save({}).saved, SessionFile::Saved::kept);
  }
}

TEST_F(SessionFileTest, OneOfTls13IsGoneOnceItWasGivenOutAndOneOfTls12Stays) {
  fill(tls13_);
  auto file = open();
  EXPECT_TRUE(file->find(tls13_.key()));
  // Whatever comes then: Ctrl-C, for one.
  EXPECT_EQ(open()->miss(), SessionFile::Miss::no_file);
  EXPECT_EQ(file->save({}).saved, SessionFile::Saved::removed);
  fill(tls12_);
  file = open();
  EXPECT_TRUE(file->find(tls12_.key()));
  EXPECT_EQ(file->save({}).saved, SessionFile::Saved::kept);
  EXPECT_TRUE(open()->find(tls12_.key()));
}

TEST_F(SessionFileTest, OfTwoOneGetsIt) {
  fill(tls13_);
  const auto slow = open(), fast = open();
  EXPECT_TRUE(fast->find(tls13_.key()));
  EXPECT_FALSE(slow->find(tls13_.key()));
  EXPECT_EQ(slow->miss(), SessionFile::Miss::taken);
  EXPECT_FALSE(slow->given());
  EXPECT_EQ(slow->save({}).saved, SessionFile::Saved::nothing);
}

TEST_F(SessionFileTest, WhatTheFasterOneHasSavedStays) {
  fill(tls13_);
  const auto slow = open();
  {
    const auto fast = open();
    ASSERT_TRUE(fast->find(tls13_.key()));
    const SavedSession newer = test::saved(test::client_session(7));
    fast->put(newer.key(), newer);
    EXPECT_EQ(fast->save({}).saved, SessionFile::Saved::written);
  }
  const std::string saved = content();
  EXPECT_FALSE(slow->find(tls13_.key()));
  EXPECT_EQ(slow->miss(), SessionFile::Miss::taken);
  EXPECT_EQ(slow->save({}).saved, SessionFile::Saved::nothing);
  EXPECT_EQ(content(), saved);
}

TEST_F(SessionFileTest, OfManyThreadsOneGetsIt) {
  for (int round = 0; round < 50; ++round) {
    fill(tls13_);
    std::vector<std::shared_ptr<SessionFile>> files;
    for (int i = 0; i < 4; ++i) files.push_back(open());
    std::atomic<int> found = 0;
    {
      std::vector<std::jthread> threads;
      for (const auto& file : files)
        threads.emplace_back([&found, &file, this] { found += file->find(tls13_.key()) ? 1 : 0; });
    }
    EXPECT_EQ(found, 1);
  }
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
}

TEST_F(SessionFileTest, OnlyWhatIsOursIsToBeRemoved) {
  fill(tls13_);
  const auto good = nlohmann::json::parse(content());
  const auto remedy = [](const std::string& path) {
    const auto file = SessionFile::open(path);
    return file ? std::string() : to_text(*file.error().find("remedy"));
  };
  const auto write = [&](const std::string& text) { std::ofstream(path_) << text; };
  auto damaged = good, foreign = good;
  damaged["session"] = "AAAA";
  foreign["schema"] = "somebody/else/1";
  write(damaged.dump());
  EXPECT_NE(remedy(path_).find("rm " + path_), std::string::npos) << remedy(path_);
  ASSERT_EQ(::chmod(path_.c_str(), 0620), 0);
  EXPECT_NE(remedy(path_).find("chmod go-w " + path_), std::string::npos) << remedy(path_);
  EXPECT_EQ(remedy(path_).find("rm "), std::string::npos);
  ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
  for (const std::string& text : {std::string("a-host\n"), std::string("{}"), foreign.dump(), std::string()}) {
    write(text);
    EXPECT_EQ(remedy(path_), "Name another file; it need not be there yet.") << text;
  }
  EXPECT_EQ(remedy(folder_.path()), "Name another file; it need not be there yet.");
  EXPECT_EQ(remedy("/no/such/folder/session"), "Name a file in a folder of your own.");
  const std::string link = folder_.path() / "link";
  ASSERT_EQ(::symlink(path_.c_str(), link.c_str()), 0);
  EXPECT_EQ(remedy(link), "Name the file that it leads to, as readlink -f " + link + " tells.");
}

TEST(SessionReport, SaysWhyAFileIsRemoved) {
  SessionReport report;
  report.file = "s";
  report.outcome.saved = SessionFile::Saved::removed;
  report.offered = true;
  EXPECT_NE(session_text(report, Style{200, false, true}).find("since a session of TLS 1.3 is offered once"),
            std::string::npos);
  report.offered = false;
  report.refusal = SessionRefusal::expired;
  const std::string text = session_text(report, Style{200, false, true});
  EXPECT_NE(text.find("since the session in it can't be used any more"), std::string::npos) << text;
  EXPECT_NE(text.find("in full: it is past its lifetime"), std::string::npos) << text;
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
