// KeyExchange and respond against Wycheproof, and what they refuse.
#include "crypto/key_exchange.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "crypto/ml_kem/ml_kem.h"
#include "crypto/wycheproof.h"
#include "support/random.h"

namespace handfast::crypto {
namespace {

using namespace handfast::test;

constexpr NamedGroup curves[] = {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1,
                                 NamedGroup::secp521r1};
constexpr NamedGroup post_quantum_groups[] = {NamedGroup::X25519MLKEM768, NamedGroup::SecP256r1MLKEM768,
                                              NamedGroup::SecP384r1MLKEM1024, NamedGroup::MLKEM768,
                                              NamedGroup::MLKEM1024};

std::vector<NamedGroup> all_groups() {
  std::vector<NamedGroup> all(std::begin(curves), std::end(curves));
  all.insert(all.end(), std::begin(post_quantum_groups), std::end(post_quantum_groups));
  return all;
}

std::size_t private_size(NamedGroup group) {
  return group == NamedGroup::secp384r1 ? 48 : group == NamedGroup::secp521r1 ? 66 : 32;
}

/// A key pair from a known private key: what `generate` draws are the private key's bytes.
Result<KeyExchange> from_private(NamedGroup group, Buffer key) {
  while (key.size() > private_size(group) && key.front() == 0) key.erase(key.begin());
  key.insert(key.begin(), private_size(group) - key.size(), 0);
  RecordedRandom random(key);
  Result<KeyExchange> made = KeyExchange::generate(group, random);
  EXPECT_EQ(random.left(), 0U);
  return made;
}

void expect_bad_share(const Result<base::Secret>& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().alert(), Alert::illegal_parameter);
  EXPECT_EQ(result.error().reason(), Reason::bad_key_share);
}

class KeyExchangeVectors : public VectorTest {};

TEST_F(KeyExchangeVectors, EcdhWycheproof) {
  int agreed = 0, refused = 0, invalid_curve = 0;
  for (auto [name, group] : {std::pair{"ecdh_secp256r1_ecpoint_test", NamedGroup::secp256r1},
                             {"ecdh_secp384r1_ecpoint_test", NamedGroup::secp384r1},
                             {"ecdh_secp521r1_ecpoint_test", NamedGroup::secp521r1}}) {
    each_wycheproof(name, [&, group = group](const Json&, const Json& test) {
      Result<KeyExchange> own = from_private(group, hex_of(test, "private"));
      ASSERT_TRUE(own);
      const Result<base::Secret> secret = own->agree(hex_of(test, "public"));
      if (is_valid(test)) {
        ASSERT_TRUE(secret);
        EXPECT_EQ(to_hex(secret->view()), to_hex(hex_of(test, "shared")));
        ++agreed;
      } else {
        // The acceptable ones are compressed points, which TLS 1.3 does not have (RFC 8446, section 4.2.8.2).
        expect_bad_share(secret);
        ++refused;
        if (has_flag(test, "InvalidCurveAttack")) ++invalid_curve;
      }
    });
  }
  EXPECT_EQ(agreed, 330 + 771 + 632);
  EXPECT_EQ(refused, 25 + 19 + 29);
  EXPECT_GE(invalid_curve, 16);
}

TEST_F(KeyExchangeVectors, X25519Wycheproof) {
  int agreed = 0, low_order = 0;
  each_wycheproof("x25519_test", [&](const Json&, const Json& test) {
    Result<KeyExchange> own = from_private(NamedGroup::x25519, hex_of(test, "private"));
    ASSERT_TRUE(own);
    const Result<base::Secret> secret = own->agree(hex_of(test, "public"));
    if (has_flag(test, "ZeroSharedSecret")) {
      expect_bad_share(secret);  // RFC 8446, section 7.4.2
      ++low_order;
    } else {
      // Points of the twist and non-canonical ones are points (RFC 7748, section 5).
      ASSERT_TRUE(secret);
      EXPECT_EQ(to_hex(secret->view()), to_hex(hex_of(test, "shared")));
      ++agreed;
    }
  });
  EXPECT_EQ(agreed, 487);
  EXPECT_EQ(low_order, 31);
}

TEST(KeyExchange, AShareIsTheProductOfTheGenerator) {
  // The share of the private key 1 is the generator; agreeing with it gives the x-coordinate of one's own share.
  for (NamedGroup group : {NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1}) {
    SCOPED_TRACE(name(group));
    Result<KeyExchange> one = from_private(group, {1});
    Result<KeyExchange> own = KeyExchange::generate(group, system_random());
    ASSERT_TRUE(one && own);
    Result<base::Secret> secret = own->agree(one->share());
    ASSERT_TRUE(secret);
    EXPECT_EQ(to_hex(secret->view()), to_hex(Bytes(own->share()).subspan(1, secret->size())));
  }
}

TEST(KeyExchange, BothSidesAgree) {
  for (NamedGroup group : all_groups()) {
    SCOPED_TRACE(name(group));
    EXPECT_TRUE(supports(group));
    Result<KeyExchange> client = KeyExchange::generate(group, system_random());
    ASSERT_TRUE(client);
    EXPECT_EQ(client->group(), group);
    EXPECT_EQ(client->share().size(), share_size(group, Side::client));
    Result<KeyExchangeResponse> server = respond(group, client->share(), system_random());
    ASSERT_TRUE(server);
    EXPECT_EQ(server->share.size(), share_size(group, Side::server));
    Result<base::Secret> secret = client->agree(server->share);
    ASSERT_TRUE(secret);
    EXPECT_EQ(to_hex(secret->view()), to_hex(server->secret.view()));
    KeyExchange moved = std::move(*client);
    Result<base::Secret> again = moved.agree(server->share);
    ASSERT_TRUE(again);
    EXPECT_EQ(to_hex(again->view()), to_hex(secret->view()));
  }
}

TEST(KeyExchange, TheSameRandomBytesGiveTheSameShareAndSecret) {
  for (NamedGroup group : all_groups()) {
    SCOPED_TRACE(name(group));
    SeededRandom first(7), second(7), other(8);
    Result<KeyExchange> a = KeyExchange::generate(group, first), b = KeyExchange::generate(group, second),
                        c = KeyExchange::generate(group, other);
    ASSERT_TRUE(a && b && c);
    EXPECT_EQ(to_hex(a->share()), to_hex(b->share()));
    EXPECT_NE(to_hex(a->share()), to_hex(c->share()));
    Result<KeyExchangeResponse> x = respond(group, a->share(), first), y = respond(group, a->share(), second);
    ASSERT_TRUE(x && y);
    EXPECT_EQ(x->share, y->share);
    EXPECT_EQ(to_hex(x->secret.view()), to_hex(y->secret.view()));
  }
}

TEST(KeyExchange, SharesOfAWrongLengthOrFormAreRefused) {
  for (NamedGroup group : curves) {
    SCOPED_TRACE(name(group));
    Result<KeyExchange> own = KeyExchange::generate(group, system_random());
    Result<KeyExchange> peer = KeyExchange::generate(group, system_random());
    ASSERT_TRUE(own && peer);
    const Buffer share = peer->share();
    Buffer longer = share;
    longer.push_back(0);
    expect_bad_share(own->agree({}));
    expect_bad_share(own->agree(Bytes(share).first(share.size() - 1)));
    expect_bad_share(own->agree(longer));
    expect_bad_share(own->agree(Buffer(share.size(), 0)));
    Result<KeyExchangeResponse> response = respond(group, Buffer(share.size(), 0), system_random());
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().reason(), Reason::bad_key_share);
    if (group == NamedGroup::x25519) continue;
    for (std::uint8_t form : Buffer{0, 2, 3, 5, 6, 7}) {  // 6 and 7 are the hybrid forms of X9.62
      Buffer bad = share;
      bad.front() = form;
      expect_bad_share(own->agree(bad));
    }
    Buffer off_curve = share;
    off_curve.back() ^= 1;
    expect_bad_share(own->agree(off_curve));
    Buffer field_overflow = share;  // an x-coordinate past the field's prime
    std::fill_n(field_overflow.begin() + 1, (share.size() - 1) / 2, std::uint8_t{0xff});
    expect_bad_share(own->agree(field_overflow));
  }
}

