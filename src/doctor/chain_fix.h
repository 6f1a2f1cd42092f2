// The chain that a server should send, made from certificates that lie around: for `handfast cert chain-fix`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trust.h>

#include "doctor/style.h"
#include "doctor/verdict.h"
#include "x509/certificate.h"

namespace handfast::doctor {

/// A certificate and where it was found.
struct FoundCertificate {
  x509::Certificate certificate;
  std::string file;
  bool was_named = false;  ///< the user named the file; else it was found in a directory, to be chosen from
};

/// Everything that was found, in the order of the arguments.
struct ChainSources {
  std::vector<FoundCertificate> certificates;
  std::vector<Buffer> public_keys;  ///< of the private keys: subjectPublicKey, which says whose they are
};

/// Reads files and directories, "-" for standard input among them. Of private keys only the public half is kept. Fails
/// as `read_certificate_file` does; with bad_certificate where a file that was named holds one that does not parse;
/// with bad_pem where it holds a broken one, or there is no certificate at all. In a directory such files are passed
/// over.
Result<ChainSources> read_chain_sources(std::span<const std::string> paths);

struct FixedChain {
  std::vector<std::size_t> chain;       ///< into ChainSources::certificates: leaf first, the root left out
  std::string root;                     ///< the subject of the root that the chain ends at; empty: it was not found
  std::vector<std::size_t> left_out;    ///< of the files that were named: what does not belong to it, doubles too
  bool was_in_order = false;            ///< what was named was exactly that chain already
  std::string missing;                  ///< the issuer of the last one; empty: the root was found
  std::vector<std::string> missing_at;  ///< where its certificate is to be had, as the last one says
  std::optional<Error> refused;         ///< why it does not verify, where that was asked
  bool is_verified = false;             ///< it was asked whether it verifies, and it does
};

/// Takes as leaf the certificate whose private key is there, else the first that is no CA, else the first that issued
/// none of the others, and climbs from it to a root. Where there are `anchors` (nullptr: none), the way that verifies
/// by them is taken if there is one, for whatever server name. `now`: seconds since 1970.
FixedChain fix_chain(const ChainSources& sources, const TrustAnchors* anchors, std::int64_t now);

/// The chain in PEM, and nothing else.
std::string chain_pem(const ChainSources& sources, const FixedChain& fixed);

/// Whether a server can send it: it verifies, or, where that was not asked, nothing is known to be missing.
Verdict judge_chain(const ChainSources& sources, const FixedChain& fixed);

/// What is in the chain, what was changed and why, for people; the verdict apart.
std::string chain_text(const ChainSources& sources, const FixedChain& fixed, const Style& style);
/// Schema "handfast/cert-chain-fix/1" (docs/json.md). `written_to` is empty where the chain went nowhere else.
std::string chain_json(const ChainSources& sources, const FixedChain& fixed, const std::string& written_to);

}  // namespace handfast::doctor
