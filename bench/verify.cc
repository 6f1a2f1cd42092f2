// CPU per verification of a chain, beside X509_verify_cert and the bare signature checks.
#include "verify.h"

#include <functional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <handfast/clock.h>
#include <handfast/random.h>

#include "authority/mint.h"
#include "case.h"
#include "check.h"
#include "floor/certificate.h"
#include "floor/keys.h"
#include "measure.h"
#include "meter.h"
#include "row.h"
#include "x509/verify.h"

namespace handfast::bench {
namespace {

/// About as many as Mozilla's program has.
constexpr int other_anchors = 139;
constexpr std::int64_t day = 86'400;

class Ours final : public ChainVerifier {
 public:
  explicit Ours(const TrustedChain& chain)
      : sent_(chain.sent()),
        anchors_(value(TrustAnchors::from_der(std::vector<Bytes>(chain.anchors.begin(), chain.anchors.end())))),
        parsed_(value(x509::parse_chain(sent_))) {}

  void verify() override { verify(value(x509::parse_chain(sent_))); }
  void verify_parsed() override { verify(parsed_); }
  void parse() override { value(x509::parse_certificate(sent_.front())); }

 private:
  void verify(std::span<const x509::Certificate> chain) const {
    // As a client does it that was told nothing: it asks for a staple, and none came.
    value(x509::verify({.chain = chain,
                        .purpose = purpose_,
                        .anchors = *anchors_,
                        .now = system_clock().now(),
                        .revocation = {.policy = RevocationPolicy::staple}}));
  }

  std::array<Bytes, 2> sent_;
  TrustAnchors::Shared anchors_;
  std::vector<x509::Certificate> parsed_;
  x509::Purpose purpose_ = x509::ServerAuth{value(x509::ServerName::parse(server_name))};
};

class Floor final : public ChainVerifier {
 public:
  Floor(const TrustedChain& chain, crypto::KeyType type)
      : sent_(chain.sent()), signatures_(Signatures::make(type, chain.chain)) {
    for (std::size_t i = 0; i < sent_.size(); ++i) parsed_[i] = read_certificate(sent_[i]);
  }

  void verify() override { signatures_->verify_chain(read_certificate(sent_[0]), read_certificate(sent_[1])); }
  void verify_parsed() override { signatures_->verify_chain(parsed_[0], parsed_[1]); }
  void parse() override {
    const SignedCertificate read = read_certificate(sent_.front());
    __asm__ __volatile__("" : : "r"(&read) : "memory");
  }

 private:
  std::array<Bytes, 2> sent_;
  std::array<SignedCertificate, 2> parsed_;
  std::unique_ptr<Signatures> signatures_;
};

constexpr std::array all{
    VerifyCase{"verify-p256", crypto::KeyType::p256},
    VerifyCase{"verify-rsa2048", crypto::KeyType::rsa},
};

/// What one contestant does in a batch, as the client that it is in a handshake.
using Step = void (ChainVerifier::*)();
Sides batch(ChainVerifier& verifier, Step step, std::size_t times) {
  CpuMeter meter;
  meter.run(Side::client, [&] {
    for (std::size_t i = 0; i < times; ++i) (verifier.*step)();
  });
  return {.client = meter.spent().client / static_cast<double>(times)};
}

}  // namespace

std::span<const VerifyCase> verify_cases() noexcept { return all; }

TrustedChain TrustedChain::make(crypto::KeyType type) {
  TrustedChain made{make_chain(type), {}};
  made.anchors.push_back(made.chain.root);
  const crypto::SigningKey key = value(crypto::SigningKey::generate(crypto::KeyType::p256));
  const std::int64_t now = system_clock().now();
  for (int i = 0; i < other_anchors; ++i) {
    const auto options = authority::ca_options(fmt::format("Another Root {}", i), now - day, now + 90 * day);
    const x509::Certificate root = value(authority::self_sign(options, key, system_random()));
    made.anchors.emplace_back(root.der().begin(), root.der().end());
  }
  return made;
}

std::unique_ptr<ChainVerifier> ChainVerifier::handfast(const TrustedChain& chain) {
  return std::make_unique<Ours>(chain);
}
std::unique_ptr<ChainVerifier> ChainVerifier::floor(const TrustedChain& chain, crypto::KeyType type) {
  return std::make_unique<Floor>(chain, type);
}

Rows measure_verification(const VerifyCase& which, double seconds) {
  const TrustedChain chain = TrustedChain::make(which.key);
  struct Contender {
    const char* name;
    std::unique_ptr<ChainVerifier> verifier;
  };
  const Contender contenders[] = {{"handfast", ChainVerifier::handfast(chain)},
                                  {"openssl", ChainVerifier::openssl(chain)},
                                  {"floor", ChainVerifier::floor(chain, which.key)}};
  struct Part {
    const char* suffix;
    Step step;
    std::size_t times;  ///< in a batch
  };
  constexpr Part parts[] = {{"", &ChainVerifier::verify, 8},
                            {"-parsed", &ChainVerifier::verify_parsed, 8},
                            {"-parse", &ChainVerifier::parse, 64}};
  Rows rows;
  for (const Part& part : parts) {
    std::vector<Contestant> contestants;
    for (const Contender& contender : contenders)
      contestants.push_back({contender.name, [&] { return batch(*contender.verifier, part.step, part.times); }});
    const std::vector<Measured> measured = alternate(contestants, seconds / 3);
    for (const Measured& one : measured)
      rows.push_back({.name = fmt::format("{}{}", which.name, part.suffix),
                      .side = name(Side::client),
                      .implementation = one.name,
                      .us = one.client.median,
                      .floor_us = measured.back().client.median,
                      .over_floor_us = one.client.over_last,
                      .spread = one.client.spread});
  }
  return rows;
}

}  // namespace handfast::bench