TEST(KeyExchange, ScalarsOutOfRangeAreDrawnAgain) {
  // The order of P-256, then 0, then 1: the first two are no private keys (RFC 8446, section 4.2.8.2).
  const Buffer order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  Buffer stream = order;
  stream.resize(95, 0);
  stream.push_back(1);
  RecordedRandom random(stream);
  Result<KeyExchange> own = KeyExchange::generate(NamedGroup::secp256r1, random);
  ASSERT_TRUE(own);
  EXPECT_EQ(random.left(), 0U);
  EXPECT_EQ(to_hex(own->share()),  // the generator
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
}

TEST(KeyExchange, ASourceThatIsNotRandomEndsInAnError) {
  class Constant : public Random {
   public:
    explicit Constant(std::uint8_t byte) : byte_(byte) {}
    void fill(MutableBytes out) override { std::ranges::fill(out, byte_); }

   private:
    std::uint8_t byte_;
  };
  for (std::uint8_t byte : Buffer{0x00, 0xff}) {
    for (NamedGroup group : {NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1}) {
      Constant random(byte);
      Result<KeyExchange> own = KeyExchange::generate(group, random);
      ASSERT_FALSE(own);
      EXPECT_EQ(own.error().reason(), Reason::internal_error);
      Result<KeyExchangeResponse> response = respond(group, Buffer(share_size(group, Side::client), 4), random);
      ASSERT_FALSE(response);
      EXPECT_EQ(response.error().reason(), Reason::internal_error);
    }
  }
}

/// The shares and secrets of these groups are those of their parts, one behind the other (draft-ietf-tls-ecdhe-mlkem,
/// section 3).
struct Hybrid {
  NamedGroup group;
  NamedGroup curve;
  std::size_t client_curve, client_kem, server_curve, server_kem, secret_curve;
  bool kem_first;
};
constexpr Hybrid hybrids[] = {
    {NamedGroup::X25519MLKEM768, NamedGroup::x25519, 32, 1184, 32, 1088, 32, true},
    {NamedGroup::SecP256r1MLKEM768, NamedGroup::secp256r1, 65, 1184, 65, 1088, 32, false},
    {NamedGroup::SecP384r1MLKEM1024, NamedGroup::secp384r1, 97, 1568, 97, 1568, 48, false},
};

TEST(KeyExchange, AHybridIsItsTwoPartsInTheirOrder) {
  for (const Hybrid& hybrid : hybrids) {
    SCOPED_TRACE(name(hybrid.group));
    EXPECT_TRUE(is_post_quantum(hybrid.group));
    EXPECT_EQ(share_size(hybrid.group, Side::client), hybrid.client_curve + hybrid.client_kem);
    EXPECT_EQ(share_size(hybrid.group, Side::server), hybrid.server_curve + hybrid.server_kem);
    const std::size_t private_bytes = private_size(hybrid.curve);
    // What is drawn: the curve's key, and then ML-KEM's.
    Buffer drawn(private_bytes + 64, 5);
    RecordedRandom of_both(drawn), of_curve(Buffer(private_bytes, 5));
    Result<KeyExchange> own = KeyExchange::generate(hybrid.group, of_both);
    Result<KeyExchange> curve = KeyExchange::generate(hybrid.curve, of_curve);
    ASSERT_TRUE(own && curve);
    EXPECT_EQ(of_both.left(), 0U);
    const Buffer share = own->share(), curve_share = curve->share();
    Buffer kem_share(hybrid.client_kem), key_hash(32);
    const auto set = hybrid.client_kem == 1184 ? ml_kem::ParameterSet::ml_kem_768 : ml_kem::ParameterSet::ml_kem_1024;
    ml_kem::generate(set, Buffer(64, 5), kem_share, key_hash);
    Buffer expected = hybrid.kem_first ? kem_share : curve_share;
    const Buffer& second = hybrid.kem_first ? curve_share : kem_share;
    expected.insert(expected.end(), second.begin(), second.end());
    EXPECT_EQ(to_hex(share), to_hex(expected));

    Result<KeyExchangeResponse> response = respond(hybrid.group, share, system_random());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->share.size(), hybrid.server_curve + hybrid.server_kem);
    EXPECT_EQ(response->secret.size(), hybrid.secret_curve + 32);
    const Bytes theirs = response->share;
    const Bytes their_point = hybrid.kem_first ? theirs.last(hybrid.server_curve) : theirs.first(hybrid.server_curve);
    const Bytes ciphertext = hybrid.kem_first ? theirs.first(hybrid.server_kem) : theirs.last(hybrid.server_kem);
    Result<base::Secret> curve_secret = curve->agree(their_point);
    Buffer kem_secret(32);
    ASSERT_TRUE(curve_secret);
    ASSERT_TRUE(ml_kem::decapsulate(set, Buffer(64, 5), key_hash, ciphertext, kem_secret));
    std::string secret = to_hex(curve_secret->view());
    secret.insert(hybrid.kem_first ? 0 : secret.size(), to_hex(kem_secret));
    EXPECT_EQ(to_hex(response->secret.view()), secret);
  }
}

