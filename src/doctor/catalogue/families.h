// The parts that the catalogue is put together from: its entries, family by family, and what ten programs and the
// system under them say.
#pragma once

#include <span>
#include <string_view>

#include "doctor/catalogue/catalogue.h"

namespace handfast::doctor {

/// What one program prints, and the entry that says what it means. Where several entries share a text, the likeliest
/// comes first.
struct Saying {
  std::string_view code;
  std::string_view text;  ///< as in Alias
};

struct Program {
  std::string_view name;
  std::span<const Saying> sayings;
};

/// The programs whose words are known.
std::span<const Program> programs() noexcept;

// Entries without their aliases, which are made of the sayings.
std::span<const Entry> alert_entries() noexcept;
std::span<const Entry> certificate_alert_entries() noexcept;
std::span<const Entry> certificate_entries() noexcept;
std::span<const Entry> chain_entries() noexcept;
std::span<const Entry> form_entries() noexcept;
std::span<const Entry> inside_entries() noexcept;
std::span<const Entry> message_entries() noexcept;
std::span<const Entry> negotiation_entries() noexcept;
std::span<const Entry> network_entries() noexcept;
std::span<const Entry> port_entries() noexcept;
std::span<const Entry> proof_entries() noexcept;
std::span<const Entry> revocation_entries() noexcept;
std::span<const Entry> stream_entries() noexcept;

std::span<const Saying> chromium_sayings() noexcept;
std::span<const Saying> curl_sayings() noexcept;
std::span<const Saying> firefox_sayings() noexcept;
std::span<const Saying> gnutls_sayings() noexcept;
std::span<const Saying> go_sayings() noexcept;
std::span<const Saying> java_sayings() noexcept;
std::span<const Saying> linux_sayings() noexcept;
std::span<const Saying> node_sayings() noexcept;
std::span<const Saying> openssl_sayings() noexcept;
std::span<const Saying> python_sayings() noexcept;
std::span<const Saying> rustls_sayings() noexcept;

}  // namespace handfast::doctor
