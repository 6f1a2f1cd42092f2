// The record layer: a stream of bytes, whole and in pieces, in the clear and under a key.
#include <memory>
#include <optional>
#include <vector>

#include "crypto/cipher_suite.h"
#include "engine/inbound.h"
#include "engine/pair.h"
#include "fuzz.h"
#include "schedule/secrets.h"

namespace handfast::fuzz {
namespace {

/// Everything that came out: a type and its content, one after the other, and the error at the end.
struct Outcome {
  std::vector<std::pair<ContentType, Buffer>> records;
  std::optional<Reason> reason;
  std::size_t left = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::uint8_t settings, Bytes stream, std::size_t piece) {
  CommonOptions options;
  options.limits.skipped_early_data = 512;
  options.limits.empty_records = 4;
  test::FixedClock clock;
  const config::Tracer tracer(nullptr, Side::server, clock);
  engine::Inbound inbound(settings & 16 ? Side::client : Side::server, options, tracer);
  if (settings & 1) inbound.limit(64);
  if (settings & 2) inbound.skip_early_data(options.limits.skipped_early_data);
  if (settings & 128) {
    // A block cipher, in both orders; its MAC is real, so that what comes out is a refusal, in whatever way.
    const Buffer mac_key(20, 1), key(16, 2);
    crypto::CbcKeys keys({crypto::BlockCipher::aes_128, crypto::HashAlgorithm::sha1}, mac_key, key);
    inbound.install(Level::application, record::Protection(std::make_unique<record::CbcProtection>(
                                                               std::move(keys),
                                                               settings & 32 ? crypto::MacOrder::encrypt_then_mac
                                                                             : crypto::MacOrder::mac_then_encrypt,
                                                               system_random()),
                                                           ProtocolVersion::tls1_2));
  } else if (settings & 12) {
    // Each of the layouts. Where the key comes from is of no matter.
    constexpr CipherSuite suites[] = {
        CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, CipherSuite::TLS_CHACHA20_POLY1305_SHA256};
    const crypto::SuiteParts& suite = *crypto::find_suite(suites[settings >> 5 & 3]);
    schedule::TrafficKeys keys = schedule::TrafficSecret(suite.hash, base::Secret(32)).keys(suite.aead());
    inbound.install(settings & 8 ? Level::application : Level::handshake,
                    record::Protection(suite, std::move(keys.key), keys.iv, 100));
  }

  Outcome outcome;
  Buffer waiting;
  while (!outcome.reason) {
    const Bytes next = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(next.size());
    waiting.insert(waiting.end(), next.begin(), next.end());
    std::size_t done = 0;
    while (true) {
      Result<engine::Inbound::Step> step = inbound.step(MutableBytes(waiting).subspan(done));
      if (!step) {
        outcome.reason = step.error().reason();
        break;
      }
      require(step->consumed <= waiting.size() - done);
      if (step->consumed == 0) break;
      if (step->record) {
        const Bytes content = step->record->content;
        const bool may_be_empty = step->record->type == ContentType::application_data;
        require((!content.empty() || may_be_empty) && content.size() <= record::max_plaintext);
        outcome.records.emplace_back(step->record->type, Buffer(content.begin(), content.end()));
      }
      done += step->consumed;
    }
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(done));
    if (stream.empty()) break;
  }
  outcome.left = outcome.reason ? 0 : waiting.size();
  return outcome;
}

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast::fuzz;
  Choices input(data, size);
  const std::uint8_t settings = input.byte();
  const std::size_t piece = 1 + input.byte() % 64;
  const handfast::Bytes stream = input.rest();
  require(read(settings, stream, SIZE_MAX) == read(settings, stream, piece));
  return 0;
}
