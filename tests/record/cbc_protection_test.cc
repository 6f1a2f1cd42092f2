// Records under block ciphers (RFC 5246, section 6.2.3.2; RFC 7366): every algorithm in both orders, every padding, and
// whatever may be wrong with one.
#include "record/cbc_protection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "record/protection.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

using crypto::BlockCipher;
using crypto::CbcAlgorithm;
using crypto::HashAlgorithm;
using crypto::MacOrder;
using record::CbcProtection;

struct Kind {
  CbcAlgorithm algorithm;
  MacOrder order;
};

std::vector<Kind> kinds() {
  std::vector<Kind> kinds;
  for (MacOrder order : {MacOrder::mac_then_encrypt, MacOrder::encrypt_then_mac})
    for (HashAlgorithm mac : {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384})
      for (BlockCipher cipher : {BlockCipher::aes_128, BlockCipher::aes_256}) kinds.push_back({{cipher, mac}, order});
  return kinds;
}

/// The pseudo-header of a record with that much content.
record::PseudoHeader header(std::size_t size) {
  record::PseudoHeader header{0, 0, 0, 0, 0, 0, 0, 0, 23, 3, 3};
  header[11] = static_cast<std::uint8_t>(size >> 8);
  header[12] = static_cast<std::uint8_t>(size);
  return header;
}

