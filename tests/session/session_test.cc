// A session to bytes and back.
#include "session/session.h"

#include <gtest/gtest.h>

#include <limits>

#include "session/example.h"
#include "session/memory.h"
#include "support/hex.h"

namespace handfast::session {
namespace {

using test::to_hex;

std::string field(const Result<Session>& result) {
  if (result) return "none";
  EXPECT_EQ(result.error().alert(), Alert::decode_error);
  EXPECT_EQ(result.error().reason(), Reason::decode_error);
  EXPECT_EQ(std::get<std::string>(*result.error().find("message")), "session");
  return std::get<std::string>(*result.error().find("field"));
}

void expect_equal(const Session& a, const Session& b) {
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.cipher_suite, b.cipher_suite);
  EXPECT_EQ(a.group, b.group);
  EXPECT_EQ(to_hex(a.secret.view()), to_hex(b.secret.view()));
  EXPECT_EQ(a.extended_master_secret, b.extended_master_secret);
  EXPECT_EQ(a.authenticated, b.authenticated);
  EXPECT_EQ(a.issued, b.issued);
  EXPECT_EQ(a.expires, b.expires);
  EXPECT_EQ(a.ticket_age_add, b.ticket_age_add);
  EXPECT_EQ(a.max_early_data, b.max_early_data);
  EXPECT_EQ(a.server_name, b.server_name);
  EXPECT_EQ(a.application_protocol, b.application_protocol);
  EXPECT_EQ(a.peer.certificates, b.peer.certificates);
  EXPECT_EQ(a.peer.ocsp_response, b.peer.ocsp_response);
  EXPECT_EQ(a.peer.signed_certificate_timestamps, b.peer.signed_certificate_timestamps);
  EXPECT_EQ(a.peer.signature_scheme, b.peer.signature_scheme);
  EXPECT_EQ(a.peer.verified, b.peer.verified);
  EXPECT_EQ(a.peer.certificate_sha256, b.peer.certificate_sha256);
  EXPECT_EQ(a.peer.raw_public_key, b.peer.raw_public_key);
  EXPECT_EQ(a.peer.server_certificate_type, b.peer.server_certificate_type);
  EXPECT_EQ(a.peer.client_certificate_type, b.peer.client_certificate_type);
  ASSERT_EQ(a.peer.verification_error.has_value(), b.peer.verification_error.has_value());
  if (a.peer.verification_error) {
    EXPECT_EQ(a.peer.verification_error->alert(), b.peer.verification_error->alert());
    EXPECT_EQ(a.peer.verification_error->reason(), b.peer.verification_error->reason());
  }
  EXPECT_EQ(a.peer.not_before, b.peer.not_before);
  EXPECT_EQ(a.peer.not_after, b.peer.not_after);
}

TEST(Session, ComesBackFromItsBytes) {
  const Session full = test::full_session();
  expect_equal(decode(encode(full)).value(), full);
  const Session least = test::least_session();
  expect_equal(decode(encode(least)).value(), least);
  const Session hashed = test::hashed_session();
  expect_equal(decode(encode(hashed)).value(), hashed);
  const Session raw = test::raw_public_key_session();
  expect_equal(decode(encode(raw)).value(), raw);
  expect_equal(raw.clone(), raw);
}

// Written down so that a change of format is noticed: it needs a new number, since others hold bytes of this one.
TEST(Session, HasThisFormat) {
  EXPECT_EQ(to_hex(encode(test::least_session())),
            "01"
            "0303c02b0000"  // version, cipher_suite, group
            "01aa"          // secret
            "00"
            "000000000000000000000000000000000000000000000000"  // authenticated, issued, expires
            "0000000000000000"                                  // ticket_age_add, max_early_data
            "000000"                                            // server_name, application_protocol
            "000000"
            "000000"
            "0000"
            "0000"
            "00000000000000000000000000000000");
}

TEST(Session, WhatFewHaveStandsBehindIt) {
  Session session = test::least_session();
  session.peer.certificate_sha256.emplace().fill(0x77);
  session.peer.verification_error = Error(Alert::unknown_ca, Reason::unknown_issuer);
  const std::string plain = to_hex(encode(test::least_session()));
  std::string expected = plain;
  expected.replace(18, 2, "0c");  // flags
  for (int i = 0; i < 32; ++i) expected += "77";
  expected += "30" + to_hex(as_bytes(code(Reason::unknown_issuer)));
  EXPECT_EQ(to_hex(encode(session)), expected);

  session = test::least_session();
  session.peer.raw_public_key = {0x30, 0x00};
  session.peer.server_certificate_type = CertificateType::RawPublicKey;
  expected = plain;
  expected.replace(18, 2, "30");
  EXPECT_EQ(to_hex(encode(session)), expected + "0000023000");

  session = test::least_session();
  session.peer.client_certificate_type = CertificateType::RawPublicKey;
  expected = plain;
  expected.replace(18, 2, "40");
  EXPECT_EQ(to_hex(encode(session)), expected);
}

TEST(Session, Clone) { expect_equal(test::full_session().clone(), test::full_session()); }

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t latest = (std::int64_t{1} << 52) - 1;

TEST(Session, TimesOfAllSizes) {
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{1}, latest}) {
    Session session = test::least_session();
    session.authenticated = session.issued = session.expires = time;
    expect_equal(decode(encode(session)).value(), session);
  }
  for (const std::int64_t time : {lowest, std::int64_t{-1}, highest}) {
    Session session = test::least_session();
    session.peer.not_before = session.peer.not_after = time;
    expect_equal(decode(encode(session)).value(), session);
  }
}

