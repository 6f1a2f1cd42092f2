#include "doctor/message_words.h"

#include <fmt/format.h>

#include <string_view>
#include <variant>

#include "doctor/style.h"
#include "x509/certificate.h"

namespace handfast::doctor {
namespace {

/// The items of a list are shown up to this many columns; the JSON has them all.
constexpr std::size_t list_columns = 48;

/// How a fact is called between the rails, where there is little room; empty: it is not shown there.
std::string label(std::string_view fact) {
  struct Row {
    std::string_view fact, label;
  };
  constexpr Row rows[] = {
      {"supported_versions", "versions"},
      {"supported_groups", "groups"},
      {"cipher_suites", "suites"},
      {"cipher_suite", "suite"},
      {"signature_algorithms", "signatures"},
      {"alpn", "ALPN"},
      {"ec_point_formats", "point formats"},
      {"named_curve", "curve"},
      {"ocsp_response", "OCSP response"},
      {"session_id", "session ID"},
      {"pre_shared_key", "PSK"},
      {"psk_key_exchange_modes", "PSK modes"},
      {"selected_identity", "PSK"},
      {"max_early_data_size", "early data up to"},
      {"ecdh_Yc", "point"},
      {"encrypted_pre_master_secret", "premaster secret, encrypted"},
      {"signature", ""},
      {"verify_data", ""},
      {"ticket_nonce", ""},
  };
  for (const Row& row : rows)
    if (row.fact == fact) return std::string(row.label);
  return spaced(fact);
}

}  // namespace

std::string short_list(const std::vector<std::string>& items) {
  std::string out;
  std::size_t shown = 0;
  for (; shown < items.size() && (shown == 0 || columns(out) + 2 + columns(items[shown]) <= list_columns); ++shown)
    out += fmt::format("{}{}", shown == 0 ? "" : ", ", items[shown]);
  if (items.size() > shown) out += fmt::format(" +{}", items.size() - shown);
  return out;
}

std::vector<std::string> words(const std::vector<Fact>& facts) {
  std::vector<std::string> out;
  for (const Fact& fact : facts) {
    const std::string name = label(fact.name);
    if (name.empty()) continue;
    const auto* list = std::get_if<std::vector<std::string>>(&fact.value);
    out.push_back(name + ' ' + (list != nullptr ? short_list(*list) : to_text(fact.value)));
  }
  return out;
}

std::vector<std::string> words(const CertificateSummary& certificate) {
  if (!certificate.problem.empty()) return {"unreadable: " + certificate.problem};
  std::vector<std::string> out = {certificate.subject.empty() ? "(no subject)" : certificate.subject};
  if (!certificate.names.empty()) out.push_back("for " + short_list(certificate.names));
  out.push_back(certificate.self_issued ? "self-issued" : "from " + certificate.issuer);
  out.push_back(fmt::format("valid {} to {}", x509::time_text(certificate.not_before).substr(0, 10),
                            x509::time_text(certificate.not_after).substr(0, 10)));
  out.push_back(certificate.key);
  return out;
}

}  // namespace handfast::doctor
