// Trust in one certificate itself, from a file.
#pragma once

#include <string>

#include <handfast/trust.h>

namespace handfast::doctor {

/// Pins the first certificate of a PEM file (TrustAnchors::pinned). Fails with file_not_readable and bad_pem (evidence
/// `path`), and as TrustAnchors::pinned does.
Result<TrustAnchors::Shared> pinned_file(const std::string& path);

}  // namespace handfast::doctor
