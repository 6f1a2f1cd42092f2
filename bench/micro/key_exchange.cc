// Key shares: what each side of a handshake does with a group; and ML-KEM alone, ours beside libcrypto's own, which
// OpenSSL has from 3.5 on.
#include <array>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <handfast/random.h>

#include "check.h"
#include "crypto/key_exchange.h"
#include "crypto/ml_kem/ml_kem.h"

namespace handfast::bench {
namespace {

constexpr NamedGroup groups[] = {
    NamedGroup::x25519,         NamedGroup::secp256r1,         NamedGroup::secp384r1,
    NamedGroup::X25519MLKEM768, NamedGroup::SecP256r1MLKEM768, NamedGroup::SecP384r1MLKEM1024};

/// Makes a share, and the secret with the answer to it, which here is always the same kind of share.
void initiator(benchmark::State& state, NamedGroup group) {
  crypto::KeyExchange first = value(crypto::KeyExchange::generate(group, system_random()));
  const crypto::KeyExchangeResponse response = value(crypto::respond(group, first.share(), system_random()));
  for (auto _ : state) {
    crypto::KeyExchange exchange = value(crypto::KeyExchange::generate(group, system_random()));
    benchmark::DoNotOptimize(exchange.share());
    benchmark::DoNotOptimize(value(exchange.agree(response.share)));
  }
}

void responder(benchmark::State& state, NamedGroup group) {
  crypto::KeyExchange exchange = value(crypto::KeyExchange::generate(group, system_random()));
  const Buffer share = exchange.share();
  for (auto _ : state) benchmark::DoNotOptimize(value(crypto::respond(group, share, system_random())));
}

constexpr auto set = crypto::ml_kem::ParameterSet::ml_kem_768;

struct OurKey {
  std::array<std::uint8_t, crypto::ml_kem::seed_size> seed{1};
  std::array<std::uint8_t, crypto::ml_kem::encapsulation_key_size(set)> encapsulation_key;
  std::array<std::uint8_t, crypto::ml_kem::key_hash_size> hash;

  OurKey() { crypto::ml_kem::generate(set, seed, encapsulation_key, hash); }
};

void our_generate(benchmark::State& state) {
  OurKey key;
  for (auto _ : state) crypto::ml_kem::generate(set, key.seed, key.encapsulation_key, key.hash);
}
BENCHMARK(our_generate)->Name("ml_kem_768/generate/handfast");

using Ciphertext = std::array<std::uint8_t, crypto::ml_kem::ciphertext_size(set)>;
using SharedSecret = std::array<std::uint8_t, crypto::ml_kem::shared_secret_size>;

void our_encapsulate(benchmark::State& state) {
  const OurKey key;
  Ciphertext ciphertext;
  SharedSecret secret;
  for (auto _ : state)
    check(crypto::ml_kem::encapsulate(set, key.encapsulation_key, SharedSecret{2}, ciphertext, secret), "encapsulate");
}
BENCHMARK(our_encapsulate)->Name("ml_kem_768/encapsulate/handfast");

void our_decapsulate(benchmark::State& state) {
  const OurKey key;
  Ciphertext ciphertext;
  SharedSecret secret;
  check(crypto::ml_kem::encapsulate(set, key.encapsulation_key, SharedSecret{2}, ciphertext, secret), "encapsulate");
  for (auto _ : state) check(crypto::ml_kem::decapsulate(set, key.seed, key.hash, ciphertext, secret), "decapsulate");
}
BENCHMARK(our_decapsulate)->Name("ml_kem_768/decapsulate/handfast");

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

PkeyContext context(EVP_PKEY* key) { return {EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr), EVP_PKEY_CTX_free}; }

Pkey libcrypto_key() { return {EVP_PKEY_Q_keygen(nullptr, nullptr, "ML-KEM-768"), EVP_PKEY_free}; }

void encapsulate(EVP_PKEY* key, Ciphertext& ciphertext, SharedSecret& secret) {
  const PkeyContext encapsulation = context(key);
  std::size_t size = ciphertext.size(), secret_size = secret.size();
  check(EVP_PKEY_encapsulate_init(encapsulation.get(), nullptr) == 1 &&
            EVP_PKEY_encapsulate(encapsulation.get(), ciphertext.data(), &size, secret.data(), &secret_size) == 1,
        "EVP_PKEY_encapsulate");
}

void libcrypto_generate(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(libcrypto_key());
}

void libcrypto_encapsulate(benchmark::State& state) {
  const Pkey key = libcrypto_key();
  Ciphertext ciphertext;
  SharedSecret secret;
  for (auto _ : state) encapsulate(key.get(), ciphertext, secret);
}

void libcrypto_decapsulate(benchmark::State& state) {
  const Pkey key = libcrypto_key();
  Ciphertext ciphertext;
  SharedSecret secret;
  encapsulate(key.get(), ciphertext, secret);
  for (auto _ : state) {
    const PkeyContext decapsulation = context(key.get());
    std::size_t size = secret.size();
    check(
        EVP_PKEY_decapsulate_init(decapsulation.get(), nullptr) == 1 &&
            EVP_PKEY_decapsulate(decapsulation.get(), secret.data(), &size, ciphertext.data(), ciphertext.size()) == 1,
        "EVP_PKEY_decapsulate");
  }
}

[[maybe_unused]] const bool registered = [] {
  for (NamedGroup group : groups) {
    const std::string prefix = "key_exchange/" + std::string(name(group));
    benchmark::RegisterBenchmark((prefix + "/initiator").c_str(), initiator, group);
    benchmark::RegisterBenchmark((prefix + "/responder").c_str(), responder, group);
  }
  if (libcrypto_key()) {
    benchmark::RegisterBenchmark("ml_kem_768/generate/libcrypto", libcrypto_generate);
    benchmark::RegisterBenchmark("ml_kem_768/encapsulate/libcrypto", libcrypto_encapsulate);
    benchmark::RegisterBenchmark("ml_kem_768/decapsulate/libcrypto", libcrypto_decapsulate);
  }
  return true;
}();

}  // namespace
}  // namespace handfast::bench
