// Interception: TLS is ended here, with a certificate that our own authority has made, and begun anew towards the
// origin; what is said in between is looked into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <handfast/error.h>

#include "proxy/access.h"
#include "proxy/lasting.h"
#include "proxy/limits.h"
#include "proxy/pinning.h"
#include "proxy/rules.h"
#include "proxy/service.h"

namespace handfast::proxy {

struct InterceptOptions {
  bool transparent = false;          ///< the kernel redirects to us; else we are a proxy that clients know of
  std::string ca_dir{};              ///< where our authority is kept; empty: authority::default_folder
  std::vector<std::string> trust{};  ///< whom origins may chain to as well: files of certificates, folders
  std::string har{};                 ///< a file; empty: none
  std::uint64_t har_size = std::uint64_t{1} << 30;  ///< bytes that it may have; 0: without a bound
  std::size_t har_body = std::size_t{1} << 20;      ///< bytes that are kept of each body
  std::vector<std::string> passthrough{};           ///< hosts that are not looked into: as RuleOptions::hosts
  std::vector<RuleOptions> rules{};
  AccessOptions access{};
  PinningOptions pinning{};
  Limits limits{};
};

/// What was made, for whoever tells people about it.
struct MadeIntercept {
  std::shared_ptr<const Service> service;
  std::filesystem::path certificate;  ///< the authority's, in PEM
  std::string fingerprint;            ///< its SHA-256, "AB:CD:..."
  bool is_new = false;                ///< it was made just now
};

/// How a connection goes:
///  - explicit: requests for http:// are looked into; behind a CONNECT, and with `transparent` from the beginning, what
///    the client sends first decides: TLS, HTTP, or anything else, which is relayed as it is;
///  - TLS: hosts of `passthrough`, and those that this client has pinned, are relayed as they are. Else the origin is
///    connected to first, under the client's SNI, and verified, unless that was done within the last minute; the client
///    is shown a leaf that says what the origin's certificate says, as good or as bad (authority::Showing), and only
///    HTTP/1.1 is agreed on;
///  - each request is looked into: InspectingHop.
/// A client hears nothing of the reasons why something failed; the log does.
///
/// Fails with bad_config, evidence `option` ("ca-dir", "trust", "har", "passthrough", "rule 1, ...", "allow", "deny"),
/// `problem`, `value`, `remedy`, and as LocalAuthority::open and TrustAnchors::from_path do.
Result<MadeIntercept> make_intercept(const InterceptOptions& options, Lasting& lasting);

/// The same without anything that is written: an authority that is not there yet is not made, and no HAR file is
/// opened.
Result<> check_intercept(const InterceptOptions& options);

/// What is read for it, to be watched.
std::vector<std::filesystem::path> files_of(const InterceptOptions& options);

}  // namespace handfast::proxy
