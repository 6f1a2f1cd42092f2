// What may depend on a secret, found out by valgrind: memory that holds one is marked as not defined, and memcheck
// reports each branch and each address that is made of it. The sources under test are compiled into this program, with
// HANDFAST_MARK_SECRETS, so that what they tell in the end (base::declassify) is marked as told.
#include <cstdio>
#include <memory>
#include <utility>

#include <valgrind/memcheck.h>

#include <handfast/random.h>

#include "base/constant_time.h"
#include "crypto/pre_master_secret.h"
#include "record/cbc_protection.h"

namespace handfast::test {
namespace {

using crypto::HashAlgorithm;

void mark(Bytes secret) { (void)VALGRIND_MAKE_MEM_UNDEFINED(secret.data(), secret.size()); }
void unmark(Bytes told) { (void)VALGRIND_MAKE_MEM_DEFINED(told.data(), told.size()); }

unsigned reports = 0;
/// Since the last time. memcheck tells each place once, so all that is to be silent comes before what is not.
unsigned new_reports() {
  const auto all = static_cast<unsigned>(VALGRIND_COUNT_ERRORS);
  return all - std::exchange(reports, all);
}

int failures = 0;
void expect(bool good, const char* what) {
  if (good) return;
  std::printf("FAILED: %s\n", what);
  ++failures;
}

/// A record whose padding says so, with the MAC in its place or not, opened while all that is decrypted is secret.
void open_marked(HashAlgorithm mac, std::size_t size, unsigned padding, bool good_mac) {
  const crypto::CbcAlgorithm algorithm{crypto::BlockCipher::aes_128, mac};
  const Buffer mac_key(crypto::digest_size(mac), 1), key(16, 2);
  record::PseudoHeader header{};
  header[8] = 23;
  Buffer text(size, static_cast<std::uint8_t>(padding));
  if (good_mac) {
    const std::size_t content = size - mac_key.size() - padding - 1;
    header[11] = static_cast<std::uint8_t>(content >> 8);
    header[12] = static_cast<std::uint8_t>(content);
    const crypto::Digest code = crypto::Hmac(mac, mac_key).code(header, Bytes(text).first(content));
    base::copy(code.view(), MutableBytes(text).subspan(content));
  }
  crypto::CbcKeys by_hand(algorithm, mac_key, key);
  const crypto::InitializationVector iv{};
  expect(by_hand.encrypt(iv, text), "encryption");
  Buffer fragment(16);
  fragment.insert(fragment.end(), text.begin(), text.end());

  record::CbcProtection reader(crypto::CbcKeys(algorithm, mac_key, key), crypto::MacOrder::mac_then_encrypt,
                               system_random());
  mark(Bytes(fragment).subspan(16));
  const std::optional<Bytes> opened = reader.open(header, fragment);
  unmark(fragment);
  bool has = opened.has_value();
  (void)VALGRIND_MAKE_MEM_DEFINED(&has, sizeof has);
  expect(has == good_mac, good_mac ? "a good record opens" : "a bad record does not");
}

void unpad_marked(unsigned second_byte) {
  Buffer block(256, 0x55);
  block[0] = 0;
  block[1] = static_cast<std::uint8_t>(second_byte);
  block[256 - 49] = 0;
  block[256 - 48] = block[256 - 47] = 3;
  const base::Secret instead(Bytes(Buffer(48, 0xee)));
  mark(block);
  const base::Secret secret = crypto::unpad_pre_master_secret(block, ProtocolVersion::tls1_2, instead);
  unmark(secret.view());
  expect((secret.view()[47] == 0x55) == (second_byte == 2), "what is taken out of a block");
}

int run() {
  if (RUNNING_ON_VALGRIND == 0) {
    std::printf("skipped: not under valgrind\n");
    return 0;
  }
  new_reports();
  for (HashAlgorithm mac : {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384})
    for (std::size_t size : {std::size_t{64}, std::size_t{320}, std::size_t{1024}}) {
      const std::size_t most = size - crypto::digest_size(mac) - 1;
      for (unsigned padding : {0u, 1u, 15u, 100u, 255u}) {
        if (padding <= most) open_marked(mac, size, padding, true);
        open_marked(mac, size, padding, false);
      }
    }
  for (unsigned second_byte : {2u, 1u}) unpad_marked(second_byte);
  expect(new_reports() == 0, "nothing depends on a secret");

  // And it would have been seen.
  volatile std::uint8_t secret = 1;
  (void)VALGRIND_MAKE_MEM_UNDEFINED(const_cast<std::uint8_t*>(&secret), 1);
  if (secret == 1) std::printf("(a branch on a secret, on purpose)\n");
  expect(new_reports() > 0, "a branch on a secret is reported");
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace handfast::test

int main() { return handfast::test::run(); }
