// What a file of certificates, keys and the like holds, whatever it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "x509/pem.h"

namespace handfast::doctor {

enum class Content : std::uint8_t {
  certificate,
  private_key,
  encrypted_private_key,
  public_key,
  certificate_request,
  revocation_list,
  ocsp_response,
  pkcs7,
  pkcs12,
  parameters,  ///< of a curve or of Diffie-Hellman
  other,       ///< a PEM block, or an element of DER, that is none of these
  malformed,   ///< something begins and is broken
};
std::string_view name(Content content) noexcept;      ///< "certificate_request"
std::string_view describe(Content content) noexcept;  ///< "a certificate signing request (PKCS#10)"

/// What is found in a file that holds other things only: evidence `found` of bad_pem.
inline constexpr std::string_view no_certificate_among_it = "no certificate among what it holds";

/// More than this in one file is an error.
inline constexpr std::size_t max_file_items = 1000;

struct FileItem {
  Content content{};
  x509::PemBlock block;  ///< `label` is empty where the file is DER; `der` is wiped when it goes
  std::string problem;   ///< of what is malformed
};

/// Reads a file, or standard input where `path` is "-": every PEM block, or, without one, the elements of DER. One
/// broken item does not hide the others. Fails with file_not_readable (also past 16 MiB, and for a directory) and,
/// where nothing is found, with bad_pem; evidence `path`, `error`, `expected`, `found`.
Result<std::vector<FileItem>> read_certificate_file(const std::string& path);

/// The same for bytes that are there already; without the evidence `path`.
Result<std::vector<FileItem>> read_items(Bytes bytes);

/// Every certificate of a file, or of the files of a directory (those without one are passed over), in DER. Fails as
/// `read_certificate_file` does, and with bad_pem where there is no certificate at all, or a malformed one.
Result<std::vector<Buffer>> read_certificates(const std::string& path);

}  // namespace handfast::doctor
