// Signatures as handshakes make and check them: over 130 bytes, which is what a CertificateVerify signs.
#include <benchmark/benchmark.h>

#include <utility>

#include "check.h"
#include "crypto/signature.h"

namespace handfast::bench {
namespace {

/// A key, its first scheme, and what that has signed.
struct Signed {
  crypto::SigningKey key;
  crypto::SignatureAlgorithm algorithm;
  Buffer message = Buffer(130, 0x20);
  Buffer signature;

  static Signed make(const benchmark::State& state) {
    crypto::SigningKey key = value(crypto::SigningKey::generate(static_cast<crypto::KeyType>(state.range(0))));
    crypto::SchemeAlgorithm parts{};
    crypto::lookup(key.schemes().front(), parts);
    Signed made{.key = std::move(key), .algorithm = parts.algorithm, .signature = {}};
    made.signature = value(made.key.sign(made.algorithm, made.message));
    return made;
  }
};

void sign(benchmark::State& state) {
  const Signed it = Signed::make(state);
  for (auto _ : state) benchmark::DoNotOptimize(value(it.key.sign(it.algorithm, it.message)));
}

/// With the import of the key, as for each certificate that a peer sends.
void verify(benchmark::State& state) {
  const Signed it = Signed::make(state);
  for (auto _ : state) {
    const auto key = value(crypto::VerifyingKey::from_point(it.key.type(), it.key.public_key()));
    if (!key.verify(it.algorithm, it.message, it.signature)) state.SkipWithError("it does not verify");
  }
}

/// What stands in a certificate as it is, of those that libcrypto has.
void types(benchmark::internal::Benchmark* bench) {
  using enum crypto::KeyType;
  bench->ArgName("type");
  for (crypto::KeyType type : {p256, p384, ed25519, mldsa44, mldsa65, mldsa87})
    if (crypto::supports(type)) bench->Arg(static_cast<int>(type));
}
BENCHMARK(sign)->Name("signature/sign")->Apply(types);
BENCHMARK(verify)->Name("signature/verify")->Apply(types);

}  // namespace
}  // namespace handfast::bench
