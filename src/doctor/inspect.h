// What certificates say, and how they hang together: for `handfast cert inspect`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <handfast/error.h>

#include "doctor/certificate.h"
#include "doctor/certificate_file.h"
#include "doctor/style.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

/// One item, read. Of what is no certificate the facts are few: whose it is, and what it belongs to.
struct InspectedItem {
  Content content{};
  std::string label;                              ///< of its PEM block; empty in DER
  std::optional<CertificateDetails> certificate;  ///< of a certificate
  std::vector<std::size_t> issuers;               ///< items that signed this certificate, itself where it did
  std::vector<Fact> facts;                        ///< of anything else: `subject`, `key`, `issuer`, ...
  std::vector<std::size_t> belongs_to;            ///< of a key: the certificates that hold its public half
  std::string problem;                            ///< why it can't be read
};

/// How the certificates stand, as a server would send them.
enum class ChainOrder : std::uint8_t {
  single,        ///< there is one, or none
  in_order,      ///< each was issued by the next
  out_of_order,  ///< they make one chain, in another order
  broken,        ///< there is none that leads through all of them
};
std::string_view name(ChainOrder order) noexcept;  ///< "out_of_order"

struct Inspection {
  std::vector<InspectedItem> items;
  ChainOrder order = ChainOrder::single;
  std::vector<std::size_t> chain;  ///< where there is one: items, leaf first, as far as it goes
};

/// What a server sent in Certificate; empty where none came.
std::vector<FileItem> server_items(const Recording& recording);

/// Reads the items; `now` in seconds since 1970.
Inspection inspect(std::span<const FileItem> items, std::int64_t now);

/// Where the certificates came from, and what is known of them beside.
struct InspectionSource {
  std::string file;  ///< empty: a server
  std::optional<Target> server;
  std::optional<Verdict> verdict;  ///< of the connection
  std::int64_t now = 0;            ///< seconds since 1970
};

/// For people, in lines of at most `style.width` columns.
std::string inspection_text(const Inspection& inspection, const InspectionSource& source, const Style& style);
/// Schema "handfast/cert-inspect/1" (docs/json.md).
std::string inspection_json(const Inspection& inspection, const InspectionSource& source);

}  // namespace handfast::doctor
