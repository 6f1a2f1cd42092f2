#include "doctor/catalogue/catalogue.h"

#include <algorithm>
#include <vector>

#include "doctor/catalogue/families.h"
#include "x509/ascii.h"

namespace handfast::doctor {
namespace {

/// The entries by code, and behind them what each one's aliases point into.
struct Catalogue {
  std::vector<Entry> entries;
  std::vector<Alias> aliases;

  Catalogue() {
    for (const std::span<const Entry> family :
         {alert_entries(), certificate_alert_entries(), certificate_entries(), chain_entries(), form_entries(),
          inside_entries(), message_entries(), negotiation_entries(), network_entries(), port_entries(),
          proof_entries(), revocation_entries(), stream_entries()})
      entries.insert(entries.end(), family.begin(), family.end());
    std::ranges::sort(entries, {}, &Entry::code);
    std::size_t count = 0;
    for (const Program& program : programs()) count += program.sayings.size();
    aliases.reserve(count);  // the spans point into it: it may not move
    for (Entry& entry : entries) add_aliases(entry);
  }

 private:
  void add_aliases(Entry& entry) {
    const std::size_t first = aliases.size();
    for (const Program& program : programs())
      for (const Saying& saying : program.sayings)
        if (saying.code == entry.code) aliases.push_back({program.name, saying.text});
    entry.aliases = std::span(aliases).subspan(first);
  }
};

/// A verdict names an alert that is only reserved by now as the registry does: "alert_no_certificate_RESERVED".
std::string_view without_reserved(std::string_view word) noexcept {
  constexpr std::string_view reserved = "_RESERVED";
  if (word.ends_with(reserved)) word.remove_suffix(reserved.size());
  return word;
}

}  // namespace

std::span<const Program> programs() noexcept {
  static const Program all[] = {
      {"OpenSSL", openssl_sayings()},   {"GnuTLS", gnutls_sayings()},   {"curl", curl_sayings()},
      {"Chromium", chromium_sayings()}, {"Firefox", firefox_sayings()}, {"Go", go_sayings()},
      {"Java", java_sayings()},         {"Node.js", node_sayings()},    {"Python", python_sayings()},
      {"rustls", rustls_sayings()},     {"Linux", linux_sayings()},
  };
  return all;
}

std::span<const Entry> catalogue() {
  static const Catalogue whole;
  return whole.entries;
}

const Entry* find_entry(std::string_view code_or_word) noexcept {
  code_or_word = without_reserved(code_or_word);
  for (const Entry& entry : catalogue())
    if (x509::equal_without_case(entry.code, code_or_word) || entry.word == code_or_word) return &entry;
  return nullptr;
}

std::span<const Family> families() noexcept {
  static constexpr Family all[] = {
      {"HF01", "The byte stream"},
      {"HF02", "Certificates, and proofs of them"},
      {"HF03", "Messages"},
      {"HF04", "Negotiation"},
      {"HF05", "An open connection"},
      {"HF06", "What the handshake asks for outside"},
      {"HF07", "Files and settings"},
      {"HF08", "The way there, and what was asked for besides"},
      {"HF09", "What the doctor finds out"},
      {"HF1", "Alerts: what the other side says"},
  };
  return all;
}

}  // namespace handfast::doctor
