// DER values, distinguished names, general names and server names: what certificates and users call a peer.
#include <handfast/trust.h>

#include "fuzz.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/name_constraints.h"
#include "x509/name_set.h"
#include "x509/server_name.h"

namespace handfast::fuzz {
namespace {

/// Reads values of the kinds that `kinds` names.
void read_der(Bytes kinds, Bytes der) {
  x509::der::Reader reader(der);
  for (std::uint8_t kind : kinds) {
    const std::size_t before = reader.peek().size();
    switch (kind % 9) {
      case 0: reader = x509::der::Reader(reader.any().content); break;
      case 1: static_cast<void>(reader.any()); break;
      case 2: static_cast<void>(reader.boolean()); break;
      case 3: static_cast<void>(reader.small_integer()); break;
      case 4: static_cast<void>(reader.positive_integer()); break;
      case 5: static_cast<void>(reader.octets_in_bit_string()); break;
      case 6: static_cast<void>(reader.named_bits()); break;
      case 7: static_cast<void>(x509::oid_text(reader.object_identifier())); break;
      default: static_cast<void>(reader.time()); break;
    }
    require(reader.peek().size() <= before);
  }
}

void distinguished_names(Bytes a, Bytes b) {
  const bool good = x509::is_name(a);
  static_cast<void>(x509::name_text(a));
  static_cast<void>(x509::attribute_values(a, b));
  if (!good || !x509::is_name(b)) return;
  std::size_t budget = 10'000;
  require(x509::equal_names(a, a) && x509::name_within(a, a, budget) == x509::Within::yes);
  require(x509::equal_names(a, b) == x509::equal_names(b, a));
  if (x509::equal_names(a, b)) require(x509::hash_name(a) == x509::hash_name(b));
}

void general_names(Bytes a, Bytes b) {
  x509::GeneralName first;
  x509::GeneralName second;
  while (!a.empty() && x509::read_general_name(a, first)) {
    static_cast<void>(x509::general_name_text(first));
    Bytes others = b;
    while (!others.empty() && x509::read_general_name(others, second)) {
      std::size_t budget = 10'000;
      static_cast<void>(x509::wholly_within(first, second, budget));
      static_cast<void>(x509::partly_within(first, second, budget));
    }
  }
  static_cast<void>(x509::parse_name_constraints(b));
}

void server_names(std::string_view a, std::string_view b) {
  const auto name = x509::ServerName::parse(a);
  if (!name) return;
  const auto again = x509::ServerName::parse(name->text());
  require(again && *again == *name && again->text() == name->text());
  require(name->is_ip() || x509::matches_dns(name->text(), name->text()));
  static_cast<void>(x509::matches_dns(b, name->text()));
}

/// Names that an anchor is trusted for, and pins, as a user writes them.
void terms(std::string_view a, std::string_view b) {
  const std::vector<std::string> texts{std::string(a)};
  if (const auto set = x509::NameSet::parse(texts)) {
    const auto again = x509::NameSet::parse(set->texts());
    require(again && *again == *set);
    if (const auto name = x509::ServerName::parse(b)) require(set->contains(*name) == again->contains(*name));
    if (const auto name = x509::ServerName::parse(a)) require(set->contains(*name));
  }
  if (const auto pin = SpkiPin::parse(a)) require(SpkiPin::parse(pin->text()) == *pin);
}

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices input(data, size);
  const std::uint8_t choice = input.byte();
  const Bytes first = input.some();
  const Bytes second = input.rest();
  switch (choice % 5) {
    case 0: fuzz::read_der(first, second); break;
    case 1: fuzz::distinguished_names(first, second); break;
    case 2: fuzz::general_names(first, second); break;
    case 3: fuzz::server_names(as_text(first), as_text(second)); break;
    default: fuzz::terms(as_text(first), as_text(second)); break;
  }
  return 0;
}
