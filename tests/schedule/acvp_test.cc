// The TLS 1.3 key schedule against NIST's ACVP and the vectors that OpenSSL keeps.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "crypto/wycheproof.h"
#include "schedule/expand_label.h"
#include "schedule/secrets.h"
#include "schedule/transcript.h"
#include "support/vec.h"

namespace handfast::test {
namespace {

using ScheduleVectors = VectorTest;

/// The "random" values stand for the messages; so many of them are in the transcript.
crypto::Digest transcript(crypto::HashAlgorithm hash, const Json& test, int messages) {
  schedule::Transcript transcript;
  transcript.start(hash);
  for (const char* message : {"helloClientRandom", "helloServerRandom", "finishedServerRandom", "finishedClientRandom"})
    if (messages-- > 0) transcript.add(hex_of(test, message));
  return transcript.digest();
}

/// A secret of the test; where the mode has none, a 0 of the figure in RFC 8446, section 7.1.
base::Secret input(crypto::HashAlgorithm hash, const Json& test, const char* name) {
  return test.contains(name) ? base::Secret(Bytes(hex_of(test, name))) : base::Secret(crypto::digest_size(hash));
}

schedule::HandshakeSecret handshake_stage(crypto::HashAlgorithm hash, const Json& test, const std::string& mode) {
  if (mode == "DHE") return schedule::EarlySecret(hash).handshake(input(hash, test, "dhe"));
  schedule::EarlySecret early = schedule::EarlySecret::of(hash, input(hash, test, "psk"));
  return mode == "PSK" ? std::move(early).handshake() : std::move(early).handshake(input(hash, test, "dhe"));
}

TEST_F(ScheduleVectors, Acvp) {
  std::map<std::string, int> modes;
  each_acvp("tls-kdf/acvp/TLS13", [&](const Json&, const Json& group, const Json& test, const Json& expected) {
    const crypto::HashAlgorithm hash = hash_named(group.at("hmacAlg")).value();
    const std::string mode = group.at("runningMode");
    ++modes[mode];
    const auto expect = [&](const char* name, const auto& secret) {
      EXPECT_EQ(to_hex(secret.view()), to_hex(hex_of(expected, name))) << name;
    };
    const crypto::Digest client_hello = transcript(hash, test, 1);
    const crypto::Digest hellos = transcript(hash, test, 2);
    const crypto::Digest server_finished = transcript(hash, test, 3);
    const crypto::Digest client_finished = transcript(hash, test, 4);
    const schedule::EarlySecret early = schedule::EarlySecret::of(hash, input(hash, test, "psk"));
    expect("clientEarlyTrafficSecret", early.client_early_traffic(client_hello.view()));
    expect("earlyExporterMasterSecret", early.early_exporter(client_hello.view()));
    schedule::HandshakeSecret handshake = handshake_stage(hash, test, mode);
    expect("clientHandshakeTrafficSecret", handshake.client_handshake_traffic(hellos.view()));
    expect("serverHandshakeTrafficSecret", handshake.server_handshake_traffic(hellos.view()));
    const schedule::MasterSecret master = std::move(handshake).master();
    expect("clientApplicationTrafficSecret", master.client_application_traffic(server_finished.view()));
    expect("serverApplicationTrafficSecret", master.server_application_traffic(server_finished.view()));
    expect("exporterMasterSecret", master.exporter(server_finished.view()));
    expect("resumptionMasterSecret", master.resumption(client_finished.view()));
  });
  EXPECT_EQ(modes, (std::map<std::string, int>{{"DHE", 3}, {"PSK", 4}, {"PSK-DHE", 3}}));
}

TEST_F(ScheduleVectors, OpenSsl) {
  int extracted = 0, expanded = 0;
  for (const VecBlock& block : read_vec("tls-kdf/openssl/evpkdf_tls13_kdf.txt")) {
    if (!block.has("Output")) continue;
    SCOPED_TRACE(block.text("Output"));
    const crypto::HashAlgorithm hash = hash_named(std::string(block.control("Ctrl.digest"))).value();
    const Buffer prefix = from_hex(block.control("Ctrl.prefix"));
    EXPECT_TRUE(prefix.empty() || as_text(prefix) == "tls13 ");
    const Buffer label = from_hex(block.control("Ctrl.label"));
    if (block.control("Ctrl.mode") == "EXPAND_ONLY") {
      Buffer out(block.hex("Output").size());
      schedule::expand_label(crypto::Hmac(hash, from_hex(block.control("Ctrl.key"))), as_text(label),
                             from_hex(block.control("Ctrl.data")), out);
      EXPECT_EQ(to_hex(out), to_hex(block.hex("Output")));
      ++expanded;
    } else if (block.control("Ctrl.mode") == "EXTRACT_ONLY") {
      // The salt is the secret of the stage before: what is extracted with is derived from it.
      const Buffer zeros(crypto::digest_size(hash));
      const Buffer key = block.has("Ctrl.key") ? from_hex(block.control("Ctrl.key")) : zeros;
      base::Secret salt{Bytes(zeros)};
      if (block.has("Ctrl.salt"))
        salt = schedule::derive_secret(crypto::Hmac(hash, from_hex(block.control("Ctrl.salt"))), as_text(label),
                                       schedule::empty_hash(hash).view());
      const base::Secret secret = crypto::hkdf_extract(hash, salt.view(), key);
      EXPECT_EQ(to_hex(secret.view()), to_hex(block.hex("Output")));
      ++extracted;
    }
  }
  EXPECT_EQ(expanded, 408);
  EXPECT_EQ(extracted, 153);
}

// RFC 8446, section 7.2: application_traffic_secret_N+1, and its keys.
TEST(TrafficSecret, NextIsTrafficUpd) {
  for (const auto hash : {crypto::HashAlgorithm::sha256, crypto::HashAlgorithm::sha384}) {
    const Buffer first(crypto::digest_size(hash), 7);
    const schedule::TrafficSecret next = schedule::TrafficSecret(hash, base::Secret(Bytes(first))).next();
    Buffer expected(first.size());
    schedule::expand_label(crypto::Hmac(hash, first), "traffic upd", {}, expected);
    EXPECT_EQ(to_hex(next.view()), to_hex(expected));
    EXPECT_NE(to_hex(next.view()), to_hex(next.next().view()));
  }
}

// RFC 8446, section 7.5: the context is hashed, so an absent one is an empty one, and label and context both count.
TEST(ExporterSecret, FollowsSection7_5) {
  const auto hash = crypto::HashAlgorithm::sha256;
  const Buffer secret(32, 9);
  const schedule::ExporterSecret exporter(hash, base::Secret(Bytes(secret)));
  const auto exported = [&](std::string_view label, std::string_view context) {
    Buffer out(50);
    exporter.derive(label, as_bytes(context), out);
    return to_hex(out);
  };
  const base::Secret derived =
      schedule::derive_secret(crypto::Hmac(hash, secret), "EXPERIMENTAL", schedule::empty_hash(hash).view());
  const crypto::Digest context = crypto::Hash::of(hash, as_bytes("context"));
  Buffer expected(50);
  schedule::expand_label(crypto::Hmac(hash, derived.view()), "exporter", context.view(), expected);
  EXPECT_EQ(exported("EXPERIMENTAL", "context"), to_hex(expected));
  EXPECT_NE(exported("EXPERIMENTAL", ""), exported("EXPERIMENTAL", "context"));
  EXPECT_NE(exported("EXPERIMENTAL", ""), exported("EXPERIMENTAX", ""));
}

}  // namespace
}  // namespace handfast::test
