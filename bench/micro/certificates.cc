// Certificates: parsed, imported, and a chain verified.
#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include <handfast/clock.h>
#include <handfast/trust.h>

#include "case.h"
#include "chain.h"
#include "check.h"
#include "x509/certificate.h"
#include "x509/server_name.h"
#include "x509/verify.h"

namespace handfast::bench {
namespace {

constexpr int p256 = static_cast<int>(crypto::KeyType::p256);
constexpr int rsa = static_cast<int>(crypto::KeyType::rsa);

Chain chain_of(const benchmark::State& state) { return make_chain(static_cast<crypto::KeyType>(state.range(0))); }

void parse(benchmark::State& state) {
  const Chain chain = chain_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(x509::parse_certificate(chain.leaf));
}
BENCHMARK(parse)->Name("certificate/parse")->ArgName("type")->Arg(p256)->Arg(rsa);

void import_key(benchmark::State& state) {
  const Chain chain = chain_of(state);
  const x509::CertificateView leaf = value(x509::parse_certificate(chain.leaf));
  for (auto _ : state) benchmark::DoNotOptimize(x509::import_key(leaf.public_key));
}
BENCHMARK(import_key)->Name("certificate/import_key")->ArgName("type")->Arg(p256)->Arg(rsa);

/// From the DER of a Certificate message to a verified path: two signatures.
void verify(benchmark::State& state) {
  const Chain chain = chain_of(state);
  const std::array<Bytes, 1> roots{chain.root};
  const std::array<Bytes, 2> sent{chain.leaf, chain.intermediate};
  const TrustAnchors::Shared anchors = value(TrustAnchors::from_der(roots));
  const x509::ServerName name = value(x509::ServerName::parse(server_name));
  const std::int64_t now = system_clock().now();
  for (auto _ : state) {
    const std::vector<x509::Certificate> parsed = value(x509::parse_chain(sent));
    benchmark::DoNotOptimize(
        value(x509::verify({.chain = parsed, .purpose = x509::ServerAuth{name}, .anchors = *anchors, .now = now})));
  }
}
BENCHMARK(verify)->Name("certificate/verify_chain")->ArgName("type")->Arg(p256)->Arg(rsa);

}  // namespace
}  // namespace handfast::bench
