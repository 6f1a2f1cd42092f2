// A staple for a server of our own, looked at before any peer gets it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast::doctor {

struct Staple {
  Buffer response;                  ///< OCSPResponse, DER
  bool signature_verified = false;  ///< else the chain does not have the issuer
};

/// The OCSPResponse (DER) of a file, if it says at `now` that the leaf of `chain` (DER, leaf first, every certificate
/// well-formed) is good. Its signature is verified where the chain has the issuer; without it, it has to be of the
/// leaf's serial number. Fails with file_not_readable and bad_config, evidence `option` ("--staple") and `problem`.
Result<Staple> read_staple(const std::string& path, std::span<const Buffer> chain, std::int64_t now);

}  // namespace handfast::doctor
