// The flags that clients and servers share, and how their values are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/types.h>

namespace CLI {
class App;
}

namespace handfast::cli {

struct TlsFlags {
  std::optional<std::string> versions;
  std::optional<std::string> cipher_suites;
  std::optional<std::string> groups;
  std::optional<std::string> application_protocols;
  std::optional<std::string> key_log;
  bool require_extended_master_secret = false;
};

/// Adds --tls, --suites, --groups, --alpn, --require-ems and --keylog to a subcommand; `flags` must outlive it.
void add_tls_flags(CLI::App& command, TlsFlags& flags);

/// Reads them into options; what is not given stays as it is. Without --keylog the environment's SSLKEYLOGFILE counts.
/// Fails with bad_config, its evidence `option` the flag, and file_not_readable.
Result<> apply(const TlsFlags& flags, CommonOptions& options);

/// The same error, said of that flag: its evidence `option` is the flag.
Error of_flag(std::string_view flag, const Error& error);
/// The same error of an option that a configuration calls by its key, said of the flag of that name: "route" is
/// --route. One without evidence `option` stays as it is.
Error of_key(const Error& error);

struct VersionRange {
  ProtocolVersion lowest;
  ProtocolVersion highest;
};
/// "1.3", "1.2..1.3", "..1.2" (from the oldest that there is here), "1.2.." (to the newest). Fails with bad_config.
Result<VersionRange> parse_versions(std::string_view text);
/// "TLS_AES_128_GCM_SHA256,...", with or without "TLS_", in any case; those of TLS 1.2 by OpenSSL's names as well, and
/// with its colons between them. Fails with bad_config.
Result<std::vector<CipherSuite>> parse_cipher_suites(std::string_view text);
/// "x25519,secp256r1,...", also as "P-256". Fails with bad_config.
Result<std::vector<NamedGroup>> parse_groups(std::string_view text);
/// "h2,http/1.1": the items between the commas; an empty one is bad_config.
Result<std::vector<std::string>> parse_list(std::string_view option, std::string_view text);

}  // namespace handfast::cli
