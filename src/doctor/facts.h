// How a message's fields become facts, for those who read messages.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trust.h>

#include "doctor/certificate.h"
#include "doctor/style.h"
#include "wire/extension.h"
#include "wire/grease.h"
#include "wire/list.h"
#include "x509/name.h"
#include "x509/public_key.h"

namespace handfast::doctor {

/// Names of the numbers in a list; reserved ones (RFC 8701) as what they are.
template <typename Number>
std::vector<std::string> names(const wire::List<Number>& list) {
  std::vector<std::string> out;
  for (Number number : list) {
    const bool grease = wire::is_grease(static_cast<std::uint16_t>(number));
    out.push_back(grease ? std::string("GREASE") : name(number));
  }
  return out;
}

/// Collects facts, leaving out what is not there.
class Facts {
 public:
  explicit Facts(std::vector<Fact>& out) noexcept : out_(out) {}
  void add(std::string_view name, Fact::Value value) { out_.push_back({name, std::move(value)}); }
  void flag(std::string_view name, bool present) {
    if (present) add(name, std::string("yes"));
  }
  template <typename Number>
  void list(std::string_view name, const std::optional<wire::List<Number>>& list) {
    if (list) add(name, names(*list));
  }
  template <typename Number>
  void number(std::string_view name, const std::optional<Number>& value) {
    if (value) add(name, static_cast<std::int64_t>(*value));
  }
  void size(std::string_view name, const std::optional<Bytes>& bytes) {
    if (bytes) add(name, fmt::format("{} bytes", bytes->size()));
  }
  /// A raw public key, which may stand where a certificate does (RFC 7250); false: these bytes are none.
  bool raw_public_key(Bytes der) {
    x509::SubjectPublicKeyInfo key;
    if (!x509::parse_public_key(der, key)) return false;
    add("ASN1_subjectPublicKeyInfo", key_text(key) + ", " + SpkiPin::of(der).text());
    return true;
  }
  void authorities(const wire::List<wire::Opaque16>& list) {
    std::vector<std::string> texts;
    for (const wire::Opaque16& dn : list) texts.push_back(printable_utf8(x509::name_text(dn.data)));
    add("certificate_authorities", std::move(texts));
  }

 private:
  std::vector<Fact>& out_;
};

}  // namespace handfast::doctor
