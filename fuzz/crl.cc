// Revocation lists: parsed, searched and asked. Those that the input asks for are signed here, so that what they say is
// believed.
#include <vector>

#include "authority/signed.h"
#include "fuzz.h"
#include "identities.h"
#include "x509/ask_crls.h"
#include "x509/crl.h"
#include "x509/der_writer.h"

namespace handfast::fuzz {
namespace {

Buffer sign(Bytes tbs) {
  static const crypto::SigningKey key = test::value(crypto::SigningKey::from_der(Identities::key_der(1)));
  Buffer crl;
  x509::der::Writer w(crl);
  w.within(x509::der::Tag::sequence, [&] { require(authority::write_signed(w, tbs, key).has_value()); });
  return crl;
}

/// Every entry is found under the name and number that it is of, and what was parsed once parses again.
void search(const x509::Crl& list) {
  Bytes issuer = list->issuer;
  x509::CrlEntry entry;
  std::size_t count = 0;
  for (Bytes rest = list->revoked_certificates; x509::read_crl_entry(rest, entry); ++count) {
    if (!entry.certificate_issuer.empty()) issuer = entry.certificate_issuer;
    const auto found = list.find(issuer, entry.serial_number);
    require(found && std::ranges::equal(found->serial_number, entry.serial_number));
    require(list.places(issuer, entry.serial_number).size() <= x509::max_equal_entries);
  }
  require(count == list.size());
  require(x509::Crl::parse(Buffer(list->der.begin(), list->der.end())).has_value());
}

/// One list alone: good is what it does not name, and within its dates.
void is_consistent(const x509::Crl& list, const x509::CertificateView& leaf, const x509::RevocationAnswer& answer,
                   std::int64_t now) {
  const auto entry = list.find(leaf.issuer, leaf.serial_number);
  const bool named = entry && entry->reason != x509::CRLReason::removeFromCRL;
  if (answer.status == x509::RevocationStatus::good)
    require(!named && list->this_update <= now && list->next_update && now <= *list->next_update &&
            list->unknown_critical.empty() && !list->delta_crl_indicator);
  if (answer.status == x509::RevocationStatus::revoked) require(named && list->this_update <= now);
}

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  static const x509::Certificate leaf = test::value(x509::Certificate::parse(fuzz::identities().leaf));
  static const x509::Certificate root = test::value(x509::Certificate::parse(fuzz::identities().root));
  const std::int64_t now = test::FixedClock().seconds;
  fuzz::Choices input(data, size);
  const bool sign = (input.byte() & 1) != 0;
  std::vector<Buffer> lists;
  std::vector<x509::Crl> parsed;
  while (!input.empty() && lists.size() < 4) {
    const Bytes bytes = input.many();
    Buffer list = sign ? fuzz::sign(bytes) : Buffer(bytes.begin(), bytes.end());
    auto crl = x509::Crl::parse(list);
    if (!crl) continue;
    fuzz::search(*crl);
    lists.push_back(std::move(list));
    parsed.push_back(std::move(*crl));
  }
  const std::vector<Bytes> views(lists.begin(), lists.end());
  const auto set = RevocationLists::from_der(views);
  if (!set) return 0;
  const std::vector<x509::Certificate> chain = {leaf, root};
  x509::Work work{.candidates = 0, .signatures = 64, .name_comparisons = 10'000};
  const auto answer =
      x509::ask_crls(**set, {*leaf, *root, nullptr, chain, fuzz::identities().anchors.get(), now}, work);
  if (answer && parsed.size() == 1) fuzz::is_consistent(parsed.front(), *leaf, *answer, now);
  return 0;
}
