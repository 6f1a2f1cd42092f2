// How people write versions, suites, groups and lists, on a command line and in a configuration. `option` is what the
// evidence of an error says that the text was given as.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/types.h>

namespace handfast::config {

struct VersionRange {
  ProtocolVersion lowest;
  ProtocolVersion highest;
};
/// "1.3", "1.2..1.3", "..1.2" (from the oldest that there is here), "1.2.." (to the newest). Fails with bad_config.
Result<VersionRange> parse_versions(std::string_view option, std::string_view text);
/// "TLS_AES_128_GCM_SHA256,...", with or without "TLS_", in any case; those of TLS 1.2 by OpenSSL's names as well, and
/// with its colons between them; "default" stands for supported_cipher_suites(). Fails with bad_config.
Result<std::vector<CipherSuite>> parse_cipher_suites(std::string_view option, std::string_view text);
/// "x25519,secp256r1,...", also as "P-256". Fails with bad_config.
Result<std::vector<NamedGroup>> parse_groups(std::string_view option, std::string_view text);
/// "h2,http/1.1": the items between the commas; an empty one is bad_config.
Result<std::vector<std::string>> parse_list(std::string_view option, std::string_view text);

}  // namespace handfast::config