void append(Buffer& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

class Cbc : public testing::TestWithParam<Kind> {
 protected:
  crypto::CbcKeys keys(std::uint8_t fill = 1) const {
    const Buffer mac_key(mac_size(), fill), key(crypto::key_size(GetParam().algorithm.cipher), fill);
    return {GetParam().algorithm, mac_key, key};
  }
  CbcProtection protection(std::uint8_t fill = 1) const { return {keys(fill), GetParam().order, system_random()}; }
  std::size_t mac_size() const { return crypto::digest_size(GetParam().algorithm.mac); }
  bool mac_inside() const { return GetParam().order == MacOrder::mac_then_encrypt; }

  Buffer seal(CbcProtection& writer, Bytes content) const {
    Buffer fragment(writer.fragment_size(content.size()));
    EXPECT_TRUE(writer.seal(header(content.size()), content, fragment));
    return fragment;
  }
  /// A fragment made by hand, with that padding, and a MAC that `spoil` may change.
  Buffer made(Bytes content, Bytes padding, const std::function<void(Buffer& mac)>& spoil = {}) const {
    crypto::CbcKeys by_hand = keys();
    const crypto::Hmac hmac(GetParam().algorithm.mac, Buffer(mac_size(), 1));
    const auto code = [&](Bytes authenticated) {
      const crypto::Digest digest = hmac.code(header(authenticated.size()), authenticated);
      Buffer mac(digest.view().begin(), digest.view().end());
      if (spoil) spoil(mac);
      return mac;
    };
    Buffer text(content.begin(), content.end());
    if (mac_inside()) append(text, code(content));
    append(text, padding);
    const crypto::InitializationVector iv{7, 7, 7};
    EXPECT_TRUE(by_hand.encrypt(iv, text));
    Buffer fragment(iv.begin(), iv.end());
    append(fragment, text);
    if (!mac_inside()) append(fragment, code(Buffer(fragment)));
    return fragment;
  }
  std::optional<std::string> open(Buffer fragment) const {
    CbcProtection reader = protection();
    const std::optional<Bytes> content = reader.open(header(0), fragment);
    if (!content) return std::nullopt;
    return to_hex(*content);
  }
  /// How much content leaves whole blocks with so many bytes of padding.
  std::size_t content_for(std::size_t padding, std::size_t at_least = 0) const {
    std::size_t size = at_least;
    while ((size + padding + (mac_inside() ? mac_size() : 0)) % 16 != 0) ++size;
    return size;
  }
};
std::string kind_name(const testing::TestParamInfo<Kind>& kind) {
  const auto& [algorithm, order] = kind.param;
  return std::string(algorithm.cipher == BlockCipher::aes_128 ? "aes128" : "aes256") + "_sha" +
         std::to_string(8 * crypto::digest_size(algorithm.mac)) +
         (order == MacOrder::mac_then_encrypt ? "_mac_then_encrypt" : "_encrypt_then_mac");
}
INSTANTIATE_TEST_SUITE_P(Records, Cbc, testing::ValuesIn(kinds()), kind_name);

TEST_P(Cbc, RoundTrip) {
  CbcProtection writer = protection(), reader = protection();
  for (std::size_t size = 0; size < 70; ++size) {
    const Buffer content(size, static_cast<std::uint8_t>(size));
    Buffer fragment = seal(writer, content);
    // An IV, and whole blocks of content, MAC and one to sixteen bytes of padding.
    const std::size_t inside = size + (mac_inside() ? mac_size() : 0);
    EXPECT_EQ(fragment.size(), 16 + inside / 16 * 16 + 16 + (mac_inside() ? 0 : mac_size()));
    const std::optional<Bytes> opened = reader.open(header(0), fragment);
    ASSERT_TRUE(opened) << size;
    EXPECT_TRUE(std::ranges::equal(*opened, content));
    EXPECT_EQ(opened->data(), fragment.data() + 16);  // in place
  }
  const Buffer longest(record::max_plaintext, 5);
  Buffer fragment = seal(writer, longest);
  EXPECT_TRUE(std::ranges::equal(*reader.open(header(0), fragment), longest));
}

// RFC 2246, section 6.2.3.2: no IV in the record; the last block of the one before is.
TEST_P(Cbc, ChainsTheIvsOfTls10) {
  const crypto::InitializationVector first{3, 3, 3};
  CbcProtection writer(keys(), GetParam().order, system_random(), first);
  CbcProtection reader(keys(), GetParam().order, system_random(), first);
  EXPECT_TRUE(writer.has_known_ivs());
  crypto::InitializationVector iv = first;
  for (std::size_t size = 0; size < 70; ++size) {
    const Buffer content(size, static_cast<std::uint8_t>(size));
    Buffer fragment = seal(writer, content);
    const std::size_t inside = size + (mac_inside() ? mac_size() : 0);
    EXPECT_EQ(fragment.size(), inside / 16 * 16 + 16 + (mac_inside() ? 0 : mac_size()));
    // It is what a record of today would be behind that IV.
    Buffer with_iv(iv.begin(), iv.end());
    append(with_iv, fragment);
    const Bytes blocks = Bytes(fragment).first(fragment.size() - (mac_inside() ? 0 : mac_size()));
    std::ranges::copy(blocks.last(16), iv.begin());
    if (mac_inside()) {
      EXPECT_EQ(open(std::move(with_iv)), to_hex(content));
    }
    const std::optional<Bytes> opened = reader.open(header(0), fragment);
    ASSERT_TRUE(opened) << size;
    EXPECT_TRUE(std::ranges::equal(*opened, content));
    EXPECT_EQ(opened->data(), fragment.data());  // in place
  }
}

TEST_P(Cbc, EveryChangeIsSeenInTls10) {
  const crypto::InitializationVector first{3, 3, 3};
  CbcProtection writer(keys(), GetParam().order, system_random(), first);
  const Buffer fragment = seal(writer, Buffer(40, 5));
  for (std::size_t at = 0; at < fragment.size(); ++at) {
    CbcProtection reader(keys(), GetParam().order, system_random(), first);
    Buffer changed = fragment;
    changed[at] ^= 1;
    EXPECT_FALSE(reader.open(header(0), changed)) << at;
  }
}

TEST_P(Cbc, TooShortForTls10IsRefused) {
  for (std::size_t size = 0; size < 64; ++size) {
    CbcProtection reader(keys(), GetParam().order, system_random(), crypto::InitializationVector{});
    Buffer fragment(size);
    EXPECT_FALSE(reader.open(header(0), fragment)) << size;
  }
}

TEST_P(Cbc, EveryIvIsAnother) {
  CbcProtection writer = protection();
  std::vector<std::string> ivs;
  for (int i = 0; i < 100; ++i) {
    const Buffer fragment = seal(writer, from_hex("00"));
    ivs.push_back(to_hex(Bytes(fragment).first(16)));
  }
  std::ranges::sort(ivs);
  EXPECT_EQ(std::ranges::adjacent_find(ivs), ivs.end());
}

// RFC 5246, section 6.2.3.2: up to 255 bytes of padding beside the one that says so, and every byte says the same.
TEST_P(Cbc, EveryPaddingOpens) {
  for (std::size_t said = 0; said < 256; ++said)
    for (const std::size_t at_least : {std::size_t{0}, std::size_t{300}}) {
      const Buffer content(content_for(said + 1, at_least), 0xab);
      const Buffer padding(said + 1, static_cast<std::uint8_t>(said));
      ASSERT_EQ(open(made(content, padding)), to_hex(content)) << said;
    }
}

TEST_P(Cbc, EveryWrongByteOfPaddingIsRefused) {
  for (const std::size_t said : {0u, 1u, 15u, 16u, 100u, 254u, 255u}) {
    const Buffer content(content_for(said + 1, 16), 0xab);
    const Buffer good(said + 1, static_cast<std::uint8_t>(said));
    for (std::size_t at = 0; at < said; ++at) {
      Buffer padding = good;
      padding[at] = static_cast<std::uint8_t>(padding[at] ^ (at % 2 ? 0x80 : 0x01));
      ASSERT_FALSE(open(made(content, padding))) << at << " of " << said;
    }
    // What it says is not what there is: the MAC does not stand where it would have to, or there is not so much at all.
    for (std::size_t other = 0; other < 256; ++other) {
      Buffer padding = good;
      padding.back() = static_cast<std::uint8_t>(other);
      const bool opens = other == said || (other == 0 && !mac_inside());
      ASSERT_EQ(open(made(content, padding)).has_value(), opens) << other << " for " << said;
    }
  }
}

TEST_P(Cbc, PaddingAsLongAsTheRecord) {
  for (std::size_t size = 16; size <= 256; size += 16)
    for (const std::size_t said : {size - 1, size}) {
      if (said > 255) continue;
      const Buffer padding(size, static_cast<std::uint8_t>(said));
      if (mac_inside()) {
        // Nothing is left for a MAC.
        crypto::CbcKeys by_hand = keys();
        Buffer text = padding;
        ASSERT_TRUE(by_hand.encrypt({}, text));
        Buffer fragment(16);
        append(fragment, text);
        EXPECT_FALSE(open(fragment)) << said;
      } else {
        EXPECT_EQ(open(made({}, padding)), said < size ? std::optional<std::string>("") : std::nullopt) << said;
      }
    }
}

TEST_P(Cbc, EveryWrongByteOfTheMacIsRefused) {
  for (const std::size_t said : {0u, 7u, 255u}) {
    const Buffer content(content_for(said + 1), 0xab);
    const Buffer padding(said + 1, static_cast<std::uint8_t>(said));
    for (std::size_t at = 0; at < mac_size(); ++at)
      ASSERT_FALSE(open(made(content, padding, [&](Buffer& mac) { mac[at] ^= 0x10; }))) << at;
  }
}

TEST_P(Cbc, EveryFlippedBitOfTheFragmentIsRefused) {
  CbcProtection writer = protection();
  const Buffer fragment = seal(writer, from_hex("0011223344"));
  EXPECT_EQ(open(fragment), "0011223344");
  for (std::size_t at = 0; at < fragment.size(); ++at)
    for (const unsigned bit : {0x01u, 0x10u, 0x80u}) {
      Buffer damaged = fragment;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ bit);
      ASSERT_FALSE(open(damaged)) << at;
    }
}

