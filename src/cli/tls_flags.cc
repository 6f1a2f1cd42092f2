#include "cli/tls_flags.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <utility>

#include "config/tls_words.h"

namespace handfast::cli {

void add_tls_flags(CLI::App& command, TlsFlags& flags) {
  command
      .add_option("--tls", flags.versions,
                  "Versions: 1.2, 1.3, or a range, 1.2..1.3 (the default). The highest that both sides have is spoken. "
                  "1.1 and 1.0 are withdrawn (RFC 8996): they are spoken only where they are named here, and suites of "
                  "theirs beside those of TLS 1.2 and 1.3: --tls 1.0..1.3 --suites "
                  "default,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")
      ->type_name("LO..HI");
  command
      .add_option(
          "--suites", flags.cipher_suites,
          "Cipher suites, in order of preference, by their registered names or OpenSSL's; default stands for those "
          "without the flag. A version that none of them belongs to is not spoken. Those of TLS 1.2 with RSA key "
          "exchange, which have no forward secrecy, and "
          "with CBC are spoken only where they are named here")
      ->type_name("A,B,...");
  command.add_option("--groups", flags.groups, "Groups of the key exchange, in order of preference")
      ->type_name("A,B,...");
  command.add_option("--alpn", flags.application_protocols, "Application protocols, in order of preference")
      ->type_name("A,B,...");
  command.add_flag("--require-ems", flags.require_extended_master_secret,
                   "Refuse a TLS 1.2 without the extended master secret (RFC 7627), which binds the secrets to the "
                   "handshake and its certificates");
  command
      .add_option("--keylog", flags.key_log,
                  "Append the connection's secrets to FILE, for Wireshark (else SSLKEYLOGFILE)")
      ->type_name("FILE");
}

Result<> apply(const TlsFlags& flags, CommonOptions& options) {
  if (flags.versions) {
    auto range = config::parse_versions("--tls", *flags.versions);
    if (!range) return fail(std::move(range.error()));
    options.min_version = range->lowest;
    options.max_version = range->highest;
  }
  if (flags.cipher_suites) {
    auto suites = config::parse_cipher_suites("--suites", *flags.cipher_suites);
    if (!suites) return fail(std::move(suites.error()));
    options.cipher_suites = std::move(*suites);
  }
  if (flags.groups) {
    auto groups = config::parse_groups("--groups", *flags.groups);
    if (!groups) return fail(std::move(groups.error()));
    options.groups = std::move(*groups);
  }
  if (flags.application_protocols) {
    auto protocols = config::parse_list("--alpn", *flags.application_protocols);
    if (!protocols) return fail(std::move(protocols.error()));
    options.application_protocols = std::move(*protocols);
  }
  options.require_extended_master_secret = flags.require_extended_master_secret;
  const char* environment = std::getenv("SSLKEYLOGFILE");
  const std::string key_log = flags.key_log.value_or(environment != nullptr ? environment : "");
  if (flags.key_log || !key_log.empty()) {
    auto log = key_log_file(key_log);
    if (!log) return fail(std::move(log.error()));
    options.key_log = std::move(*log);
  }
  return {};
}

Error of_flag(std::string_view flag, const Error& error) {
  Error out = Error(error.alert(), error.reason()).with("option", std::string(flag));
  for (const Fact& fact : error.evidence())
    if (fact.name != "option") out = std::move(out).with(fact.name, fact.value);
  return out;
}

Error of_key(const Error& error) {
  const Fact::Value* key = error.find("option");
  return key != nullptr ? of_flag("--" + to_text(*key), error) : error;
}

}  // namespace handfast::cli
