// PEM (RFC 7468): labelled blocks of base64.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "base/secret.h"

namespace handfast::x509 {

/// It may hold a private key, and so is wiped when it goes.
struct PemBlock {
  std::string label;  ///< "CERTIFICATE", "PRIVATE KEY", ...
  Buffer der;

  PemBlock() = default;
  PemBlock(PemBlock&&) noexcept = default;
  PemBlock& operator=(PemBlock&&) noexcept = default;
  ~PemBlock() { base::wipe(der.data(), der.size()); }
};

/// Every block of a text, in order; what stands between blocks is ignored. A text without any block gives an empty
/// list. Fails with internal_error, bad_pem, evidence `expected` and `line`: an end without a begin, another label at
/// the end, a block that does not end, anything but base64 inside (an encrypted PKCS#1 key's headers among it).
Result<std::vector<PemBlock>> decode_pem(std::string_view text);

/// With lines of 64 characters and a newline at the end.
std::string encode_pem(std::string_view label, Bytes der);

/// RFC 4648, section 4, padded.
std::string encode_base64(Bytes bytes);
/// False for anything but whole, padded, canonical base64 without white space; appends to `out`.
bool decode_base64(std::string_view text, Buffer& out);

}  // namespace handfast::x509