TEST_P(Cbc, EveryLengthButItsOwnIsRefused) {
  CbcProtection writer = protection();
  const Buffer fragment = seal(writer, Buffer(40, 1));
  for (std::size_t size = 0; size < fragment.size(); ++size)
    EXPECT_FALSE(open(Buffer(fragment.begin(), fragment.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
  for (std::size_t more = 1; more < 40; ++more) {
    Buffer longer = fragment;
    longer.resize(fragment.size() + more);
    EXPECT_FALSE(open(longer)) << more;
  }
}

// RFC 5246, section 6.2.3.1: sequence number, type and version are authenticated beside the content.
TEST_P(Cbc, TheHeaderIsAuthenticated) {
  CbcProtection writer = protection();
  const Buffer fragment = seal(writer, from_hex("00112233"));
  for (std::size_t at = 0; at < 11; ++at) {
    CbcProtection reader = protection();
    record::PseudoHeader other = header(0);
    other[at] ^= 1;
    Buffer copy = fragment;
    EXPECT_FALSE(reader.open(other, copy)) << at;
  }
}

TEST_P(Cbc, AnotherKeyDoesNotOpen) {
  CbcProtection writer = protection(), other = protection(2);
  Buffer fragment = seal(writer, from_hex("00"));
  EXPECT_FALSE(other.open(header(0), fragment));
}

/// More keys than a thread keeps contexts of, in turns.
TEST_P(Cbc, ManyKeysInOneThread) {
  std::vector<std::unique_ptr<CbcProtection>> writers, readers;
  for (std::uint8_t i = 0; i < 30; ++i) {
    writers.push_back(std::make_unique<CbcProtection>(keys(i), GetParam().order, system_random()));
    readers.push_back(std::make_unique<CbcProtection>(keys(i), GetParam().order, system_random()));
  }
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < writers.size(); ++i) {
      Buffer fragment = seal(*writers[i], Buffer(i, 9));
      Buffer copy = fragment;
      EXPECT_FALSE(readers[(i + 1) % readers.size()]->open(header(0), copy));
      EXPECT_TRUE(readers[i]->open(header(0), fragment));
    }
}

// --- As Protection has them
// ---------------------------------------------------------------------------------------------------------

record::Protection whole(MacOrder order) {
  const Buffer mac_key(20, 1), key(16, 1);
  return record::Protection(
      std::make_unique<CbcProtection>(crypto::CbcKeys({BlockCipher::aes_128, HashAlgorithm::sha1}, mac_key, key), order,
                                      system_random()),
      ProtocolVersion::tls1_2);
}

TEST(CbcRecord, AsProtectionHasIt) {
  for (MacOrder order : {MacOrder::mac_then_encrypt, MacOrder::encrypt_then_mac}) {
    record::Protection writer = whole(order), reader = whole(order);
    EXPECT_FALSE(writer.can_pad());
    EXPECT_EQ(writer.inner_overhead(), 0u);
    EXPECT_EQ(writer.max_fragment(), record::max_cbc_ciphertext);
    base::OutputBuffer out;
    for (unsigned i = 0; i < 300; ++i) {
      const Buffer content(i, 3);
      out.drain(out.view().size());
      ASSERT_TRUE(writer.seal(ContentType::handshake, content, 0, out));
      Buffer record(out.view().begin(), out.view().end());
      EXPECT_EQ(record.size(), writer.record_size(content.size()));
      const record::Header head = record::parse_header(record);
      EXPECT_EQ(head.type, ContentType::handshake);
      EXPECT_EQ(head.legacy_version, 0x0303);
      EXPECT_EQ(head.length, record.size() - record::header_size);
      Buffer again = record;
      const Result<record::Opened> opened = reader.open(record, record::max_plaintext);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->type, ContentType::handshake);
      EXPECT_TRUE(std::ranges::equal(opened->content, content));
      // It was this one and is no other.
      const Result<record::Opened> replayed = reader.open(again, record::max_plaintext);
      ASSERT_FALSE(replayed);
      EXPECT_EQ(replayed.error().alert(), Alert::bad_record_mac);
      EXPECT_EQ(replayed.error().reason(), Reason::bad_record_mac);
    }
  }
}

TEST(CbcRecord, Limit) {
  record::Protection writer = whole(MacOrder::mac_then_encrypt), reader = whole(MacOrder::mac_then_encrypt);
  base::OutputBuffer out;
  ASSERT_TRUE(writer.seal(ContentType::application_data, Buffer(65, 1), 0, out));
  Buffer record(out.view().begin(), out.view().end());
  const Result<record::Opened> opened = reader.open(record, 64);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().alert(), Alert::record_overflow);
}

}  // namespace
}  // namespace handfast::test