TEST(KeyExchange, BothPartsOfAHybridAreChecked) {
  for (const Hybrid& hybrid : hybrids) {
    SCOPED_TRACE(name(hybrid.group));
    Result<KeyExchange> own = KeyExchange::generate(hybrid.group, system_random());
    ASSERT_TRUE(own);
    const auto expect_refused = [&](Buffer share) {
      Result<KeyExchangeResponse> response = respond(hybrid.group, share, system_random());
      ASSERT_FALSE(response);
      EXPECT_EQ(response.error().alert(), Alert::illegal_parameter);
      EXPECT_EQ(response.error().reason(), Reason::bad_key_share);
    };
    const Buffer share = own->share();
    const std::size_t kem = hybrid.kem_first ? 0 : hybrid.client_curve;
    const std::size_t curve = hybrid.kem_first ? hybrid.client_kem : 0;
    Buffer bad = share;
    bad[kem] = bad[kem + 1] = 0xff;  // a coefficient of 4095
    expect_refused(bad);
    bad = share;
    std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(curve), hybrid.client_curve, std::uint8_t{0});
    expect_refused(bad);
    for (std::size_t size :
         {std::size_t{0}, std::size_t{1}, hybrid.client_curve, hybrid.client_kem, share.size() - 1, share.size() + 1}) {
      bad = share;
      bad.resize(size);
      expect_refused(bad);
    }
    Result<KeyExchangeResponse> response = respond(hybrid.group, share, system_random());
    ASSERT_TRUE(response);
    bad = response->share;
    const std::size_t point = hybrid.kem_first ? hybrid.server_kem : 0;
    std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(point), hybrid.server_curve, std::uint8_t{0});
    expect_bad_share(own->agree(bad));
    // A ciphertext of nobody's gives a secret of nobody's (implicit rejection), beside the curve's.
    bad = response->share;
    bad[hybrid.kem_first ? 0 : hybrid.server_curve] ^= 1;
    Result<base::Secret> secret = own->agree(bad);
    ASSERT_TRUE(secret);
    EXPECT_NE(to_hex(secret->view()), to_hex(response->secret.view()));
  }
}

