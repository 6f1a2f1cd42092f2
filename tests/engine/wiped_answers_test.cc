// What a key outside has decrypted is wiped, taken or not: it is, but for its padding, a premaster secret.
#include <gtest/gtest.h>

#include "engine/needs.h"
#include "session/memory.h"

namespace handfast::test {
namespace {

/// A server that waits for its key, and what the key has made of what came.
struct Asking {
  Asking() {
    ServerOptions server = server_options();
    server.credentials = {far_credential(decrypting_credential())};
    server.cipher_suites = {CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256};
    ClientOptions client = client_options();
    client.cipher_suites = server.cipher_suites;
    pair.emplace(std::move(client), std::move(server));
    pair->pump();
    const Need& need = *pair->server.connection.need();
    id = need.id;
    answer = right_answer(need);
    secret = *std::get<DecryptAnswer>(answer).block;
  }
  std::optional<Pair> pair;
  std::uint64_t id = 0;
  Answer answer;
  Buffer secret;
};

TEST(DecryptAnswer, IsWipedWhenItWasTaken) {
  Asking asking;
  FreedWatch watch(asking.secret);
  ASSERT_TRUE(asking.pair->server.connection.answer(asking.id, std::move(asking.answer)));
  EXPECT_EQ(watch.found(), 0u);
}

TEST(DecryptAnswer, IsWipedWhenItComesTooLate) {
  Asking asking;
  asking.pair->server.connection.close();
  EXPECT_FALSE(asking.pair->server.connection.need());
  FreedWatch watch(asking.secret);
  EXPECT_FALSE(asking.pair->server.connection.answer(asking.id, std::move(asking.answer)));
  EXPECT_EQ(watch.found(), 0u);
}

TEST(DecryptAnswer, IsWipedWhenItAnswersSomethingElse) {
  Asking asking;
  FreedWatch watch(asking.secret);
  EXPECT_FALSE(asking.pair->server.connection.answer(asking.id + 1, std::move(asking.answer)));
  EXPECT_EQ(watch.found(), 0u);
}

/// Copies, and what one is replaced by: a handler may be copied with its answer.
TEST(DecryptAnswer, IsWipedWhereverItIsMoved) {
  Asking asking;
  FreedWatch watch(asking.secret);
  {
    DecryptAnswer answer = std::get<DecryptAnswer>(asking.answer);
    DecryptAnswer moved = std::move(answer);
    moved = DecryptAnswer();
    asking.answer = SessionAnswer{};
  }
  EXPECT_EQ(watch.found(), 0u);
  {
    const Buffer unwiped = asking.secret;
  }
  EXPECT_EQ(watch.found(), 1u);  // the watch does see what is not wiped
}

}  // namespace
}  // namespace handfast::test
