// RSA key exchange: what each side does with the premaster secret (RFC 5246, section 7.4.7.1), under a key of 2048
// bits.
#include <array>

#include <benchmark/benchmark.h>

#include <handfast/random.h>

#include "check.h"
#include "crypto/pre_master_secret.h"
#include "crypto/signature.h"

namespace handfast::bench {
namespace {

const crypto::SigningKey& key() {
  static const crypto::SigningKey key = value(crypto::SigningKey::generate(crypto::KeyType::rsa));
  return key;
}

Buffer encrypted() {
  // RSAPublicKey: SEQUENCE, INTEGER of 257 bytes that begins with 0, INTEGER of 3 bytes.
  const Bytes der = key().public_key();
  const crypto::VerifyingKey half =
      value(crypto::VerifyingKey::from_rsa(crypto::KeyType::rsa, der.subspan(9, 256), der.last(3)));
  constexpr std::array<std::uint8_t, crypto::pre_master_secret_size> secret{3, 3};
  return value(half.encrypt(secret, system_random()));
}

/// The key's import included: a client sees a certificate once.
void client(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(encrypted());
}
BENCHMARK(client)->Name("rsa_key_exchange/client");

void server(benchmark::State& state) {
  const Buffer ciphertext = encrypted();
  const base::Secret instead(crypto::pre_master_secret_size);
  for (auto _ : state) {
    const std::optional<Buffer> block = key().decrypt(ciphertext);
    benchmark::DoNotOptimize(crypto::unpad_pre_master_secret(*block, ProtocolVersion::tls1_2, instead));
  }
}
BENCHMARK(server)->Name("rsa_key_exchange/server");

}  // namespace
}  // namespace handfast::bench