TEST(KeyExchange, AShareThatIsAskedForAgainIsTheSame) {
  for (NamedGroup group : all_groups()) {
    SCOPED_TRACE(name(group));
    Result<KeyExchange> own = KeyExchange::generate(group, system_random());
    ASSERT_TRUE(own);
    const Buffer share = own->share();
    EXPECT_EQ(to_hex(own->share()), to_hex(share));
    Result<KeyExchangeResponse> response = respond(group, share, system_random());
    ASSERT_TRUE(response);
    Result<base::Secret> secret = own->agree(response->share);
    ASSERT_TRUE(secret);
    EXPECT_EQ(to_hex(secret->view()), to_hex(response->secret.view()));
  }
}

TEST(KeyExchange, AHybridsCurveIsAKeyOfItsOwnGroupToo) {
  for (const Hybrid& hybrid : hybrids) {
    SCOPED_TRACE(name(hybrid.group));
    Result<KeyExchange> own = KeyExchange::generate(hybrid.group, system_random());
    ASSERT_TRUE(own);
    std::optional<KeyExchange> part = own->part(hybrid.curve);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->group(), hybrid.curve);
    const Buffer point = part->share(), share = own->share();
    const Bytes in_share = hybrid.kem_first ? Bytes(share).last(point.size()) : Bytes(share).first(point.size());
    EXPECT_EQ(to_hex(point), to_hex(in_share));
    Result<KeyExchangeResponse> response = respond(hybrid.curve, point, system_random());
    ASSERT_TRUE(response);
    Result<base::Secret> secret = part->agree(response->share);
    ASSERT_TRUE(secret);
    EXPECT_EQ(to_hex(secret->view()), to_hex(response->secret.view()));
    for (NamedGroup other : all_groups()) EXPECT_EQ(own->part(other).has_value(), other == hybrid.curve) << name(other);
    EXPECT_FALSE(part->part(hybrid.curve));
  }
}

TEST(KeyExchange, OtherGroupsAreNotSupported) {
  for (NamedGroup group : {NamedGroup::x448, static_cast<NamedGroup>(0x0a0a), static_cast<NamedGroup>(0)}) {
    EXPECT_FALSE(supports(group));
    EXPECT_FALSE(is_post_quantum(group));
    EXPECT_EQ(share_size(group, Side::client), 0U);
    EXPECT_FALSE(KeyExchange::generate(group, system_random()));
    EXPECT_FALSE(respond(group, Buffer(32), system_random()));
  }
}

TEST(SystemRandom, FillsAllOfIt) {
  // That a byte stays zero through 64 draws has a chance of 2^-512.
  Buffer seen(1000), drawn(1000);
  for (int i = 0; i < 64; ++i) {
    system_random().fill(drawn);
    for (std::size_t k = 0; k < seen.size(); ++k) seen[k] = static_cast<std::uint8_t>(seen[k] | drawn[k]);
  }
  EXPECT_EQ(std::ranges::count(seen, 0), 0);
  system_random().fill({});
}

}  // namespace
}  // namespace handfast::crypto
