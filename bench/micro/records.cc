// Records sealed and opened, and the key schedule of a handshake.
#include <array>
#include <memory>
#include <utility>

#include <benchmark/benchmark.h>

#include <handfast/random.h>

#include "base/copy.h"
#include "base/output_buffer.h"
#include "check.h"
#include "crypto/hash.h"
#include "record/protection.h"
#include "record/record.h"
#include "schedule/secrets.h"

namespace handfast::bench {
namespace {

constexpr auto sha256 = crypto::HashAlgorithm::sha256;
constexpr auto aead = crypto::AeadAlgorithm::aes_128_gcm;
constexpr auto tls13 = CipherSuite::TLS_AES_128_GCM_SHA256;
constexpr auto tls12 = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

void sizes(benchmark::internal::Benchmark* bench) { bench->ArgName("bytes")->Arg(64)->Arg(1024)->Arg(16384); }

template <CipherSuite suite>
record::Protection protection() {
  constexpr std::array<std::uint8_t, 16> key{1, 2, 3};
  return {*crypto::find_suite(suite), crypto::Aead(aead, key), crypto::Nonce{}, UINT64_MAX};
}

template <record::Protection (*keyed)()>
void seal(benchmark::State& state) {
  record::Protection sealing = keyed();
  const Buffer data(static_cast<std::size_t>(state.range(0)));
  base::OutputBuffer out;
  for (auto _ : state) {
    value(sealing.seal(ContentType::application_data, data, 0, out));
    out.drain(out.view().size());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(seal<protection<tls13>>)->Name("record/seal")->Apply(sizes);
BENCHMARK(seal<protection<tls12>>)->Name("record/tls12/seal")->Apply(sizes);

/// A copy of the record included: it is opened in place.
template <record::Protection (*keyed)()>
void open(benchmark::State& state) {
  const Buffer data(static_cast<std::size_t>(state.range(0)));
  base::OutputBuffer out;
  value(keyed().seal(ContentType::application_data, data, 0, out));
  Buffer record(out.view().size());
  for (auto _ : state) {
    base::copy(out.view(), record);
    record::Protection opening = keyed();  // the record has sequence number 0
    value(opening.open(record, record::max_plaintext + 1));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(open<protection<tls13>>)->Name("record/key_and_open")->Apply(sizes);
BENCHMARK(open<protection<tls12>>)->Name("record/tls12/key_and_open")->Apply(sizes);

/// Under a block cipher; in both orders of MAC and encryption.
template <CipherSuite suite, crypto::MacOrder order>
record::Protection cbc_protection() {
  constexpr crypto::CbcAlgorithm algorithm = crypto::find_suite(suite)->cbc();
  constexpr std::array<std::uint8_t, 64> bytes{1, 2, 3};
  crypto::CbcKeys keys(algorithm, Bytes(bytes).first(crypto::digest_size(algorithm.mac)),
                       Bytes(bytes).first(crypto::key_size(algorithm.cipher)));
  return record::Protection(std::make_unique<record::CbcProtection>(std::move(keys), order, system_random()),
                            ProtocolVersion::tls1_2);
}

constexpr auto cbc_sha = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA;
constexpr auto cbc_sha384 = CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384;
constexpr auto mte = crypto::MacOrder::mac_then_encrypt, etm = crypto::MacOrder::encrypt_then_mac;
BENCHMARK(seal<cbc_protection<cbc_sha, mte>>)->Name("record/cbc_sha/mac_then_encrypt/seal")->Apply(sizes);
BENCHMARK(open<cbc_protection<cbc_sha, mte>>)->Name("record/cbc_sha/mac_then_encrypt/key_and_open")->Apply(sizes);
BENCHMARK(open<cbc_protection<cbc_sha, etm>>)->Name("record/cbc_sha/encrypt_then_mac/key_and_open")->Apply(sizes);
BENCHMARK(open<cbc_protection<cbc_sha384, mte>>)->Name("record/cbc_sha384/mac_then_encrypt/key_and_open")->Apply(sizes);

/// All that one side derives, from the shared secret to the application's keys.
void schedule_keys(benchmark::State& state) {
  const crypto::Digest transcript = crypto::Hash::of(sha256, {});
  const base::Secret shared_secret(std::size_t{32});
  for (auto _ : state) {
    schedule::HandshakeSecret handshake = schedule::EarlySecret(sha256).handshake(shared_secret);
    const schedule::TrafficSecret client = handshake.client_handshake_traffic(transcript.view());
    const schedule::TrafficSecret server = handshake.server_handshake_traffic(transcript.view());
    benchmark::DoNotOptimize(client.keys(aead));
    benchmark::DoNotOptimize(server.keys(aead));
    benchmark::DoNotOptimize(client.finished(transcript.view()));
    benchmark::DoNotOptimize(server.finished(transcript.view()));
    const schedule::MasterSecret master = std::move(handshake).master();
    benchmark::DoNotOptimize(master.client_application_traffic(transcript.view()).keys(aead));
    benchmark::DoNotOptimize(master.server_application_traffic(transcript.view()).keys(aead));
    benchmark::DoNotOptimize(master.exporter(transcript.view()));
  }
}
BENCHMARK(schedule_keys)->Name("schedule/one_side");

}  // namespace
}  // namespace handfast::bench