TEST(Session, TimesThatNobodyReckonsWithAreRefused) {
  for (auto each : {&Session::authenticated, &Session::issued, &Session::expires})
    for (const std::int64_t time : {lowest, std::int64_t{-1}, latest + 1, highest}) {
      Session session = test::least_session();
      session.*each = time;
      EXPECT_EQ(field(decode(encode(session))), "times") << time;
    }
}

TEST(Session, CutOffAnywhereIsRefused) {
  for (const Session& session : {test::full_session(), test::hashed_session(), test::raw_public_key_session()}) {
    const Buffer bytes = encode(session);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_NE(field(decode(Bytes(bytes).first(size))), "none") << size;
  }
}

TEST(Session, MoreThanASessionIsRefused) {
  Buffer bytes = encode(test::full_session());
  bytes.push_back(0);
  EXPECT_EQ(field(decode(bytes)), "peer");
}

// Whatever is taken is what `encode` writes: no two texts of one session.
TEST(Session, AnyByteChangedIsRefusedOrAnotherSession) {
  for (const Session& session :
       {test::full_session(), test::least_session(), test::hashed_session(), test::raw_public_key_session()}) {
    Buffer bytes = encode(session);
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
        bytes[at] ^= static_cast<std::uint8_t>(flip);
        if (const Result<Session> other = decode(bytes)) {
          EXPECT_EQ(to_hex(encode(*other)), to_hex(bytes)) << at << ", " << flip;
        }
        bytes[at] ^= static_cast<std::uint8_t>(flip);
      }
  }
}

Buffer replaced(Bytes bytes, std::size_t at, std::string_view hex) {
  Buffer changed(bytes.begin(), bytes.end());
  const Buffer put = test::from_hex(hex);
  std::copy(put.begin(), put.end(), changed.begin() + static_cast<std::ptrdiff_t>(at));
  return changed;
}

