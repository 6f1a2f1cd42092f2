// Where CRLs come from.
#include <handfast/revocation_lists.h>

#include <string>
#include <utility>
#include <vector>

#include "x509/files.h"
#include "x509/pem.h"
#include "x509/revocation_lists.h"

namespace handfast {
namespace {

namespace fs = std::filesystem;
using x509::Crl;

constexpr std::size_t max_file_size = 512 << 20;  ///< a CRL in base64, and what stands around it

Error no_list() {
  return Error(Alert::internal_error, Reason::bad_pem).with("expected", "at least one X509 CRL block");
}

/// A list that is signed as a whole, not by its digest, is hashed anew for each key that it is tried on.
constexpr std::size_t max_whole_size = 1 << 20;

bool is_too_long(const x509::CrlView& list) noexcept {
  const auto algorithm = x509::signature_algorithm(list.signature_algorithm);
  return algorithm && !crypto::signs_digest(algorithm->kind) && list.der.size() > max_whole_size;
}

/// Gathers lists from any number of sources.
class Collector {
 public:
  Result<void> add(Buffer der) {
    Result<Crl> list = Crl::parse(std::move(der));
    if (!list) return fail(std::move(list.error()));
    if (is_too_long(**list))
      return fail(
          Error(Alert::internal_error, Reason::bad_crl).with("problem", "longer than 1 MiB, with Ed25519 or ML-DSA"));
    lists_.push_back(*std::move(list));
    return {};
  }

  Result<void> add_pem(std::string_view text) {
    Result<std::vector<x509::PemBlock>> blocks = x509::decode_pem(text);
    if (!blocks) return fail(std::move(blocks.error()));
    std::int64_t index = 0;
    for (x509::PemBlock& block : *blocks) {
      if (block.label != "X509 CRL") continue;
      if (Result<void> added = add(std::move(block.der)); !added)
        return fail(std::move(added.error()).with("index", index));
      ++index;
    }
    if (index == 0) return fail(no_list());
    return {};
  }

  Result<void> add_path(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return add_file(path);
    Result<std::vector<fs::path>> files = x509::files_in(path);
    if (!files) return fail(std::move(files.error()));
    if (files->empty()) return fail(no_list().with("path", path.string()));
    for (const fs::path& file : *files)
      if (Result<void> added = add_file(file); !added) return added;
    return {};
  }

  std::unique_ptr<const RevocationLists::Store> finish() {
    return std::make_unique<const RevocationLists::Store>(std::move(lists_));
  }

 private:
  Result<void> add_file(const fs::path& path) {
    Result<Buffer> bytes = x509::read_file(path, max_file_size);
    if (!bytes) return fail(std::move(bytes.error()));
    constexpr std::uint8_t sequence = 0x30;  // what DER begins with, and no line of PEM
    const bool der = !bytes->empty() && bytes->front() == sequence;
    Result<void> added = der ? add(*std::move(bytes)) : add_pem(as_text(*bytes));
    if (!added) return fail(std::move(added.error()).with("path", path.string()));
    return {};
  }

  std::vector<Crl> lists_;
};

}  // namespace

RevocationLists::RevocationLists(std::unique_ptr<const Store> store) noexcept : store_(std::move(store)) {}
RevocationLists::~RevocationLists() = default;

Result<RevocationLists::Shared> RevocationLists::from_pem(std::string_view text) {
  Collector collector;
  if (Result<void> added = collector.add_pem(text); !added) return fail(std::move(added.error()));
  return Shared(new RevocationLists(collector.finish()));
}

Result<RevocationLists::Shared> RevocationLists::from_path(const fs::path& path) {
  Collector collector;
  if (Result<void> added = collector.add_path(path); !added) return fail(std::move(added.error()));
  return Shared(new RevocationLists(collector.finish()));
}

Result<RevocationLists::Shared> RevocationLists::from_der(std::span<const Bytes> lists) {
  Collector collector;
  std::int64_t index = 0;
  for (Bytes der : lists) {
    if (Result<void> added = collector.add(Buffer(der.begin(), der.end())); !added)
      return fail(std::move(added.error()).with("index", index));
    ++index;
  }
  if (lists.empty())
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "revocation_lists")
                    .with("problem", "an empty list of CRLs"));
  return Shared(new RevocationLists(collector.finish()));
}

std::size_t RevocationLists::size() const noexcept { return store_->size(); }

}  // namespace handfast
