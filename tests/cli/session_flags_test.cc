#include "cli/session_flags.h"

#include <gtest/gtest.h>

namespace handfast::cli {
namespace {

TEST(SessionFlags, TicketsAreGivenUnlessSomebodySaysNo) {
  ServerOptions options;
  ASSERT_TRUE(apply(SessionFlags{}, options));
  EXPECT_EQ(options.sessions.tickets, 2);
  EXPECT_EQ(options.sessions.lifetime, 7200);
  EXPECT_TRUE(options.sessions.ticket_keys);
  EXPECT_TRUE(options.sessions.store);
  EXPECT_EQ(options.sessions.max_early_data, 0u);
  EXPECT_FALSE(options.sessions.strike_register);
  ServerOptions none;
  ASSERT_TRUE(apply(SessionFlags{.tickets = 0, .lifetime = {}, .early_data = {}}, none));
  EXPECT_FALSE(none.sessions.ticket_keys);
  EXPECT_FALSE(none.sessions.store);
}

TEST(SessionFlags, EarlyDataComesWithARegister) {
  ServerOptions options;
  ASSERT_TRUE(apply(SessionFlags{.tickets = 1, .lifetime = 604800, .early_data = 100}, options));
  EXPECT_EQ(options.sessions.max_early_data, 100u);
  EXPECT_EQ(options.sessions.lifetime, 604800);
  EXPECT_TRUE(options.sessions.strike_register);
}

TEST(SessionFlags, WhatMakesNoSenseNamesItsFlag) {
  const auto option = [](const SessionFlags& flags, ProtocolVersion highest = ProtocolVersion::tls1_3) {
    ServerOptions options;
    options.max_version = highest;
    const Result<> applied = apply(flags, options);
    return applied ? std::string() : to_text(*applied.error().find("option"));
  };
  EXPECT_EQ(option({.tickets = 0, .lifetime = 100, .early_data = {}}), "--ticket-lifetime");
  EXPECT_EQ(option({.tickets = 0, .lifetime = {}, .early_data = 100}), "--early-data");
  EXPECT_EQ(option({.tickets = 2, .lifetime = {}, .early_data = 100}, ProtocolVersion::tls1_2), "--early-data");
}

TEST(SessionFlags, EarlyDataIsOfTls13) {
  ClientOptions options;
  EXPECT_TRUE(check_early_data(options));
  options.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
  const auto without_suite = check_early_data(options);
  options.max_version = ProtocolVersion::tls1_2;
  const auto without_version = check_early_data(options);
  ASSERT_FALSE(without_suite);
  ASSERT_FALSE(without_version);
  EXPECT_NE(to_text(*without_suite.error().find("problem")).find("--suites"), std::string::npos);
  EXPECT_NE(to_text(*without_version.error().find("problem")).find("--tls"), std::string::npos);
  EXPECT_TRUE(without_version.error().find("remedy"));
}

}  // namespace
}  // namespace handfast::cli
