// What a message says, in the few words that there is room for between other things.
#pragma once

#include <string>
#include <vector>

#include <handfast/error.h>

#include "doctor/certificate.h"

namespace handfast::doctor {

/// As many of the items as fit a line, and how many more there are: "x25519, secp256r1 +2".
std::string short_list(const std::vector<std::string>& items);
/// Each fact that matters to somebody who looks at the whole: "suite TLS_AES_128_GCM_SHA256".
std::vector<std::string> words(const std::vector<Fact>& facts);
/// Whose the certificate is, for what, from whom, how long, and its key.
std::vector<std::string> words(const CertificateSummary& certificate);

}  // namespace handfast::doctor
