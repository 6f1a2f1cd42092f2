// Revocation lists: loaded and asked, of ten entries and of a million.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <handfast/random.h>
#include <handfast/revocation_lists.h>

#include "authority/mint_crl.h"
#include "check.h"
#include "x509/ask_crls.h"
#include "x509/crl.h"

namespace handfast::bench {
namespace {

constexpr std::int64_t now = 1'800'000'000;
constexpr std::int64_t day = 86400;

/// A CA, a leaf of it that is not revoked, and a list of so many others with serial numbers of sixteen octets.
struct Authority {
  explicit Authority(std::size_t entries)
      : issuer(value(authority::make_ca(authority::ca_options("CA", now - day, now + day), crypto::KeyType::p256,
                                        system_random()))),
        leaf(value(authority::make_identity(authority::leaf_options({"example.com"}, now - day, now + day),
                                            crypto::KeyType::p256, {issuer.certificate, issuer.key}, system_random()))
                 .certificate) {
    authority::CrlOptions options;
    options.this_update = now - day;
    options.next_update = now + day;
    options.crl_number = 1;
    options.revoked.resize(entries);
    for (authority::RevokedCertificate& revoked : options.revoked) {
      revoked.serial_number.resize(16);
      system_random().fill(revoked.serial_number);
      revoked.serial_number[0] = 0x40;
      revoked.revocation_date = now - day;
    }
    crl = value(authority::issue_crl(options, {issuer.certificate, issuer.key}));
  }

  authority::Identity issuer;
  x509::Certificate leaf;
  Buffer crl;
};

const Authority& authority_with(std::size_t entries) {
  static std::vector<std::pair<std::size_t, std::unique_ptr<Authority>>> made;
  for (const auto& [number, one] : made)
    if (number == entries) return *one;
  return *made.emplace_back(entries, std::make_unique<Authority>(entries)).second;
}

const Authority& authority_of(const benchmark::State& state) {
  return authority_with(static_cast<std::size_t>(state.range(0)));
}

/// Parsed, indexed and hashed.
void load(benchmark::State& state) {
  const Bytes crl = authority_of(state).crl;
  for (auto _ : state) benchmark::DoNotOptimize(value(RevocationLists::from_der({&crl, 1})));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(crl.size()));
}
BENCHMARK(load)->Name("crl/load")->ArgName("entries")->Arg(10)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void find(benchmark::State& state) {
  const Authority& authority = authority_of(state);
  const x509::Crl list = value(x509::Crl::parse(authority.crl));
  // Present ones, far from each other.
  std::vector<Bytes> serials;
  x509::CrlEntry entry;
  std::size_t count = 0;
  for (Bytes rest = list->revoked_certificates; x509::read_crl_entry(rest, entry); ++count)
    if (count % std::max<std::size_t>(list.size() / 1000, 1) == 0) serials.push_back(entry.serial_number);
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(list.find(list->issuer, serials[next++ % serials.size()]));
}
BENCHMARK(find)->Name("crl/find")->ArgName("entries")->Arg(10)->Arg(1'000'000);

/// What a verification pays for a certificate, once the list's signer is known.
void ask(benchmark::State& state) {
  const Authority& authority = authority_of(state);
  const Bytes crl = authority.crl;
  const RevocationLists::Shared lists = value(RevocationLists::from_der({&crl, 1}));
  const x509::RevocationQuestion question{*authority.leaf, *authority.issuer.certificate, nullptr, {}, nullptr, now};
  x509::Work work{.candidates = 0, .signatures = 64, .name_comparisons = 1'000};
  for (auto _ : state) {
    const x509::RevocationAnswer answer = value(x509::ask_crls(*lists, question, work));
    check(answer.status == x509::RevocationStatus::good, "the leaf is not revoked");
  }
}
BENCHMARK(ask)->Name("crl/ask")->ArgName("entries")->Arg(10)->Arg(1'000'000);

}  // namespace
}  // namespace handfast::bench