TEST(Session, EachFieldHasItsRefusal) {
  const Buffer bytes = encode(test::least_session());
  EXPECT_EQ(field(decode({})), "format");
  EXPECT_EQ(field(decode(replaced(bytes, 0, "00"))), "format");
  EXPECT_EQ(field(decode(replaced(bytes, 0, "02"))), "format");
  EXPECT_EQ(field(decode(replaced(bytes, 1, "0300"))), "version");
  EXPECT_EQ(field(decode(replaced(bytes, 1, "0305"))), "version");
  EXPECT_EQ(field(decode(replaced(bytes, 1, "0304"))), "cipher_suite") << "of the other version";
  EXPECT_EQ(field(decode(replaced(bytes, 3, "1301"))), "cipher_suite") << "of the other version";
  EXPECT_EQ(field(decode(replaced(bytes, 3, "c007"))), "cipher_suite") << "none that there is here";
  EXPECT_EQ(field(decode(replaced(bytes, 7, "00"))), "secret");
  EXPECT_EQ(field(decode(replaced(bytes, 9, "80"))), "flags");
  EXPECT_EQ(field(decode(replaced(bytes, 9, "10"))), "raw_public_key");
  EXPECT_EQ(field(decode(replaced(encode(test::raw_public_key_session()), 9 + 47, "1b"))), "flags")
      << "a raw public key, and the hash of a certificate";
  EXPECT_EQ(field(decode(replaced(bytes, 9, "06"))), "flags") << "verified, and not";
  EXPECT_EQ(field(decode(replaced(bytes, 9, "04"))), "verification_error");
  EXPECT_EQ(field(decode(replaced(bytes, 9, "08"))), "certificate_sha256");
  EXPECT_EQ(field(decode(replaced(bytes, 42, "ffff"))), "server_name");
  EXPECT_EQ(field(decode(replaced(bytes, 44, "ff"))), "application_protocol");
  EXPECT_EQ(field(decode(replaced(bytes, 45, "ffffff"))), "certificates");
  EXPECT_EQ(field(decode(replaced(bytes, 45, "000003000000"))), "certificates");  // one of no bytes
  EXPECT_EQ(field(decode(replaced(bytes, 48, "ffffff"))), "staples");
  EXPECT_EQ(field(decode(replaced(bytes, 51, "ffff"))), "staples");
  Session both = test::hashed_session();
  both.peer.certificates = test::full_session().peer.certificates;
  EXPECT_EQ(field(decode(encode(both))), "flags") << "a chain, and its hash alone";
  both = test::raw_public_key_session();
  both.peer.certificates = test::full_session().peer.certificates;
  EXPECT_EQ(field(decode(encode(both))), "flags") << "a chain, and a raw public key";
}

TEST(Session, SecretOfEverySize) {
  Session session = test::least_session();
  session.secret = base::Secret(base::Secret::capacity);
  Buffer bytes = encode(session);
  EXPECT_EQ(field(decode(bytes)), "none");
  bytes[7] = static_cast<std::uint8_t>(base::Secret::capacity + 1);
  bytes.insert(bytes.begin() + 8, 0);
  EXPECT_EQ(field(decode(bytes)), "secret");
}

TEST(Session, WhatIsTooLongGivesNoBytes) {
  Session session = test::least_session();
  session.server_name.assign(65535, 'a');
  session.application_protocol.assign(255, 'a');
  session.peer.signed_certificate_timestamps.resize(65535);
  expect_equal(decode(encode(session)).value(), session);
  session.server_name += 'a';
  EXPECT_TRUE(encode(session).empty());
  session.server_name.clear();
  session.application_protocol += 'a';
  EXPECT_TRUE(encode(session).empty());
  session.application_protocol.clear();
  session.peer.signed_certificate_timestamps.push_back(0);
  EXPECT_TRUE(encode(session).empty());
  session.peer.signed_certificate_timestamps.clear();
  session.peer.ocsp_response.resize(1 << 24);
  EXPECT_TRUE(encode(session).empty());
}

TEST(Session, LeavesNoSecretBehind) {
  const Session session = test::full_session();
  Buffer bytes = encode(session);
  test::FreedWatch watch(session.secret.view());
  {
    Buffer again = encode(session);
    EXPECT_EQ(watch.found(), 0u);  // it did not grow
    base::wipe(again.data(), again.size());
  }
  {
    const auto decoded = std::make_unique<Session>(decode(bytes).value());
    const auto copy = std::make_unique<Session>(decoded->clone());
  }
  Session too_long = session.clone();
  too_long.application_protocol.assign(256, 'a');
  {
    const Buffer none = encode(too_long);
  }
  EXPECT_EQ(watch.found(), 0u);
}

}  // namespace
}  // namespace handfast::session
